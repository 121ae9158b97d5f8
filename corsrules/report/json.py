"""JSON: version 1 of documents of our own, to which keys may be added. The one of findings is here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from corsrules.findings import Finding

if TYPE_CHECKING:
    from corsrules.language.policy import What

VERSION = 1


def written(document: object) -> str:
    """A document in ASCII that no log takes for a command: whatever it goes through, it stays JSON, and only that."""
    text = json.dumps(document, indent=2)
    return re.sub(r"(##\w*)\[", r"\1\\u005b", text) + "\n"


def document(findings: Iterable[Finding]) -> str:
    """The document of the findings."""
    return written({"version": VERSION, "findings": [_finding(finding) for finding in findings]})


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


def what(given: What) -> dict[str, object]:
    """What a rule gives, by the keys that a rule has for it."""
    return {
        "methods": given.methods,
        "request-headers": given.request_headers,
        "response-headers": given.response_headers,
        "credentials": given.credentials,
        "max-age": given.max_age,
    }
