"""The WSGI adapter (PEP 3333): a request is read from its environ, and what the engine answers is put on the answer.

An environ is read raw, each key once, and never through a framework's request object, whose parsing can raise. What is
answered is decided in `engine.answer`. Standard library only.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from corsrules.engine.answer import Instead, answer
from corsrules.engine.grants import NOTHING, CompiledPath, FallbackSources, Header
from corsrules.engine.headers import applied
from corsrules.engine.matcher import UNUSABLE, Matcher

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

logger = logging.getLogger("corsrules")

#: Count the requests that show a gateway has dropped `Origin`, and those that a mounted application's rules may not be
#: meant for; only the first of a process is logged.
_dropped = itertools.count()
_mounted = itertools.count()

#: What tells a preflight from any other OPTIONS request (https://fetch.spec.whatwg.org/#cors-preflight-request).
PREFLIGHT_KEY = "HTTP_ACCESS_CONTROL_REQUEST_METHOD"

#: Values of `Sec-Fetch-Site` of a request to another origin (https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header).
CROSS_ORIGIN = ("cross-site", "same-site")

DROPPED_MESSAGE = (
    "a cross-origin request arrived without its Origin header, so a gateway or proxy in front of this application "
    "drops it and browsers will block the answer; let the gateway forward Origin, or copy it into a header of its own "
    "and name that header in cors.toml: [fallback] headers = [...] (logged once per process)"
)

MOUNTED_MESSAGE = (
    "this application is mounted below another path (SCRIPT_NAME), and a request falls under another rule of cors.toml "
    "with that path than without it; rules are about the path without it, as routes are, so write the paths in "
    "cors.toml without it (logged once per process)"
)


#: The status line of a preflight's answer, and what tells that it has no body. A 204 never has one (RFC 9110 section
#: 15.3.5); a 403 has to say so, and to name a type (PEP 3333's validator asks for it).
PREFLIGHT_ANSWERS: Mapping[int, tuple[str, tuple[Header, ...]]] = {
    204: ("204 No Content", ()),
    403: ("403 Forbidden", (("Content-Type", "text/plain"), ("Content-Length", "0"))),
}

#: A body without a byte. It has one item, because Hypercorn starts an answer with the first item of its body.
EMPTY_BODY = (b"",)

#: Where a layer keeps the application that it wraps: Flask and this module, Werkzeug and most others, WhiteNoise.
WRAPPED = ("wsgi_app", "app", "application")

#: How many layers are looked through, more than anybody has: some wrap themselves.
DEEPEST = 64


class CorsMiddleware:
    """Applies the rules of `matcher` to any WSGI application, before it and at the lowest cost.

    `app.wsgi_app = CorsMiddleware(app.wsgi_app, corsrules.load("cors.toml"))` for Flask. Preflights do not reach the
    application at all. Headers are put on the list that the application hands to the server, which is made for one
    answer, and on nothing that outlives it. Raises `TypeError` for anything but a matcher, `RuntimeError` if rules are
    applied in `wsgi_app` already.
    """

    def __init__(self, wsgi_app: WSGIApplication, matcher: Matcher) -> None:
        if not isinstance(matcher, Matcher):  # the name of a file, most likely, which would fail in each request
            raise TypeError(f"matcher must be what corsrules.load returns, not {matcher!r}")
        refuse_second(matcher_in(wsgi_app))
        self.wsgi_app = wsgi_app
        self.matcher = matcher
        log_in_force(matcher)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The application's answer, or a preflight's (PEP 3333)."""
        path = governing(self.matcher, environ)
        if path is None:
            return self.wsgi_app(environ, start_response)
        preflight = environ["REQUEST_METHOD"] == "OPTIONS" and PREFLIGHT_KEY in environ
        status, cors, _ = answer(path, environ.get("HTTP_ORIGIN"), preflight, environ, read_instead)
        if status is not None:
            return answer_preflight(start_response, status, cors, path)
        start = _Start()
        start.start_response = start_response
        start.cors = cors
        start.path = path
        return self.wsgi_app(environ, start)


class PreflightMiddleware:
    """Answers preflights by the rules of `matcher`, in front of an application that applies them to its own answers."""

    def __init__(self, wsgi_app: WSGIApplication, matcher: Matcher) -> None:
        self.wsgi_app = wsgi_app
        self.matcher = matcher
        log_in_force(matcher)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """A preflight's answer, or the application's."""
        if environ["REQUEST_METHOD"] == "OPTIONS" and PREFLIGHT_KEY in environ:
            path = governing(self.matcher, environ)
            if path is not None:
                status, cors, _ = answer(path, environ.get("HTTP_ORIGIN"), True, environ, read_instead)  # noqa: FBT003 - as `answer` says
                if status is not None:
                    return answer_preflight(start_response, status, cors, path)
        return self.wsgi_app(environ, start_response)


def governing(matcher: Matcher, environ: Mapping[str, Any]) -> CompiledPath | None:
    """The rules that govern a request's path; None where none does."""
    requested = environ.get("PATH_INFO", "")
    path = matcher.governing(requested)
    mount = environ.get("SCRIPT_NAME")
    if mount:
        _log_mounted(matcher, mount, requested, path)
    return path


def answer_preflight(
    start_response: StartResponse, status: int, cors: tuple[Header, ...], path: CompiledPath
) -> Iterable[bytes]:
    """Answers a preflight with what `answer` decided."""
    line, entity = PREFLIGHT_ANSWERS[status]
    start_response(line, [*entity, *cors, *path.vary_headers])
    return EMPTY_BODY


def log_in_force(matcher: Matcher) -> None:
    """Says which file an application obeys from now on."""
    if matcher.source is not None:
        file, profile, _, _, rules, revision = matcher.source
        logger.info("in force: %r, profile %r, rules %d, revision %s", file, profile, rules, revision)


def matcher_in(wsgi_app: object) -> Matcher | None:
    """The matcher of the middleware in `wsgi_app`, which others may be wrapped around; None where there is none.

    It is searched for from the outside, as far as each layer says what it wraps.
    """
    layer: object = wsgi_app
    for _ in range(DEEPEST):
        if isinstance(layer, (CorsMiddleware, PreflightMiddleware)):
            return layer.matcher
        layer = next((inner for name in WRAPPED if (inner := getattr(layer, name, None)) is not None), None)
    return None


def refuse_second(first: Matcher | None) -> None:
    """Raises `RuntimeError` if an application obeys rules already: of two, one would be in force unseen."""
    if first is not None:
        obeyed = "rules" if first.source is None else first.source.file
        raise RuntimeError(
            f"this application obeys {obeyed} already; call CorsRules(app) or init_app(app) once, or use one "
            "CorsMiddleware, with all rules in one file"
        )


class _Start:
    """The server's `start_response`, which is told the application's headers with CORS applied to them."""

    __slots__ = ("cors", "path", "start_response")
    start_response: StartResponse
    cors: tuple[Header, ...]
    path: CompiledPath

    def __call__(
        self, status: str, headers: list[Header], exc_info: OptExcInfo | None = None
    ) -> Callable[[bytes], object]:
        for name, _ in headers:
            if name and name[0] in "aAvV":  # perhaps `Access-Control-*` or `Vary`
                answered = applied(headers, self.cors, self.path)
                break
        else:
            answered = [*headers, *self.cors, *self.path.vary_headers]
        if exc_info is None:  # which not every server's two-argument `start_response` would take
            return self.start_response(status, answered)
        return self.start_response(status, answered, exc_info)


def read_instead(environ: Mapping[str, Any], fallback: FallbackSources) -> Instead:
    """The reader of `engine.answer` for a request without `Origin`: its Host, and the fallback's headers."""
    headers = _fallback_headers(environ, fallback.headers) if fallback.headers else NOTHING
    host = environ.get("HTTP_HOST")
    # Where a fallback header or the name of this Host is in the file, the repair is in place.
    if not headers and host not in fallback.hosts:
        _log_dropped(environ)
    return host, headers


def _fallback_headers(environ: Mapping[str, Any], names: Iterable[str]) -> Mapping[str, str]:
    values = {name: environ.get("HTTP_" + name.upper().replace("-", "_")) for name in names}
    return {name: value for name, value in values.items() if value}


def _log_dropped(environ: Mapping[str, Any]) -> None:
    """Says once that a gateway has dropped `Origin`, if this request shows it."""
    if environ["REQUEST_METHOD"] == "OPTIONS" and PREFLIGHT_KEY in environ:
        shows_it = True  # no preflight is without (https://fetch.spec.whatwg.org/#cors-preflight-fetch)
    else:
        # A browser sends `Origin` with each CORS request but one to its own origin (Fetch Metadata section 2.3).
        shows_it = environ.get("HTTP_SEC_FETCH_MODE") == "cors" and environ.get("HTTP_SEC_FETCH_SITE") in CROSS_ORIGIN
    if shows_it and next(_dropped) == 0:
        logger.warning(DROPPED_MESSAGE)


def _log_mounted(matcher: Matcher, mount: str, requested: str, path: CompiledPath | None) -> None:
    """Says once that rules seem to be written with the prefix at which the application is mounted."""
    with_mount = matcher.governing(mount + requested)
    if with_mount not in (None, UNUSABLE, path) and path is not UNUSABLE and next(_mounted) == 0:
        logger.warning(MOUNTED_MESSAGE)
