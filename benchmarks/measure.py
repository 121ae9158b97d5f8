"""Interleaved timing: every case once a round, many rounds, medians, ratios to the floor of the same round.

Processor time is counted, not the clock: what else runs on the machine takes the clock away, but little of that. Each
round has an order of its own and each case is warm when it is timed, so that none pays for another. The garbage
collector is off while cases run. A ratio is taken within each round, and the median over all of them.
"""

from __future__ import annotations

import gc
import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import process_time_ns
from typing import TypeAlias

#: A case: called with nothing, it does its work once for each of `per_call` inputs.
Work: TypeAlias = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to measure: `rounds` of at least `batch_ns` for each case."""

    rounds: int
    batch_ns: int


FULL = Effort(rounds=41, batch_ns=2_000_000)
QUICK = Effort(rounds=2, batch_ns=1_000)


def times(cases: Mapping[str, Work], effort: Effort) -> dict[str, list[float]]:
    """Nanoseconds a call of each case, one figure a round."""
    repeats = {name: _repeats(work, effort.batch_ns) for name, work in cases.items()}
    taken: dict[str, list[float]] = {name: [] for name in cases}
    order = list(cases)
    shuffle = random.Random(0).shuffle  # noqa: S311 - an order of rounds, no secret
    gc.collect()
    gc.disable()
    try:
        for _ in range(effort.rounds):
            shuffle(order)
            for name in order:
                taken[name].append(_time(cases[name], repeats[name]))
            gc.collect(1)
    finally:
        gc.enable()
    return taken


def _time(work: Work, count: int) -> float:
    work()
    start = process_time_ns()
    for _ in range(count):
        work()
    return max(1, process_time_ns() - start) / count


def ratios(cases: Mapping[str, Work], floor: str, effort: Effort) -> dict[str, float]:
    """Each case as a multiple of the case called `floor`."""
    taken = times(cases, effort)
    return {name: ratio(figures, taken[floor]) for name, figures in taken.items()}


def ratio(figures: Sequence[float], floor: Sequence[float]) -> float:
    """The median of the rounds' ratios."""
    return statistics.median(one / other for one, other in zip(figures, floor, strict=True))


def _repeats(work: Work, batch_ns: int) -> int:
    return max(1, int(batch_ns / _time(work, 1)))
