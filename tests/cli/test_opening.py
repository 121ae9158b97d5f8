"""The one way in which every command opens a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from corsrules.cli import main
from corsrules.language import toml

RULES = """\
version = 1
[profiles.production.origins]
web = ["https://app.example.com"]
[profiles.staging.origins]
web = ["https://staging.example.com"]
[[rules]]
origins = ["web"]
waive = ["CR208"]
reason = "it waives nothing"
[[tests]]
name = "nobody writes"
origin = "https://app.example.com"
path = "/"
deny = ["*"]
"""
BROKEN = 'version = 1\n[[rules]]\norigins = ["https://app.example.com/"] # ```\n'


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CORSRULES_PROFILE", raising=False)
    Path("cors.toml").write_text(RULES, encoding="utf-8")
    Path("same.toml").write_text(RULES, encoding="utf-8")
    Path("broken.toml").write_text(BROKEN, encoding="utf-8")
    Path("clean.toml").write_text(BROKEN.replace("com/", "com"), encoding="utf-8")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, prog_name="corsrules")


#: the command, how many texts it locates
LOCATED = [
    (("check", "--coverage", "--attack", "--profile", "nope"), 1),
    (("check", "--coverage", "--fix"), 1),
    (("check", "--coverage", "--format", "junit"), 1),
    (("show", "--profile", "production"), 1),
    (("explain", "https://app.example.com", "--all-profiles", "--verbose"), 1),
    (("explain", "https://app.example.com"), 1),
    (("diff", "cors.toml", "same.toml", "--profile", "production"), 0),
    (("diff", "cors.toml", "same.toml"), 1),
]


@pytest.mark.parametrize(("arguments", "times"), LOCATED, ids=[" ".join(row[0]) for row in LOCATED])
def test_a_text_is_located_once_at_most(
    arguments: tuple[str, ...], times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    located = []
    locate = toml.locate
    monkeypatch.setattr(toml, "locate", lambda text: located.append(text) or locate(text))
    result = run(*arguments)
    assert isinstance(result.exception, SystemExit | None)
    assert len(located) == times


#: what is wrong, the commands that meet it, the finding
REFUSED: list[tuple[str, list[list[str]], str]] = [
    (
        "a file with errors",
        [
            ["show", "broken.toml"],
            ["explain", "https://app.example.com", "--file", "broken.toml"],
            ["diff", "broken.toml", "clean.toml"],
            ["diff", "clean.toml", "broken.toml"],
        ],
        "error[CR011]: `https://app.example.com/` has a trailing slash",
    ),
    (
        "no profile chosen",
        [["show"], ["explain", "https://app.example.com"], ["diff", "cors.toml", "same.toml"]],
        "error[CR107]: no profile is chosen; the profiles are `production`, `staging`",
    ),
    (
        "an unknown profile",
        [
            ["show", "--profile", "x"],
            ["explain", "https://app.example.com", "--profile", "x"],
            ["diff", "cors.toml", "--old-profile", "staging", "--new-profile", "x"],
        ],
        "error[CR108]: there is no profile `x`",
    ),
    (
        "a profile of a file without",
        [
            ["show", "clean.toml", "--profile", "x"],
            ["explain", "https://app.example.com", "--file", "clean.toml", "--profile", "x"],
            ["diff", "clean.toml", "clean.toml", "--profile", "x"],
        ],
        "error[CR108]: profile `x` is named, but the file has no profiles",
    ),
]
MEETINGS = [
    pytest.param(arguments, message, id=f"{wrong}: {' '.join(arguments)}")
    for wrong, commands, message in REFUSED
    for arguments in commands
]


@pytest.mark.parametrize(("arguments", "message"), MEETINGS)
def test_a_file_that_cannot_be_used_is_a_finding(arguments: list[str], message: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.startswith(message)
    assert "\n  |" in result.stdout, "its lines are shown"


@pytest.mark.parametrize(("arguments", "message"), MEETINGS)
def test_the_finding_is_json_where_json_is_asked_for(arguments: list[str], message: str) -> None:
    result = run(*arguments, "--format", "json")
    assert (result.exit_code, result.stderr) == (1, "")
    (found,) = json.loads(result.stdout)["findings"]
    assert message.startswith(f"error[{found['code']}]: ")


def test_the_finding_in_the_other_formats_of_diff() -> None:
    annotations = run("diff", "clean.toml", "broken.toml", "--format", "github")
    assert (annotations.exit_code, annotations.stderr) == (1, "")
    assert annotations.stdout.startswith("::error file=broken.toml,line=3,")
    comment = run("diff", "clean.toml", "broken.toml", "--format", "markdown")
    assert (comment.exit_code, comment.stderr) == (1, "")
    head, fence, *lines, end = comment.stdout.rstrip("\n").replace("\n\n", "\n", 1).split("\n")
    assert (head, fence, end) == ("**broken.toml: 1 error**", "````text", "````")
    assert "\n".join(lines) + "\n" == run("show", "broken.toml").stdout


def test_the_finding_has_colours_on_a_terminal_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    show = CliRunner().invoke(main, ["show", "broken.toml"], color=True).stdout
    assert show.startswith("\x1b[1;31merror[CR011]\x1b[0m")
    for format_ in ("json", "github", "markdown"):
        arguments = ["diff", "clean.toml", "broken.toml", "--format", format_]
        assert "\x1b" not in CliRunner().invoke(main, arguments, color=True).stdout


#: of two files one has errors and the other cannot be read
BOTH = [["broken.toml", "nowhere.toml"], ["nowhere.toml", "broken.toml"]]


@pytest.mark.parametrize("sides", BOTH, ids=[" ".join(sides) for sides in BOTH])
def test_a_side_that_cannot_be_read_is_said_before_the_errors_of_the_other(sides: list[str]) -> None:
    result = run("diff", *sides)
    assert (result.exit_code, result.stdout) == (2, "")
    assert str(Path("nowhere.toml").absolute()) in result.stderr


@pytest.mark.parametrize("format_", ["text", "json"])
def test_what_cannot_be_read_is_said_on_standard_error(format_: str) -> None:
    for arguments in (
        ["show", "nowhere.toml"],
        ["explain", "x", "--file", "nowhere.toml"],
        ["diff", "nowhere.toml", "x"],
    ):
        result = run(*arguments, "--format", format_)
        assert (result.exit_code, result.stdout) == (2, "")
        assert str(Path("nowhere.toml").absolute()) in result.stderr
