"""What the Fetch and HTTP standards list: the names of headers and methods, and which of them need permission.

Only tables live here, each with the clause that it comes from, and the questions that a table answers. What a browser
does with them is in `browser`.
"""

from __future__ import annotations

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

#: Headers that only a server sends, in answers: RFC 9110 (sections 8.8, 10.2, 11.6.1, 12.5.5, 14.3), RFC 9111
#: section 5, and those that tell a browser what to do with an answer. A page that sends one took it for a setting.
ANSWER_HEADERS = frozenset(
    {
        "accept-ranges",
        "age",
        "allow",
        "content-security-policy",
        "content-security-policy-report-only",
        "cross-origin-embedder-policy",
        "cross-origin-opener-policy",
        "cross-origin-resource-policy",
        "etag",
        "expires",
        "last-modified",
        "location",
        "permissions-policy",
        "referrer-policy",
        "retry-after",
        "server",
        "strict-transport-security",
        "timing-allow-origin",
        "vary",
        "www-authenticate",
        "x-content-type-options",
        "x-frame-options",
        "x-xss-protection",
    }
)

#: Headers that only a browser sends, in requests: RFC 9110 (sections 7.2, 7.6.2, 10.1, 12.5.2, 12.5.4, 13.1, 14.2),
#: RFC 6265, the Fetch standard. (Not `authorization`: servers answer with a token in it.)
QUESTION_HEADERS = frozenset(
    {
        "accept-charset",
        "accept-language",
        "cookie",
        "expect",
        "from",
        "host",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "max-forwards",
        "origin",
        "range",
        "referer",
        "te",
        "upgrade-insecure-requests",
        "user-agent",
        "x-requested-with",
    }
)
QUESTION_HEADER_PREFIXES = ("sec-fetch-", "sec-ch-")

#: What the CORS protocol itself says, in requests and answers: no page sends it, and a page has no use of it.
CORS_HEADER_PREFIX = "access-control-"

#: Response headers that no page may read. https://fetch.spec.whatwg.org/#forbidden-response-header-name
FORBIDDEN_RESPONSE_HEADERS = frozenset({"set-cookie", "set-cookie2"})

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

#: RFC 9110 section 5.6.2, token.
HTTP_NAME_CHARACTERS = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def is_token(text: str) -> bool:
    """Whether `text` is an HTTP token, the form of every method and header name (RFC 9110 section 5.6.2)."""
    return text != "" and not text.strip(HTTP_NAME_CHARACTERS)


def is_forbidden_request_header(name: str) -> bool:
    """Whether a page may never set the header `name` (given in lower case), whatever a server allows."""
    return name in FORBIDDEN_REQUEST_HEADERS or name.startswith(FORBIDDEN_REQUEST_HEADER_PREFIXES)


def is_of_answers(name: str) -> bool:
    """Whether only a server sends the header `name` (given in lower case)."""
    return name in ANSWER_HEADERS or name.startswith(CORS_HEADER_PREFIX)


def is_of_requests(name: str) -> bool:
    """Whether only a browser sends the header `name` (given in lower case)."""
    return name in QUESTION_HEADERS or name.startswith(QUESTION_HEADER_PREFIXES)


def normalized_method(method: str) -> str:
    """The method that is requested where a page asks for `method` (#concept-method-normalize)."""
    return method.upper() if method.upper() in NORMALIZED_METHODS else method
