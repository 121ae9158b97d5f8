"""What a rule must not allow, and what it would better not allow.

Checks of single patterns look at each place once, however many rules and profiles use it, and report it for every rule
that does, so that each rule can waive it for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from corsrules.checks.subject import Subject, reports
from corsrules.findings import Mistake, Place, Problem
from corsrules.language.network import INSECURE_SCHEMES, is_local, shared_origin
from corsrules.language.origin_pattern import Pattern, example_origin
from corsrules.language.policy import EVERY_ORIGIN, Entry, OriginList, PolicyRule
from corsrules.web import shared_hosts
from corsrules.web.origin import DEFAULT_PORTS

#: What browsers keep a preflight's answer for at most, in seconds.
CHROMIUM_MAX_AGE = 7200
WEBKIT_MAX_AGE = 600

#: The ports that any user of a host may listen at: RFC 6335 section 6, user and dynamic ports.
USER_PORTS = (1024, 65535)


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


class Use(NamedTuple):
    """How one rule uses a pattern: with credentials or not, and under which licence."""

    credentials: bool
    development: bool
    has_profiles: bool


@reports(
    *("CR204", "CR205", "CR206", "CR207", "CR208", "CR209", "CR210", "CR211"), *("CR214", "CR215", "CR217", "CR219")
)
def unwise_patterns(subject: Subject) -> Iterator[Problem]:
    """CR204 to CR211, CR214, CR215, CR217, CR219: what a pattern lets in, for each rule that uses it."""
    for origins, rules in _lists_in_use(subject).items():
        for entry in _doubtful_entries(origins):
            for index, (rule, development) in rules.items():
                use = Use(rule.what.credentials, development, bool(subject.document.profiles))
                for mistake in _unwise(entry.pattern, use):
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

    for origins, rules in _lists_in_use(subject).items():
        for place, text, pattern in origins.entries():
            host = pattern.host
            is_name = not pattern.wildcard and pattern.scheme in DEFAULT_PORTS and "." in host and not is_local(pattern)
            if is_name and public_suffixes.is_listed(host) and not shared_hosts.is_shared(host):
                message = (
                    f"`{host}` is a public suffix (list of {public_suffixes.list_date()}): others have names below it"
                )
                for index in rules:
                    advice = "name the host that is meant, below it"
                    yield Problem("CR216", message, Place(place), advice, rule=index, pattern=text)


def _lists_in_use(subject: Subject) -> dict[OriginList, dict[int, tuple[PolicyRule, bool]]]:
    """Each list of patterns with the rules that use it, and whether they do so in development profiles only."""
    lists: dict[OriginList, dict[int, tuple[PolicyRule, bool]]] = {}
    for policy in subject.policies:
        for rule in policy.rules:
            for origins in rule.lists:
                rules = lists.setdefault(origins, {})
                _, development = rules.get(rule.index, (rule, True))
                rules[rule.index] = (rule, development and policy.development)
    return lists


def _unwise(pattern: Pattern, use: Use) -> Iterator[Mistake]:
    """At most one thing about where the pattern's pages are, and one about how many there are."""
    if is_local(pattern):
        if not use.development:
            yield _local(pattern, use)
        return
    if pattern.scheme in INSECURE_SCHEMES and not use.development:
        yield _insecure(pattern, use)
    yield from _wide(pattern, use)
    if (
        use.credentials
        and pattern.scheme in DEFAULT_PORTS
        and pattern.low <= USER_PORTS[0] < USER_PORTS[1] <= pattern.high
    ):
        message = f"`{pattern}` gives credentials to whatever listens at any port of the host"
        yield Mistake("CR217", message, "name the ports that need them")


def _local(pattern: Pattern, use: Use) -> Mistake:
    message = f"`{pattern}` is on the user's own machine or network"
    if use.has_profiles:
        return Mistake("CR209", message, "give it to a development profile only (`development = true`)")
    return Mistake("CR210", message, "before the file is used in production, move it to a development profile")


def _insecure(pattern: Pattern, use: Use) -> Mistake:
    message = f"anyone on the network can forge a page of `{pattern}`"
    code = "CR207" if use.credentials else "CR208"
    return Mistake(code, message, "use https; a development profile may use http")


def _wide(pattern: Pattern, use: Use) -> Iterator[Mistake]:
    """At most one thing about how many there are, and who they are."""
    if pattern.is_every_host:
        if use.credentials:
            message = f"every page under `{pattern.scheme}:` gets credentials, whoever made it"
            yield Mistake("CR219", message, f'name the one that is meant, as in "{pattern.scheme}://its-id"')
        return
    under = _under_public_suffix(pattern) if pattern.wildcard and pattern.scheme in DEFAULT_PORTS else ""
    shared = shared_origin(pattern)
    if under and pattern.wildcard not in ("*", "**"):
        yield _partly_wild(pattern, under)
    elif under:
        yield Mistake("CR204" if use.credentials else "CR205", under, "name the hosts, or a domain of your own")
    elif shared is not None:
        message = f"anyone can put pages under `{shared}`: all customers of that host have one origin"
        yield Mistake("CR214" if use.credentials else "CR215", message, "serve your pages from a host of their own")
    elif pattern.wildcard and use.credentials:
        message = f"every page that `{pattern}` stands for gets credentials"
        yield Mistake("CR211", message, "name the hosts that need them")


def _under_public_suffix(pattern: Pattern) -> str:
    """Under which public suffix anyone can register a name that the pattern stands for, in words; empty for none."""
    from corsrules.web import public_suffixes  # reads a list of sixteen thousand lines, needed for wildcards only

    anyone = "anyone can register a name under"
    if public_suffixes.is_public_suffix(pattern.host):
        return f"{anyone} `{pattern.host}` (public suffix list of {public_suffixes.list_date()})"
    below = public_suffixes.below(pattern.host) if pattern.wildcard == "**" else None
    if below is None:
        return ""
    many = f"one of {below.number} public suffixes" if below.number > 1 else "a public suffix"
    return f"{anyone} `{below.example}`, {many} below `{pattern.host}` (list of {public_suffixes.list_date()})"


def _partly_wild(pattern: Pattern, under: str) -> Mistake:
    example = example_origin(pattern)
    meant = pattern.wildcard.strip("*-_")
    return Mistake("CR206", f"{under}, and so become {example}", f"was `*.{meant}.{pattern.host}` meant?")


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
