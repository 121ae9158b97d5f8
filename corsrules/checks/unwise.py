"""What is unwise about a pattern, by how a rule uses it: who its pages are, and whether there are any.

A judgement of one pattern, without a place in a file: the checks ask it of what is written, and of what they are about
to propose.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from corsrules.findings import Mistake, severity_of
from corsrules.language import origin_pattern
from corsrules.language.network import INSECURE_SCHEMES, is_local, shared_origin
from corsrules.language.origin_pattern import Pattern, example_origin
from corsrules.language.spelling import one_edit
from corsrules.web.origin import DEFAULT_PORTS, DIGITS, LETTERS, SCHEMES_WITHOUT_PAGES

#: The ports that any user of a host may listen at: RFC 6335 section 6, user and dynamic ports.
USER_PORTS = (1024, 65535)


class Use(NamedTuple):
    """How one rule uses a pattern: with credentials, in development profiles only, in a file that has profiles."""

    credentials: bool
    development: bool
    has_profiles: bool


def mistakes(pattern: Pattern, use: Use) -> Iterator[Mistake]:
    """At most one thing about where the pattern's pages are, and one about each way in which there are many."""
    nowhere = _nowhere(pattern, use)
    if nowhere is not None:
        yield nowhere
        return
    if is_local(pattern):
        if not use.development:
            yield _local(pattern, use)
        return
    if pattern.scheme in INSECURE_SCHEMES and not use.development:
        yield _insecure(pattern, use)
    yield from _wide(pattern, use)
    low, high = USER_PORTS
    if use.credentials and pattern.scheme in DEFAULT_PORTS and pattern.low <= low < high <= pattern.high:
        message = f"`{pattern}` gives credentials to whatever listens at any port of the host"
        yield Mistake("CR217", message, "name the ports that need them")


def is_error(text: str, uses: Iterable[Use]) -> bool:
    """Whether `text` would be an error where it is used: no pattern, or one that no rule may use so."""
    pattern = origin_pattern.parse(text)
    return pattern is None or any(
        severity_of(mistake.code) == "error" for use in uses for mistake in mistakes(pattern, use)
    )


def _spellings(pattern: Pattern | None, use: Use) -> tuple[str, ...]:
    """What can be proposed: the pattern, unless that would be an error too."""
    text = str(pattern)
    return () if pattern is None or is_error(text, [use]) else (text,)


def _with_scheme(pattern: Pattern, scheme: str) -> Pattern | None:
    return origin_pattern.parse(f"{scheme}{str(pattern).removeprefix(pattern.scheme)}")


def _nowhere(pattern: Pattern, use: Use) -> Mistake | None:
    """A scheme that no page has."""
    scheme = pattern.scheme
    if scheme in SCHEMES_WITHOUT_PAGES:
        why, meant = SCHEMES_WITHOUT_PAGES[scheme]
        spellings = _spellings(_with_scheme(pattern, meant), use)
        return Mistake("CR054", f"no page has the origin `{pattern}`: {why}", "name the page's origin", spellings)
    if scheme in DEFAULT_PORTS:
        return None
    near = [known for known in ("https", "http") if one_edit(scheme, known)]
    if not near:
        return None
    spellings = _spellings(_with_scheme(pattern, near[0]), use)
    message = f"`{scheme}` is nearly `{near[0]}`, and no page is known to have that scheme"
    return Mistake("CR053", message, "name the origin as the browser writes it", spellings)


def _local(pattern: Pattern, use: Use) -> Mistake:
    message = f"`{pattern}` is on the user's own machine or network"
    if use.has_profiles:
        return Mistake("CR209", message, "give it to a development profile only (`development = true`)")
    return Mistake("CR210", message, "before the file is used in production, move it to a development profile")


def _insecure(pattern: Pattern, use: Use) -> Mistake:
    message = f"anyone on the network can forge a page of `{pattern}`"
    return Mistake(
        "CR207" if use.credentials else "CR208",
        message,
        "use https; a development profile may use http",
        _spellings(_with_scheme(pattern, "https"), use),
        "write {}; a development profile may use http",
    )


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
        yield _partly_wild(pattern, under, use)
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


def _partly_wild(pattern: Pattern, under: str, use: Use) -> Mistake:
    """The question whether a dot was forgotten makes sense where the `*` stands right before a name."""
    message = f"{under}, and so become {example_origin(pattern)}"
    name = pattern.wildcard[1:]
    forgotten = pattern.wildcard[0] == "*" and name[0] in LETTERS + DIGITS
    whole = replace(pattern, wildcard="*", host=f"{name}.{pattern.host}") if forgotten else None
    advice = "name the hosts, or use a domain of your own"
    return Mistake("CR206", message, advice, _spellings(whole, use), "was {} meant?")
