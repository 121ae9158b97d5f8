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


def test_a_file_that_is_repaired_is_checked_as_it_then_is() -> None:
    Path("rules/api.toml").write_text(RULES.replace("com", "com/"))
    ran = flask("cors", "check", "--fix")
    assert (ran.returncode, ran.stdout.count("error")) == (0, 0), ran.stdout


UNKNOWN = 'profile="stagin"'
EXPLAIN = ["explain", "https://app.example.com"]

#: What the code says of the profile, and the environment; what is asked, and the finding that the start would stop at.
NO_START = [
    ("an unknown profile", UNKNOWN, "", ["check"], "CR108", "`stagin` (the argument `profile` names it)"),
    ("for a machine", UNKNOWN, "", ["check", "--format", "json"], "CR108", '"code": "CR108"'),
    ("an unknown one in the environment", "", "stagin", ["check"], "CR108", "(CORSRULES_PROFILE in the environment"),
    ("none chosen", "", "", ["check"], "CR107", "no profile is chosen"),
    ("what is not in force is not shown", UNKNOWN, "", ["show"], "CR108", "no profile `stagin`"),
    ("nor explained", UNKNOWN, "", EXPLAIN, "CR108", "no profile `stagin`"),
    ("where none is chosen neither", "", "", ["show"], "CR107", "no profile is chosen"),
]


@pytest.mark.parametrize(
    ("argument", "environment", "arguments", "code", "said"),
    [row[1:] for row in NO_START],
    ids=[row[0] for row in NO_START],
)
def test_an_application_that_does_not_start(argument, environment, arguments, code: str, said: str) -> None:
    Path("app.py").write_text(APP.replace('profile="staging"', argument))
    ran = flask("cors", *arguments, CORSRULES_PROFILE=environment)
    assert ran.returncode == 1
    assert ran.stdout.count(code) == 1
    assert said in ran.stdout
    assert "app.example.com" not in ran.stdout
    assert "Traceback" not in ran.stderr


def test_what_an_application_that_does_not_start_might_obey() -> None:
    Path("app.py").write_text(APP.replace("staging", "stagin"))
    Path("other.toml").write_text(RULES)
    assert flask("cors", "check", "other.toml").returncode == 0
    assert "https://app.example.com" in flask("cors", "show", "--profile", "production").stdout


def test_an_application_whose_file_is_not_there() -> None:
    Path("rules/api.toml").unlink()
    ran = flask("cors", "check")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "api.toml: No such file or directory; write it with `corsrules init`" in ran.stderr
    assert "Traceback" not in ran.stderr


MIDDLEWARE = """import corsrules
from flask import Flask
from corsrules.wsgi import CorsMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix
app = Flask(__name__)
app.wsgi_app = CorsMiddleware(app.wsgi_app, corsrules.load("rules/api.toml", profile="staging"))
app.wsgi_app = ProxyFix(app.wsgi_app)
"""


@pytest.mark.parametrize(
    ("arguments", "code", "said"), [row[1:] for row in ASKED[:5:2]], ids=[row[0] for row in ASKED[:5:2]]
)
def test_commands_on_an_application_with_the_middleware(arguments: list[str], code: int, said: str) -> None:
    Path("app.py").write_text(MIDDLEWARE)
    test_commands(arguments, code, said)


def test_the_middleware_with_an_unknown_profile() -> None:
    Path("app.py").write_text(MIDDLEWARE.replace("staging", "stagin"))
    ran = flask("cors", "check")
    assert ran.returncode == 1
    assert "error[CR108]: there is no profile `stagin`" in ran.stdout


def test_the_middleware_with_a_text() -> None:
    Path("app.py").write_text(MIDDLEWARE.replace('load("rules/api.toml"', 'loads(open("rules/api.toml").read()'))
    ran = flask("cors", "show")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "rules do not come from a file" in ran.stderr


EVERYWHERE, ELSEWHERE = "CORS(app)\n", 'CORS(app, resources={"/old": {}})\n'

#: What is left of flask-cors before or after CorsRules, the exit code of `check`, and what is said on standard error.
BESIDE = [
    ("before, elsewhere", ELSEWHERE, "", 0, "flask-cors answers in this application, too: CORS(app)."),
    ("after, elsewhere", "", ELSEWHERE, 0, "warning: flask-cors answers in this application, too: CORS(app)."),
    ("after, where a rule governs", "", EVERYWHERE, 1, "error: flask-cors and cors.toml both govern /api/x: remove"),
    ("before, where a rule governs", EVERYWHERE, "", 1, "RuntimeError: flask-cors and cors.toml both govern /api/x"),
]


@pytest.mark.parametrize(
    ("before", "after", "code", "said"), [row[1:] for row in BESIDE], ids=[row[0] for row in BESIDE]
)
def test_flask_cors_beside_corsrules(before: str, after: str, code: int, said: str) -> None:
    Path("rules/api.toml").write_text(RULES.replace("origins = ", 'paths = ["/api/*"]\norigins = '))
    lines = APP.replace("CorsRules(app", f"{before}CorsRules(app") + after
    Path("app.py").write_text("from flask_cors import CORS\n" + lines)
    ran = flask("cors", "check")
    assert ran.returncode == code
    assert ran.stderr.count(said) == 1, "it is said once"


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
