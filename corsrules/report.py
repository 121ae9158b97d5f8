"""Findings to text: what a person sees in a terminal, a log or an editor's problem list."""

from __future__ import annotations

from collections.abc import Iterable

from corsrules.findings import SEVERITIES, Finding


def text(findings: Iterable[Finding]) -> str:
    """The findings one after another, each with its place and help."""
    return "\n".join(_one(finding) for finding in findings)


def _one(finding: Finding) -> str:
    lines = [
        f"{finding.severity}[{finding.code}]: {printable(finding.message)}",
        f"  --> {printable(finding.file)}:{finding.line}:{finding.column}",
    ]
    lines += [f"   = {label.line}:{label.column}: {printable(label.message)}" for label in finding.related]
    lines += [f"   = help: {printable(finding.help)}"] if finding.help else []
    return "\n".join(lines) + "\n"


def summary(findings: list[Finding]) -> str:
    """`2 errors, 1 warning`, or `no findings`."""
    counts = {severity: sum(finding.severity == severity for finding in findings) for severity in reversed(SEVERITIES)}
    parts = [f"{count} {severity}{'s' if count > 1 else ''}" for severity, count in counts.items() if count]
    return ", ".join(parts) or "no findings"


def printable(text: str) -> str:
    """`text` with whatever could move a terminal's cursor or break a line written as an escape."""
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)
