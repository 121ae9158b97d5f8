"""The command line: what it prints, where, and its exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import corsrules
from corsrules.cli import COMMANDS, main

BROKEN = 'version = 1\n[[rules]]\norigins = ["https://app.example.com/"]\n'
ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, prog_name="corsrules")


def test_init_writes_a_file_without_findings() -> None:
    result = run("init")
    assert (result.exit_code, result.output) == (0, "wrote cors.toml\n")
    assert corsrules.check("cors.toml") == []
    document = tomllib.loads(Path("cors.toml").read_text(encoding="utf-8"))
    assert list(document["profiles"]) == ["production", "development"]
    assert (len(document["rules"]), len(document["tests"])) == (1, 1)


def test_init_never_overwrites() -> None:
    Path("cors.toml").write_text("mine")
    result = run("init")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "never overwrites" in result.stderr
    assert Path("cors.toml").read_text() == "mine"


def test_init_writes_to_standard_output() -> None:
    result = run("init", "-")
    assert (result.exit_code, result.stderr) == (0, "")
    assert corsrules.check_text(result.stdout) == []
    assert list(Path().iterdir()) == []

    migrated = run("init", "-", "--from-allowed-urls", "https://a.example|null")
    assert (migrated.exit_code, migrated.stderr) == (1, "1 not migrated; the end of it says which and why\n")
    assert "https://a.example" in tomllib.loads(migrated.stdout)["profiles"]["production"]["origins"]["web"]


def test_init_says_where_it_cannot_write() -> None:
    result = run("init", "no/such/cors.toml")
    assert result.exit_code == 2
    assert str(Path("no/such/cors.toml").absolute()) in result.stderr


def test_check_of_a_clean_file() -> None:
    run("init")
    result = run("check")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "cors.toml: no findings\n", "")


def test_check_of_a_broken_file_shows_what_check_text_finds() -> None:
    Path("cors.toml").write_text(BROKEN)
    result = run("check")
    assert (result.exit_code, result.stderr) == (1, "")
    (finding,) = corsrules.check_text(BROKEN)
    assert f"error[{finding.code}]: {finding.message}" in result.stdout
    assert "cors.toml:3:12" in result.stdout
    assert 'write "https://app.example.com"' in result.stdout
    assert result.stdout.endswith("cors.toml: 1 error\n")


@pytest.mark.parametrize("name", ["nowhere.toml", "."], ids=["a missing file", "a directory"])
def test_check_of_what_cannot_be_read(name: str) -> None:
    result = run("check", name)
    assert (result.exit_code, result.stdout) == (2, "")
    assert str(Path(name).absolute()) in result.stderr


@pytest.mark.parametrize(
    "arguments", [("chekc",), ("check", "--bogus"), ("check", "a", "b", "--x")], ids=["command", "option", "arguments"]
)
def test_wrong_usage(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


#: what is asked for, what is said
MISSPELT = [
    ("chekc", "there is no command 'chekc'; did you mean `check`?"),
    ("exlpain", "did you mean `explain`?"),
    ("xyz", "there is no command 'xyz'; --help lists the commands"),
]


@pytest.mark.parametrize(("name", "said"), MISSPELT, ids=[row[0] for row in MISSPELT])
def test_a_misspelt_command(name: str, said: str) -> None:
    result = run(name)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], *([name, "--help"] for name in COMMANDS)], ids=" ".join
)
def test_help_and_version_need_no_library_but_click(arguments: list[str]) -> None:
    code = (
        "import sys\n"
        "from corsrules.cli import main\n"
        f"main({arguments!r}, standalone_mode=False)\n"
        "print(sorted({'pydantic', 'tomli', 'flask'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.endswith("[]\n")


def test_check_never_imports_flask() -> None:
    run("init")
    code = (
        "import sys\n"
        "from corsrules.cli import main\n"
        "main(['check'], standalone_mode=False)\n"
        "print(sorted({'flask', 'werkzeug'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "cors.toml: no findings\n[]\n"


def test_the_schema_in_the_repository_is_what_the_command_prints() -> None:
    written = (ROOT / "schemas" / "cors.schema.json").read_text(encoding="utf-8")
    assert run("schema").stdout == written
    assert json.loads(written)["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert not any(f'"{word}"' in written for word in ("$defs", "prefixItems", "null"))


GOOD = {
    "the smallest": BROKEN.replace("com/", "com"),
    "host-scheme = false": BROKEN.replace("com/", "com") + "[fallback]\nhost-scheme = false\n",
    "groups": BROKEN.replace("com/", "com") + "[profiles.a.origins]\nweb = []\n",
    "a waiver": BROKEN.replace("com/", "com") + 'waive = ["CR211"]\nreason = "x"\n',
    "a test": BROKEN.replace("com/", "com") + '[[tests]]\nname = "x"\norigin = "null"\npath = "/"\ndeny = ["*"]\n',
}
BAD = {
    "an unknown key": BROKEN + "bogus = 1\n",
    "a missing key": "version = 1\n[[rules]]\npaths = []\n",
    "a wrong type": BROKEN + 'max-age = "x"\n',
    "a number out of range": BROKEN + "max-age = -1\n",
    "a newer version": BROKEN.replace("1", "2", 1),
    "no rules": "version = 1\nrules = []\n",
    "an unknown table": BROKEN + "[bogus]\n",
    "a group in upper case": BROKEN + "[profiles.a.origins]\nWEB = []\n",
    "a number among strings": BROKEN + "methods = [1]\n",
    "host-scheme = true": BROKEN + "[fallback]\nhost-scheme = true\n",
}


def tombi(text: str) -> int:
    """The exit code of an editor's language server, given the repository's schema."""
    schema = (ROOT / "schemas" / "cors.schema.json").as_posix()
    Path("cors.toml").write_text(f"#:schema {schema}\n{text}", encoding="utf-8")
    command = [Path(sys.executable).parent / "tombi", "lint", "--offline", "cors.toml"]
    return subprocess.run(command, capture_output=True, check=False).returncode


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_the_schema_accepts(text: str) -> None:
    assert tombi(text) == 0


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_the_schema_rejects(text: str) -> None:
    assert tombi(text) == 1
