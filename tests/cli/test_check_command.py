"""`corsrules check`: its options, its exit codes, and what reaches a pipe, a terminal or a log."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

import corsrules
from corsrules import report
from corsrules.cli import main
from corsrules.findings import Severity
from corsrules.language.toml import File
from corsrules.report.check import FORMATS

CLEAN = 'version = 1\n[[rules]]\norigins = ["https://app.example.com"]\n'
BROKEN = CLEAN.replace("com", "com/")
PROFILES = 'version = 1\n[profiles.production]\n[profiles.staging]\n[[rules]]\norigins = ["https://app.example.com"]\n'


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, text in {
        "cors.toml": CLEAN,
        "clean.toml": CLEAN,
        "broken.toml": BROKEN,
        "profiles.toml": PROFILES,
    }.items():
        Path(name).write_text(text, encoding="utf-8")


def run(*arguments: str, stdin: str | bytes = "", color: bool = False) -> Result:
    return CliRunner().invoke(main, ["check", *arguments], input=stdin, prog_name="corsrules", color=color)


#: what is checked, the arguments, the exit code
EXIT_CODES = [
    ("the default file", [], 0),
    ("a clean file", ["clean.toml"], 0),
    ("a broken one", ["broken.toml"], 1),
    ("a clean and a broken one", ["clean.toml", "broken.toml"], 1),
    ("a broken and a clean one", ["broken.toml", "clean.toml"], 1),
    ("a broken one that may be", ["--exit-zero", "broken.toml"], 0),
    ("a missing one", ["nowhere.toml"], 2),
    ("a missing one that may not be", ["--exit-zero", "nowhere.toml"], 2),
    ("a missing and a broken one", ["nowhere.toml", "broken.toml"], 2),
    ("a broken and a missing one", ["broken.toml", "nowhere.toml"], 2),
    ("a format that there is not", ["--format", "yaml"], 2),
    ("a severity that there is not", ["--fail-on", "hint"], 2),
]


@pytest.mark.parametrize(("arguments", "code"), [row[1:] for row in EXIT_CODES], ids=[row[0] for row in EXIT_CODES])
def test_exit_codes(arguments: list[str], code: int) -> None:
    assert run(*arguments).exit_code == code


#: the gravest finding, a file that has it
GRAVEST: dict[Severity, str] = {
    "error": BROKEN,
    "warning": CLEAN + 'methods = ["patch"]\n',
    "note": CLEAN + "max-age = 7200\n",
}

#: the gravest finding, --fail-on, the exit code
BARS: list[tuple[Severity, Severity, int]] = [
    ("error", "error", 1),
    ("warning", "error", 0),
    ("note", "error", 0),
    ("error", "warning", 1),
    ("warning", "warning", 1),
    ("note", "warning", 0),
    ("error", "note", 1),
    ("note", "note", 1),
]


@pytest.mark.parametrize(("severity", "bar", "code"), BARS)
def test_fail_on(severity: Severity, bar: Severity, code: int) -> None:
    Path("cors.toml").write_text(GRAVEST[severity], encoding="utf-8")
    assert [found.severity for found in corsrules.check("cors.toml")] == [severity]
    assert run("--fail-on", bar).exit_code == code


def test_an_unreadable_file_does_not_hide_the_others() -> None:
    result = run("broken.toml", "nowhere.toml", "clean.toml")
    assert "broken.toml: 1 error\n" in result.stdout
    assert result.stdout.endswith("clean.toml: no findings\n")
    assert str(Path("nowhere.toml").absolute()) in result.stderr


def test_a_file_named_twice_is_checked_once() -> None:
    assert run("clean.toml", "clean.toml").stdout == "clean.toml: no findings\n"


def test_text_is_what_the_report_shows() -> None:
    shown = report.text(corsrules.check("broken.toml"), File("broken.toml", BROKEN))
    assert '3 | origins = ["https://app.example.com/"]\n  |            ^^^^' in shown
    assert run("broken.toml").stdout == f"{shown}\nbroken.toml: 1 error\n"


def test_concise() -> None:
    (found,) = corsrules.check("broken.toml")
    line = f"broken.toml:3:12: error[{found.code}] {found.message}\n"
    assert run("--format", "concise", "clean.toml", "broken.toml").stdout == line


@pytest.mark.parametrize("arguments", [["clean.toml"], ["broken.toml", "profiles.toml"]], ids=["clean", "broken"])
def test_machine_formats_print_nothing_but_a_document(arguments: list[str]) -> None:
    findings = [found.code for file in arguments for found in corsrules.check(file)]
    as_json = json.loads(run("--format", "json", *arguments).stdout)
    assert [found["code"] for found in as_json["findings"]] == findings
    as_sarif = json.loads(run("--format", "sarif", *arguments).stdout)
    assert [result["ruleId"] for result in as_sarif["runs"][0]["results"]] == findings
    assert as_sarif["runs"][0]["tool"]["driver"]["version"] == corsrules.__version__
    as_junit = ElementTree.fromstring(run("--format", "junit", *arguments).stdout)
    assert [suite.attrib["name"] for suite in as_junit] == arguments
    as_commands = run("--format", "github", *arguments).stdout
    assert as_commands.count("::error file=broken.toml,") == len(as_commands.splitlines()) == len(findings)


def test_junit_has_a_case_for_each_test_in_each_profile() -> None:
    test = '[[tests]]\nname = "{}"\norigin = "https://{}.example.com"\npath = "/"\nallow = ["GET"]\n'
    Path("two.toml").write_text(PROFILES + test.format("the app reads", "app"), encoding="utf-8")
    Path("one.toml").write_text(CLEAN + test.format("a stranger reads", "evil"), encoding="utf-8")
    result = run("--format", "junit", "two.toml", "one.toml")
    two, one = ElementTree.fromstring(result.stdout)
    assert [case.attrib["name"] for case in two] == ["the app reads [production]", "the app reads [staging]"]
    assert [len(case) for case in two] == [0, 0]
    (case,) = one
    (failure,) = case
    assert (case.attrib["name"], failure.tag, failure.attrib["type"]) == ("a stranger reads", "failure", "CR401")
    assert failure.attrib["message"].startswith("GET is blocked (")
    assert "): no rule for `/*` names https://evil.example.com" in failure.attrib["message"]
    assert result.exit_code == 1


def test_junit_tells_two_tests_of_one_name_apart() -> None:
    test = '[[tests]]\nname = "the app reads"\norigin = "https://app.example.com"\npath = "/"\nallow = ["GET"]\n'
    Path("two.toml").write_text(CLEAN + test + test.replace("app.", "evil."), encoding="utf-8")
    (suite,) = ElementTree.fromstring(run("--format", "junit", "two.toml").stdout)
    found, *tests = suite
    assert found.attrib["name"].startswith("CR408 ")
    assert [(case.attrib["name"], len(case)) for case in tests] == [("the app reads", 0), ("the app reads (2)", 1)]


STANDARD_INPUT = [
    ("clean", CLEAN, [], "<stdin>: no findings\n", 0),
    ("broken", BROKEN, [], "<stdin>: 1 error\n", 1),
    ("named", BROKEN, ["--stdin-filename", "cors.toml"], "cors.toml: 1 error\n", 1),
    ("with another file", CLEAN, ["clean.toml"], "<stdin>: no findings\nclean.toml: no findings\n", 0),
    ("twice", CLEAN, ["-"], "<stdin>: no findings\n", 0),
]


@pytest.mark.parametrize(
    ("text", "arguments", "output", "code"), [row[1:] for row in STANDARD_INPUT], ids=[row[0] for row in STANDARD_INPUT]
)
def test_standard_input(text: str, arguments: list[str], output: str, code: int) -> None:
    result = run("-", *arguments, stdin=text)
    assert result.stdout.endswith(output)
    assert result.exit_code == code


#: the profile that is asked for, the file, the codes
PROFILE_NAMES: list[tuple[str, str, list[str]]] = [
    ("staging", "profiles.toml", []),
    ("nope", "profiles.toml", ["CR108"]),
    ("nope", "clean.toml", ["CR108"]),
]


@pytest.mark.parametrize(("profile", "file", "codes"), PROFILE_NAMES)
def test_profile(profile: str, file: str, codes: list[str]) -> None:
    result = run("--profile", profile, "--format", "json", file)
    found = json.loads(result.stdout)["findings"]
    assert [each["code"] for each in found if each["severity"] == "error"] == codes
    assert result.exit_code == bool(codes)


def test_profile_hides_no_finding_of_another() -> None:
    text = CLEAN.replace('"https://app.example.com"', '"web"')
    text += '[profiles.a]\norigins.web = []\n[profiles.b]\norigins.web = ["HTTPS://a.example"]\n'
    Path("profiles.toml").write_text(text, encoding="utf-8")
    everything = run("profiles.toml").stdout
    assert "CR012" in everything
    assert run("--profile", "a", "profiles.toml").stdout == everything


#: the environment, whether standard output is a terminal, whether there are colours
COLORS = [
    ("a pipe", {}, False, False),
    ("a terminal", {}, True, True),
    ("a terminal, NO_COLOR", {"NO_COLOR": "1"}, True, False),
    ("a terminal, an empty NO_COLOR", {"NO_COLOR": ""}, True, True),
    ("a dumb terminal", {"TERM": "dumb"}, True, False),
    ("a pipe, FORCE_COLOR", {"FORCE_COLOR": "1"}, False, True),
    ("a pipe, an empty FORCE_COLOR", {"FORCE_COLOR": ""}, False, False),
    ("both", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False, False),
]


@pytest.mark.parametrize(
    ("environment", "is_terminal", "is_colored"), [row[1:] for row in COLORS], ids=[row[0] for row in COLORS]
)
def test_colors(
    environment: dict[str, str], is_terminal: bool, is_colored: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    if is_terminal:
        monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda self: True, raising=False)
    assert ("\x1b[" in run("broken.toml").stdout) == is_colored
    assert "\x1b[" not in run("broken.toml", "--format", "json").stdout
    assert "\x1b[" not in run("broken.toml", "--format", "concise").stdout


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "corsrules", "check", *arguments]
    return subprocess.run(
        command, env=os.environ | environment, capture_output=True, check=False, stdin=subprocess.DEVNULL
    )


ENCODINGS = [*((format_, "ascii") for format_ in FORMATS), ("text", "latin-1"), ("text", "utf-8")]


@pytest.mark.parametrize(("format_", "encoding"), ENCODINGS)
def test_every_encoding_of_standard_output(format_: str, encoding: str) -> None:
    Path("日本.toml").write_text('version = 1\n"💥é" = 1\n[[rules]]\norigins = []\n', encoding="utf-8")
    ran = process("日本.toml", "--format", format_, PYTHONIOENCODING=encoding, PYTHONUTF8="1")
    assert (ran.returncode, ran.stderr) == (1, b"")
    assert "CR003" in ran.stdout.decode(encoding)


def test_a_name_that_is_not_utf_8(tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff.toml")
    try:
        (tmp_path / name).write_text(BROKEN, encoding="utf-8")
    except OSError:
        pytest.skip("the file system takes no such names")
    for format_ in ("text", "sarif"):
        ran = process(name, "--format", format_)
        assert (ran.returncode, ran.stderr) == (1, b"")
    missing = process(name + "x")
    assert missing.returncode == 2
    assert b"cannot read" in missing.stderr
    assert b"Traceback" not in missing.stderr


@pytest.mark.parametrize("format_", ["text", "json"])
def test_a_closed_pipe_gives_no_traceback(format_: str) -> None:
    lines = "".join(f'[[rules]]\norigins = ["https://{number}.example/"]\n' for number in range(2000))
    Path("many.toml").write_text("version = 1\n" + lines, encoding="utf-8")
    command = [sys.executable, "-m", "corsrules", "check", "many.toml", "--format", format_]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.read(10)
        running.stdout.close()
        assert running.stderr.read() == b""


@pytest.mark.skipif(os.name != "posix", reason="only there a shell closes standard input")
def test_closed_standard_input() -> None:
    command = [sys.executable, "-m", "corsrules", "check", "-"]
    ran = subprocess.run(["/bin/sh", "-c", '"$@" <&-', "sh", *command], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (2, "", "Error: cannot read standard input: it is closed\n")


def test_standard_input_that_cannot_be_read() -> None:
    command = [sys.executable, "-m", "corsrules", "check", "-"]
    with open("written", "wb") as only_written:
        ran = subprocess.run(command, stdin=only_written, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == f"Error: cannot read standard input: {os.strerror(errno.EBADF)}\n"


def test_a_file_that_is_not_utf_8() -> None:
    Path("latin.toml").write_bytes(b"version = 1\n# caf\xe9\n")
    shown = run("latin.toml").stdout
    assert "CR001" in shown
    assert "2 | # caf\ufffd\n  |      ^\n" in shown
