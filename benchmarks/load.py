"""Loading a file: the time beside tomli's own parse of it, the memory that a matcher keeps, the start of `check`."""

from __future__ import annotations

import gc
import os
import resource
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Sequence
from typing import Any

import tomli

from benchmarks import measure, report
from benchmarks.measure import Effort, Work
from corsrules import checks, loads
from corsrules.checks.subject import Subject
from corsrules.language import model

#: What `check` cannot do without: its dependencies, and two models of pydantic's.
BARE_IMPORT = """
import click, tomli, pydantic
class Rule(pydantic.BaseModel):
    origins: tuple[str, ...]
class Document(pydantic.BaseModel):
    rules: tuple[Rule, ...]
Document.model_validate({"rules": [{"origins": ["https://app.example.com"]}]})
"""


def text_of(origins: int) -> str:
    """A file of one rule with so many exact origins, one a line."""
    listed = "".join(f'  "https://app{number}.example.com",\n' for number in range(origins))
    return f"version = 1\n\n[[rules]]\norigins = [\n{listed}]\n"


def compare(origins: int, effort: Effort) -> dict[str, float]:
    """The steps of `load`, each with all before it, as multiples of tomli's parse."""
    text = text_of(origins)

    def with_model() -> None:
        model.validate(tomli.loads(text))

    def with_checks() -> None:
        checks.errors(Subject.of(model.validate(tomli.loads(text))))

    cases: dict[str, Work] = {
        "tomli": lambda: tomli.loads(text),
        "+ model": with_model,
        "+ checks": with_checks,
        "+ compile (load)": lambda: loads(text),
    }
    return measure.ratios(cases, "tomli", effort)


def retained(origins: int) -> float:
    """Bytes that a matcher keeps for each exact origin beyond the origin's own string."""
    text = text_of(origins)
    gc.collect()
    tracemalloc.start()
    matcher = loads(text)
    gc.collect()
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    path = matcher.governing("/")
    assert path is not None
    return (kept - sum(map(sys.getsizeof, path.grants))) / origins


def start_up(effort: Effort) -> dict[str, float]:
    """`python -m corsrules check` on a small file beside a bare import of what it needs; all of it is compiled."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "cors.toml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text_of(3))
        compiled = {**os.environ, "PYTHONPYCACHEPREFIX": folder, "PYTHONDONTWRITEBYTECODE": ""}

        def run(*arguments: str) -> Work:
            command = [sys.executable, *arguments]
            return lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=compiled)  # noqa: S603 - our own arguments

        cases = {
            "bare import": run("-c", BARE_IMPORT),
            "check": run("-m", "corsrules", "check", path),
            "--help": run("-m", "corsrules", "--help"),
        }
        for work in cases.values():
            work()  # compiles what it imports
        taken: dict[str, list[float]] = {name: [] for name in cases}
        for _ in range(effort.rounds):
            for name, work in cases.items():
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                work()
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                taken[name].append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        return {name: measure.ratio(seconds, taken["bare import"]) for name, seconds in taken.items()}


def measured(effort: Effort, counts: Sequence[int]) -> dict[str, Any]:
    """All figures of this module."""
    least = Effort(min(5, effort.rounds), 1)
    return {
        "steps": {str(count): compare(count, effort if count < 100_000 else least) for count in counts},
        "retained": {str(count): retained(count) for count in counts if count >= 1000 or count == counts[-1]},
        "start": start_up(effort),
    }


def rendered(figures: dict[str, Any]) -> str:
    """The tables of this module as Markdown."""
    steps, start = figures["steps"], figures["start"]
    rows = [[f"{int(count):,}", *map(report.figure, by_step.values())] for count, by_step in steps.items()]
    kept = [[f"{int(count):,}", f"{size:.0f}"] for count, size in figures["retained"].items()]
    return "\n".join(
        [
            "Steps of loading, each with those before it, tomli = 1:\n",
            report.table(["exact origins", *next(iter(steps.values()))], rows),
            "Bytes a matcher keeps for an exact origin beyond its own string:\n",
            report.table(["exact origins", "bytes"], kept),
            "Start of the command, the bare import of click, tomli and pydantic with two models = 1:\n",
            report.table(list(start), [list(map(report.figure, start.values()))]),
        ]
    )
