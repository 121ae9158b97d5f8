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

from corsrules.engine.matcher import NOTHING, Header, Matcher, Region
from corsrules.web.fetch import ALLOW_ORIGIN

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


#: What CORS asks of the answer to one request on a governed path: (status, headers). `status` is that of a preflight's
#: answer, which has no body; None where the application answers. `headers` are all its `Access-Control-*` headers; the
#: region says what is to be merged into `Vary`. A plain tuple, because one is made for each request.
Answer: TypeAlias = tuple[int | None, tuple[Header, ...]]

#: The status line of a preflight's answer, and what tells that it has no body. A 204 never has one (RFC 9110 section
#: 15.3.5); a 403 has to say so, and to name a type (PEP 3333's validator asks for it).
PREFLIGHT_ANSWERS: Mapping[int, tuple[str, tuple[Header, ...]]] = {
    204: ("204 No Content", ()),
    403: ("403 Forbidden", (("Content-Type", "text/plain"), ("Content-Length", "0"))),
}


class CorsMiddleware:
    """Applies the rules of `matcher` to any WSGI application, before it and at the lowest cost.

    `app.wsgi_app = CorsMiddleware(app.wsgi_app, corsrules.load("cors.toml"))` for Flask. It answers what the Flask
    adapter answers, and preflights do not reach the application at all. Raises `TypeError` for anything but a matcher.
    """

    def __init__(self, wsgi_app: WSGIApplication, matcher: Matcher) -> None:
        if not isinstance(matcher, Matcher):  # the name of a file, most likely, which would fail in each request
            raise TypeError(f"matcher must be what corsrules.load returns, not {matcher!r}")
        self.wsgi_app = wsgi_app
        self.matcher = matcher

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """The application's answer, or a preflight's (PEP 3333)."""
        region = self.matcher.region(environ.get("PATH_INFO", ""))
        if region is None:
            return self.wsgi_app(environ, start_response)
        cors: tuple[Header, ...]
        origin = environ.get("HTTP_ORIGIN")
        if origin is None or environ["REQUEST_METHOD"] == "OPTIONS":
            preflight, cors = answer(self.matcher, region, environ)
            if preflight is not None:
                line, entity = PREFLIGHT_ANSWERS[preflight]
                start_response(line, [*entity, *cors, *region.vary_headers])
                return []
        else:
            # As `answer` has it, but written out: the call would cost as much as what it does.
            grants = region.grants
            grant = grants.named.get(origin) or grants.admitted.get(origin) or grants.search(origin)
            cors = () if grant is None else ((ALLOW_ORIGIN, "*" if grant.literal else origin), *grant.actual)

        start = _Start()
        start.start_response = start_response
        start.cors = cors
        start.region = region
        return self.wsgi_app(environ, start)


class _Start:
    """The server's `start_response`, which is told the application's headers with CORS applied to them."""

    __slots__ = ("cors", "region", "start_response")
    start_response: StartResponse
    cors: tuple[Header, ...]
    region: Region

    def __call__(
        self, status: str, headers: list[Header], exc_info: OptExcInfo | None = None
    ) -> Callable[[bytes], object]:
        for name, _ in headers:
            if name and name[0] in "aAvV":  # perhaps `Access-Control-*` or `Vary`
                answered = applied(headers, self.cors, self.region)
                break
        else:
            answered = [*headers, *self.cors, *self.region.vary_headers]
        if exc_info is None:  # which not every server's two-argument `start_response` would take
            return self.start_response(status, answered)
        return self.start_response(status, answered, exc_info)


def applied(headers: Iterable[Header], cors: tuple[Header, ...], region: Region) -> list[Header]:
    """The application's headers with `cors` as their only `Access-Control-*` and with all of `Vary` in one line."""
    kept: list[Header] = []
    vary = ""
    for header in headers:
        name = header[0]
        if name and name[0] in "aAvV":
            lower = name.lower()
            if lower == "vary":
                vary = f"{vary},{header[1]}"
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


def answer(matcher: Matcher, region: Region, environ: Mapping[str, Any]) -> Answer:
    """What to answer to a request whose path `region` governs. Never raises."""
    preflight = environ["REQUEST_METHOD"] == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None:
        grants = region.grants
        grant = grants.named.get(origin) or grants.admitted.get(origin) or grants.search(origin)
        if preflight:
            return (403, ()) if grant is None else (204, grant.headers(origin, preflight=True))
    else:
        headers = _fallback_headers(matcher, environ) if matcher.fallback.headers else NOTHING
        host = environ.get("HTTP_HOST")
        # Where a fallback header or the name of this Host is in the file, the repair is in place.
        if (
            (preflight or environ.get("HTTP_SEC_FETCH_MODE") == "cors")
            and not headers
            and host not in matcher.fallback.hosts
        ):
            _log_dropped(environ, preflight=preflight)
        grant, origin = matcher.grant_without_origin(region, host, headers)
        if preflight and grant is not None:
            return 204, grant.headers(origin, preflight=True)
    return None, () if grant is None else ((ALLOW_ORIGIN, "*" if grant.literal else origin), *grant.actual)


def _fallback_headers(matcher: Matcher, environ: Mapping[str, Any]) -> Mapping[str, str]:
    values = {name: environ.get("HTTP_" + name.upper().replace("-", "_")) for name in matcher.fallback.headers}
    return {name: value for name, value in values.items() if value}


def _log_dropped(environ: Mapping[str, Any], *, preflight: bool) -> None:
    """Says once that a gateway has dropped `Origin`, if this CORS request shows it."""
    # A browser sends `Origin` with each but one to its own origin (Fetch Metadata section 2.3 tells them apart).
    cross_origin = environ.get("HTTP_SEC_FETCH_SITE") in ("cross-site", "same-site")
    if (preflight or cross_origin) and next(_dropped) == 0:
        logger.warning(DROPPED_MESSAGE)


@lru_cache(maxsize=64)  # applications send the same few lines over and over
def merged_vary(existing: str, names: tuple[str, ...]) -> str:
    """One `Vary` value with everything that `existing` names, and `names`, none of them twice."""
    merged: dict[str, str] = {}
    for name in existing.split(","):
        name = name.strip()
        if name == "*":
            return "*"  # RFC 9110 section 12.5.5: varies on everything, so there is nothing to add
        if name:
            merged.setdefault(name.lower(), name)
    for name in names:
        merged.setdefault(name.lower(), name)
    return ", ".join(merged.values())
