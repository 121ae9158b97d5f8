"""What terminals and logs make of characters: which of them may be printed as they are, and how many columns they take.

Whatever comes from outside goes through `printable` before it is printed: the name of a file or a profile, what a file
says, an argument, what another program answers. Documents for machines escape in their own way (`json.written`).
"""

from __future__ import annotations

import re
import unicodedata

#: Terminals disagree about tab stops, so a tab is shown as spaces, and the marks below it stand where they should.
TAB = " " * 4

#: How many characters of a message are printed.
LONGEST = 1000


#: What build servers read as a command in a log: GitHub's a line that begins with `::`, spaces aside, and `##[error]`
#: anywhere in a line (https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs); others
#: `##vso[...]` and `##teamcity[...]`. Without the character in a group none of them is one.
_COMMAND = re.compile(r"\A *(:)(?=:)|##\w*(\[)")


def printable(text: str) -> str:
    """`text` in one line, and no more than text: what would be more to a terminal or a log is written as an escape."""
    if text.isprintable() and "::" not in text and "##" not in text:
        return text
    return "".join(_escaped(text))


def cells(line: str) -> list[str]:
    """How each character of a source line is shown: as `printable` has it, but a tab as spaces."""
    return [TAB if character == "\t" else shown for character, shown in zip(line, _escaped(line), strict=True)]


def _escaped(text: str) -> list[str]:
    """Each character, or its escape."""
    shown = [each if each.isprintable() else repr(each)[1:-1] for each in text]
    for found in _COMMAND.finditer(text):
        at = found.end(found.lastindex or 0) - 1
        shown[at] = f"\\x{ord(text[at]):02x}"
    return shown


def sentence(text: str) -> str:
    """A message or a name as it is printed: where it quotes a value of megabytes, without its middle."""
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]}...{text[-LONGEST // 2 :]}"
    return printable(text)


def width(text: str) -> int:
    """How many columns printable text takes: East Asian wide characters and emoji two, combining characters none."""
    if text.isascii():
        return len(text)
    return sum(map(_width, text))


def _width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
