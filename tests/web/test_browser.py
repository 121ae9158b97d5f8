"""What `corsrules.web.browser` says of browsers, and what a real Chromium does.

No driver: each page that the browser opens runs its requests, posts what script saw to the server that it came from,
and is answered with the address of the next page. Pages have real origins such as `https://app.example.test`, because
the browser resolves every name to loopback; nothing leaves the machine.

    Chromium ──opens──> pages (TLS, http) ──fetch──> the Flask application (TLS), which keeps what arrived
                          └──posts what script saw──> pages

Each request has a number, its cell, by which what script saw and what arrived are put together.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import ssl
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import pytest
import test_fetch
from flask import Flask, Response, abort, request
from werkzeug.serving import WSGIRequestHandler, generate_adhoc_ssl_context, make_server
from werkzeug.test import run_wsgi_app

import corsrules
from corsrules.analysis import filetests
from corsrules.web import browser, fetch, origin
from corsrules.web.browser import PageRequest, ServerAnswer, Verdict

#: Read before conftest.py removes the settings that come from outside.
BROWSER_IS_REQUIRED = os.environ.get("CORSRULES_REQUIRE_BROWSER") == "1"
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")

#: How many seconds the browser has for everything, and for one page.
SECONDS = 120
PATIENCE = 30

API = "https://api.example.test"

# --- the policies -----------------------------------------------------------------------------------------------------

RULES = """
version = 1

[profiles.browser] # pages of http may have credentials here
development = true
origins.web = ["https://app.example.test", "https://app.example.test:8443", "http://app.example.test"]

[[rules]]
paths            = ["/exact/*"]
origins          = ["https://app.example.test"]
methods          = ["PUT"]
request-headers  = ["x-token", "content-type"]
response-headers = ["x-seen"]

[[rules]]
paths            = ["/session/*"]
origins          = ["web", "https://pr-*.example.test", "https://xn--bcher-kva.example.test"]
methods          = ["PUT", "DELETE"]
request-headers  = ["authorization", "content-type", "x-token"]
response-headers = ["x-seen", "etag"]
credentials      = true
max-age          = 600

[[rules]]
paths   = ["/one-label/*"]
origins = ["https://*.example.test", "http://localhost:*"]
methods = ["PATCH"]

[[rules]]
paths           = ["/labels/*"]
origins         = ["https://**.example.test"]
methods         = ["PUT"]
request-headers = ["x-token"]
credentials     = true

[[rules]]
paths       = ["/part-of-a-label/*"]
origins     = ["https://pr-*.example.test", "https://*-example.test"]
methods     = ["PUT"]
credentials = true
waive       = ["CR206"] # anyone can register a name that ends so
reason      = "what the pattern says is what is asked here"

[[rules]]
paths   = ["/ports/*"]
origins = ["https://app.example.test:8000-8999", "http://localhost:3000-3999", "http://[::1]:*", "http://127.0.0.1:*"]
methods = ["PUT"]

[[rules]]
paths            = ["/every-port/*"]
origins          = ["https://**.example.test:*", "http://app.example.test:*"]
request-headers  = ["x-token"]
response-headers = ["x-seen"]
credentials      = true

[[rules]]
paths   = ["/anyone/*"]
origins = ["*"]

[[rules]]
paths            = ["/anyone-anything/*"]
origins          = ["*"]
methods          = ["*"]
request-headers  = ["*", "authorization"]
response-headers = ["*"]

[[rules]]
paths           = ["/anyone-but-authorization/*"]
origins         = ["*"]
methods         = ["*"]
request-headers = ["*"]

[[rules]]
paths            = ["/anything/*"]
origins          = ["https://app.example.test", "https://*.example.test"]
methods          = ["*"]
request-headers  = ["*", "authorization"]
response-headers = ["*"]

[[rules]]
paths   = ["/nobody/*"]
origins = []

[[rules]]
name    = "everyone reads"
paths   = ["/two-rules/*"]
origins = ["*"]

[[rules]]
name        = "the app writes"
paths       = ["/two-rules/*"]
origins     = ["https://app.example.test"]
methods     = ["PUT"]
credentials = true

[[rules]]
paths   = ["/two-rules/narrow/*"]
origins = ["https://admin.example.test"]

"""

#: A path for each policy; `/missing/` is answered with 404, `/ungoverned` is under no rule.
PATHS = (
    "/exact/orders",
    "/exact/missing",
    "/session/orders",
    "/one-label/orders",
    "/labels/orders",
    "/part-of-a-label/orders",
    "/ports/orders",
    "/every-port/orders",
    "/anyone/orders",
    "/anyone-anything/orders",
    "/anyone-but-authorization/orders",
    "/anything/orders",
    "/nobody/orders",
    "/two-rules/orders",
    "/two-rules/narrow/orders",
    "/ungoverned",
)

# --- the requests -----------------------------------------------------------------------------------------------------


class Asked(NamedTuple):
    """A request that a page makes, whichever page it is."""

    method: str
    headers: tuple[tuple[str, str], ...] = ()
    credentials: bool = False

    def by(self, page_origin: str) -> PageRequest:
        return PageRequest(page_origin, self.method, self.headers, self.credentials)


TOKEN = (("X-Token", "1"),)
AUTHORIZATION = (("Authorization", "Bearer x"),)

REQUESTS = (
    Asked("GET"),
    Asked("HEAD"),
    Asked("POST", (("Content-Type", "text/plain"),)),
    Asked("POST", (("Content-Type", "application/json"),)),
    Asked("PUT"),
    Asked("PATCH"),
    Asked("GET", TOKEN),
    Asked("GET", (("X-Other", "1"),)),
    Asked("GET", AUTHORIZATION),
    Asked("PUT", (*TOKEN, *AUTHORIZATION)),
    Asked("GET", credentials=True),
    Asked("PUT", credentials=True),
    Asked("GET", TOKEN, credentials=True),
    Asked("PUT", (*TOKEN, *AUTHORIZATION), credentials=True),
)

# --- the pages --------------------------------------------------------------------------------------------------------


class Page(NamedTuple):
    """A page: its address as somebody might type it, and the origin that the browser gives it.

    With a `frame`, the requests come from a frame of that kind in it.
    """

    address: str
    origin: str
    frame: str = ""

    def __str__(self) -> str:
        return f"{self.frame} in {self.address}" if self.frame else self.address


def page(address: str, origin: str | None = None, frame: str = "") -> Page:
    return Page(address, address if origin is None else origin, frame)


#: The pages that make every request to every path.
PAGES = (
    page("https://app.example.test"),
    page("https://app.example.test:8443"),
    page("https://app.example.test:9443"),
    page("http://app.example.test"),
    page("http://app.example.test:8080"),
    page("https://admin.example.test"),
    page("https://example.test"),
    page("https://a.b.example.test"),
    page("https://a.b.c.example.test"),
    page("https://pr-7.example.test"),
    page("https://pr-.example.test"),
    page("https://evilexample.test"),
    page("https://evil-example.test"),
    page("https://app.example.test.evil.test"),
    page("https://app-example.test"),
    page("https://app.example.test."),
    page("https://app.example.test,x.evil.test"),
    page("https://app_1.example.test"),
    page("https://bücher.example.test", "https://xn--bcher-kva.example.test"),
    page("http://localhost:3000"),
    page("http://127.0.0.1:3000"),
    page("http://[::1]:3000"),
    page("https://app.example.test", "null", "sandbox"),
)


def special(address: str) -> Page:
    """A page with a character in its name that is none of a name's; Chromium encodes one of them."""
    return page(address, address.replace("*", "%2A"))


#: Pages whose addresses are unusual; they make a few requests only.
SPECIAL_CHARACTERS = "{}'();&=+~!$`*\""
UNUSUAL_PAGES = (
    page("https://evil.test,x.example.test"),
    page("https://app.example.test", "https://app.example.test", "blob"),
    page("https://app.example.test", "null", "data"),
    page("https://a.pr-7.example.test"),
    page("https://APP.Example.TEST:443", "https://app.example.test"),
    page("http://app.example.test:80", "http://app.example.test"),
    page("https://app\u3002example\uff0etest", "https://app.example.test"),
    page("https://%61pp.example.test", "https://app.example.test"),
    page("https://\u017ftra\u00dfe.example.test", "https://xn--strae-oqa.example.test"),
    page("https://user:password@app.example.test", "https://app.example.test"),
    page("http://0x7f.1:3000", "http://127.0.0.1:3000"),
    page("http://[0:0:0:0:0:0:0:1]:3000", "http://[::1]:3000"),
    page("http://[::ffff:127.0.0.1]:3000", "http://[::ffff:7f00:1]:3000"),
    *(special(f"https://app.example.test{each}x.evil.test") for each in SPECIAL_CHARACTERS),
    *(special(f"https://evil.test{each}x.example.test") for each in SPECIAL_CHARACTERS),
)
UNUSUAL_CELLS = tuple(
    product(
        ("/exact/orders", "/labels/orders", "/part-of-a-label/orders", "/ports/orders"),
        (Asked("GET"), Asked("PUT", TOKEN, credentials=True)),
    )
)

# --- what each page asks ----------------------------------------------------------------------------------------------

#: The page of the rows of test_fetch.py, and the one that has no origin to speak of.
CONVERSING = (page(test_fetch.PAGE), page(test_fetch.PAGE, "null", "sandbox"))


class Answers(NamedTuple):
    """What is answered below /answers, whatever the policies say."""

    preflight: ServerAnswer
    final: ServerAnswer


NOTHING = ServerAnswer(204, ())
PERMISSION = ServerAnswer(
    204, ((fetch.ALLOW_ORIGIN, "*"), (fetch.ALLOW_METHODS, "*"), (fetch.ALLOW_HEADERS, "*, authorization"))
)

#: Each row of test_fetch.py, and each of its headers.
ANSWERS: list[tuple[PageRequest, Answers]] = [
    *(
        (asked, Answers(preflight or NOTHING, final))
        for asked, preflight, final, _ in (row.values for row in test_fetch.CONVERSATIONS)
    ),
    *(
        (PageRequest(test_fetch.PAGE, "GET", ((name, value),)), Answers(PERMISSION, PERMISSION))
        for name, value, _ in test_fetch.SAFELISTED
    ),
]


class Cell(NamedTuple):
    """One request of one page."""

    page: Page
    path: str
    request: PageRequest

    def __str__(self) -> str:
        headers = "".join(f" {name}: {value[:20]}" for name, value in self.request.headers)
        credentials = " with credentials" if self.request.credentials else ""
        return f"{self.request.method} {self.path}{headers}{credentials}"


CELLS = (
    *(Cell(each, path, asked.by(each.origin)) for each in PAGES for path in PATHS for asked in REQUESTS),
    *(Cell(each, path, asked.by(each.origin)) for each in UNUSUAL_PAGES for path, asked in UNUSUAL_CELLS),
    *(
        Cell(each, f"/answers/{index}", asked)
        for each in CONVERSING
        for index, (asked, _) in enumerate(ANSWERS)
        if asked.origin == each.origin and fetch.normalized_method(asked.method) == asked.method
    ),
)
VISITED = (*PAGES, *UNUSUAL_PAGES, *CONVERSING)
CELLS_OF: dict[Page, list[int]] = {each: [] for each in VISITED}
for number, cell in enumerate(CELLS):
    CELLS_OF[cell.page].append(number)

# --- the application --------------------------------------------------------------------------------------------------


class Arrived(NamedTuple):
    """A request as it reached the application, and what it was answered."""

    method: str
    headers: dict[str, str]
    answer: ServerAnswer

    @property
    def is_preflight(self) -> bool:
        return fetch.REQUEST_METHOD.lower() in self.headers


def add_views(app: Flask) -> None:
    methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]

    @app.route("/<path:path>", methods=methods)
    def orders(path: str) -> Response:
        if path.endswith("missing"):
            abort(404)
        return Response("seen", headers={"X-Seen": "1", "X-Other": "1", "ETag": '"1"', "Cache-Control": "no-store"})

    @app.route("/answers/<int:index>", methods=[*methods, "OPTIONS", "UT"], provide_automatic_options=False)
    def answers(index: int) -> Response:
        found = ANSWERS[index][1]
        status, headers = found.preflight if fetch.REQUEST_METHOD in request.headers else found.final
        response = Response("seen" if status == 200 else None, status)
        for name, value in headers:
            response.headers.add(name, value)
        return response

    @app.get("/start")
    def start() -> Response:
        """Leaves a cookie, and sends the browser to the first page."""
        response = Response(status=302, headers={"Location": address_of(0)})
        response.set_cookie("session", "1", secure=True, samesite="None")
        return response


def recorded(app: Flask, arrived: dict[int, list[Arrived]]) -> Callable[..., Iterable[bytes]]:
    """The application, keeping what each cell sends and is answered."""

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def keep(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            for cell in parse_qs(environ["QUERY_STRING"]).get("cell", ()):
                sent = {
                    name[5:].lower().replace("_", "-"): value for name, value in environ.items() if name[:5] == "HTTP_"
                }
                answer = ServerAnswer(int(status.split()[0]), tuple(headers))
                arrived[int(cell)].append(Arrived(environ["REQUEST_METHOD"], sent, answer))
            return start_response(status, headers, *rest)

        return app(environ, keep)

    return serve


# --- the pages' side --------------------------------------------------------------------------------------------------

SCRIPT = """
const ask = async ([cell, url, init]) => {
  try {
    const answer = await fetch(url, init);
    await answer.text();
    return [cell, {status: answer.status, headers: [...answer.headers.keys()]}];
  } catch (error) {
    return [cell, {error: error.name}];
  }
};
const askAll = async cells => ({origin: self.origin, answers: Object.fromEntries(await Promise.all(cells.map(ask)))});
"""
IN_FRAME = "<script>%s askAll(%s).then(seen => parent.postMessage(seen, '*'))</script>"
FRAMES = {
    "": "askAll(%(cells)s).then(report)",
    "sandbox": "frame.sandbox = 'allow-scripts'; frame.srcdoc = %(html)s; document.body.append(frame)",
    "data": "frame.src = 'data:text/html,' + encodeURIComponent(%(html)s); document.body.append(frame)",
    "blob": "frame.src = URL.createObjectURL(new Blob([%(html)s], {type: 'text/html'})); document.body.append(frame)",
}
HTML = """<!doctype html><meta charset="utf-8"><body><script>
%s
const report = async seen => {
  const address = location.protocol + "//" + location.host + location.pathname;
  const next = await (await fetch(address, {method: "POST", body: JSON.stringify(seen)})).text();
  if (next) location.replace(next);
};
const frame = document.createElement("iframe");
addEventListener("message", event => report(event.data));
%s
</script>
"""


def address_of(visit: int) -> str:
    return f"{VISITED[visit].address}/visit/{visit}"


def html_of(visit: int) -> str:
    page = VISITED[visit]
    cells = json.dumps(
        [[number, f"{API}{CELLS[number].path}?cell={number}", _init(CELLS[number])] for number in CELLS_OF[page]]
    )
    html = json.dumps(IN_FRAME % (SCRIPT, cells)).replace("</", "<\\/")
    return HTML % (SCRIPT, FRAMES[page.frame] % {"cells": cells, "html": html})


def _init(cell: Cell) -> dict[str, Any]:
    method, headers, credentials = cell.request[1:]
    return {"method": method, "headers": headers, **({"credentials": "include"} if credentials else {})}


class Pages:
    """The WSGI application that serves the pages and is told what script saw."""

    def __init__(self) -> None:
        self.seen: dict[Page, dict[str, Any]] = {}
        self.visit = -1
        self.moved = time.monotonic()
        self.finished = threading.Event()

    def __str__(self) -> str:
        where = f"at {VISITED[self.visit]}" if self.visit >= 0 else "before the first page"
        return f"{where}, {len(self.seen)} of {len(VISITED)} pages are done"

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        _, folder, *rest = environ["PATH_INFO"].split("/")
        if folder != "visit":  # the icon
            start_response("404 Not Found", [("Content-Length", "0")])
            return []
        visit = int(rest[0])
        if environ["REQUEST_METHOD"] == "GET":
            self.visit = visit
            self.moved = time.monotonic()
            body = html_of(visit).encode()
        else:
            self.seen[VISITED[visit]] = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
            body = address_of(visit + 1).encode() if visit + 1 < len(VISITED) else b""
            if not body:
                self.finished.set()
        start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(body)))])
        return [body]


# --- the browser ------------------------------------------------------------------------------------------------------


class Observed(NamedTuple):
    """What came of all visits: what script saw on each page, and what reached the application from each cell."""

    seen: dict[Page, dict[str, Any]]
    arrived: dict[int, list[Arrived]]
    app: Flask
    matcher: corsrules.Matcher
    seconds: float


@pytest.fixture(scope="module")
def observed(make_app: Callable[..., Flask], tmp_path_factory: pytest.TempPathFactory) -> Observed:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        reason = f"no browser: none of {', '.join(BROWSERS)} is on the PATH"
        pytest.fail(reason) if BROWSER_IS_REQUIRED else pytest.skip(reason)
    app = make_app(RULES, profile="browser")
    add_views(app)
    arrived: dict[int, list[Arrived]] = defaultdict(list)
    pages = Pages()
    tls = generate_adhoc_ssl_context()
    began = time.monotonic()
    with (
        served(recorded(app, arrived), tls) as api_port,
        served(pages, tls) as tls_port,
        served(pages, None) as http_port,
    ):
        browse(browser, tmp_path_factory.mktemp("browser"), resolver_rules(api_port, tls_port, http_port), pages)
    matcher = app.extensions["corsrules"].matcher
    return Observed(pages.seen, dict(arrived), app, matcher, time.monotonic() - began)


@contextmanager
def served(app: Callable[..., Iterable[bytes]], tls: ssl.SSLContext | None) -> Iterator[int]:
    """Serves `app` on a port of loopback."""
    server = make_server("127.0.0.1", 0, app, threaded=True, ssl_context=tls, request_handler=KeepsAlive)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join(SECONDS)
    server.server_close()


class KeepsAlive(WSGIRequestHandler):
    """Keeps connections open, which werkzeug's own does not: a TLS handshake costs more than an answer."""

    protocol_version = "HTTP/1.1"

    def run_wsgi(self) -> None:
        body, status, headers = run_wsgi_app(self.server.app, self.make_environ(), buffered=True)
        content = b"".join(body)
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        if code != "204" and "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        """Nothing: a browser drops connections as it likes."""


def resolver_rules(api_port: int, tls_port: int, http_port: int) -> str:
    """Every name is loopback, by the port that the page has."""
    names = ("*.test", "*.test.", "*.example.com", "localhost", "127.0.0.1", "[::1]", "[::ffff:7f00:1]")
    return ", ".join(
        [
            f"MAP api.example.test:443 127.0.0.1:{api_port}",
            *(f"MAP {name}:{port} 127.0.0.1:{tls_port}" for name in names for port in (443, 8443, 9443)),
            *(f"MAP {name}:{port} 127.0.0.1:{http_port}" for name in names for port in (80, 8080, 3000)),
            "MAP * ~NOTFOUND",
        ]
    )


def browse(browser: str, folder: Path, resolver_rules: str, pages: Pages) -> None:
    """Opens the first page and waits until the last one has reported."""
    command = [
        browser,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--no-proxy-server",
        "--ignore-certificate-errors",
        "--disable-features=HttpsUpgrades",
        "--disable-logging",
        f"--user-data-dir={folder / 'profile'}",
        f"--host-resolver-rules={resolver_rules}",
        f"{API}/start",
    ]
    log = folder / "log"
    deadline = time.monotonic() + SECONDS
    with (
        log.open("wb") as output,
        subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True) as process,
    ):
        try:
            while not pages.finished.wait(0.1):
                if process.poll() is not None:
                    pytest.fail(f"{browser} ended with {process.returncode}; {pages}; it says\n{_end(log)}")
                if time.monotonic() > min(deadline, pages.moved + PATIENCE):
                    pytest.fail(f"{browser} does not go on; {pages}; it says\n{_end(log)}")
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _end(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]


# --- what must agree --------------------------------------------------------------------------------------------------

#: Headers that the server adds to what the application answers.
OF_THE_SERVER = ("date", "server")


def differences(number: int, observed: Observed) -> Iterator[str]:
    """Where the browser did something else than the steps say, given what really arrived and was answered."""
    cell = CELLS[number]
    shown = observed.seen[cell.page]["answers"][str(number)]
    arrived = observed.arrived.get(number, [])
    preflights = [each for each in arrived if each.is_preflight]
    requests = [each for each in arrived if not each.is_preflight]
    preflight = preflights[0].answer if preflights else None

    sends = browser.request_failure(cell.request) is None
    asks_first = sends and browser.needs_preflight(cell.request)
    is_refused = preflight is not None and browser.preflight_failure(cell.request, preflight) is not None
    if len(preflights) != asks_first:
        yield f"{len(preflights)} preflights"
    if [each.method for each in requests] != [cell.request.method] * (sends and not is_refused):
        yield f"{[each.method for each in requests]} arrived"
    for each in preflights:
        said = {name: each.headers.get(name.lower()) for name in browser.preflight_headers(cell.request)}
        if said != browser.preflight_headers(cell.request) or "cookie" in each.headers:
            yield f"the preflight says {each.headers}"
    for each in requests:
        if each.headers.get("origin") != cell.request.origin:
            yield f"Origin is {each.headers.get('origin')}"
        if "cookie" in each.headers and not cell.request.credentials:
            yield "cookies without credentials"

    verdict = browser.verdict(cell.request, preflight, requests[0].answer if requests else NOTHING)
    yield from contradictions(verdict, shown, requests)


def contradictions(verdict: Verdict, shown: dict[str, Any], requests: list[Arrived]) -> Iterator[str]:
    """What script saw, against the verdict."""
    if "error" in shown:
        if verdict.readable or shown["error"] != "TypeError":
            yield f"the browser: {shown['error']}; corsrules: {verdict}"
        return
    if not verdict.readable:
        yield f"the browser: {shown}; corsrules: {verdict}"
        return
    answer = requests[0].answer
    names = {name.lower() for name, _ in answer.headers} | set(OF_THE_SERVER)
    exposed = {name for name in names if verdict.exposes(name)}
    if (shown["status"], set(shown["headers"])) != (answer.status, exposed):
        yield f"the browser: {shown}; corsrules: {answer.status} with {sorted(exposed)}"


@pytest.fixture
def chromium(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chromium's one departure from the standard: it counts `authorization` to `Access-Control-Allow-Headers: *`."""
    monkeypatch.setattr(browser, "NON_WILDCARD_REQUEST_HEADERS", frozenset())


@pytest.mark.usefixtures("chromium")
@pytest.mark.parametrize("page", VISITED, ids=str)
def test_the_browser_does_what_the_standard_says(page: Page, observed: Observed) -> None:
    found = [f"{CELLS[number]}: {each}" for number in CELLS_OF[page] for each in differences(number, observed)]
    assert observed.seen[page]["origin"] == page.origin
    assert found == []


@pytest.mark.usefixtures("chromium")
@pytest.mark.parametrize("page", [*PAGES, *UNUSUAL_PAGES], ids=str)
def test_the_verdict_on_the_adapter_is_the_browsers(page: Page, observed: Observed, cors_verdict: Any) -> None:
    """Over a Flask test client (by the fixture of our pytest plugin), and by `proof`, which asks the matcher."""
    client = observed.app.test_client()
    found = []
    for number in CELLS_OF[page]:
        _, path, asked = CELLS[number]
        shown = observed.seen[page]["answers"][str(number)]
        requests = [each for each in observed.arrived.get(number, []) if not each.is_preflight]
        for verdict in (
            cors_verdict(
                client,
                asked.origin,
                path,
                method=asked.method,
                headers=dict(asked.headers),
                credentials=asked.credentials,
            ),
            filetests.exchange(observed.matcher, path, asked).verdict,
        ):
            found += [f"{CELLS[number]}: {each}" for each in contradictions(verdict, shown, requests)]
    assert found == []


#: What a page sends as `Origin` that is no origin to us (docs/semantics.md §2.1), so that nothing but `"*"` allows it.
@pytest.mark.parametrize("page", VISITED, ids=str)
def test_which_pages_have_an_origin(page: Page) -> None:
    is_usual = not any(each in page.origin for each in SPECIAL_CHARACTERS + ",%") and page.origin != "null"
    assert (origin.parse(page.origin) is not None) == (is_usual and not page.origin.endswith("."))


def test_chromium_departs_from_the_standard_in_one_thing_only(observed: Observed) -> None:
    """https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name; a release of it may end this."""
    departing = {
        number
        for number, (_, path, asked) in enumerate(CELLS)
        if any(name.lower() == "authorization" for name, _ in asked.headers)
        and not asked.credentials
        and ((fetch.ALLOW_HEADERS, "*") in preflight_of(number, observed))
    }
    assert {number for number in range(len(CELLS)) if any(differences(number, observed))} == departing
    assert len(departing) > len(PAGES)


def preflight_of(number: int, observed: Observed) -> tuple[tuple[str, str], ...]:
    return next((each.answer.headers for each in observed.arrived.get(number, []) if each.is_preflight), ())


def test_both_outcomes_are_met(observed: Observed) -> None:
    """Of the matrix, for each kind of request and for each path that has both."""
    outcomes: dict[object, set[bool]] = defaultdict(set)
    for number, (page, path, asked) in enumerate(CELLS):
        if page in PAGES:
            readable = "error" not in observed.seen[page]["answers"][str(number)]
            outcomes[asked[1:]].add(readable)
            outcomes[path].add(readable)
    assert {each for each, found in outcomes.items() if found == {False}} == {"/nobody/orders", "/ungoverned"}
    assert {each for each, found in outcomes.items() if found == {True}} == set()


def test_cookies_go_with_credentials_only(observed: Observed) -> None:
    """From pages of the site that the API belongs to: others may be kept from having any."""
    for number, (page, _, asked) in enumerate(CELLS):
        if page.origin == "https://admin.example.test":
            cookies = {each.headers.get("cookie") for each in observed.arrived[number] if not each.is_preflight}
            assert cookies <= {"session=1" if asked.credentials else None}
