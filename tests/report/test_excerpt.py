"""The lines of a file that a finding is about, with marks below them."""

from __future__ import annotations

import time

import pytest
from some_findings import Position, finding

from corsrules import report
from corsrules.findings import Label
from corsrules.language.toml import File, Lines
from corsrules.report import excerpt

#: what is shown, the text, the place of the finding, its label, the related places, the lines
EXCERPTS: list[tuple[str, str, Position, str, list[Label], str]] = [
    (
        "a place with a label",
        "a = 1\nbcd = 2\n",
        (2, 1, 2, 4),
        "here",
        [],
        """
          |
        2 | bcd = 2
          | ^^^ here""",
    ),
    (
        "the sample of the design",
        "\n" * 26 + 'origins     = ["*"]\n\n\n\ncredentials = true\n',
        (31, 1, 31, 12),
        "credentials are set here",
        [Label(27, 16, 27, 19, "every origin")],
        """
           |
        27 | origins     = ["*"]
           |                --- every origin
        31 | credentials = true
           | ^^^^^^^^^^^ credentials are set here""",
    ),
    (
        "related places before and after, far from one another",
        "one\n2\n3\n4\n5\nsix\nseven\n8\n9\n10\n11\ntwelve\n",
        (6, 1, 6, 4),
        "",
        [Label(12, 1, 12, 7, "last"), Label(1, 1, 1, 4, "first")],
        """
           |
         1 | one
           | --- first
        ...
         6 | six
           | ^^^
        ...
        12 | twelve
           | ------ last""",
    ),
    (
        "a related place on the same line, before",
        'origins = ["a", "b"]',
        (1, 17, 1, 20),
        "again",
        [Label(1, 12, 1, 15, "first")],
        """
          |
        1 | origins = ["a", "b"]
          |            ---  ^^^ again
          |            |
          |            first""",
    ),
    (
        "a related place on the same line, behind, and no label of its own",
        'origins = ["a", "b"]',
        (1, 12, 1, 15),
        "",
        [Label(1, 17, 1, 20, "other")],
        """
          |
        1 | origins = ["a", "b"]
          |            ^^^  --- other""",
    ),
    (
        "three labels on a line",
        "ab cd ef",
        (1, 4, 1, 6),
        "two",
        [Label(1, 1, 1, 3, "one"), Label(1, 7, 1, 9, "three")],
        """
          |
        1 | ab cd ef
          | -- ^^ -- three
          | |  |
          | |  two
          | one""",
    ),
    (
        "a place within a related one",
        "[12345]",
        (1, 3, 1, 5),
        "inner",
        [Label(1, 1, 1, 8, "outer")],
        """
          |
        1 | [12345]
          | --^^---
          | | |
          | | inner
          | outer""",
    ),
    (
        "the same place twice",
        "abc",
        (1, 1, 1, 4),
        "one",
        [Label(1, 1, 1, 4, "two")],
        """
          |
        1 | abc
          | ^^^ one
          | |
          | two""",
    ),
    (
        "a tab before the place",
        "\ta =\t1",
        (1, 6, 1, 7),
        "",
        [],
        """
          |
        1 |     a =    1
          |            ^""",
    ),
    (
        "wide characters",
        '"日本" "💥" x',
        (1, 6, 1, 9),
        "boom",
        [Label(1, 1, 1, 5, "")],
        """
          |
        1 | "日本" "💥" x
          | ------ ^^^^ boom""",
    ),
    (
        "combining characters",
        "e\u0301e\u0301 x",
        (1, 6, 1, 7),
        "",
        [],
        """
          |
        1 | e\u0301e\u0301 x
          |    ^""",
    ),
    (
        "nothing but a combining character",
        "e\u0301",
        (1, 2, 1, 3),
        "",
        [],
        """
          |
        1 | e\u0301
          |  ^""",
    ),
    (
        "control characters, a change of direction, a lone surrogate",
        "\x1b[2J\u202e\ud800 x",
        (1, 8, 1, 9),
        "",
        [],
        r"""
          |
        1 | \x1b[2J\u202e\ud800 x
          |                     ^""",
    ),
    (
        "several lines",
        "a = [\n  1,\n]\n",
        (1, 5, 3, 2),
        "opened here",
        [],
        """
          |
        1 | a = [
          |     ^ opened here""",
    ),
    (
        "several lines, from the end of one",
        "a\nb",
        (1, 2, 2, 2),
        "",
        [],
        """
          |
        1 | a
          |  ^""",
    ),
    (
        "no width",
        "abc",
        (1, 2, 1, 2),
        "",
        [],
        """
          |
        1 | abc
          |  ^""",
    ),
    (
        "behind the end of the line",
        "version = \n",
        (1, 11, 1, 12),
        "",
        [],
        """
          |
        1 | version =
          |           ^""",
    ),
    (
        "an empty file",
        "",
        (1, 1, 1, 1),
        "",
        [],
        """
          |
        1 |
          | ^""",
    ),
    (
        "a line that the text does not have",
        "a",
        (7, 3, 7, 4),
        "",
        [],
        """
          |
        7 |
          | ^""",
    ),
    (
        "Windows line ends",
        "a = 1\r\nb = 2\r\n",
        (2, 5, 3, 1),
        "",
        [],
        """
          |
        2 | b = 2
          |     ^""",
    ),
    (
        "the beginning of a long line",
        "x" * 1000,
        (1, 1, 1, 3),
        "",
        [],
        f"""
          |
        1 | {"x" * 160}...
          | ^^""",
    ),
    (
        "the middle of a long line",
        "x" * 500 + "yz" + "x" * 500,
        (1, 501, 1, 503),
        "here",
        [],
        f"""
          |
        1 | ...{"x" * 40}yz{"x" * 118}...
          |    {" " * 40}^^ here""",
    ),
    (
        "the end of a long line",
        "x" * 500 + "yz",
        (1, 501, 1, 503),
        "",
        [],
        f"""
          |
        1 | ...{"x" * 158}yz
          |    {" " * 158}^^""",
    ),
    (
        "more than a window",
        "x" * 1000,
        (1, 1, 1, 1001),
        "all",
        [],
        f"""
          |
        1 | {"x" * 160}...
          | {"^" * 160} all""",
    ),
    (
        "two windows of a line",
        "y" + "x" * 500 + "z" * 200,
        (1, 502, 1, 503),
        "",
        [Label(1, 1, 1, 2, "first")],
        f"""
          |
        1 | y{"x" * 159}...
          | - first
        1 | ...{"x" * 40}{"z" * 120}...
          |    {" " * 40}^""",
    ),
]


def dedented(expected: str) -> list[str]:
    return [line.removeprefix(" " * 8) for line in expected[1:].split("\n")]


@pytest.mark.parametrize(
    ("text", "at", "label", "related", "expected"), [row[1:] for row in EXCERPTS], ids=[row[0] for row in EXCERPTS]
)
def test_the_lines_of_a_finding(text: str, at: Position, label: str, related: list[Label], expected: str) -> None:
    shown = finding(at, *related, label=label)
    rows = excerpt.rows(shown, Lines(text), len(str(excerpt.last_line(shown))))
    assert ["".join(text for text, _ in row).rstrip() for row in rows] == dedented(expected)


def test_ten_megabytes_in_a_line_with_many_findings() -> None:
    text = "x" * 10_000_000
    findings = [finding((1, column, 1, column + 100_000)) for column in range(1, 10_000_000, 100_000)]
    start = time.perf_counter()
    shown = report.text(findings, File("cors.toml", text))
    assert time.perf_counter() - start < 5
    assert max(map(len, shown.splitlines())) < 200
