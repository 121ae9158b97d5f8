"""`corsrules check`."""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import click

from corsrules import __version__, loading, report
from corsrules.cli.files import STDIN, Trouble, is_color_wanted, read_stdin, replace, write
from corsrules.cli.opening import read
from corsrules.findings import SEVERITIES, Finding, Problem, Severity
from corsrules.language.policy import policies_of
from corsrules.loading import Inspection

if TYPE_CHECKING:
    from corsrules.analysis.attack import Tally
    from corsrules.analysis.coverage import Coverage
    from corsrules.analysis.filetests import Result
    from corsrules.language.toml import File
    from corsrules.report import junit

FORMATS = ("text", "concise", "json", "github", "sarif", "junit")

CLEAN, FOUND, TROUBLE = range(3)

#: How many of the origins that a wide pattern admits are listed.
ADMITTED_SHOWN = 10


NO_TALLIES: Mapping[str | None, Tally] = MappingProxyType({})


class Checked(NamedTuple):
    """A file that was read, what was found in it, and the results of its tests.

    `coverage` is what the tests reach, and `tallies` are those of an attack by profile, if they were asked for.
    """

    file: File
    findings: list[Finding]
    results: tuple[Result, ...]
    coverage: Coverage | None = None
    tallies: Mapping[str | None, Tally] = NO_TALLIES


class Wanted(NamedTuple):
    """What else is asked of a file, beside its findings."""

    profile: str | None
    coverage: bool
    attack: bool


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
@click.option("--coverage", is_flag=True, help="Also list the rules and patterns that no test reaches (CR404).")
@click.option(
    "--coverage-min", type=click.IntRange(0, 100), metavar="PERCENT", help="Fail where tests reach less than that."
)
@click.option("--attack", is_flag=True, help="Also try what attackers try, made from the file's own patterns.")
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
    coverage: bool,  # noqa: FBT001 - as above
    coverage_min: int | None,
    attack: bool,  # noqa: FBT001 - as above
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
    if attack and format_ != "text":
        raise click.UsageError("--attack is told in text only")
    checked = []
    exit_code = CLEAN
    for file in dict.fromkeys(files or ctx.lookup_default("files") or ("cors.toml",)):
        try:
            name = stdin_filename if file == STDIN else file
            content = read_stdin() if file == STDIN else read(file)
            inspection = loading.inspect(content, name)
            if fix:
                inspection = _fix(inspection, content, diff=diff)
        except Trouble as trouble:
            trouble.show()
            exit_code = TROUBLE
        else:
            wanted = Wanted(profile, coverage or coverage_min is not None, attack)
            checked.append(_check(inspection, wanted))
    ctx.color = is_color_wanted() and format_ == "text"
    write(_report(checked, format_, fail_on, color=ctx.color), color=ctx.color)
    if exit_code == CLEAN and not exit_zero and any(_fails(each, fail_on, coverage_min) for each in checked):
        exit_code = FOUND
    ctx.exit(exit_code)


def _fix(inspection: Inspection, content: bytes, *, diff: bool) -> Inspection:
    """What came of a file with this content after its repairs, which are written; they are told on standard error."""
    from corsrules.authoring import fix

    file = inspection.file
    try:
        fixed = fix.fix(file, inspection.findings)
    except fix.Refused as error:
        raise Trouble(f"{file.name} was not repaired: {error}") from error
    if not fixed.repaired:
        return inspection
    replace(file.name, (codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b"") + fixed.text.encode())
    click.echo(f"{file.name}: {len(fixed.repaired)} repaired", err=True)
    if diff:
        for line in fix.diff(file.text, fixed.text, file.name):
            click.echo(report.printable(line), err=True)
    return loading.inspect(fixed.text, file.name)


def _check(inspection: Inspection, wanted: Wanted) -> Checked:
    inspection = loading.prove(inspection)
    document = inspection.document
    if document is None:
        return Checked(inspection.file, inspection.findings, inspection.results)
    problems: list[Problem] = []
    if wanted.profile is not None:
        _, problem = loading.choose_profile(document, wanted.profile)
        problems += [problem] if problem is not None else []
    coverage = None
    if wanted.coverage:
        from corsrules.analysis import coverage as coverage_

        coverage = coverage_.measure(document)
        problems += coverage_.problems(coverage)
    tallies: dict[str | None, Tally] = {}
    if wanted.attack:
        from corsrules.analysis.attack import attack

        tallies = {policy.profile: attack(policy) for policy in policies_of(document)}
    findings = inspection.with_problems(problems).findings
    return Checked(inspection.file, findings, inspection.results, coverage, tallies)


def _fails(checked: Checked, fail_on: Severity, coverage_min: int | None) -> bool:
    """Whether a file makes the exit code 1; one with errors has no coverage, and fails by them."""
    bar = SEVERITIES.index(fail_on)
    return (
        any(SEVERITIES.index(finding.severity) >= bar for finding in checked.findings)
        or (coverage_min is not None and (checked.coverage is None or checked.coverage.percent < coverage_min))
        or any(tally.disagreements for tally in checked.tallies.values())
    )


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
    from corsrules.analysis.filetests import why
    from corsrules.report import junit

    others = [finding for finding in checked.findings if finding.code != "CR401"]
    cases = junit.cases(others, checked.file, fail_on) if others or not checked.results else []
    for result in checked.results:
        name = result.test.name if result.profile is None else f"{result.test.name} [{result.profile}]"
        failure = "; ".join(map(why, result.failed)) if result.failed else None
        cases.append(junit.Case(name, failure, kind="CR401" if result.failed else ""))
    return junit.Suite(checked.file.name, cases)


def _text(checked: Checked, *, color: bool) -> str:
    shown = report.text(checked.findings, checked.file, color=color)
    name = report.printable(checked.file.name)
    summary = f"{name}: {report.summary(checked.findings)}\n"
    if checked.coverage is not None:
        summary += f"{name}: {checked.coverage}\n"
    summary += "".join(_attack(name, profile, tally) for profile, tally in checked.tallies.items())
    return f"{shown}\n{summary}" if shown else summary


def _attack(name: str, profile: str | None, tally: Tally) -> str:
    """How an attack on one profile went."""
    where = "" if profile is None else f" on profile `{profile}`"
    ways = {"that a pattern stands for": len(tally.admitted), "by a bug of corsrules": len(tally.disagreements)}
    got_in = f"{sum(ways.values())} got in"
    if any(ways.values()):
        got_in += ": " + ", ".join(f"{count} {way}" for way, count in ways.items() if count)
    lines = [f"{name}: attack{where}: {tally.counts.total()} tried, {got_in}"]
    lines += [f"  {count:6} {kind}" for kind, count in tally.counts.items()]
    for mutant in tally.disagreements:
        origin, path = report.printable(mutant.origin), report.printable(mutant.path)
        lines.append(f"  a bug of corsrules, please report it: {origin} at {path} ({mutant.kind})")
    admitted = dict.fromkeys((mutant.origin, mutant.kind, pattern) for mutant, pattern in tally.admitted)
    for (origin, kind, pattern), _ in zip(admitted, range(ADMITTED_SHOWN), strict=False):
        lines.append(f"  a wide pattern: `{pattern}` admits {report.printable(origin)} ({kind})")
    if len(admitted) > ADMITTED_SHOWN:
        lines.append(f"  and {len(admitted) - ADMITTED_SHOWN} more that a pattern stands for")
    return "\n".join(lines) + "\n"
