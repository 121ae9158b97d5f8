"""A file with its text: its lines, and where the values of its document stand."""

from __future__ import annotations

import pytest

from corsrules.language import toml
from corsrules.language.toml import File

TEXT = 'version = 1\r\n[[rules]]\norigins = ["a", "b"]'

#: what is looked up, its place in the document, the line and the column
PLACES: list[tuple[str, toml.KeyPath, tuple[int, int]]] = [
    ("the document", (), (1, 1)),
    ("a value", ("version",), (1, 11)),
    ("a table", ("rules", 0), (2, 1)),
    ("an element", ("rules", 0, "origins", 1), (3, 17)),
]


@pytest.mark.parametrize(("path", "place"), [row[1:] for row in PLACES], ids=[row[0] for row in PLACES])
def test_line_and_column(path: toml.KeyPath, place: tuple[int, int]) -> None:
    assert File("cors.toml", TEXT).line_and_column(path) == place


#: which line, its text
LINES = [(1, "version = 1"), (2, "[[rules]]"), (3, 'origins = ["a", "b"]'), (4, ""), (9, "")]


@pytest.mark.parametrize(("line", "text"), LINES)
def test_the_text_of_a_line(line: int, text: str) -> None:
    assert File("cors.toml", TEXT).lines.text(line) == text


def test_a_text_is_located_once(monkeypatch: pytest.MonkeyPatch) -> None:
    located = []
    locate = toml.locate
    monkeypatch.setattr(toml, "locate", lambda text: located.append(text) or locate(text))
    file = File("cors.toml", TEXT)
    assert located == []
    assert file.line_and_column(("rules", 0)) == (2, 1)
    assert file.locations is file.locations
    assert file.lines is file.lines
    assert located == [TEXT]
