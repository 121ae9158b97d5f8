"""The tables of formats: each format that is offered survives what is awkward."""

from __future__ import annotations

import json

import pytest
from some_findings import AWKWARD

from corsrules.language.toml import File
from corsrules.report import check, refusal
from corsrules.report.check import Checked, Report
from corsrules.report.refusal import Refusal

FILE = File("c\x07.toml", "\x00\n```\n")


@pytest.mark.parametrize("format_", check.FORMATS)
def test_a_report_of_what_is_awkward(format_: str) -> None:
    written = check.FORMATS[format_](Report([Checked(FILE, AWKWARD)], "1.2.3", "note"))
    assert all(character.isprintable() or character == "\n" for character in written)
    for finding in AWKWARD:
        assert finding.code in written


@pytest.mark.parametrize("format_", refusal.FORMATS)
def test_a_refusal_for_what_is_awkward(format_: str) -> None:
    written = refusal.FORMATS[format_](Refusal(AWKWARD, FILE))
    assert all(character.isprintable() or character == "\n" for character in written)
    for finding in AWKWARD:
        assert finding.code in written


def test_json_of_a_refusal_is_that_of_a_report() -> None:
    written = refusal.FORMATS["json"](Refusal(AWKWARD, FILE))
    assert written == check.FORMATS["json"](Report([Checked(FILE, AWKWARD)], "1.2.3"))
    assert len(json.loads(written)["findings"]) == len(AWKWARD)
