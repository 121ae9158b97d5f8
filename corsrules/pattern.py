"""The pattern grammar, and the set of origins that a pattern stands for.

A pattern is a product of three independent sets: one scheme, a set of hosts, an interval of effective ports. The
grammar (text to pattern) and the algebra (contains, overlaps, a witness) live here; what a nearly right pattern was
meant to say, and whether a pattern is wise, do not.

    *     one more label                  a.example.com
    **    one or more labels              a.example.com, b.a.example.com
    pr-*  one or more of [a-z0-9_-] inside the leftmost label

Ports are *effective* ports (see `Origin.effective_port`): 443 for `https://a.example`, 0 where a scheme has no
default port and none is written. `:*` is the whole interval, so it holds the default port too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corsrules.origin import (
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


@dataclass(frozen=True, slots=True)
class Pattern:
    """A set of origins.

    `wildcard` is `""` (the host is exactly `host`), `"*"`, `"**"`, or a leftmost label with one `*` in it; with a
    wildcard, `host` is what follows its dot. `low` and `high` are the first and last effective port, both included.
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

    def __str__(self) -> str:
        host = f"{self.wildcard}.{self.host}" if self.wildcard else self.host
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
    `https://pr-*.example.com`, `http://localhost:*`, `http://localhost:3000-3999`, `capacitor://localhost`.
    Prohibited: `app.example.com`, `https://example.com/`, `https://a.*.example.com`, `https://*`, `https://*.2.3.4`,
    `https://example.com:443`, `file://`, `null`. (`*`, every origin, is a word of the file and no pattern.)
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
# where one rest ends in the other and the shorter one's wildcard is `**`.


def longest_front(pattern: Pattern) -> int:
    """How many characters may stand before the dot in front of the fixed rest (a host has 253 at most)."""
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
    if one.host != other.host:
        outer, inner = (one, other) if len(one.host) < len(other.host) else (other, one)
        return _example_host(inner) if _hosts_contain(outer, inner) else None
    label = _common_label(label_ends(one.wildcard), label_ends(other.wildcard), min(LABEL_LENGTH, longest_front(one)))
    return None if label is None else f"{label}.{one.host}"


def _common_label(one: tuple[str, str], other: tuple[str, str], longest: int) -> str | None:
    """The shortest label that both (prefix, suffix) pairs admit: `ab*` and `*bc` meet at `abc`.

    A common label starts with the longer prefix and ends with the longer suffix, each of which must agree with the
    shorter one. From the sum of the two lengths on (plus the one free character) every length works, so only the
    lengths up to there need to be tried.
    """
    prefix = max(one[0], other[0], key=len)
    suffix = max(one[1], other[1], key=len)
    if not all(prefix.startswith(before) and suffix.endswith(after) for before, after in (one, other)):
        return None
    shortest = max(len(one[0]) + len(one[1]), len(other[0]) + len(other[1])) + 1
    for length in range(shortest, min(longest, max(shortest, len(prefix) + len(suffix))) + 1):
        shared = len(prefix) + len(suffix) - length
        if shared <= 0:
            return prefix + FILLER * -shared + suffix
        if prefix.endswith(suffix[:shared]):
            return prefix + suffix[shared:]
    return None


def _example_host(pattern: Pattern) -> str:
    if not pattern.wildcard:
        return pattern.host
    prefix, suffix = label_ends(pattern.wildcard)
    return f"{prefix}{FILLER}{suffix}.{pattern.host}"


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


def crossings(patterns: Sequence[Pattern]) -> Iterator[tuple[int, int]]:
    """The index pairs of patterns that overlap with neither containing the other.

    Hosts overlap only where one fixed text is the other or its parent domain, so each pattern is compared with those
    kept under its own host and that host's parents.
    """
    by_host: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for index, pattern in enumerate(patterns):
        by_host[pattern.scheme, pattern.host].append(index)
    for index, pattern in enumerate(patterns):
        for parent in _host_and_parents(pattern.host):
            for other in by_host.get((pattern.scheme, parent), ()):
                if (parent != pattern.host or other < index) and _cross(pattern, patterns[other]):
                    yield other, index


def _host_and_parents(host: str) -> Iterator[str]:
    yield host
    dot = host.find(".")
    while dot >= 0:
        yield host[dot + 1 :]
        dot = host.find(".", dot + 1)


def _cross(one: Pattern, other: Pattern) -> bool:
    return not contains(one, other) and not contains(other, one) and common_origin(one, other) is not None
