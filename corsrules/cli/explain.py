"""`corsrules explain`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import click
from click.core import ParameterSource

from corsrules import loading, report
from corsrules.analysis import diagnosis
from corsrules.analysis.explain import Explanation, OriginReading, PathReading, Question, RuleReading, explain
from corsrules.cli.files import Trouble, write
from corsrules.cli.opening import read, refusing
from corsrules.engine.exchange import Answered
from corsrules.evidence.recording import Recorded, Target, Unreadable, curl, har, target
from corsrules.findings import KeyPath
from corsrules.language.toml import File
from corsrules.web import fetch
from corsrules.web.browser import PageRequest

VERSION = 1

#: How much of one text is shown to a person, and how many patterns of a rule that are about other origins.
SHOWN_LENGTH = 1000
SHOWN_PATTERNS = 5


class Asked(NamedTuple):
    """The page's request, and what was done to what was given to make it."""

    page: PageRequest
    path: str
    dropped_at: str | None
    reads: tuple[str, ...]
    notes: tuple[str, ...]


@click.command("explain")
@click.argument("origin", required=False)
@click.option("--path", metavar="PATH", help="The path that is requested, or a whole URL.  [default: /]")
@click.option("--method", metavar="METHOD", help="The page's method, upper-cased where fetch() does.  [default: GET]")
@click.option(
    "--header",
    "headers",
    multiple=True,
    metavar="NAME[: VALUE]",
    help="A request header that the page sets; without a value it counts as one that needs permission.",
)
@click.option("--credentials", is_flag=True, help='The page sends its cookies: fetch(url, {credentials: "include"}).')
@click.option("--expose", "reads", multiple=True, metavar="NAME", help="A response header that the script reads.")
@click.option("--host", metavar="HOST", help="A gateway drops Origin, and the request arrives with this Host.")
@click.option("--curl", "curl_line", metavar="'curl …'", help="Take the request from a curl command line (never run).")
@click.option("--har", "har_file", type=click.Path(), metavar="FILE", help="Take the request from a HAR file.")
@click.option("--entry", type=click.IntRange(1), metavar="N", help="Its entry.  [default: the first that has Origin]")
@click.option("--profile", metavar="NAME", help="The profile.  [default: CORSRULES_PROFILE, else the only one]")
@click.option("--all-profiles", is_flag=True, help="Explain in each profile.")
@click.option("--file", "file", default="cors.toml", show_default=True, type=click.Path(), help="The file.")
@click.option("--format", "format_", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.option("--verbose", is_flag=True, help="Show every path and every pattern that is about something else, too.")
@click.pass_context
def command(
    ctx: click.Context,
    origin: str | None,
    path: str | None,
    method: str | None,
    headers: tuple[str, ...],
    credentials: bool,  # noqa: FBT001 - click passes options by name
    reads: tuple[str, ...],
    host: str | None,
    curl_line: str | None,
    har_file: str | None,
    entry: int | None,
    profile: str | None,
    all_profiles: bool,  # noqa: FBT001 - as above
    file: str,
    format_: str,
    verbose: bool,  # noqa: FBT001 - as above
) -> None:
    """Explain what a page at ORIGIN is answered, whether a browser lets it read that, and why.

    What is given beside --curl or --har goes before what they say.

    Exits with 0 once it is explained, also where the page is blocked; with 1 if the file has errors; with 2 if
    something cannot be read.
    """
    if all_profiles and ctx.get_parameter_source("profile") is ParameterSource.COMMANDLINE:  # else it is a default
        raise click.UsageError("--profile and --all-profiles exclude each other")
    if curl_line is not None and har_file is not None:
        raise click.UsageError("--curl and --har exclude each other")
    try:
        recorded = curl(curl_line) if curl_line is not None else har(har_file, entry) if har_file is not None else None
        asked = _asked(recorded, origin, path, method, headers, reads, host, sends_credentials=credentials)
    except Unreadable as error:
        raise Trouble(str(error)) from error
    with refusing(format_):
        accepted = loading.accept(read(file), file)
        document = accepted.document
        profiles: tuple[str | None, ...] = tuple(document.profiles) or (None,)
        if not all_profiles:
            profiles = (accepted.choose_profile(profile),)
    explanations = [
        explain(Question(document, name, asked.path, asked.page, asked.dropped_at, asked.reads)) for name in profiles
    ]
    if format_ == "json":
        write(_json(accepted.file, asked, explanations))
    else:
        lines = _lines(accepted.file, asked, explanations, verbose=verbose)
        write("".join(f"{_shown(line)}\n" for line in lines))


def _shown(line: str) -> str:
    line = report.printable(line)
    return line if len(line) <= SHOWN_LENGTH else f"{line[:SHOWN_LENGTH]}…"


# --- the request ------------------------------------------------------------------------------------------------------


def _asked(
    recorded: Recorded | None,
    origin: str | None,
    path: str | None,
    method: str | None,
    headers: tuple[str, ...],
    reads: tuple[str, ...],
    host: str | None,
    *,
    sends_credentials: bool,
) -> Asked:
    """The page's request, from the options, else from what was recorded, else as a plain GET of `/`."""
    notes = list(recorded.notes) if recorded is not None else []
    dropped_at = host
    if recorded is not None:
        path = path if path is not None else recorded.url
        method = method if method is not None else recorded.method
        if host is None and recorded.host is not None:
            dropped_at = recorded.host
            notes.append("the request has a Host and no Origin: it counts as one whose Origin a gateway has dropped")
        if origin is not None and recorded.origin not in (None, origin):
            notes.append(f"ORIGIN is used, not the recorded {recorded.origin}")
        origin = origin if origin is not None else recorded.origin
    if origin is None:
        raise click.UsageError("name the page's ORIGIN: the request has none")
    found = target(path) if path is not None else Target("/", None)
    if path is not None and path != found.path:
        notes.append(f"the path is {found.path}")
    if found.origin == origin:
        notes.append("the page and the request have one origin; CORS has no say in what is same-origin")
    given = "GET" if method is None else method
    if not fetch.is_token(given):
        raise click.BadParameter(f"{given!r} is not a method", param_hint="--method")
    normalized = fetch.normalized_method(given)
    if normalized != given:
        notes.append(f"fetch() sends {given} as {normalized}")
    set_by_page = tuple(_headers(headers, notes))
    return Asked(
        PageRequest(
            origin,
            normalized,
            (*(recorded.headers if recorded is not None else ()), *set_by_page),
            sends_credentials or (recorded is not None and recorded.credentials),
        ),
        found.path,
        dropped_at,
        reads,
        tuple(notes),
    )


def _headers(headers: Iterable[str], notes: list[str]) -> Iterator[tuple[str, str]]:
    for header in headers:
        name, separator, value = header.partition(":")
        name = name.strip()
        if not fetch.is_token(name):
            raise click.BadParameter(f"{name!r} is not a header name", param_hint="--header")
        if fetch.is_forbidden_request_header(name.lower()):
            notes.append(f"no page can set {name}; it is left out")
        else:
            yield name, value.strip() if separator else fetch.UNSAFE_VALUE


# --- for a person -----------------------------------------------------------------------------------------------------


def _lines(file: File, asked: Asked, explanations: Iterable[Explanation], *, verbose: bool) -> Iterator[str]:
    yield f"page       {asked.page.origin}"
    names = ", ".join(name.lower() for name, _ in asked.page.headers)
    yield f"request    {asked.page.method} {asked.path}" + (f", with {names}" if names else "")
    yield f"           {'with' if asked.page.credentials else 'without'} credentials"
    if asked.dropped_at is not None:
        yield f"           arrives without Origin, at Host {asked.dropped_at}"
    for note in asked.notes:
        yield f"           ({note})"
    for explanation in explanations:
        yield ""
        yield from _explained(file, explanation, verbose=verbose)


def _explained(file: File, explanation: Explanation, *, verbose: bool) -> Iterator[str]:
    profile = explanation.question.profile
    if profile is not None:
        yield f"profile    {profile}"
    failure = explanation.exchange.verdict.failure
    if failure is None:
        yield "verdict    allowed: the page can read the answer"
    else:
        yield f"verdict    blocked: {failure.message} (Fetch: {failure.step})"
    for name in explanation.question.reads:
        can = "can" if explanation.exchange.verdict.exposes(name) else "cannot"
        yield f"           script {can} read the response header {name}"
    for miss in diagnosis.find(explanation):
        where = f" ({_at(file, miss.place)})" if miss.place is not None else ""
        yield f"why        {miss.message}{where}"
    yield from _paths(file, explanation, verbose=verbose)
    for reading in explanation.rules:
        yield from _rule(file, reading, verbose=verbose)
    yield from _answers(explanation)


def _paths(file: File, explanation: Explanation, *, verbose: bool) -> Iterator[str]:
    governing = [reading for reading in explanation.paths if reading.governs]
    if governing:
        text, place = str(governing[0].pattern), _at(file, governing[0].place)
        yield f"path       {text} governs: the longest that covers the request ({place})"
    elif explanation.exchange.answer.governed:
        yield "path       none governs; whatever comes from such a path is denied"
    else:
        yield "path       none governs; nothing is added to the answer"
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
    preflight = explanation.exchange.preflight
    if preflight is None:
        yield "preflight  none: the browser asks none for such a request"
    else:
        yield f"preflight  {preflight.status or 'answered by the application'}"
        yield from _headers_of(preflight)
    yield "answer     the application's, with"
    yield from _headers_of(explanation.exchange.answer)


def _headers_of(answered: Answered) -> Iterator[str]:
    headers = answered.headers_and_vary
    yield from (f"           {name}: {value}" for name, value in headers)
    if not headers:
        yield "           no CORS header"


def _at(file: File, place: KeyPath) -> str:
    """A place as `cors.toml:3:14`."""
    line, column = file.line_and_column(place)
    return f"{file.name}:{line}:{column}"


# --- for a machine ----------------------------------------------------------------------------------------------------


def _json(file: File, asked: Asked, explanations: Iterable[Explanation]) -> str:
    """The document, in ASCII; keys may be added to it."""
    document = {
        "version": VERSION,
        "file": file.name,
        "request": {
            "origin": asked.page.origin,
            "path": asked.path,
            "method": asked.page.method,
            "headers": [name.lower() for name, _ in asked.page.headers],
            "credentials": asked.page.credentials,
            "host": asked.dropped_at,
            "expose": list(asked.reads),
        },
        "notes": list(asked.notes),
        "explanations": [_explanation(file, each) for each in explanations],
    }
    return json.dumps(document, indent=2) + "\n"


def _explanation(file: File, explanation: Explanation) -> dict[str, object]:
    verdict, preflight = explanation.exchange.verdict, explanation.exchange.preflight
    governing = explanation.governing
    return {
        "profile": explanation.question.profile,
        "readable": verdict.readable,
        "failure": None if verdict.failure is None else verdict.failure._asdict(),
        "exposed": {name: verdict.exposes(name) for name in explanation.question.reads},
        "misses": [
            {"kind": miss.kind, "message": miss.message, **_located(file, miss.place)}
            for miss in diagnosis.find(explanation)
        ],
        "path": None if governing is None else str(governing),
        "rule": explanation.exchange.answer.rule,
        "paths": [_path(file, reading) for reading in explanation.paths],
        "rules": [_rule_object(file, reading) for reading in explanation.rules],
        "preflight": None
        if preflight is None
        else {"status": preflight.status, "headers": dict(preflight.headers_and_vary)},
        "answer": {"headers": dict(explanation.exchange.answer.headers_and_vary)},
    }


def _located(file: File, place: KeyPath | None) -> dict[str, object]:
    line, column = (None, None) if place is None else file.line_and_column(place)
    return {"line": line, "column": column}


def _path(file: File, reading: PathReading) -> dict[str, object]:
    return {
        "path": str(reading.pattern),
        "rule": reading.rule.label,
        **_located(file, reading.place),
        "covers": reading.covers,
        "governs": reading.governs,
        "why": reading.why,
    }


def _rule_object(file: File, reading: RuleReading) -> dict[str, object]:
    return {
        "rule": reading.rule.label,
        **_located(file, reading.rule.where),
        "matches": reading.matches,
        "decides": reading.decides,
        "origins": [
            {
                "pattern": each.text,
                **_located(file, each.place),
                "matches": each.matches,
                "decides": each.decides,
                "why": each.why,
            }
            for each in reading.origins
        ],
    }
