"""`corsrules show`."""

from __future__ import annotations

from dataclasses import dataclass

import click

from corsrules.cli.files import write
from corsrules.cli.options import collected
from corsrules.report.show import FORMATS, Shown


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked."""

    file: str | None
    profile: str | None
    format: str


@click.command("show")
@click.argument("file", required=False, type=click.Path())
@click.option("--profile", metavar="NAME", help="The profile to show.")
@click.option("--format", type=click.Choice(tuple(FORMATS)), default="text", show_default=True, help="How to show it.")
@collected(Options)
def command(ctx: click.Context, options: Options) -> None:
    """Show what FILE allows in one profile: each path, the longest first, with its rules.

    FILE is by default what CORSRULES_FILE names, else cors.toml here or above.

    Exits with 1 if the file has errors or leaves open which profile is meant, with 2 if it cannot be read.
    """
    from corsrules import loading
    from corsrules.cli.opening import default_file, named_by, read, refusing
    from corsrules.language.policy import resolve

    file = options.file or default_file()
    with refusing(options.format):
        accepted = loading.accept(read(file), file)
        policy = resolve(accepted.document, accepted.choose_profile(options.profile, named_by(ctx, "profile")))
    write(FORMATS[options.format](Shown(policy, accepted.file)))
