"""A page's request from end to end: what the matcher answers to it, and what the browser concludes."""

from __future__ import annotations

from typing import NamedTuple

from corsrules.engine.matcher import Decision, Matcher
from corsrules.language.path_pattern import wsgi_form
from corsrules.web import browser
from corsrules.web.browser import PageRequest, ServerAnswer, Verdict


class Exchange(NamedTuple):
    """A page's request with everything that is answered to it. `preflight` is None where the browser asks none."""

    request: PageRequest
    preflight: Decision | None
    answer: Decision
    verdict: Verdict


def exchange(matcher: Matcher, path: str, request: PageRequest, *, dropped_at: str | None = None) -> Exchange:
    """What `matcher` answers to a page's request for `path` (in Unicode), and what the browser concludes.

    `dropped_at` is the Host that the request arrives with after a gateway has dropped `Origin`.
    """
    origin = request.origin if dropped_at is None else None
    answer = matcher.decide(wsgi_form(path), origin, host=dropped_at)
    if not browser.needs_preflight(request):
        return Exchange(request, None, answer, browser.verdict(request, None, _served(200, answer)))
    preflight = matcher.decide(wsgi_form(path), origin, preflight=True, host=dropped_at)
    status = 204 if preflight.allowed else 403
    return Exchange(
        request, preflight, answer, browser.verdict(request, _served(status, preflight), _served(200, answer))
    )


def _served(status: int, decision: Decision) -> ServerAnswer:
    return ServerAnswer(status, tuple(decision.headers.items()))
