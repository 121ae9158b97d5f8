r"""The text of a TOML file: the values it holds, and where each key and each value is written.

    bytes ── decode ──> text ─┬─ parse ───> values
                              └─ locate ──> spans ── Lines ──> what a report prints

Text and offsets into it live here, and what a key means does not: this room knows tomli, and of ours only how a place
in a document is named. A `File` is a text with its name; its places are found once.

tomli alone says what TOML is. `parse` refuses what tomli refuses; `locate` is only for text that `parse` has
accepted, so it finds and never judges. It does not recurse: wherever `parse` returned, it returns too.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import NamedTuple

import tomli

from corsrules.findings import KeyPath


class Span(NamedTuple):
    """A stretch of the text, `text[start:end]`, in code points."""

    start: int
    end: int


class Location(NamedTuple):
    """Where a key and its value are written.

    `key` is the name with its quotes, one name of a dotted key; the document and the elements of arrays have
    none. `value` is the text of the value. A table that a header opens has that header instead (`[a.b]`; an
    array of tables its first `[[a]]`), one that is merely implied has its name (`a` in `[a.b]` or `a.b = 1`).
    """

    key: Span | None
    value: Span


class Unparsable(ValueError):
    """Why something is not TOML, in a sentence for a person, and the offset in the text where that shows."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


def decode(data: bytes) -> str:
    """The text of a file, without its byte order mark, which tomli would refuse."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before, byte = error.object[: error.start], error.object[error.start]
        message = f"byte 0x{byte:02X} is not UTF-8; save the file as UTF-8"
        raise Unparsable(message, len(before.decode())) from error


def parse(text: str) -> dict[str, object]:
    """The values that the text holds; `Unparsable` if it is not TOML."""
    try:
        text.encode()  # tomli takes a lone surrogate, which no file can hold and no terminal can print
        return tomli.loads(text)
    except UnicodeEncodeError as error:
        message = f"U+{ord(text[error.start]):04X} is half a character (a lone surrogate)"
        raise Unparsable(message, error.start) from error
    except tomli.TOMLDecodeError as error:
        raise Unparsable(_in_plain_words(error.msg), _offset_of(error, text)) from error
    except RecursionError as error:
        raise Unparsable("arrays, tables or dotted keys are nested too deeply", _dead_end(text)) from error
    except ValueError as error:  # int() refuses more than sys.get_int_max_str_digits()
        raise Unparsable("the number has too many digits", _dead_end(text)) from error


class Lines:
    r"""Offsets as lines and columns and back: 1-based, columns in code points; lines end at `\n` or `\r\n`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def place(self, offset: int) -> tuple[int, int]:
        """The line and the column of an offset."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and a column."""
        return self._starts[line - 1] + column - 1

    def text(self, line: int) -> str:
        """The text of a line without its end; empty for a line that the text does not have."""
        return self._texts[line - 1].removesuffix("\r") if line <= len(self._texts) else ""

    @cached_property
    def _texts(self) -> list[str]:
        return self._text.split("\n")


@dataclass(frozen=True)
class File:
    """A file: its name, as reports call it, and its text.

    What is found out about the text is found once, when it is first asked for.
    """

    name: str
    text: str

    @cached_property
    def lines(self) -> Lines:
        """The lines of the text."""
        return Lines(self.text)

    @cached_property
    def locations(self) -> dict[KeyPath, Location]:
        """Where each key and each value is written, in a text that `parse` accepted."""
        return locate(self.text)

    def line_and_column(self, path: KeyPath) -> tuple[int, int]:
        """Where the value at a place in the document begins."""
        return self.lines.place(self.locations[path].value.start)


# How a message of tomli begins, and what it means to a person, where tomli speaks as a parser.

#: tomli reports these behind what it has read, but they are about the key.
_REDEFINITIONS = {
    "Cannot overwrite a value": "the name is already defined",
    "Duplicate inline table key": "the name is already defined",
    "Cannot declare": "the name is already defined",
    "Cannot redefine namespace": "the table is already defined; dotted keys cannot add to it",
    "Cannot mutate immutable namespace": "the array or inline table is closed; nothing can be added to it",
}
_PLAIN_WORDS = _REDEFINITIONS | {
    "Invalid statement": "expected a key, a [table] or a comment",
    "Invalid initial character for a key": "expected a key, quoted if it holds more than A-Z a-z 0-9 - _",
    "Expected newline": "expected the end of the line",
    "Invalid value": "expected a value: a quoted string, a number, true, false, a date, [ or {",
    "Unclosed array": "expected a comma or ] in the array",
    "Unclosed inline table": "expected a comma or } in the inline table",
    "Unescaped '\\'": r"unknown escape: write \\ for a backslash, or put the string in single quotes",
    "Illegal character '\\n'": "the string is not closed on its line",
    "Found invalid character '\\n'": "the string is not closed on its line",
    'Expected "': "a string in single quotes is never closed",
    "Unterminated string": "a string in double quotes is never closed",
}


def _in_plain_words(message: str) -> str:
    return next((plain for start, plain in _PLAIN_WORDS.items() if message.startswith(start)), message)


def _offset_of(error: tomli.TOMLDecodeError, text: str) -> int:
    """Where in the text the error shows."""
    doc, pos = error.doc, error.pos
    if error.msg.startswith("Unescaped"):  # tomli stands behind the escape, perhaps on the next line
        pos = doc.rindex("\\", 0, pos)
    # In `doc` every "\r\n" of the text is "\n": the lines are as many, and equal up to their ends.
    lines, column = doc.count("\n", 0, pos), pos - doc.rfind("\n", 0, pos) - 1
    offset = len(text) - len(text.split("\n", lines)[lines]) + column
    if error.msg.startswith(tuple(_REDEFINITIONS)):
        for place in locate(text[:offset]).values():
            if place.key and place.value.end >= offset:
                return place.key.start
    return offset


def _dead_end(text: str) -> int:
    """Where tomli gave up without saying where.

    It reads from left to right, so the shortest beginning of the text that fails like this ends there. In a
    number that is the first digit too many; meant is the number.
    """

    def fails(end: int) -> bool:
        try:
            tomli.loads(text[:end])
        except tomli.TOMLDecodeError:
            return False
        except (RecursionError, ValueError):
            return True
        return False

    end = bisect_left(range(len(text)), True, key=fails)  # noqa: FBT003 - the value that is looked for
    return len(text[: end - 1].rstrip("0123456789_"))


# The lexemes of a text that tomli accepted. Possessive quantifiers take no memory for each repetition. `re` compiles
# them when something is to be located, so that a file without findings does not wait for it, and keeps them.

_PLAIN_OR_ESCAPED = r'(?:[^"\\]+|\\.)'  # within a basic string
_STRING = rf""""{_PLAIN_OR_ESCAPED}*+"|'[^']*'"""
#: What begins next. A comma is a gap like any other: keys, values and brackets tell themselves apart.
_NEXT = r"(?:[ \t\r\n,]+|#[^\n]*)*+(.)"
#: A name, and the dot or the equals sign behind it.
_NAME = rf"(?as)[ \t]*({_STRING}|[\w-]+)[ \t]*(?:(\.)|=[ \t]*)?"
_SCALAR = rf"""(?asx)
      "{{3}} (?: "?"? {_PLAIN_OR_ESCAPED} )*+ "{{3,5}}  # up to two quotes stand before the closing three
    | '{{3}} .*? '{{3,5}}
    | {_STRING}
    | (?: \d{{4}}-\d\d-\d\d[ ] )? [\w+:.-]+  # a space may stand between date and time
"""


class _Open(NamedTuple):
    """A table, array or inline table to which the text still adds."""

    path: KeyPath
    key: Span | None
    start: int
    indices: Iterator[int] | None  # of an array: what its elements have for keys


def locate(text: str) -> dict[KeyPath, Location]:
    """Where every key and every value is written, in a text that `parse` accepted."""
    places: dict[KeyPath, Location] = {(): Location(None, Span(0, 0))}
    lengths: dict[KeyPath, int] = {}  # of the arrays of tables

    def enter(path: KeyPath, names: list[tuple[str, Span]]) -> KeyPath:
        """The table that dotted names lead to; of an array of tables that is the last one so far."""
        for name, span in names:
            path = (*path, name)
            places.setdefault(path, Location(span, span))
            if path in lengths:
                path = (*path, lengths[path] - 1)
        return path

    nest = [_Open((), None, 0, None)]  # the table of the last header, then what is open within it
    pos = 0
    next_at, scalar_at = re.compile(_NEXT).match, re.compile(_SCALAR).match
    while found := next_at(text, pos):
        pos, character = found.start(1), found[1]
        inner = nest[-1]

        if character in "]}":
            nest.pop()
            pos += 1
            places[inner.path] = Location(inner.key, Span(inner.start, pos))

        elif character == "[" and len(nest) == 1:
            brackets = 2 if text.startswith("[[", pos) else 1
            (*parents, (name, key)), end = _names(text, pos + brackets)
            header = Span(pos, end + brackets)
            path = (*enter((), parents), name)
            if brackets == 1:
                places[path] = Location(key, header)
            else:
                places.setdefault(path, Location(key, header))
                lengths[path] = lengths.get(path, 0) + 1
                path = (*path, lengths[path] - 1)
                places[path] = Location(None, header)
            nest = [_Open(path, None, pos, None)]
            pos = header.end

        else:
            if inner.indices:
                path, key = (*inner.path, next(inner.indices)), None
            else:
                (*parents, (name, key)), pos = _names(text, pos)
                path = (*enter(inner.path, parents), name)
            if text[pos] in "[{":
                nest.append(_Open(path, key, pos, count() if text[pos] == "[" else None))
                pos += 1
            else:
                scalar = scalar_at(text, pos)
                assert scalar, "tomli accepted this text"
                places[path] = Location(key, Span(*scalar.span()))
                pos = scalar.end()

    return places


def _names(text: str, pos: int) -> tuple[list[tuple[str, Span]], int]:
    """The names of a dotted key, and where what follows them begins: a value, or the end of a header."""
    names: list[tuple[str, Span]] = []
    name_at = re.compile(_NAME).match
    while True:
        part = name_at(text, pos)
        assert part, "tomli accepted this text"
        names.append((_unquoted(part[1]), Span(*part.span(1))))
        pos = part.end()
        if not part[2]:
            return names, pos


def _unquoted(name: str) -> str:
    if "\\" in name:
        return next(iter(tomli.loads(f"{name} = 0")))
    return name[1:-1] if name[0] in "\"'" else name
