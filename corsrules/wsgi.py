"""A WSGI request to the headers of its answer (PEP 3333).

How a request is read from the environ lives here, so that every adapter reads it alike: raw, each key once, and never
through a framework's request object, whose parsing can raise.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from corsrules.matcher import NOTHING, Header, Matcher, Region

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

logger = logging.getLogger("corsrules")

#: Counts the requests that show a gateway has dropped `Origin`; only the first of a process is logged.
_dropped = itertools.count()

DROPPED_MESSAGE = (
    "a cross-origin request arrived without its Origin header, so a gateway or proxy in front of this application "
    "drops it and browsers will block the answer; let the gateway forward Origin, or copy it into a header of its own "
    "and name that header in cors.toml: [fallback] headers = [...] (logged once per process)"
)


#: What CORS asks of the answer to one request on a governed path: (status, headers, region). `status` is that of a
#: preflight's answer, which has no body; None where the application answers. `headers` are all its `Access-Control-*`
#: headers, and the region says what is to be merged into `Vary`. A plain tuple, because one is made for each request.
Answer: TypeAlias = tuple[int | None, tuple[Header, ...], Region]

#: The status line of a preflight's answer, and what tells that it has no body. A 204 never has one (RFC 9110 section
#: 15.3.5); a 403 has to say so, and to name a type (PEP 3333's validator asks for it).
PREFLIGHT_ANSWERS: Mapping[int, tuple[str, tuple[Header, ...]]] = {
    204: ("204 No Content", ()),
    403: ("403 Forbidden", (("Content-Type", "text/plain"), ("Content-Length", "0"))),
}


class CorsMiddleware:
    """Applies the rules of `matcher` to any WSGI application, before it and at the lowest cost.

    `app.wsgi_app = CorsMiddleware(app.wsgi_app, corsrules.load("cors.toml"))` for Flask. It answers what the Flask
    adapter answers, and preflights do not reach the application at all.
    """

    def __init__(self, wsgi_app: WSGIApplication, matcher: Matcher) -> None:
        self.wsgi_app = wsgi_app
        self.matcher = matcher

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The application's answer, or a preflight's (PEP 3333)."""
        found = answer(self.matcher, environ)
        if found is None:
            return self.wsgi_app(environ, start_response)
        preflight, cors, region = found
        if preflight is not None:
            line, entity = PREFLIGHT_ANSWERS[preflight]
            start_response(line, [*entity, *cors, *region.vary_headers])
            return []

        def start(status: str, headers: list[Header], exc_info: OptExcInfo | None = None) -> Callable[[bytes], object]:
            answered = _applied(headers, cors, region)
            if exc_info is None:  # which not every server's two-argument `start_response` would take
                return start_response(status, answered)
            return start_response(status, answered, exc_info)

        return self.wsgi_app(environ, start)


def _applied(headers: list[Header], cors: tuple[Header, ...], region: Region) -> list[Header]:
    """A new list of the application's headers, with `cors` as its only `Access-Control-*` and `Vary` in one line."""
    for name, _ in headers:
        if name[:1] in "aAvV":  # perhaps one of those
            return _replaced(headers, cors, region)
    return [*headers, *cors, *region.vary_headers]


def _replaced(headers: list[Header], cors: tuple[Header, ...], region: Region) -> list[Header]:
    kept: list[Header] = []
    vary: tuple[str, ...] = ()
    for header in headers:
        name = header[0]
        if name[:1] in "aAvV":
            lower = name.lower()
            if lower == "vary":
                vary = (*vary, header[1])
                continue
            if lower.startswith("access-control-"):
                continue
        kept.append(header)
    kept += cors
    if vary:
        kept.append(("Vary", merged_vary(vary, region.vary)))
    else:
        kept += region.vary_headers
    return kept


def is_preflight(environ: Mapping[str, Any]) -> bool:
    """Whether the request is OPTIONS with `Access-Control-Request-Method`, whatever that says."""
    return environ["REQUEST_METHOD"] == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ


def answer(matcher: Matcher, environ: Mapping[str, Any]) -> Answer | None:
    """What to answer; None where no rule governs the path. Never raises."""
    region = matcher.region(environ.get("PATH_INFO", ""))
    if region is None:
        return None
    origin = environ.get("HTTP_ORIGIN")
    if origin is None:
        return _without_origin(matcher, region, environ)
    grant = region.grants.find(origin)
    if environ["REQUEST_METHOD"] == "OPTIONS" and is_preflight(environ):
        return (403, (), region) if grant is None else (204, grant.headers(origin, preflight=True), region)
    return (None, (), region) if grant is None else (None, grant.headers(origin, preflight=False), region)


def _without_origin(matcher: Matcher, region: Region, environ: Mapping[str, Any]) -> Answer:
    headers = _fallback_headers(matcher, environ) if matcher.fallback.headers else NOTHING
    preflight = is_preflight(environ)
    if not headers and (preflight or _is_cross_origin(environ)) and next(_dropped) == 0:
        logger.warning(DROPPED_MESSAGE)
    grant, origin = matcher.grant(region, None, environ.get("HTTP_HOST"), headers)
    if grant is None:
        return None, (), region
    return 204 if preflight else None, grant.headers(origin, preflight=preflight), region


def _fallback_headers(matcher: Matcher, environ: Mapping[str, Any]) -> Mapping[str, str]:
    values = {name: environ.get("HTTP_" + name.upper().replace("-", "_")) for name in matcher.fallback.headers}
    return {name: value for name, value in values.items() if value}


def _is_cross_origin(environ: Mapping[str, Any]) -> bool:
    """Whether the browser itself says so (Fetch Metadata), for a request that must then carry `Origin`."""
    return environ.get("HTTP_SEC_FETCH_MODE") == "cors" and environ.get("HTTP_SEC_FETCH_SITE") in (
        "cross-site",
        "same-site",
    )


@lru_cache(maxsize=64)  # applications send the same few lines over and over
def merged_vary(existing: tuple[str, ...], names: tuple[str, ...]) -> str:
    """One `Vary` value with everything that the `existing` lines name, and `names`, none of them twice."""
    merged: dict[str, str] = {}
    for name in ",".join(existing).split(","):
        name = name.strip()
        if name == "*":
            return "*"  # RFC 9110 section 12.5.5: varies on everything, so there is nothing to add
        if name:
            merged.setdefault(name.lower(), name)
    for name in names:
        merged.setdefault(name.lower(), name)
    return ", ".join(merged.values())
