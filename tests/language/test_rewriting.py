"""An edit of the document, put into its text: quotes, layout and line ends stay as they are."""

from __future__ import annotations

import pytest
import tomli

from corsrules.findings import Added, Edit, Instead, Renamed
from corsrules.language.rewriting import rewritten, text_edits
from corsrules.language.toml import File

#: what is shown, the text, the edits, the text with them
TABLE: list[tuple[str, str, list[Edit], str]] = [
    ("a string", 'a = "x" # why\n', [Instead(("a",), ("y",))], 'a = "y" # why\n'),
    ("in single quotes", "a = ['x']", [Instead(("a", 0), ("y",))], "a = ['y']"),
    ("which a single quote cannot stand in", "a = ['x']", [Instead(("a", 0), ("o'y",))], 'a = ["o\'y"]'),
    ("nor a control character", "a = ['x']", [Instead(("a", 0), ("\x7f\n",))], 'a = ["\\u007f\\n"]'),
    ("in three quotes", "a = '''x'''", [Instead(("a",), ("y",))], "a = 'y'"),
    ("a quote and a backslash", 'a = "x"', [Instead(("a",), ('"\\',))], 'a = "\\"\\\\"'),
    ("one element becomes several", 'a = ["x", "z"]', [Instead(("a", 0), ("y", "w"))], 'a = ["y", "w", "z"]'),
    (
        "each in a line of its own, where the one had one",
        "a = [\r\n\t'x', # why\r\n\t'z',\r\n]\r\n",
        [Instead(("a", 0), ("y", "w"))],
        "a = [\r\n\t'y',\r\n\t'w', # why\r\n\t'z',\r\n]\r\n",
    ),
    ("a whole array", 'a = ["x", "z"]', [Instead(("a",), (("y",),))], 'a = ["y"]'),
    ("an empty one", 'a = ["x", "z"]', [Instead(("a",), ((),))], "a = []"),
    ("a number and a boolean", 'a = ["x"]', [Instead(("a", 0), (1, True, False))], "a = [1, true, false]"),
    ("a key", 'a = "x"', [Renamed(("a",), "b")], 'b = "x"'),
    ("a quoted one", '[t]\n"a" = 1', [Renamed(("t", "a"), "b")], "[t]\nb = 1"),
    ("one of a dotted key", "t.a.c = 1", [Renamed(("t", "a"), "b")], "t.b.c = 1"),
    ("a key and its value", "a = 'x'", [Renamed(("a",), "b"), Instead(("a",), (("y",),))], "b = ['y']"),
    ("a table", "[a] # why\nx = 1", [Renamed(("a",), "b")], "[b] # why\nx = 1"),
    (
        "every header of an array of tables",
        "[[ a ]]\nx = 1\n[[a]]\n",
        [Renamed(("a", 0), "b"), Renamed(("a", 1), "b")],
        "[[b]]\nx = 1\n[[b]]\n",
    ),
    ("a new key of the document", "# x\n[a]\n", [Added((), "v", 1)], "v = 1\n# x\n[a]\n"),
    ("of a table", "[a] # why\r\nx = 1\r\n", [Added(("a",), "v", ("y",))], '[a] # why\r\nv = ["y"]\r\nx = 1\r\n'),
    ("of one without anything", "[[a]]", [Added(("a", 0), "v", True)], "[[a]]\nv = true"),
]


@pytest.mark.parametrize(("text", "edits", "after"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_the_text_with_an_edit(text: str, edits: list[Edit], after: str) -> None:
    file = File("cors.toml", text)
    found = rewritten(file, text_edits(edits, file))
    assert found == after
    assert tomli.loads(found) is not None


@pytest.mark.parametrize("text", ["a = { x = 1 }", "a.x = 1", "[a.b]"], ids=["inline", "dotted", "merely implied"])
def test_a_table_without_a_header_gets_no_new_key(text: str) -> None:
    edits = [Added(("a",), "v", 1), Renamed(("a",), "b")]
    assert text_edits(edits, File("cors.toml", text)) == ()
