"""How much may be looked at to answer a question about a file, whatever the file says.

Some questions have as many parts as there are pairs of patterns, and a file of a megabyte can hold a hundred million
pairs. Who asks such a question gives a `Budget`; the algorithm spends a step of it on each thing that it looks at, and
stops where it is used up. Steps are counted, not seconds: what is said of a file is the same on every machine.
"""

from __future__ import annotations

#: Steps for one question about a whole file: at least so many, and for each entry of its lists of origins so many more.
#: A step (a pattern at a path, or two patterns compared) takes a microsecond or two, so a megabyte of the shortest
#: patterns, asked everything, stays within ten seconds. Files that people write take a few steps an entry.
LEAST_STEPS = 1_000_000
STEPS_PER_ENTRY = 16


class OverBudget(Exception):
    """The answer takes more steps than the budget has."""


class Budget:
    """A number of steps, and how many of them are spent. Without a limit the steps are only counted."""

    __slots__ = ("limit", "spent")

    def __init__(self, limit: int | None = None) -> None:
        self.limit = limit
        self.spent = 0

    @classmethod
    def for_entries(cls, entries: int) -> Budget:
        """What may be spent on one question about a file with so many entries in its lists of origins."""
        return cls(LEAST_STEPS + STEPS_PER_ENTRY * entries)

    def spend(self, steps: int = 1) -> None:
        """Takes so many steps; `OverBudget` where more are spent than there are."""
        self.spent += steps
        if self.limit is not None and self.spent > self.limit:
            raise OverBudget(f"more than {self.limit:,} steps")
