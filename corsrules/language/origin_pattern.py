"""The pattern grammar, and the set of origins that a pattern stands for.

A pattern is a product of three independent sets: one scheme, a set of hosts, an interval of effective ports. The
grammar (text to pattern) and the algebra (contains, overlaps, a witness, also of what several patterns leave out) live
here; what a nearly right pattern was meant to say, and whether a pattern is wise, do not.

    *     one more label                  a.example.com
    **    one or more labels              a.example.com, b.a.example.com
    pr-*  one or more of [a-z0-9_-] inside the leftmost label
    **    alone, for a scheme of an application's own: every host (`moz-extension://**`)

Ports are *effective* ports (see `Origin.effective_port`): 443 for `https://a.example`, 0 where a scheme has no
default port and none is written. `:*` is the whole interval, so it holds the default port too.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count, product
from operator import itemgetter

from corsrules.language.budget import Budget
from corsrules.web.origin import (
    DEFAULT_PORTS,
    HOST_LENGTH,
    LABEL_CHARACTERS,
    LABEL_LENGTH,
    PORT_MAXIMUM,
    Origin,
    consists_of,
    is_host,
    is_number,
    is_scheme,
    port_number,
    serialize,
    split_port,
)

#: Schemes that no server can allow by name: `file:` pages send `null`, and `null` is no origin.
SCHEMES_WITHOUT_ORIGIN = frozenset({"file", "null"})

#: Stands in a witness wherever any character would do.
FILLER = "x"

#: The characters of a label in the order in which a witness prefers them.
PREFERRED_CHARACTERS = FILLER + LABEL_CHARACTERS.replace(FILLER, "")

#: Is sorted behind every character of a label.
AFTER_LABELS = "\x7f"

#: Of so few it takes less to look at each than to search.
FEW = 8


@dataclass(frozen=True, slots=True)
class Pattern:
    """A set of origins.

    `wildcard` is `""` (the host is exactly `host`), `"*"`, `"**"`, or a leftmost label with one `*` in it; with a
    wildcard, `host` is what follows its dot, and empty where `"**"` stands alone, for every host. `low` and `high` are
    the first and last effective port, both included.
    """

    scheme: str
    wildcard: str
    host: str
    low: int
    high: int

    @property
    def is_single(self) -> bool:
        """Whether the pattern stands for exactly one origin."""
        return not self.wildcard and self.low == self.high

    @property
    def is_every_host(self) -> bool:
        """Whether the pattern stands for every host of its scheme."""
        return self.wildcard != "" and self.host == ""

    def __str__(self) -> str:
        host = ".".join(filter(None, (self.wildcard, self.host)))
        if self.low == self.high:
            return serialize(self.scheme, host, self.low)
        if (self.low, self.high) == every_port(self.scheme):
            return f"{self.scheme}://{host}:*"
        return f"{self.scheme}://{host}:{self.low}-{self.high}"


def every_port(scheme: str) -> tuple[int, int]:
    """The effective ports of `:*`: a scheme with a default port has 1 to 65535, another may have none (0) too."""
    return (1 if scheme in DEFAULT_PORTS else 0), PORT_MAXIMUM


def parse(text: str) -> Pattern | None:
    """The pattern that `text` writes, or None where it is not exactly right.

    Permitted: `https://app.example.com`, `https://*.example.com`, `https://**.example.com:8443`,
    `https://pr-*.example.com`, `http://localhost:*`, `http://localhost:3000-3999`, `capacitor://localhost`,
    `moz-extension://**`.
    Prohibited: `app.example.com`, `https://example.com/`, `https://a.*.example.com`, `https://*`, `https://**`,
    `https://*.2.3.4`, `https://example.com:443`, `file://`, `null`. (`*`, every origin, is a word of the file and no
    pattern.)
    """
    scheme, separator, authority = text.partition("://")
    if not separator or not is_scheme(scheme) or scheme in SCHEMES_WITHOUT_ORIGIN:
        return None
    host, port = split_port(authority)
    interval = _interval(scheme, port)
    if interval is None:
        return None
    if "*" not in host:
        return Pattern(scheme, "", host, *interval) if is_host(scheme, host) else None
    if host == "**" and scheme not in DEFAULT_PORTS:
        return Pattern(scheme, "**", "", *interval)
    wildcard, dot, rest = host.partition(".")
    if not dot or not is_wildcard(wildcard) or not is_host(scheme, rest) or rest.startswith("["):
        return None
    if scheme in DEFAULT_PORTS and is_number(rest.rpartition(".")[2]):
        return None  # whatever stands before it, the host would be an IP address or no host at all
    room = HOST_LENGTH - len(rest) - 1
    if wildcard == "**" and room < len("x.x"):
        wildcard = "*"  # only one label fits, and one set has one pattern
    return Pattern(scheme, wildcard, rest, *interval) if len(wildcard) <= min(LABEL_LENGTH, room) else None


def is_wildcard(label: str) -> bool:
    """Whether `label` may stand for labels: `**`, or label characters around exactly one `*`."""
    return label == "**" or (label.count("*") == 1 and consists_of(label, LABEL_CHARACTERS + "*"))


def _interval(scheme: str, port: str | None) -> tuple[int, int] | None:
    default = DEFAULT_PORTS.get(scheme, 0)
    if port is None:
        return default, default
    if port == "*":
        return every_port(scheme)
    first, dash, last = port.partition("-")
    low = port_number(first)
    high = port_number(last) if dash else low
    if low is None or high is None or low > high or (not dash and low == default):
        return None
    return low, high


# --- the set of hosts -------------------------------------------------------------------------------------------------
#
# Everything after a wildcard label is fixed, so a host is in the set of a wildcard pattern when it is "W." + the fixed
# rest, where W is one label (or, for `**`, labels) of limited length. Two sets over different fixed rests can only meet
# where one rest ends in the other and the shorter one's wildcard is `**`. A `**` alone holds every set of its scheme.


def longest_front(pattern: Pattern) -> int:
    """How many characters may stand before the dot in front of a fixed rest (a host has 253 at most)."""
    room = HOST_LENGTH - len(pattern.host) - 1
    return room if pattern.wildcard == "**" else min(LABEL_LENGTH, room)


def label_ends(wildcard: str) -> tuple[str, str]:
    """What a label has before and after the part that is free (both empty for `*` and `**`)."""
    prefix, _, suffix = wildcard.partition("*")
    return prefix, suffix.removeprefix("*")


def _is_under(host: str, parent: str) -> bool:
    return host.endswith("." + parent)


def _host_in(pattern: Pattern, host: str) -> bool:
    """Whether the well-formed `host` is in the pattern's set of hosts."""
    if not pattern.wildcard:
        return host == pattern.host
    if pattern.is_every_host:
        return True
    if not _is_under(host, pattern.host):
        return False
    front = host[: -len(pattern.host) - 1]
    if pattern.wildcard == "**":
        return True
    prefix, suffix = label_ends(pattern.wildcard)
    return (
        "." not in front
        and len(front) > len(prefix) + len(suffix)
        and front.startswith(prefix)
        and front.endswith(suffix)
    )


def _hosts_contain(outer: Pattern, inner: Pattern) -> bool:
    if outer.is_every_host or inner.is_every_host:
        return outer.is_every_host
    if not inner.wildcard:
        return _host_in(outer, inner.host)
    if not outer.wildcard:
        return False
    if outer.host != inner.host:
        return outer.wildcard == "**" and _is_under(inner.host, outer.host)
    if inner.wildcard == "**":
        return outer.wildcard == "**"
    # Over the same rest: the inner label's free character may be anything, so the outer one's fixed ends must lie in
    # the inner one's. Its length then fits too.
    outer_prefix, outer_suffix = label_ends(outer.wildcard)
    inner_prefix, inner_suffix = label_ends(inner.wildcard)
    return inner_prefix.startswith(outer_prefix) and inner_suffix.endswith(outer_suffix)


def _common_host(one: Pattern, other: Pattern) -> str | None:
    """A host in both sets, or None where they are disjoint."""
    if not one.wildcard:
        return one.host if _host_in(other, one.host) else None
    if not other.wildcard:
        return other.host if _host_in(one, other.host) else None
    if one.is_every_host or other.is_every_host:
        return _example_host(other if one.is_every_host else one)
    if one.host != other.host:
        outer, inner = (one, other) if len(one.host) < len(other.host) else (other, one)
        return _example_host(inner) if _hosts_contain(outer, inner) else None
    if "**" in (one.wildcard, other.wildcard):
        return _example_host(other if one.wildcard == "**" else one)
    label = next(_common_labels(label_ends(one.wildcard), label_ends(other.wildcard), longest_front(one)), None)
    return None if label is None else f"{label.replace('*', FILLER)}.{one.host}"


def _common_labels(one: tuple[str, str], other: tuple[str, str], longest: int) -> Iterator[str]:
    """The labels that both (prefix, suffix) pairs admit: first single ones, the shortest first, then a wildcard label.

    A common label starts with the longer prefix and ends with the longer suffix, each of which must agree with the
    shorter one. Where the two share characters it is fixed by its length: `ab*` and `*bc` meet at `abc`, and at `abbc`
    where they share none. All that are longer are one wildcard label, `ab*bc`. No label comes twice.
    """
    prefix = max(one[0], other[0], key=len)
    suffix = max(one[1], other[1], key=len)
    if not all(prefix.startswith(before) and suffix.endswith(after) for before, after in (one, other)):
        return
    shortest = max(len(one[0]) + len(one[1]), len(other[0]) + len(other[1])) + 1
    for length in range(shortest, min(longest, len(prefix) + len(suffix)) + 1):
        shared = len(prefix) + len(suffix) - length
        if prefix.endswith(suffix[:shared]):
            yield prefix + suffix[shared:]
    if len(prefix) + len(suffix) < longest:
        yield f"{prefix}*{suffix}"


def _example_host(pattern: Pattern) -> str:
    if not pattern.wildcard:
        return pattern.host
    prefix, suffix = label_ends(pattern.wildcard)
    return ".".join(filter(None, (f"{prefix}{FILLER}{suffix}", pattern.host)))


# --- the set of origins -----------------------------------------------------------------------------------------------


def matches(pattern: Pattern, origin: Origin) -> bool:
    """Whether `origin` is in the set."""
    return (
        pattern.scheme == origin.scheme
        and pattern.low <= origin.effective_port <= pattern.high
        and _host_in(pattern, origin.host)
    )


def contains(outer: Pattern, inner: Pattern) -> bool:
    """Whether every origin of `inner` is one of `outer` (also when both are the same set)."""
    return (
        outer.scheme == inner.scheme
        and outer.low <= inner.low
        and inner.high <= outer.high
        and _hosts_contain(outer, inner)
    )


def is_minimal(one: Pattern, others: Iterable[Pattern]) -> bool:
    """Whether `one` is among the most specific: none of the others is a smaller set inside it."""
    return not any(contains(one, other) and not contains(other, one) for other in others)


def common_origin(one: Pattern, other: Pattern) -> str | None:
    """An origin that is in both sets, or None where they are disjoint."""
    low, high = max(one.low, other.low), min(one.high, other.high)
    if one.scheme != other.scheme or low > high:
        return None
    host = _common_host(one, other)
    return None if host is None else serialize(one.scheme, host, low)


def example_origin(pattern: Pattern) -> str:
    """An origin of the set."""
    return serialize(pattern.scheme, _example_host(pattern), pattern.low)


def common_patterns(one: Pattern, other: Pattern) -> Iterator[Pattern]:
    """Disjoint patterns that together are the intersection of the two sets.

    Ports meet in one interval. Hosts meet where one set holds the other, which then is the intersection, or else in
    labels over one fixed rest.
    """
    low, high = max(one.low, other.low), min(one.high, other.high)
    if one.scheme != other.scheme or low > high:
        return
    for outer, inner in ((one, other), (other, one)):
        if _hosts_contain(outer, inner):
            yield Pattern(one.scheme, inner.wildcard, inner.host, low, high)
            return
    if one.host != other.host or not one.wildcard or not other.wildcard:
        return
    for label in _common_labels(label_ends(one.wildcard), label_ends(other.wildcard), longest_front(one)):
        if "*" in label:
            yield Pattern(one.scheme, label, one.host, low, high)
        else:
            yield Pattern(one.scheme, "", f"{label}.{one.host}", low, high)


def crossings(patterns: Sequence[Pattern], budget: Budget | None = None) -> Iterator[tuple[int, int]]:
    """The index pairs of patterns that overlap with neither containing the other.

    A pattern of one origin crosses none. `OverBudget` where more overlap than the budget has steps for.
    """
    places: defaultdict[Pattern, list[int]] = defaultdict(list)
    for index, pattern in enumerate(patterns):
        if not pattern.is_single:
            places[pattern].append(index)
    near = PatternIndex(places)
    order = {pattern: number for number, pattern in enumerate(places)}
    for pattern, indices in places.items():
        for other in near.meeting(pattern, budget):
            if order[other] > order[pattern] and not contains(pattern, other) and not contains(other, pattern):
                yield from product(indices, places[other])


def _host_and_parents(host: str) -> Iterator[str]:
    """The host, the domains that it is under, and last the empty rest under which every host is."""
    yield host
    dot = host.find(".")
    while dot >= 0:
        yield host[dot + 1 :]
        dot = host.find(".", dot + 1)
    if host:
        yield ""


# --- several patterns at once -----------------------------------------------------------------------------------------


def witness_outside(pattern: Pattern, others: Iterable[Pattern], budget: Budget | None = None) -> str | None:
    """An origin of `pattern` that is in none of the `others`, or None where together they hold all of it.

    `OverBudget` where that takes more steps than the budget has: to tell whether masks of a label leave one out can
    take the product of those that begin and those that end alike.

    Several can hold what none of them holds alone: the 38 labels of one letter and `a*`, `b*`, … are all of `*`.

    Ports: no set of hosts begins or ends inside the stretches between the ports at which an interval of the others
    begins or has just ended, so the first port of each such stretch stands for the stretch, and there the question is
    one about hosts (`_host_outside`). None is answered only after every stretch was found full.
    """
    budget = budget or Budget()
    others = list(others)
    budget.spend(len(others))
    near = sorted((other for other in others if common_origin(pattern, other) is not None), key=_low)
    ends = {end for other in near for end in (other.low, other.high + 1) if pattern.low < end <= pattern.high}
    there: list[Pattern] = []
    following = 0
    for port in sorted({pattern.low, *ends}):
        while following < len(near) and near[following].low <= port:
            there.append(near[following])
            following += 1
        there = [other for other in there if port <= other.high]
        budget.spend(len(there))
        host = _host_outside(pattern, there, budget)
        if host is not None:
            return serialize(pattern.scheme, host, port)
    return None


def _low(pattern: Pattern) -> int:
    return pattern.low


def _host_outside(pattern: Pattern, others: Sequence[Pattern], budget: Budget) -> str | None:
    """A host of `pattern` that is in none of the others' sets of hosts, each of which meets the pattern's."""
    if not pattern.wildcard:
        return None if others else pattern.host
    if any(_hosts_contain(other, pattern) for other in others):
        return None
    if pattern.is_every_host:
        # What holds a host of one label, and not every host, is that host.
        return next(label for label in _labels(LABEL_LENGTH) if all(label != other.host for other in others))
    if pattern.wildcard == "**":
        return _deep_host_outside(pattern.host, others, budget)
    labels = [_front(other.host, pattern.host) for other in others if not other.wildcard]
    ends = [label_ends(other.wildcard) for other in others if other.wildcard]
    label = _label_outside(label_ends(pattern.wildcard), labels, ends, longest_front(pattern), budget)
    return None if label is None else f"{label}.{pattern.host}"


def _front(host: str, rest: str) -> str:
    """What stands before the dot in front of `rest`, nothing where the host is `rest` itself."""
    return host[: -len(rest) - 1]


def _deep_host_outside(rest: str, others: Sequence[Pattern], budget: Budget) -> str | None:
    """A host under `rest` that none of the others holds; their fixed texts are `rest` or end in it.

    First the hosts of one label more, a question about labels. Deeper ones stand under `label.rest` for some label
    that leaves room for one more. A pattern that holds one of those has `label.rest` in its fixed text, unless it is
    `**` over `rest`, which holds all. So under a label that no fixed text has, every host is outside, and one of the
    first n + 1 labels is such a label where the texts have n. Only where no more than n fit are all of them looked
    into; each has a longer rest, so this ends.
    """
    labels: list[str] = []
    ends: list[tuple[str, str]] = []
    below: defaultdict[str, list[Pattern]] = defaultdict(list)
    for other in others:
        front = _front(other.host, rest)
        if not front and other.wildcard == "**":
            return None
        if not front:
            ends.append(label_ends(other.wildcard))
        elif not other.wildcard and "." not in front:
            labels.append(front)
        else:
            below[front.rpartition(".")[2]].append(other)
    room = HOST_LENGTH - len(rest) - 1
    found = _label_outside(("", ""), labels, ends, min(LABEL_LENGTH, room), budget)
    if found is not None:
        return f"{found}.{rest}"
    for label in _labels(min(LABEL_LENGTH, room - len("x."))):
        if label not in below:
            return f"{FILLER}.{label}.{rest}"
    for label, inner in below.items():
        budget.spend(len(inner))
        found = _deep_host_outside(f"{label}.{rest}", inner, budget)
        if found is not None:
            return found
    return None


def _labels(longest: int) -> Iterator[str]:
    """All labels of at most this length, the shortest first."""
    for length in range(1, longest + 1):
        yield from map("".join, product(PREFERRED_CHARACTERS, repeat=length))


def _label_outside(
    within: tuple[str, str], labels: Iterable[str], ends: Sequence[tuple[str, str]], longest: int, budget: Budget
) -> str | None:
    """The shortest label that `within` (a prefix and a suffix) admits, and that none of `labels` and `ends` does.

    Among labels of one length each of the others is a mask: fixed characters at some positions, `*` at the rest. The
    lengths are tried up to the first that no single label has and at which no front end reaches a rear end. In any
    longer label there is a character between them that all masks leave free; without it, it answers the same.
    """
    by_length: defaultdict[int, list[str]] = defaultdict(list)
    for label in labels:
        by_length[len(label)].append(label)
    fronts, rears = zip(within, *ends, strict=True)
    enough = max(max(map(len, fronts)) + max(map(len, rears)), max(by_length, default=0)) + 1
    for length in range(len(within[0]) + len(within[1]) + 1, min(longest, enough) + 1):
        masks = [*by_length[length], *(_mask(each, length) for each in ends if len(each[0]) + len(each[1]) < length)]
        word = _word_outside(_mask(within, length), masks, "", budget)
        if word is not None:
            return word
    return None


def _mask(ends: tuple[str, str], length: int) -> str:
    return ends[0] + "*" * (length - len(ends[0]) - len(ends[1])) + ends[1]


def _word_outside(within: str, masks: Sequence[str], word: str, budget: Budget) -> str | None:
    """A word that begins with `word`, fits `within`, and fits none of the `masks`, all of which `word` fits so far.

    The next character is one that no mask fixes here, if there is one: then only the masks that are free here remain,
    and these remain after any other character too, so no other character can lead to a word where this one does not.
    Where the masks fix every character, each is tried. A mask without fixed characters ahead fits whatever follows.
    """
    budget.spend(len(masks) + 1)
    here = len(word)
    if any(not mask[here:].strip("*") for mask in masks):
        return None
    if not masks:
        return word + within[here:].replace("*", FILLER)
    fixed: defaultdict[str, list[str]] = defaultdict(list)
    for mask in masks:
        fixed[mask[here]].append(mask)
    if within[here] != "*":
        choices = within[here]
    else:
        choices = next((free for free in PREFERRED_CHARACTERS if free not in fixed), PREFERRED_CHARACTERS)
    for character in choices:
        found = _word_outside(within, fixed["*"] + fixed[character], word + character, budget)
        if found is not None:
            return found
    return None


# --- many patterns ----------------------------------------------------------------------------------------------------


class PatternIndex:
    """A set of patterns in which those near a given one are found without a look at the others.

    Hosts meet only where one fixed text is the other or its parent domain. So patterns are kept by the fixed rest that
    follows their leftmost label (fixed or not), there by that label, and there by their ports. The rest of a host of
    one label is empty, and so is that of a `**` alone. What is found, or has to be looked at to be found, is spent from
    the budget of who asks.
    """

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self._levels: dict[tuple[str, str], _Level] = {}
        for pattern in dict.fromkeys(patterns):
            label, _, rest = (pattern.wildcard, ".", pattern.host) if pattern.wildcard else pattern.host.partition(".")
            level = self._levels.get((pattern.scheme, rest))
            if level is None:
                level = self._levels[pattern.scheme, rest] = _Level()
            level.group(label).add(pattern)

    def containing(self, pattern: Pattern, budget: Budget | None = None) -> Iterator[Pattern]:
        """The patterns that hold every origin of `pattern`, itself too if it is here."""
        budget = budget or Budget()
        for group in self._groups_around(pattern, budget):
            budget.spend()
            yield from group.containing(pattern.low, pattern.high, budget)

    def meeting(self, pattern: Pattern, budget: Budget | None = None) -> Iterator[Pattern]:
        """The patterns that have an origin in common with `pattern`, itself too if it is here."""
        budget = budget or Budget()
        if pattern.is_single:
            yield from self.containing(pattern, budget)
            return
        around = dict.fromkeys(self._groups_around(pattern, budget))
        for group in around:
            budget.spend()
            yield from group.meeting(pattern.low, pattern.high, budget)
        for group in self._groups_across(pattern, budget) if pattern.wildcard else ():
            budget.spend()
            if group not in around and _common_host(pattern, group.patterns[0]) is not None:
                yield from group.meeting(pattern.low, pattern.high, budget)

    def _groups_around(self, pattern: Pattern, budget: Budget) -> Iterator[_Group]:
        """What holds all of the pattern's hosts."""
        parents = _host_and_parents(pattern.host)
        if not pattern.wildcard:
            label, _, rest = next(parents).partition(".")
            level = self._levels.get((pattern.scheme, rest))
            if level is not None:
                yield from level.around(label, label, len(label), budget)
                if label in level.labels:
                    yield level.labels[label]
        elif pattern.wildcard != "**":
            level = self._levels.get((pattern.scheme, pattern.host))
            if level is not None:
                yield from level.around(*label_ends(pattern.wildcard), LABEL_LENGTH, budget)
        for parent in parents:
            level = self._levels.get((pattern.scheme, parent))
            if level is not None and level.deep is not None:
                yield level.deep

    def _groups_across(self, pattern: Pattern, budget: Budget) -> Iterator[_Group]:
        """What may hold some of a wildcard pattern's hosts (with some that hold all)."""
        level = self._levels.get((pattern.scheme, pattern.host))
        if level is not None:
            yield from level.across(*label_ends(pattern.wildcard), budget)
        if pattern.wildcard == "**":
            rests = self._rests.get(pattern.scheme, ())
            for rest in _beginning_with(f"{pattern.host[::-1]}." if pattern.host else "", rests):
                if not rest:
                    continue  # the level of `**` alone, which was looked at
                level = self._levels[pattern.scheme, rest[::-1]]
                yield from level.across("", "", budget)
                if level.deep is not None:
                    yield level.deep

    @cached_property
    def _rests(self) -> Mapping[str, Sequence[str]]:
        """By scheme, the rests read backwards, sorted: those under one domain stand side by side."""
        rests: defaultdict[str, list[str]] = defaultdict(list)
        for scheme, rest in self._levels:
            rests[scheme].append(rest[::-1])
        return {scheme: sorted(backwards) for scheme, backwards in rests.items()}


class _Level:
    """The patterns over one fixed rest: by a whole label, by the two ends of a label, and `**`.

    Ends that stand after the free part are kept backwards. So two ends of one side agree (a label can have both) where
    one text begins with the other, and each side can be asked first.
    """

    def __init__(self) -> None:
        self.labels: dict[str, _Group] = {}
        self.deep: _Group | None = None
        self._by_front: dict[str, dict[str, _Group]] = {}
        self._by_back: dict[str, dict[str, _Group]] = {}
        self._number = count()

    def group(self, label: str) -> _Group:
        """The patterns with this label or wildcard."""
        if label == "**":
            self.deep = self.deep or _Group()
            return self.deep
        if "*" not in label:
            return self.labels.setdefault(label, _Group())
        before, after = label_ends(label)
        backs = self._by_front.setdefault(before, {})
        group = backs.get(after[::-1])
        if group is None:
            group = backs[after[::-1]] = _Group((before, next(self._number)))
            self._by_back.setdefault(after[::-1], {})[before] = group
        return group

    def around(self, before: str, after: str, length: int, budget: Budget) -> Iterator[_Group]:
        """The wildcard labels whose ends lie in these and, together, are shorter than `length`."""
        back = after[::-1]
        for front in _beginnings(before, self._by_front):
            budget.spend()
            backs = self._by_front[front]
            for end in reversed(list(_beginnings(back, backs))):
                if len(front) + len(end) < length:
                    yield backs[end]

    def across(self, before: str, after: str, budget: Budget) -> Iterator[_Group]:
        """The labels, and the wildcard labels, that may meet the one with these ends, sorted by how they begin."""
        back = after[::-1]
        if self._labels_by_front.count_under(before) <= self._labels_by_back.count_under(back):
            labels = [label for label in self._labels_by_front.under(before, budget) if label.endswith(after)]
        else:
            behind = (label[::-1] for label in self._labels_by_back.under(back, budget))
            labels = sorted(label for label in behind if label.startswith(before))
        yield from (self.labels[label] for label in labels)
        found: list[_Group] = []
        if self._fronts.count_under(before) <= self._backs.count_under(back):
            for front in self._fronts.agreeing(before, budget):
                found += self._agreeing(self._by_front, front, back, budget)
        else:
            for end in self._backs.agreeing(back, budget):
                found += self._agreeing(self._by_back, end, before, budget)
        yield from sorted(found, key=_Group.order)

    def _agreeing(
        self, by_end: Mapping[str, Mapping[str, _Group]], end: str, other_end: str, budget: Budget
    ) -> Iterator[_Group]:
        """The wildcard labels with this end, and on their other side one that agrees with `other_end`."""
        groups = by_end[end]
        if len(groups) <= FEW:
            return (group for text, group in groups.items() if text.startswith(other_end) or other_end.startswith(text))
        side = by_end is self._by_front, end
        known = self._other_ends.get(side)
        if known is None:
            known = self._other_ends[side] = _Texts(groups)
        return (groups[text] for text in known.agreeing(other_end, budget))

    @cached_property
    def _labels_by_front(self) -> _Texts:
        return _Texts(self.labels)

    @cached_property
    def _labels_by_back(self) -> _Texts:
        return _Texts({label[::-1]: group for label, group in self.labels.items()})

    @cached_property
    def _fronts(self) -> _Texts:
        return _Texts(self._by_front)

    @cached_property
    def _backs(self) -> _Texts:
        return _Texts(self._by_back)

    @cached_property
    def _other_ends(self) -> dict[tuple[bool, str], _Texts]:
        """The ends on the other side of many wildcard labels that share one: (whether that is the front, the end)."""
        return {}


class _Texts:
    """A set of texts that are found by what they begin with."""

    def __init__(self, texts: Mapping[str, object]) -> None:
        self._texts = texts
        self._sorted = sorted(texts)

    def count_under(self, beginning: str) -> int:
        """How many of the texts begin so."""
        return len(self._span(beginning))

    def under(self, beginning: str, budget: Budget) -> Iterator[str]:
        """The texts that begin so, sorted; each is a step of the budget."""
        for position in self._span(beginning):
            budget.spend()
            yield self._sorted[position]

    def agreeing(self, text: str, budget: Budget) -> Iterator[str]:
        """The texts that begin with this one, and those that it begins with, sorted; each is a step of the budget."""
        for each in _beginnings(text, self._texts):
            if each != text:
                budget.spend()
                yield each
        yield from self.under(text, budget)

    def _span(self, beginning: str) -> range:
        start = bisect_left(self._sorted, beginning)
        return range(start, bisect_left(self._sorted, beginning + AFTER_LABELS, start))


class _Group:
    """The patterns of one set of hosts: by their port, and those of several ports.

    `place` sorts wildcard labels over one rest: by what they begin with, then as they came.
    """

    __slots__ = ("_by_port", "_intervals", "_ranges", "patterns", "place")

    def __init__(self, place: tuple[str, int] = ("", 0)) -> None:
        self.place = place
        self.patterns: list[Pattern] = []
        self._by_port: dict[int, Pattern] = {}
        self._ranges: list[Pattern] = []
        self._intervals: _Intervals | None = None

    def order(self) -> tuple[str, int]:
        """What it is sorted by."""
        return self.place

    def add(self, pattern: Pattern) -> None:
        """Puts a pattern here."""
        self.patterns.append(pattern)
        if pattern.low == pattern.high:
            self._by_port[pattern.low] = pattern
        else:
            self._ranges.append(pattern)

    def containing(self, low: int, high: int, budget: Budget) -> Iterator[Pattern]:
        """The patterns that have all of these ports; each is a step of the budget."""
        if low == high and low in self._by_port:
            yield self._by_port[low]
        yield from self._that_begin_and_end(low, high, budget)

    def meeting(self, low: int, high: int, budget: Budget) -> Iterator[Pattern]:
        """The patterns that have one of these ports; each is a step of the budget."""
        for port in range(low, high + 1) if high - low < len(self._by_port) else self._by_port:
            if low <= port <= high and port in self._by_port:
                budget.spend()
                yield self._by_port[port]
        yield from self._that_begin_and_end(high, low, budget)

    def _that_begin_and_end(self, low_at_most: int, high_at_least: int, budget: Budget) -> Iterator[Pattern]:
        ranges: Iterable[Pattern] = self._ranges
        if len(self._ranges) > FEW:
            self._intervals = self._intervals or _Intervals(self._ranges)
            ranges = self._intervals.that_begin_and_end(low_at_most, high_at_least)
        for each in ranges:
            if each.low <= low_at_most and high_at_least <= each.high:
                budget.spend()
                yield each


class _Intervals:
    """Patterns by their ports: a binary tree over them, sorted by their first port, of which each node knows the last
    port of all below it. The node n has the nodes 2n and 2n + 1 below it.
    """

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._sorted = sorted(enumerate(patterns), key=lambda numbered: numbered[1].low)
        self._lows = [pattern.low for _, pattern in self._sorted]
        self._leaves = 1 << (len(patterns) - 1).bit_length()
        highs = [pattern.high for _, pattern in self._sorted]
        self._highest = [-1] * self._leaves + highs + [-1] * (self._leaves - len(highs))
        for node in range(self._leaves - 1, 0, -1):
            self._highest[node] = max(self._highest[2 * node], self._highest[2 * node + 1])

    def that_begin_and_end(self, low_at_most: int, high_at_least: int) -> Iterable[Pattern]:
        """The patterns that begin and end so, as they came."""
        end = bisect_right(self._lows, low_at_most)
        found = []
        nodes = [(1, 0, self._leaves)]
        while nodes:
            node, start, width = nodes.pop()
            if start >= end or self._highest[node] < high_at_least:
                continue
            if width == 1:
                found.append(self._sorted[start])
            else:
                half = width // 2
                nodes += [(2 * node, start, half), (2 * node + 1, start + half, half)]
        return [pattern for _, pattern in sorted(found, key=itemgetter(0))]


def _beginnings(text: str, texts: Mapping[str, object]) -> Iterator[str]:
    """Those of the texts that `text` begins with, itself too if it is there, from the shortest."""
    if len(texts) <= len(text):
        yield from sorted((each for each in texts if text.startswith(each)), key=len)
    else:
        yield from (text[:end] for end in range(len(text) + 1) if text[:end] in texts)


def _beginning_with(beginning: str, texts: Sequence[str]) -> Iterator[str]:
    """Those of the sorted texts that begin so."""
    for position in range(bisect_left(texts, beginning), len(texts)):
        if not texts[position].startswith(beginning):
            return
        yield texts[position]
