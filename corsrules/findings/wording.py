"""Phrases that many messages share, and values as a file writes them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TypeAlias

#: How many names a message lists. Nobody reads more, and as many messages as a file has profiles may list them.
MOST_LISTED = 100

#: For how many unknown names of one kind the nearest known one is looked for, among how many, and how long they may be.
#: To compare two names takes their product; a file with more typing errors than this was not typed.
MOST_UNKNOWN = 100
MOST_KNOWN = 1000
LONGEST_NAME = 100

#: A value that a message proposes.
Value: TypeAlias = str | int | bool | tuple[str, ...]


def written(value: Value, quote: str = '"') -> str:
    """The value as TOML, its strings in these quotes where they can stand in them."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str):
        return f"[{', '.join(written(each, quote) for each in value)}]"
    if quote == "'" and "'" not in value and value.isprintable():
        return f"'{value}'"
    import json  # read only where something is written

    # JSON's escapes are TOML's; DEL, which JSON leaves as it is, has one too.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def strings(*texts: str) -> str:
    """The texts as TOML strings, with commas between them."""
    return ", ".join(map(written, texts))


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The nearest of the `known` names, None where none is near or the name is very long (see `MOST_UNKNOWN`)."""
    if len(name) > LONGEST_NAME:
        return None
    import difflib  # read only for an error's help

    return next(iter(difflib.get_close_matches(name, list(islice(known, MOST_KNOWN)), n=1)), None)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A help line with the nearest of the `known` names, empty where none is near."""
    return Suggestions(known).for_name(name)


class Suggestions:
    """Finds the nearest of the `known` names, for one unknown name after another; see `MOST_UNKNOWN`."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = [name for name in islice(known, MOST_KNOWN) if len(name) <= LONGEST_NAME]
        self._left = MOST_UNKNOWN

    def nearest(self, name: str) -> str | None:
        """The nearest name, None where none is near or enough names were looked for."""
        if not self._left:
            return None
        self._left -= 1
        return nearest(name, self._known)

    def for_name(self, name: str) -> str:
        """A help line with the nearest name, empty where none is near."""
        meant = self.nearest(name)
        return f"did you mean `{meant}`?" if meant else ""


def listed(names: Iterable[str]) -> str:
    """The names, quoted and separated by commas; of very many the first."""
    names = list(names)
    more = f" and {len(names) - MOST_LISTED:,} more" if len(names) > MOST_LISTED else ""
    return ", ".join(f"`{name}`" for name in names[:MOST_LISTED]) + more
