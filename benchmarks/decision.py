"""One decision: an `Origin` value in, whether and how it is allowed out. Floor: a function call with one `dict.get`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import cycle, islice
from typing import Any

from benchmarks import measure, peers, report
from benchmarks.measure import Effort, Work

#: Each case: what it is, the patterns beside the exact origins, the values asked for.
HIT = "https://app0.example.com"
FIRST = 20_000  # distinct origins for first hits: more than are remembered
CASES: dict[str, tuple[tuple[str, ...], Callable[[int], list[str]]]] = {
    "exact hit": ((), lambda count: [HIT]),
    "`*` hit, first": (("https://*.example.net",), lambda count: [f"https://t{n}.example.net" for n in range(count)]),
    "`*` hit, repeated": (("https://*.example.net",), lambda count: ["https://tenant.example.net"]),
    "`**` hit, first, one label": (
        ("https://**.example.org",),
        lambda count: [f"https://t{n}.example.org" for n in range(count)],
    ),
    "`**` hit, first, two labels": (
        ("https://**.example.org",),
        lambda count: [f"https://b.t{n}.example.org" for n in range(count)],
    ),
    "`**` hit, repeated": (("https://**.example.org",), lambda count: ["https://b.tenant.example.org"]),
    "partial label, first": (
        ("https://pr-*.example.dev",),
        lambda count: [f"https://pr-{n}.example.dev" for n in range(count)],
    ),
    "port range, first": (
        ("https://**.example.org:3000-3999",),
        lambda count: [f"https://t{n}.example.org:3{n % 1000:03}" for n in range(count)],
    ),
    "miss": (("https://**.example.org",), lambda count: ["https://app.example.co"]),
    "malformed": (("https://**.example.org",), lambda count: [f"{HIT}, https://evil.test"]),
    "8 KiB": (("https://**.example.org",), lambda count: ["https://" + "x" * 8184]),
    "126 labels, denied": (
        ("https://**.example.org", "https://*.example.net"),
        lambda count: ["https://" + "a." * 118 + "_,.example.org"],
    ),
    "126 labels, allowed, first": (
        ("https://**.example.org",),
        lambda count: ["https://" + "a." * 110 + f"t{n}.example.org" for n in range(count)],
    ),
}

#: What grows: the pattern of which there are many, and the value asked for. Nothing is remembered.
GROWTH = {
    "exact hit": ("", "https://app{}.example.com"),
    "miss": ("", "https://app{}.example.co"),
    "`*` hit": ("https://*.p{}.example.net", "https://t{}.p{}.example.net"),
    "`**` hit, two labels": ("https://**.p{}.example.org", "https://b.t{}.p{}.example.org"),
}

#: How many decisions are timed at once.
CHUNK = 20


def origins(count: int) -> list[str]:
    """So many exact origins."""
    return [f"https://app{number}.example.com" for number in range(count)]


def floor(exact: Sequence[str]) -> peers.Decider:
    """One call with one `dict.get`."""
    known = dict.fromkeys(exact, True)

    def look(origin: str) -> object:
        return known.get(origin)

    return look


def asked(decide: peers.Decider, values: Sequence[str]) -> Work:
    """`CHUNK` decisions, on the next of the values each time."""
    following = cycle(values)
    chunks = cycle([list(islice(following, CHUNK)) for _ in range(max(1, len(values) // CHUNK))])

    def work() -> None:
        for value in next(chunks):
            decide(value)

    return work


def compare(count: int, effort: Effort) -> dict[str, dict[str, float | None]]:
    """Every case with `count` exact origins: each peer in multiples of the floor, None where it cannot say it."""
    exact = origins(count)
    look = floor(exact)
    result: dict[str, dict[str, float | None]] = {}
    for case, (patterns, values_of) in CASES.items():
        values = values_of(FIRST if effort == measure.FULL else CHUNK)
        # The floor asks for as many different values as the case does: what is new to the processor's caches costs.
        known = [exact[number % count] for number in range(len(values))]
        deciders = {name: peers.made(name, exact, patterns) for name in peers.PEERS}
        works = {name: asked(decide, values) for name, decide in deciders.items() if decide is not None}
        found = measure.ratios({"floor": asked(look, known), **works}, "floor", effort)
        result[case] = {name: found.get(name) for name in peers.PEERS}
    return result


def growth(counts: Sequence[int], effort: Effort) -> dict[str, list[tuple[float, float]]]:
    """corsrules and `dict.get` over the number of rules, in multiples of the floor with the fewest.

    Each rule is one exact origin; of the patterns of a case there are as many. The values are spread over all. Each
    case is measured beside `dict.get` of its own.
    """
    many = FIRST if effort == measure.FULL else CHUNK
    curves: dict[str, list[tuple[float, float]]] = {}
    for case, (pattern, value) in GROWTH.items():
        works: dict[str, Work] = {}
        for count in counts:
            exact = origins(count)
            numbers = [serial * max(1, count // many) % count for serial in range(many)]
            works[f"dict.get {count}"] = asked(floor(exact), [exact[number] for number in numbers])
            patterns = [pattern.format(number) for number in range(count)] if pattern else []
            decide = peers.uncached(exact if not pattern else [], patterns)
            serials = "t{}" in value
            values = [value.format(*([at] if serials else []), number) for at, number in enumerate(numbers)]
            works[case + str(count)] = asked(decide, values)
        found = measure.ratios(works, f"dict.get {counts[0]}", effort)
        curves.setdefault("dict.get", [(count, found[f"dict.get {count}"]) for count in counts])
        curves[case] = [(count, found[case + str(count)]) for count in counts]
    return curves


def measured(effort: Effort, counts: Sequence[int], growing: Sequence[int]) -> dict[str, Any]:
    """All figures of this module."""
    return {
        "compared": {str(count): compare(count, effort) for count in counts},
        "growth": growth(growing, effort),
    }


def rendered(figures: dict[str, Any]) -> str:
    """The tables of this module as Markdown."""
    parts = []
    for count, found in figures["compared"].items():
        rows = [[case, *(report.figure(ratio) for ratio in by_peer.values())] for case, by_peer in found.items()]
        parts.append(
            f"With {int(count):,} exact origins beside the pattern of the case:\n\n"
            + report.table(["", *peers.PEERS], rows)
        )
    curves = figures["growth"]
    rows = [[case, *(report.figure(ratio) for _, ratio in curve)] for case, curve in curves.items()]
    counts = [f"{count:,}" for count, _ in curves["dict.get"]]
    parts.append(
        "corsrules over the number of rules (for `*` and `**`: of patterns), in multiples of `dict.get`, nothing "
        "remembered:\n\n" + report.table(["", *counts], rows)
    )
    return "\n".join(parts)


def plotted(figures: dict[str, Any]) -> str:
    """How corsrules grows, as SVG."""
    return report.plot("one decision, floor = 1, over the number of rules", figures["growth"])
