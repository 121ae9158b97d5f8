"""What is answered to a request, whatever adapter and protocol: one table, run by adapters/test_adapters.py.

Plain data: a request is its method, path, header lines and host; nothing here knows WSGI or Flask. Around each request
stand an application that answers every path and method alike (`View`), and the rules that it is put under (`Rules`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple, TypeAlias

Line: TypeAlias = tuple[str, str]


class Request(NamedTuple):
    """A request before any protocol carries it.

    `path` is below the mount point; text is sent as UTF-8. `headers` are the lines in their order, one name as often as
    it is sent, values of latin-1 characters. `host` is None where there is no Host. `mount` is where the application is
    mounted.
    """

    method: str = "GET"
    path: str | bytes = "/"
    headers: tuple[Line, ...] = ()
    host: str | None = None
    mount: str = ""


class Rules(NamedTuple):
    """A `cors.toml`, and the profile that is chosen."""

    text: str
    profile: str | None = None


class View(NamedTuple):
    """What the application answers to each request: HEAD without the body."""

    headers: tuple[Line, ...] = ()
    status: int = 200
    body: bytes = b"view"


@dataclass(frozen=True, slots=True)
class Untouched:
    """The application's answer, each of its lines as it wrote it."""


@dataclass(frozen=True, slots=True)
class Reached:
    """The application's answer with these CORS headers and no others, and with all of `vary` in one line."""

    cors: Mapping[str, str] = field(default_factory=dict)
    vary: frozenset[str] = frozenset({"origin"})


@dataclass(frozen=True, slots=True)
class Preflight:
    """An answer without a body, which the application never saw the request of."""

    status: int
    cors: Mapping[str, str] = field(default_factory=dict)
    vary: frozenset[str] = frozenset({"origin"})


Expected: TypeAlias = Untouched | Reached | Preflight


class Case(NamedTuple):
    """A row: what it is about, the request, what is answered, and around what."""

    description: str
    request: Request
    expected: Expected
    rules: Rules
    view: View


# --- the rules and their constants ------------------------------------------------------------------------------------

APP = "https://app.example.com"
APPS = "https://a.apps.example.com"
READER = "https://reader.example.net"
STRANGER = "https://evil.test"

RULES = Rules("""
version = 1

[[rules]]
name             = "session"
paths            = ["/api/*"]
origins          = ["https://app.example.com", "https://*.apps.example.com"]
methods          = ["PUT", "DELETE"]
request-headers  = ["X-CSRF-Token", "content-type"]
response-headers = ["x-request-id"]
credentials      = true
max-age          = 600

[[rules]]
name    = "readers"
paths   = ["/api/*"]
origins = ["https://reader.example.net"]

[[rules]]
name             = "public"
paths            = ["/public/*", "/mixed/*"]
origins          = ["*"]
response-headers = ["x-total"]
methods          = ["PATCH"]

[[rules]]
name        = "known here"
paths       = ["/mixed/*"]
origins     = ["https://app.example.com"]
credentials = true

[[rules]]
name    = "same-origin only"
paths   = ["/internal/*"]
origins = []
""")

#: What an actual request is answered, from APP, from READER, to a `"*"` rule, from APP beside one; and two preflights.
SESSION = {
    "access-control-allow-origin": APP,
    "access-control-allow-credentials": "true",
    "access-control-expose-headers": "x-request-id",
}
READING = {"access-control-allow-origin": READER}
PUBLIC = {"access-control-allow-origin": "*", "access-control-expose-headers": "x-total"}
KNOWN = {"access-control-allow-origin": APP, "access-control-allow-credentials": "true"}
SESSION_PREFLIGHT = {
    "access-control-allow-origin": APP,
    "access-control-allow-credentials": "true",
    "access-control-allow-methods": "DELETE, PUT",
    "access-control-allow-headers": "content-type, x-csrf-token",
    "access-control-max-age": "600",
}
PUBLIC_PREFLIGHT = {"access-control-allow-origin": "*", "access-control-allow-methods": "PATCH"}

#: The same of rules that give nothing more.
OWN = {"access-control-allow-origin": APP}
STAR = {"access-control-allow-origin": "*"}

NO_VARY: frozenset[str] = frozenset()
UNTOUCHED = Untouched()

#: An origin that is denied on a path that names some: an actual request, and a preflight.
DENIED = Reached()
REFUSED = Preflight(403)


def one_rule(origin: str, *, path: str = "/*", more: str = "") -> str:
    """The text of a file of one rule."""
    return f'version = 1\n[[rules]]\npaths = ["{path}"]\norigins = ["{origin}"]\n{more}'


def from_origin(origin: str | None) -> tuple[Line, ...]:
    """The header lines of a request from this origin; none without one."""
    return () if origin is None else (("Origin", origin),)


def asking(method: str = "PUT") -> tuple[Line, ...]:
    """What makes an OPTIONS request a preflight."""
    return (("Access-Control-Request-Method", method),)


#: What an application says: CORS headers that a rule replaces or removes, two lines that stay, and one to merge into.
VIEW_HEADERS: tuple[Line, ...] = (
    ("Access-Control-Allow-Origin", STRANGER),
    ("access-control-allow-origin", "*"),
    ("ACCESS-CONTROL-ALLOW-CREDENTIALS", "true"),
    ("Access-Control-Expose-Headers", "x-secret"),
    ("Access-Control-Allow-Methods", "*"),
    ("Access-Control-Allow-Private-Network", "true"),
    ("X-Kept", "1"),
    ("Allow", "GET"),
    ("Vary", "Accept"),
)

#: The application that says all of this, and the one that says nothing.
SAYING = View(VIEW_HEADERS)
SILENT = View()

# --- actual requests --------------------------------------------------------------------------------------------------

#: what it is about, path, origin, what is answered
ACTUAL: list[tuple[str, str, str | None, Expected]] = [
    ("allowed", "/api/orders", APP, Reached(SESSION)),
    ("allowed at the base of the path", "/api", APP, Reached(SESSION)),
    ("allowed by another rule of the path", "/api/orders", READER, Reached(READING)),
    (
        "allowed by a wildcard: the origin itself is answered",
        "/api/orders",
        APPS,
        Reached({**SESSION, "access-control-allow-origin": APPS}),
    ),
    ("denied", "/api/orders", STRANGER, DENIED),
    ("absent", "/api/orders", None, DENIED),
    ("empty", "/api/orders", "", DENIED),
    ("null", "/api/orders", "null", DENIED),
    ("malformed: a path", "/api/orders", "https://app.example.com/", DENIED),
    ("malformed: twice", "/api/orders", f"{APP}, {APP}", DENIED),
    ("malformed: the default port", "/api/orders", f"{APP}:443", DENIED),
    ("every origin: a literal star", "/public/x", APP, Reached(PUBLIC, NO_VARY)),
    ("every origin: strangers too", "/public/x", STRANGER, Reached(PUBLIC, NO_VARY)),
    ("every origin: none at all too", "/public/x", None, Reached(PUBLIC, NO_VARY)),
    ("every origin: null too", "/public/x", "null", Reached(PUBLIC, NO_VARY)),
    ("every origin: malformed too", "/public/x", "\x00, \xff", Reached(PUBLIC, NO_VARY)),
    ("a named origin beside a star rule: the more specific pattern decides", "/mixed/x", APP, Reached(KNOWN)),
    ("others beside it: the star, and still Vary", "/mixed/x", STRANGER, Reached(PUBLIC)),
    ("absent beside it: the star, and still Vary", "/mixed/x", None, Reached(PUBLIC)),
    ("null beside it: the star, and still Vary", "/mixed/x", "null", Reached(PUBLIC)),
    ("a rule that names nobody", "/internal/x", APP, Reached({}, NO_VARY)),
    ("a path that is read in several ways", "/api/../x", APP, Reached({}, NO_VARY)),
    ("under no rule", "/elsewhere", APP, UNTOUCHED),
    ("under no rule: paths are whole segments", "/apis", APP, UNTOUCHED),
    ("under no rule: paths are case-sensitive", "/API/orders", APP, UNTOUCHED),
]


def actual_requests() -> Iterator[Case]:
    """Each row with each method, for the answer does not depend on it."""
    for method, (description, path, origin, expected) in product(("GET", "HEAD", "POST", "PUT"), ACTUAL):
        request = Request(method, path, from_origin(origin))
        yield Case(f"{method}: {description}", request, expected, RULES, SILENT)


#: what it is about, the lines of `Origin`
ORIGIN_LINES: list[tuple[str, tuple[str, ...]]] = [
    ("two origins", (APP, STRANGER)),
    ("two origins, the allowed one last", (STRANGER, APP)),
    ("one, twice", (APP, APP)),
    ("8 KiB", (APP + "x" * 8192,)),
    ("other bytes", ("https://\xff\x80",)),
]


def origin_lines() -> Iterator[Case]:
    """Lines that are no origin: none of them is taken, and none is echoed."""
    for description, values in ORIGIN_LINES:
        lines = tuple(("Origin", value) for value in values)
        actual, preflight = Request("GET", "/api/x", lines), Request("OPTIONS", "/api/x", (*lines, *asking()))
        yield Case(f"Origin lines: {description}", actual, DENIED, RULES, SILENT)
        yield Case(f"Origin lines: {description}, in a preflight", preflight, REFUSED, RULES, SILENT)


# --- preflights -------------------------------------------------------------------------------------------------------

#: what it is about, path, origin, what is answered
PREFLIGHTS: list[tuple[str, str, str, Expected]] = [
    ("all that the rule gives", "/api/orders", APP, Preflight(204, SESSION_PREFLIGHT)),
    ("a rule that gives nothing more", "/api/orders", READER, Preflight(204, READING)),
    ("every origin", "/public/x", STRANGER, Preflight(204, PUBLIC_PREFLIGHT, NO_VARY)),
    ("every origin: null too", "/public/x", "null", Preflight(204, PUBLIC_PREFLIGHT, NO_VARY)),
    ("another origin", "/api/orders", STRANGER, REFUSED),
    ("null", "/api/orders", "null", REFUSED),
    ("an empty origin", "/api/orders", "", REFUSED),
    ("two origins", "/api/orders", f"{APP}, {STRANGER}", REFUSED),
    ("a rule that names nobody", "/internal/x", APP, Preflight(403, {}, NO_VARY)),
    ("a path that is read in several ways", "/api/../x", APP, Preflight(403, {}, NO_VARY)),
    (
        "a path that is read in several ways, one under a rule for nobody",
        "/api/../internal/x",
        APP,
        Preflight(403, {}, NO_VARY),
    ),
]

#: What a preflight may ask for: the answer is a constant, and nothing of this is parsed or reflected.
REQUESTED: list[tuple[str, tuple[Line, ...]]] = [
    ("what the rule gives", asking("PUT")),
    ("another method", asking("BREW")),
    ("no method", asking("")),
    ("a star", asking("*")),
    ("another header", (*asking(), ("Access-Control-Request-Headers", "x-other"))),
    ("no headers at all", (*asking(), ("Access-Control-Request-Headers", "*, x\r\nx: y, \xff"))),
    ("8 KiB of commas", (*asking("BREW"), ("Access-Control-Request-Headers", "*, x\r\nx: y" + "," * 8192))),
    ("private network access", (*asking(), ("Access-Control-Request-Private-Network", "true"))),
]


def preflights() -> Iterator[Case]:
    """Each row with each thing that may be asked for. The view would let everybody in."""
    for (description, path, origin, expected), (requested, lines) in product(PREFLIGHTS, REQUESTED):
        request = Request("OPTIONS", path, (*from_origin(origin), *lines))
        yield Case(f"preflight for {requested}: {description}", request, expected, RULES, SAYING)


#: what it is about, method, path, header lines, what is answered
NO_PREFLIGHTS: list[tuple[str, str, str, tuple[Line, ...], Expected]] = [
    ("OPTIONS without a requested method", "OPTIONS", "/api/x", from_origin(APP), Reached(SESSION)),
    ("the same from a stranger", "OPTIONS", "/api/x", from_origin(STRANGER), DENIED),
    ("OPTIONS without an origin", "OPTIONS", "/api/x", asking(), DENIED),
    ("another method than OPTIONS", "POST", "/api/x", (*from_origin(APP), *asking()), Reached(SESSION)),
    ("under no rule", "OPTIONS", "/elsewhere", (*from_origin(APP), *asking()), UNTOUCHED),
]
OWN_OPTIONS = View((("Access-Control-Allow-Origin", "*"), ("Access-Control-Allow-Methods", "*"), ("Allow", "GET")))


def no_preflights() -> Iterator[Case]:
    """Requests that the application answers itself, also where it says CORS headers to them."""
    for (description, method, path, lines, expected), view in product(NO_PREFLIGHTS, (SILENT, OWN_OPTIONS)):
        said = ", with headers of its own" if view.headers else ""
        yield Case(f"no preflight: {description}{said}", Request(method, path, lines), expected, RULES, view)


# --- the only writer --------------------------------------------------------------------------------------------------

VARIES = frozenset({"accept", "origin"})

#: what it is about, path, origin, what is answered
WRITTEN: list[tuple[str, str, str | None, Expected]] = [
    ("replaced where the origin is allowed", "/api/x", APP, Reached(SESSION, VARIES)),
    ("removed where it is denied", "/api/x", STRANGER, Reached({}, VARIES)),
    ("removed where it is null", "/api/x", "null", Reached({}, VARIES)),
    ("removed where it is absent", "/api/x", None, Reached({}, VARIES)),
    ("replaced by the star", "/public/x", STRANGER, Reached(PUBLIC, frozenset({"accept"}))),
    ("removed where a rule names nobody", "/internal/x", APP, Reached({}, frozenset({"accept"}))),
    ("removed where the path is read in several ways", "/api/./x", APP, Reached({}, frozenset({"accept"}))),
    ("left under no rule", "/elsewhere", APP, UNTOUCHED),
]


def written() -> Iterator[Case]:
    """Headers that the application has set."""
    for description, path, origin, expected in WRITTEN:
        request = Request("GET", path, from_origin(origin))
        yield Case(f"headers that it set: {description}", request, expected, RULES, SAYING)
    two_lines = View((*VIEW_HEADERS, ("Vary", "Cookie")))
    yield Case(
        "headers that it set: left under no rule, two lines of Vary too",
        Request("GET", "/elsewhere", from_origin(APP)),
        UNTOUCHED,
        RULES,
        two_lines,
    )


#: what it is about, the lines of `Vary` that the application says, and what is answered
VARY_LINES: list[tuple[str, tuple[str, ...], frozenset[str]]] = [
    ("none", (), frozenset({"origin"})),
    ("one line", ("Accept-Encoding",), frozenset({"accept-encoding", "origin"})),
    ("one line of several", ("Accept-Encoding,Accept",), frozenset({"accept-encoding", "accept", "origin"})),
    ("several lines", ("Accept", "Accept-Language"), frozenset({"accept", "accept-language", "origin"})),
    ("several lines that name one header twice", ("Accept", "origin, ACCEPT"), frozenset({"accept", "origin"})),
    ("the right one already", ("Origin",), frozenset({"origin"})),
    ("the right one in mixed case", ("oRIGIN",), frozenset({"origin"})),
    ("empty names", (" Accept ,, ",), frozenset({"accept", "origin"})),
    ("a star stays", ("*",), frozenset({"*"})),
    ("a star in another line stays", ("Accept", "*"), frozenset({"*"})),
]


def vary_lines() -> Iterator[Case]:
    """`Vary` is merged into what the application says; it is not added where the answer is the same for all."""
    for (description, lines, vary), origin in product(VARY_LINES, (APP, STRANGER, None)):
        cors = SESSION if origin == APP else {}
        request = Request("GET", "/api/x", from_origin(origin))
        view = View(tuple(("Vary", line) for line in lines))
        yield Case(f"Vary, {description}: to {origin}", request, Reached(cors, vary), RULES, view)
    yield Case(
        "Vary where the answer is the same for all",
        Request("GET", "/public/x", from_origin(APP)),
        Reached(PUBLIC, frozenset({"accept"})),
        RULES,
        View((("Vary", "Accept"),)),
    )


STATUSES = (201, 206, 304, 308, 401, 404, 405, 418, 500, 503)


def statuses() -> Iterator[Case]:
    """An error can be read by who is allowed, and by nobody else."""
    for status, origin in product(STATUSES, (APP, STRANGER)):
        request = Request("GET", "/api/x", from_origin(origin))
        view = View((("Access-Control-Allow-Origin", "*"),), status, b"" if status == 304 else b"view")
        yield Case(f"{status} to {origin}", request, Reached(SESSION if origin == APP else {}), RULES, view)


# --- paths ------------------------------------------------------------------------------------------------------------

AT_ROOT = Rules(one_rule(APP, path="/"))
IN_UNICODE = Rules(one_rule(APP, path="/straße/*"))
EVERYWHERE = Rules(one_rule(APP))

#: what it is about, where the application is mounted, method, path, the rules, what is answered
PLACED: list[tuple[str, str, str, str | bytes, Rules, Expected]] = [
    ("rules are about the path below the mount point", "/v1", "GET", "/api/x", RULES, Reached(SESSION)),
    ("the mount point is not part of it", "/api", "GET", "/x", RULES, UNTOUCHED),
    ("an empty path is the application's root", "/api", "GET", "", RULES, UNTOUCHED),
    ("an empty path is a slash", "/v1", "GET", "", AT_ROOT, Reached(OWN)),
    ("an empty path is a slash, in a preflight", "/v1", "OPTIONS", "", AT_ROOT, Preflight(204, OWN)),
    ("a Unicode path is that of the routes", "", "GET", "/straße/x", IN_UNICODE, Reached(OWN)),
    ("another Unicode path", "", "GET", "/strasse/x", IN_UNICODE, UNTOUCHED),
    ("the same text in latin-1 is another path", "", "GET", "/straße/x".encode("latin-1"), IN_UNICODE, UNTOUCHED),
    ("bytes that are no text", "", "GET", b"/\xff\xfe/x", EVERYWHERE, Reached(OWN)),
    ("OPTIONS *", "", "OPTIONS", "*", RULES, Preflight(403, {}, NO_VARY)),
]


def placed() -> Iterator[Case]:
    """Which path it is that rules are about."""
    for description, mount, method, path, rules, expected in PLACED:
        lines = (*from_origin(APP), *(asking() if method == "OPTIONS" else ()))
        yield Case(f"paths: {description}", Request(method, path, lines, mount=mount), expected, rules, SILENT)


# --- fallback: the gateway dropped Origin -----------------------------------------------------------------------------

FALLBACK = """
version = 1

[[rules]]
paths            = ["/api/*"]
origins          = ["https://app.example.com", "https://reader.example.net"]
methods          = ["PUT"]
response-headers = ["x-request-id"]
credentials      = true

[[rules]]
paths   = ["/public/*", "/mixed/*"]
origins = ["*"]

[[rules]]
paths   = ["/mixed/*"]
origins = ["https://app.example.com"]

[fallback]
"""
BY_HEADERS = Rules(FALLBACK + 'headers = ["x-client-origin", "x-viewer-origin"]\n')
BY_HOSTS = Rules(
    FALLBACK + 'hosts = {"api.example.com" = "https://reader.example.net", "api:8080" = "https://app.example.com"}\n'
)
BY_ALL = Rules(BY_HEADERS.text + 'hosts = {"api.example.com" = "https://reader.example.net"}\n')
BY_HOST = Rules(FALLBACK)
BY_NONE = Rules(FALLBACK + "host-scheme = false\n")
BY_HTTP_HOST = Rules(
    "version = 1\n[profiles.laptop]\ndevelopment = true\n"
    'origins.web = ["http://localhost:5173"]\n[[rules]]\npaths = ["/api/*"]\norigins = ["web"]\n'
    '[fallback]\nhost-scheme = "http"\n',
    "laptop",
)

#: The Host that names APP through `host-scheme`.
APP_HOST = "app.example.com"

#: What an actual request is answered whose origin was in `Origin`, and whose origin was not.
SENT = {
    "access-control-allow-origin": APP,
    "access-control-allow-credentials": "true",
    "access-control-expose-headers": "x-request-id",
}
FOUND = {"access-control-allow-origin": APP, "access-control-expose-headers": "x-request-id"}
SENT_READER = {**SENT, "access-control-allow-origin": READER}
FOUND_READER = {**FOUND, "access-control-allow-origin": READER}
NOBODY: dict[str, str] = {}

VIA_HEADERS = frozenset({"origin", "x-client-origin", "x-viewer-origin"})
VIA_HOST = frozenset({"origin"})

#: The fallbacks, each with its names in `Vary`: never the Host, which is part of every cache key.
FALLBACK_VARY = {
    BY_HEADERS: VIA_HEADERS,
    BY_ALL: VIA_HEADERS,
    BY_HOSTS: VIA_HOST,
    BY_HOST: VIA_HOST,
    BY_NONE: VIA_HOST,
    BY_HTTP_HOST: VIA_HOST,
}

#: what it is about, the rules, header lines, host, the CORS headers that are answered
FALLBACKS: list[tuple[str, Rules, tuple[Line, ...], str | None, dict[str, str]]] = [
    ("a header", BY_HEADERS, (("X-Client-Origin", APP),), None, FOUND),
    ("the second header where the first is absent", BY_HEADERS, (("X-Viewer-Origin", APP),), None, FOUND),
    ("an empty header counts as absent", BY_HEADERS, (("X-Client-Origin", ""), ("X-Viewer-Origin", APP)), None, FOUND),
    ("the first header", BY_HEADERS, (("X-Client-Origin", READER), ("X-Viewer-Origin", APP)), None, FOUND_READER),
    ("a denied header decides", BY_HEADERS, (("X-Client-Origin", STRANGER), ("X-Viewer-Origin", APP)), None, NOBODY),
    (
        "a malformed header decides",
        BY_HEADERS,
        (("X-Client-Origin", f"{APP}/"), ("X-Viewer-Origin", APP)),
        None,
        NOBODY,
    ),
    ("a header that says null", BY_HEADERS, (("X-Client-Origin", "null"),), APP_HOST, NOBODY),
    ("a header with two origins", BY_HEADERS, (("X-Client-Origin", f"{APP}, {APP}"),), None, NOBODY),
    ("a header that is sent twice", BY_HEADERS, (("X-Client-Origin", APP), ("X-Client-Origin", APP)), None, NOBODY),
    ("a header is not trimmed", BY_HEADERS, (("X-Client-Origin", f" {APP}"),), None, NOBODY),
    ("a header that the file does not name", BY_HEADERS, (("X-Other-Origin", APP),), None, NOBODY),
    ("host-scheme where no header is there", BY_HEADERS, (), APP_HOST, FOUND),
    ("hosts", BY_HOSTS, (), "api.example.com", FOUND_READER),
    ("hosts with a port", BY_HOSTS, (), "api:8080", FOUND),
    ("hosts: the port is part of the name", BY_HOSTS, (), "api", NOBODY),
    ("hosts: upper case is another name", BY_HOSTS, (), "API.example.com", NOBODY),
    ("hosts: with a port it is another name", BY_HOSTS, (), "api.example.com:443", NOBODY),
    ("hosts: with a final dot it is another name", BY_HOSTS, (), "api.example.com.", NOBODY),
    ("host-scheme where hosts does not name it", BY_HOSTS, (), APP_HOST, FOUND),
    ("hosts: no Host", BY_HOSTS, (("X-Client-Origin", APP),), None, NOBODY),
    ("host-scheme", BY_HOST, (), APP_HOST, FOUND),
    ("host-scheme: another host", BY_HOST, (), "evil.test", NOBODY),
    ("host-scheme: upper case", BY_HOST, (), "APP.example.com", NOBODY),
    ("host-scheme: the default port", BY_HOST, (), "app.example.com:443", NOBODY),
    ("host-scheme: a final dot", BY_HOST, (), "app.example.com.", NOBODY),
    ("host-scheme: userinfo", BY_HOST, (), "evil.test@app.example.com", NOBODY),
    ("host-scheme: twice", BY_HOST, (), "app.example.com, app.example.com", NOBODY),
    ("host-scheme: an injection", BY_HOST, (), "app.example.com\r\nX: y", NOBODY),
    ("host-scheme: an empty Host", BY_HOST, (), "", NOBODY),
    ("host-scheme: no Host", BY_HOST, (), None, NOBODY),
    ("host-scheme = false", BY_NONE, (), APP_HOST, NOBODY),
    ("headers come before hosts", BY_ALL, (("X-Client-Origin", APP),), "api.example.com", FOUND),
    ("and decide alone", BY_ALL, (("X-Client-Origin", STRANGER),), "api.example.com", NOBODY),
    ("unless they are empty", BY_ALL, (("X-Client-Origin", ""),), "api.example.com", FOUND_READER),
    ("null stays", BY_ALL, (("Origin", "null"), ("X-Client-Origin", APP)), APP_HOST, NOBODY),
    ("an empty Origin stays", BY_ALL, (("Origin", ""), ("X-Client-Origin", APP)), APP_HOST, NOBODY),
    ("a malformed Origin stays", BY_ALL, (("Origin", "app.example.com"),), APP_HOST, NOBODY),
    ("a denied Origin stays denied", BY_ALL, (("Origin", STRANGER), ("X-Client-Origin", APP)), None, NOBODY),
    ("an allowed Origin is taken", BY_ALL, (("Origin", READER), ("X-Client-Origin", APP)), None, SENT_READER),
    (
        "host-scheme may be another",
        BY_HTTP_HOST,
        (),
        "localhost:5173",
        {"access-control-allow-origin": "http://localhost:5173"},
    ),
]


def fallbacks() -> Iterator[Case]:
    """Who is taken for the origin."""
    for description, rules, lines, host, cors in FALLBACKS:
        expected = Reached(cors, FALLBACK_VARY[rules])
        yield Case(f"fallback: {description}", Request("GET", "/api/x", lines, host), expected, rules, SILENT)


LICENSED = Rules(BY_HEADERS.text + "credentials = true\n")
UNLICENSED = Rules(BY_HEADERS.text + "credentials = false\n")

#: What a preflight is answered whose origin was in `Origin`, and whose origin was not.
WRITES = {"access-control-allow-origin": APP, "access-control-allow-methods": "PUT"}
SENT_WRITES = {**WRITES, "access-control-allow-credentials": "true"}

#: what it is about, the rules, header lines, host, the CORS headers of the answer and of a preflight's
CREDENTIALS: list[tuple[str, Rules, tuple[Line, ...], str | None, dict[str, str], dict[str, str]]] = [
    ("not by default", BY_HEADERS, (("X-Client-Origin", APP),), None, FOUND, WRITES),
    ("not by default through Host", BY_HEADERS, (), APP_HOST, FOUND, WRITES),
    ("not where the file denies them", UNLICENSED, (("X-Client-Origin", APP),), None, FOUND, WRITES),
    ("where the file says so", LICENSED, (("X-Client-Origin", APP),), None, SENT, SENT_WRITES),
    ("where the file says so, through Host", LICENSED, (), APP_HOST, SENT, SENT_WRITES),
    (
        "Origin itself needs no licence",
        BY_HEADERS,
        (("Origin", APP), ("X-Client-Origin", APP)),
        None,
        SENT,
        SENT_WRITES,
    ),
]


def fallback_credentials() -> Iterator[Case]:
    """Whether credentials are allowed to an origin that was not in `Origin`."""
    for description, rules, lines, host, cors, preflight_cors in CREDENTIALS:
        about = f"fallback and credentials: {description}"
        yield Case(about, Request("GET", "/api/x", lines, host), Reached(cors, VIA_HEADERS), rules, SILENT)
        preflight = Request("OPTIONS", "/api/x", (*lines, *asking()), host)
        yield Case(f"{about}, in a preflight", preflight, Preflight(204, preflight_cors, VIA_HEADERS), rules, SILENT)


#: what it is about, path, header lines, host, what is answered
BESIDE_STARS: list[tuple[str, str, tuple[Line, ...], str | None, Expected]] = [
    (
        "a path with only a star never consults it",
        "/public/x",
        (("X-Client-Origin", APP),),
        None,
        Reached(STAR, NO_VARY),
    ),
    ("nor asks for the Host", "/public/x", (), APP_HOST, Reached(STAR, NO_VARY)),
    ("beside a named origin it is consulted", "/mixed/x", (("X-Client-Origin", APP),), None, Reached(OWN, VIA_HEADERS)),
    ("through the Host too", "/mixed/x", (), APP_HOST, Reached(OWN, VIA_HEADERS)),
    ("where it gives nobody", "/mixed/x", (("X-Client-Origin", STRANGER),), None, Reached(STAR, VIA_HEADERS)),
    ("where it is malformed", "/mixed/x", (("X-Client-Origin", "null"),), None, Reached(STAR, VIA_HEADERS)),
    ("where it is absent", "/mixed/x", (), None, Reached(STAR, VIA_HEADERS)),
    ("under no rule", "/elsewhere", (("X-Client-Origin", APP),), APP_HOST, UNTOUCHED),
]


def beside_stars() -> Iterator[Case]:
    """The fallback and rules for every origin."""
    for description, path, lines, host, expected in BESIDE_STARS:
        request = Request("GET", path, lines, host)
        yield Case(f"fallback and every origin: {description}", request, expected, BY_HEADERS, SILENT)


#: what it is about, path, header lines, host, what is answered
WITHOUT_ORIGIN: list[tuple[str, str, tuple[Line, ...], str | None, Expected]] = [
    ("allowed by a header", "/api/x", (("X-Client-Origin", APP),), None, Preflight(204, WRITES, VIA_HEADERS)),
    ("allowed through the Host", "/api/x", (), APP_HOST, Preflight(204, WRITES, VIA_HEADERS)),
    ("a path with a star", "/public/x", (), None, Preflight(204, STAR, NO_VARY)),
    ("a star, denied", "/mixed/x", (("X-Client-Origin", STRANGER),), None, Preflight(204, STAR, VIA_HEADERS)),
    ("denied: the application's own", "/api/x", (("X-Client-Origin", STRANGER),), None, Reached({}, VIA_HEADERS)),
    ("null: the application's own", "/api/x", (("X-Client-Origin", "null"),), None, Reached({}, VIA_HEADERS)),
    ("nothing: the application's own", "/api/x", (), None, Reached({}, VIA_HEADERS)),
]


def without_origin() -> Iterator[Case]:
    """OPTIONS without `Origin` is a preflight where the fallback or a rule for every origin allows it."""
    for description, path, lines, host, expected in WITHOUT_ORIGIN:
        request = Request("OPTIONS", path, (*lines, *asking()), host)
        yield Case(f"preflight without origin: {description}", request, expected, BY_HEADERS, OWN_OPTIONS)
    request = Request("OPTIONS", "/api/x", (("X-Client-Origin", READER), *asking()))
    expected = Preflight(204, READING, frozenset({"origin", "x-client-origin"}))
    rules = Rules(RULES.text + '[fallback]\nheaders = ["x-client-origin"]\n')
    yield Case("preflight without origin: a rule that gives nothing more", request, expected, rules, OWN_OPTIONS)


#: what it is about, header lines, host, the CORS headers that are answered where headers are named and where not
FALLBACK_REQUESTS: list[tuple[str, tuple[Line, ...], str | None, dict[str, str], dict[str, str]]] = [
    ("allowed", from_origin(APP), None, SENT, SENT),
    ("denied", from_origin(STRANGER), None, NOBODY, NOBODY),
    ("from a header", (("X-Client-Origin", APP),), None, FOUND, NOBODY),
    ("from the Host", (), APP_HOST, FOUND, FOUND),
    ("absent", (), None, NOBODY, NOBODY),
]


def fallback_vary() -> Iterator[Case]:
    """The same names in `Vary` of every answer on the path."""
    for by, rules in (("headers", BY_HEADERS), ("hosts", BY_HOSTS), ("host-scheme", BY_HOST)):
        for description, lines, host, by_headers, otherwise in FALLBACK_REQUESTS:
            expected = Reached(by_headers if rules is BY_HEADERS else otherwise, FALLBACK_VARY[rules])
            for method, path in (("GET", "/api"), ("GET", "/api/x"), ("GET", "/api/y/"), ("POST", "/api/x")):
                request = Request(method, path, lines, host)
                yield Case(f"fallback {by}, {description}: {method} {path}", request, expected, rules, SILENT)


CASES: list[Case] = [
    *actual_requests(),
    *origin_lines(),
    *preflights(),
    *no_preflights(),
    *written(),
    *vary_lines(),
    *statuses(),
    *placed(),
    *fallbacks(),
    *fallback_credentials(),
    *beside_stars(),
    *without_origin(),
    *fallback_vary(),
]
