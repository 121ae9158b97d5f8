"""`corsrules check`."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import click

from corsrules import __version__, config, report
from corsrules.cli.files import STDIN, Trouble, is_color_wanted, read, read_stdin, replace, write
from corsrules.findings import SEVERITIES, Finding, Severity
from corsrules.proof import Result, why

if TYPE_CHECKING:
    from corsrules.report import junit

FORMATS = ("text", "concise", "json", "github", "sarif", "junit")

CLEAN, FOUND, TROUBLE = range(3)


class Checked(NamedTuple):
    """A file that was read: its name, its text, what was found in it, and the results of its tests."""

    file: str
    text: str
    findings: list[Finding]
    results: tuple[Result, ...]


@click.command("check")
@click.argument("files", nargs=-1, type=click.Path())
@click.option(
    "--format", "format_", type=click.Choice(FORMATS), default="text", show_default=True, help="How to report."
)
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES[::-1]),
    default="error",
    show_default=True,
    help="The mildest finding that makes the exit code 1.",
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever is found; an unreadable file still gives 2.")
@click.option("--profile", metavar="NAME", help="Report as CR108 where a file has no profile NAME.")
@click.option(
    "--stdin-filename", metavar="NAME", default="<stdin>", show_default=True, help="What to call standard input."
)
@click.option("--fix", is_flag=True, help="Repair the spelling of patterns whose meaning is certain, in place.")
@click.option("--diff", is_flag=True, help="With --fix: print what was repaired.")
@click.pass_context
def command(
    ctx: click.Context,
    files: tuple[str, ...],
    format_: str,
    fail_on: Severity,
    exit_zero: bool,  # noqa: FBT001 - click passes options by name
    profile: str | None,
    stdin_filename: str,
    fix: bool,  # noqa: FBT001 - as above
    diff: bool,  # noqa: FBT001 - as above
) -> None:
    """Check FILES (default cors.toml; - is standard input).

    All profiles of a file are always checked, whichever is named with --profile.

    Exits with 0 if nothing was found, with 1 if a finding is at least as grave as --fail-on, with 2 if a file cannot
    be read (the others are checked all the same).
    """
    if diff and not fix:
        raise click.UsageError("--diff shows what --fix did")
    if fix and STDIN in files:
        raise click.UsageError("--fix cannot write standard input back")
    checked = []
    exit_code = CLEAN
    for file in dict.fromkeys(files or ("cors.toml",)):
        try:
            content = read_stdin() if file == STDIN else read(file)
            if fix:
                content = _fix(content, file, diff=diff)
        except Trouble as trouble:
            trouble.show()
            exit_code = TROUBLE
        else:
            checked.append(_check(content, stdin_filename if file == STDIN else file, profile))
    ctx.color = is_color_wanted() and format_ == "text"
    write(_report(checked, format_, fail_on, color=ctx.color), color=ctx.color)
    if exit_code == CLEAN and not exit_zero and any(_fails(each.findings, fail_on) for each in checked):
        exit_code = FOUND
    ctx.exit(exit_code)


def _fix(content: bytes, file: str, *, diff: bool) -> bytes:
    """The content of `file` after its repairs, which are written; what was repaired goes to standard error."""
    from corsrules import fix

    inspection = config.inspect(content, file)
    try:
        fixed = fix.fix(inspection.text, inspection.findings)
    except fix.Refused as error:
        raise Trouble(f"{file} was not repaired: {error}") from error
    if not fixed.repaired:
        return content
    repaired = (codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b"") + fixed.text.encode()
    replace(file, repaired)
    click.echo(f"{file}: {len(fixed.repaired)} repaired", err=True)
    if diff:
        for line in fix.diff(inspection.text, fixed.text, file):
            click.echo(report.printable(line), err=True)
    return repaired


def _check(content: bytes, file: str, profile: str | None) -> Checked:
    inspection = config.prove(config.inspect(content, file), file)
    findings = inspection.findings
    if inspection.document is not None and profile is not None:
        _, problem = config.choose_profile(inspection.document, profile)
        if problem is not None:
            findings = [*config.locate([problem], inspection.text, file), *findings]
    return Checked(file, inspection.text, findings, inspection.results)


def _fails(findings: Sequence[Finding], fail_on: Severity) -> bool:
    bar = SEVERITIES.index(fail_on)
    return any(SEVERITIES.index(finding.severity) >= bar for finding in findings)


def _report(checked: Sequence[Checked], format_: str, fail_on: Severity, *, color: bool) -> str:
    """What is printed; a format is imported when it is asked for."""
    findings = [finding for each in checked for finding in each.findings]
    match format_:
        case "concise":
            return report.concise(findings)
        case "json":
            from corsrules.report import json

            return json.document(findings)
        case "github":
            from corsrules.report import github

            return github.commands(findings)
        case "sarif":
            from corsrules.report import sarif

            return sarif.log(findings, __version__)
        case "junit":
            from corsrules.report import junit

            return junit.document([_suite(each, fail_on) for each in checked])
        case _:
            return "".join(_text(each, color=color) for each in checked)


def _suite(checked: Checked, fail_on: Severity) -> junit.Suite:
    """A case for each test of the file in each of its profiles, and one for each finding beside those."""
    from corsrules.report import junit

    others = [finding for finding in checked.findings if finding.code != "CR401"]
    cases = junit.cases(others, checked.text, fail_on) if others or not checked.results else []
    for result in checked.results:
        name = result.test.name if result.profile is None else f"{result.test.name} [{result.profile}]"
        failure = "; ".join(map(why, result.failed)) if result.failed else None
        cases.append(junit.Case(name, failure, kind="CR401" if result.failed else ""))
    return junit.Suite(checked.file, cases)


def _text(checked: Checked, *, color: bool) -> str:
    shown = report.text(checked.findings, {checked.file: checked.text}, color=color)
    summary = f"{report.printable(checked.file)}: {report.summary(checked.findings)}\n"
    return f"{shown}\n{summary}" if shown else summary
