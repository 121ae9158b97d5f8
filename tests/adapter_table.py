"""Every adapter, a row each: how an application is put under rules with it, and how a request gets to that.

An adapter for another protocol joins as one row of `ADAPTERS`, with a function that carries a `Request` over it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeAlias
from wsgiref.validate import validator

from adapter_cases import Request, Rules, View
from answers import Answer, ask
from environs import environ
from flask import Flask, Response, request

import corsrules
from corsrules.flask import CorsRules
from corsrules.wsgi import CorsMiddleware

#: Carries a request to the application under its rules; the answer, and whether the application was reached.
Serve: TypeAlias = Callable[[Request], tuple[Answer, bool]]

WSGIApplication: TypeAlias = Callable[..., Iterable[bytes]]

#: What stands between server and adapter, and between adapter and application: `wsgiref.validate`, or nothing.
Between: TypeAlias = Callable[[WSGIApplication], WSGIApplication]

#: The methods that `wsgiref.validate` knows; it warns of all others.
KNOWN_METHODS = ("GET", "HEAD", "POST", "OPTIONS", "PATCH", "PUT", "DELETE", "TRACE")


# --- WSGI -------------------------------------------------------------------------------------------------------------


def environ_of(request: Request) -> dict[str, Any]:
    """The request as a WSGI server hands it over: lines of one name are joined (RFC 9110 section 5.3)."""
    headers: dict[str, str] = {} if request.host is None else {"host": request.host}
    for name, value in request.headers:
        key = name.lower()
        headers[key] = f"{headers[key]},{value}" if key in headers else value
    path = request.path.encode() if isinstance(request.path, str) else request.path
    return environ(path.decode("latin-1"), request.method, headers, SCRIPT_NAME=request.mount)


def over_wsgi(build: Callable[[Between], WSGIApplication], reached: list[str]) -> Serve:
    """Requests to what `build` makes, validated on both sides where the request itself is valid (PEP 3333).

    `reached` is what the application adds to each time that it is called.
    """
    plain, validated = build(lambda app: app), validator(build(validator))

    def serve(request: Request) -> tuple[Answer, bool]:
        reached.clear()
        is_valid = request.method in KNOWN_METHODS and request.path[:1] in ("", "/", b"/")
        answer = ask(validated if is_valid else plain, environ_of(request))
        assert len(reached) <= 1
        return answer, bool(reached)

    return serve


def wsgi_application(view: View, reached: list[str]) -> WSGIApplication:
    """An application that knows nothing but WSGI."""
    status = f"{view.status} {HTTPStatus(view.status).phrase}"
    headers = [*(() if view.status == 304 else (("Content-Type", "text/plain"),)), *view.headers]

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        reached.append(environ["PATH_INFO"])
        start_response(status, list(headers))
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else view.body]

    return app


class OneView(Flask):
    """A Flask application with one view for every path and method, so that routing plays no part."""

    def __init__(self, view: View, reached: list[str], folder: Path) -> None:
        super().__init__("one_view", root_path=str(folder))
        self.view = view
        self.reached = reached

    def dispatch_request(self) -> Response:
        self.reached.append(request.path)
        response = Response(self.view.body, self.view.status)
        if self.view.status == 304:
            del response.headers["Content-Type"]
        response.headers.extend(self.view.headers)
        return response


# --- the adapters -----------------------------------------------------------------------------------------------------


def middleware_around_wsgi(rules: Rules, view: View, folder: Path) -> Serve:
    """`CorsMiddleware(app, matcher)`."""
    reached: list[str] = []
    matcher = corsrules.loads(rules.text, profile=rules.profile)
    return over_wsgi(lambda between: CorsMiddleware(between(wsgi_application(view, reached)), matcher), reached)


def middleware_around_flask(rules: Rules, view: View, folder: Path) -> Serve:
    """`app.wsgi_app = CorsMiddleware(app.wsgi_app, matcher)`."""
    reached: list[str] = []
    matcher = corsrules.loads(rules.text, profile=rules.profile)

    def build(between: Between) -> WSGIApplication:
        app = OneView(view, reached, folder)
        app.wsgi_app = CorsMiddleware(between(app.wsgi_app), matcher)
        return app

    return over_wsgi(build, reached)


def rules_in_flask(rules: Rules, view: View, folder: Path) -> Serve:
    """`CorsRules(app)`."""
    reached: list[str] = []
    (folder / "cors.toml").write_text(rules.text, encoding="utf-8")

    def build(between: Between) -> WSGIApplication:
        app = OneView(view, reached, folder)
        app.wsgi_app = between(app.wsgi_app)  # CorsRules stands in front of it
        CorsRules(app, profile=rules.profile)
        return app

    return over_wsgi(build, reached)


ADAPTERS: dict[str, Callable[[Rules, View, Path], Serve]] = {
    "the middleware around a WSGI application": middleware_around_wsgi,
    "the middleware around Flask": middleware_around_flask,
    "CorsRules in Flask": rules_in_flask,
}
