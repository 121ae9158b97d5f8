"""What a package is beside its code: its version, entry points, hooks for other tools, shell completion."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import corsrules

ROOT = Path(__file__).parents[2]
HOOKS = ROOT / ".pre-commit-hooks.yaml"
PYTHON_BIN = Path(sys.executable).parent

#: Why a test is skipped where only the tests are installed.
LINT = "it is of the extra `lint`, with which .ci/run runs this file"


def test_the_version_is_that_of_the_distribution() -> None:
    assert corsrules.__version__ == metadata.version("corsrules")


def test_what_others_may_rely_on_is_listed_before_it_is_used() -> None:
    assert {*corsrules.__all__, "__version__"} <= {*dir(corsrules)}


@pytest.mark.parametrize(
    ("group", "name"), [("console_scripts", "corsrules"), ("flask.commands", "cors"), ("pytest11", "corsrules")]
)
def test_entry_points_can_be_loaded(group: str, name: str) -> None:
    (entry_point,) = [each for each in metadata.entry_points(group=group, name=name) if each.dist is not None]
    assert entry_point.dist.name == "corsrules"
    assert entry_point.load() is not None


def test_the_license_and_the_types_are_installed() -> None:
    assert metadata.metadata("corsrules")["License-Expression"] == "MIT"
    assert (Path(corsrules.__file__).parent / "py.typed").is_file()


#: the shell, a line of its script
SHELLS = [("bash", "_CORSRULES_COMPLETE=bash_complete"), ("zsh", "#compdef corsrules"), ("fish", "complete --no-files")]


@pytest.mark.parametrize(("shell", "line"), SHELLS)
def test_completion(shell: str, line: str, tmp_path: Path) -> None:
    (tmp_path / "bash").symlink_to("/bin/bash")  # click asks it for its version
    environment = os.environ | {"_CORSRULES_COMPLETE": f"{shell}_source"}
    ran = subprocess.run([PYTHON_BIN / "corsrules"], env=environment, capture_output=True, text=True, check=True)
    assert line in ran.stdout


def test_completion_knows_the_commands() -> None:
    environment = os.environ | {"_CORSRULES_COMPLETE": "bash_complete", "COMP_WORDS": "corsrules ex", "COMP_CWORD": "1"}
    ran = subprocess.run([PYTHON_BIN / "corsrules"], env=environment, capture_output=True, text=True, check=True)
    assert ran.stdout == "plain,explain\n"


# --- pre-commit -------------------------------------------------------------------------------------------------------


def hook() -> dict[str, str]:
    """The one hook, whose YAML is as plain as `key: value`."""
    lines = HOOKS.read_text(encoding="utf-8").removeprefix("- ").splitlines()
    return dict(line.strip().split(": ", 1) for line in lines)


def test_the_hook_is_what_pre_commit_takes() -> None:
    clientlib = pytest.importorskip("pre_commit.clientlib", reason=LINT)
    (loaded,) = clientlib.load_manifest(str(HOOKS))
    assert {key: loaded[key] for key in hook()} == hook()


@pytest.mark.parametrize(
    ("file", "runs"),
    [("cors.toml", True), ("services/api/cors.toml", True), ("xcors.toml", False), ("cors_toml", False)],
)
def test_the_hook_runs_for(file: str, runs: bool) -> None:
    assert (re.search(hook()["files"], file) is not None) == runs


def test_the_hook_checks(tmp_path: Path) -> None:
    (tmp_path / "cors.toml").write_text('version = 1\n[[rules]]\norigins = ["https://a.example/"]\n')
    command, *arguments = hook()["entry"].split()
    ran = subprocess.run(
        [PYTHON_BIN / command, *arguments, "cors.toml"], cwd=tmp_path, capture_output=True, check=False
    )
    assert ran.returncode == 1


# --- the README's jobs ------------------------------------------------------------------------------------------------

JOBS = [
    text
    for file in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))
    for text in re.findall(r"^```yaml\n(.*?)^```$", file.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
]


@pytest.mark.parametrize("text", JOBS, ids=lambda text: text.splitlines()[0])
def test_yaml_is_what_its_reader_takes(text: str, tmp_path: Path) -> None:
    """GitHub's schema for a workflow; pre-commit's own reading of its configuration."""
    pytest.importorskip("check_jsonschema", reason=LINT)
    schema = "vendor.github-workflows" if "\njobs:" in text else None
    file = tmp_path / ".pre-commit-config.yaml"
    file.write_text(text, encoding="utf-8")
    if schema is None:
        pytest.importorskip("pre_commit.clientlib", reason=LINT).load_config(str(file))
        return
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, file]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout
