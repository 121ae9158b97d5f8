"""`corsrules diff`."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from typing import NamedTuple

import click

from corsrules import loading, report
from corsrules.analysis import diff
from corsrules.analysis.diff import Difference, PathChange
from corsrules.cli.files import Trouble, write
from corsrules.cli.opening import read, refusing
from corsrules.language.access import Access, Change
from corsrules.language.origin_pattern import Pattern
from corsrules.language.policy import Policy, What, resolve
from corsrules.report import github

FORMATS = ("text", "json", "github", "markdown")

SAME, DIFFERENT = range(2)

#: The version of the JSON document; keys may be added to it.
VERSION = 1

#: How many exceptions a person is shown of one pattern (JSON has all).
EXCEPTIONS_SHOWN = 3

#: How many changes a pull-request comment shows; GitHub takes 65,536 characters.
ROWS_SHOWN = 200


class Side(NamedTuple):
    """One of the two that are compared: what reports call it, its path (in git too), its policy."""

    name: str
    file: str
    policy: Policy


@click.command("diff")
@click.argument("old")
@click.argument("new", required=False)
@click.option("--profile", metavar="NAME", help="The profile on both sides.")
@click.option("--old-profile", metavar="NAME", help="The profile of OLD.")
@click.option("--new-profile", metavar="NAME", help="The profile of NEW.")
@click.option(
    "--format", "format_", type=click.Choice(FORMATS), default="text", show_default=True, help="How to report."
)
@click.option(
    "--fail-on",
    type=click.Choice(("change", "widen")),
    default="change",
    show_default=True,
    help="What makes the exit code 1: any difference, or only that someone gains.",
)
@click.pass_context
def command(
    ctx: click.Context,
    old: str,
    new: str | None,
    profile: str | None,
    old_profile: str | None,
    new_profile: str | None,
    format_: str,
    fail_on: str,
) -> None:
    """Compare what OLD and NEW allow, not their text.

    Each is a file, or REV:path in git (main:cors.toml). One file with --old-profile and --new-profile compares two
    environments.

    Exits with 0 if both allow the same, with 1 if not, or if a side has errors or leaves open which profile is meant;
    with 2 if a side cannot be read.
    """
    if new is None and not (old_profile and new_profile):
        raise click.UsageError("name NEW, or for one file both --old-profile and --new-profile")
    if profile and (old_profile or new_profile):
        raise click.UsageError("--profile is for both sides; with it, neither --old-profile nor --new-profile")
    sources = _read(old), _read(new or old)
    with refusing(format_):
        sides = _side(sources[0], old_profile or profile), _side(sources[1], new_profile or profile)
    found = diff.between(sides[0].policy, sides[1].policy)
    write({"text": _text, "json": _json, "github": _github, "markdown": _markdown}[format_](sides, found))
    fails = found.widens if fail_on == "widen" else bool(found)
    ctx.exit(DIFFERENT if fails else SAME)


# --- reading ----------------------------------------------------------------------------------------------------------


class Source(NamedTuple):
    """What was named as a side: the argument, the path (in git too), and what is written there."""

    argument: str
    path: str
    content: bytes


def _side(source: Source, requested: str | None) -> Side:
    """The side in one profile; `ConfigError` if it has errors or none can be chosen."""
    accepted = loading.accept(source.content, source.argument)
    profile = accepted.choose_profile(requested)
    name = f"{source.argument} ({profile})" if profile else source.argument
    return Side(name, source.path, resolve(accepted.document, profile))


def _read(argument: str) -> Source:
    """A file, or `REV:path` in git where there is no such file."""
    revision, colon, path = argument.partition(":")
    if not colon or not revision or not path or os.path.lexists(argument):
        return Source(argument, argument, read(argument))
    try:
        # No shell reads the argument, and after --end-of-options git takes nothing for an option.
        command = ["git", "show", "--no-textconv", "--end-of-options", argument]
        ran = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - no shell, and git takes no option from it
    except (OSError, ValueError) as error:  # no git; a NUL byte
        raise Trouble(f"cannot read {report.printable(argument)}: git did not start: {error}") from error
    if ran.returncode:
        said = ran.stderr.decode(errors="replace").strip().partition("\n")[0]
        message = f"cannot read {os.path.abspath(argument)}: no such file, and git has no such object ({said})"
        raise Trouble(report.printable(message))
    return Source(argument, path, ran.stdout)


# --- what a person reads ----------------------------------------------------------------------------------------------


def _verb(change: Change) -> str:
    if change.old is None:
        return "gains"
    return "loses" if change.new is None else "changes"


def _detail(change: Change) -> str:
    """What the origins are given, or were, or what is different about it."""
    if change.old is not None and change.new is not None:
        return "; ".join(diff.differences(change.old, change.new))
    access = change.new or change.old
    assert access is not None
    return _described(access)


def _described(access: Access) -> str:
    return "; ".join(f"{key} {value}" for key, value in _given(access) if value) or "reading"


def _given(access: Access) -> Iterator[tuple[str, str]]:
    what = access.what
    yield "credentials", "yes" if what.credentials else ""
    yield "methods", ", ".join(what.methods)
    yield "request-headers", ", ".join(what.request_headers)
    yield "response-headers", ", ".join(what.response_headers)
    yield "max-age", "" if what.max_age is None else str(what.max_age)


def _origins(change: Change) -> str:
    """The pattern and what of it is left out."""
    name = "every other origin, and null" if change.pattern is None else str(change.pattern)
    if not change.exceptions or change.pattern is None:
        return name
    return f"{name} except {_some(change.exceptions)}"


def _some(patterns: tuple[Pattern, ...]) -> str:
    shown = ", ".join(map(str, patterns[:EXCEPTIONS_SHOWN]))
    return shown + (f" and {len(patterns) - EXCEPTIONS_SHOWN} more" if len(patterns) > EXCEPTIONS_SHOWN else "")


def _ordered(region: PathChange) -> list[Change]:
    """Who gains first, then who gets more, then the rest."""
    return sorted(region.changes, key=lambda change: (not change.widens, change.old is not None, change.new is None))


def _regions(found: Difference) -> list[PathChange]:
    """Where someone gains first."""
    return sorted(found.paths, key=lambda region: not any(change.widens for change in region.changes))


def _places(region: PathChange) -> str:
    return ", ".join(str(path) for path, _ in region.paths)


def _governed(region: PathChange) -> str:
    """What a path gets or loses beside origins: where no rule governs, the application answers as it likes."""
    if region.governed == (True, False):
        return "no rule governs it any more: the headers of the application itself go out as they are"
    if region.governed == (False, True):
        return "a rule governs it now: the CORS headers of the application itself are removed"
    return ""


def _summary(sides: tuple[Side, Side], found: Difference) -> str:
    if not found:
        return "no difference"
    what = "someone gains access" if found.widens else "nobody gains access"
    return f"{sides[0].name} -> {sides[1].name}: {what}"


def _text(sides: tuple[Side, Side], found: Difference) -> str:
    lines = []
    for region in _regions(found):
        lines.append(_places(region))
        if _governed(region):
            lines.append(f"  {_governed(region)}")
        for change in _ordered(region):
            mark = "widens: " if change.widens else ""
            lines.append(f"  {mark}{_verb(change)}  {_origins(change)}")
            lines.append(f"      {_detail(change)}")
            lines.append(f"      for example {change.example}")
        lines.append("")
    if found.fallback:
        lines.append("fallback")
        for each in found.fallback:
            lines.append(f"  {'widens: ' if each.widens else ''}{each.setting}: {each.old} -> {each.new}")
        lines.append("")
    return "".join(f"{report.printable(line)}\n" for line in (*lines, _summary(sides, found)))


def _markdown(sides: tuple[Side, Side], found: Difference) -> str:
    lines = [f"**{_summary(sides, found)}**" if found else "**CORS: no difference**", ""]
    rows = [(region, change) for region in _regions(found) for change in _ordered(region)]
    rows.sort(key=lambda row: not row[1].widens)
    if rows:
        lines += ["| | paths | origins | what | for example |", "|---|---|---|---|---|"]
    for region, change in rows[:ROWS_SHOWN]:
        mark = "⚠️ **widens** " if change.widens else ""
        cells = (_code(_places(region)), _code(_origins(change)), _cell(_detail(change)), _code(change.example))
        lines.append(f"| {mark}{_verb(change)} | " + " | ".join(cells) + " |")
    if len(rows) > ROWS_SHOWN:
        lines += ["", f"… and {len(rows) - ROWS_SHOWN} more"]
    lines += [""] if rows else []
    lines += [f"- {_code(_places(region))}: {_governed(region)}" for region in found.paths if _governed(region)]
    for each in found.fallback:
        mark = "⚠️ **widens** " if each.widens else ""
        lines.append(f"- {mark}fallback {_code(each.setting)}: {_code(each.old)} → {_code(each.new)}")
    return "\n".join(lines).rstrip("\n") + "\n"


def _cell(text: str) -> str:
    """Text in a table, none of which is markup: HTML entities are text to GitHub and to every other reader."""
    return "".join(f"&#{ord(each)};" if each in "&<>|`*_~[]\\@#!" else each for each in report.printable(text))


def _code(text: str) -> str:
    return f"<code>{_cell(text)}</code>"


# --- what a machine reads ---------------------------------------------------------------------------------------------


def _github(sides: tuple[Side, Side], found: Difference) -> str:
    """Annotations: a warning for what widens, a notice for the rest."""
    lines: list[tuple[bool, str]] = []
    for region in _regions(found):
        if _governed(region):
            lines.append((False, f"{_places(region)}: {_governed(region)}"))
        for change in _ordered(region):
            sentence = f"{_places(region)}: {_origins(change)} {_verb(change)}: {_detail(change)}; for example"
            lines.append((change.widens, f"{sentence} {change.example}"))
    for each in found.fallback:
        lines.append((each.widens, f"fallback {each.setting}: {each.old} -> {each.new}"))
    lines.sort(key=lambda line: not line[0])
    return "".join(_annotation(sides[1].file, text, widens=widens) for widens, text in lines)


def _annotation(file: str, text: str, *, widens: bool) -> str:
    level, title = ("warning", "CORS access widens") if widens else ("notice", "CORS access changes")
    return github.annotation(level, {"file": report.printable(file), "title": title}, report.printable(text))


def _json(sides: tuple[Side, Side], found: Difference) -> str:
    document = {
        "version": VERSION,
        "old": sides[0].name,
        "new": sides[1].name,
        "different": bool(found),
        "widens": found.widens,
        "paths": [
            {
                "paths": [{"path": str(path), "example": example} for path, example in region.paths],
                "governed": {"old": region.governed[0], "new": region.governed[1]},
                "changes": [
                    {
                        "effect": _verb(change),
                        "widens": change.widens,
                        "origins": "*" if change.pattern is None else str(change.pattern),
                        "except": [str(each) for each in change.exceptions],
                        "example": change.example,
                        "old": _access(change.old),
                        "new": _access(change.new),
                    }
                    for change in _ordered(region)
                ],
            }
            for region in _regions(found)
        ],
        "fallback": [
            {"setting": each.setting, "old": each.old, "new": each.new, "widens": each.widens}
            for each in found.fallback
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def _access(access: Access | None) -> dict[str, object] | None:
    if access is None:
        return None
    return {"literal": access.literal, **_what(access.what)}


def _what(what: What) -> dict[str, object]:
    return {
        "methods": what.methods,
        "request-headers": what.request_headers,
        "response-headers": what.response_headers,
        "credentials": what.credentials,
        "max-age": what.max_age,
    }
