"""What a rule must not allow, and what it would better not allow.

Checks of single patterns look at each place once, however many rules and profiles use it, and report it for every rule
that does, so that each rule can waive it for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from corsrules.checks import unwise
from corsrules.checks.subject import Subject, reports
from corsrules.findings import Place, Problem
from corsrules.language.network import is_local
from corsrules.language.policy import EVERY_ORIGIN, Entry, OriginList
from corsrules.web import shared_hosts
from corsrules.web.origin import DEFAULT_PORTS

#: What browsers keep a preflight's answer for at most, in seconds.
CHROMIUM_MAX_AGE = 7200
WEBKIT_MAX_AGE = 600


@reports("CR201")
def credentials_to_every_origin(subject: Subject) -> Iterator[Problem]:
    """CR201: browsers refuse `*` with credentials; echoing the origin instead would let everybody in."""
    for index, rule in enumerate(subject.document.rules):
        if rule.credentials and EVERY_ORIGIN in rule.origins:
            star = rule.origins.index(EVERY_ORIGIN)
            yield Problem(
                "CR201",
                "credentials are allowed to every origin",
                Place(("rules", index, "credentials"), "key", "credentials are set here"),
                "name the origins that need cookies, or drop `credentials`",
                related=(Place(("rules", index, "origins", star), label="every origin"),),
            )


@reports("CR202")
def literal_stars_with_credentials(subject: Subject) -> Iterator[Problem]:
    """CR202: with credentials, browsers take `"*"` for the name of a method or header."""
    for index, rule in enumerate(subject.document.rules):
        lists = {
            "methods": rule.methods,
            "request-headers": rule.request_headers,
            "response-headers": rule.response_headers,
        }
        for key, values in lists.items():
            if rule.credentials and "*" in values:
                yield Problem(
                    "CR202",
                    f'with credentials, browsers take "*" in `{key}` literally',
                    Place(("rules", index, key, values.index("*"))),
                    "write the names out",
                    related=(Place(("rules", index, "credentials"), "key", "credentials are set here"),),
                )


# --- single patterns --------------------------------------------------------------------------------------------------


@reports(
    *("CR053", "CR054", "CR204", "CR205", "CR206", "CR207", "CR208", "CR209", "CR210", "CR211"),
    *("CR214", "CR215", "CR217", "CR219"),
)
def unwise_patterns(subject: Subject) -> Iterator[Problem]:
    """What `unwise` says of each pattern, for each rule that uses it."""
    for origins, uses in subject.uses.items():
        different = set(uses.values())
        for entry in _doubtful_entries(origins):
            found = {use: tuple(unwise.mistakes(entry.pattern, use)) for use in different}
            for index, use in uses.items() if any(found.values()) else ():
                for mistake in found[use]:
                    yield mistake.at(Place(entry.place), rule=index, pattern=entry.text)


def _doubtful_entries(origins: OriginList) -> Iterable[Entry]:
    """The entries that may be unwise: a plain one is only if its host is shared."""
    if any(text.endswith(shared_hosts.ENDS) for text in origins.plain):
        return origins.entries()
    return origins.entries_beside_plain


@reports("CR216")
def public_suffixes_themselves(subject: Subject) -> Iterator[Problem]:
    """CR216: an exact origin whose host is a public suffix."""
    from corsrules.web import public_suffixes  # reads a list of sixteen thousand lines

    for origins, uses in subject.uses.items():
        for place, text, pattern in origins.entries():
            host = pattern.host
            is_name = not pattern.wildcard and pattern.scheme in DEFAULT_PORTS and "." in host and not is_local(pattern)
            if is_name and public_suffixes.is_listed(host) and not shared_hosts.is_shared(host):
                message = (
                    f"`{host}` is a public suffix (list of {public_suffixes.list_date()}): others have names below it"
                )
                for index in uses:
                    advice = "name the host that is meant, below it"
                    yield Problem("CR216", message, Place(place), advice, rule=index, pattern=text)


# --- notes ------------------------------------------------------------------------------------------------------------


@reports("CR212")
def uncovered_authorization(subject: Subject) -> Iterator[Problem]:
    """CR212: `"*"` without `authorization` beside it."""
    for index, rule in enumerate(subject.document.rules):
        if set(rule.request_headers) == {"*"} and not rule.credentials:
            place = Place(("rules", index, "request-headers", 0))
            message = 'browsers do not count `authorization` to "*"'
            yield Problem("CR212", message, place, 'if pages send it, write ["*", "authorization"]', rule=index)


@reports("CR213")
def long_max_ages(subject: Subject) -> Iterator[Problem]:
    """CR213: a max-age that browsers cut short."""
    for index, rule in enumerate(subject.document.rules):
        if rule.max_age is not None and rule.max_age > WEBKIT_MAX_AGE:
            kept = f"WebKit keeps a preflight's answer for {WEBKIT_MAX_AGE} seconds at most"
            if rule.max_age > CHROMIUM_MAX_AGE:
                kept = f"Chromium keeps a preflight's answer for {CHROMIUM_MAX_AGE} seconds at most, WebKit for 600"
            yield Problem("CR213", kept, Place(("rules", index, "max-age")), rule=index)


CHECKS = (
    credentials_to_every_origin,
    literal_stars_with_credentials,
    unwise_patterns,
    public_suffixes_themselves,
    uncovered_authorization,
    long_max_ages,
)
