"""Request to decision: the hot path.

Everything is decided when the matcher is built (by the compiler); here it is only looked up. A request's bytes are
compared with constants: an origin that is found in a dictionary is thereby known to be serialised correctly, and of
an origin that a wildcard admits everything but the wildcard's own label is such a constant. Nothing here raises,
whatever the bytes, and nothing of a request but an allowed origin gets into an answer. Standard library only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from corsrules.language.origin_pattern import Pattern, contains, matches
from corsrules.language.path_pattern import has_bad_segment
from corsrules.web.fetch import ALLOW_ORIGIN
from corsrules.web.origin import (
    DEFAULT_PORTS,
    HOST_LENGTH,
    LABEL_CHARACTERS,
    LABEL_LENGTH,
    ORIGIN_LENGTH,
    parse,
    port_number,
)

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
        return (ALLOW_ORIGIN, "*" if self.literal else origin), *(self.preflight if preflight else self.actual)


#: A wildcard pattern: (head, tail, fixed, deep, longest, grant). It admits 1 to `longest` characters between `head`,
#: the scheme and what precedes the `*` in its label, and `tail`, what follows it there: those of one label or, if it is
#: `deep`, of several with a dot between each two. `fixed` is how many characters an origin has beside them. A plain
#: tuple, because it is unpacked faster than a named one.
Wildcard: TypeAlias = tuple[str, str, int, bool, int, Grant]

#: How many lengths of ends are few.
FEW = 4

#: How many values of `Host` are remembered at a path, for requests without `Origin`: most have one of a few.
HOSTS = 16

ARE_IN_LABEL = frozenset(LABEL_CHARACTERS).issuperset
ARE_IN_LABELS = frozenset(LABEL_CHARACTERS + ".").issuperset


class Grants:
    """Who is granted what at one path: the grants of origins, or of origins without their ports.

    `named` has the origins that rules name. `wildcards` has the wildcard patterns by their end, that is the fixed
    labels with the dot before them, for each end the most specific first; `lengths` are the lengths of all ends from
    the longest, None where they are so many that it is faster to look at the ends of what is searched, and `longest`
    is the first of them. `by_port` has the patterns of several ports, the narrowest range first, and `every` is what
    all others get. `admitted` remembers up to `room` origins that a pattern admitted.
    """

    __slots__ = ("admitted", "by_port", "every", "lengths", "longest", "named", "room", "wildcards")

    def __init__(
        self,
        named: Mapping[str, Grant],
        wildcards: Mapping[str, Sequence[Wildcard]],
        by_port: tuple[tuple[int, int, Grants], ...],
        every: Grant | None,
        room: int,
    ) -> None:
        lengths = sorted({len(end) for end in wildcards}, reverse=True)
        self.named = named
        self.wildcards = wildcards
        self.lengths = tuple(lengths) if len(lengths) <= FEW else None
        self.longest = max(lengths, default=0)
        self.by_port = by_port
        self.every = every
        self.admitted: dict[str, Grant] = {}
        self.room = room

    def find(self, text: str) -> Grant | None:
        """The grant for an `Origin` value, whatever its bytes; None where it is denied."""
        return self.named.get(text) or self.admitted.get(text) or self.search(text)

    def search(self, text: str) -> Grant | None:
        """The same for a text that is neither named nor remembered. What is most specific is met first."""
        size = len(text)
        if size > ORIGIN_LENGTH:
            return self.every
        found: Grant | None = None
        for length in self._lengths_in(text) if self.lengths is None else self.lengths:
            wildcards = self.wildcards.get(text[-length:])
            if wildcards is None:
                continue
            for head, tail, fixed, deep, longest, grant in wildcards:
                free = text[:-length].removeprefix(head)
                if tail:
                    free = free.removesuffix(tail)
                if not 0 < len(free) == size - fixed <= longest:
                    continue  # more is left also where the text does not begin and end so
                if not deep:
                    if ARE_IN_LABEL(free):
                        found = grant
                        break
                # Slashes precede what is free and a dot follows it, so an empty label shows in the text.
                elif (
                    ARE_IN_LABELS(free)
                    and ".." not in text
                    and "/." not in text
                    and (size <= LABEL_LENGTH or max(map(len, free.split("."))) <= LABEL_LENGTH)
                ):
                    found = grant
                    break
            if found is not None:
                break
        if found is None and self.by_port:
            found = self._search_by_port(text)
        if found is None:
            return self.every
        # Only what a pattern admits is remembered, so strangers push nobody out, and whoever can mint hosts under an
        # allowed domain costs others no more than a search. Each step is atomic, and threads overshoot `room` by their
        # number at most.
        if len(self.admitted) < self.room:
            self.admitted[text] = found
        elif self.room:
            self.admitted.clear()
        return found

    def _lengths_in(self, text: str) -> list[int]:
        """The lengths of all ends of `text` that begin with a dot and may be those of patterns, from the longest."""
        lengths = []
        dot = text.find(".", -self.longest)
        while dot >= 0:
            lengths.append(len(text) - dot)
            dot = text.find(".", dot + 2)  # two dots side by side stand in no host
        return lengths

    def _search_by_port(self, origin: str) -> Grant | None:
        text, colon, digits = origin.rpartition(":")
        default = DEFAULT_PORTS.get(origin[: origin.find(":")], 0)
        port = port_number(digits) if colon else None
        if port is None:
            # No port, or something that is none: what it is written with then matches no constant.
            text, port = origin, default
        elif port == default:
            return None
        for low, high, grants in self.by_port:
            if low <= port <= high:
                grant = grants.named.get(text) or grants.search(text)
                if grant is not None:
                    return grant
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """The rules of one path: who is granted what there, and what is told to caches.

    `rivals` are the patterns to look at for a rule's name where two rules that say the same overlap. `vary` names what
    its answers vary on (nothing where no rule names an origin), and `vary_headers` says so (it has one header or none).
    `by_host` remembers what was found for the last values of `Host`, where there was no `Origin`.
    """

    grants: Grants
    vary: tuple[str, ...]
    rivals: tuple[tuple[Pattern, Grant], ...]
    vary_headers: tuple[Header, ...]
    by_host: dict[str | None, tuple[Grant | None, str]] = field(default_factory=dict)

    def rule_for(self, origin: str, grant: Grant) -> str:
        """The name of the rule that decided: of several that say the same and are equally specific, the first."""
        parsed = parse(origin) if self.rivals and origin not in self.grants.named else None
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
DENIED = Region(Grants({}, {}, (), None, 0), (), (), vary_headers=())


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
        return self.hosts.get(host) or (f"{self.host_scheme}://{host}" if self.host_scheme else None)


@dataclass(frozen=True, slots=True, eq=False)
class Matcher:
    """The compiled rules of one profile. Immutable; one matcher serves any number of threads and applications.

    `paths_below` has the regions of `/api/*` and the like by their base, of which the longest has `deepest` characters;
    `everywhere` is that of `/*`.
    """

    exact_paths: Mapping[str, Region]
    paths_below: Mapping[str, Region]
    everywhere: Region | None
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
        if origin is None:
            grant, origin = self.grant_without_origin(region, host, fallback)
        else:
            grant = region.grants.find(origin)
        if grant is None:
            return Decision(governed=True, vary=region.vary)
        return Decision(
            governed=True,
            allowed=True,
            rule=region.rule_for(origin, grant),
            headers=MappingProxyType(dict(grant.headers(origin, preflight=preflight))),
            vary=region.vary,
        )

    def region(self, path: str) -> Region | None:
        """The rules that alone decide for `path`: those of the longest path that covers it; None where none does."""
        if not path:
            path = "/"
        if path[0] != "/" or "//" in path or ("/." in path and has_bad_segment(path)):
            return DENIED
        region = self.exact_paths.get(path)
        if region is not None:
            return region
        if self.deepest:
            end = len(path)
            if end > self.deepest:
                end = path.rfind("/", 0, self.deepest + 1)
            while end > 0:
                region = self.paths_below.get(path[:end])
                if region is not None:
                    return region
                end = path.rfind("/", 0, end)
        return self.everywhere

    def grant_without_origin(
        self, region: Region, host: str | None, headers: Mapping[str, str]
    ) -> tuple[Grant | None, str]:
        """The grant for a request in `region` without `Origin`, None where it is denied, and the origin it was found
        for."""
        known = region.by_host.get(host)
        if known is not None and not headers:
            return known
        found = self.fallback.origin(host, headers) if region.vary else None
        if found is None:
            return region.grants.every, ""
        grant = region.grants.find(found)
        if grant is not None and grant.uncredentialed is not None and not self.fallback.credentials:
            grant = grant.uncredentialed
        if not headers and host is not None and len(host) <= HOST_LENGTH:
            if len(region.by_host) >= HOSTS:
                region.by_host.clear()
            region.by_host[host] = grant, found
        return grant, found
