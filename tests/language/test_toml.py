r"""The room `source`: what it promises, in tables, and the proof that `locate` finds the right places.

The proof needs no second locator, since tomli can judge one: what was found is cut out and read again. It
runs over the toml-test corpus, over generated documents and over mutants of both. A gate runs more of these:

    CORSRULES_MUTANTS=200000 pytest tests/language/test_toml.py -k mutants
"""

from __future__ import annotations

import inspect
import json
import os
import random
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path as File
from typing import Any

import pytest
import tomli

from corsrules.findings import KeyPath
from corsrules.language.toml import Lines, Location, Span, Unparsable, decode, locate, parse

MUTANTS = int(os.environ.get("CORSRULES_MUTANTS", "3000"))
SEED = 20240917


def accepts(text: str) -> bool:
    try:
        tomli.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


# --- Where things are written ------------------------------------------------------------------------------

WRITTEN: list[tuple[str, str, KeyPath]] = [
    # description; the text, with the ⟨key⟩ and the «value» of the path marked; the path
    ("the document begins at its beginning", "«»version = 1", ()),
    ("a number, with a comment behind it", "⟨max-age⟩ = «600» # seconds", ("max-age",)),
    ("no blanks at all", "⟨a⟩=«1»", ("a",)),
    ("blanks and tabs", " \t ⟨a⟩ \t=\t «1» \t", ("a",)),
    ("a basic string keeps its quotes", r'⟨a⟩ = «"# \" ] } = \\"»', ("a",)),
    ("a literal string keeps its quotes", r"⟨a⟩ = «'\'»", ("a",)),
    ("empty strings", "a = \"\"\n⟨b⟩ = «''»", ("b",)),
    ("a multi-line string, two quotes at either end", '⟨a⟩ = «"""""x\n"y\\"z"""""»\nb = ""', ("a",)),
    ("a multi-line literal string, two quotes at either end", "⟨a⟩ = «'''''x\n'y\\'''''»\nb = ''", ("a",)),
    ("an empty multi-line string", '⟨a⟩ = «""""""»\nb = 1', ("a",)),
    ("a backslash that ends a line", '⟨a⟩ = «"""\\\r\n  x \\  \n\n y"""»', ("a",)),
    ("a date with a space", "⟨a⟩ = «1979-05-27 07:32:00.5-07:00» # x", ("a",)),
    ("a date, then a blank", "a = [«1979-05-27» , 1]", ("a", 0)),
    ("signs, underscores, exponents", "⟨a⟩ = «-1_000.5e+1_0»", ("a",)),
    ("lines that end in \\r\\n", "a = 1\r\n⟨b⟩ = «2»\r\n", ("b",)),
    ("characters beyond the first plane count once", 'a = "😀"\n⟨b⟩ = «"😀"» # 😀', ("b",)),
    ("a quoted key keeps its quotes", '⟨"max age"⟩ = «1»', ("max age",)),
    ("a literal key", "⟨'a.b'⟩ = «1»", ("a.b",)),
    ("an escape in a key", r'⟨"\u0061\""⟩ = «1»', ('a"',)),
    ("a backslash in a literal key", r"⟨'\u0061'⟩ = «1»", (r"\u0061",)),
    ("an empty key", "⟨''⟩ = «1»", ("",)),
    ("a key that looks like a value", "⟨1979-05-27⟩ = «true»", ("1979-05-27",)),
    ("the last name of a dotted key", "a . \t'b' .⟨c⟩ = «1»", ("a", "b", "c")),
    ("a dotted key that looks like a number", "3.⟨14⟩ = «1»", ("3", "14")),
    ("a dotted key implies a table", "⟨«origins»⟩.web = []\norigins.partners = []", ("origins",)),
    ("... and one within", "a.⟨«b»⟩.c = 1\na.b.d = 2", ("a", "b")),
    ("an array", '⟨a⟩ = «["x", [1], ]»', ("a",)),
    ("an element has no key", "a = ['x',«'y'»]", ("a", 1)),
    ("an array over several lines, with comments", "⟨a⟩ = «[ # ]\n  1, # , 2\n]»\n", ("a",)),
    ("an element between comments", "a = [ # ]\r\n\t1 # 0,\r\n\t, «[]» #\n]", ("a", 1)),
    ("an element of an element", "a = [[1], [2, «3»]]", ("a", 1, 1)),
    ("an inline table", '⟨a⟩ = «{ b = 1, "}" = {} }»', ("a",)),
    ("a key in an inline table", "a = { b = 1, ⟨c⟩=«2» }", ("a", "c")),
    ("a dotted key in an inline table implies a table", "a = { ⟨«b»⟩.c = 1, b.d = 2 }", ("a", "b")),
    ("a key in an element", "a = [{b = 1}, {⟨b⟩ = «2»}]", ("a", 1, "b")),
    ("an inline table in an array", "a = [{b = 1}, «{b = 2}»]", ("a", 1)),
    ("a header", '«[profiles . ⟨"staging"⟩ ]» # x\nx = 1', ("profiles", "staging")),
    ("a header implies a table", "[⟨«profiles»⟩.a]\n[profiles.b]", ("profiles",)),
    ("a header for a table that others imply", "[a.b.c]\n[a.b]\n«[ ⟨a⟩ ]»\n[a.d]", ("a",)),
    ("a key below a header", "[a]\nx = 1\n[b]\n⟨x⟩ = «2»", ("b", "x")),
    ("a dotted key below a header", "[a]\n⟨«b»⟩.c = 1", ("a", "b")),
    ("an array of tables: its first header", "«[[⟨rules⟩]]»\n[[rules]]", ("rules",)),
    ("its first element: that header too", "«[[rules]]»\n[[rules]]", ("rules", 0)),
    ("its second element", "[[rules]]\n[rules.x]\n«[[ rules ]]»", ("rules", 1)),
    ("a key in the second element", "[[rules]]\na = 1\n[[rules]]\n⟨a⟩ = «2»", ("rules", 1, "a")),
    ("a table in the second element", "[[a]]\n[a.b]\n[[a]]\n«[a.⟨b⟩]»", ("a", 1, "b")),
    ("an implied table in the second element", "[[a]]\n[[a]]\n[a.⟨«b»⟩.c]", ("a", 1, "b")),
    (
        "an array of tables in the second element",
        "[[a]]\n[[a.b]]\n[[a]]\n«[[a.⟨b⟩]]»\n[[a.b]]",
        ("a", 1, "b"),
    ),
    ("the second element of that", "[[a]]\n[[a]]\n[[a.b]]\n«[[a.b]]»", ("a", 1, "b", 1)),
    ("a key in its first", "[[a]]\n[[a.b]]\n[[a.b]]\n[[a]]\n[[a.b]]\n⟨x⟩ = «1»", ("a", 1, "b", 0, "x")),
    ("an array of tables implies a table", "[[⟨«a»⟩.b]]\n[[a.b]]", ("a",)),
    ("a line end and a last comma in an inline table", "⟨a⟩ = «{\n b = 1, # }\r\n}»", ("a",)),
    ("a key behind a line end", "a = {\n b = 1, # }\r\n ⟨c⟩ = «2»,\n}", ("a", "c")),
    ("the escapes \\e and \\x", r'⟨"\x61\e"⟩ = «"\x61\e\""»', ("a\x1b",)),
    ("a time without seconds", "⟨a⟩ = «1979-05-27 07:32»\nb = 07:32", ("a",)),
]


def unmark(marked: str) -> tuple[str, Location]:
    text, marks = "", dict[str, int]()
    for character in marked:
        if character in "⟨⟩«»":
            marks[character] = len(text)
        else:
            text += character
    key = Span(marks["⟨"], marks["⟩"]) if "⟨" in marks else None
    return text, Location(key, Span(marks["«"], marks["»"]))


@pytest.mark.parametrize(("marked", "path"), [pytest.param(*row[1:], id=row[0]) for row in WRITTEN])
def test_where_it_is_written(marked: str, path: KeyPath) -> None:
    text, location = unmark(marked)
    assert accepts(text)
    assert locate(text)[path] == location


# --- What can be read, and what is said of the rest --------------------------------------------------------

READ: list[tuple[str, bytes, dict[str, object]]] = [
    # description; the file; its values
    ("an empty file", b"", {}),
    ("a comment without a line end", b"# a = 1", {}),
    ("a byte order mark", b"\xef\xbb\xbfa = 1", {"a": 1}),
    ("a byte order mark and nothing else", b"\xef\xbb\xbf", {}),
    ("lines that end in \\r\\n", b"a = 1\r\nb = 2\r\n", {"a": 1, "b": 2}),
    ("\\r\\n in a string is \\n", b'a = """x\r\ny"""', {"a": "x\ny"}),
    ("characters of two, three and four bytes", "a = 'é→😀'".encode(), {"a": "é→😀"}),
    ("a fraction of 5000 digits", b"a = 1." + b"0" * 5000, {"a": 1.0}),
    ("a hexadecimal number of 5000 digits", b"a = 0x" + b"0" * 4999 + b"1", {"a": 1}),
]


@pytest.mark.parametrize(("data", "values"), [pytest.param(*row[1:], id=row[0]) for row in READ])
def test_what_can_be_read(data: bytes, values: dict[str, object]) -> None:
    assert parse(decode(data)) == values
    prove_all(decode(data))


UNREAD: list[tuple[str, str | bytes, tuple[int, int], str]] = [
    # description; the text, or the bytes of the file; line and column; a part of the message
    ("a NUL byte", b"version = 1\n\x00", (2, 1), "expected a key"),
    ("a NUL byte in a string", b'a = "x\x00"', (1, 7), r"\x00"),
    ("a byte that is not UTF-8", b'a = 1\nb = "x\xffy"', (2, 7), "byte 0xFF is not UTF-8"),
    ("... behind a byte order mark and an emoji", b"\xef\xbb\xbf# \xf0\x9f\x98\x80\xe9", (1, 4), "0xE9"),
    ("a character that is cut off", b"a = '\xe2\x82", (1, 6), "byte 0xE2 is not UTF-8"),
    ("UTF-16", "a = 1".encode("utf-16"), (1, 1), "save the file as UTF-8"),
    ("a second byte order mark", b"\xef\xbb\xbf\xef\xbb\xbfa = 1", (1, 1), "expected a key"),
    ("half a character", "a = 1\nb = '\ud83d'", (2, 6), "U+D83D"),
    ("an emoji before the error counts once", 'a = "😀" b', (1, 9), "expected the end of the line"),
    ("lines that end in \\r\\n", "a = 1\r\nb = 2\r\nc = x\r\n", (3, 5), "expected a value"),
    ("lines that end in this and that", "a = 1\r\n\nb = '''\r\n\n'''\r\nc x", (6, 3), "Expected '='"),
    ("the end of a line that ends in \\r\\n", "a = 1\r\nb =\r\nc = 1", (2, 4), "expected a value"),
    ("a lone carriage return", "a = 1\rb = 2", (1, 6), "expected the end of the line"),
    ("a value without quotes", "origin = https://a.example", (1, 10), "expected a value: a quoted string"),
    ("a key without quotes", "a = 1\nb.@ = 2", (2, 3), "expected a key, quoted if"),
    ("no comma in an array", "a = [1 2]", (1, 8), "expected a comma or ]"),
    ("no comma in an inline table", "a = {b = 1 c = 2}", (1, 12), "expected a comma or }"),
    ("a string that is not closed", "a = \"x\nb = 'y'", (1, 7), "not closed on its line"),
    ("a literal string that is not closed", "a = 'x\nb = 'y'", (1, 7), "not closed on its line"),
    ("a literal string without an end", "a = 'x", (1, 7), "single quotes is never closed"),
    ("a multi-line string without an end", 'a = """x\n', (2, 1), "double quotes is never closed"),
    ("an unknown escape", r'a = "C:\dir"', (1, 8), r"write \\ for a backslash"),
    ("a backslash at the end of a line", 'a = "x\\\r\ny"', (1, 7), r"write \\ for a backslash"),
    ("a backslash at the end of the text", 'a = "x\\', (1, 7), r"write \\ for a backslash"),
    (
        "a key twice: the second, not the end of its value",
        "a = 1\n'a' = [\n1,\n]\n",
        (2, 1),
        "already defined",
    ),
    ("a key twice in an inline table", "x = {a = 1, b = 2, a = {}}", (1, 20), "already defined"),
    ("a dotted key into a value", "a.b = 1\na.b.c = 2", (2, 5), "already defined"),
    ("a dotted key into a table with a header", "[a.b]\n[a]\nb.c = 1", (3, 3), "dotted keys cannot add"),
    ("a dotted key into an inline table", "a = {}\na.b = 1", (2, 3), "nothing can be added"),
    ("a header twice", "[a.b]\n[a.b] # x", (2, 4), "already defined"),
    ("a header for a value", "a = 1\r\n[[a]]", (2, 4), "already defined"),
    ("a number of 5000 digits: its first", f"x = 1\r\na = [2, -{'1' * 5000}]", (2, 10), "too many digits"),
    ("a line of 10 MB, wrong at its end", f"a = ['{'😀' * 10_000_000}' 1]", (1, 10_000_009), "comma or ]"),
]


@pytest.mark.parametrize(("content", "place", "words"), [pytest.param(*row[1:], id=row[0]) for row in UNREAD])
def test_what_is_said_of_the_rest(content: str | bytes, place: tuple[int, int], words: str) -> None:
    text = content if isinstance(content, str) else content.decode("utf-8-sig", errors="replace")
    with pytest.raises(Unparsable) as caught:
        parse(content if isinstance(content, str) else decode(content))
    assert Lines(text).place(caught.value.offset) == place
    assert words in caught.value.message
    assert str(caught.value) == caught.value.message


TOO_DEEP: list[tuple[str, str]] = [
    # tomli 2.5 takes 400 levels, others take 1000
    ("arrays", f"a = 1\r\nb = [2, {'[' * 2000}"),
    ("arrays that are closed, and an error behind them", f"b = {'[' * 2000}{']' * 2000}\nc = ]"),
    ("inline tables", "a = " + "{ b = " * 2000),
    ("a line of 10 MB", "a = " + "[" * 10_000_000),
]
if not accepts("a." * 2000 + "a = 1"):  # tomli 2.5 takes 1000 names, others any number
    TOO_DEEP.append(("dotted keys", "x = 1\n" + "a." * 2000 + "a = 1"))


@pytest.mark.skipif(tomli.__file__.endswith(".py"), reason="without its compiled parser tomli's limit is the stack")
@pytest.mark.parametrize("text", [pytest.param(text, id=description) for description, text in TOO_DEEP])
def test_too_deep_is_where_tomli_gives_up(text: str) -> None:
    with pytest.raises(Unparsable, match="nested too deeply") as caught:
        parse(text)
    with pytest.raises(tomli.TOMLDecodeError):  # up to there it only wants more
        tomli.loads(text[: caught.value.offset])
    with pytest.raises(RecursionError):
        tomli.loads(text[: caught.value.offset + 1])


LINES: list[tuple[str, str, int, tuple[int, int]]] = [
    # description; text and offset; line and column
    ("the beginning", "a\nb", 0, (1, 1)),
    ("the end of an empty text", "", 0, (1, 1)),
    ("the end of a line belongs to it", "a\nb", 1, (1, 2)),
    ("the next line", "a\nb", 2, (2, 1)),
    ("the end", "a\nb", 3, (2, 2)),
    ("the end, behind a line end", "a\n", 2, (2, 1)),
    ("\\r\\n ends one line", "a\r\n\r\nb", 5, (3, 1)),
    ("its \\r belongs to the line", "a\r\nb", 1, (1, 2)),
    ("columns are code points", "😀é\u0301x", 3, (1, 4)),
    ("nothing else ends a line", "a\u2028\x0b\x0c\x85\rb", 6, (1, 7)),
]


@pytest.mark.parametrize(("text", "offset", "place"), [pytest.param(*row[1:], id=row[0]) for row in LINES])
def test_line_and_column(text: str, offset: int, place: tuple[int, int]) -> None:
    assert Lines(text).place(offset) == place
    assert Lines(text).offset(*place) == offset


# --- Large and deep ----------------------------------------------------------------------------------------

LARGE: list[tuple[str, str, KeyPath, str]] = [
    # description; text; a path at its end, and what is written there
    ("a line of 10 MB", "a = [" + "'https://app.example.com', " * 370_000 + "'x']", ("a", 370_000), "'x'"),
    ("a string of 10 MB", f"a = '{'x' * 10_000_000}'\nb = 1", ("b",), "1"),
    ("a string of 2,000,000 escapes", 'a = "' + r"\n" * 2_000_000 + '"\nb = 1', ("b",), "1"),
    ("a multi-line string of 2,000,000 quotes", 'a = """' + '""x\n' * 1_000_000 + '"""\nb = 1', ("b",), "1"),
    ("2,000,000 comments", "#\n" * 2_000_000 + "b = 1", ("b",), "1"),
    ("100,000 rules", "[[rules]]\norigins = ['web']\n" * 100_000, ("rules", 99_999, "origins", 0), "'web'"),
]


@pytest.mark.parametrize(("text", "path", "written"), [pytest.param(*row[1:], id=row[0]) for row in LARGE])
def test_large_texts_take_linear_time(text: str, path: KeyPath, written: str) -> None:
    begin = time.process_time()
    start, end = locate(text)[path].value
    assert text[start:end] == written
    assert Lines(text).place(start) == (
        text.count("\n", 0, start) + 1,
        len(text[:start].split("\n")[-1]) + 1,
    )
    assert time.process_time() - begin < 30  # seconds: it takes a few, anything worse than linear takes minutes


def deep_in_the_stack(call: Callable[[], object], spare: int) -> None:
    """Calls with no more than `spare` frames left."""

    def descend(depth: int) -> None:
        if depth:
            descend(depth - 1)
        else:
            call()

    descend(sys.getrecursionlimit() - len(inspect.stack()) - spare)


def test_locate_takes_what_parse_took_wherever_it_is_called() -> None:
    text = f"a = {'[' * 399}1{']' * 399}"
    prove(text, parse(text), locate(text))
    deep_in_the_stack(lambda: locate(text), spare=20)
    with pytest.raises(RecursionError):  # the stack was as full as that
        deep_in_the_stack(lambda: deep_in_the_stack(lambda: None, spare=0), spare=20)


# --- The proof ---------------------------------------------------------------------------------------------


def prove(text: str, document: object, places: dict[KeyPath, Location]) -> None:
    """`places` holds exactly the paths of the document, and where each key and value is written."""
    values = dict(walk(document))
    assert places.keys() == values.keys()
    for path, place in places.items():
        if path == ():
            assert place == (None, (0, 0))
            continue
        prove_key(text, path, place)
        prove_value(text, path, place, values[path])
        above = places[path[:-1]]
        if place.key and above.value == above.key:  # the name that implies a table stands before what it holds
            assert above.value.end < place.key.start
    keys = [place.key for place in places.values() if place.key]
    assert len(keys) == len(set(keys))


def prove_key(text: str, path: KeyPath, place: Location) -> None:
    """What stands there is one name, the last of the path."""
    if isinstance(path[-1], int):
        assert place.key is None
    else:
        assert place.key is not None
        assert name_in(text[slice(*place.key)]) == path[-1]


def prove_value(text: str, path: KeyPath, place: Location, value: object) -> None:
    """What stands there is the value itself, or the name that implies the table, or the table's header."""
    start, end = place.value
    written = text[start:end]
    if value_in(written) == repr(value):
        assert place.key is None or text[place.key.end : start].strip(" \t") == "="
    elif place.value == place.key:
        assert isinstance(value, dict)
        assert text[end:].lstrip(" \t").startswith(".")
    else:
        in_array = isinstance(value, list) or isinstance(path[-1], int)
        assert header_in(written) == (in_array, [step for step in path if isinstance(step, str)])
        assert place.key is None or text[place.key.end : end].strip(" \t") in ("]", "]]")
        if in_array or any(isinstance(step, int) for step in path):  # the header may be there several times
            assert has(text[:end], path)
            assert not (in_array and has(text[:start], path))


def prove_by_overwriting(text: str, document: object, path: KeyPath, place: Location) -> None:
    """Something else written over a value takes its place in the document, and that of nothing else."""
    value = value_at(document, path)
    start, end = place.value
    if value_in(text[start:end]) == repr(value):
        changed: Any = tomli.loads(f"{text[:start]}'something else'{text[end:]}")
        assert value_at(changed, path) == "something else"
        value_at(changed, path[:-1])[path[-1]] = value
        assert repr(changed) == repr(document)


def prove_all(text: str) -> None:
    document, places = parse(text), locate(text)
    prove(text, document, places)
    for path, place in places.items():
        prove_by_overwriting(text, document, path, place)


@lru_cache(maxsize=100_000)
def name_in(written: str) -> str:
    """The one name that is written there, without a blank around it."""
    assert written == written.strip()
    [(name, value)] = tomli.loads(f"{written} = 0").items()
    assert value == 0
    return name


@lru_cache(maxsize=100_000)
def value_in(written: str) -> str | None:
    """The `repr` (a nan equals no nan) of the one value there, without a blank or a comment around it."""
    try:
        [value, _] = tomli.loads(f"x = [{written}, 0]")["x"]
    except ValueError:
        return None
    return repr(value) if written == written.strip() else None


@lru_cache(maxsize=100_000)
def header_in(written: str) -> tuple[bool, list[str]]:
    """Whether the one header there is an array's, and its names; without a blank or a comment around it."""
    assert written == written.strip()
    assert not accepts(written[:-1])
    names: list[str] = []
    table: Any = tomli.loads(written)
    while isinstance(table, dict) and table:
        [(name, table)] = table.items()
        names.append(name)
    return table == [{}], names


def value_at(document: Any, path: KeyPath) -> Any:
    for step in path:
        document = document[step]
    return document


def has(text: str, path: KeyPath) -> bool:
    try:
        value_at(tomli.loads(text), path)
    except LookupError:
        return False
    return True


def walk(document: object) -> Iterator[tuple[KeyPath, object]]:
    """Every path and its value. Without recursion, since documents may be deep."""
    rest: list[tuple[KeyPath, object]] = [((), document)]
    while rest:
        path, value = rest.pop()
        yield path, value
        if isinstance(value, dict):
            rest += (((*path, name), item) for name, item in value.items())
        elif isinstance(value, list):
            rest += (((*path, index), item) for index, item in enumerate(value))


SPECIMEN = """
origins = [ 1, 1, {b.c = [ ]} ] # ]
profiles . "a b" = true
[ rules . a ] # ]
[ rules ]
[[ tests ]] # ]
x = 1
[ tests . b.c ]
[[ tests ]]
x = 1
[ tests . b.c ]
[[ tests . d ]]
[[ tests . d ]]
"""


def misplaced(places: dict[KeyPath, Location]) -> Iterator[tuple[KeyPath, Location]]:
    """Every path at another's place, with another's value, and off by one at every end."""
    for path, place in places.items():
        for other in places.values():
            yield path, other
            yield path, place._replace(value=other.value)
        for part, span in place._asdict().items():
            for first, last in ((-1, 0), (1, 0), (0, -1), (0, 1)):
                if span:
                    yield path, place._replace(**{part: Span(span.start + first, span.end + last)})


def proves(text: str, places: dict[KeyPath, Location], path: KeyPath) -> bool:
    document = parse(text)
    try:
        prove(text, document, places)
        prove_by_overwriting(text, document, path, places[path])
    except (AssertionError, ValueError, LookupError):
        return False
    return True


def test_the_proof_is_one() -> None:
    places = locate(SPECIMEN)
    wrong = [(path, place) for path, place in misplaced(places) if place != places[path]]
    assert len(wrong) > 500
    assert [path for path in places if not proves(SPECIMEN, places, path)] == []
    assert [path for path in places if proves(SPECIMEN, {**places, (*path, 9): places[path]}, path)] == []
    assert [(path, place) for path, place in wrong if proves(SPECIMEN, {**places, path: place}, path)] == []


# --- The documents of the proof ----------------------------------------------------------------------------

# fmt: off
PLAIN_NAMES = ["a", "b", "c"]
NAMES = ["1", "-", "inf", "1979-05-27", "''", '""', "'a'", '"b"', "'a.b'", '"a b"', '"#]}="', "'\"\\'", '"é"',
         r'"\u0062\"\\"', r'"\x61\e"']
STRINGS = ['""', "''", '"web"', "'web'", r'"\"\\"', r"'\'", '"# ] } , ="', "'\"'", '"é😀"', r'"\U0001F600"',
           r'"\e\x41"', '""""""', '"""\r\n"#" ""\\\\"""', '"""""a"""""', '"""\\ \t\r\n \n x\\\n"""', "''''''",
           "''']'''", "'''''a\n''\\'''''"]
NUMBERS = ["0", "-1_000", "+1.5", "6.26e-3_4", "0xDEAD_beef", "0o17", "0b1", "nan", "-inf", "true", "false"]
DATES = ["1979-05-27", "07:32:00.999", "1979-05-27T07:32:00Z", "1979-05-27 07:32:00-07:00",
         "1979-05-27 07:32", "07:32"]
BLANKS = ["", "", "", "", " ", "\t", " \t "]
GAPS = [*BLANKS, "\n", "\r\n\t", " # ] } ' \" , = \n", "#\r\n \n#\n"]
LINE_ENDS = ["\n", "\n", "\r\n", " # ] } ' \" , = 😀\n", "\t\r\n\n", ""]
# fmt: on


def a_name(rng: random.Random) -> str:
    name = rng.choice(PLAIN_NAMES if rng.random() < 0.7 else NAMES)
    return f"{rng.choice(BLANKS)}{name}{rng.choice(BLANKS)}"


def a_key(rng: random.Random) -> str:
    return ".".join(a_name(rng) for _ in range(rng.choice((1, 1, 2, 3))))


def a_pair(rng: random.Random, depth: int) -> str:
    return f"{a_key(rng)}={rng.choice(BLANKS)}{a_value(rng, depth)}"


def a_value(rng: random.Random, depth: int) -> str:
    if depth == 4 or rng.random() < 0.6:
        return rng.choice(rng.choice((STRINGS, NUMBERS, DATES)))
    begin, item, end = rng.choice((("[", a_value, "]"), ("{", a_pair, "}")))
    items = [f"{rng.choice(GAPS)}{item(rng, depth + 1)}{rng.choice(GAPS)}" for _ in range(rng.randrange(4))]
    last = rng.choice(("", "," + rng.choice(GAPS))) if items else rng.choice(GAPS)
    return f"{begin}{','.join(items)}{last}{end}"


def a_statement(rng: random.Random) -> str:
    what = rng.choice((f"[{a_key(rng)}]", f"[[{a_key(rng)}]]", a_pair(rng, depth=0), a_pair(rng, depth=0)))
    return f"{rng.choice(BLANKS)}{what}{rng.choice(BLANKS)}{rng.choice(LINE_ENDS)}"


def a_document(rng: random.Random) -> str:
    """Statements that tomli takes together."""
    text = ""
    for _ in range(rng.randrange(1, 20)):
        statement = a_statement(rng)
        if accepts(text + statement):
            text += statement
    return text


def generated() -> list[str]:
    rng = random.Random(SEED)
    return [a_document(rng) for _ in range(1_000)]


def corpus() -> list[tuple[str, str]]:
    """The names and texts of toml-test's valid documents. Their file is not ours and may be absent."""
    file = File(__file__).parents[3] / "shared/data/toml-test-valid.json"
    if not file.exists():
        return []
    cases = json.loads(file.read_bytes())["cases"]
    return [(case["name"], decode(case["text"].encode())) for case in cases]


GENERATED = generated()
CORPUS = corpus()


@contextmanager
def noted(document: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        error.add_note(document)
        raise


def test_the_corpus() -> None:
    if not CORPUS:
        pytest.skip("toml-test-valid.json is absent; the generated documents must do")
    for name, text in CORPUS:
        with noted(f"corpus {name}: {text!r}"):
            prove_all(text)


def test_generated_documents() -> None:
    for number, text in enumerate(GENERATED):
        with noted(f"document {number} of seed {SEED}: {text!r}"):
            prove_all(text)


EXERCISED: list[tuple[str, str]] = [
    # what some generated document holds; a regular expression that finds it
    ("a comment with brackets and quotes", r"# \] \} '"),
    ("a line that ends in \\r\\n", r"\r\n"),
    ("a tab", r"\t="),
    ("a blank before a dot", r"[ \t]\."),
    ("a dotted key", r"(?m)^\w+\.\w+="),
    ("a quoted name in a dotted key", r'(?m)^\w+\."[^\n]*"='),
    ("a quoted name in a header", r'(?m)^\[[^\[\n]*"\]'),
    ("a literal string", r"='web'"),
    ("a multi-line basic string", r'="""\r\n'),
    ("a multi-line literal string", r"='{5}a\n"),
    ("a backslash that ends a line", r'="""\\ \t\r\n'),
    ("an array in an array", r"=\[\["),
    ("a line end in an array", r"=\[\n"),
    ("a comment in an array", r"=\[ #"),
    ("a last comma in an array", r"\d,\]"),
    ("an inline table in an array", r"=\[\{"),
    ("a dotted key in an inline table", r"[{,] *\w+ *\. *\w+ *="),
    ("a date with a space", r"27 07:32:00-"),
    ("a table in a table", r"(?m)^ *\[ *(\w) *\](?s:.)*^ *\[ *\1 *\."),
    ("a header behind one that implies it", r"(?m)^ *\[ *(\w) *\.(?s:.)*^ *\[ *\1 *\]"),
    ("a second element of an array of tables", r"(?m)^ *\[\[ *(\w) *\]\](?s:.)*^ *\[\[ *\1 *\]\]"),
    ("a table in an element", r"(?m)^ *\[\[ *(\w) *\]\](?s:.)*^ *\[ *\1 *\."),
    ("an array of tables in an element", r"(?m)^ *\[\[ *(\w) *\]\](?s:.)*^ *\[\[ *\1 *\."),
    ("a line end in an inline table", r"=\{\n"),
    ("a last comma in an inline table", r"\d,\}"),
    ("the escapes \\e and \\x", r'="\\e\\x41"'),
    ("a time without seconds", r"=07:32\s"),
]


@pytest.mark.parametrize("expression", [pytest.param(row[1], id=row[0]) for row in EXERCISED])
def test_generated_documents_hold(expression: str) -> None:
    assert any(re.search(expression, text) for text in GENERATED)


# --- Mutants -----------------------------------------------------------------------------------------------

# fmt: off
SNIPPETS = [*"\"'\\[]{}=,.#\n\t 10-+:_eTax", '"""', "'''", "\r\n", "\\\n", "[[", "]]", "{}", "[]", ".a", ",1", "=1",
            "[a]\n", "[[a]]\n", "\na.b=1\n", "é", "😀"]
# fmt: on


def exchange(rng: random.Random, text: str, _: str) -> str:
    """A snippet, perhaps in the place of a character or two."""
    start = rng.randrange(len(text) + 1)
    return text[:start] + rng.choice(SNIPPETS) + text[start + rng.choice((0, 0, 1, 2)) :]


def remove(rng: random.Random, text: str, _: str) -> str:
    start = rng.randrange(len(text) + 1)
    return text[:start] + text[start + rng.choice((1, 1, 2, 8)) :]


def repeat(rng: random.Random, text: str, _: str) -> str:
    """A stretch of characters again, somewhere else."""
    start, target = rng.randrange(len(text) + 1), rng.randrange(len(text) + 1)
    return text[:target] + text[start : start + rng.randrange(1, 12)] + text[target:]


def flip(rng: random.Random, text: str, _: str) -> str:
    """One bit of one byte."""
    data = bytearray(text.encode() or b"a")
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return data.decode(errors="ignore")


def drop_lines(rng: random.Random, text: str, _: str) -> str:
    lines = text.split("\n")
    start = rng.randrange(len(lines))
    return "\n".join(lines[:start] + lines[start + rng.choice((1, 1, 2, 5)) :])


def splice(rng: random.Random, text: str, other: str) -> str:
    """Lines of a document among those of another, or among its own."""
    lines, others = text.split("\n"), rng.choice((text, other)).split("\n")
    start, target = rng.randrange(len(others)), rng.randrange(len(lines) + 1)
    return "\n".join(lines[:target] + others[start : start + rng.choice((1, 2, 5))] + lines[target:])


def read(text: str) -> dict[str, object] | Unparsable:
    try:
        return parse(text)
    except Unparsable as error:
        return error


def test_mutants() -> None:
    """Chains of edits, each a link that tomli accepts; what it refuses is refused in words."""
    rng = random.Random(SEED)
    seeds = [text for _, text in CORPUS] + GENERATED
    proven = 0
    while proven < MUTANTS:
        text = rng.choice(seeds)
        for _ in range(20):
            edit = rng.choice((exchange, remove, repeat, flip, drop_lines, splice))
            mutant = edit(rng, text, rng.choice(seeds))[:400]
            if mutant == text:
                continue
            with noted(f"mutant {proven} of seed {SEED}: {mutant!r}"):
                document = read(mutant)
                if isinstance(document, Unparsable):
                    assert 0 <= document.offset <= len(mutant)
                    continue
                places = locate(mutant)
                prove(mutant, document, places)
                prove_by_overwriting(mutant, document, *rng.choice([*places.items()]))
            text = mutant
            proven += 1
