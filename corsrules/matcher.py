"""Request to decision: the hot path.

Everything is decided when the matcher is built (by the compiler); here it is only looked up. A request's bytes are
compared with constants: an origin that is found in a dictionary is thereby known to be serialised correctly, and of
an origin that a wildcard admits everything but the wildcard's own label is such a constant. Nothing here raises,
whatever the bytes, and nothing of a request but an allowed origin gets into an answer. Standard library only.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from corsrules.fetch import ALLOW_ORIGIN
from corsrules.origin import DEFAULT_PORTS, LABEL_CHARACTERS, LABEL_LENGTH, parse, port_number
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
        return (ALLOW_ORIGIN, "*" if self.literal else origin), *(self.preflight if preflight else self.actual)


#: What a wildcard pattern admits in one label: (head, tail, longest, grant), that is 1 to `longest` characters between
#: `head` (the scheme and what precedes the `*`) and `tail`. A plain tuple: it is unpacked faster than a named one.
OneLabel: TypeAlias = tuple[str, str, int, Grant]

#: The same of a pattern that may reach over several labels: (head, tail, deep, longest, grant). `deep` says whether it
#: does; if not, it stands here because there are dots in its scheme.
Labels: TypeAlias = tuple[str, str, bool, int, Grant]

LABEL = frozenset(LABEL_CHARACTERS)
LABEL_OR_DOT = LABEL | {"."}


class Grants:
    """Who is granted what at one path: the grants of origins, or of origins without their ports.

    `known` has whole origins: those that rules name, and the last that patterns admitted; `recent` are the latter in
    the order of their arrival, at most `room`. `one_label` has the wildcard patterns by what follows their leftmost
    label and its dot, `labels` (with that dot) those that may reach over several labels, each list with the most
    specific first and keys from `shortest` to `longest` characters. `by_port` has the patterns of several ports, the
    narrowest range first, and `every` is what all others get.
    """

    __slots__ = ("by_port", "every", "known", "labels", "longest", "one_label", "recent", "room", "shortest")

    def __init__(
        self,
        known: dict[str, Grant],
        one_label: Mapping[str, tuple[OneLabel, ...]],
        labels: Mapping[str, tuple[Labels, ...]],
        by_port: tuple[tuple[int, int, Grants], ...],
        every: Grant | None,
        room: int,
    ) -> None:
        self.known = known
        self.recent: deque[str] = deque()
        self.room = room
        self.one_label = one_label
        self.labels = labels
        self.shortest = min(map(len, labels), default=0)
        self.longest = max(map(len, labels), default=0)
        self.by_port = by_port
        self.every = every

    def find(self, text: str) -> Grant | None:
        """The grant for an `Origin` value, whatever its bytes; None where it is denied."""
        return self.known.get(text) or self._search(text)

    def _search(self, text: str) -> Grant | None:
        """The same for a text that is not known. What is most specific is met first."""
        found: Grant | None = None
        first, _, rest = text.partition(".")
        for head, tail, longest, grant in self.one_label.get(rest, ()):
            before, _, free = first.partition(head)  # where `head` is missing, all is `before` and `free` is empty
            if tail:
                if not free.endswith(tail):
                    continue
                free = free[: -len(tail)]
            if not before and 0 < len(free) <= longest and LABEL.issuperset(free):
                found = grant
                break
        if found is None and self.labels:
            found = self._search_labels(text)
        if found is None and self.by_port:
            found = self._search_by_port(text)
        if found is None:
            return self.every
        # Only what a pattern admits is remembered, so strangers push nobody out, and whoever can mint hosts under an
        # allowed domain pushes out what is found again at the cost of a search. Each step is atomic, and their order
        # matters: what is in `known` gets into `recent` after it, so that whoever pushes it out finds it in both, and
        # threads overshoot `room` by their number at most.
        if self.room:
            self.known[text] = found
            self.recent.append(text)
            if len(self.recent) > self.room:
                self.known.pop(self.recent.popleft(), None)
        return found

    def _search_labels(self, text: str) -> Grant | None:
        """The grant by a pattern that may reach over several labels; the ends of `text` are tried from the longest."""
        last = len(text) - self.shortest + 1
        dot = text.find(".", -self.longest, last)
        while dot >= 0:
            for head, tail, deep, longest, grant in self.labels.get(text[dot:], ()):
                before, _, free = text[:dot].partition(head)
                if tail:
                    if not free.endswith(tail):
                        continue
                    free = free[: -len(tail)]
                if before or not 0 < len(free) <= longest:
                    continue
                if are_labels(free) if deep else LABEL.issuperset(free):
                    return grant
            dot = text.find(".", dot + 2, last)  # two dots side by side stand in no host
        return None

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
                grant = grants.find(text)
                if grant is not None:
                    return grant
        return None


def are_labels(text: str) -> bool:
    """Whether `text`, which is not empty, is labels with a dot between each two."""
    if not LABEL_OR_DOT.issuperset(text) or ".." in text or text[0] == "." or text[-1] == ".":
        return False
    return len(text) <= LABEL_LENGTH or max(map(len, text.split("."))) <= LABEL_LENGTH


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """The rules of one path: who is granted what there, and what is told to caches.

    `rivals` are the patterns to look at for a rule's name where two rules that say the same overlap, and `named` the
    origins that need no such look, because a rule names them themselves. `vary` names what its answers vary on, and
    `vary_headers` says so (it has one header or none).
    """

    grants: Grants
    vary: tuple[str, ...]
    rivals: tuple[tuple[Pattern, Grant], ...]
    named: frozenset[str]
    names_origins: bool
    vary_headers: tuple[Header, ...]

    def rule_for(self, origin: str, grant: Grant) -> str:
        """The name of the rule that decided: of several that say the same and are equally specific, the first."""
        parsed = parse(origin) if self.rivals and origin not in self.named else None
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
DENIED = Region(Grants({}, {}, {}, (), None, 0), (), (), frozenset(), names_origins=False, vary_headers=())


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
        if not path:
            path = "/"
        if path[0] != "/" or "//" in path or ("/." in path and has_bad_segment(path)):
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
            return region.grants.find(origin), origin
        if not region.names_origins:
            return region.grants.every, ""
        found = self.fallback.origin(host, fallback)
        if found is None:
            return region.grants.every, ""
        grant = region.grants.find(found)
        if grant is not None and grant.uncredentialed is not None and not self.fallback.credentials:
            grant = grant.uncredentialed
        return grant, found
