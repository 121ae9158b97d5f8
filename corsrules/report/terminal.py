"""Findings for a person: in a terminal, in a log, in the message of an exception."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from corsrules.findings import SEVERITIES, Finding
from corsrules.report.characters import sentence

if TYPE_CHECKING:
    from corsrules.language.toml import File
    from corsrules.report import excerpt

#: How a style looks, in the numbers of ECMA-48's SGR.
STYLES = {"error": "1;31", "warning": "1;33", "note": "1;36", "frame": "1;34", "bold": "1"}


def text(findings: Iterable[Finding], file: File | None = None, *, color: bool = False) -> str:
    """The findings one after another, each with its place and its help.

    With the `file` that they are about, each is shown in its lines.
    """
    return "\n".join("".join(f"{_painted(row, color=color)}\n" for row in _rows(finding, file)) for finding in findings)


def concise(findings: Iterable[Finding]) -> str:
    """The findings in one line each."""
    return "".join(
        f"{sentence(each.file)}:{each.line}:{each.column}: {each.severity}[{each.code}] {sentence(each.message)}\n"
        for each in findings
    )


def summary(findings: Iterable[Finding]) -> str:
    """`2 errors, 1 warning`, or `no findings`."""
    found = [finding.severity for finding in findings]
    counts = {severity: found.count(severity) for severity in reversed(SEVERITIES)}
    parts = [f"{count} {severity}{'s' if count > 1 else ''}" for severity, count in counts.items() if count]
    return ", ".join(parts) or "no findings"


def _rows(finding: Finding, file: File | None) -> Iterable[excerpt.Row]:
    from corsrules.report import excerpt  # a file without findings does without

    gutter = len(str(excerpt.last_line(finding)))
    margin = " " * gutter
    place = f"{sentence(finding.file)}:{finding.line}:{finding.column}"
    yield [(f"{finding.severity}[{finding.code}]", finding.severity), (f": {sentence(finding.message)}", "bold")]
    yield [(f"{margin}--> ", "frame"), (place, "")]
    if file is not None:
        yield from excerpt.rows(finding, file.lines, gutter)
    else:
        for related in finding.related:
            where = f"{related.line}:{related.column}: {sentence(related.message)}"
            yield [(f"{margin} = ", "frame"), (where, "")]
    if finding.help:
        yield [(f"{margin} = ", "frame"), ("help", "bold"), (f": {sentence(finding.help)}", "")]


def _painted(row: excerpt.Row, *, color: bool) -> str:
    if not color:
        return "".join(text for text, _ in row).rstrip()
    return "".join(f"\x1b[{STYLES[style]}m{text}\x1b[0m" if style else text for text, style in row)
