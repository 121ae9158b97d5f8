"""Findings as JSON of our own."""

from __future__ import annotations

import json

from some_findings import finding

from corsrules.findings import Label
from corsrules.report import json as json_format


def test_json() -> None:
    document = json_format.document([finding((3, 4, 5, 6), Label(1, 2, 1, 3, "there"), help_="do this")])
    assert json.loads(document) == {
        "version": 1,
        "findings": [
            {
                "code": "CR201",
                "severity": "error",
                "message": "the message",
                "file": "cors.toml",
                "line": 3,
                "column": 4,
                "end_line": 5,
                "end_column": 6,
                "help": "do this",
                "related": [{"message": "there", "line": 1, "column": 2, "end_line": 1, "end_column": 3}],
            }
        ],
    }
    assert json.loads(json_format.document([])) == {"version": 1, "findings": []}
