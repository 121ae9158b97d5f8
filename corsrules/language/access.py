"""Who is given what at a path, and how two such answers are compared.

The rules of one path are a function from an origin to what it is given (`Rules`). `compare` lists the origins to which
two of these functions give different things, exactly.

Let U be the patterns of both sides, with the intersection of each two that cross, one from either
side. For an origin o, take an element u of U that holds o with no smaller one that does. Then the answer of a side to o
is what the smallest of its patterns *around u* says. For let p be the smallest pattern of the side that holds o (two
that are smallest cross, and then give the same: anything else is a conflict, which no file may have). If p is not
around u, it is not inside u either, or u would not be smallest; so they cross. Then u is not of the other side, or the
intersection would be smaller. If u is of this side, it gives the same as p, or there would be a conflict. And if u is
the intersection of p' and q, then p crosses p' (inside it, p would meet q in something smaller than u), and any pattern
of this side around u that p is inside of does so too; so again all of them give the same.

So each u has one answer on either side, found by looking at u alone; where the two differ, the origins in u are listed
as `u` without those smaller elements of U that do not have the same two answers. That is exact: whoever is left in u
has these two answers, and whoever was taken out has an entry of its own, or no difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import NamedTuple

from corsrules.language import origin_pattern
from corsrules.language.budget import Budget
from corsrules.language.origin_pattern import Pattern, PatternIndex, common_patterns, contains, witness_outside
from corsrules.language.path_pattern import PathPattern
from corsrules.language.policy import PolicyRule, What

#: An origin that nobody names, unless a file does.
ANYONE = "https://anyone.example"


class Access(NamedTuple):
    """What an origin is given. `literal`: it is answered with `*` and not by its name."""

    what: What
    literal: bool = False


@dataclass(frozen=True)
class Rules:
    """The rules of one path as sets of origins: what the named ones are given, and what every other one is."""

    named: Mapping[Pattern, Access]
    every: Access | None = None

    @cached_property
    def wide(self) -> Sequence[Pattern]:
        """The named patterns of several origins."""
        return tuple(each for each in self.named if not each.is_single)

    @cached_property
    def around(self) -> PatternIndex:
        """Finds the named patterns of several origins around one."""
        return PatternIndex(self.wide)


#: Stands for a path under no rule: what the application says there is left as it is, and is not compared.
NOBODY = Rules({})


@dataclass(frozen=True, slots=True)
class Change:
    """Origins that are given `new` where they were given `old` (None: denied).

    They are those of `pattern` (None: every origin, `null` too) that are in none of the `exceptions`; `example` is one.
    """

    old: Access | None
    new: Access | None
    pattern: Pattern | None
    exceptions: tuple[Pattern, ...]
    example: str

    @property
    def widens(self) -> bool:
        """Whether these origins are given something that they were not."""
        return self.new is not None and (self.old is None or bool(gained(self.old.what, self.new.what)))


# --- paths ---


def path_and_parents(path: PathPattern) -> Iterator[PathPattern]:
    """`path`, and what covers all of it: from the longest to `/*`."""
    if not path.below:
        yield path
    base = path.base
    yield PathPattern(base, below=True)
    while base:
        base = base.rpartition("/")[0]
        yield PathPattern(base, below=True)


def narrower(paths: Iterable[PathPattern]) -> Iterator[tuple[PathPattern, PathPattern]]:
    """Each of the paths that others cover too, with the longest of these."""
    paths = dict.fromkeys(paths)
    for path in paths:
        for around in path_and_parents(path):
            if around != path and around in paths:
                yield path, around
                break


# --- origins ----------------------------------------------------------------------------------------------------------


def rules_of(rules: Iterable[PolicyRule]) -> Rules:
    """The rules of one path as sets of origins."""
    named: dict[Pattern, Access] = {}
    every: Access | None = None
    for rule in rules:
        access = Access(rule.what)
        if rule.allows_every_origin and every is None:
            every = Access(rule.what, literal=True)
        for entry in rule.entries():
            named.setdefault(entry.pattern, access)
    return Rules(named, every)


Kind = tuple[Access | None, Access | None]


def compare(old: Rules, new: Rules, budget: Budget | None = None) -> Iterator[Change]:
    """The origins that the two give different things to; see above. `OverBudget` where that takes too many steps."""
    if old == new:
        return
    comparison = Comparison(old, new, budget or Budget())
    yield from comparison.of_every()
    yield from comparison.of_named()


class Comparison:
    """Two sides, element by element; see above. What is not asked for is not worked out."""

    def __init__(self, old: Rules, new: Rules, budget: Budget) -> None:
        self._old, self._new = old, new
        self._budget = budget
        self._kinds: dict[Pattern, Kind] = {}

    def of_every(self) -> Iterator[Change]:
        """What changes for every origin that no element holds, without the elements where something else does."""
        every = self._old.every, self._new.every
        if every[0] != every[1]:
            elements = list(self._elements())
            exceptions = _largest([each for each in elements if self._kind(each) != every], self._budget)
            yield Change(*every, None, exceptions, _origin_outside(elements))

    def of_named(self) -> Iterator[Change]:
        """The elements where the two answers differ, each without the smaller ones of another kind."""
        for each in self._elements():
            old, new = kind = self._kind(each)
            if old == new:
                continue
            near = self._near(each)
            if self._is_listed_with_another(each, near):
                continue
            inside = [other for other in near if self._kind(other) != kind and contains(each, other)]
            exceptions = _largest(inside, self._budget)
            example = witness_outside(each, exceptions, self._budget)
            if example is not None:
                yield Change(*kind, each, exceptions, example)

    def _elements(self) -> Iterator[Pattern]:
        yield from self._old.named
        yield from (each for each in self._new.named if each not in self._old.named)
        yield from self._common

    @cached_property
    def _common(self) -> Iterable[Pattern]:
        """What patterns that cross have in common, one from either side, where neither side names it."""
        found: dict[Pattern, None] = {}
        for one in self._old.wide if self._new.wide else ():
            for other in self._new.around.meeting(one, self._budget):
                if not contains(one, other) and not contains(other, one):
                    found.update(dict.fromkeys(common_patterns(one, other)))
        return [each for each in found if each not in self._old.named and each not in self._new.named]

    def _kind(self, element: Pattern) -> Kind:
        """What the two sides answer in an element."""
        if element not in self._kinds:
            self._budget.spend()
            self._kinds[element] = self._answer(self._old, element), self._answer(self._new, element)
        return self._kinds[element]

    def _answer(self, side: Rules, element: Pattern) -> Access | None:
        """What the side's smallest pattern around the element says, or else its `"*"`."""
        if element in side.named:
            return side.named[element]
        smallest: Pattern | None = None
        for around in side.around.containing(element, self._budget):
            if smallest is None or contains(smallest, around):
                smallest = around
        return side.every if smallest is None else side.named[smallest]

    def _near(self, each: Pattern) -> list[Pattern]:
        """The elements that meet `each`."""
        # Only a set of several origins has smaller ones inside.
        return list((self._wide if each.is_single else self._everything).meeting(each, self._budget))

    @cached_property
    def _wide(self) -> PatternIndex:
        common = (each for each in self._common if not each.is_single)
        return PatternIndex((*self._old.wide, *self._new.wide, *common))

    @cached_property
    def _everything(self) -> PatternIndex:
        return PatternIndex(self._elements())

    def _is_listed_with_another(self, each: Pattern, near: Iterable[Pattern]) -> bool:
        """Whether a larger element of the same kind lists all that `each` would.

        It does where what it leaves out and what `each` has in common with that is inside `each`, for then `each`
        leaves it out too. No element is of the kind of every other origin where that changes: one side names it, and
        answers it by its name, not with `*`.
        """
        kind = self._kind(each)
        around = [other for other in near if self._kind(other) == kind and other != each and contains(other, each)]
        different = [other for other in near if self._kind(other) != kind and not contains(each, other)]
        self._budget.spend(len(around) * len(different))
        return any(not any(contains(larger, other) for other in different) for larger in around)


def _largest(patterns: list[Pattern], budget: Budget) -> tuple[Pattern, ...]:
    """Those that are inside no other."""
    wide = PatternIndex(each for each in patterns if not each.is_single)
    return tuple(each for each in patterns if all(other == each for other in wide.containing(each, budget)))


def _origin_outside(patterns: Iterable[Pattern]) -> str:
    """An origin in none of them. A wildcard holds no host of one label, so some such host is outside."""
    index = PatternIndex(patterns)
    names = (ANYONE if number == 0 else f"https://anyone{number}" for number in count())
    return next(name for name in names if not any(index.containing(_single(name))))


def _single(origin: str) -> Pattern:
    parsed = origin_pattern.parse(origin)
    assert parsed is not None
    return parsed


# --- what is more ---


def gained(old: What, new: What) -> tuple[str, ...]:
    """What `new` gives beyond `old`, in words; a longer `max-age` gives nothing."""
    parts = (
        ("credentials",) if new.credentials and not old.credentials else (),
        _more("methods", old.methods, new.methods),
        # "*" is every request header but authorization: https://fetch.spec.whatwg.org/#cors-preflight-fetch
        _more("request-headers", old.request_headers, new.request_headers, except_for="authorization"),
        _more("response-headers", old.response_headers, new.response_headers),
    )
    return tuple(text for part in parts for text in part)


def _more(key: str, old: tuple[str, ...], new: tuple[str, ...], *, except_for: str = "") -> tuple[str, ...]:
    had = frozenset(old)
    more = [name for name in new if name not in had and ("*" not in had or name == except_for)]
    return (f"{key} {', '.join(more)}",) if more else ()
