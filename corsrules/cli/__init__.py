"""The command line: one command a file, imported when it is called for.

A command reads its options, asks, prints what `report` makes of the answer, and exits. What its help does not need is
imported where it is used.

Findings and results go to standard output, what keeps a command from its work to standard error. Exit codes: 0 clean,
1 findings, 2 usage or an unreadable file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

from corsrules import __version__

#: Each command with the line that `--help` prints, so that listing them imports none.
COMMANDS = {
    "check": "Check a cors.toml: everything that is wrong or unwise in it.",
    "show": "Show what a cors.toml allows in one profile, as a table.",
    "diff": "Compare what two files, revisions or profiles allow.",
    "explain": "Explain what a page at an origin is answered, and why.",
    "init": "Write a starter cors.toml, or migrate from ALLOWED_URLS or flask-cors.",
    "code": "Explain a finding by its code, or list the codes.",
    "schema": "Print the JSON Schema of cors.toml, for editors.",
}


class Commands(click.Group):
    """Commands that are imported when they are called. `lines` has each with what `--help` says of it."""

    def __init__(self, *, lines: Mapping[str, str], **settings: Any) -> None:
        super().__init__(**settings)
        self.lines = lines

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        if not args:  # then it is the help that click raises
            return super().make_context(info_name, args, parent, **extra)
        with _usage_errors_as_text():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        with _usage_errors_as_text():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.lines)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.lines:
            return None
        command = import_module(f"corsrules.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in self.lines and name[:1].isalnum() and not ctx.resilient_parsing:
            from corsrules.findings.wording import did_you_mean

            ctx.fail(f"there is no command {name!r}; {did_you_mean(name, self.lines) or '--help lists the commands'}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(self.lines.items()))


@contextmanager
def _usage_errors_as_text() -> Iterator[None]:
    """Has what click says of a wrong argument made printable: it quotes the argument."""
    try:
        yield
    except click.UsageError as error:
        from corsrules.report import printable

        raise click.UsageError(printable(error.format_message()), error.ctx) from error


@click.group(cls=Commands, lines=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="corsrules")
def main() -> None:
    """CORS for HTTP APIs from one reviewed cors.toml."""
