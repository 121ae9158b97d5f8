"""What else decides on an origin, each in its natural configuration.

A peer is made from exact origins and patterns, and called with an `Origin` value. `None` instead of a decider: the peer
is not installed or has no way to say it. Where a library decides only inside its middleware, the middleware is called
around an application that does nothing, which is part of what is measured.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeAlias

from corsrules.engine.compiler import compile_policy
from corsrules.engine.grants import Grants
from corsrules.language.model import validate
from corsrules.language.policy import resolve

Decider: TypeAlias = Callable[[str], object]
Maker: TypeAlias = Callable[[Sequence[str], Sequence[str]], Decider | None]


def expression(pattern: str) -> str:
    """The regular expression that one would write for a pattern of corsrules; ports of a range are not told apart."""
    text = re.escape(pattern)
    for sign, meaning in ((r"\*\*", r"[a-z0-9_.-]+"), (r"\*", r"[a-z0-9_-]+"), (r":3000\-3999", r":3[0-9]{3}")):
        text = text.replace(sign, meaning)
    return f"^{text}$"


def _grants(exact: Sequence[str], patterns: Sequence[str]) -> Grants:
    document = validate({"version": 1, "rules": [{"origins": [*exact, *patterns]}]})
    path = compile_policy(resolve(document, None)).governing("/")
    assert path is not None
    return path.grants


def corsrules(exact: Sequence[str], patterns: Sequence[str]) -> Decider:
    """The lookup of an origin among the rules of a path (what reading a file costs is measured in `load`)."""
    return _grants(exact, patterns).__getitem__


def uncached(exact: Sequence[str], patterns: Sequence[str]) -> Decider:
    """The same where nothing is remembered."""
    grants = _grants(exact, patterns)
    grants.room = 0
    return grants.__getitem__


def snippet(exact: Sequence[str], patterns: Sequence[str]) -> Decider | None:
    """The substring test that started it all; wrong, and without patterns."""
    names = [text.partition("://")[2] for text in exact]
    return None if patterns else lambda origin: any(name in origin for name in names)


def flask_cors(exact: Sequence[str], patterns: Sequence[str]) -> Decider | None:
    """Its headers for a request, with a regular expression for a pattern."""
    from flask_cors.core import DEFAULT_OPTIONS, get_cors_headers, serialize_options
    from werkzeug.datastructures import Headers

    options: Any = serialize_options({**DEFAULT_OPTIONS, "origins": [*exact, *map(expression, patterns)]})
    return lambda origin: get_cors_headers(options, Headers([("Origin", origin)]), "GET")


def starlette(exact: Sequence[str], patterns: Sequence[str]) -> Decider | None:
    """Its middleware's test: a list, and one regular expression for all patterns."""
    from starlette.middleware.cors import CORSMiddleware

    joined = "|".join(f"(?:{expression(pattern)})" for pattern in patterns) or None
    return CORSMiddleware(None, allow_origins=list(exact), allow_origin_regex=joined).is_allowed_origin  # type: ignore[arg-type]  # no application is called


def django_cors_headers(exact: Sequence[str], patterns: Sequence[str]) -> Decider | None:
    """Its middleware's test, with the `urlsplit` before it; a list of regular expressions for patterns."""
    from urllib.parse import urlsplit

    from corsheaders.middleware import CorsMiddleware
    from django.conf import settings

    if not settings.configured:
        settings.configure()
    settings.CORS_ALLOWED_ORIGINS = list(exact)
    settings.CORS_ALLOWED_ORIGIN_REGEXES = list(map(expression, patterns))
    middleware = CorsMiddleware(lambda request: None)  # type: ignore[arg-type, return-value]  # as above
    return lambda origin: middleware.origin_found_in_white_lists(origin, urlsplit(origin))


def asgi_cors(exact: Sequence[str], patterns: Sequence[str]) -> Decider | None:
    """The middleware around an application that does nothing. Its `*` crosses dots, so only `**` can be said."""
    from asgi_cors import asgi_cors as middleware

    if any("**" not in pattern for pattern in patterns):
        return None

    async def nothing(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(event: Any) -> None:
        pass

    app = middleware(nothing, hosts=list(exact), host_wildcards=[text.replace("**", "*") for text in patterns])

    def decide(origin: str) -> None:
        running = app({"type": "http", "headers": [(b"origin", origin.encode("latin-1"))]}, None, send)
        with suppress(StopIteration):
            running.send(None)

    return decide


def wsgicors(exact: Sequence[str], patterns: Sequence[str]) -> Decider | None:
    """The middleware around an application that does nothing. Its `*` crosses dots, so only `**` can be said."""
    from wsgicors import CORS

    if any("**" not in pattern for pattern in patterns):
        return None

    def nothing(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        return []

    allowed = " ".join([*exact, *(text.replace("**", "*") for text in patterns)])
    app = CORS(nothing, headers="*", methods="*", origin=allowed)

    def ignored(status: str, headers: Any, exc_info: Any = None) -> None:
        pass

    return lambda origin: app({"REQUEST_METHOD": "GET", "HTTP_ORIGIN": origin}, ignored)


def sanic_cors(exact: Sequence[str], patterns: Sequence[str]) -> Decider | None:
    """Its test, with a regular expression for a pattern."""
    from sanic_cors.core import DEFAULT_OPTIONS, get_cors_origins, serialize_options

    options = serialize_options({**DEFAULT_OPTIONS, "origins": [*exact, *map(expression, patterns)]})
    return lambda origin: get_cors_origins(options, origin)


def falcon(exact: Sequence[str], patterns: Sequence[str]) -> Decider | None:
    """The middleware on a request and a response of its own making; it has no patterns."""
    from falcon import CORSMiddleware, Request, Response
    from falcon.testing import create_environ

    if patterns:
        return None
    middleware, environ = CORSMiddleware(allow_origins=list(exact)), create_environ()

    def decide(origin: str) -> None:
        request = Request({**environ, "HTTP_ORIGIN": origin})
        middleware.process_response(request, Response(), None, req_succeeded=True)

    return decide


#: Every peer with the most origins it is measured at: those that look at one after the other take too long beyond.
PEERS: dict[str, tuple[Maker, int]] = {
    "corsrules": (corsrules, 1_000_000),
    "uncached": (uncached, 1_000_000),
    "the snippet": (snippet, 100),
    "flask-cors": (flask_cors, 100),
    "Starlette": (starlette, 100),
    "django-cors-headers": (django_cors_headers, 100),
    "asgi-cors": (asgi_cors, 1_000_000),
    "wsgicors": (wsgicors, 100),
    "sanic-cors": (sanic_cors, 100),
    "Falcon": (falcon, 1_000_000),
}


def made(name: str, exact: Sequence[str], patterns: Sequence[str]) -> Decider | None:
    """The peer's decider, None where it is not installed, is too slow at this size or cannot say it."""
    maker, most = PEERS[name]
    if len(exact) > most:
        return None
    try:
        return maker(exact, patterns)
    except ImportError:
        return None
