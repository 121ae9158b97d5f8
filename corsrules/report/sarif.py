"""Findings as SARIF 2.1.0, which code scanning services read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html; the numbers in comments are its sections.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import PurePath
from typing import TypeAlias
from urllib.parse import quote_from_bytes

from corsrules.findings import CODES, Code, Finding, Label
from corsrules.report import json

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

Object: TypeAlias = dict[str, object]


def log(findings: Iterable[Finding], version: str) -> str:
    """The log file, with one run of this `version` of corsrules."""
    findings = list(findings)
    codes = sorted({finding.code for finding in findings})
    driver = {"name": "corsrules", "version": version, "rules": [_rule(CODES[code]) for code in codes]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, codes.index(finding.code)) for finding in findings],
    }
    return json.written({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(code: Code) -> Object:
    rule: Object = {
        "id": code.code,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": code.why},
        "help": {"text": f"{code.why}\n\nBad:\n\n{code.bad}\n\nGood:\n\n{code.good}\n\nSource: {code.source}"},
        "defaultConfiguration": {"level": code.severity},
    }
    if code.source.startswith("https://"):
        rule["helpUri"] = code.source
    return rule


def _result(finding: Finding, rule: int) -> Object:
    result: Object = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": finding.severity,
        "message": {"text": finding.message + (f"\nhelp: {finding.help}" if finding.help else "")},
        "locations": [
            _location(finding.file, (finding.line, finding.column, finding.end_line, finding.end_column)),
        ],
    }
    if finding.related:
        result["relatedLocations"] = [
            _related(finding.file, number, label) for number, label in enumerate(finding.related)
        ]
    return result


def _related(file: str, number: int, label: Label) -> Object:
    return {"id": number, **_location(file, label[:4]), "message": {"text": label.message}}


def _location(file: str, place: tuple[int, int, int, int]) -> Object:
    line, column, end_line, end_column = place
    region = {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}  # end: 3.30.8
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(file)}, "region": region}}


def _uri(file: str) -> str:
    """A reference relative to where the command ran (3.4.3), or for an absolute path a `file` URI (3.10.2)."""
    path = PurePath(file)
    if path.is_absolute():
        return path.as_uri()
    return quote_from_bytes(os.fsencode(path.as_posix()))
