"""`corsrules show`: what it prints, where, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from corsrules.cli import main

FILE = """\
version = 1
[profiles.production.origins]
web = ["https://app.example.com", "https://admin.example.com"]
[profiles.staging]
inherits = "production"
origins.web = []

[[rules]]
name = "session"
paths = ["/api/*"]
origins = ["web"]
methods = ["PUT", "GET", "DELETE"]
request-headers = ["X-B", "x-a"]
response-headers = ["etag"]
credentials = true
max-age = 0

[[rules]]
paths = ["/*"]
origins = ["*"]
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CORSRULES_PROFILE", raising=False)
    Path("cors.toml").write_text(FILE, encoding="utf-8")
    Path("broken.toml").write_text("version = 1\n[[rules]]\n", encoding="utf-8")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ("show", *arguments), prog_name="corsrules")


def test_the_table() -> None:
    result = run("--profile", "production")
    assert (result.exit_code, result.stderr) == (0, "")
    cells = [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in result.stdout.splitlines()]
    assert cells == [
        ["path", "origins", "methods", "headers", "credentials", "max-age", "rule", "line"],
        ["/api/*", "https://app.example.com", "DELETE, PUT", "x-a, x-b, etag (exposed)", "yes", "0", "session", "8"],
        ["https://admin.example.com"],
        ["/*", "*", "-", "-", "-", "-", "rules[1]", "18"],
    ]


def test_a_rule_that_names_nobody() -> None:
    assert "nobody" in run("--profile", "staging").stdout


def test_json() -> None:
    document = json.loads(run("--profile", "production", "--format", "json").stdout)
    assert (document["version"], document["profile"], len(document["policy"])) == (1, "production", 2)
    assert document["policy"][0] == {
        "path": "/api/*",
        "origins": ["https://app.example.com", "https://admin.example.com"],
        "methods": ["DELETE", "PUT"],
        "request-headers": ["x-a", "x-b"],
        "response-headers": ["etag"],
        "credentials": True,
        "max-age": 0,
        "rule": "session",
        "line": 8,
    }


#: what it shows, the arguments, the exit code, a part of standard output, a part of standard error
TROUBLES: list[tuple[str, tuple[str, ...], int, str, str]] = [
    ("no profile chosen", (), 1, "the profiles are `production`, `staging`", ""),
    ("an unknown profile", ("--profile", "x"), 1, "no profile `x`", ""),
    ("a missing file", ("nowhere.toml",), 2, "", "nowhere.toml"),
    ("a file with errors", ("broken.toml",), 1, "error[CR004]", ""),
]


@pytest.mark.parametrize(
    ("arguments", "code", "out", "err"), [row[1:] for row in TROUBLES], ids=[row[0] for row in TROUBLES]
)
def test_trouble(arguments: tuple[str, ...], code: int, out: str, err: str) -> None:
    result = run(*arguments)
    assert result.exit_code == code
    assert out in result.stdout
    assert err in result.stderr
    assert (result.stdout == "") is (out == "")
