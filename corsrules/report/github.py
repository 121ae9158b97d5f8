"""Findings as workflow commands, which GitHub Actions shows as annotations on a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePath

from corsrules.findings import CODES, Finding
from corsrules.report.characters import sentence

#: What GitHub calls a severity.
LEVELS = {"error": "error", "warning": "warning", "note": "notice"}


def commands(findings: Iterable[Finding]) -> str:
    """One command a line."""
    return "".join(map(_command, findings))


def _command(finding: Finding) -> str:
    properties: dict[str, object] = {
        "file": sentence(PurePath(finding.file).as_posix()),
        "line": finding.line,
        "endLine": finding.end_line,
    }
    if finding.line == finding.end_line:  # the runner drops columns where the lines differ, with a warning
        properties |= {"col": finding.column, "endColumn": finding.end_column}
    properties["title"] = f"{finding.code} {CODES[finding.code].title}"
    message = sentence(finding.message) + (f"\nhelp: {sentence(finding.help)}" if finding.help else "")
    return annotation(LEVELS[finding.severity], properties, message)


def annotation(level: str, properties: Mapping[str, object], message: str) -> str:
    """A workflow command, escaped as the runner reads it."""
    written = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{level} {written}::{_data(message)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
