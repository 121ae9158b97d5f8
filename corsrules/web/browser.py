"""What a browser does with a page's cross-origin request, step by step as the Fetch standard says.

    PageRequest ── needs_preflight ──> the preflight ── preflight_failure ──> the request ── cors_failure ──> Verdict

No step here knows how a server came to its answer. `#anchors` in docstrings are those of https://fetch.spec.whatwg.org/.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from corsrules.web.fetch import (
    ALLOW_CREDENTIALS,
    ALLOW_HEADERS,
    ALLOW_METHODS,
    ALLOW_ORIGIN,
    EXPOSE_HEADERS,
    FORBIDDEN_METHODS,
    FORBIDDEN_RESPONSE_HEADERS,
    LANGUAGE_CHARACTERS,
    NON_WILDCARD_REQUEST_HEADERS,
    REQUEST_HEADERS,
    REQUEST_METHOD,
    SAFELISTED_CONTENT_TYPES,
    SAFELISTED_METHODS,
    SAFELISTED_RESPONSE_HEADERS,
    SAFELISTED_TOTAL_LENGTH,
    SAFELISTED_VALUE_LENGTH,
    UNSAFE_HEADER_BYTES,
    is_token,
)


class PageRequest(NamedTuple):
    """A cross-origin request of a page.

    `origin` is the page's serialised origin; `headers` are the names and values that the page sets; `credentials` is
    true for the credentials mode "include".
    """

    origin: str
    method: str
    headers: tuple[tuple[str, str], ...] = ()
    credentials: bool = False


class ServerAnswer(NamedTuple):
    """An answer as it arrives: its status, and its headers in order."""

    status: int
    headers: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str | None:
        """The value of a header, several lines joined by commas (https://fetch.spec.whatwg.org/#concept-header-list-get)."""
        values = [value for each, value in self.headers if each.lower() == name.lower()]
        return ", ".join(values) if values else None

    def listed(self, name: str) -> list[str]:
        """The elements of a header whose value is a list; none where it is absent."""
        return [element for element in (part.strip(" \t") for part in (self.get(name) or "").split(",")) if element]


class Failure(NamedTuple):
    """Why a page cannot read an answer: the step of the standard that failed, and what happened, in words."""

    step: str
    message: str


class Verdict(NamedTuple):
    """What script sees: nothing and `failure`, or the answer.

    Of its headers script may read the safelisted ones and those that `exposed` names (in lower case, sorted), or all
    but the forbidden ones where `exposes_every` is true.
    """

    failure: Failure | None
    exposed: tuple[str, ...] = ()
    exposes_every: bool = False

    @property
    def readable(self) -> bool:
        """Whether script can read the answer."""
        return self.failure is None

    def exposes(self, name: str) -> bool:
        """Whether script may read the response header `name` (#cors-safelisted-response-header-name)."""
        name = name.lower()
        if self.failure is not None or name in FORBIDDEN_RESPONSE_HEADERS:
            return False
        return name in SAFELISTED_RESPONSE_HEADERS or self.exposes_every or name in self.exposed


def verdict(request: PageRequest, preflight: ServerAnswer | None, answer: ServerAnswer) -> Verdict:
    """What script sees of `answer`.

    `preflight` is the answer to the preflight, None where none was answered. It counts only where `needs_preflight`
    asks for one; there the browser does not send the request without it.
    """
    failure = (
        request_failure(request)
        or (preflight_failure(request, preflight) if needs_preflight(request) else None)
        or cors_failure(request, answer, "the answer")
    )
    if failure is not None:
        return Verdict(failure)
    names = {name.lower() for name in answer.listed(EXPOSE_HEADERS)}
    # With credentials `*` is a header of that name (#concept-response-cors-exposed-header-name-list).
    if "*" in names and not request.credentials:
        return Verdict(None, exposes_every=True)
    return Verdict(None, tuple(sorted(names - FORBIDDEN_RESPONSE_HEADERS)))


def needs_preflight(request: PageRequest) -> bool:
    """Whether the browser asks first (#concept-http-fetch): an unsafelisted method, or an unsafe header."""
    return request.method not in SAFELISTED_METHODS or bool(unsafe_header_names(request.headers))


def unsafe_header_names(headers: Iterable[tuple[str, str]]) -> list[str]:
    """The names that need permission, lower case, sorted (#cors-unsafe-request-header-names)."""
    unsafe: set[str] = set()
    safe: set[str] = set()
    total = 0
    for name, value in headers:
        if is_safelisted_request_header(name, value):
            safe.add(name.lower())
            total += len(value)
        else:
            unsafe.add(name.lower())
    return sorted(unsafe | safe if total > SAFELISTED_TOTAL_LENGTH else unsafe)


def is_safelisted_request_header(name: str, value: str) -> bool:
    """Whether a page may send the header to any server without asking (#cors-safelisted-request-header)."""
    if len(value) > SAFELISTED_VALUE_LENGTH:
        return False
    match name.lower():
        case "accept":
            return not _has_unsafe_byte(value)
        case "accept-language" | "content-language":
            return not value.strip(LANGUAGE_CHARACTERS)
        case "content-type":
            essence = value.partition(";")[0].strip("\t\n\r ").lower()
            return not _has_unsafe_byte(value) and essence in SAFELISTED_CONTENT_TYPES
        case "range":
            return _is_simple_range(value)
        case _:
            return False


def _has_unsafe_byte(value: str) -> bool:
    return any((each < " " and each != "\t") or each == "\x7f" or each in UNSAFE_HEADER_BYTES for each in value)


def _is_simple_range(value: str) -> bool:
    """`bytes=A-` or `bytes=A-B` with A not above B (#simple-range-header-value, without white space)."""
    first, dash, last = value.removeprefix("bytes=").partition("-")
    digits = "0123456789"
    if not value.startswith("bytes=") or not dash or not first or first.strip(digits) or last.strip(digits):
        return False
    return not last or int(first) <= int(last)


def preflight_headers(request: PageRequest) -> dict[str, str]:
    """The headers of the preflight that say what is asked for (#cors-preflight-fetch, steps 1 to 6)."""
    headers = {"Origin": request.origin, REQUEST_METHOD: request.method}
    names = unsafe_header_names(request.headers)
    return {**headers, REQUEST_HEADERS: ",".join(names)} if names else headers


def request_failure(request: PageRequest) -> Failure | None:
    """Why the browser sends nothing at all (the constructor of Request, #dom-request)."""
    if request.method.upper() in FORBIDDEN_METHODS:
        return Failure("forbidden method", f"no browser sends {request.method} for a page")
    if not is_token(request.method):
        return Failure("method", f"{request.method!r} is not a method")
    return None


def cors_failure(request: PageRequest, answer: ServerAnswer, what: str) -> Failure | None:
    """The CORS check (#concept-cors-check): why `what`, the answer, is not for the page; None where it is."""
    allowed = answer.get(ALLOW_ORIGIN)
    if allowed is None:
        return Failure("CORS check", f"{what} has no {ALLOW_ORIGIN}")
    if allowed == "*" and not request.credentials:
        return None
    if allowed != request.origin:
        if allowed == "*":
            return Failure("CORS check", f"{what} allows `*`, which does not count for a request with credentials")
        return Failure("CORS check", f"{what} allows {allowed}, and the page is {request.origin}")
    if request.credentials and answer.get(ALLOW_CREDENTIALS) != "true":
        return Failure("CORS check", f"{what} has no {ALLOW_CREDENTIALS}: true, and the page sends credentials")
    return None


def preflight_failure(request: PageRequest, answer: ServerAnswer | None) -> Failure | None:
    """The CORS-preflight fetch (#cors-preflight-fetch), from step 7 on: why the browser does not send the request.

    `answer` is what the preflight was answered, None where it was not.
    """
    if answer is None:
        return Failure("preflight", "the request needs a preflight, and none was answered")
    failure = cors_failure(request, answer, "the preflight's answer")
    if failure is not None:
        return failure
    if not 200 <= answer.status <= 299:
        return Failure("preflight status", f"the preflight was answered with {answer.status}, not with 200 to 299")
    methods = answer.listed(ALLOW_METHODS)
    names = [name.lower() for name in answer.listed(ALLOW_HEADERS)]
    for header, elements in ((ALLOW_METHODS, methods), (ALLOW_HEADERS, names)):
        if not all(map(is_token, elements)):
            return Failure("preflight headers", f"{header} is not a list of tokens")
    any_method = "*" in methods and not request.credentials
    if request.method not in SAFELISTED_METHODS and request.method not in methods and not any_method:
        return Failure("preflight method", f"{request.method} is not among the allowed methods")
    any_name = "*" in names and not request.credentials
    for name in unsafe_header_names(request.headers):
        if name not in names and (not any_name or name in NON_WILDCARD_REQUEST_HEADERS):
            return Failure("preflight header", f"`{name}` is not among the allowed request headers")
    return None
