"""`corsrules explain`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import click
from click.core import ParameterSource

from corsrules.cli.files import Trouble, write
from corsrules.cli.options import collected
from corsrules.engine.exchange import Dropped
from corsrules.evidence.recording import Recorded, Unreadable, curl, har, target
from corsrules.report.explain import FORMATS, Asked, Explained
from corsrules.web import fetch
from corsrules.web.browser import PageRequest

#: What counts as recorded where nothing was.
PLAIN_GET = Recorded("/", None, "GET", (), credentials=False, host=None, notes=())


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked: a page's request, given or recorded, and the file that explains it."""

    origin: str | None
    path: str | None
    method: str | None
    headers: tuple[str, ...]
    credentials: bool
    reads: tuple[str, ...]
    host: str | None
    fallback: tuple[str, ...]
    curl: str | None
    har: str | None
    entry: int | None
    profile: str | None
    all_profiles: bool
    file: str | None
    format: str
    verbose: bool


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
@click.option(
    "--fallback",
    multiple=True,
    metavar="NAME: VALUE",
    help="A gateway drops Origin, and fills this header of `fallback.headers` instead.",
)
@click.option("--curl", metavar="'curl …'", help="Take the request from a curl command line (never run).")
@click.option("--har", type=click.Path(), metavar="FILE", help="Take the request from a HAR file.")
@click.option("--entry", type=click.IntRange(1), metavar="N", help="Its entry.  [default: the first that has Origin]")
@click.option("--profile", metavar="NAME", help="The profile.  [default: CORSRULES_PROFILE, else the only one]")
@click.option("--all-profiles", is_flag=True, help="Explain in each profile.")
@click.option("--file", type=click.Path(), help="The file.  [default: CORSRULES_FILE, else cors.toml here or above]")
@click.option("--format", type=click.Choice(tuple(FORMATS)), default="text", show_default=True)
@click.option("--verbose", is_flag=True, help="Show every path and every pattern that is about something else, too.")
@collected(Options)
def command(ctx: click.Context, options: Options) -> None:
    """Explain what a page at ORIGIN is answered, whether a browser lets it read that, and why.

    What is given beside --curl or --har goes before what they say.

    Exits with 0 once it is explained, also where the page is blocked; with 1 if the file has errors; with 2 if
    something cannot be read.
    """
    from corsrules import loading
    from corsrules.analysis import diagnosis
    from corsrules.analysis.explain import Question, explain
    from corsrules.cli.opening import default_file, named_by, read, refusing

    is_named = ctx.get_parameter_source("profile") is ParameterSource.COMMANDLINE  # else it is a default
    if options.all_profiles and is_named:
        raise click.UsageError("--profile and --all-profiles exclude each other")
    if options.curl is not None and options.har is not None:
        raise click.UsageError("--curl and --har exclude each other")
    try:
        asked = _asked(options, _recorded(options))
    except Unreadable as error:
        raise Trouble(str(error)) from error
    file = options.file or default_file()
    with refusing(options.format):
        accepted = loading.accept(read(file), file)
        document = accepted.document
        profiles: Iterable[str | None] = document.profiles or (None,)
        if not options.all_profiles:
            profiles = (accepted.choose_profile(options.profile, named_by(ctx, "profile")),)
    question = Question(document, None, asked.path, asked.page, asked.dropped, asked.reads)
    explanations = [explain(replace(question, profile=profile)) for profile in profiles]
    explained = [(explanation, diagnosis.find(explanation)) for explanation in explanations]
    write(FORMATS[options.format](Explained(accepted.file, asked, explained, options.verbose)))


def _recorded(options: Options) -> Recorded:
    """The recorded request."""
    if options.curl is not None:
        return curl(options.curl)
    return har(options.har, options.entry) if options.har is not None else PLAIN_GET


def _asked(options: Options, recorded: Recorded) -> Asked:
    """The page's request: what the options say of it, and else what was recorded."""
    notes = list(recorded.notes)
    origin = recorded.origin if options.origin is None else options.origin
    method = recorded.method if options.method is None else options.method
    path = recorded.url if options.path is None else options.path
    host = recorded.host if options.host is None else options.host
    if options.host is None and host is not None:
        notes.append("the request has a Host and no Origin: it counts as one whose Origin a gateway has dropped")
    if origin is None:
        raise click.UsageError("name the page's ORIGIN: the request has none")
    if recorded.origin not in (None, origin):
        notes.append(f"ORIGIN is used, not the recorded {recorded.origin}")
    requested = target(path)
    if path != requested.path:
        notes.append(f"the path is {requested.path}")
    if requested.origin == origin:
        notes.append("the page and the request have one origin; CORS has no say in what is same-origin")
    if not fetch.is_token(method):
        raise click.BadParameter(f"{method!r} is not a method", param_hint="--method")
    normalized = fetch.normalized_method(method)
    if normalized != method:
        notes.append(f"fetch() sends {method} as {normalized}")
    headers = (*recorded.headers, *_headers(options.headers, notes))
    page = PageRequest(origin, normalized, headers, options.credentials or recorded.credentials)
    filled = dict(_filled(options.fallback))
    dropped = Dropped(host, filled) if host is not None or filled else None
    return Asked(page, requested.path, dropped, options.reads, tuple(notes))


def _filled(given: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The headers that a gateway fills in, by their lower-case names."""
    seen: set[str] = set()
    for header in given:
        name, separator, value = header.partition(":")
        name = name.strip().lower()
        if not separator or not fetch.is_token(name):
            raise click.BadParameter(f"{header!r} is not NAME: VALUE", param_hint="--fallback")
        if name in seen:
            raise click.BadParameter(f"{name} is given twice", param_hint="--fallback")
        seen.add(name)
        yield name, value.strip()


def _headers(given: Iterable[str], notes: list[str]) -> Iterator[tuple[str, str]]:
    """The headers that a page can set; what it cannot goes to the `notes`."""
    for header in given:
        name, separator, value = header.partition(":")
        name = name.strip()
        if not fetch.is_token(name):
            raise click.BadParameter(f"{name!r} is not a header name", param_hint="--header")
        if fetch.is_forbidden_request_header(name.lower()):
            notes.append(f"no page can set {name}; it is left out")
        else:
            yield name, value.strip() if separator else fetch.UNSAFE_VALUE
