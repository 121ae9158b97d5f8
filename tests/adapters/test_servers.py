"""Real servers: an empty answer arrives at each, paired hooks are not half run, and header lines are told apart or not.

Werkzeug's development server, to the last byte, is in test_server.py.
"""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from answers import cors, vary

RULES = """
version = 1

[[rules]]
paths       = ["/api/*"]
origins     = ["https://app.example.com", "https://admin.example.com"]
methods     = ["PUT"]

[fallback]
headers     = ["x-client-origin"]
host-scheme = false
"""
APP = "https://app.example.com"
ADMIN = "https://admin.example.com"
STRANGER = "https://evil.test"
SECONDS = 30

#: Two applications with pairs of functions, and X-Ray's among them; which one answers says the Host.
APPLICATION = """
import os
from aws_xray_sdk.core import xray_recorder
from aws_xray_sdk.ext.flask.middleware import XRayMiddleware
from flask import Flask, g, request
import corsrules
from corsrules.flask import CorsRules
from corsrules.wsgi import CorsMiddleware

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cors.toml")
xray_recorder.configure(service="orders")


def made():
    app = Flask(__name__)
    XRayMiddleware(app, xray_recorder)

    @app.before_request
    def start():
        g.start = 7

    @app.after_request
    def stop(response):
        response.headers["X-Duration"] = str(g.start)
        return response

    @app.teardown_request
    def close(error):
        g.pop("start")
        if request.path == "/api/teardown":
            raise RuntimeError("broken")

    def fail():
        raise RuntimeError("broken")
        yield

    app.add_url_rule("/api/orders", "orders", lambda: "orders")
    app.add_url_rule("/api/broken", "broken", lambda: next(fail()))
    app.add_url_rule("/api/generator", "generator", lambda: fail())
    app.add_url_rule("/api/teardown", "teardown", lambda: "view")
    return app


with_rules, with_middleware = made(), made()
CorsRules(with_rules, FILE)
with_middleware.wsgi_app = CorsMiddleware(with_middleware.wsgi_app, corsrules.load(FILE))


def app(environ, start_response):
    chosen = with_rules if environ["HTTP_HOST"] == "rules" else with_middleware
    return chosen(environ, start_response)
"""

#: What starts a server for `application:app` on a port.
SERVERS: Mapping[str, Callable[[str], list[str]]] = {
    "gunicorn": lambda port: ["gunicorn", "--bind", f"127.0.0.1:{port}", "--no-control-socket", "application:app"],
    "waitress": lambda port: ["waitress", f"--listen=127.0.0.1:{port}", "application:app"],
    "cheroot": lambda port: ["cheroot", "--bind", f"127.0.0.1:{port}", "application:app"],
    "hypercorn": lambda port: ["hypercorn", "--bind", f"127.0.0.1:{port}", "wsgi:application:app"],
}


@pytest.fixture(scope="module", params=SERVERS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """The name and the port of a server that runs."""
    folder = tmp_path_factory.mktemp("server")
    (folder / "cors.toml").write_text(RULES, encoding="utf-8")
    (folder / "application.py").write_text(APPLICATION, encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", *SERVERS[request.param](str(port))]
    search = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=os.environ | {"PYTHONPATH": search}, stdout=log, stderr=log)
    try:
        wait_for(process, port, folder / "log")
        yield request.param, port
        assert process.poll() is None
    finally:
        process.terminate()
        process.wait(SECONDS)


def wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(log.read_text())


def ask(
    port: int, host: str, method: str, *lines: tuple[str, str], path: str = "/api/orders"
) -> tuple[http.client.HTTPResponse, bytes]:
    """Sends these header lines, as many of one name as there are, and reads the answer with its body."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)) as connection:
        connection.putrequest(method, path, skip_host=True)
        for name, value in (("Host", host), *lines):
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        return response, response.read()


PREFLIGHT = {"access-control-allow-origin": APP, "access-control-allow-methods": "PUT"}
VARY = {"origin", "x-client-origin"}


@pytest.mark.parametrize("host", ["rules", "middleware"])
@pytest.mark.parametrize(
    ("origin", "status", "expected"),
    [pytest.param(APP, 204, PREFLIGHT, id="allowed"), pytest.param(STRANGER, 403, {}, id="denied")],
)
def test_a_preflight(server: tuple[str, int], host: str, origin: str, status: int, expected: dict[str, str]) -> None:
    _, port = server
    response, body = ask(port, host, "OPTIONS", ("Origin", origin), ("Access-Control-Request-Method", "PUT"))

    assert (response.status, body, cors(response.getheaders()), vary(response.getheaders())) == (
        status,
        b"",
        expected,
        VARY,
    )
    assert response.getheader("X-Amzn-Trace-Id") is None


@pytest.mark.parametrize("host", ["rules", "middleware"])
def test_the_request_after_it(server: tuple[str, int], host: str) -> None:
    _, port = server
    response, body = ask(port, host, "GET", ("Origin", APP))

    assert (response.status, body, cors(response.getheaders())) == (
        200,
        b"orders",
        {"access-control-allow-origin": APP},
    )
    assert response.getheader("X-Duration") == "7"
    assert response.getheader("X-Amzn-Trace-Id") is not None


#: Where an exception is met, and whether the 500 is the application's, which carries CORS, or the server's own.
EXCEPTIONS = [
    ("in a view", "/api/broken", True),
    ("in a generator before its first byte", "/api/generator", False),
    ("in a teardown function", "/api/teardown", False),
]


@pytest.mark.parametrize("host", ["rules", "middleware"])
@pytest.mark.parametrize(
    ("path", "is_of_the_application"), [row[1:] for row in EXCEPTIONS], ids=[row[0] for row in EXCEPTIONS]
)
def test_an_exception(server: tuple[str, int], host: str, path: str, is_of_the_application: bool) -> None:
    name, port = server
    if name == "cheroot" and path == "/api/generator":
        pytest.skip("cheroot has sent the application's 200 by then, and breaks off")
    response, _ = ask(port, host, "GET", ("Origin", APP), path=path)

    assert response.status == 500
    assert cors(response.getheaders()) == ({"access-control-allow-origin": APP} if is_of_the_application else {})


CLIENT, FOLDED = "X-Client-Origin", "X_Client_Origin"

#: Lines of a request that a gateway filled in, and whom each server then takes it for: the gateway must overwrite them
#: in every spelling.
FILLED_IN = [
    ("one line", [(CLIENT, APP)], {"gunicorn": APP, "waitress": APP, "cheroot": APP, "hypercorn": APP}),
    ("two lines, which are joined", [(CLIENT, APP), (CLIENT, ADMIN)], {"cheroot": ADMIN}),
    ("another spelling", [(FOLDED, APP)], {"cheroot": APP, "hypercorn": APP}),
    (
        "both, that of the page last",
        [(CLIENT, APP), (FOLDED, ADMIN)],
        {"gunicorn": APP, "waitress": APP, "cheroot": ADMIN},
    ),
    (
        "both, that of the page first",
        [(FOLDED, ADMIN), (CLIENT, APP)],
        {"gunicorn": APP, "waitress": APP, "cheroot": APP},
    ),
]


@pytest.mark.parametrize(("lines", "taken_for"), [row[1:] for row in FILLED_IN], ids=[row[0] for row in FILLED_IN])
def test_lines_that_a_gateway_filled_in(server, lines, taken_for) -> None:
    name, port = server
    response, _ = ask(port, "rules", "GET", *lines)

    assert response.status == 200
    assert cors(response.getheaders()).get("access-control-allow-origin") == taken_for.get(name)
