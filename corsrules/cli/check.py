"""`corsrules check`."""

from __future__ import annotations

import codecs
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from corsrules import __version__
from corsrules.cli.files import STDIN, Trouble, is_color_wanted, read_stdin, replace, say, write
from corsrules.cli.options import collected
from corsrules.findings import SEVERITIES, Finding, Problem, Severity
from corsrules.report.check import FORMATS, Checked, Report

if TYPE_CHECKING:
    from corsrules.analysis.attack import Tally
    from corsrules.evidence.flask_cors import Rivalry
    from corsrules.loading import Inspection

CLEAN, FOUND, TROUBLE = range(3)

#: What can be wrong about the profile that is asked for; everything else is in the file.
CHOICE_OF_PROFILE = ("CR107", "CR108")


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked."""

    files: tuple[str, ...]
    format: str
    fail_on: Severity
    exit_zero: bool
    profile: str | None
    stdin_filename: str
    coverage: bool
    coverage_min: int | None
    attack: bool
    fix: bool
    diff: bool


@click.command("check")
@click.argument("files", nargs=-1, type=click.Path())
@click.option("--format", type=click.Choice(tuple(FORMATS)), default="text", show_default=True, help="How to report.")
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES[::-1]),
    default="error",
    show_default=True,
    help="The mildest finding that makes the exit code 1.",
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever is found; an unreadable file still gives 2.")
@click.option(
    "--profile", metavar="NAME", help="Report as CR108 where a file has no profile NAME.  [default: CORSRULES_PROFILE]"
)
@click.option(
    "--stdin-filename", metavar="NAME", default="<stdin>", show_default=True, help="What to call standard input."
)
@click.option("--coverage", is_flag=True, help="Also list the rules and patterns that no test reaches (CR404).")
@click.option(
    "--coverage-min", type=click.IntRange(0, 100), metavar="PERCENT", help="Fail where tests reach less than that."
)
@click.option("--attack", is_flag=True, help="Also try what attackers try, made from the file's own patterns.")
@click.option("--fix", is_flag=True, help="Repair the spelling of patterns whose meaning is certain, in place.")
@click.option("--diff", is_flag=True, help="With --fix: print what was repaired.")
@collected(Options)
def command(ctx: click.Context, options: Options) -> None:
    """Check FILES (- is standard input; default: what CORSRULES_FILE names, else cors.toml here or above).

    All profiles of a file are always checked, whichever is named with --profile.

    Exits with 0 if nothing was found, with 1 if a finding is at least as grave as --fail-on, with 2 if a file cannot
    be read (the others are checked all the same).
    """
    if options.diff and not options.fix:
        raise click.UsageError("--diff shows what --fix did")
    if options.fix and STDIN in options.files:
        raise click.UsageError("--fix cannot write standard input back")
    if options.attack and options.format != "text":
        raise click.UsageError("--attack is told in text only")
    checked = []
    exit_code = CLEAN
    from corsrules.cli.opening import default_file, named_by

    profile_named_by = named_by(ctx, "profile")
    for argument in dict.fromkeys(options.files or ctx.lookup_default("files") or (default_file(),)):
        try:
            refused = ctx.lookup_default("refused") or ()
            checked.append(_check(_inspect(argument, options), options, profile_named_by, refused))
        except Trouble as trouble:
            trouble.show()
            exit_code = TROUBLE
    color = options.format == "text" and is_color_wanted()
    write(FORMATS[options.format](Report(checked, __version__, options.fail_on, color)), color=color)
    # Of an application (`flask cors check`): what another library does beside its file.
    beside: Sequence[Rivalry] = ctx.lookup_default("beside") or ()
    for each in beside:
        click.echo(f"{'warning' if each.path is None else 'error'}: {each}", err=True)
    fails = any(_fails(each, options) for each in checked) or any(each.path is not None for each in beside)
    if exit_code == CLEAN and not options.exit_zero and fails:
        exit_code = FOUND
    ctx.exit(exit_code)


def _inspect(argument: str, options: Options) -> Inspection:
    """What came of reading a file or standard input, with --fix after its repairs."""
    from corsrules import loading
    from corsrules.cli.opening import read

    if argument == STDIN:
        return loading.inspect(read_stdin(), options.stdin_filename)
    content = read(argument)
    inspection = loading.inspect(content, argument)
    return _fix(inspection, content, diff=options.diff) if options.fix else inspection


def _fix(inspection: Inspection, content: bytes, *, diff: bool) -> Inspection:
    """What came of a file with this content after its repairs, which are written and told on standard error."""
    from corsrules import loading
    from corsrules.authoring import fix

    file = inspection.file
    try:
        fixed = fix.fix(file, inspection.findings)
    except fix.Refused as error:
        raise Trouble(f"{file.name} was not repaired: {error}") from error
    if not fixed.repaired:
        return inspection
    replace(file.name, (codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b"") + fixed.text.encode())
    say(f"{file.name}: {len(fixed.repaired)} repaired")
    if diff:
        for line in fix.diff(file.text, fixed.text, file.name):
            say(line)
    return loading.inspect(fixed.text, file.name)


def _check(inspection: Inspection, options: Options, profile_named_by: str, refused: Sequence[Finding]) -> Checked:
    """What else is asked of a file, beside its findings.

    `profile_named_by` says to a person where the profile comes from. `refused` are the findings for which an
    application does not start; those on its choice of a profile are its own.
    """
    from corsrules import loading

    inspection = loading.prove(inspection)
    known = {(finding.code, finding.line, finding.column) for finding in inspection.findings}
    of_choice = [
        finding
        for finding in refused
        if finding.file == inspection.file.name
        and finding.code in CHOICE_OF_PROFILE
        and (finding.code, finding.line, finding.column) not in known
    ]
    inspection = inspection._replace(findings=loading.in_order([*inspection.findings, *of_choice]))
    document = inspection.document
    if document is None:
        return Checked(inspection.file, inspection.findings)
    problems: list[Problem] = []
    if not of_choice and (options.profile or os.environ.get(loading.PROFILE_VARIABLE)):
        _, problem = loading.choose_profile(document, options.profile, profile_named_by)
        problems += [problem] if problem is not None else []
    measured = None
    if options.coverage or options.coverage_min is not None:
        from corsrules.analysis import coverage

        measured = coverage.measure(document)
        problems += coverage.problems(measured)
    tallies: dict[str | None, Tally] = {}
    if options.attack:
        from corsrules.analysis.attack import attack
        from corsrules.language.policy import policies_of

        tallies = {policy.profile: attack(policy) for policy in policies_of(document)}
    findings = inspection.with_problems(problems).findings
    return Checked(inspection.file, findings, inspection.results, measured, tallies)


def _fails(checked: Checked, options: Options) -> bool:
    """Whether a file makes the exit code 1; one with errors has no coverage, and fails by them."""
    bar = SEVERITIES.index(options.fail_on)
    least, coverage = options.coverage_min, checked.coverage
    return (
        any(SEVERITIES.index(finding.severity) >= bar for finding in checked.findings)
        or (least is not None and (coverage is None or coverage.percent < least))
        or any(tally.disagreements for tally in checked.tallies.values())
    )
