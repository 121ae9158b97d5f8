"""A page's request as it was recorded elsewhere: a pasted `curl` command line, or an entry of a HAR file.

Both are read within bounds, as data, and never executed. A recording holds what the browser sent; what counts here is
what the page asked for, so whatever the browser adds by itself is left out, and a note says so.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from corsrules.web import fetch

CURL_LENGTH = 64 * 1024
HAR_SIZE = 50 * 1024 * 1024

#: What browsers send by themselves, though a page may set it (then it is given with --header).
BROWSERS_OWN = frozenset(
    {
        *("accept", "accept-language", "cache-control", "if-modified-since", "if-none-match", "pragma", "priority"),
        *("purpose", "save-data", "upgrade-insecure-requests", "user-agent", "x-client-data"),
    }
)


class Unreadable(ValueError):
    """A recording cannot be read; the message says why."""


class Recorded(NamedTuple):
    """What was found. `host` is set where the request carries a `Host` and no `Origin`."""

    url: str
    origin: str | None
    method: str
    headers: tuple[tuple[str, str], ...]
    credentials: bool
    host: str | None
    notes: tuple[str, ...]


class Target(NamedTuple):
    """What a URL or a path says: the path, decoded once, and the origin before it, None for a path alone."""

    path: str
    origin: str | None


def target(text: str) -> Target:
    """The path of a URL, or of a path as one would type it into a URL: no query, no fragment, decoded once."""
    origin = None
    rest = text
    if not text.startswith("/"):
        scheme, separator, rest = text.partition("://")
        if not separator:
            raise Unreadable(f"{text!r} is neither a path, which begins with /, nor a URL")
        authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
        rest = rest[len(authority) :]
        origin = f"{scheme}://{authority.rpartition('@')[2]}".lower()
    try:
        decoded = unquote_to_bytes(re.split(r"[?#]", rest, maxsplit=1)[0].encode(errors="surrogateescape"))
    except UnicodeEncodeError as error:
        raise Unreadable(f"{text!r} holds half a character (a lone surrogate)") from error
    return Target(decoded.decode(errors="surrogateescape") or "/", origin)


def _recorded(
    url: str, method: str, headers: Sequence[tuple[str, str]], notes: Iterable[str], *, has_cookies: bool
) -> Recorded:
    """The page's request behind `method` and `headers` as they were sent."""
    sent = {name.lower(): value for name, value in headers}
    if method == "OPTIONS" and "access-control-request-method" in sent:
        names = sent.get("access-control-request-headers", "").replace(" ", "").split(",")
        notes = (*notes, "this is a preflight; explained is the request that it asks for")
        method = sent["access-control-request-method"]
        kept = tuple((name.lower(), fetch.UNSAFE_VALUE) for name in names if fetch.is_token(name))
    else:
        kept = tuple((name, value) for name, value in headers if _is_page_header(name.lower()))
    own = sorted(name for name in sent if name in BROWSERS_OWN)
    if own:
        notes = (*notes, f"taken for the browser's own: {', '.join(own)} (if the page sets one, give it with --header)")
    origin = sent.get("origin")
    host = sent.get("host") if origin is None else None
    return Recorded(url, origin, method, kept, has_cookies or "cookie" in sent, host, tuple(notes))


def _is_page_header(name: str) -> bool:
    """Whether a page may have set the header `name` (in lower case; HTTP/2 pseudo-headers begin with a colon)."""
    return fetch.is_token(name) and not fetch.is_forbidden_request_header(name) and name not in BROWSERS_OWN


# --- curl -------------------------------------------------------------------------------------------------------------

#: curl's short options that are read here, and what they are called in full.
SHORT = {
    "X": "request",
    "H": "header",
    "b": "cookie",
    "d": "data",
    "I": "head",
    "G": "get",
    "F": "form",
    "u": "user",
    "T": "upload-file",
    "r": "range",
}
#: Its other short options that take a value.
OTHER_LETTERS_WITH_VALUE = frozenset("ACDEKPQUYcehmotwxyz")
DATA = frozenset({"data", "data-raw", "data-binary", "data-ascii", "data-urlencode", "json"})
#: Options that say something about the page's request.
READ = DATA | {"request", "header", "cookie", "head", "get", "form", "url", "user", "upload-file", "range"}
#: Its other long options that take a value.
OTHERS_WITH_VALUE = frozenset(
    {
        *("user-agent", "referer", "output", "max-time", "proxy", "write-out", "cert", "cookie-jar", "config", "key"),
        *("dump-header", "speed-time", "continue-at", "ftp-port", "quote", "telnet-option", "proxy-user", "cacert"),
        *("speed-limit", "time-cond", "help", "connect-timeout", "resolve", "retry", "retry-delay", "max-redirs"),
        *("capath", "ciphers", "connect-to", "interface", "limit-rate", "proto", "trace", "trace-ascii", "tls-max"),
        *("aws-sigv4", "oauth2-bearer", "url-query", "form-string", "stderr", "unix-socket", "dns-servers", "noproxy"),
    }
)
WITH_VALUE = (READ - {"head", "get"}) | OTHERS_WITH_VALUE | OTHER_LETTERS_WITH_VALUE

#: A quoted stretch of a shell command; the last kind, `$'…'`, is bash's and unknown to shlex.
QUOTED = re.compile(r""" "(?:[^"\\]|\\.)*" | '[^']*' | \\. | \$'((?:[^'\\]|\\.)*)' """, re.DOTALL | re.VERBOSE)
ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{1,4})|x([0-9a-fA-F]{1,2})|(.))", re.DOTALL)
ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}


@dataclass
class _Curl:
    """What the words of a command line add up to."""

    urls: list[str] = field(default_factory=list)
    headers: list[tuple[str, str]] = field(default_factory=list)
    method: str | None = None
    default_method: str = "GET"
    has_cookies: bool = False
    gets: bool = False
    ignored: list[str] = field(default_factory=list)


def curl(text: str) -> Recorded:
    """The request of a `curl` command line, as a browser's developer tools copy it (for bash)."""
    if len(text) > CURL_LENGTH:
        raise Unreadable(f"the curl command line is longer than {CURL_LENGTH} characters")
    try:
        words = shlex.split(QUOTED.sub(_without_dollar, text.strip()).replace("\\\r\n", " ").replace("\\\n", " "))
    except ValueError as error:
        raise Unreadable(f"the curl command line cannot be read: {error}") from error
    if not words or words[0].rpartition("/")[2].lower() not in ("curl", "curl.exe"):
        raise Unreadable("--curl takes a command line that begins with curl")
    found = _Curl()
    for option, value in _options(words[1:]):
        _add(found, option, value)
    if not found.urls:
        raise Unreadable("the curl command line names no URL")
    # The value of an option that is unknown here looks like one more URL.
    url = next((url for url in found.urls if "://" in url), found.urls[0])
    notes = [f"ignored of the command line: {', '.join(sorted(set(found.ignored)))}"] if found.ignored else []
    method = found.method or ("GET" if found.gets else found.default_method)
    return _recorded(
        url if "://" in url else f"http://{url}", method, found.headers, notes, has_cookies=found.has_cookies
    )


def _without_dollar(quoted: re.Match[str]) -> str:
    if quoted[1] is None:
        return quoted[0]
    return shlex.quote(ESCAPE.sub(lambda each: _escaped(*each.groups()), quoted[1]))


def _escaped(four: str | None, two: str | None, other: str | None) -> str:
    if other is not None:
        return ESCAPED.get(other, other)
    return chr(int(four or two or "0", 16))


def _options(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each option by its long name with its value (empty where it takes none); a URL as the value of `url`."""
    rest = iter(words)
    for word in rest:
        if word.startswith("--"):
            name = word[2:]
            yield name, next(rest, "") if name in WITH_VALUE else ""
        elif not word.startswith("-") or word == "-":
            yield "url", word
        else:
            for position, letter in enumerate(word[1:], 2):
                name = SHORT.get(letter, letter)
                if name in WITH_VALUE:
                    yield name, word[position:] or next(rest, "")
                    break
                yield name, ""


def _add(found: _Curl, option: str, value: str) -> None:
    if option in DATA or option == "form":
        found.default_method = "POST"
        if option == "json":
            found.headers.append(("content-type", "application/json"))
    match option:
        case "url":
            found.urls.append(value)
        case "request":
            found.method = value
        case "header":
            name, separator, content = value.partition(":")
            if separator and content.strip():
                found.headers.append((name.strip(), content.strip()))
            elif value.endswith(";"):  # how curl is told to send a header without a value
                found.headers.append((value[:-1].strip(), ""))
        case "cookie":
            found.has_cookies = True
        case "user":
            found.headers.append(("authorization", "Basic"))
        case "range":
            found.headers.append(("range", f"bytes={value}"))
        case "head":
            found.default_method = "HEAD"
        case "get":
            found.gets = True
        case "upload-file":
            found.default_method = "PUT"
        case _ if option not in READ:
            found.ignored.append(f"--{option}" if len(option) > 1 else f"-{option}")


# --- HAR --------------------------------------------------------------------------------------------------------------


def har(file: str, number: int | None) -> Recorded:
    """The request of entry `number` (from 1) of a HAR file, else of the first that has `Origin`, else of the first.

    http://www.softwareishard.com/blog/har-12-spec/
    """
    entries = _entries(_load(file), file)
    if number is None:
        number = next((at for at, each in enumerate(entries, 1) if _value(each, "origin") is not None), 1)
    if not 1 <= number <= len(entries):
        raise Unreadable(f"{file!r} has {len(entries)} entries, and no entry {number}")
    request = entries[number - 1]
    url, method = request.get("url"), request.get("method")
    if not isinstance(url, str) or not isinstance(method, str):
        raise Unreadable(f"entry {number} of {file} has no URL or no method")
    cookies = request.get("cookies")
    notes = [f"entry {number} of {len(entries)}: {method} {url}"]
    found = _recorded(url, method, _headers(request), notes, has_cookies=isinstance(cookies, list) and bool(cookies))
    return found._replace(host=None)  # a browser drops no `Origin`: a request without one is same-origin


def _load(file: str) -> Any:
    try:
        with open(file, "rb") as opened:
            content = opened.read(HAR_SIZE + 1)
    except (OSError, ValueError) as error:
        raise Unreadable(f"cannot read {file!r}: {getattr(error, 'strerror', None) or error}") from error
    if len(content) > HAR_SIZE:
        raise Unreadable(f"{file!r} is larger than {HAR_SIZE // 1024 // 1024} MB")
    try:
        return json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{file!r} is no HAR file: {error}") from error


def _entries(document: Any, file: str) -> list[Mapping[str, Any]]:
    """The requests of the file's entries."""
    log = document.get("log") if isinstance(document, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list) or not entries:
        raise Unreadable(f"{file!r} is no HAR file: it has no log.entries")
    requests = [each.get("request") if isinstance(each, dict) else None for each in entries]
    return [request if isinstance(request, dict) else {} for request in requests]


def _headers(request: Mapping[str, Any]) -> list[tuple[str, str]]:
    headers = request.get("headers")
    listed = headers if isinstance(headers, list) else []
    pairs = [(each.get("name"), each.get("value")) for each in listed if isinstance(each, dict)]
    return [(name, value) for name, value in pairs if isinstance(name, str) and isinstance(value, str)]


def _value(request: Mapping[str, Any], wanted: str) -> str | None:
    return next((value for name, value in _headers(request) if name.lower() == wanted), None)
