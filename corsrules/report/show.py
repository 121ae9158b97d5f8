"""What `corsrules show` prints: each path of a policy with its rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from corsrules.report import json
from corsrules.report.characters import printable
from corsrules.web.fetch import SAFELISTED_METHODS

if TYPE_CHECKING:
    from corsrules.language.path_pattern import PathPattern
    from corsrules.language.policy import Policy, PolicyRule, What
    from corsrules.language.toml import File

#: The version of the JSON document; keys may be added to it.
VERSION = 1

HEADINGS = ("path", "origins", "methods", "headers", "credentials", "max-age", "rule", "line")


GIVEN_TO_NOBODY = ("-",) * 4


class Shown(NamedTuple):
    """A policy, and the file that it comes from."""

    policy: Policy
    file: File


class Row(NamedTuple):
    """A rule at one of its paths, and the line where it is written."""

    path: PathPattern
    origins: list[str]
    rule: PolicyRule
    line: int


def _rows(shown: Shown) -> Iterator[Row]:
    """The rules of each path, the longest path first."""
    for path, rules in sorted(shown.policy.by_path.items(), key=lambda item: (-len(item[0].base), item[0])):
        for rule in rules:
            origins = list(dict.fromkeys(text for _, text, _ in rule.named()))
            yield Row(path, origins, rule, shown.file.line_and_column(rule.where)[0])


def _text(shown: Shown) -> str:
    """Which file and profile it is, and a table; a rule's second origin and every further one has its own line."""
    profile = shown.policy.profile
    head = shown.file.name if profile is None else f"{shown.file.name}, profile {profile}"
    return f"{printable(head)}\n\n{_table(shown)}"


def _table(shown: Shown) -> str:
    table: list[tuple[str, ...]] = [HEADINGS]
    for row in _rows(shown):
        first, *more = row.origins or ["nobody"]
        given = _given(row.rule.what) if row.origins else GIVEN_TO_NOBODY
        table.append((str(row.path), first, *given, row.rule.label, str(row.line)))
        table += [("", origin, "", "", "", "", "", "") for origin in more]
    table = [tuple(map(printable, cells)) for cells in table]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ("  ".join(map(str.ljust, cells, widths)).rstrip() for cells in table)
    return "".join(f"{line}\n" for line in lines)


def _given(what: What) -> Iterator[str]:
    """What a rule gives: methods, headers, credentials, max-age."""
    yield "every method" if what.methods == ("*",) else ", ".join((*sorted(SAFELISTED_METHODS), *what.methods))
    # Response headers are told from request headers by what browsers do: they are exposed.
    yield ", ".join((*what.request_headers, *(f"{name} (exposed)" for name in what.response_headers))) or "-"
    yield "yes" if what.credentials else "-"
    yield "-" if what.max_age is None else str(what.max_age)


def _json(shown: Shown) -> str:
    return json.written(
        {
            "version": VERSION,
            "file": shown.file.name,
            "profile": shown.policy.profile,
            "policy": [
                {
                    "path": str(row.path),
                    "origins": row.origins,
                    **json.what(row.rule.what),
                    "rule": row.rule.label,
                    "line": row.line,
                }
                for row in _rows(shown)
            ],
        }
    )


FORMATS: Mapping[str, Callable[[Shown], str]] = {"text": _text, "json": _json}
