"""`corsrules diff`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import click

from corsrules.cli.files import write
from corsrules.cli.options import collected
from corsrules.report.diff import FORMATS, Compared, Comparison

if TYPE_CHECKING:
    from corsrules.language.model import Document

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


class Pairs(NamedTuple):
    """The profiles that are compared, an old one with a new one, and those that the other side lacks."""

    compared: Sequence[tuple[str | None, str | None]]
    only_old: Sequence[str] = ()
    only_new: Sequence[str] = ()


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

    Where no profile is named, neither here nor in CORSRULES_PROFILE, each profile that both have is compared, and the
    others are listed. A side without profiles is compared with each profile of the other.

    Exits with 0 if both allow the same, with 1 if not, or if a side has errors or not the profile that is named; with 2
    if a side cannot be read.
    """
    from corsrules import loading
    from corsrules.cli.opening import named_by, read_source, refusing

    if options.new is None and not (options.old_profile and options.new_profile):
        raise click.UsageError("name NEW, or for one file both --old-profile and --new-profile")
    if options.profile and (options.old_profile or options.new_profile):
        raise click.UsageError("--profile is for both sides; with it, neither --old-profile nor --new-profile")
    sources = read_source(options.old), read_source(options.new or options.old)
    with refusing(options.format):
        old, new = (loading.accept(source.content, source.argument) for source in sources)
        pairs = _pairs(old.document, new.document)
        if options.profile or options.old_profile or options.new_profile or os.environ.get(loading.PROFILE_VARIABLE):
            both = "profile" if options.profile else ""
            old_profile = old.choose_profile(
                options.old_profile or options.profile, named_by(ctx, both or "old_profile")
            )
            new_profile = new.choose_profile(
                options.new_profile or options.profile, named_by(ctx, both or "new_profile")
            )
            pairs = Pairs([(old_profile, new_profile)])
    compared = Compared(
        sources[0].argument,
        sources[1].argument,
        sources[1].path,
        _comparisons(old.document, new.document, pairs.compared),
        pairs.only_old,
        pairs.only_new,
    )
    write(FORMATS[options.format](compared))
    fails = compared.widens if options.fail_on == "widen" else compared.is_different
    ctx.exit(DIFFERENT if fails else SAME)


def _pairs(old: Document, new: Document) -> Pairs:
    """Every profile with itself; where a side has none, that side with every profile of the other."""
    if old.profiles and new.profiles:
        return Pairs(
            [(name, name) for name in new.profiles if name in old.profiles],
            [name for name in old.profiles if name not in new.profiles],
            [name for name in new.profiles if name not in old.profiles],
        )
    return Pairs([(before, after) for before in old.profiles or (None,) for after in new.profiles or (None,)])


def _comparisons(old: Document, new: Document, pairs: Iterable[tuple[str | None, str | None]]) -> list[Comparison]:
    from corsrules.analysis.diff import between
    from corsrules.language.policy import Written

    before, after = Written(old), Written(new)
    return [
        Comparison(between(before.policy(old_profile), after.policy(new_profile)), old_profile, new_profile)
        for old_profile, new_profile in pairs
    ]
