"""What `corsrules explain` prints: what a page is answered, whether a browser lets it read that, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from corsrules.report import json
from corsrules.report.characters import printable

if TYPE_CHECKING:
    from corsrules.analysis.diagnosis import Miss
    from corsrules.analysis.explain import Explanation, OriginReading, PathReading, RuleReading
    from corsrules.engine.exchange import Answered, Dropped
    from corsrules.findings import KeyPath
    from corsrules.language.toml import File
    from corsrules.web.browser import PageRequest

#: The version of the JSON document; keys may be added to it.
VERSION = 1

#: How much of one text is shown to a person, and how many patterns of a rule that are about other origins.
SHOWN_LENGTH = 1000
SHOWN_PATTERNS = 5


class Asked(NamedTuple):
    """The page's request, and what was done to what was given to make it."""

    page: PageRequest
    path: str
    dropped: Dropped | None
    reads: tuple[str, ...]
    notes: tuple[str, ...]


class Explained(NamedTuple):
    """A request explained: for each profile the explanation, with what keeps the page from what it wants.

    `verbose` has a person shown every path and every pattern that is about something else, too.
    """

    file: File
    asked: Asked
    profiles: Sequence[tuple[Explanation, tuple[Miss, ...]]]
    verbose: bool = False


# --- for a person -----------------------------------------------------------------------------------------------------


def _text(explained: Explained) -> str:
    return "".join(f"{_shown(line)}\n" for line in _lines(explained))


def _shown(line: str) -> str:
    line = printable(line)
    return line if len(line) <= SHOWN_LENGTH else f"{line[:SHOWN_LENGTH]}…"


def _lines(explained: Explained) -> Iterator[str]:
    asked = explained.asked
    yield f"page       {asked.page.origin}"
    names = ", ".join(name.lower() for name, _ in asked.page.headers)
    yield f"request    {asked.page.method} {asked.path}" + (f", with {names}" if names else "")
    yield f"           {'with' if asked.page.credentials else 'without'} credentials"
    if asked.dropped is not None:
        yield f"           arrives without Origin{''.join(_instead(asked.dropped))}"
    for note in asked.notes:
        yield f"           ({note})"
    for explanation, misses in explained.profiles:
        yield ""
        yield from _verdict(explained.file, explanation, misses)
        yield from _paths(explained.file, explanation, verbose=explained.verbose)
        for reading in explanation.rules:
            yield from _rule(explained.file, reading, verbose=explained.verbose)
        yield from _answers(explanation)


def _instead(dropped: Dropped) -> Iterator[str]:
    """What a request has instead of `Origin`, each part after a comma."""
    if dropped.host is not None:
        yield f", at Host {dropped.host}"
    yield from (f", with {name}: {value}" for name, value in dropped.headers.items())


def _verdict(file: File, explanation: Explanation, misses: Sequence[Miss]) -> Iterator[str]:
    profile = explanation.question.profile
    if profile is not None:
        yield f"profile    {profile}"
    verdict = explanation.exchange.verdict
    if not explanation.exchange.answer.governed:
        yield "verdict    the application decides: what it answers itself is sent as it is"
    elif verdict.failure is None:
        yield "verdict    allowed: the page can read the answer"
    else:
        yield f"verdict    blocked: {verdict.failure.message} (Fetch: {verdict.failure.step})"
    for name in explanation.question.reads if explanation.exchange.answer.governed else ():
        can = "can" if verdict.exposes(name) else "cannot"
        yield f"           script {can} read the response header {name}"
    for miss in misses:
        where = f" ({_at(file, miss.place)})" if miss.place is not None else ""
        yield f"why        {miss.message}{where}"


def _paths(file: File, explanation: Explanation, *, verbose: bool) -> Iterator[str]:
    governing = [reading for reading in explanation.paths if reading.governs]
    if governing:
        text, place = str(governing[0].pattern), _at(file, governing[0].place)
        yield f"path       {text} governs: the longest that covers the request ({place})"
    elif explanation.exchange.answer.governed:
        yield "path       none governs; whatever comes from such a path is denied"
    else:
        yield "path       none governs; nothing is added to the answer, and nothing is removed"
    if not verbose:
        return
    for reading in explanation.paths:
        if not reading.governs:
            why = "covers the request too, but is shorter" if reading.covers else f"does not cover it: {reading.why}"
            yield f"           {reading.pattern} {why} ({_at(file, reading.place)})"


def _rule(file: File, reading: RuleReading, *, verbose: bool) -> Iterator[str]:
    fate = "decides" if reading.decides else "matches, less specifically" if reading.matches else "does not match"
    fate = fate if reading.origins else "names nobody"
    yield f"rule       {reading.rule.label} {fate} ({_at(file, reading.rule.where)})"
    matching = [each for each in reading.origins if each.matches]
    others = [each for each in reading.origins if not each.matches]
    shown = others if verbose else [] if matching else others[:SHOWN_PATTERNS]
    for each in (*matching, *shown):
        decides = ", and decides" if each.decides else ""
        yield f"           {each.text}{_group(each)}: {each.why}{decides} ({_at(file, each.place)})"
    if len(others) > len(shown):
        left = len(others) - len(shown)
        yield f"           {left} more {'pattern does' if left == 1 else 'patterns do'} not match (--verbose)"


def _group(reading: OriginReading) -> str:
    return f" (group {reading.place[3]})" if reading.place[0] == "profiles" else ""


def _answers(explanation: Explanation) -> Iterator[str]:
    preflight, answer = explanation.exchange.preflight, explanation.exchange.answer
    if preflight is None:
        yield "preflight  none: the browser asks none for such a request"
    else:
        yield f"preflight  {preflight.status or 'answered by the application'}"
        yield from _header_lines(preflight)
    yield "answer     the application's, with" if answer.governed else "answer     the application's"
    yield from _header_lines(answer)


def _header_lines(answered: Answered) -> Iterator[str]:
    headers = answered.headers_and_vary
    yield from (f"           {name}: {value}" for name, value in headers)
    if answered.governed and not headers:
        yield "           no CORS header"


def _at(file: File, place: KeyPath) -> str:
    """A place as `cors.toml:3:14`."""
    line, column = file.line_and_column(place)
    return f"{file.name}:{line}:{column}"


# --- for a machine ----------------------------------------------------------------------------------------------------


def _json(explained: Explained) -> str:
    file, asked = explained.file, explained.asked
    return json.written(
        {
            "version": VERSION,
            "file": file.name,
            "request": {
                "origin": asked.page.origin,
                "path": asked.path,
                "method": asked.page.method,
                "headers": [name.lower() for name, _ in asked.page.headers],
                "credentials": asked.page.credentials,
                "host": None if asked.dropped is None else asked.dropped.host,
                "fallback": None if asked.dropped is None else dict(asked.dropped.headers),
                "expose": list(asked.reads),
            },
            "notes": list(asked.notes),
            "explanations": [_explanation(file, each, misses) for each, misses in explained.profiles],
        }
    )


def _explanation(file: File, explanation: Explanation, misses: Sequence[Miss]) -> dict[str, object]:
    verdict, preflight = explanation.exchange.verdict, explanation.exchange.preflight
    governing = explanation.governing
    return {
        "profile": explanation.question.profile,
        # Where no rule governs, the rest is about an application that sets no CORS header itself.
        "governed": explanation.exchange.answer.governed,
        "readable": verdict.readable,
        "failure": None if verdict.failure is None else verdict.failure._asdict(),
        "exposed": {name: verdict.exposes(name) for name in explanation.question.reads},
        "misses": [
            {"kind": miss.kind, "message": miss.message, **_line_and_column(file, miss.place)} for miss in misses
        ],
        "path": None if governing is None else str(governing),
        "rule": explanation.exchange.answer.rule,
        "paths": [_path_object(file, reading) for reading in explanation.paths],
        "rules": [_rule_object(file, reading) for reading in explanation.rules],
        "preflight": None
        if preflight is None
        else {"status": preflight.status, "headers": dict(preflight.headers_and_vary)},
        "answer": {"headers": dict(explanation.exchange.answer.headers_and_vary)},
    }


def _line_and_column(file: File, place: KeyPath | None) -> dict[str, object]:
    line, column = (None, None) if place is None else file.line_and_column(place)
    return {"line": line, "column": column}


def _path_object(file: File, reading: PathReading) -> dict[str, object]:
    return {
        "path": str(reading.pattern),
        "rule": reading.rule.label,
        **_line_and_column(file, reading.place),
        "covers": reading.covers,
        "governs": reading.governs,
        "why": reading.why,
    }


def _rule_object(file: File, reading: RuleReading) -> dict[str, object]:
    return {
        "rule": reading.rule.label,
        **_line_and_column(file, reading.rule.where),
        "matches": reading.matches,
        "decides": reading.decides,
        "origins": [
            {
                "pattern": each.text,
                **_line_and_column(file, each.place),
                "matches": each.matches,
                "decides": each.decides,
                "why": each.why,
            }
            for each in reading.origins
        ],
    }


FORMATS: Mapping[str, Callable[[Explained], str]] = {"text": _text, "json": _json}
