"""Who is granted what at one path: an origin looked up, and what it is looked up in.

A request's bytes are compared with constants. An origin that is found in the dictionary is thereby known to be
serialised correctly; for a wildcard, everything except what the `*` stands for is compared with constants.
Everything is decided when these are built (`compiler`); here it is only looked up. Nothing raises, whatever the bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from corsrules.language.origin_pattern import Pattern, is_minimal, matches
from corsrules.web.origin import (
    DEFAULT_PORTS,
    HOST_LENGTH,
    LABEL_CHARACTERS,
    LABEL_LENGTH,
    ORIGIN_LENGTH,
    is_host,
    parse,
    port_number,
)

Header: TypeAlias = tuple[str, str]

NOTHING: Mapping[str, str] = MappingProxyType({})


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


class Grants(dict[str, "Grant | None"]):
    """The grants of origins: `grants[text]` is the grant for an `Origin` value, whatever its bytes; None: denied.

    The dictionary has the origins that rules name, and up to `room` origins that a pattern admitted, listed in
    `remembered`. Any other text is searched for.

    `wildcards` has the wildcard patterns by their end (the fixed labels with the dot before them), for each end the
    most specific first. `lengths` are the distinct lengths of the ends, longest first; None if there are more than FEW,
    and then each suffix of the text that starts with a dot, and is not longer than `longest`, is tried. `schemes` has
    the patterns of every host by their scheme (with `://`). `by_port` has the patterns of several ports and those of
    every host, the narrowest range first. `every` is what all other origins get. `rivals` are all patterns of several
    origins where patterns of two rules cross, else none.
    """

    __slots__ = ("by_port", "every", "lengths", "longest", "remembered", "rivals", "room", "schemes", "wildcards")

    def __init__(
        self,
        wildcards: Mapping[str, Sequence[Wildcard]] = MappingProxyType({}),
        by_port: tuple[tuple[int, int, Grants], ...] = (),
        every: Grant | None = None,
        *,
        schemes: Mapping[str, Grant] = MappingProxyType({}),
        rivals: tuple[tuple[Pattern, Grant], ...] = (),
        room: int = 0,
    ) -> None:
        super().__init__()
        lengths = sorted({len(end) for end in wildcards}, reverse=True)
        self.wildcards = wildcards
        self.lengths = tuple(lengths) if len(lengths) <= FEW else None
        self.longest = max(lengths, default=0)
        self.schemes = schemes
        self.by_port = by_port
        self.every = every
        self.rivals = rivals
        self.remembered: dict[str, None] = {}
        self.room = room

    def __missing__(self, text: str) -> Grant | None:
        """The grant for a text that is neither named nor remembered. What is most specific is met first."""
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
                # If `head` or `tail` was absent, nothing was removed there, so `free` is too long.
                if not 0 < len(free) == size - fixed <= longest:
                    continue
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
        if found is None and self.schemes:
            found = self._search_by_scheme(text)
        if found is None and self.by_port:
            found = self._search_by_port(text)
        if found is None:
            return self.every
        self._remember(text, found)
        return found

    def _remember(self, text: str, grant: Grant) -> None:
        """Keeps a hit for the next request, and forgets all that are kept where there is no more room.

        Only hits are kept, so strangers push nobody out, and whoever can mint hosts under an allowed domain costs
        others no more than a search. Each step is atomic, and a text is listed only after it is stored: threads may
        overshoot `room` by their number, and leave nothing behind that is never forgotten.
        """
        if not self.room:
            return
        if len(self.remembered) >= self.room:
            while self.remembered:
                try:
                    self.pop(self.remembered.popitem()[0], None)
                except KeyError:  # another thread took the last
                    break
        self[text] = grant
        self.remembered[text] = None

    def rule_for(self, origin: str, grant: Grant) -> str:
        """The name of the rule that decided for `origin`, for which `grant` was found.

        Of several patterns that are equally specific and give the same, it is the one whose rule is first in the file.
        """
        if not self.rivals or grant.literal or (origin in self and origin not in self.remembered):
            return grant.rule
        parsed = parse(origin)
        if parsed is None:
            return grant.rule
        matching = [(pattern, rival) for pattern, rival in self.rivals if matches(pattern, parsed)]
        patterns = [pattern for pattern, _ in matching]
        minimal = [rival for pattern, rival in matching if is_minimal(pattern, patterns)]
        return min(minimal, key=lambda rival: rival.index).rule

    def searched(self, text: str) -> int:
        """How many patterns are looked at to find the grant of a text that none of them admits."""
        lengths = self._lengths_in(text) if self.lengths is None else self.lengths
        found = sum(len(self.wildcards.get(text[-length:], ())) for length in lengths)
        return found + sum(1 + grants.searched(text) for _, _, grants in self.by_port)

    def _lengths_in(self, text: str) -> list[int]:
        """The lengths of all ends of `text` that begin with a dot and may be those of patterns, from the longest."""
        lengths = []
        dot = text.find(".", -self.longest)
        while dot >= 0:
            lengths.append(len(text) - dot)
            dot = text.find(".", dot + 2)  # two dots side by side stand in no host
        return lengths

    def _search_by_scheme(self, text: str) -> Grant | None:
        scheme, separator, host = text.partition("://")
        grant = self.schemes.get(scheme + separator)
        return grant if grant is not None and is_host(scheme, host) else None

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
                grant = grants[text]
                if grant is not None:
                    return grant
        return None


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
class CompiledPath:
    """The rules of one path: who is granted what there, and what is told to caches.

    `vary` names what its answers vary on (nothing where no rule names an origin), and `vary_headers` says so (it has
    one header or none). `by_host` remembers what was found for the last values of `Host`, where there was no `Origin`.
    """

    grants: Grants
    vary: tuple[str, ...]
    vary_headers: tuple[Header, ...]
    fallback: FallbackSources
    by_host: dict[str, tuple[Grant | None, str]] = field(default_factory=dict)

    def grant_without_origin(self, host: str | None, headers: Mapping[str, str]) -> tuple[Grant | None, str]:
        """The grant for a request without `Origin` (None: denied), and the origin that the fallback found, if any.

        `host` is the value of `Host`; `headers` are those of `fallback.headers` that the request has.
        """
        if host is not None and not headers:
            known = self.by_host.get(host)
            if known is not None:
                return known
        found = self.fallback.origin(host, headers) if self.vary else None
        if found is None:
            return self.grants.every, ""
        grant = self.grants[found]
        if grant is not None and grant.uncredentialed is not None and not self.fallback.credentials:
            grant = grant.uncredentialed
        if not headers and host is not None and len(host) <= HOST_LENGTH:
            if len(self.by_host) >= HOSTS:
                self.by_host.clear()
            self.by_host[host] = grant, found
        return grant, found
