"""`corsrules schema`."""

from __future__ import annotations

import json

import click


@click.command("schema")
def command() -> None:
    """Print the JSON Schema of cors.toml (draft-07)."""
    from corsrules.language.schema import schema

    click.echo(json.dumps(schema(), indent=2, ensure_ascii=False))
