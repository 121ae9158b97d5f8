"""What a terminal makes of characters: which it may be sent, and how many columns they take."""

from __future__ import annotations

import unicodedata

#: Terminals disagree about tab stops, so a tab is shown as spaces, and the marks below it stand where they should.
TAB = " " * 4

#: How many characters of a message are printed.
LONGEST = 1000


def printable(text: str) -> str:
    """`text` with whatever could move a terminal's cursor or break a line written as an escape."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)


def sentence(text: str) -> str:
    """A message or a name as it is printed: where it quotes a value of megabytes, without its middle."""
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]}...{text[-LONGEST // 2 :]}"
    return printable(text)


def cell(character: str) -> str:
    """How one character of a source line is shown."""
    return TAB if character == "\t" else printable(character)


def width(text: str) -> int:
    """How many columns printable text takes: East Asian wide characters and emoji two, combining characters none."""
    if text.isascii():
        return len(text)
    return sum(map(_width, text))


def _width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
