"""Test cases as JUnit XML, in the dialect of the Jenkins xUnit plugin (junit-10.xsd), which every CI server reads.

A suite is a file. Its cases are what was found in it, and whatever else passed or failed there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple
from xml.etree import ElementTree

from corsrules.findings import SEVERITIES, Finding, Severity
from corsrules.report.characters import sentence
from corsrules.report.terminal import text

if TYPE_CHECKING:
    from corsrules.analysis.filetests import Result
    from corsrules.language.toml import File


class Case(NamedTuple):
    """What passed, or failed where there is a `failure`: the sentence that says how, of some `kind`.

    `output` is what is shown beside it.
    """

    name: str
    failure: str | None = None
    kind: str = ""
    output: str = ""


class Suite(NamedTuple):
    """The cases of a file."""

    file: str
    cases: Sequence[Case]


def cases(findings: Iterable[Finding], file: File, fail_on: Severity) -> list[Case]:
    """A case for each finding on `file`, failed from `fail_on` on; one that passed if there are none."""
    bar = SEVERITIES.index(fail_on)
    found = [
        Case(
            name=f"{finding.code} {finding.line}:{finding.column} {finding.message}",
            failure=finding.message if SEVERITIES.index(finding.severity) >= bar else None,
            kind=f"{finding.severity}[{finding.code}]",
            output=text([finding], file),
        )
        for finding in findings
    ]
    return found or [Case("no findings")]


def suite(file: File, findings: Iterable[Finding], results: Sequence[Result], fail_on: Severity) -> Suite:
    """A case for each test of the file in each of its profiles, and one for each finding beside those."""
    others = [finding for finding in findings if finding.code != "CR401"]
    found = cases(others, file, fail_on) if others or not results else []
    return Suite(file.name, [*found, *(_case(result) for result in results if result.is_run)])


def _case(result: Result) -> Case:
    from corsrules.analysis.filetests import why

    name = result.name if result.profile is None else f"{result.name} [{result.profile}]"
    if not result.failed:
        return Case(name)
    more = [f"{result.more_failed:,} more"] if result.more_failed else []
    whys = "; ".join([*map(why, result.failed), *more])
    return Case(name, f"{whys}: {result.reason}" if result.reason else whys, kind="CR401")


def document(suites: Iterable[Suite]) -> str:
    """The document, in ASCII: characters that XML has, but an output may not, are written as references."""
    root = ElementTree.Element("testsuites", name="corsrules")
    for suite in suites:
        failures = sum(case.failure is not None for case in suite.cases)
        counts = {"tests": str(len(suite.cases)), "failures": str(failures), "errors": "0"}
        element = ElementTree.SubElement(root, "testsuite", {"name": sentence(suite.file), **counts})
        for case in suite.cases:
            _add(element, suite.file, case)
    ElementTree.indent(root)
    xml: bytes = ElementTree.tostring(root, encoding="us-ascii", xml_declaration=True)
    return xml.decode("ascii") + "\n"


def _add(suite: ElementTree.Element, file: str, case: Case) -> None:
    # XML 1.0 has no control characters, no surrogates and no U+FFFE: nothing that is printable is among them.
    element = ElementTree.SubElement(suite, "testcase", name=sentence(case.name), classname=sentence(file))
    if case.failure is not None:
        failure = ElementTree.SubElement(element, "failure", type=case.kind, message=sentence(case.failure))
        failure.text = case.output
    elif case.output:
        ElementTree.SubElement(element, "system-out").text = case.output
