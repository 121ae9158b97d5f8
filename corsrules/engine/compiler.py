"""Policy to matcher: every choice that does not depend on a request is taken here.

The compiler trusts its input: the policy of a document without errors. It judges nothing and reports nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from corsrules.engine.grants import CompiledPath, FallbackSources, Grant, Grants, Header, Wildcard
from corsrules.engine.matcher import Matcher
from corsrules.language.budget import Budget, OverBudget
from corsrules.language.origin_pattern import Pattern, crossings, label_ends, longest_front
from corsrules.language.path_pattern import wsgi_form
from corsrules.language.policy import Policy, PolicyRule, What
from corsrules.web import fetch
from corsrules.web.origin import serialize

#: How many origins that patterns admitted a matcher remembers, over all its paths; and at each path at least.
REMEMBERED = 4096
REMEMBERED_AT_LEAST = 16


class Granted(NamedTuple):
    """A pattern of several origins, and what they are granted."""

    pattern: Pattern
    grant: Grant


#: What is compiled of the rules that govern a path together, by these rules as objects.
Compiled: TypeAlias = dict[tuple[int, ...], CompiledPath]


def compile_policy(policy: Policy, known: Compiled | None = None) -> Matcher:
    """The matcher of `policy`.

    Paths with the same rules are compiled once; `known` also has those of other policies of the same document, which
    the caller keeps.
    """
    room = max(REMEMBERED_AT_LEAST, REMEMBERED // max(1, len(policy.by_path)))
    fallback = FallbackSources(
        tuple(name.lower() for name in policy.fallback.headers),
        dict(policy.fallback.hosts),
        policy.fallback.host_scheme,
        policy.fallback.credentials,
    )
    known = {} if known is None else known
    exact_paths: dict[str, CompiledPath] = {}
    paths_below: dict[str, CompiledPath] = {}
    for path, rules in policy.by_path.items():
        key = tuple(map(id, rules))
        if key not in known:
            known[key] = _compiled(rules, policy.fallback.headers, fallback, room)
        (paths_below if path.below else exact_paths)[wsgi_form(path.base)] = known[key]
    everywhere = paths_below.pop("", None)
    return Matcher(exact_paths, paths_below, everywhere, max(map(len, paths_below), default=0), fallback)


def _compiled(
    rules: Sequence[PolicyRule], headers: tuple[str, ...], fallback: FallbackSources, room: int
) -> CompiledPath:
    names_origins = any(any(rule.entries()) for rule in rules)
    vary = ("Origin", *headers) if names_origins else ()
    return CompiledPath(_grants_at(rules, room), vary, (("Vary", ", ".join(vary)),) if vary else (), fallback)


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


def _grants_at(rules: Sequence[PolicyRule], room: int) -> Grants:
    """Who is granted what by the rules of one path."""
    grants = {rule.index: _grant(rule) for rule in rules}
    several = [
        Granted(entry.pattern, grants[rule.index])
        for rule in rules
        for origins in rule.lists
        for entry in origins.entries_beside_plain
        if not entry.pattern.is_single
    ]
    several.sort(key=_specificity)
    every = next((grants[rule.index] for rule in rules if rule.allows_every_origin), None)
    found = Grants(*_tables(several), every, rivals=_rivals(several), room=room)
    # Where two rules name one origin they say the same, and the first of the file names it: it is written last.
    for rule in reversed(rules):
        grant = grants[rule.index]
        for origins in rule.lists:
            found.update(dict.fromkeys(origins.plain, grant))
            singles = (entry.pattern for entry in origins.entries_beside_plain if entry.pattern.is_single)
            found.update(dict.fromkeys(map(str, singles), grant))
    return found


def _specificity(granted: Granted) -> tuple[int, bool, int, int]:
    """Sorts patterns so that a set stands before every set over the same fixed text that contains it."""
    pattern, grant = granted
    return pattern.high - pattern.low, pattern.wildcard == "**", -len(pattern.wildcard), grant.index


def _tables(several: Iterable[Granted]) -> tuple[dict[str, list[Wildcard]], tuple[tuple[int, int, Grants], ...]]:
    """The tables of `Grants` for patterns of several origins: those of one port by their end, the others by port.

    A pattern of every host has no end, so it is found by port too.
    """
    one_port: list[tuple[str, Granted]] = []
    more_ports: defaultdict[tuple[int, int], list[Granted]] = defaultdict(list)
    for granted in several:
        pattern = granted.pattern
        if pattern.low == pattern.high and not pattern.is_every_host:
            host = serialize(pattern.scheme, pattern.host, pattern.low).removeprefix(f"{pattern.scheme}://")
            one_port.append((host, granted))
        else:
            more_ports[pattern.low, pattern.high].append(granted)
    by_port = tuple((low, high, _grants_without_ports(group)) for (low, high), group in more_ports.items())
    return _wildcards(one_port), by_port


def _grants_without_ports(several: Sequence[Granted]) -> Grants:
    schemes = {f"{each.pattern.scheme}://": each.grant for each in reversed(several) if each.pattern.is_every_host}
    ends = [(each.pattern.host, each) for each in several if each.pattern.wildcard and not each.pattern.is_every_host]
    found = Grants(_wildcards(ends), schemes=schemes)
    for pattern, grant in several:
        if not pattern.wildcard:
            found.setdefault(f"{pattern.scheme}://{pattern.host}", grant)
    return found


def _wildcards(several: list[tuple[str, Granted]]) -> dict[str, list[Wildcard]]:
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


def _rivals(several: Sequence[Granted]) -> tuple[Granted, ...]:
    """All patterns of several origins, if patterns of two rules cross; else none, for their order then suffices.

    That they cross is taken for granted where too many overlap for a look at all: with rivals the answer is the same.
    """
    if len({grant.index for _, grant in several}) < 2:
        return ()
    try:
        for one, other in crossings([pattern for pattern, _ in several], Budget.for_entries(len(several))):
            if several[one].grant.index != several[other].grant.index:
                return tuple(several)
    except OverBudget:
        return tuple(several)
    return ()
