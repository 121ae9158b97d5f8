"""Findings as workflow commands."""

from __future__ import annotations

import pytest
from some_findings import finding

from corsrules.findings import CODES, Finding
from corsrules.report import github

TITLE = CODES["CR201"].title


COMMANDS = [
    (
        "an error",
        finding((3, 4, 3, 6), help_="do this"),
        f"::error file=cors.toml,line=3,endLine=3,col=4,endColumn=6,title=CR201 {TITLE}::the message%0Ahelp: do this",
    ),
    (
        "several lines, where GitHub takes no columns",
        finding((3, 4, 5, 6), severity="warning"),
        f"::warning file=cors.toml,line=3,endLine=5,title=CR201 {TITLE}::the message",
    ),
    (
        "a note",
        finding(severity="note"),
        f"::notice file=cors.toml,line=1,endLine=1,col=1,endColumn=2,title=CR201 {TITLE}::the message",
    ),
    (
        "what has a meaning in commands",
        finding(message="100 %: a,b::\r\n::error::x", file="a:b,c%\n.toml"),
        rf"::error file=a%3Ab%2Cc%25\n.toml,line=1,endLine=1,col=1,endColumn=2,title=CR201 {TITLE}"
        r"::100 %25: a,b::\r\n::error::x",
    ),
]


@pytest.mark.parametrize(("shown", "expected"), [row[1:] for row in COMMANDS], ids=[row[0] for row in COMMANDS])
def test_github(shown: Finding, expected: str) -> None:
    assert github.commands([shown]) == expected + "\n"
