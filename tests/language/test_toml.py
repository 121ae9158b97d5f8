"""What the room `toml` promises, in tables; that `locate` finds the right places is proved in test_toml_places.py."""

from __future__ import annotations

import inspect
import sys
import time
from collections.abc import Callable

import pytest
import tomli
from toml_proof import accepts, prove, prove_all

from corsrules.findings import KeyPath
from corsrules.language.toml import Lines, Location, Span, Unparsable, decode, locate, parse

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
