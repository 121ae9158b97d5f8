"""`corsrules code`, and the reference page that is printed from the same definitions."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from corsrules.cli import main
from corsrules.findings import CODES

PAGE = Path(__file__).parents[2] / "docs" / "findings.md"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["code", *arguments], prog_name="corsrules")


def test_all_codes_are_listed() -> None:
    lines = run().stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [[code.code, code.severity] for code in CODES.values()]


@pytest.mark.parametrize("code", CODES)
def test_a_code_is_explained(code: str) -> None:
    shown = run(code).stdout
    definition = CODES[code]
    for part in (
        definition.title,
        definition.why,
        definition.source,
        *definition.bad.split(),
        *definition.good.split(),
    ):
        assert part in shown
    assert ("waive = " in shown) == (definition.waivable or "waive" in definition.bad + definition.good)


@pytest.mark.parametrize(
    ("name", "advice"), [("CR20", "did you mean CR"), ("cr2011", "did you mean CR2"), ("x", "lists the codes")]
)
def test_an_unknown_code(name: str, advice: str) -> None:
    result = run(name)
    assert (result.exit_code, result.stdout) == (2, "")
    assert advice in result.stderr


def test_lower_case_will_do() -> None:
    assert run("cr201").stdout == run("CR201").stdout


def test_the_reference_page_is_what_the_command_prints() -> None:
    assert run("--markdown").stdout == PAGE.read_text(encoding="utf-8")


def test_explaining_a_code_needs_no_library_but_click() -> None:
    code = (
        "import sys\n"
        "from corsrules.cli import main\n"
        "main(['code', 'CR201'], standalone_mode=False)\n"
        "print(sorted({'pydantic', 'tomli', 'flask'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.endswith("\n[]\n")
