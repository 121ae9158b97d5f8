"""What `corsrules check` prints: what was found in each file, in the format that is asked for.

A new format is a room beside this one and an entry of `FORMATS`; it is imported when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from corsrules.findings import Finding, Severity
from corsrules.report import terminal
from corsrules.report.characters import printable

if TYPE_CHECKING:
    from corsrules.analysis.attack import Tally
    from corsrules.analysis.coverage import Coverage
    from corsrules.analysis.filetests import Result
    from corsrules.language.toml import File

NO_TALLIES: Mapping[str | None, Tally] = MappingProxyType({})


class Checked(NamedTuple):
    """A file, what was found in it, and the results of its tests.

    `coverage` is what the tests reach, and `tallies` are those of an attack by profile, if they were asked for.
    """

    file: File
    findings: list[Finding]
    results: tuple[Result, ...] = ()
    coverage: Coverage | None = None
    tallies: Mapping[str | None, Tally] = NO_TALLIES


class Report(NamedTuple):
    """What is reported: every file that was checked, by which version of corsrules.

    `fail_on` is the mildest severity that fails a check; `color` is for text alone.
    """

    files: Sequence[Checked]
    version: str
    fail_on: Severity = "error"
    color: bool = False

    @property
    def findings(self) -> list[Finding]:
        """The findings on all files."""
        return [finding for each in self.files for finding in each.findings]


def _text(report: Report) -> str:
    return "".join(_text_of(each, color=report.color) for each in report.files)


def _text_of(checked: Checked, *, color: bool) -> str:
    shown = terminal.text(checked.findings, checked.file, color=color)
    name = printable(checked.file.name)
    summary = f"{name}: {terminal.summary(checked.findings)}\n"
    if checked.coverage is not None:
        reached, parts, percent = len(checked.coverage.reached), len(checked.coverage.parts), checked.coverage.percent
        summary += f"{name}: tests reach {reached} of {parts} rules and patterns ({percent} %)\n"
    if checked.tallies:
        from corsrules.report import attack

        for profile, tally in checked.tallies.items():
            summary += attack.text(checked.file.name, profile, tally)
    return f"{shown}\n{summary}" if shown else summary


def _concise(report: Report) -> str:
    return terminal.concise(report.findings)


def _json(report: Report) -> str:
    from corsrules.report import json

    return json.document(report.findings)


def _github(report: Report) -> str:
    from corsrules.report import github

    return github.commands(report.findings)


def _sarif(report: Report) -> str:
    from corsrules.report import sarif

    return sarif.log(report.findings, report.version)


def _junit(report: Report) -> str:
    from corsrules.report import junit

    return junit.document(junit.suite(each.file, each.findings, each.results, report.fail_on) for each in report.files)


FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": _text,
    "concise": _concise,
    "json": _json,
    "github": _github,
    "sarif": _sarif,
    "junit": _junit,
}
