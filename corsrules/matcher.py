"""Request to decision: the hot path.

Everything is decided when the matcher is built (by the compiler); here it is only looked up. A request's bytes are
compared with constants: an origin that is found in a dictionary is thereby known to be serialised correctly, and of
an origin that a wildcard admits everything but the wildcard's own label is such a constant. Nothing here raises,
whatever the bytes, and nothing of a request but an allowed origin gets into an answer. Standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from corsrules.fetch import ALLOW_ORIGIN
from corsrules.origin import DEFAULT_PORTS, LABEL_CHARACTERS, is_label, parse, port_number
from corsrules.path import has_bad_segment
from corsrules.pattern import Pattern, contains, matches

Header: TypeAlias = tuple[str, str]

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Decision:
    """What is answered to a request.

    `governed`: whether a rule's path covers the request; if not, nothing is added or removed. `allowed`: whether the
    origin may read the answer. `rule`: the name of the rule that decided (`rules[2]` where it has none), None where
    none did. `headers`: the `Access-Control-*` headers of the answer; no others belong there. `vary`: the names to
    merge into `Vary`.
    """

    governed: bool
    allowed: bool = False
    rule: str | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    vary: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Grant:
    """What one rule gives: the headers of its answers after `Access-Control-Allow-Origin`.

    `literal` is true of a rule for every origin, which answers `*`. `uncredentialed` is the same grant without
    credentials, None where it gives none anyway. `index` is the rule's place in the file.
    """

    rule: str
    index: int
    literal: bool
    actual: tuple[Header, ...]
    preflight: tuple[Header, ...]
    uncredentialed: Grant | None = None

    def headers(self, origin: str, *, preflight: bool) -> tuple[Header, ...]:
        """All `Access-Control-*` headers of the answer to `origin`, one that this grant was found for."""
        return ((ALLOW_ORIGIN, "*" if self.literal else origin), *(self.preflight if preflight else self.actual))


class Wild(NamedTuple):
    """A wildcard pattern, kept under the fixed text that follows its leftmost label.

    It admits a text that begins with `head` (the scheme and what precedes the `*`) and has `tail` right before the
    fixed rest, with 1 to `longest` characters of one label (of labels, if `deep`) between the two, where the effective
    port lies in `low` to `high`.
    """

    head: str
    tail: str
    deep: bool
    longest: int
    low: int
    high: int
    grant: Grant


class Wildcards:
    """Wildcard patterns by what follows their leftmost label, each list with the most specific first."""

    __slots__ = ("by_rest", "longest")

    def __init__(self, by_rest: Mapping[str, tuple[Wild, ...]]) -> None:
        self.by_rest = by_rest
        self.longest = max(map(len, by_rest), default=0)

    def find(self, text: str, port: int) -> Grant | None:
        """The grant of the most specific pattern that admits `text` at `port`.

        The rests of `text` are tried from the longest that any pattern has, so the most specific is met first.
        """
        dot = text.find(".", max(0, len(text) - self.longest))
        while dot >= 0:
            for head, tail, deep, longest, low, high, grant in self.by_rest.get(text[dot:], ()):
                if low <= port <= high and text.startswith(head) and text.endswith(tail, 0, dot):
                    front = text[len(head) : dot - len(tail)]
                    if 0 < len(front) <= longest and (
                        not front.strip(LABEL_CHARACTERS) or (deep and all(map(is_label, front.split("."))))
                    ):
                        return grant
            dot = text.find(".", dot + 1)
        return None


class PortRange(NamedTuple):
    """The effective ports of one exact host that a grant is for."""

    low: int
    high: int
    grant: Grant


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """The rules of one path: who is granted what there.

    `exact` has whole origins; `fixed` wildcard patterns of one port (their rests include it); `hosts` and `ranged` the
    patterns of several ports, by `scheme://host` and by rest, both without a port. `every` is the `"*"` rule.
    `rivals` are the patterns to look at for a rule's name where two rules that say the same overlap.
    """

    exact: Mapping[str, Grant]
    fixed: Wildcards | None
    hosts: Mapping[str, tuple[PortRange, ...]]
    ranged: Wildcards | None
    every: Grant | None
    vary: tuple[str, ...]
    rivals: tuple[tuple[Pattern, Grant], ...]
    names_origins: bool

    def find(self, origin: str) -> Grant | None:
        """The grant for an `Origin` value, whatever its bytes; None where it is denied."""
        grant = self.exact.get(origin)
        if grant is None and self.fixed is not None:
            grant = self.fixed.find(origin, 0)
        if grant is None and (self.hosts or self.ranged is not None):
            grant = self._find_by_port(origin)
        return self.every if grant is None else grant

    def _find_by_port(self, origin: str) -> Grant | None:
        text, colon, digits = origin.rpartition(":")
        default = DEFAULT_PORTS.get(origin[: origin.find(":")], 0)
        port = port_number(digits) if colon else None
        if port is None:
            # No port, or something that is none: what it is written with then matches no constant.
            text, port = origin, default
        elif port == default:
            return None
        for low, high, grant in self.hosts.get(text, ()):
            if low <= port <= high:
                return grant
        return None if self.ranged is None else self.ranged.find(text, port)

    def rule_for(self, origin: str, grant: Grant) -> str:
        """The name of the rule that decided: of several that say the same and are equally specific, the first."""
        parsed = parse(origin) if self.rivals and origin not in self.exact else None
        if parsed is None or grant.literal:
            return grant.rule
        matching = [(pattern, rival) for pattern, rival in self.rivals if matches(pattern, parsed)]
        minimal = [
            rival
            for pattern, rival in matching
            if not any(contains(pattern, other) and not contains(other, pattern) for other, _ in matching)
        ]
        return min(minimal, key=lambda rival: rival.index).rule


#: Stands for every path that no rule can be applied to: whatever comes from there is denied.
DENIED = Region({}, None, {}, None, None, (), (), names_origins=False)


@dataclass(frozen=True, slots=True, eq=False)
class FallbackSources:
    """Where an origin is taken from when `Origin` is absent, in this order."""

    headers: tuple[str, ...] = ()
    hosts: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    host_scheme: str | None = None
    credentials: bool = False

    def origin(self, host: str | None, headers: Mapping[str, str]) -> str | None:
        """What the first source that is present says, unjudged; None where none is."""
        for name in self.headers:
            value = headers.get(name)
            if value:
                return value
        if host is None:
            return None
        mapped = self.hosts.get(host)
        if mapped is not None:
            return mapped
        return None if self.host_scheme is None else f"{self.host_scheme}://{host}"


@dataclass(frozen=True, slots=True, eq=False)
class Matcher:
    """The compiled rules of one profile. Immutable; one matcher serves any number of threads and applications."""

    exact_paths: Mapping[str, Region]
    paths_below: Mapping[str, Region]
    deepest: int
    fallback: FallbackSources

    def decide(
        self,
        path: str,
        origin: str | None = None,
        *,
        preflight: bool = False,
        host: str | None = None,
        fallback: Mapping[str, str] = NOTHING,
    ) -> Decision:
        """What is answered to a request; never raises.

        `path` is WSGI's `PATH_INFO` (decoded once, without `SCRIPT_NAME`, UTF-8 bytes read as latin-1). `origin` is
        the raw value of `Origin`, None if the request has none. `preflight`: the request is OPTIONS and has
        `Access-Control-Request-Method`. `host` is the raw `Host`, and `fallback` holds the values of the
        `fallback.headers` of the file by their lower-case names; both are read only where `origin` is None.
        """
        region = self.region(path)
        if region is None:
            return Decision(governed=False)
        grant, found = self.grant(region, origin, host, fallback)
        if grant is None:
            return Decision(governed=True, vary=region.vary)
        return Decision(
            governed=True,
            allowed=True,
            rule=region.rule_for(found, grant),
            headers=MappingProxyType(dict(grant.headers(found, preflight=preflight))),
            vary=region.vary,
        )

    def region(self, path: str) -> Region | None:
        """The rules that alone decide for `path`: those of the longest path that covers it; None where none does."""
        if path[:1] != "/":
            if path:
                return DENIED
            path = "/"
        if has_bad_segment(path):
            return DENIED
        region = self.exact_paths.get(path)
        if region is not None:
            return region
        end = len(path)
        if end > self.deepest:
            end = path.rfind("/", 0, self.deepest + 1)
        while end >= 0:
            region = self.paths_below.get(path[:end])
            if region is not None:
                return region
            end = path.rfind("/", 0, end)
        return None

    def grant(
        self, region: Region, origin: str | None, host: str | None, fallback: Mapping[str, str]
    ) -> tuple[Grant | None, str]:
        """The grant for a request in `region`, None where it is denied, and the origin it was found for."""
        if origin is not None:
            return region.find(origin), origin
        if not region.names_origins:
            return region.every, ""
        found = self.fallback.origin(host, fallback)
        if found is None:
            return region.every, ""
        grant = region.find(found)
        if grant is not None and grant.uncredentialed is not None and not self.fallback.credentials:
            grant = grant.uncredentialed
        return grant, found
