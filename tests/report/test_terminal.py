"""Findings for a person: what is shown of one, and of many."""

from __future__ import annotations

import re

import pytest
from some_findings import finding

from corsrules import report
from corsrules.findings import Label, Severity
from corsrules.language.toml import File


def test_text_of_a_finding() -> None:
    shown = finding((2, 1, 2, 4), message="a \x1b message", help_="do\nthis", file="c\x07.toml")
    assert report.text([shown], File("c\x07.toml", "\nabc\n")) == (
        r"""error[CR201]: a \x1b message
 --> c\x07.toml:2:1
  |
2 | abc
  | ^^^
  = help: do\nthis
"""
    )


def test_text_without_sources_shows_the_places() -> None:
    assert report.text([finding((10, 1, 10, 2), Label(3, 4, 3, 5, "there"), help_="do this")]) == (
        "error[CR201]: the message\n  --> cors.toml:10:1\n   = 3:4: there\n   = help: do this\n"
    )


def test_text_separates_findings_by_an_empty_line() -> None:
    one = finding()
    assert report.text([one, one]) == f"{report.text([one])}\n{report.text([one])}"
    assert report.text([]) == ""


@pytest.mark.parametrize(("severity", "color"), [("error", "31"), ("warning", "33"), ("note", "36")])
def test_colors(severity: Severity, color: str) -> None:
    shown = finding((1, 1, 1, 2), Label(1, 3, 1, 4, "there"), severity=severity, help_="do this")
    colored = report.text([shown], File("cors.toml", "a b"), color=True)
    assert f"\x1b[1;{color}m{severity}[CR201]\x1b[0m\x1b[1m: the message\x1b[0m" in colored
    assert f"\x1b[1;{color}m^\x1b[0m" in colored
    assert re.sub(r"\x1b\[[\d;]*m", "", colored) == report.text([shown], File("cors.toml", "a b"))


def test_a_message_that_quotes_megabytes_loses_its_middle() -> None:
    shown = finding((1, 1, 1, 2), Label(1, 1, 1, 2, "x" * 10_000), message="a" * 10_000 + "z", help_="b" * 10_000)
    assert max(map(len, report.text([shown], File("cors.toml", "a")).splitlines())) < 1050
    assert report.concise([shown]).endswith("az\n")


def test_concise() -> None:
    shown = [finding((3, 4, 3, 5), help_="x"), finding(severity="note", message="a\nb", file="c d")]
    assert report.concise(shown) == ("cors.toml:3:4: error[CR201] the message\n" + r"c d:1:1: note[CR201] a\nb" + "\n")
    assert report.concise([]) == ""


SEVERITY_COUNTS: list[tuple[list[Severity], str]] = [
    ([], "no findings"),
    (["error"], "1 error"),
    (["note", "error", "warning", "error"], "2 errors, 1 warning, 1 note"),
]


@pytest.mark.parametrize(("severities", "expected"), SEVERITY_COUNTS, ids=[row[1] for row in SEVERITY_COUNTS])
def test_summary(severities: list[Severity], expected: str) -> None:
    assert report.summary([finding(severity=severity) for severity in severities]) == expected
