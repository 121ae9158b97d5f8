"""How an attack is told: what got in, and through what."""

from __future__ import annotations

from collections import Counter

import pytest

from corsrules.analysis.attack import Admitted, Mutant, Tally
from corsrules.report import attack

WIDE = "https://*.example.com"


def mutants(number: int) -> list[Mutant]:
    return [Mutant("dots", "/api/x", f"https://a{each}.example.com") for each in range(number)]


def admitted(number: int) -> list[Admitted]:
    return [Admitted(mutant, WIDE) for mutant in mutants(number)]


#: who got in, how many a pattern stands for, by a bug, how the summary ends
GOT_IN = [
    ("nobody", 0, 0, "20 tried, 0 got in"),
    ("what a pattern stands for", 3, 0, "20 tried, 3 got in: 3 that a pattern stands for"),
    ("what a bug let in", 0, 1, "20 tried, 1 got in: 1 by a bug of corsrules"),
    ("both", 3, 1, "20 tried, 4 got in: 3 that a pattern stands for, 1 by a bug of corsrules"),
]


@pytest.mark.parametrize(("wide", "bugs", "summary"), [row[1:] for row in GOT_IN], ids=[row[0] for row in GOT_IN])
def test_the_summary(wide: int, bugs: int, summary: str) -> None:
    tally = Tally(Counter({"dots": 20}), mutants(bugs), admitted(wide))
    lines = attack.text("cors.toml", None, tally).splitlines()
    assert lines[:2] == [f"cors.toml: attack: {summary}", "      20 dots"]
    assert sum(line.startswith("  a bug of corsrules, please report it: ") for line in lines) == bugs
    assert sum(line.startswith(f"  a wide pattern: `{WIDE}` admits ") for line in lines) == wide


def test_the_profile_is_named_and_nothing_raw_is_printed() -> None:
    tally = Tally(Counter({"injection": 1}), [Mutant("injection", "/\x00", "a\r\n")])
    shown = attack.text("c\x07.toml", "production", tally)
    assert shown == (
        "c\\x07.toml: attack on profile `production`: 1 tried, 1 got in: 1 by a bug of corsrules\n"
        "       1 injection\n"
        "  a bug of corsrules, please report it: a\\r\\n at /\\x00 (injection)\n"
    )


def test_ten_are_listed() -> None:
    shown = attack.text("cors.toml", None, Tally(Counter({"dots": 20}), [], [*admitted(12), *admitted(12)]))
    assert shown.count("  a wide pattern: ") == 10
    assert shown.endswith("  and 2 more that a pattern stands for\n")
