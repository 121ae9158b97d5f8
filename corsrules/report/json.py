"""Findings as JSON: version 1 of a shape of our own, to which keys may be added."""

from __future__ import annotations

import json
from collections.abc import Iterable

from corsrules.findings import Finding

VERSION = 1


def document(findings: Iterable[Finding]) -> str:
    """The document, in ASCII: whatever it goes through, it stays JSON."""
    return json.dumps({"version": VERSION, "findings": [_finding(finding) for finding in findings]}, indent=2) + "\n"


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "file": finding.file,
        "line": finding.line,
        "column": finding.column,
        "end_line": finding.end_line,
        "end_column": finding.end_column,
        "help": finding.help,
        "related": [
            {
                "message": related.message,
                "line": related.line,
                "column": related.column,
                "end_line": related.end_line,
                "end_column": related.end_column,
            }
            for related in finding.related
        ],
    }
