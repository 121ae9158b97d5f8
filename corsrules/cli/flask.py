"""`flask cors check`, `flask cors explain`, `flask cors show`: the commands on a running application's own file.

Flask imports this file with every `flask` command, so at the top it imports nothing but click: whatever else is broken
breaks `flask cors` only. Flask itself is never imported; its script info is what click hands over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from corsrules.cli import Commands

if TYPE_CHECKING:
    from corsrules.evidence.flask_cors import Rivalry
    from corsrules.findings import Finding

#: The commands of `corsrules` that read one file, each for the application's file and profile by default.
COMMANDS = {
    "check": "Check the application's cors.toml.",
    "show": "Show what it allows in the application's profile.",
    "explain": "Explain what a page at an origin is answered, and why.",
}


@click.group("cors", cls=Commands, lines=COMMANDS)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Check and explain who may read this application."""
    obeyed = _obeyed(ctx.obj.load_app)
    ctx.default_map = {
        "check": {
            "files": (obeyed.file,),
            "profile": None if obeyed.refused else obeyed.profile,
            "refused": obeyed.refused,
            "beside": obeyed.beside,
        },
        "show": {"file": obeyed.file, "profile": obeyed.profile},
        "explain": {"file": obeyed.file, "profile": obeyed.profile},
    }


class Obeyed(NamedTuple):
    """What an application obeys.

    `refused` are the findings for which it does not start; `profile` is then the one that it asks for, if that is
    known. `beside` is what of flask-cors is in it and was not told at the start.
    """

    file: str
    profile: str | None
    refused: Sequence[Finding] = ()
    beside: Sequence[Rivalry] = ()


def _obeyed(load_app: Callable[[], Any]) -> Obeyed:
    from corsrules.evidence.flask_cors import rivalries
    from corsrules.loading import TEXT_NAME, ConfigError
    from corsrules.wsgi import matcher_in

    try:
        app = load_app()
    except ConfigError as error:
        return Obeyed(error.file.name, getattr(error, "profile", None), error.findings)
    state = app.extensions.get("corsrules")
    matcher = matcher_in(app) if state is None else state.matcher
    if matcher is None:
        raise click.ClickException(
            "this application has no CorsRules(app) and no CorsMiddleware, so it is not known which file it obeys; use "
            "`corsrules check FILE`"
        )
    if matcher.source is None or matcher.source.file == TEXT_NAME:
        raise click.ClickException("this application's rules do not come from a file; use `corsrules check FILE`")
    told = () if state is None else state.told
    beside = [each for each in rivalries(app, matcher) if each not in told]
    return Obeyed(matcher.source.file, matcher.source.profile, beside=beside)
