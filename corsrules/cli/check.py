"""`corsrules check`."""

from __future__ import annotations

import click

from corsrules import config, report
from corsrules.cli.files import read


@click.command("check")
@click.argument("file", default="cors.toml", type=click.Path())
@click.pass_context
def command(ctx: click.Context, file: str) -> None:
    """Check FILE (default cors.toml) in all its profiles.

    Exits with 1 if there is an error, with 2 if the file cannot be read.
    """
    findings = config.inspect(read(file), file).findings
    for finding in findings:
        click.echo(report.text([finding]))
    click.echo(f"{file}: {report.summary(findings)}")
    ctx.exit(1 if any(finding.severity == "error" for finding in findings) else 0)
