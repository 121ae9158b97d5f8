"""Policy to matcher: every choice that does not depend on a request is taken here.

The compiler trusts its input: a document without errors. It judges nothing and reports nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from corsrules import fetch
from corsrules.matcher import FallbackSources, Grant, Header, Matcher, PortRange, Region, Wild, Wildcards
from corsrules.origin import serialize
from corsrules.path import parse as parse_path
from corsrules.path import wsgi_form
from corsrules.pattern import Pattern, crossings, label_ends, longest_front
from corsrules.pattern import parse as parse_pattern
from corsrules.policy import Policy, PolicyRule, What


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
            if path is not None:
                (paths_below if path.below else exact_paths)[wsgi_form(path.base)].append(rule)
    grants = {rule.index: _grant(rule) for rule in policy.rules}
    headers = policy.fallback.headers
    return Matcher(
        {base: _region(rules, grants, headers) for base, rules in exact_paths.items()},
        {base: _region(rules, grants, headers) for base, rules in paths_below.items()},
        max(map(len, paths_below), default=-1),
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


def _region(rules: list[PolicyRule], grants: dict[int, Grant], fallback_headers: tuple[str, ...]) -> Region:
    every = [grants[rule.index] for rule in rules if rule.allows_every_origin]
    exact: dict[str, Grant] = {}
    several: list[Named] = []
    for rule in rules:
        grant = grants[rule.index]
        for _, text in rule.places():
            pattern = parse_pattern(text)
            if pattern is None:
                continue
            if pattern.is_single:
                exact.setdefault(str(pattern), grant)
            else:
                several.append(Named(pattern, grant))
    one_port = [named for named in several if named.pattern.low == named.pattern.high]
    more_ports = [named for named in several if named.pattern.low != named.pattern.high]
    names_origins = bool(exact or several)
    return Region(
        exact=exact,
        fixed=_wildcards(one_port, with_port=True),
        hosts=_hosts(more_ports),
        ranged=_wildcards(more_ports, with_port=False),
        every=every[0] if every else None,
        vary=("Origin", *fallback_headers) if names_origins else (),
        rivals=_rivals(several),
        names_origins=names_origins,
    )


def _wildcards(named: Iterable[Named], *, with_port: bool) -> Wildcards | None:
    by_rest: defaultdict[str, list[Wild]] = defaultdict(list)
    for pattern, grant in sorted(named, key=_specificity):
        if not pattern.wildcard:
            continue
        deep = pattern.wildcard == "**"
        before, after = label_ends(pattern.wildcard)
        longest = longest_front(pattern) - len(before) - len(after)
        front = f"{pattern.scheme}://"
        host = serialize(pattern.scheme, pattern.host, pattern.low).removeprefix(front) if with_port else pattern.host
        low, high = (0, 0) if with_port else (pattern.low, pattern.high)
        by_rest["." + host].append(Wild(front + before, after, deep, longest, low, high, grant))
    return Wildcards({rest: tuple(wilds) for rest, wilds in by_rest.items()}) if by_rest else None


def _hosts(named: Iterable[Named]) -> dict[str, tuple[PortRange, ...]]:
    hosts: defaultdict[str, list[PortRange]] = defaultdict(list)
    for pattern, grant in sorted(named, key=_specificity):
        if not pattern.wildcard:
            hosts[f"{pattern.scheme}://{pattern.host}"].append(PortRange(pattern.low, pattern.high, grant))
    return {host: tuple(ranges) for host, ranges in hosts.items()}


def _specificity(named: Named) -> tuple[bool, int, int, int]:
    """Sorts patterns over one fixed rest so that a set stands before every set that contains it."""
    pattern, grant = named
    return pattern.wildcard == "**", -len(pattern.wildcard), pattern.high - pattern.low, grant.index


def _rivals(several: list[Named]) -> tuple[Named, ...]:
    """All patterns of several origins, if patterns of two rules cross; else none, for their order then suffices."""
    for one, other in crossings([pattern for pattern, _ in several]):
        if several[one].grant.index != several[other].grant.index:
            return tuple(several)
    return ()
