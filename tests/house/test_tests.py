"""The tests themselves: each module stands alone, and is found where tools look for it."""

from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
MODULES = sorted(TESTS.rglob("test_*.py"))
GATE = ROOT / ".ci" / "run"


def imported(module: Path) -> Iterator[str]:
    """The dotted names that a module imports."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module or ''}.{each.name}" for each in node.names)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_no_test_module_imports_another(module: Path) -> None:
    """What two share is a module of its own, or a fixture."""
    tests = {each.stem for each in MODULES} | {"conftest"}
    assert [name for name in imported(module) if tests & {*name.split(".")}] == []


def test_no_two_modules_have_one_name() -> None:
    """The folders are no packages, so pytest imports a module by its name alone."""
    names = Counter(file.name for file in TESTS.rglob("*.py") if file.name != "conftest.py")
    assert [name for name, count in names.items() if count > 1] == []


def test_what_is_mutated_is_tested_by_modules_that_exist() -> None:
    mutmut = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutmut"]
    selected = mutmut["pytest_add_cli_args_test_selection"]
    assert [name for name in selected if not (ROOT / name).exists()] == []


@pytest.mark.skipif(not GATE.exists(), reason="a source distribution has no gate")
def test_what_the_gate_leaves_out_on_other_pythons_exists() -> None:
    listed = re.search(r"^enumerations=\((.*?)\)", GATE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert listed is not None
    assert [name for name in listed[1].split() if not (TESTS / f"{name}.py").exists()] == []
