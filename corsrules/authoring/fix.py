"""Repairs a file: only where what was meant is certain, so that no other origin is let in.

A finding brings its repair with it; here it is put into the text, and everything else stays as it is: comments,
layout, line ends, a byte order mark.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from corsrules import loading
from corsrules.findings import Finding, KeyPath
from corsrules.language import toml
from corsrules.language.rewriting import rewritten
from corsrules.language.toml import File


class Fixed(NamedTuple):
    """A text after its repairs, and the findings that they took away."""

    text: str
    repaired: tuple[Finding, ...]


class Refused(ValueError):
    """A repaired text did not say what it should; nothing may be written. The message tells where."""


def fix(file: File, findings: Sequence[Finding]) -> Fixed:
    """The text of `file` with every repair of `findings`, which are all findings on it; `Refused` if that goes wrong.

    The result is read and checked again: exactly the values that were to be repaired may have changed, and each to its
    repair.
    """
    repaired = tuple(finding for finding in findings if finding.repair)
    if not repaired:
        return Fixed(file.text, ())
    fixed = rewritten(file, (edit for finding in repaired for edit in finding.proposal))
    _verify(file, fixed, repaired)
    return Fixed(fixed, repaired)


def _verify(file: File, fixed: str, repaired: Sequence[Finding]) -> None:
    try:
        after = toml.parse(fixed)
    except toml.Unparsable as error:
        raise Refused(f"the repaired file would not be TOML: {error}") from error
    wanted: object = toml.parse(file.text)
    starts = {place.value.start: path for path, place in file.locations.items() if path and place.key is None}
    for finding in sorted(repaired, key=lambda finding: (finding.line, finding.column), reverse=True):
        _put(wanted, starts[file.lines.offset(finding.line, finding.column)], finding.repair)
    if after != wanted:
        raise Refused("the repaired file would say something else")
    places = {(finding.code, finding.line) for finding in loading.check_text(fixed) if finding.repair}
    if places:
        raise Refused(f"the repairs in line {min(line for _, line in places)} would need repair again")


def _put(values: object, path: KeyPath, elements: Sequence[str]) -> None:
    """Puts the elements into the array that `path` leads to, instead of the one at its place."""
    *parents, position = path
    for step in parents:
        values = values[step]  # type: ignore[index]  # the path was located in these values
    values[position : int(position) + 1] = elements  # type: ignore[index]  # as above


def diff(before: str, after: str, file: str) -> Iterator[str]:
    """The lines of `diff -u` between two texts of a file."""
    return difflib.unified_diff(before.splitlines(), after.splitlines(), file, f"{file} (repaired)", lineterm="")
