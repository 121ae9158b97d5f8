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
    assert result.stdout.startswith("cors.toml, profile production\n\npath ")
    lines = result.stdout.splitlines()[2:]
    cells = [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in lines]
    assert cells == [
        ["path", "origins", "methods", "headers", "credentials", "max-age", "rule", "line"],
        [
            "/api/*",
            "https://app.example.com",
            "GET, HEAD, POST, DELETE, PUT",
            "x-a, x-b, etag (exposed)",
            "yes",
            "0",
            "session",
            "8",
        ],
        ["https://admin.example.com"],
        ["/*", "*", "GET, HEAD, POST", "-", "-", "-", "rules[1]", "18"],
    ]


def test_a_rule_that_names_nobody() -> None:
    """What it would give is not given to anybody."""
    (row,) = [line for line in run("--profile", "staging").stdout.splitlines() if "nobody" in line]
    assert row.split() == ["/api/*", "nobody", "-", "-", "-", "-", "session", "8"]


#: the methods of a rule, how they are shown
METHODS = [
    ("none", "[]", "GET, HEAD, POST"),
    ("those that are always allowed", '["GET", "POST"]', "GET, HEAD, POST"),
    ("another", '["PATCH"]', "GET, HEAD, POST, PATCH"),
    ("every method", '["*"]', "every method"),
]


@pytest.mark.parametrize(("methods", "shown"), [row[1:] for row in METHODS], ids=[row[0] for row in METHODS])
def test_methods(methods: str, shown: str) -> None:
    text = f'version = 1\n[[rules]]\norigins = ["https://a.example"]\nmethods = {methods}\n'
    Path("cors.toml").write_text(text, encoding="utf-8")
    head, blank, headings, row = run().stdout.splitlines()
    assert (head, blank) == ("cors.toml", "")
    at = headings.index("methods")
    assert row[at:].split("  ")[0] == shown


def test_json() -> None:
    document = json.loads(run("--profile", "production", "--format", "json").stdout)
    assert (document["version"], document["profile"], len(document["policy"])) == (1, "production", 2)
    assert document["file"] == "cors.toml"
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
