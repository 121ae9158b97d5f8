"""`flask cors check|show|explain`: on the application's own file and profile, and never in another command's way."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

RULES = """version = 1
[profiles.production.origins]
web = ["https://app.example.com"]
[profiles.staging.origins]
web = ["https://staging.example.com"]
[[rules]]
name = "web"
origins = ["web"]
"""
APP = """from flask import Flask
from corsrules.flask import CorsRules
app = Flask(__name__)
CorsRules(app, "rules/api.toml", profile="staging")
"""


@pytest.fixture(autouse=True)
def _an_application(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rules").mkdir()
    Path("rules/api.toml").write_text(RULES)
    Path("app.py").write_text(APP)


def flask(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "flask", *arguments]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)


#: What is asked, the arguments, the exit code, what is said.
ASKED = [
    ("the application's file", ["check"], 0, "api.toml: no findings"),
    ("another file", ["check", "rules/other.toml"], 2, "cannot read"),
    ("the application's profile", ["show"], 0, "https://staging.example.com"),
    ("another profile", ["show", "--profile", "production"], 0, "https://app.example.com"),
    ("an origin of it", ["explain", "https://staging.example.com"], 0, "verdict    allowed"),
    ("an origin of another", ["explain", "https://app.example.com"], 0, "verdict    blocked"),
    ("every profile", ["explain", "--all-profiles", "https://app.example.com"], 0, "profile    production"),
    ("what there is", ["--help"], 0, "explain"),
    ("a command that there is not", ["diff"], 2, "there is no command 'diff'"),
]


@pytest.mark.parametrize(("arguments", "code", "said"), [row[1:] for row in ASKED], ids=[row[0] for row in ASKED])
def test_commands(arguments: list[str], code: int, said: str) -> None:
    ran = flask("cors", *arguments)
    assert ran.returncode == code, ran.stderr
    assert said in ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_file_with_errors_is_checked_though_the_application_does_not_start() -> None:
    Path("rules/api.toml").write_text(RULES.replace("com", "com/"))
    ran = flask("cors", "check")
    assert ran.returncode == 1
    assert "error[CR011]" in ran.stdout
    assert "Traceback" not in ran.stderr


def test_an_application_without_corsrules() -> None:
    Path("app.py").write_text("from flask import Flask\napp = Flask(__name__)\n")
    ran = flask("cors", "show")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "has no CorsRules(app)" in ran.stderr


@pytest.mark.parametrize("module", ["pydantic", "tomli", "publicsuffixlist", "idna"])
def test_what_is_broken_breaks_no_other_command(module: str) -> None:
    Path("app.py").write_text("from flask import Flask\napp = Flask(__name__)\n")
    Path(f"{module}.py").write_text("raise RuntimeError('broken')")
    ran = flask("routes", PYTHONPATH=os.getcwd())
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "static" in ran.stdout


def test_the_entry_point_imports_only_click() -> None:
    code = (
        "import sys, click\n"
        "before = set(sys.modules)\n"
        "import corsrules.cli.flask\n"
        "print(sorted(n for n in set(sys.modules) - before if n.partition('.')[0] not in sys.stdlib_module_names))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "['corsrules', 'corsrules.cli', 'corsrules.cli.flask']\n"
