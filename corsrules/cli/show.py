"""`corsrules show`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

import click

from corsrules import loading, report
from corsrules.cli.files import write
from corsrules.cli.opening import read, refusing
from corsrules.language.path_pattern import PathPattern
from corsrules.language.policy import EVERY_ORIGIN, PolicyRule, resolve

#: The version of the JSON document; keys may be added to it.
VERSION = 1

HEADINGS = ("path", "origins", "methods", "headers", "credentials", "max-age", "rule", "line")


class Row(NamedTuple):
    """A rule at one of its paths, and the line where it is written."""

    path: PathPattern
    origins: list[str]
    rule: PolicyRule
    line: int


@click.command("show")
@click.argument("file", default="cors.toml", type=click.Path())
@click.option("--profile", metavar="NAME", help="The profile to show.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="How to show it.",
)
def command(file: str, profile: str | None, format_: str) -> None:
    """Show what FILE (default cors.toml) allows in one profile: each path, the longest first, with its rules.

    Exits with 1 if the file has errors or leaves open which profile is meant, with 2 if it cannot be read.
    """
    with refusing(format_):
        accepted = loading.accept(read(file), file)
        policy = resolve(accepted.document, accepted.choose_profile(profile))
    rows = [
        Row(path, _origins(rule), rule, accepted.file.line_and_column(rule.where)[0])
        for path, rules in sorted(policy.by_path.items(), key=lambda item: (-len(item[0].base), item[0]))
        for rule in rules
    ]
    write(_json(policy.profile, rows) if format_ == "json" else _text(rows))


def _origins(rule: PolicyRule) -> list[str]:
    return [EVERY_ORIGIN] if rule.allows_every_origin else list(dict.fromkeys(entry.text for entry in rule.entries()))


def _text(rows: Sequence[Row]) -> str:
    """A table; a rule's second origin and every further one has a line of its own."""
    table: list[tuple[str, ...]] = [HEADINGS]
    for row in rows:
        what = row.rule.what
        first, *more = row.origins or ["nobody"]
        age = "-" if what.max_age is None else str(what.max_age)
        # Response headers are told from request headers by what browsers do: they are exposed.
        headers = [*what.request_headers, *(f"{name} (exposed)" for name in what.response_headers)]
        cells = (str(row.path), first, _listed(what.methods), _listed(headers), "yes" if what.credentials else "-", age)
        table.append((*cells, row.rule.label, str(row.line)))
        table += [("", origin, "", "", "", "", "", "") for origin in more]
    table = [tuple(map(report.printable, cells)) for cells in table]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines = ("  ".join(map(str.ljust, cells, widths)).rstrip() for cells in table)
    return "".join(f"{line}\n" for line in lines)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "-"


def _json(profile: str | None, rows: Sequence[Row]) -> str:
    document = {
        "version": VERSION,
        "profile": profile,
        "policy": [
            {
                "path": str(row.path),
                "origins": row.origins,
                "methods": row.rule.what.methods,
                "request-headers": row.rule.what.request_headers,
                "response-headers": row.rule.what.response_headers,
                "credentials": row.rule.what.credentials,
                "max-age": row.rule.what.max_age,
                "rule": row.rule.label,
                "line": row.line,
            }
            for row in rows
        ],
    }
    return json.dumps(document, indent=2) + "\n"
