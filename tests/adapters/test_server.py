"""Over the wire: a real HTTP server on loopback, and what its bytes say."""

import http.client
import socket
import threading

import pytest
from answers import cors, vary_lines
from werkzeug.serving import make_server

RULES = """
version = 1

[[rules]]
paths       = ["/api/*"]
origins     = ["https://app.example.com"]
methods     = ["PUT"]
credentials = true
max-age     = 600
"""
APP = "https://app.example.com"
SECONDS = 10


@pytest.fixture(scope="module")
def address(make_app):
    app = make_app(RULES)
    app.add_url_rule("/api/orders", "orders", lambda: "orders")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address
    server.shutdown()
    thread.join(SECONDS)
    server.server_close()


@pytest.fixture
def connection(address):
    connection = http.client.HTTPConnection(*address, timeout=SECONDS)
    yield connection
    connection.close()


def ask(connection, method, path, *headers):
    """Sends these header lines, as many of one name as there are, and reads the answer with its body."""
    connection.putrequest(method, path)
    for name, value in headers:
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    return response, response.read()


ACTUAL = {"access-control-allow-credentials": "true", "access-control-allow-origin": APP}
PREFLIGHT = {**ACTUAL, "access-control-allow-methods": "PUT", "access-control-max-age": "600"}
METHOD = ("Access-Control-Request-Method", "PUT")


@pytest.mark.parametrize(
    ("origin", "status_line", "expected"),
    [
        pytest.param(APP, "HTTP/1.1 204 No Content", PREFLIGHT, id="allowed"),
        pytest.param("https://evil.test", "HTTP/1.1 403 Forbidden", {}, id="denied"),
    ],
)
def test_a_preflight_to_its_last_byte(address, origin, status_line, expected):
    """A byte after the blank line would be read as the next answer on a connection that a proxy keeps open.

    Werkzeug's server closes every connection, so all there is can be read.
    """
    lines = ["OPTIONS /api/orders HTTP/1.1", "Host: api.example.com", f"Origin: {origin}", ": ".join(METHOD), "", ""]
    with socket.create_connection(address, timeout=SECONDS) as connection:
        connection.sendall("\r\n".join(lines).encode())
        received = b"".join(iter(lambda: connection.recv(65536), b"")).decode()

    head, _, rest = received.partition("\r\n\r\n")
    first, *fields = head.split("\r\n")
    headers = [tuple(field.split(": ", 1)) for field in fields]
    names = {name.lower() for name, _ in headers}
    assert (first, rest) == (status_line, "")
    assert (cors(headers), vary_lines(headers)) == (expected, ["Origin"])
    assert "transfer-encoding" not in names
    assert ("content-type" in names) == (expected == {}), "a 204 has none, and PEP 3333 asks for one elsewhere"
    assert "content-length" not in names or (expected == {} and ("Content-Length", "0") in headers)


def test_the_actual_request_follows_its_preflight(connection):
    response, body = ask(connection, "OPTIONS", "/api/orders", ("Origin", APP), METHOD)
    assert (response.version, response.status, body) == (11, 204, b"")
    assert cors(response.getheaders()) == PREFLIGHT

    response, body = ask(connection, "GET", "/api/orders", ("Origin", APP))
    assert (response.status, body, cors(response.getheaders())) == (200, b"orders", ACTUAL)


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "body", "expected"),
    [
        pytest.param("GET", "/api/orders", [("Origin", APP)], 200, b"orders", ACTUAL, id="GET"),
        pytest.param("HEAD", "/api/orders", [("Origin", APP)], 200, b"", ACTUAL, id="HEAD"),
        pytest.param("GET", "/api/missing", [("Origin", APP)], 404, None, ACTUAL, id="404"),
        pytest.param("POST", "/api/orders", [("Origin", APP), ("Content-Length", "0")], 405, None, ACTUAL, id="405"),
        pytest.param("GET", "/api/orders?a=b", [("Origin", APP)], 200, b"orders", ACTUAL, id="a query"),
        pytest.param("GET", "/%61pi/orders", [("Origin", APP)], 200, b"orders", ACTUAL, id="a path that was encoded"),
        pytest.param("GET", "/api%2f..", [("Origin", APP)], None, None, {}, id="dots that were encoded"),
        pytest.param("GET", "/api/orders", [], 200, b"orders", {}, id="no Origin"),
        pytest.param(
            "GET",
            "/api/orders",
            [("Origin", APP), ("Origin", "https://evil.test")],
            200,
            b"orders",
            {},
            id="two Origins",
        ),
        pytest.param(
            "GET",
            "/api/orders",
            [("Origin", "https://evil.test"), ("Origin", APP)],
            200,
            b"orders",
            {},
            id="two others",
        ),
        pytest.param("GET", "/api/orders", [("Origin", APP), ("Origin", APP)], 200, b"orders", {}, id="one, twice"),
        pytest.param(
            "OPTIONS", "/api/x", [("Origin", APP), ("Origin", APP), METHOD], 403, b"", {}, id="in a preflight"
        ),
        pytest.param("GET", "/api/orders", [("Origin", APP + "x" * 8192)], 200, b"orders", {}, id="an Origin of 8 KiB"),
        pytest.param(
            "OPTIONS", "/api/orders", [("Origin", "." * 8192), METHOD], 403, b"", {}, id="a preflight's Origin of 8 KiB"
        ),
        pytest.param(
            "OPTIONS",
            "/api/orders",
            [("Origin", APP), METHOD, ("Access-Control-Request-Headers", "," * 60_000)],
            204,
            b"",
            PREFLIGHT,
            id="60 KB of commas",
        ),
        pytest.param("GET", "/api/orders", [("Origin", b"https://\xff\x80")], 200, b"orders", {}, id="other bytes"),
        pytest.param("GET", "/api/orders", [("X_Origin", APP), ("origin", APP)], 200, b"orders", ACTUAL, id="any case"),
        pytest.param("OPTIONS", "*", [("Origin", APP), METHOD], 403, b"", {}, id="OPTIONS *"),
    ],
)
def test_over_the_wire(connection, method, path, headers, status, body, expected):
    response, received = ask(connection, method, path, *headers)

    assert status in (None, response.status)
    assert body in (None, received)
    assert cors(response.getheaders()) == expected
