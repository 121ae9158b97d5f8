"""One request to its answer: the only place where a status and the CORS headers of an answer are decided.

Every adapter asks here, and so do `Matcher.decide`, the tests in a file, and `explain`. An adapter reads its protocol
and writes what comes back; it decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeVar

from corsrules.engine.grants import CompiledPath, FallbackSources, Grant, Header
from corsrules.web.fetch import ALLOW_ORIGIN

Request = TypeVar("Request")

#: What is answered to a request for a governed path: (status, headers, grant). `status` is that of a preflight's
#: answer, which has no body; None where the application answers. `headers` are all `Access-Control-*` headers of the
#: answer. `grant` is what the rule that decided gives; None where the origin is denied. What the answer varies on is
#: constant for the path (`CompiledPath.vary`). A plain tuple, because one is made for each request.
Answer: TypeAlias = tuple[int | None, tuple[Header, ...], Grant | None]

#: What a request without `Origin` has instead: its `Host`, and the values of those headers that the fallback names.
Instead: TypeAlias = tuple[str | None, Mapping[str, str]]

#: The application answers, and no CORS header is on its answer.
DENIED: Answer = (None, (), None)

#: A preflight of an origin that no rule allows.
REFUSED: Answer = (403, (), None)


def answer(
    path: CompiledPath,
    origin: str | None,
    preflight: bool,  # noqa: FBT001 - a keyword costs as much as the lookup
    request: Request,
    read_instead: Callable[[Request, FallbackSources], Instead],
) -> Answer:
    """What is answered to a request for a path that `path` governs. Never raises.

    `origin` is the raw value of `Origin`, None where the request has none. `preflight`: the request is OPTIONS and has
    `Access-Control-Request-Method` (https://fetch.spec.whatwg.org/#cors-preflight-request). `read_instead` reads of
    `request` what counts where `Origin` is absent.
    """
    if origin is not None:
        grant = path.grants[origin]
        if grant is None:
            return REFUSED if preflight else DENIED
    else:
        host, headers = read_instead(request, path.fallback)
        grant, origin = path.grant_without_origin(host, headers)
        if grant is None:
            return DENIED
    allowed = (ALLOW_ORIGIN, "*" if grant.literal else origin)
    if preflight:
        return 204, (allowed, *grant.preflight), grant
    return None, (allowed, *grant.actual), grant


def rule_of(path: CompiledPath, answered: Answer) -> str | None:
    """The name of the rule that decided an answer at `path`; None where none did."""
    _, headers, grant = answered
    return None if grant is None else path.grants.rule_for(headers[0][1], grant)
