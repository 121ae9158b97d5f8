"""Findings and tests as JUnit XML, which is as its schema says and counts right."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree

import pytest
from some_findings import AWKWARD, finding

from corsrules import report
from corsrules.findings import Severity
from corsrules.language.toml import File
from corsrules.report import junit

#: What the Jenkins xUnit plugin's junit-10.xsd allows of what we write: required and further attributes, children.
JUNIT: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors"},
        {"group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url", "version"},
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
    ),
    "testcase": (
        {"name"},
        {"time", "classname", "group"},
        {"skipped", "error", "failure", "system-out", "system-err"},
    ),
    "failure": (set(), {"type", "message"}, set()),
    "system-out": (set(), set(), set()),
}


def suites(document: str) -> list[ElementTree.Element]:
    """The suites of a document, which is as the schema says and counts right."""
    assert document.isascii()
    root = ElementTree.fromstring(document)
    assert root.tag == "testsuites"
    for element in root.iter():
        required, further, children = JUNIT[element.tag]
        assert required <= set(element.attrib) <= required | further
        assert {child.tag for child in element} <= children
    for suite in root:
        assert int(suite.attrib["tests"]) == len(suite.findall("testcase"))
        assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure"))
    return list(root)


BARS: list[tuple[Severity, list[bool]]] = [
    ("error", [True, False, False]),
    ("warning", [True, True, False]),
    ("note", [True, True, True]),
]


@pytest.mark.parametrize(("fail_on", "failed"), BARS, ids=[row[0] for row in BARS])
def test_junit_fails_what_is_grave_enough(fail_on: Severity, failed: list[bool]) -> None:
    severities: Iterable[Severity] = ("error", "warning", "note")
    findings = [finding(severity=severity, help_="do this") for severity in severities]
    (suite,) = suites(
        junit.document([junit.Suite("cors.toml", junit.cases(findings, File("cors.toml", "abc"), fail_on))])
    )
    for case, shown, fails in zip(suite, findings, failed, strict=True):
        assert case.attrib == {"name": "CR201 1:1 the message", "classname": "cors.toml"}
        (output,) = case
        assert output.tag == ("failure" if fails else "system-out")
        assert output.attrib == ({"type": f"{shown.severity}[CR201]", "message": "the message"} if fails else {})
        assert output.text == report.text([shown], File("cors.toml", "abc"))


def test_junit_of_a_clean_file_and_a_broken_one() -> None:
    clean, broken = suites(
        junit.document(
            [
                junit.Suite("a", junit.cases([], File("a", ""), "note")),
                junit.Suite("b", junit.cases(AWKWARD, File("b", ""), "note")),
            ]
        )
    )
    assert [dict(case.attrib) for case in clean] == [{"name": "no findings", "classname": "a"}]
    assert (clean.attrib["failures"], broken.attrib["failures"]) == ("0", str(len(AWKWARD)))


def test_junit_of_nothing() -> None:
    assert suites(junit.document([])) == []


def test_junit_fails_a_case_without_a_message() -> None:
    (suite,) = suites(junit.document([junit.Suite("a", junit.cases([finding(message="")], File("a", ""), "error"))]))
    assert suite.attrib["failures"] == "1"
