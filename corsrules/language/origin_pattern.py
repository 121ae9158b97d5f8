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

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

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


def crossings(patterns: Sequence[Pattern]) -> Iterator[tuple[int, int]]:
    """The index pairs of patterns that overlap with neither containing the other.

    A pattern of one origin crosses none.
    """
    places: defaultdict[Pattern, list[int]] = defaultdict(list)
    for index, pattern in enumerate(patterns):
        if not pattern.is_single:
            places[pattern].append(index)
    near = PatternIndex(places)
    order = {pattern: number for number, pattern in enumerate(places)}
    for pattern, indices in places.items():
        for other in near.meeting(pattern):
            if order[other] < order[pattern] and not contains(pattern, other) and not contains(other, pattern):
                yield from product(places[other], indices)


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


def witness_outside(pattern: Pattern, others: Iterable[Pattern]) -> str | None:
    """An origin of `pattern` that is in none of the `others`, or None where together they hold all of it.

    Several can hold what none of them holds alone: the 38 labels of one letter and `a*`, `b*`, … are all of `*`.

    Ports: no set of hosts begins or ends inside the stretches between the ports at which an interval of the others
    begins or has just ended, so the first port of each such stretch stands for the stretch, and there the question is
    one about hosts (`_host_outside`). None is answered only after every stretch was found full.
    """
    near = sorted((other for other in others if common_origin(pattern, other) is not None), key=_low)
    ends = {end for other in near for end in (other.low, other.high + 1) if pattern.low < end <= pattern.high}
    there: list[Pattern] = []
    following = 0
    for port in sorted({pattern.low, *ends}):
        while following < len(near) and near[following].low <= port:
            there.append(near[following])
            following += 1
        there = [other for other in there if port <= other.high]
        host = _host_outside(pattern, there)
        if host is not None:
            return serialize(pattern.scheme, host, port)
    return None


def _low(pattern: Pattern) -> int:
    return pattern.low


def _host_outside(pattern: Pattern, others: Sequence[Pattern]) -> str | None:
    """A host of `pattern` that is in none of the others' sets of hosts, each of which meets the pattern's."""
    if not pattern.wildcard:
        return None if others else pattern.host
    if any(_hosts_contain(other, pattern) for other in others):
        return None
    if pattern.is_every_host:
        # What holds a host of one label, and not every host, is that host.
        return next(label for label in _labels(LABEL_LENGTH) if all(label != other.host for other in others))
    if pattern.wildcard == "**":
        return _deep_host_outside(pattern.host, others)
    labels = [_front(other.host, pattern.host) for other in others if not other.wildcard]
    ends = [label_ends(other.wildcard) for other in others if other.wildcard]
    label = _label_outside(label_ends(pattern.wildcard), labels, ends, longest_front(pattern))
    return None if label is None else f"{label}.{pattern.host}"


def _front(host: str, rest: str) -> str:
    """What stands before the dot in front of `rest`, nothing where the host is `rest` itself."""
    return host[: -len(rest) - 1]


def _deep_host_outside(rest: str, others: Sequence[Pattern]) -> str | None:
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
    found = _label_outside(("", ""), labels, ends, min(LABEL_LENGTH, room))
    if found is not None:
        return f"{found}.{rest}"
    for label in _labels(min(LABEL_LENGTH, room - len("x."))):
        if label not in below:
            return f"{FILLER}.{label}.{rest}"
    for label, inner in below.items():
        found = _deep_host_outside(f"{label}.{rest}", inner)
        if found is not None:
            return found
    return None


def _labels(longest: int) -> Iterator[str]:
    """All labels of at most this length, the shortest first."""
    for length in range(1, longest + 1):
        yield from map("".join, product(PREFERRED_CHARACTERS, repeat=length))


def _label_outside(
    within: tuple[str, str], labels: Iterable[str], ends: Iterable[tuple[str, str]], longest: int
) -> str | None:
    """The shortest label that `within` (a prefix and a suffix) admits, and that none of `labels` and `ends` does.

    Among labels of one length each of the others is a mask: fixed characters at some positions, `*` at the rest. The
    lengths are tried up to the first that no single label has and at which no front end reaches a rear end. In any
    longer label there is a character between them that all masks leave free; without it, it answers the same.
    """
    ends = list(ends)
    by_length: defaultdict[int, list[str]] = defaultdict(list)
    for label in labels:
        by_length[len(label)].append(label)
    fronts, rears = zip(within, *ends, strict=True)
    enough = max(max(map(len, fronts)) + max(map(len, rears)), max(by_length, default=0)) + 1
    for length in range(len(within[0]) + len(within[1]) + 1, min(longest, enough) + 1):
        masks = [*by_length[length], *(_mask(each, length) for each in ends if len(each[0]) + len(each[1]) < length)]
        word = _word_outside(_mask(within, length), masks, "")
        if word is not None:
            return word
    return None


def _mask(ends: tuple[str, str], length: int) -> str:
    return ends[0] + "*" * (length - len(ends[0]) - len(ends[1])) + ends[1]


def _word_outside(within: str, masks: Sequence[str], word: str) -> str | None:
    """A word that begins with `word`, fits `within`, and fits none of the `masks`, all of which `word` fits so far.

    The next character is one that no mask fixes here, if there is one: then only the masks that are free here remain,
    and these remain after any other character too, so no other character can lead to a word where this one does not.
    Where the masks fix every character, each is tried. A mask without fixed characters ahead fits whatever follows.
    """
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
        found = _word_outside(within, fixed["*"] + fixed[character], word + character)
        if found is not None:
            return found
    return None


# --- many patterns ----------------------------------------------------------------------------------------------------


class PatternIndex:
    """A set of patterns in which those near a given one are found without a look at the others.

    Hosts meet only where one fixed text is the other or its parent domain. So patterns are kept by the fixed rest that
    follows their leftmost label (fixed or not), and there by that label. The rest of a host of one label is empty, and
    so is that of a `**` alone.
    """

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self._levels: dict[tuple[str, str], _Level] = {}
        for pattern in dict.fromkeys(patterns):
            label, _, rest = (pattern.wildcard, ".", pattern.host) if pattern.wildcard else pattern.host.partition(".")
            level = self._levels.get((pattern.scheme, rest))
            if level is None:
                level = self._levels[pattern.scheme, rest] = _Level()
            level.group(label).add(pattern)

    def containing(self, pattern: Pattern) -> Iterator[Pattern]:
        """The patterns that hold every origin of `pattern`, itself too if it is here."""
        for group in self._groups_around(pattern):
            yield from group.containing(pattern.low, pattern.high)

    def meeting(self, pattern: Pattern) -> list[Pattern]:
        """The patterns that have an origin in common with `pattern`, itself too if it is here."""
        if pattern.is_single:
            return list(self.containing(pattern))
        groups = [*self._groups_around(pattern), *(self._groups_across(pattern) if pattern.wildcard else ())]
        found = dict.fromkeys(other for group in groups for other in group.meeting(pattern.low, pattern.high))
        return [other for other in found if common_origin(pattern, other) is not None]

    def _groups_around(self, pattern: Pattern) -> Iterator[_Group]:
        """What holds all of the pattern's hosts."""
        parents = _host_and_parents(pattern.host)
        if not pattern.wildcard:
            label, _, rest = next(parents).partition(".")
            level = self._levels.get((pattern.scheme, rest))
            if level is not None:
                yield from level.around(label, label, len(label))
                if label in level.labels:
                    yield level.labels[label]
        elif pattern.wildcard != "**":
            level = self._levels.get((pattern.scheme, pattern.host))
            if level is not None:
                yield from level.around(*label_ends(pattern.wildcard), LABEL_LENGTH)
        for parent in parents:
            level = self._levels.get((pattern.scheme, parent))
            if level is not None and level.deep is not None:
                yield level.deep

    def _groups_across(self, pattern: Pattern) -> Iterator[_Group]:
        """What may hold some of a wildcard pattern's hosts (with some that hold all)."""
        level = self._levels.get((pattern.scheme, pattern.host))
        if level is not None:
            yield from level.across(*label_ends(pattern.wildcard))
        if pattern.wildcard == "**":
            rests = self._rests.get(pattern.scheme, ())
            under = f"{pattern.host[::-1]}." if pattern.host else ""
            for position in range(bisect_left(rests, under), len(rests)):
                if not rests[position].startswith(under):
                    break
                level = self._levels[pattern.scheme, rests[position][::-1]]
                yield from level.across("", "")
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
    """The patterns over one fixed rest: by a whole label, by the two ends of a label, and `**`."""

    def __init__(self) -> None:
        self.labels: dict[str, _Group] = {}
        self.ends: dict[str, dict[str, _Group]] = {}
        self.deep: _Group | None = None

    def group(self, label: str) -> _Group:
        """The patterns with this label or wildcard."""
        if label == "**":
            self.deep = self.deep or _Group()
            return self.deep
        if "*" not in label:
            return self.labels.setdefault(label, _Group())
        before, after = label_ends(label)
        return self.ends.setdefault(before, {}).setdefault(after, _Group())

    def around(self, before: str, after: str, length: int) -> Iterator[_Group]:
        """The wildcard labels whose ends lie in these and, together, are shorter than `length`."""
        if not self.ends:
            return
        for end in range(len(before) + 1):
            by_suffix = self.ends.get(before[:end])
            for start in range(len(after) + 1) if by_suffix else ():
                if by_suffix and after[start:] in by_suffix and end + len(after) - start < length:
                    yield by_suffix[after[start:]]

    def across(self, before: str, after: str) -> Iterator[_Group]:
        """The labels, and the wildcard labels, that may meet the one with these ends."""
        for label in _beginning_with(before, self.sorted_labels):
            if label.endswith(after):
                yield self.labels[label]
        shorter = (before[:end] for end in range(len(before)))
        for prefix in (*shorter, *_beginning_with(before, self.sorted_prefixes)):
            yield from self.ends.get(prefix, {}).values()

    @cached_property
    def sorted_labels(self) -> list[str]:
        """The whole labels, sorted."""
        return sorted(self.labels)

    @cached_property
    def sorted_prefixes(self) -> list[str]:
        """What wildcard labels begin with, sorted."""
        return sorted(self.ends)


class _Group:
    """The patterns of one set of hosts: by their port, and those of several ports."""

    __slots__ = ("by_port", "ranges")

    def __init__(self) -> None:
        self.by_port: dict[int, Pattern] = {}
        self.ranges: list[Pattern] = []

    def add(self, pattern: Pattern) -> None:
        """Puts a pattern here."""
        if pattern.low == pattern.high:
            self.by_port[pattern.low] = pattern
        else:
            self.ranges.append(pattern)

    def containing(self, low: int, high: int) -> Iterator[Pattern]:
        """The patterns that have all of these ports."""
        if low == high and low in self.by_port:
            yield self.by_port[low]
        for pattern in self.ranges:
            if pattern.low <= low and high <= pattern.high:
                yield pattern

    def meeting(self, low: int, high: int) -> Iterator[Pattern]:
        """The patterns that have one of these ports."""
        for port in range(low, high + 1) if high - low < len(self.by_port) else self.by_port:
            if low <= port <= high and port in self.by_port:
                yield self.by_port[port]
        for pattern in self.ranges:
            if pattern.low <= high and low <= pattern.high:
                yield pattern


def _beginning_with(prefix: str, texts: Sequence[str]) -> Iterator[str]:
    """Those of the sorted texts that begin with `prefix`."""
    for position in range(bisect_left(texts, prefix), len(texts)):
        if not texts[position].startswith(prefix):
            return
        yield texts[position]
