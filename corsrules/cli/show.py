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

    file: str
    profile: str | None
    format: str


@click.command("show")
@click.argument("file", default="cors.toml", type=click.Path())
@click.option("--profile", metavar="NAME", help="The profile to show.")
@click.option("--format", type=click.Choice(tuple(FORMATS)), default="text", show_default=True, help="How to show it.")
@collected(Options)
def command(ctx: click.Context, options: Options) -> None:
    """Show what FILE (default cors.toml) allows in one profile: each path, the longest first, with its rules.

    Exits with 1 if the file has errors or leaves open which profile is meant, with 2 if it cannot be read.
    """
    from corsrules import loading
    from corsrules.cli.opening import read, refusing
    from corsrules.language.policy import resolve

    with refusing(options.format):
        accepted = loading.accept(read(options.file), options.file)
        policy = resolve(accepted.document, accepted.choose_profile(options.profile))
    write(FORMATS[options.format](Shown(policy, accepted.file)))
