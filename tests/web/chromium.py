"""A real Chromium without a driver, and the application that its pages ask.

Each page that the browser opens runs its requests, posts what script saw to the server that it came from, and is
answered with the address of the next page. Pages have real origins such as `https://app.example.test`, because the
browser resolves every name to loopback; nothing leaves the machine.

    Chromium ──opens──> pages (TLS, http) ──fetch──> the Flask application (TLS), which keeps what arrived
                          └──posts what script saw──> pages

Each request has a number, its cell, by which what script saw and what arrived are put together.
"""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs

import pytest
from answers import ask
from chromium_matrix import ANSWERS, CELLS, CELLS_OF, VISITED, Cell, Page
from flask import Flask, Response, abort, request
from werkzeug.serving import WSGIRequestHandler, generate_adhoc_ssl_context, make_server

import corsrules
from corsrules.web import fetch
from corsrules.web.browser import ServerAnswer

#: How many seconds the browser has for everything, and for one page.
SECONDS = 120
PATIENCE = 30

API = "https://api.example.test"

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


def visit_all(browser: str, app: Flask, folder: Path) -> Observed:
    """Has the browser visit all pages, which ask `app`."""
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
        browse(browser, folder, resolver_rules(api_port, tls_port, http_port), pages)
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
        answer = ask(self.server.app, self.make_environ())
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.status != 204 and "Content-Length" not in answer.headers:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

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
