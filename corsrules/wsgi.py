"""A WSGI request to the headers of its answer (PEP 3333).

How a request is read from the environ lives here, so that every adapter reads it alike: raw, each key once, and never
through a framework's request object, whose parsing can raise.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Mapping
from typing import Any, NamedTuple

from corsrules.matcher import NOTHING, Header, Matcher, Region

logger = logging.getLogger("corsrules")

#: Counts the requests that show a gateway has dropped `Origin`; only the first of a process is logged.
_dropped = itertools.count()

DROPPED_MESSAGE = (
    "a cross-origin request arrived without its Origin header, so a gateway or proxy in front of this application "
    "drops it and browsers will block the answer; let the gateway forward Origin, or copy it into a header of its own "
    "and name that header in cors.toml: [fallback] headers = [...] (logged once per process)"
)


class Answer(NamedTuple):
    """What CORS asks of the answer to one request on a governed path.

    `status` is that of a preflight's answer, which has no body; None where the application answers. `headers` are all
    its `Access-Control-*` headers, and `vary` names what is to be merged into `Vary`.
    """

    status: int | None
    headers: tuple[Header, ...]
    vary: tuple[str, ...]


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
    grant = region.find(origin)
    if is_preflight(environ):
        if grant is None:
            return Answer(403, (), region.vary)
        return Answer(204, grant.headers(origin, preflight=True), region.vary)
    return Answer(None, () if grant is None else grant.headers(origin, preflight=False), region.vary)


def _without_origin(matcher: Matcher, region: Region, environ: Mapping[str, Any]) -> Answer:
    headers = _fallback_headers(matcher, environ)
    preflight = is_preflight(environ)
    if not headers and (preflight or _is_cross_origin(environ)) and next(_dropped) == 0:
        logger.warning(DROPPED_MESSAGE)
    grant, origin = matcher.grant(region, None, environ.get("HTTP_HOST"), headers)
    if grant is None:
        return Answer(None, (), region.vary)
    return Answer(204 if preflight else None, grant.headers(origin, preflight=preflight), region.vary)


def _fallback_headers(matcher: Matcher, environ: Mapping[str, Any]) -> Mapping[str, str]:
    if not matcher.fallback.headers:
        return NOTHING
    values = {name: environ.get("HTTP_" + name.upper().replace("-", "_")) for name in matcher.fallback.headers}
    return {name: value for name, value in values.items() if value}


def _is_cross_origin(environ: Mapping[str, Any]) -> bool:
    """Whether the browser itself says so (Fetch Metadata), for a request that must then carry `Origin`."""
    return environ.get("HTTP_SEC_FETCH_MODE") == "cors" and environ.get("HTTP_SEC_FETCH_SITE") in (
        "cross-site",
        "same-site",
    )


def merged_vary(existing: list[str], names: tuple[str, ...]) -> str:
    """One `Vary` value with everything that the `existing` lines name, and `names`, none of them twice."""
    present = [name.strip() for line in existing for name in line.split(",") if name.strip()]
    if "*" in present:
        return "*"  # RFC 9110 section 12.5.5: varies on everything, so there is nothing to add
    merged: dict[str, str] = {}
    for name in (*present, *names):
        merged.setdefault(name.lower(), name)
    return ", ".join(merged.values())
