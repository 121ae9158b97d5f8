"""A user's program under mypy --strict and pyright: what is right passes, each wrong line is told."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

RIGHT = """
from typing import assert_type

from flask import Flask

import corsrules
from corsrules import ConfigError, Decision, Finding, Matcher, check, check_text, load, loads
from corsrules.flask import CorsRules
from corsrules.wsgi import CorsMiddleware


def allowed(path: str, origin: str) -> bool:
    try:
        matcher = load("cors.toml", profile="production")
    except ConfigError as error:
        assert_type(error.findings, list[Finding])
        return False
    assert_type(matcher, Matcher)
    decision = matcher.decide(path, origin, preflight=True, host="api.example", fallback={"x-origin": origin})
    assert_type(decision, Decision)
    assert_type(decision.rule, str | None)
    assert_type(decision.governed, bool)
    names: list[str] = [*decision.headers, *decision.vary]
    return decision.allowed and bool(names)


def report(text: str) -> None:
    assert_type(loads(text), Matcher)
    assert_type(corsrules.loads(text).decide("/").allowed, bool)
    for finding in [*check("cors.toml"), *check_text(text)]:
        assert_type(finding.code + finding.message + finding.help, str)
        assert_type((finding.line, finding.column), tuple[int, int])


app = Flask(__name__)
CorsRules(app, "cors.toml", profile="production")
CorsRules().init_app(app, profile="production")
app.wsgi_app = CorsMiddleware(app.wsgi_app, load("cors.toml"))  # type: ignore[method-assign]  # as Flask documents it
assert_type(corsrules.__version__, str)
"""

#: Each line is wrong.
WRONG = """
from corsrules import laod
import corsrules
corsrules.nothing
corsrules.load(1)
corsrules.load("cors.toml", "production")
corsrules.loads("").decide()
corsrules.loads("").decide("/", preflight="yes")
corsrules.loads("").decide("/").headers["x"] = "y"
corsrules.loads("").decide("/").allowed = True
corsrules.check("cors.toml")[0].code + 1
corsrules.check("cors.toml")[0].line = 2
"""
WRONG_LINES = {2, *range(4, 13)}

CHECKERS = {
    "mypy": ["mypy", "--strict", "--no-incremental", "--show-error-codes", "--no-error-summary"],
    "pyright": ["pyright", "--pythonpath", sys.executable],
}


def complaints(checker: str, text: str, folder: Path) -> tuple[set[int], str]:
    """The lines that a checker complains about, and all it says."""
    if importlib.util.find_spec(checker) is None:
        pytest.skip(f"{checker} is not installed (.ci/run installs it)")
    (folder / "program.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", *CHECKERS[checker], "program.py"]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return {int(line) for line in re.findall(r"program\.py:(\d+):.*error", ran.stdout)}, ran.stdout + ran.stderr


@pytest.mark.parametrize("checker", CHECKERS)
def test_a_right_program(checker: str, tmp_path: Path) -> None:
    lines, said = complaints(checker, RIGHT, tmp_path)
    assert lines == set(), said


@pytest.mark.parametrize("checker", CHECKERS)
def test_a_wrong_program(checker: str, tmp_path: Path) -> None:
    lines, said = complaints(checker, WRONG, tmp_path)
    assert lines == WRONG_LINES, said
