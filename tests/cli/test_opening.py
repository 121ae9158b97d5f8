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
PROVED = RULES.replace('app.example.com"\npath', 'evil.test"\npath')
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
    (("diff", "cors.toml", "same.toml", "--profile", "nope"), 1),
    (("diff", "cors.toml", "same.toml"), 0),
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
        [
            ["show"],
            ["explain", "https://app.example.com"],
            ["diff", "cors.toml", "same.toml", "--old-profile", "production"],
        ],
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


# --- which file, where none is named ----------------------------------------------------------------------------------

COMMANDS = {
    "check": ["check"],
    "show": ["show", "--profile", "production"],
    "explain": ["explain", "https://app.example.com", "--profile", "production"],
}
commands = pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)

#: where the command runs, the environment, the file that is taken, what is said of it
TAKEN: list[tuple[str, str, dict[str, str], str, str]] = [
    ("the one in this folder", ".", {}, "cors.toml", ""),
    ("the nearest above", "a/b", {}, "../../cors.toml", "../../cors.toml is used: this folder has no cors.toml\n"),
    ("the nearer of two", "c/d", {}, "../cors.toml", "../cors.toml is used: this folder has no cors.toml\n"),
    ("a folder of that name is none", "e", {}, "../cors.toml", "../cors.toml is used: this folder has no cors.toml\n"),
    (
        "the environment before this folder",
        ".",
        {"CORSRULES_FILE": "other.toml"},
        "other.toml",
        "other.toml is used: CORSRULES_FILE in the environment names it\n",
    ),
    (
        "what the environment names is found from here",
        "a/b",
        {"CORSRULES_FILE": "../../other.toml"},
        "../../other.toml",
        "../../other.toml is used: CORSRULES_FILE in the environment names it\n",
    ),
    ("an empty variable is none", ".", {"CORSRULES_FILE": ""}, "cors.toml", ""),
]


@commands
@pytest.mark.parametrize(
    ("folder", "environment", "taken", "said"), [row[1:] for row in TAKEN], ids=[row[0] for row in TAKEN]
)
def test_the_file_where_none_is_named(
    folder: str,
    environment: dict[str, str],
    taken: str,
    said: str,
    command: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("a/b", "c/d", "e/cors.toml"):
        Path(name).mkdir(parents=True)
    for name in ("cors.toml", "c/cors.toml", "other.toml"):
        Path(name).write_text(PROVED, encoding="utf-8")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(folder)
    result = run(*command)
    assert (result.exit_code, result.stderr) == (0, said)
    assert taken in result.stdout


@commands
def test_an_argument_goes_before_the_environment(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    Path("same.toml").write_text(PROVED, encoding="utf-8")
    monkeypatch.setenv("CORSRULES_FILE", "nowhere.toml")
    named = [*command, "--file", "same.toml"] if command[0] == "explain" else [*command, "same.toml"]
    result = run(*named)
    assert (result.exit_code, result.stderr) == (0, "")


#: where a cors.toml lies, where the command runs, the file that is asked for (None: none is), what is said
MISSING: list[tuple[str, str | None, str, str | None, str]] = [
    ("none anywhere", None, "x", None, "x/cors.toml: No such file or directory; `corsrules init` writes one\n"),
    ("another name, here", "x/cors.toml", "x", "rules.toml", "; there is cors.toml\n"),
    ("another name, above", "cors.toml", "x/y", "rules.toml", "; there is ../../cors.toml\n"),
    ("another name, where Flask looks", "x/instance/cors.toml", "x", "rules.toml", "; there is instance/cors.toml\n"),
    ("no name, where Flask looks", "x/instance/cors.toml", "x", None, "; there is instance/cors.toml\n"),
    ("that name, above", "api.toml", "x", "api.toml", "; there is ../api.toml\n"),
    ("another folder", "x/cors.toml", "x", "y/cors.toml", "; there is cors.toml\n"),
]


@commands
@pytest.mark.parametrize(
    ("lies", "folder", "named", "said"), [row[1:] for row in MISSING], ids=[row[0] for row in MISSING]
)
def test_a_file_that_is_not_there(
    lies: str | None, folder: str, named: str | None, said: str, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in Path.cwd().glob("*.toml"):
        file.unlink()
    Path(folder).mkdir(parents=True)
    if lies is not None:
        Path(lies).parent.mkdir(parents=True, exist_ok=True)
        Path(lies).write_text(RULES, encoding="utf-8")
    monkeypatch.chdir(folder)
    option = ["--file"] if command[0] == "explain" else []
    result = run(*command, *([*option, named] if named is not None else []))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"Error: cannot read {Path(named or 'cors.toml').absolute()}: No such file")
    assert result.stderr.endswith(said)


def test_a_side_that_is_not_there_names_the_one_that_is() -> None:
    result = run("diff", "nowhere.toml", "cors.toml")
    assert result.stderr.endswith("nowhere.toml: No such file or directory; there is cors.toml\n")


# --- which profile, and who named it ----------------------------------------------------------------------------------

#: the arguments, the environment, the finding, what it is told
NAMED: list[tuple[str, list[str], dict[str, str], str, str]] = [
    (
        "an option",
        ["--profile", "prodution"],
        {},
        "there is no profile `prodution` (--profile names it)",
        "did you mean `production`? the profiles are `production`, `staging`",
    ),
    (
        "the environment",
        [],
        {"CORSRULES_PROFILE": "prodution"},
        "there is no profile `prodution` (CORSRULES_PROFILE in the environment names it)",
        "did you mean `production`? the profiles are `production`, `staging`",
    ),
    (
        "an option before the environment",
        ["--profile", "x"],
        {"CORSRULES_PROFILE": "production"},
        "there is no profile `x` (--profile names it)",
        "the profiles are `production`, `staging`",
    ),
]


@pytest.mark.parametrize("command", [["check"], ["show"], ["explain", "https://app.example.com"]], ids=lambda c: c[0])
@pytest.mark.parametrize(
    ("arguments", "environment", "message", "advice"), [row[1:] for row in NAMED], ids=[row[0] for row in NAMED]
)
def test_an_unknown_profile(
    arguments: list[str],
    environment: dict[str, str],
    message: str,
    advice: str,
    command: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    result = run(*command, *arguments)
    assert (result.exit_code, result.stderr) == (1, "")
    assert f"error[CR108]: {message}\n" in result.stdout
    assert f"help: {advice}\n" in result.stdout


def test_an_unknown_profile_of_one_side() -> None:
    shown = run("diff", "cors.toml", "--old-profile", "stagin", "--new-profile", "staging").stdout
    assert "there is no profile `stagin` (--old-profile names it)\n" in shown
    assert "did you mean `staging`?" in shown


def test_check_takes_the_profile_of_the_environment_for_every_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("cors.toml").write_text(PROVED, encoding="utf-8")
    monkeypatch.setenv("CORSRULES_PROFILE", "staging")
    assert run("check").exit_code == 0
    result = run("check", "clean.toml")
    assert result.exit_code == 1
    assert "profile `staging` is named, but the file has no profiles (CORSRULES_PROFILE in the" in result.stdout
