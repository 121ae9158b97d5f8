"""What the Fetch and HTTP standards fix: names and lists that every server and browser shares, and the browser's side.

Nothing here depends on a rule or a file of ours. Lists are tables; each cites its clause. `#anchors` in docstrings are
those of https://fetch.spec.whatwg.org/.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

ALLOW_ORIGIN = "Access-Control-Allow-Origin"
ALLOW_CREDENTIALS = "Access-Control-Allow-Credentials"
ALLOW_METHODS = "Access-Control-Allow-Methods"
ALLOW_HEADERS = "Access-Control-Allow-Headers"
EXPOSE_HEADERS = "Access-Control-Expose-Headers"
MAX_AGE = "Access-Control-Max-Age"
REQUEST_METHOD = "Access-Control-Request-Method"
REQUEST_HEADERS = "Access-Control-Request-Headers"

#: Methods that never need permission. https://fetch.spec.whatwg.org/#cors-safelisted-method
SAFELISTED_METHODS = frozenset({"GET", "HEAD", "POST"})

#: Methods that `fetch` refuses. https://fetch.spec.whatwg.org/#forbidden-method
FORBIDDEN_METHODS = frozenset({"CONNECT", "TRACE", "TRACK"})

#: Methods that a browser upper-cases for the page. https://fetch.spec.whatwg.org/#concept-method-normalize
NORMALIZED_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"})

#: Request headers that a page cannot set. https://fetch.spec.whatwg.org/#forbidden-request-header
FORBIDDEN_REQUEST_HEADERS = frozenset(
    {
        "accept-charset",
        "accept-encoding",
        "access-control-request-headers",
        "access-control-request-method",
        "connection",
        "content-length",
        "cookie",
        "cookie2",
        "date",
        "dnt",
        "expect",
        "host",
        "keep-alive",
        "origin",
        "referer",
        "set-cookie",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
    }
)
FORBIDDEN_REQUEST_HEADER_PREFIXES = ("proxy-", "sec-")

#: Response headers that no page may read. https://fetch.spec.whatwg.org/#forbidden-response-header-name
FORBIDDEN_RESPONSE_HEADERS = frozenset({"set-cookie", "set-cookie2"})

#: RFC 9110 section 5.6.2, token.
HTTP_NAME_CHARACTERS = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def is_token(text: str) -> bool:
    """Whether `text` is an HTTP token, the form of every method and header name (RFC 9110 section 5.6.2)."""
    return text != "" and not text.strip(HTTP_NAME_CHARACTERS)


def is_forbidden_request_header(name: str) -> bool:
    """Whether a page may never set the header `name` (given in lower case), whatever a server allows."""
    return name in FORBIDDEN_REQUEST_HEADERS or name.startswith(FORBIDDEN_REQUEST_HEADER_PREFIXES)


# --- the browser's side -----------------------------------------------------------------------------------------------
#
# What a browser concludes from answers to a cross-origin request of a page, by the steps of the Fetch standard. No step
# here knows how a server came to its answer.

#: Response headers that scripts may always read. https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name
SAFELISTED_RESPONSE_HEADERS = frozenset(
    {"cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma"}
)

#: Content types that need no permission. https://fetch.spec.whatwg.org/#cors-safelisted-request-header
SAFELISTED_CONTENT_TYPES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data", "text/plain"})

#: https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte (beside the bytes below 0x20, except tab, and DEL)
UNSAFE_HEADER_BYTES = frozenset('"():<>?@[\\]{}')

LANGUAGE_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz *,-.;="
SAFELISTED_VALUE_LENGTH = 128

#: A value that makes every header one that needs permission.
UNSAFE_VALUE = "x" * (SAFELISTED_VALUE_LENGTH + 1)

SAFELISTED_TOTAL_LENGTH = 1024

#: The only name that `*` does not stand for. https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name
NON_WILDCARD_REQUEST_HEADERS = frozenset({"authorization"})


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
    """What script sees: nothing and `failure`, or the answer with the headers that `exposes` is true of."""

    failure: Failure | None
    exposes: Callable[[str], bool]

    @property
    def readable(self) -> bool:
        """Whether script can read the answer."""
        return self.failure is None


def normalized_method(method: str) -> str:
    """The method that is requested where a page asks for `method` (#concept-method-normalize)."""
    return method.upper() if method.upper() in NORMALIZED_METHODS else method


def verdict(request: PageRequest, preflight: ServerAnswer | None, answer: ServerAnswer) -> Verdict:
    """What script sees of `answer`. `preflight` is the answer to the preflight, if `needs_preflight` asks for one."""
    failure = (
        request_failure(request)
        or (preflight_failure(request, preflight) if preflight is not None and needs_preflight(request) else None)
        or cors_failure(request, answer, "the answer")
    )
    if failure is not None:
        return unreadable(failure)
    return Verdict(None, lambda name: is_exposed(request, answer, name))


def unreadable(failure: Failure) -> Verdict:
    """The verdict where a step failed: script sees a network error and no header."""
    return Verdict(failure, lambda name: False)


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


def preflight_failure(request: PageRequest, answer: ServerAnswer) -> Failure | None:
    """The CORS-preflight fetch (#cors-preflight-fetch), from step 7 on: why the browser does not send the request."""
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


def is_exposed(request: PageRequest, answer: ServerAnswer, name: str) -> bool:
    """Whether script may read the response header `name` (#cors-safelisted-response-header-name)."""
    name = name.lower()
    if name in FORBIDDEN_RESPONSE_HEADERS:
        return False
    exposed = [each.lower() for each in answer.listed(EXPOSE_HEADERS)]
    return name in SAFELISTED_RESPONSE_HEADERS or name in exposed or ("*" in exposed and not request.credentials)
