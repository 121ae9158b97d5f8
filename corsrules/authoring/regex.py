"""Regular expressions to patterns and paths, where both provably mean the same; else why not.

"The same" is meant of the origins that a browser can send (see `origin`), and of paths without line breaks. An
expression is matched as libraries do, with `re.match`: from the start, and to the end only where it says so. Only a few
anchored shapes are understood, because whatever is understood here lets somebody in. Nothing here stands between a
request and a decision.
"""

from __future__ import annotations

import re
from itertools import product
from typing import NamedTuple

from corsrules.language import origin_pattern
from corsrules.web.origin import LABEL_CHARACTERS

#: The flags under which an expression is understood; no other changes what one of these shapes means.
ORIGIN_FLAGS = re.UNICODE | re.ASCII | re.IGNORECASE | re.DOTALL
PATH_FLAGS = re.UNICODE | re.ASCII | re.DOTALL

_LABEL = r"(?:[A-Za-z0-9_-]|\\-)"

#: Scheme, first label (optional, and then perhaps a wildcard or a choice), the other labels, port, end.
_ORIGIN = re.compile(
    rf"""
    \^? (?P<scheme> https\? | [A-Za-z][A-Za-z0-9-]* ) :(?:\\?/){{2}}
    (?: (?P<optional> \( (?:\?:)? )?
        (?: (?P<before> {_LABEL}* ) (?P<any> \[\^? (?:\\.|[^]\\[])+ \] | \. ) (?P<times> [+*] ) (?P<after> {_LABEL}* )
          | \( (?:\?:)? (?P<choice> {_LABEL}+ (?: \| {_LABEL}+ )+ ) \) )
        \\\. (?(optional) \)\? ) )?
    (?P<host> {_LABEL}+ (?: \\\. {_LABEL}+ )* )
    (?P<port> :[0-9]+ | \( (?:\?:)? : (?: \\d | \[0-9\] ) \+ \)\? )?
    (?: \$ | \\Z )
    """,
    re.VERBOSE,
)

#: The characters that stand for themselves in an expression, or do so behind a backslash; then how it goes on.
_PATH = re.compile(r"\^?(?P<text>(?:[A-Za-z0-9_/~!@&=:,;-]|\\[^A-Za-z0-9])*)(?P<tail>.*)", re.DOTALL)


class NoPattern(ValueError):
    """No pattern means what an expression means; the message says why."""


class Paths(NamedTuple):
    """The paths that an expression matches: those that begin with `text`, or `text` alone."""

    text: str
    beginning: bool


def origin_patterns(expression: re.Pattern[str]) -> tuple[str, ...]:
    r"""The patterns that together stand for exactly the origins that `expression` matches.

    Permitted: `^https://[^.]+\.example\.com$`, `https://(.*\.)?example\.com\Z`, `^https?://localhost(:\d+)?$`.
    Prohibited: `https://.*\.example\.com`, `^https://app.example.com$`, `^https://[a-z0-9-]+\.example\.com$`.
    """
    if expression.flags & ~ORIGIN_FLAGS:
        raise NoPattern("it has flags of its own")
    found = _ORIGIN.fullmatch(expression.pattern)
    if found is None:
        raise NoPattern(_why(expression.pattern))
    schemes = ("https", "http") if found["scheme"] == "https?" else (found["scheme"],)
    port = ":*" if (found["port"] or "").startswith("(") else found["port"] or ""
    hosts = [f"{front}{_plain(found['host'])}" for front in _fronts(found, expression.flags)]
    texts = [f"{scheme}://{host}{port}" for scheme, host in product(schemes, hosts)]
    if expression.flags & re.IGNORECASE:
        texts = [text.lower() for text in texts]
    for text in texts:
        if origin_pattern.parse(text) is None:
            raise NoPattern(f"`{text}`, which it seems to say, is no pattern")
    return tuple(texts)


def _fronts(found: re.Match[str], flags: int) -> list[str]:
    """What may stand before the fixed part of the host."""
    if found["choice"] is not None:
        fronts = [f"{_plain(label)}." for label in found["choice"].split("|")]
    elif found["any"] is not None:
        fronts = [f"{_wildcard(found, flags)}."]
    else:
        return [""]
    return [*fronts, ""] if found["optional"] is not None else fronts


def _wildcard(found: re.Match[str], flags: int) -> str:
    """The wildcard label that means the same, told by which characters of a host it stands for."""
    before, after = _plain(found["before"]), _plain(found["after"])
    stands_for = re.compile(found["any"], flags).fullmatch
    left_out = [character for character in LABEL_CHARACTERS if stands_for(character) is None]
    if left_out:
        raise NoPattern(f"`{found['any']}` leaves out `{left_out[0]}`, which `*` stands for")
    if stands_for("."):
        if before or after:
            raise NoPattern(f"`{found['any']}` crosses dots inside a label, which no wildcard does")
        return "**"
    if (before or after) and found["times"] == "*":
        raise NoPattern("`*` stands for one character or more, the expression for none too")
    return f"{before}*{after}"


def _why(text: str) -> str:
    if not text.endswith(("$", r"\Z")) or text.endswith(r"\$"):
        return "it is not anchored at its end, so the name may go on: `….evil.test`"
    if re.search(r"(?<!\\)\.(?![+*{?])(?![^\[]*\])", text):
        return "a `.` without a backslash stands for any character"
    return "no pattern is known to mean exactly the same"


def _plain(text: str) -> str:
    return text.replace("\\", "")


def paths(expression: re.Pattern[str]) -> Paths:
    r"""The paths that `expression` matches.

    Permitted: `/*` and `/api/*` (where `*` repeats the slash), `/api/.*`, `^/api/`, `^/health$`.
    Prohibited: `/api/v\d+/.*`, `/(a|b)/.*`, `/a.b`.
    """
    if expression.flags & ~PATH_FLAGS:
        raise NoPattern("it has flags of its own")
    found = _PATH.fullmatch(expression.pattern)
    assert found is not None  # it may be all tail
    text, tail = _plain(found["text"]), found["tail"]
    if tail in ("", ".*", ".*$"):
        return Paths(text, beginning=True)
    if tail == "*" and text.endswith("/"):
        return Paths(text.removesuffix("/"), beginning=True)
    if tail in ("$", r"\Z"):
        return Paths(text, beginning=False)
    raise NoPattern("it is not the beginning of a path, nor one whole path")


def certain_beginning(expression: re.Pattern[str]) -> str:
    """What every path that `expression` matches certainly begins with; perhaps nothing."""
    found = _PATH.fullmatch(expression.pattern)
    if found is None or expression.flags & ~PATH_FLAGS or "|" in found["tail"]:
        return ""
    text = _plain(found["text"])
    return text[:-1] if found["tail"][:1] in ("*", "?", "{") else text
