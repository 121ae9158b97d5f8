"""A whole request through Flask called as WSGI: what each way to CORS adds to the bare application."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from typing import Any

from benchmarks import measure, report
from benchmarks.measure import Effort, Work

HIT, WILD, STRANGER = "https://app{hit}.example.com", "https://tenant.apps.example.com", "https://evil.test"

#: Each case: the method, the path, the request's headers. `{hit}` in an origin is the number of the one in the middle
#: of the list, `{new}` another number in every request.
CASES: dict[str, tuple[str, str, dict[str, str]]] = {
    "no Origin": ("GET", "/", {}),
    "allowed": ("GET", "/", {"HTTP_ORIGIN": HIT}),
    "denied": ("GET", "/", {"HTTP_ORIGIN": STRANGER}),
    "subdomain, repeated": ("GET", "/", {"HTTP_ORIGIN": WILD}),
    "subdomain, first": ("GET", "/", {"HTTP_ORIGIN": "https://t{new}.apps.example.com"}),
    "allowed, the view sent Vary": ("GET", "/vary", {"HTTP_ORIGIN": HIT}),
    "preflight": ("OPTIONS", "/", {"HTTP_ORIGIN": HIT, "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "PUT"}),
    "preflight, 8 KiB of commas": (
        "OPTIONS",
        "/",
        {
            "HTTP_ORIGIN": HIT,
            "HTTP_ACCESS_CONTROL_REQUEST_METHOD": "PUT",
            "HTTP_ACCESS_CONTROL_REQUEST_HEADERS": "," * 8192,
        },
    ),
}

WAYS = ("bare", "empty hook", "CorsMiddleware", "CorsRules", "flask-cors")


def rules(origins: int) -> str:
    """A `cors.toml` for so many exact origins and a wildcard."""
    listed = ", ".join(f'"https://app{number}.example.com"' for number in range(origins))
    return (
        f'version = 1\n[[rules]]\norigins = ["https://*.apps.example.com", {listed}]\nmethods = ["PUT"]\n'
        'request-headers = ["content-type"]\nresponse-headers = ["x-request-id"]\nmax-age = 600\n'
    )


def application(way: str, origins: int) -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
    """A Flask application with two views under `way`, as WSGI; ImportError where the way is not installed."""
    from flask import Flask, Response

    app = Flask("benchmark")
    app.add_url_rule("/", "view", lambda: "hello")
    app.add_url_rule("/vary", "vary", lambda: Response("hello", headers={"Vary": "Accept-Encoding"}))
    if way == "empty hook":
        app.after_request(lambda response: response)
    if way == "CorsMiddleware":
        from corsrules import loads
        from corsrules.wsgi import CorsMiddleware

        return CorsMiddleware(app.wsgi_app, loads(rules(origins)))
    if way == "CorsRules":
        from corsrules.flask import CorsRules

        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "cors.toml")
            with open(path, "w", encoding="utf-8") as file:
                file.write(rules(origins))
            CorsRules(app, path)
    if way == "flask-cors":
        from flask_cors import CORS

        listed = [f"https://app{number}.example.com" for number in range(origins)]
        CORS(
            app,
            origins=[r"^https://[a-z0-9_-]+\.apps\.example\.com$", *listed],
            methods=["GET", "HEAD", "POST", "PUT"],
            allow_headers=["content-type"],
            expose_headers=["x-request-id"],
            max_age=600,
        )
    return app.wsgi_app


def requested(app: Callable[[dict[str, Any], Any], Iterable[bytes]], case: str, origins: int) -> Work:
    """One request of the case: a new environ and a server that drops what it gets."""
    from werkzeug.test import EnvironBuilder

    method, path, headers = CASES[case]
    environ = EnvironBuilder(method=method, path=path, base_url="https://api.example.com").get_environ()
    environ.update(headers)
    if "HTTP_ORIGIN" in headers:
        environ["HTTP_ORIGIN"] = headers["HTTP_ORIGIN"].replace("{hit}", str(origins // 2))
    numbers = count()
    is_new = "{new}" in headers.get("HTTP_ORIGIN", "")

    def start_response(status: str, answered: Any, exc_info: Any = None) -> Callable[[bytes], object]:
        return len

    def work() -> None:
        asked = dict(environ)
        if is_new:
            asked["HTTP_ORIGIN"] = headers["HTTP_ORIGIN"].replace("{new}", str(next(numbers)))
        for _ in app(asked, start_response):
            pass

    return work


def compare(origins: int, effort: Effort) -> dict[str, dict[str, float]]:
    """Every case and way with so many origins: the request as a multiple of the bare one."""
    apps = {}
    for way in WAYS:
        try:
            apps[way] = application(way, origins)
        except ImportError:
            continue
    return {
        case: measure.ratios({way: requested(app, case, origins) for way, app in apps.items()}, "bare", effort)
        for case in CASES
    }


def measured(effort: Effort, counts: Sequence[int]) -> dict[str, Any]:
    """All figures of this module."""
    return {str(count): compare(count, effort) for count in counts}


def rendered(figures: dict[str, Any]) -> str:
    """The tables of this module as Markdown."""
    parts = []
    for number, found in figures.items():
        rows = [
            [case, *(report.percent(by_way[way]) if way in by_way else "n/a" for way in WAYS[1:])]
            for case, by_way in found.items()
        ]
        title = f"{int(number):,} exact origin" + ("s" if number != "1" else "")
        parts.append(
            f"With {title} and one wildcard, added to the bare request:\n\n" + report.table(["", *WAYS[1:]], rows)
        )
    return "\n".join(parts)
