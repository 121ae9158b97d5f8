"""Whether `[fallback]` can find an origin, and one that a rule allows."""

from __future__ import annotations

from collections.abc import Iterator

from corsrules.checks.subject import Subject, reports
from corsrules.findings import Place, Problem
from corsrules.language import origin_pattern
from corsrules.language.origin_pattern import SCHEMES_WITHOUT_ORIGIN, PatternIndex
from corsrules.language.policy import EVERY_ORIGIN
from corsrules.language.spelling import is_host_header, written_instead
from corsrules.web import fetch, origin
from corsrules.web.origin import is_scheme

#: Headers that no gateway can put an origin into; WSGI does not pass on the last two under their names.
NO_CARRIERS = frozenset({"*", "origin", "host", "cookie", "content-type", "content-length"})


@reports("CR046")
def malformed_fallback(subject: Subject) -> Iterator[Problem]:
    """CR046: header names, hosts, origins and the scheme of `[fallback]`."""
    fallback = subject.document.fallback
    first: dict[str, Place] = {}
    for position, name in enumerate(fallback.headers):
        place = Place(("fallback", "headers", position))
        if not fetch.is_token(name) or name.lower() in NO_CARRIERS or "_" in name:
            yield Problem(
                "CR046",
                f"`{name}` cannot carry the origin that the gateway saw",
                place,
                "name a header that the gateway sets, for example `x-client-origin`",
            )
        elif first.setdefault(name.lower(), place) is not place:
            yield Problem(
                "CR046",
                f"`{name}` is named twice; header names are not case-sensitive",
                place,
                "drop one",
                related=(first[name.lower()]._replace(label="first here"),),
            )
    for host, text in fallback.hosts.items():
        if not is_host_header(host):
            yield Problem(
                "CR046",
                f"`{host}` is not a Host value",
                Place(("fallback", "hosts", host), "key"),
                "write host or host:port in lower case, as it arrives",
            )
        if origin.parse(text) is None:
            is_pattern = origin_pattern.parse(text) is not None
            yield Problem(
                "CR046",
                f"`{text}` is not one origin",
                Place(("fallback", "hosts", host)),
                "a Host stands for exactly one origin; write it as a browser does"
                if is_pattern
                else written_instead(text),
            )
    scheme = fallback.host_scheme
    if scheme is not None and (not is_scheme(scheme) or scheme in SCHEMES_WITHOUT_ORIGIN):
        yield Problem(
            "CR046", f"`{scheme}` is not a scheme", Place(("fallback", "host-scheme")), 'write "https", or false'
        )


@reports("CR109")
def unreachable_fallback_origins(subject: Subject) -> Iterator[Problem]:
    """CR109: `fallback.hosts` gives an origin that no rule allows in any profile."""
    hosts = subject.document.fallback.hosts
    if not hosts or any(EVERY_ORIGIN in rule.origins for rule in subject.document.rules):
        return
    lists = list(subject.written.lists_in_use())
    plain = {text for origins in lists for text in origins.plain}
    others = PatternIndex(entry.pattern for origins in lists for entry in origins.entries_beside_plain)
    for host, text in hosts.items():
        if origin.parse(text) is None or text in plain:
            continue
        single = origin_pattern.parse(text)
        if single is None or not any(others.containing(single)):
            yield Problem(
                "CR109",
                f"no rule allows `{text}`",
                Place(("fallback", "hosts", host)),
                "allow it in a rule, or drop this host",
            )


CHECKS = (
    malformed_fallback,
    unreachable_fallback_origins,
)
