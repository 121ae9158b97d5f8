"""What keeps a page from what it wants, each in one sentence that names what differs and what to do.

Most of these are found by asking again: one thing about the request (its credentials, its method, one header, its
path), the profile or the rules is changed, and where the browser then lets the page read the answer, that thing was
it. Only how far an origin lies from a pattern, and a path from an entry, is judged by the text.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from corsrules.analysis.explain import (
    Explanation,
    OriginReading,
    Question,
    RuleReading,
    differences,
    explain,
    read_paths,
)
from corsrules.engine.compiler import compile_policy
from corsrules.engine.exchange import Dropped, exchange
from corsrules.findings import KeyPath
from corsrules.findings.wording import did_you_mean, listed
from corsrules.language import origin_pattern, path_pattern
from corsrules.language.origin_pattern import Pattern
from corsrules.language.path_pattern import PathPattern
from corsrules.language.policy import PolicyRule
from corsrules.language.spelling import one_edit, path_mistake, pattern_mistake, repaired, repaired_path
from corsrules.web import browser, fetch, origin
from corsrules.web.browser import PageRequest
from corsrules.web.origin import ORIGIN_LENGTH, Origin


class Miss(NamedTuple):
    """One thing that is in the way: a stable word for it, the sentence, and where in the file it can be mended."""

    kind: str
    message: str
    place: KeyPath | None = None


class Near(NamedTuple):
    """How the page's host lies to that of a pattern."""

    kind: str
    difference: str
    advice: str


def find(explanation: Explanation) -> tuple[Miss, ...]:
    """Everything that is in the way, the gravest first."""
    question = explanation.question
    page = question.page
    simple = PageRequest(page.origin, "GET", (), page.credentials)
    if not question.ask(simple._replace(credentials=False)).verdict.readable:
        return tuple(_origin_misses(explanation, simple))
    credentials = tuple(_credentials_misses(explanation, simple))
    judged = simple._replace(credentials=False) if page.credentials and credentials else simple
    return (
        *credentials,
        *_method_misses(explanation, judged),
        *_header_misses(explanation, judged),
        *_shorter_path(question, page),
        *_exposure_misses(explanation),
        *_unsent_credentials(explanation),
    )


# --- who --------------------------------------------------------------------------------------------------------------


def _origin_misses(explanation: Explanation, simple: PageRequest) -> Iterator[Miss]:
    question = explanation.question
    if question.dropped is not None:
        yield from _dropped(explanation, question.dropped, simple)
        return
    parsed = origin.parse(simple.origin)
    if parsed is None:
        yield _not_an_origin(question, simple)
    requested = question.path or "/"
    if not requested.startswith("/") or path_pattern.has_bad_segment(requested):
        yield _bad_segment(requested)
        return
    if parsed is None:
        return
    found = [
        *_path_misses(explanation, simple),
        *_other_profiles(question, simple),
        *_near_origins(explanation.rules, parsed),
        *_shorter_path(question, simple),
    ]
    yield from found or [_nobody_near(explanation, parsed)]


def _dropped(explanation: Explanation, dropped: Dropped, simple: PageRequest) -> Iterator[Miss]:
    if explanation.arrived != simple.origin:
        yield from _unread_headers(explanation.question, dropped)
        yield Miss("dropped-origin", f"`Origin` was dropped, and {_arrived(explanation, dropped, simple.origin)}")
    question = replace(explanation.question, dropped=None)
    if not question.ask(simple).verdict.readable:
        yield from find(explain(question))


def _unread_headers(question: Question, dropped: Dropped) -> Iterator[Miss]:
    known = question.matcher.fallback.headers
    for name in dropped.headers:
        if name not in known:
            message = f"`{name}` is not among `fallback.headers`, so nothing is read from it"
            message = f"{message}: {did_you_mean(name, known) or 'name it there'}"
            yield Miss("fallback-header", message, ("fallback", "headers") if known else None)


def _arrived(explanation: Explanation, dropped: Dropped, page: str) -> str:
    """What the server makes of the request, and what the gateway should do."""
    named = explanation.question.matcher.fallback.headers
    filled = next((name for name in named if dropped.headers.get(name)), None)
    if filled is not None:
        return (
            f"`{filled}` has `{explanation.arrived}`, where the page is {page}: let the gateway copy `Origin` into it"
        )
    header = f"`{named[0]}`" if named else "a header that `fallback.headers` names"
    repair = f"let the gateway forward `Origin`, or fill {header}"
    if dropped.host is None:
        return f"the request has nothing instead: {repair}"
    found = f"`{explanation.arrived}`" if explanation.arrived is not None else "no origin"
    return f"the Host `{dropped.host}` stands for {found}, not for the page: {repair}"


def _not_an_origin(question: Question, simple: PageRequest) -> Miss:
    text = simple.origin
    if len(text) > ORIGIN_LENGTH:
        message = f"the origin is {len(text)} characters long, and none is longer than {ORIGIN_LENGTH}: name the page's"
        return Miss("not-an-origin", message)
    meant = origin_pattern.parse(text)
    if meant is not None:
        example = origin_pattern.example_origin(meant)
        return Miss(
            "not-an-origin", f"`{text}` is a pattern, and a page has one origin: ask about one, as in {example}"
        )
    mistake = pattern_mistake(text)
    spelling = repaired(text)
    if mistake.code == "CR018" or spelling is None or origin.parse(spelling) is None:
        return Miss("not-an-origin", "; ".join(filter(None, (mistake.message, mistake.advice))))
    fate = "allowed" if question.ask(simple._replace(origin=spelling)).verdict.readable else "denied too"
    message = f"{mistake.message}: no browser sends it so; ask about {spelling}, which is {fate}"
    return Miss("not-an-origin", message)


def _other_profiles(question: Question, simple: PageRequest) -> Iterator[Miss]:
    others = [name for name in question.document.profiles if name != question.profile]
    allowing = [name for name in others if replace(question, profile=name).ask(simple).verdict.readable]
    if allowing:
        verb = "allows" if len(allowing) == 1 else "allow"
        yield Miss(
            "profile",
            f"{listed(allowing)} {verb} {simple.origin}, and the profile is `{question.profile}`: choose the profile "
            f"that is meant, or name the origin in `{question.profile}` too",
            ("profiles", str(question.profile)),
        )


def _near_origins(rules: Iterable[RuleReading], asked: Origin) -> Iterator[Miss]:
    """The nearest pattern, if one is near: it differs in the fewest of scheme, host and port, and is the first such."""
    near = [miss for rule in rules for reading in rule.origins if (miss := _near(rule.rule, reading, asked))]
    yield from (miss for _, miss in sorted(near, key=lambda each: each[0])[:1])


def _near(rule: PolicyRule, reading: OriginReading, asked: Origin) -> tuple[int, Miss] | None:
    expected = reading.pattern
    assert expected is not None, '"*" would let the page read the answer'
    differing = differences(expected, asked)
    page = f"the page is {asked}, and `{rule.label}` names {expected}"
    if "host" not in differing:
        what = " and ".join(f"the {part}" for part in differing) + (" differs" if len(differing) == 1 else " differ")
        served = {"scheme": f"over {expected.scheme}", "port": _ports(expected)}
        advice = f"serve the page {' and '.join(served[part] for part in differing)}, or {_name(asked)}"
        return len(differing), Miss(differing[0], f"{page}: only {what}; {advice}", reading.place)
    near = near_host(expected, asked)
    if near is None or len(differing) > 2:
        return None
    also = "".join(f", and the {part} differs" for part in differing if part != "host")
    rank = len(differing) + (2 if near.kind == "typo" else 1)  # `apps` for `app` is more likely meant
    return rank, Miss(near.kind, f"{page}: {near.difference}{also}; {near.advice}", reading.place)


def _ports(expected: Pattern) -> str:
    if expected.low == expected.high:
        return f"from port {expected.low}" if expected.low else "without a port"
    return f"from a port from {expected.low} to {expected.high}"


def near_host(expected: Pattern, asked: Origin) -> Near | None:
    """How the host of `asked` lies to the hosts of `expected`, which it is not one of; None where it is far away."""
    wildcard, fixed, host = expected.wildcard, expected.host, asked.host
    if expected.is_every_host:
        return None
    if wildcard and host == fixed:
        return Near("apex", f"`{wildcard}.` stands for names below `{fixed}`, never for itself", _name(asked))
    if not wildcard and fixed.endswith("." + host):
        return Near("apex", f"`{host}` is above `{fixed}`, and a name does not stand for what is above", _name(asked))
    if host.endswith("." + fixed):
        return _below(expected, asked, host[: -len(fixed) - 1])
    labels = fixed.count(".") + 1
    parts = host.split(".")
    end = host if not wildcard else ".".join(parts[-labels:])
    if one_edit(end, fixed) and (not wildcard or len(parts) > labels):
        return Near("typo", f"`{end}` and `{fixed}` differ in one place", "write the one that is meant")
    return None


def _below(expected: Pattern, asked: Origin, front: str) -> Near:
    if not expected.wildcard:
        difference = f"`{asked.host}` is below `{expected.host}`, and a name stands for itself alone"
        return Near("subdomain", difference, f"{_name(asked)}, or write `*.{expected.host}` for one more label")
    if "." in front:
        difference = f"`*` stands for one label, and `{front}` is {front.count('.') + 1}"
        return Near("labels", difference, f"{_name(asked)}, or write `**.{expected.host}` for one or more")
    return Near("label", f"`{front}` is not `{expected.wildcard}`, where `*` is at least one character", _name(asked))


def _name(asked: Origin) -> str:
    return f"name {asked} too"


def _nobody_near(explanation: Explanation, asked: Origin) -> Miss:
    question = explanation.question
    governing = explanation.governing
    elsewhere = [rule for rule in question.policy.rules if _names(rule, asked)]
    if elsewhere:
        paths = listed(entry.text for entry in elsewhere[0].paths)
        message = f"`{elsewhere[0].label}` names {asked}, but for {paths} only, and `{governing}` decides here"
        return Miss("other-path", f"{message}: name it for `{governing}` too", explanation.rules[0].rule.where)
    if not any(reading.origins for reading in explanation.rules):
        message = f"`{governing}` decides alone and names nobody: name {asked} there if the page is to read it"
        return Miss("nobody", message, explanation.rules[0].rule.where)
    message = f"no rule for `{governing}` names {asked} or anything near: add it to a rule's `origins` if it is yours"
    return Miss("stranger", message, explanation.rules[0].rule.where)


def _names(rule: PolicyRule, asked: Origin) -> bool:
    parsed = (entry.pattern for entry in rule.entries())
    return any(each is not None and origin_pattern.matches(each, asked) for each in parsed)


# --- where ------------------------------------------------------------------------------------------------------------


def _bad_segment(requested: str) -> Miss:
    if not requested.startswith("/"):
        return Miss("path-segment", path_mistake(requested)[0])
    spelling = repaired_path(requested)
    advice = f"ask for `{spelling}`" if spelling else "ask for the path without it"
    message = f"`{requested}` has an empty, `.` or `..` segment, which is always denied: {advice}"
    return Miss("path-segment", message)


def _path_misses(explanation: Explanation, simple: PageRequest) -> Iterator[Miss]:
    question, requested = explanation.question, explanation.question.path or "/"
    changed = {
        "path-slash": (requested.removesuffix("/") or "/") if requested.endswith("/") else requested + "/",
        "path-case": requested.lower(),
    }
    for kind, other in changed.items():
        if other != requested and replace(question, path=other).ask(simple).verdict.readable:
            what = "a slash at the end makes another path" if kind == "path-slash" else "paths are case-sensitive"
            yield Miss(
                kind, f"{what}: `{requested}` is denied, and `{other}` is allowed; ask for that, or add the path"
            )
            return
    if explanation.governing is None:
        yield _ungoverned(explanation, requested)


def _ungoverned(explanation: Explanation, requested: str) -> Miss:
    message = f"no rule covers `{requested}`, so what the application sets itself decides"
    for reading in explanation.paths:
        base = reading.pattern.base
        if not reading.pattern.below and requested.startswith(base + "/"):
            advice = f'`{base}` is that path alone; write "{base}/*" for what is below too'
            return Miss("path-below", f"{message}: {advice}", reading.place)
        same_length = "/".join(requested.split("/")[: base.count("/") + 1])
        if one_edit(same_length, base):
            advice = f"`{same_length}` and `{base}` differ in one place; write the one that is meant"
            return Miss("path-typo", f"{message}: {advice}", reading.place)
    mounted = _mounted(explanation.question, requested)
    if mounted is not None:
        front = requested.removesuffix(mounted)
        advice = f"if the application is mounted at `{front}`, its path is `{mounted}`; else add the path to a rule"
        return Miss("path-prefix", f"{message}: {advice}")
    return Miss("path", f'{message}: add it to the `paths` of a rule, with "/*" for what is below')


def _mounted(question: Question, requested: str) -> str | None:
    """What follows the first segments of the path, if a rule covers that."""
    rest = requested
    while rest.count("/") > 1:
        rest = rest[rest.index("/", 1) :]
        if question.matcher.governing(path_pattern.wsgi_form(rest)) is not None:
            return rest
    return None


def _shorter_path(question: Question, page: PageRequest) -> Iterator[Miss]:
    """What the rules under a shorter path would have answered, had the one that governs not been there."""
    if question.dropped is not None or question.ask(page).verdict.readable:
        return
    readings = read_paths(question.policy, question.path)
    governing = next((reading for reading in readings if reading.governs), None)
    if governing is None:
        return
    shorter: dict[PathPattern, list[PolicyRule]] = {}
    for reading in readings:
        if reading.covers and not reading.governs:
            shorter.setdefault(reading.pattern, []).append(reading.rule)
    for pattern, rules in shorter.items():
        alone = replace(question.policy, rules=tuple(_only_at(pattern, rule) for rule in rules))
        if exchange(compile_policy(alone), question.path, page).verdict.readable:
            yield Miss(
                "narrower-path",
                f"`{governing.pattern}` decides alone; `{pattern}`, where `{rules[0].label}` would allow it, is not "
                f"consulted: allow it for `{governing.pattern}` too",
                governing.rule.where,
            )
            return


def _only_at(pattern: PathPattern, rule: PolicyRule) -> PolicyRule:
    return replace(rule, paths=tuple(entry for entry in rule.paths if entry.pattern == pattern))


# --- what -------------------------------------------------------------------------------------------------------------


def _credentials_misses(explanation: Explanation, simple: PageRequest) -> Iterator[Miss]:
    assert explanation.decided is not None, "some rule names the page: see `find`"
    rule = explanation.decided[0].rule
    if explanation.question.ask(simple).verdict.readable:
        return
    if rule.allows_every_origin:
        message = (
            f"`{rule.label}` answers `*`, which browsers refuse for a request with credentials: name the page's origin "
            "in a rule with `credentials = true`, or send none"
        )
        yield Miss("star-credentials", message, explanation.decided[1].place)
    elif not rule.what.credentials:
        message = f"`{rule.label}` does not allow credentials: write `credentials = true` in it, or send none"
        yield Miss("credentials", message, rule.place_of("credentials"))
    else:
        message = (
            "`Origin` was dropped, and an origin that the fallback finds is given no credentials: let the gateway "
            "forward `Origin`, or write `fallback.credentials = true`"
        )
        yield Miss("dropped-credentials", message, rule.where)


def _unsent_credentials(explanation: Explanation) -> Iterator[Miss]:
    question = explanation.question
    if question.page.credentials or not explanation.exchange.verdict.readable or explanation.decided is None:
        return
    rule = explanation.decided[0].rule
    if rule.what.credentials and question.dropped is None:
        message = f"`{rule.label}` allows credentials, and the page sends none: cookies go along only with "
        yield Miss("no-credentials", message + 'fetch(url, {credentials: "include"})', rule.place_of("credentials"))


def _method_misses(explanation: Explanation, judged: PageRequest) -> Iterator[Miss]:
    method = explanation.question.page.method
    asked = judged._replace(method=method)
    failure = explanation.question.ask(asked).verdict.failure
    if failure is None or explanation.decided is None:
        return
    rule = explanation.decided[0].rule
    if method.upper() in fetch.FORBIDDEN_METHODS or not fetch.is_token(method):
        yield Miss("forbidden-method", f"{failure.message}: use another method")
    elif explanation.question.ask(asked._replace(method=method.upper())).verdict.readable:
        normalized = ", ".join(sorted(fetch.NORMALIZED_METHODS))
        message = f"methods are case-sensitive, and fetch() upper-cases only {normalized}: write {method.upper()}"
        yield Miss("method-case", f"{message} in the page", rule.place_of("methods"))
    else:
        yield Miss(
            "method", f"`{rule.label}` does not allow {method}: add it to its `methods`", rule.place_of("methods")
        )


def _header_misses(explanation: Explanation, judged: PageRequest) -> Iterator[Miss]:
    assert explanation.decided is not None, "as above"
    rule = explanation.decided[0].rule
    place = rule.place_of("request-headers")
    for name in browser.unsafe_header_names(explanation.question.page.headers):
        if explanation.question.ask(judged._replace(headers=((name, fetch.UNSAFE_VALUE),))).verdict.readable:
            continue
        near = difflib.get_close_matches(name, rule.what.request_headers, n=1)
        if "*" in rule.what.request_headers and name in fetch.NON_WILDCARD_REQUEST_HEADERS:
            yield Miss("star-authorization", f'"*" does not cover `{name}`: name it beside "*"', place)
        elif near:
            message = f"`{rule.label}` allows `{near[0]}`, and the page sets `{name}`: write the one that is meant"
            yield Miss("header-typo", message, place)
        else:
            message = f"`{rule.label}` does not allow the request header `{name}`: add it to its `request-headers`"
            yield Miss("header", message, place)


def _exposure_misses(explanation: Explanation) -> Iterator[Miss]:
    verdict = explanation.exchange.verdict
    if not verdict.readable or explanation.decided is None:
        return
    rule = explanation.decided[0].rule
    for name in explanation.question.reads:
        if verdict.exposes(name):
            continue
        if name.lower() in fetch.FORBIDDEN_RESPONSE_HEADERS:
            yield Miss("forbidden-response-header", f"no page can read `{name}`, whatever is exposed: put it elsewhere")
        else:
            message = f"`{rule.label}` does not expose `{name}`: add it to its `response-headers`"
            yield Miss("expose", message, rule.place_of("response-headers"))
