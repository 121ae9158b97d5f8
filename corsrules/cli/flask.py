"""`flask cors check`, `flask cors explain`, `flask cors show`: the commands on a running application's own file.

Flask imports this file with every `flask` command, so at the top it imports nothing but click: whatever else is broken
breaks `flask cors` only. Flask itself is never imported; its script info is what click hands over.
"""

from __future__ import annotations

import click

from corsrules.cli import Commands

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
    file, profile = _file_and_profile(ctx)
    ctx.default_map = {
        "check": {"files": (file,), "profile": profile},
        "show": {"file": file, "profile": profile},
        "explain": {"file": file, "profile": profile},
    }


def _file_and_profile(ctx: click.Context) -> tuple[str, str | None]:
    """What the application obeys; where that file has errors, there is no application, but its name."""
    from corsrules.loading import ConfigError

    try:
        app = ctx.obj.load_app()
    except ConfigError as error:
        return error.file.name, None
    state = app.extensions.get("corsrules")
    if state is None:
        raise click.ClickException(
            "this application has no CorsRules(app), so it is not known which file it obeys; use `corsrules check FILE`"
        )
    return state.file, state.profile
