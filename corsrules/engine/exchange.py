"""A page's request from end to end: what the matcher answers to it, and what the browser concludes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from corsrules.engine.answer import DENIED, answer, rule_of
from corsrules.engine.grants import NOTHING, CompiledPath, Grant, Header
from corsrules.engine.matcher import Matcher, as_given
from corsrules.language.path_pattern import wsgi_form
from corsrules.web import browser
from corsrules.web.browser import PageRequest, ServerAnswer, Verdict

#: The status that an application is taken to answer with.
OK = 200


class Answered(NamedTuple):
    """What is put on one answer. `status` is that of a preflight's answer; None where the application answers."""

    status: int | None
    headers: tuple[Header, ...]
    grant: Grant | None
    path: CompiledPath | None

    @property
    def rule(self) -> str | None:
        """The name of the rule that decided; None where none did."""
        return None if self.path is None else rule_of(self.path, (self.status, self.headers, self.grant))

    @property
    def allowed(self) -> bool:
        """Whether the origin may read the answer."""
        return self.grant is not None

    @property
    def governed(self) -> bool:
        """Whether a rule's path covers the request."""
        return self.path is not None

    @property
    def headers_and_vary(self) -> tuple[Header, ...]:
        """The headers with `Vary`, which is merged into what the application varies on."""
        return self.headers if self.path is None else (*self.headers, *self.path.vary_headers)


class Dropped(NamedTuple):
    """What a request has instead of the `Origin` that a gateway has dropped.

    `host` is the Host that it arrives with; `headers` are those that the gateway fills in, by their lower-case names.
    """

    host: str | None = None
    headers: Mapping[str, str] = NOTHING


class Exchange(NamedTuple):
    """A page's request with everything that is answered to it. `preflight` is None where the browser asks none."""

    request: PageRequest
    preflight: Answered | None
    answer: Answered
    verdict: Verdict


def exchange(matcher: Matcher, path: str, request: PageRequest, *, dropped: Dropped | None = None) -> Exchange:
    """What `matcher` answers to a page's request for `path` (in Unicode), and what the browser concludes.

    `dropped` is what the request arrives with where a gateway has dropped `Origin`, None where none has.
    """
    governing = matcher.governing(wsgi_form(path))
    origin, instead = (request.origin, Dropped()) if dropped is None else (None, dropped)

    def ask(*, preflight: bool) -> Answered:
        if governing is None:
            return Answered(*DENIED, None)
        return Answered(*answer(governing, origin, preflight, instead, as_given), governing)

    final = ask(preflight=False)
    preflight = ask(preflight=True) if browser.needs_preflight(request) else None
    verdict = browser.verdict(request, None if preflight is None else _served(preflight), _served(final))
    return Exchange(request, preflight, final, verdict)


def _served(answered: Answered) -> ServerAnswer:
    return ServerAnswer(OK if answered.status is None else answered.status, answered.headers)
