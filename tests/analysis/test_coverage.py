"""`check --coverage`: which rules and patterns the tests of a file reach."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from corsrules.cli import main

RULES = """\
version = 1
[profiles.production.origins]
web = ["https://app.example.com", "https://*.b.example.com"]
[profiles.staging.origins]
web = ["https://staging.example.com"]
[[rules]]
name = "api"
paths = ["/api/*"]
origins = ["web"]
[[rules]]
name = "admin"
paths = ["/api/admin/*"]
origins = []
[[rules]]
name = "status"
paths = ["/status"]
origins = ["*"]
"""


def test(origin: str, path: str, *more: str) -> str:
    return "\n".join(['[[tests]]\nname = "t"', f'origin = "{origin}"', f'path = "{path}"', *more, 'deny = ["LOCK"]\n'])


test.__test__ = False  # type: ignore[attr-defined]  # it writes a test of a cors.toml, and is none of pytest's


def run(text: str, *arguments: str) -> Result:
    Path("cors.toml").write_text(text)
    return CliRunner().invoke(main, ["check", "--format", "concise", *arguments])


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


PARTS = {
    "`https://app.example.com`": (3, 8),
    "`https://*.b.example.com`": (3, 35),
    "`https://staging.example.com`": (5, 8),
    "rule `api`": (6, 1),
    "rule `admin`": (10, 1),
    "rule `status`": (14, 1),
}


@pytest.mark.parametrize(
    ("tests", "reached"),
    [
        pytest.param("", [], id="no tests"),
        pytest.param(
            test("https://app.example.com", "/api/x"), ["`https://app.example.com`", "rule `api`"], id="a pattern"
        ),
        pytest.param(
            test("https://x.b.example.com", "/api/x", 'profiles = ["production"]'),
            ["`https://*.b.example.com`", "rule `api`"],
            id="a wildcard",
        ),
        pytest.param(
            test("https://staging.example.com", "/api/x"),
            ["`https://staging.example.com`", "rule `api`"],
            id="a group in another profile",
        ),
        pytest.param(
            test("https://staging.example.com", "/api/x", 'profiles = ["production"]'), [], id="not in this profile"
        ),
        pytest.param(test("https://evil.example", "/api/x"), [], id="an origin that nothing names"),
        pytest.param(test("https://app.example.com", "/api/admin/x"), ["rule `admin`"], id="a rule for nobody"),
        pytest.param(test("null", "/status"), ["rule `status`"], id="everybody"),
        pytest.param(test("https://app.example.com", "/"), [], id="a path under no rule"),
        pytest.param(
            test("https://evil.example", "/api/x", 'host = "app.example.com"'),
            ["`https://app.example.com`", "rule `api`"],
            id="by the fallback",
        ),
        pytest.param(
            test("https://evil.example", "/api/x", 'fallback = { X-Client-Origin = "https://x.b.example.com" }')
            + '[fallback]\nheaders = ["x-client-origin"]\n',
            ["`https://*.b.example.com`", "rule `api`"],
            id="by a header of the fallback",
        ),
    ],
)
def test_what_is_not_reached_is_listed(tests: str, reached: list[str]) -> None:
    lines = run(RULES + tests, "--coverage").stdout.splitlines()
    unreached = {name: place for name, place in PARTS.items() if name not in reached}
    if "rule `status`" not in reached:
        unreached.pop("`*`", None)
    expected = [
        f"cors.toml:{line}:{column}: note[CR404] no test reaches {name}" for name, (line, column) in unreached.items()
    ]
    assert [line for line in lines if "CR404" in line] == expected


@pytest.mark.parametrize(("least", "exit_code"), [("0", 0), ("25", 0), ("28", 0), ("29", 1), ("100", 1)])
def test_a_minimum(least: str, exit_code: int) -> None:
    result = run(RULES + test("https://app.example.com", "/api/x"), "--coverage-min", least)
    assert result.exit_code == exit_code


def test_the_summary() -> None:
    Path("cors.toml").write_text(RULES + test("https://app.example.com", "/api/x"))
    shown = CliRunner().invoke(main, ["check", "--coverage"]).stdout
    assert shown.endswith("cors.toml: 4 notes\ncors.toml: tests reach 2 of 7 rules and patterns (28 %)\n")


def test_a_file_with_errors_has_no_coverage_and_fails() -> None:
    result = run(RULES + "bogus = 1\n", "--coverage-min", "0")
    assert result.exit_code == 1
    assert "CR404" not in result.stdout
