"""Whether each pattern, path, method and header name is well written; if not, what is wrong and the right spelling."""

from __future__ import annotations

from collections.abc import Iterator

from corsrules.checks.subject import Subject
from corsrules.findings import KeyPath, Place, Problem
from corsrules.language import origin_pattern, path_pattern
from corsrules.language.origin_pattern import SCHEMES_WITHOUT_ORIGIN
from corsrules.language.policy import EVERY_ORIGIN
from corsrules.language.spelling import (
    Mistake,
    certain_spelling,
    path_mistake,
    pattern_mistake,
    repaired_path,
    written_instead,
)
from corsrules.web import fetch
from corsrules.web.origin import (
    is_scheme,
)
from corsrules.web.origin import parse as parse_origin

#: Headers that no gateway can put an origin into; WSGI does not pass on the last two under their names.
NO_CARRIERS = frozenset({"*", "origin", "host", "cookie", "content-type", "content-length"})


# --- patterns ---------------------------------------------------------------------------------------------------------


def malformed_patterns(subject: Subject) -> Iterator[Problem]:
    """CR010 to CR020: texts that stand where a pattern is meant and are none."""
    for origins in subject.written.lists():
        for where, text in origins.malformed:
            mistake = pattern_mistake(text)
            yield Problem(mistake.code, mistake.message, Place(where), mistake.help, repair=certain_spelling(text))


def stars_among_origins(subject: Subject) -> Iterator[Problem]:
    """CR203: `"*"`, every origin, is written directly in a rule and alone."""
    for index, rule in enumerate(subject.document.rules):
        if EVERY_ORIGIN in rule.origins and len(rule.origins) > 1 and not rule.credentials:  # else it is CR201
            place = Place(("rules", index, "origins", rule.origins.index(EVERY_ORIGIN)))
            yield Problem("CR203", '"*" already names every origin', place, 'write `origins = ["*"]`, or drop the "*"')
    for name, profile in subject.document.profiles.items():
        for group, texts in profile.origins.items():
            if EVERY_ORIGIN in texts:
                where = ("profiles", name, "origins", group, texts.index(EVERY_ORIGIN))
                yield Problem(
                    "CR203",
                    '"*" cannot hide behind a group name',
                    Place(where),
                    'write `origins = ["*"]` in the rule itself',
                )


# --- paths ------------------------------------------------------------------------------------------------------------


def malformed_paths(subject: Subject) -> Iterator[Problem]:
    """CR030: paths that no request can have, or that do not mean what they seem to."""
    for index, rule in enumerate(subject.document.rules):
        for position, text in enumerate(rule.paths):
            if path_pattern.parse(text) is None:
                message, advice = path_mistake(text)
                yield Problem("CR030", message, Place(("rules", index, "paths", position)), advice)


def malformed_test_paths(subject: Subject) -> Iterator[Problem]:
    """CR030: a test's path that no request can have; a denial there would prove nothing."""
    for index, test in enumerate(subject.document.tests):
        if not test.path.startswith("/") or any(sign in test.path for sign in "*%?#"):
            spelling = repaired_path(test.path.removesuffix("*"))
            advice = f'write "{spelling}"' if spelling else "write it decoded, as in `/api/orders/7`"
            message = f"`{test.path}` is not the path of a request, which begins with `/` and is decoded"
            yield Problem("CR030", message, Place(("tests", index, "path")), advice)


def unlikely_tests(subject: Subject) -> Iterator[Problem]:
    """CR405: an origin or a Host that no browser sends; a denial of it proves little."""
    for index, test in enumerate(subject.document.tests):
        spelling = certain_spelling(test.origin)
        if spelling and spelling != test.origin:
            place = Place(("tests", index, "origin"))
            yield Problem("CR405", f"no browser sends the origin `{test.origin}`", place, f'write "{spelling}"')
        if test.host is not None and not _is_host_header(test.host):
            place = Place(("tests", index, "host"))
            advice = "write host or host:port in lower case"
            yield Problem("CR405", f"no browser sends the Host `{test.host}`", place, advice)


# --- methods and headers ----------------------------------------------------------------------------------------------


def malformed_methods(subject: Subject) -> Iterator[Problem]:
    """CR040 to CR042, CR045, CR047, CR048."""
    for index, rule in enumerate(subject.document.rules):
        where: KeyPath = ("rules", index, "methods")
        yield from _stars(where, rule.methods, beside=frozenset())
        for position, text in enumerate(rule.methods):
            mistake = _method_mistake(text)
            if mistake is not None:
                place = Place((*where, position))
                yield Problem(mistake.code, mistake.message, place, mistake.help, rule=index)
        named = [method for method in ("GET", "HEAD", "POST") if method in rule.methods]
        if named and len(named) < len(fetch.SAFELISTED_METHODS):
            place = Place((*where, rule.methods.index(named[0])))
            message = "GET, HEAD and POST are always allowed; naming some of them refuses none"
            yield Problem("CR047", message, place, f"drop {' and '.join(named)}", rule=index)


def _method_mistake(text: str) -> Mistake | None:
    upper = text.upper()
    if not fetch.is_token(text):
        return Mistake("CR040", f"`{text}` is not a method", "write one method a string, for example `PUT`")
    if upper in fetch.FORBIDDEN_METHODS:
        return Mistake("CR041", f"browsers never send {upper} for a page", f"drop `{text}`")
    if upper in fetch.NORMALIZED_METHODS and text != upper:
        return Mistake("CR042", f"methods are case-sensitive; browsers send `{upper}`", f'write "{upper}"')
    if upper == "PATCH" and text != upper:
        return Mistake("CR048", f"`{text}` is another method than PATCH", 'write "PATCH"')
    return None


def malformed_headers(subject: Subject) -> Iterator[Problem]:
    """CR043 to CR045."""
    for index, rule in enumerate(subject.document.rules):
        for key, names in (("request-headers", rule.request_headers), ("response-headers", rule.response_headers)):
            where: KeyPath = ("rules", index, key)
            yield from _stars(where, names, beside={"authorization"} if key == "request-headers" else frozenset())
            for position, name in enumerate(names):
                mistake = _header_mistake(key, name)
                if mistake is not None:
                    yield Problem(mistake.code, mistake.message, Place((*where, position)), mistake.help)


def _header_mistake(key: str, name: str) -> Mistake | None:
    if not fetch.is_token(name):
        return Mistake("CR043", f"`{name}` is not a header name", "write one name a string, for example `x-csrf-token`")
    if key == "request-headers" and fetch.is_forbidden_request_header(name.lower()):
        return Mistake("CR044", f"no page can set `{name}`; browsers keep it to themselves", f"drop `{name}`")
    if key == "response-headers" and name.lower() in fetch.FORBIDDEN_RESPONSE_HEADERS:
        return Mistake("CR044", f"no page can read `{name}`, whatever is exposed", f"drop `{name}`")
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


# --- the fallback -----------------------------------------------------------------------------------------------------


def malformed_fallback(subject: Subject) -> Iterator[Problem]:
    """CR046: header names, hosts, origins and the scheme of `[fallback]`."""
    fallback = subject.document.fallback
    for position, name in enumerate(fallback.headers):
        if not fetch.is_token(name) or name.lower() in NO_CARRIERS or "_" in name:
            yield Problem(
                "CR046",
                f"`{name}` cannot carry the origin that the gateway saw",
                Place(("fallback", "headers", position)),
                "name a header that the gateway sets, for example `x-client-origin`",
            )
    for host, origin in fallback.hosts.items():
        if not _is_host_header(host):
            yield Problem(
                "CR046",
                f"`{host}` is not a Host value",
                Place(("fallback", "hosts", host), "key"),
                "write host or host:port in lower case, as it arrives",
            )
        if parse_origin(origin) is None:
            is_pattern = origin_pattern.parse(origin) is not None
            yield Problem(
                "CR046",
                f"`{origin}` is not one origin",
                Place(("fallback", "hosts", host)),
                "a Host stands for exactly one origin; write it as a browser does"
                if is_pattern
                else written_instead(origin),
            )
    scheme = fallback.host_scheme
    if scheme is not None and (not is_scheme(scheme) or scheme in SCHEMES_WITHOUT_ORIGIN):
        yield Problem(
            "CR046", f"`{scheme}` is not a scheme", Place(("fallback", "host-scheme")), 'write "https", or false'
        )


def _is_host_header(text: str) -> bool:
    """Whether `text` can be a `Host` value in lower case (RFC 9110 section 7.2); its port may be a default one."""
    return (
        any(origin_pattern.parse(f"{scheme}://{text}") is not None for scheme in ("http", "https")) and "*" not in text
    )


CHECKS = (
    malformed_patterns,
    stars_among_origins,
    malformed_paths,
    malformed_test_paths,
    unlikely_tests,
    malformed_methods,
    malformed_headers,
    malformed_fallback,
)
