"""Phrases that many messages share."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

#: How many names a message lists. Nobody reads more, and as many messages as a file has profiles may list them.
MOST_LISTED = 100

#: For how many unknown names of one kind the nearest known one is looked for, among how many, and how long they may be.
#: To compare two names takes their product; a file with more typing errors than this was not typed.
MOST_UNKNOWN = 100
MOST_KNOWN = 1000
LONGEST_NAME = 100


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A help line with the nearest of the `known` names, empty where none is near."""
    return Suggestions(known).for_name(name)


class Suggestions:
    """Finds the nearest of the `known` names, for one unknown name after another; see `MOST_UNKNOWN`."""

    def __init__(self, known: Iterable[str]) -> None:
        self._known = [name for name in islice(known, MOST_KNOWN) if len(name) <= LONGEST_NAME]
        self._left = MOST_UNKNOWN

    def for_name(self, name: str) -> str:
        """A help line with the nearest name, empty where none is near."""
        if not self._left or len(name) > LONGEST_NAME:
            return ""
        self._left -= 1
        import difflib  # read only for an error's help

        nearest = difflib.get_close_matches(name, self._known, n=1)
        return f"did you mean `{nearest[0]}`?" if nearest else ""


def listed(names: Iterable[str]) -> str:
    """The names, quoted and separated by commas; of very many the first."""
    names = list(names)
    more = f" and {len(names) - MOST_LISTED:,} more" if len(names) > MOST_LISTED else ""
    return ", ".join(f"`{name}`" for name in names[:MOST_LISTED]) + more
