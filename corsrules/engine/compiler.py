"""Policy to matcher: every choice that does not depend on a request is taken here.

The compiler trusts its input: a document without errors. It judges nothing and reports nothing.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from corsrules.engine.matcher import FallbackSources, Grant, Grants, Header, Matcher, Region, Wildcard
from corsrules.language.origin_pattern import Pattern, crossings, label_ends, longest_front
from corsrules.language.origin_pattern import parse as parse_pattern
from corsrules.language.path_pattern import parse as parse_path
from corsrules.language.path_pattern import wsgi_form
from corsrules.language.policy import Policy, PolicyRule, What
from corsrules.web import fetch
from corsrules.web.origin import serialize

#: How many origins that patterns admitted a matcher remembers, over all its paths; and at each path at least.
REMEMBERED = 4096
REMEMBERED_AT_LEAST = 16


class Named(NamedTuple):
    """A pattern and what those it names are granted."""

    pattern: Pattern
    grant: Grant


def compile_policy(policy: Policy) -> Matcher:
    """The matcher of `policy`."""
    exact_paths: defaultdict[str, list[PolicyRule]] = defaultdict(list)
    paths_below: defaultdict[str, list[PolicyRule]] = defaultdict(list)
    for rule in policy.rules:
        for text in dict.fromkeys(rule.rule.paths):
            path = parse_path(text)
            assert path is not None, "the document has no errors"
            (paths_below if path.below else exact_paths)[wsgi_form(path.base)].append(rule)
    grants = {rule.index: _grant(rule) for rule in policy.rules}
    room = max(REMEMBERED_AT_LEAST, REMEMBERED // (len(exact_paths) + len(paths_below)))
    headers = policy.fallback.headers
    regions_below = {base: _region(rules, grants, headers, room) for base, rules in paths_below.items()}
    everywhere = regions_below.pop("", None)
    return Matcher(
        {base: _region(rules, grants, headers, room) for base, rules in exact_paths.items()},
        regions_below,
        everywhere,
        max(map(len, regions_below), default=0),
        FallbackSources(
            tuple(name.lower() for name in headers),
            dict(policy.fallback.hosts),
            policy.fallback.host_scheme,
            policy.fallback.credentials,
        ),
    )


def _grant(rule: PolicyRule) -> Grant:
    what = rule.what
    bare = Grant(
        rule.label,
        rule.index,
        rule.allows_every_origin,
        _present((fetch.EXPOSE_HEADERS, ", ".join(what.response_headers))),
        _preflight_headers(what),
    )
    if not what.credentials:
        return bare
    credentials = ((fetch.ALLOW_CREDENTIALS, "true"),)
    return Grant(
        bare.rule,
        bare.index,
        bare.literal,
        credentials + bare.actual,
        credentials + bare.preflight,
        uncredentialed=bare,
    )


def _preflight_headers(what: What) -> tuple[Header, ...]:
    return _present(
        (fetch.ALLOW_METHODS, ", ".join(what.methods)),
        (fetch.ALLOW_HEADERS, ", ".join(what.request_headers)),
        (fetch.MAX_AGE, "" if what.max_age is None else str(what.max_age)),
    )


def _present(*headers: Header) -> tuple[Header, ...]:
    return tuple(header for header in headers if header[1])


def _region(rules: list[PolicyRule], grants: dict[int, Grant], fallback_headers: tuple[str, ...], room: int) -> Region:
    every = [grants[rule.index] for rule in rules if rule.allows_every_origin]
    exact: dict[str, Grant] = {}
    several: list[Named] = []
    for rule in rules:
        grant = grants[rule.index]
        for origins in rule.lists:
            # Where two rules name one origin they say the same, and the first of the file names it.
            exact = dict.fromkeys(origins.plain, grant) | exact if origins.plain else exact
            for _, text in origins.others:
                pattern = parse_pattern(text)
                assert pattern is not None, "the document has no errors"
                if pattern.is_single:
                    exact.setdefault(str(pattern), grant)
                else:
                    several.append(Named(pattern, grant))
    several.sort(key=_specificity)
    vary = ("Origin", *fallback_headers) if exact or several else ()
    rivals = _rivals(several)
    return Region(
        _grants(exact, several, every[0] if every else None, room),
        vary,
        rivals,
        vary_headers=(("Vary", ", ".join(vary)),) if vary else (),
    )


def _specificity(named: Named) -> tuple[int, bool, int, int]:
    """Sorts patterns so that a set stands before every set over the same fixed text that contains it."""
    pattern, grant = named
    return pattern.high - pattern.low, pattern.wildcard == "**", -len(pattern.wildcard), grant.index


def _grants(exact: dict[str, Grant], several: list[Named], every: Grant | None, room: int) -> Grants:
    one_port: list[tuple[str, Named]] = []
    more_ports: defaultdict[tuple[int, int], list[Named]] = defaultdict(list)
    for named in several:
        pattern = named.pattern
        if pattern.low == pattern.high:
            host = serialize(pattern.scheme, pattern.host, pattern.low).removeprefix(f"{pattern.scheme}://")
            one_port.append((host, named))
        else:
            more_ports[pattern.low, pattern.high].append(named)
    by_port = tuple((low, high, _grants_without_ports(group)) for (low, high), group in more_ports.items())
    return Grants(exact, _wildcards(one_port), by_port, every, room)


def _grants_without_ports(several: list[Named]) -> Grants:
    exact: dict[str, Grant] = {}
    for pattern, grant in several:
        if not pattern.wildcard:
            exact.setdefault(f"{pattern.scheme}://{pattern.host}", grant)
    wild = [(named.pattern.host, named) for named in several if named.pattern.wildcard]
    return Grants(exact, _wildcards(wild), by_port=(), every=None, room=0)


def _wildcards(several: list[tuple[str, Named]]) -> dict[str, list[Wildcard]]:
    """The table of `Grants`, of patterns with the text that follows their leftmost label's dot."""
    wildcards: defaultdict[str, list[Wildcard]] = defaultdict(list)
    for rest, (pattern, grant) in several:
        end = "." + rest
        before, tail = label_ends(pattern.wildcard)
        head = f"{pattern.scheme}://{before}"
        longest = longest_front(pattern) - len(before) - len(tail)
        fixed = len(head) + len(tail) + len(end)
        wildcards[end].append((head, tail, fixed, pattern.wildcard == "**", longest, grant))
    return dict(wildcards)


def _rivals(several: list[Named]) -> tuple[Named, ...]:
    """All patterns of several origins, if patterns of two rules cross; else none, for their order then suffices."""
    if len({grant.index for _, grant in several}) < 2:
        return ()
    for one, other in crossings([pattern for pattern, _ in several]):
        if several[one].grant.index != several[other].grant.index:
            return tuple(several)
    return ()
