"""How an attack went, for a person: how much was tried, what got in, and through what."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from corsrules.report.characters import printable

if TYPE_CHECKING:
    from corsrules.analysis.attack import Tally

#: How many of the origins that a wide pattern admits are listed.
ADMITTED_SHOWN = 10


def text(file: str, profile: str | None, tally: Tally) -> str:
    """How an attack on one profile of `file` went."""
    return "".join(f"{printable(line)}\n" for line in (_summary(file, profile, tally), *_tried(tally), *_got_in(tally)))


def _summary(file: str, profile: str | None, tally: Tally) -> str:
    where = "" if profile is None else f" on profile `{profile}`"
    ways = {"that a pattern stands for": len(tally.admitted), "by a bug of corsrules": len(tally.disagreements)}
    counts = ", ".join(f"{count} {way}" for way, count in ways.items() if count)
    got_in = f"{sum(ways.values())} got in" + (f": {counts}" if counts else "")
    return f"{file}: attack{where}: {tally.counts.total()} tried, {got_in}"


def _tried(tally: Tally) -> Iterator[str]:
    for kind, count in tally.counts.items():
        yield f"  {count:6} {kind}"


def _got_in(tally: Tally) -> Iterator[str]:
    for mutant in tally.disagreements:
        yield f"  a bug of corsrules, please report it: {mutant.origin} at {mutant.path} ({mutant.kind})"
    admitted = list(dict.fromkeys((mutant.origin, mutant.kind, pattern) for mutant, pattern in tally.admitted))
    for origin, kind, pattern in admitted[:ADMITTED_SHOWN]:
        yield f"  a wide pattern: `{pattern}` admits {origin} ({kind})"
    if len(admitted) > ADMITTED_SHOWN:
        yield f"  and {len(admitted) - ADMITTED_SHOWN} more that a pattern stands for"
