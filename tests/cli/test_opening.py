"""The one way in which every command opens a file."""

from __future__ import annotations

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


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CORSRULES_PROFILE", raising=False)
    Path("cors.toml").write_text(RULES, encoding="utf-8")
    Path("same.toml").write_text(RULES, encoding="utf-8")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, prog_name="corsrules")


#: the command, how many texts it locates
LOCATED = [
    (("check", "--coverage", "--attack", "--profile", "nope"), 1),
    (("check", "--coverage", "--fix"), 1),
    (("check", "--coverage", "--format", "junit"), 1),
    (("show", "--profile", "production"), 1),
    (("explain", "https://app.example.com", "--all-profiles", "--verbose"), 1),
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
