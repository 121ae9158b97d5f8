"""Whether each method and each header name is well written and can do something."""

from __future__ import annotations

from collections.abc import Iterator

from corsrules.checks.subject import Subject, reports
from corsrules.findings import KeyPath, Mistake, Place, Problem
from corsrules.web import fetch


@reports("CR040", "CR041", "CR042", "CR045", "CR047", "CR048", "CR052")
def malformed_methods(subject: Subject) -> Iterator[Problem]:
    """CR040 to CR042, CR045, CR047, CR048, CR052."""
    for index, rule in enumerate(subject.document.rules):
        where: KeyPath = ("rules", index, "methods")
        yield from _stars(where, rule.methods, beside=frozenset())
        for position, text in enumerate(rule.methods):
            mistake = method_mistake(text)
            if mistake is not None:
                yield mistake.at(Place((*where, position)), rule=index)
        named = [method for method in ("GET", "HEAD", "POST") if method in rule.methods]
        if named and len(named) < len(fetch.SAFELISTED_METHODS):
            place = Place((*where, rule.methods.index(named[0])))
            message = "GET, HEAD and POST are always allowed; naming some of them refuses none"
            yield Problem("CR047", message, place, f"drop {' and '.join(named)}", rule=index)


def method_mistake(text: str) -> Mistake | None:
    """CR040 to CR042, CR048: why no browser sends this method, or not where it was meant."""
    upper = text.upper()
    if not fetch.is_token(text):
        names = tuple(each.upper() if each.upper() in fetch.NORMALIZED_METHODS else each for each in _listed(text))
        spellings = names if all(map(fetch.is_token, names)) and not any(map(method_mistake, names)) else ()
        advice = "write one method a string, for example `PUT`"
        return Mistake("CR040", f"`{text}` is not a method", advice, spellings, "write one method a string: {}")
    if _has_star(text):
        return _star_mistake(text)
    if upper in fetch.FORBIDDEN_METHODS:
        return Mistake("CR041", f"browsers never send {upper} for a page", f"drop `{text}`")
    if upper in fetch.NORMALIZED_METHODS and text != upper:
        return Mistake("CR042", f"methods are case-sensitive; browsers send `{upper}`", spellings=(upper,))
    if upper == "PATCH" and text != upper:
        return Mistake("CR048", f"`{text}` is another method than PATCH", spellings=(upper,))
    return None


def _listed(text: str) -> tuple[str, ...]:
    """The names in a text that may be a list of them."""
    return tuple(text.replace(",", " ").replace(";", " ").replace(":", " ").split())


def _has_star(text: str) -> bool:
    return "*" in text and text != "*"


def _star_mistake(text: str) -> Mistake:
    message = f"`{text}` is one name, with a `*` in it: only a `*` by itself stands for other names"
    return Mistake("CR052", message, "write each name that is meant")


@reports("CR043", "CR044", "CR045", "CR051", "CR052")
def malformed_headers(subject: Subject) -> Iterator[Problem]:
    """CR043 to CR045, CR051, CR052."""
    for index, rule in enumerate(subject.document.rules):
        for key, names in (("request-headers", rule.request_headers), ("response-headers", rule.response_headers)):
            where: KeyPath = ("rules", index, key)
            yield from _stars(where, names, beside={"authorization"} if key == "request-headers" else frozenset())
            for position, name in enumerate(names):
                mistake = header_mistake(key, name)
                if mistake is not None:
                    yield mistake.at(Place((*where, position)), rule=index)


def header_mistake(key: str, name: str) -> Mistake | None:
    """CR043, CR044, CR051: why this name can do nothing in the list that `key` names."""
    lower = name.lower()
    if not fetch.is_token(name):
        names = _listed(name)
        are_right = all(fetch.is_token(each) and header_mistake(key, each) is None for each in names)
        advice = "write one name a string, for example `x-csrf-token`"
        spellings = names if are_right else ()
        return Mistake("CR043", f"`{name}` is not a header name", advice, spellings, "write one name a string: {}")
    if _has_star(name):
        return _star_mistake(name)
    if key == "request-headers":
        return _request_header_mistake(name, lower)
    if lower in fetch.FORBIDDEN_RESPONSE_HEADERS:
        return Mistake("CR044", f"no page can read `{name}`, whatever is exposed", f"drop `{name}`")
    if fetch.is_of_requests(lower):
        return Mistake("CR051", f"no server answers with `{name}`: it is a header of requests", f"drop `{name}`")
    if lower.startswith(fetch.CORS_HEADER_PREFIX):
        return Mistake("CR051", f"`{name}` is for the browser; a page has no use of it", f"drop `{name}`")
    return None


def _request_header_mistake(name: str, lower: str) -> Mistake | None:
    if fetch.is_forbidden_request_header(lower):
        return Mistake("CR044", f"no page can set `{name}`; browsers keep it to themselves", f"drop `{name}`")
    if fetch.is_of_answers(lower):
        advice = f"remove it from the page's code, then drop `{name}`"
        return Mistake("CR051", f"only a server sends `{name}`: no page needs to set it", advice)
    return None


def _stars(where: KeyPath, values: tuple[str, ...], *, beside: frozenset[str] | set[str]) -> Iterator[Problem]:
    """CR045: a `"*"` stands alone, or beside what it does not cover."""
    others = [value for value in values if value != "*" and value.lower() not in beside]
    if "*" in values and others:
        yield Problem(
            "CR045",
            f'"*" already covers `{others[0]}`',
            Place((*where, values.index("*"))),
            'keep the "*" or the names, not both',
        )


@reports("CR008")
def repeated_rule_names(subject: Subject) -> Iterator[Problem]:
    """CR008: two rules of one name."""
    first: dict[str, int] = {}
    for index, rule in enumerate(subject.document.rules):
        if rule.name is not None and first.setdefault(rule.name, index) != index:
            yield Problem(
                "CR008",
                f"two rules are called `{rule.name}`",
                Place(("rules", index, "name")),
                "give each rule a name of its own",
                related=(Place(("rules", first[rule.name], "name"), label="first here"),),
            )


CHECKS = (
    malformed_methods,
    malformed_headers,
    repeated_rule_names,
)
