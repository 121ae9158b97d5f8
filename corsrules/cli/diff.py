"""`corsrules diff`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import click

from corsrules.cli.files import write
from corsrules.cli.options import collected
from corsrules.report.diff import FORMATS, Comparison

if TYPE_CHECKING:
    from corsrules.cli.opening import Source
    from corsrules.language.policy import Policy

SAME, DIFFERENT = range(2)


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked."""

    old: str
    new: str | None
    profile: str | None
    old_profile: str | None
    new_profile: str | None
    format: str
    fail_on: str


class Side(NamedTuple):
    """One of the two that are compared: what reports call it, and its policy."""

    name: str
    policy: Policy


@click.command("diff")
@click.argument("old")
@click.argument("new", required=False)
@click.option("--profile", metavar="NAME", help="The profile on both sides.")
@click.option("--old-profile", metavar="NAME", help="The profile of OLD.")
@click.option("--new-profile", metavar="NAME", help="The profile of NEW.")
@click.option("--format", type=click.Choice(tuple(FORMATS)), default="text", show_default=True, help="How to report.")
@click.option(
    "--fail-on",
    type=click.Choice(("change", "widen")),
    default="change",
    show_default=True,
    help="What makes the exit code 1: any difference, or only that someone gains.",
)
@collected(Options)
def command(ctx: click.Context, options: Options) -> None:
    """Compare what OLD and NEW allow, not their text.

    Each is a file, or REV:path in git (main:cors.toml; a file of such a name is ./main:cors.toml). One file with
    --old-profile and --new-profile compares two environments.

    Exits with 0 if both allow the same, with 1 if not, or if a side has errors or leaves open which profile is meant;
    with 2 if a side cannot be read.
    """
    from corsrules.analysis.diff import between
    from corsrules.cli.opening import read_source, refusing

    if options.new is None and not (options.old_profile and options.new_profile):
        raise click.UsageError("name NEW, or for one file both --old-profile and --new-profile")
    if options.profile and (options.old_profile or options.new_profile):
        raise click.UsageError("--profile is for both sides; with it, neither --old-profile nor --new-profile")
    sources = read_source(options.old), read_source(options.new or options.old)
    with refusing(options.format):
        old = _side(sources[0], options.old_profile or options.profile)
        new = _side(sources[1], options.new_profile or options.profile)
    difference = between(old.policy, new.policy)
    write(FORMATS[options.format](Comparison(difference, old.name, new.name, sources[1].path)))
    fails = difference.widens if options.fail_on == "widen" else bool(difference)
    ctx.exit(DIFFERENT if fails else SAME)


def _side(source: Source, requested: str | None) -> Side:
    """The side in one profile; `ConfigError` if the file has errors or no profile can be chosen."""
    from corsrules import loading
    from corsrules.language.policy import resolve

    accepted = loading.accept(source.content, source.argument)
    profile = accepted.choose_profile(requested)
    name = f"{source.argument} ({profile})" if profile else source.argument
    return Side(name, resolve(accepted.document, profile))
