"""Applications whose functions come in pairs, or refuse before any other: no preflight runs half of them.

What an application does before a view and what it does after belong together: a clock that is started and read, a
connection that is opened and closed. A preflight reaches neither, and every other request runs both.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from adapter_cases import APP, RULES, SESSION, SESSION_PREFLIGHT, STRANGER
from flask import Flask, Response, abort, g, got_request_exception, request_finished, request_started, session
from flask.sessions import SecureCookieSessionInterface

#: What an application has begun and ended; the same of each, once a request is over.
Ran = list[str]


# --- applications -----------------------------------------------------------------------------------------------------


def clock(app: Flask, ran: Ran) -> None:
    """Started before the view, and read after it."""

    @app.before_request
    def start() -> None:
        ran.append("begin")
        g.start = 7

    @app.after_request
    def stop(response: Response) -> Response:
        response.headers["X-Duration"] = str(g.start)
        ran.append("end")
        return response


def connection(app: Flask, ran: Ran) -> None:
    """Opened before the view, and closed when the request is torn down."""

    @app.before_request
    def begin() -> None:
        ran.append("begin")
        g.connection = ran

    @app.teardown_request
    def end(error: BaseException | None) -> None:
        g.connection.append("end")


def signals(app: Flask, ran: Ran) -> None:
    """Flask's own pair of signals."""

    def begin(sender: Flask) -> None:
        g.span = ran
        ran.append("begin")

    def end(sender: Flask, response: Response) -> None:
        g.span.append("end")

    app.extensions["listeners"] = [begin, end]  # which blinker refers to weakly
    request_started.connect(begin, app)
    request_finished.connect(end, app)


def session_store_down(app: Flask, ran: Ran) -> None:
    """Every request that opens a session fails."""

    class Down(SecureCookieSessionInterface):
        def open_session(self, *_: object) -> None:
            ran.extend(("begin", "end"))
            raise ConnectionError("the session store is down")

        def save_session(self, *_: object) -> None:
            raise ConnectionError("the session store is down")

    app.session_interface = Down()


def session_cannot_be_saved(app: Flask, ran: Ran) -> None:
    """A session is opened, and the store is away when it is to be saved."""

    class Away(SecureCookieSessionInterface):
        def save_session(self, *_: object) -> None:
            if "end" not in ran:  # it is to be saved for the 500, too
                ran.append("end")
            raise ConnectionError("the session store is down")

    app.secret_key = "secret"
    app.session_interface = Away()

    @app.before_request
    def begin() -> None:
        ran.append("begin")
        session["seen"] = True


def preprocessor_refuses(app: Flask, ran: Ran) -> None:
    """A `url_value_preprocessor` that aborts, which Flask calls before any `before_request` function."""

    @app.url_value_preprocessor
    def refuse(endpoint: str | None, values: dict[str, object] | None) -> None:
        ran.extend(("begin", "end"))
        abort(401)


def authentication(app: Flask, ran: Ran) -> None:
    """A `before_request` function that aborts."""

    @app.before_request
    def refuse() -> None:
        ran.extend(("begin", "end"))
        abort(401)


def after_request_raises(app: Flask, ran: Ran) -> None:
    """Flask then calls no other `after_request` function, for the 500 neither."""

    @app.after_request
    def fail(response: Response) -> Response:
        ran.extend(("begin", "end"))
        raise RuntimeError("broken")

    app.after_request(lambda response: response)


def errors_are_counted(app: Flask, ran: Ran) -> None:
    """An error of the view is counted; nobody expects one where no view ran."""

    @app.before_request
    def fail() -> None:
        ran.append("begin")
        raise RuntimeError("broken")

    def count(sender: Flask, exception: BaseException) -> None:
        ran.append("end")

    app.extensions["listeners"] = [count]
    got_request_exception.connect(count, app)


class Row(NamedTuple):
    """An application, and the status of its answer to an ordinary request.

    `calls_hooks`: whether Flask calls the `after_request` functions for that answer.
    """

    build: Callable[[Flask, Ran], None]
    status: int
    calls_hooks: bool = True


APPLICATIONS = [
    Row(clock, 200),
    Row(connection, 200),
    Row(signals, 200),
    Row(session_store_down, 500, calls_hooks=False),
    Row(session_cannot_be_saved, 500, calls_hooks=False),
    Row(preprocessor_refuses, 401),
    Row(authentication, 401),
    Row(after_request_raises, 500, calls_hooks=False),
    Row(errors_are_counted, 500),
]

PREFLIGHTS = [
    pytest.param("/api/orders", APP, 204, SESSION_PREFLIGHT, id="allowed"),
    pytest.param("/api/orders", STRANGER, 403, {}, id="denied"),
    pytest.param("/api/orders", "null", 403, {}, id="denied: null"),
    pytest.param("/api/missing", APP, 204, SESSION_PREFLIGHT, id="allowed where there is no view"),
]


@pytest.mark.parametrize("rules_come", ["first", "last"])
@pytest.mark.parametrize("row", APPLICATIONS, ids=lambda row: row.build.__name__)
class TestPairs:
    @pytest.fixture
    def made(self, row: Row, rules_come: str, install, make_app) -> tuple[Flask, Ran]:
        app, ran = make_app(None), []
        if rules_come == "first":
            install(app)
        row.build(app, ran)
        if rules_come == "last":
            install(app)
        app.add_url_rule("/api/orders", "orders", lambda: "orders", methods=["GET", "PUT"])
        return app, ran

    @pytest.mark.parametrize(("path", "origin", "status", "cors"), PREFLIGHTS)
    def test_a_preflight_is_answered_and_runs_nothing(self, made, send, path, origin, status, cors) -> None:
        app, ran = made
        answer = send(app, path, "OPTIONS", {"Origin": origin, "Access-Control-Request-Method": "PUT"})

        assert (answer.status, answer.cors, answer.vary, answer.body) == (status, cors, {"origin"}, b"")
        assert ran == []

    @pytest.mark.parametrize("method", ["GET", "OPTIONS"])
    @pytest.mark.parametrize(("origin", "cors"), [(APP, SESSION), (STRANGER, {})], ids=["allowed", "denied"])
    def test_another_request_runs_both_and_carries_cors(self, made, row, send, method, origin, cors) -> None:
        """The middleware's always does; that of a hook where Flask calls hooks."""
        app, ran = made
        answer = send(app, "/api/orders", method, {"Origin": origin})
        carries = row.calls_hooks or "corsrules" not in app.extensions

        assert (answer.status, answer.cors) == (row.status, cors if carries else {})
        assert ("origin" in answer.vary) == carries
        assert ran == ["begin", "end"] * (len(ran) // 2)
        assert ran


# --- AWS X-Ray --------------------------------------------------------------------------------------------------------

#: In a process of its own: the SDK keeps threads and a socket, and changes Flask for good.
XRAY = """
import json
import sys

from aws_xray_sdk.core import xray_recorder
from aws_xray_sdk.ext.flask.middleware import XRayMiddleware
from flask import Flask

import corsrules
from corsrules.flask import CorsRules
from corsrules.wsgi import CorsMiddleware

file, adapter = sys.argv[1:]
app = Flask("orders")
app.add_url_rule("/api/orders", "orders", lambda: "orders")
xray_recorder.configure(service="orders")
XRayMiddleware(app, xray_recorder)
if adapter == "CorsRules":
    CorsRules(app, file)
else:
    app.wsgi_app = CorsMiddleware(app.wsgi_app, corsrules.load(file))


def ask(method, origin, **headers):
    answer = app.test_client().open("/api/orders", method=method, headers={"Origin": origin, **headers})
    cors = {name.lower(): value for name, value in answer.headers if name.lower().startswith("access-control-")}
    return answer.status_code, cors, "X-Amzn-Trace-Id" in answer.headers


preflight = {"Access-Control-Request-Method": "PUT"}
asked = [ask("OPTIONS", origin, **preflight) for origin in sys.stdin.read().split()]
print(json.dumps([*asked, ask("GET", "https://app.example.com")]))
"""


@pytest.mark.parametrize("adapter", ["CorsRules", "CorsMiddleware"])
def test_the_middleware_of_aws_xray_with_its_defaults(adapter: str, tmp_path: Path) -> None:
    """It begins a segment before a view and reads it after, so an answer in between was a 500 to every preflight."""
    file = tmp_path / "cors.toml"
    file.write_text(RULES.text, encoding="utf-8")
    command = [sys.executable, "-W", "ignore::ResourceWarning", "-c", XRAY, str(file), adapter]
    ran = subprocess.run(command, input=f"{APP} {STRANGER}", capture_output=True, text=True, timeout=60, check=False)

    assert ran.returncode == 0, ran.stderr
    allowed, denied, actual = json.loads(ran.stdout)
    assert allowed == [204, SESSION_PREFLIGHT, False]
    assert denied == [403, {}, False]
    assert actual == [200, SESSION, True], "the SDK works"
