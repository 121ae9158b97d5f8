"""Model to findings.

Each check is one small function from a `Subject` to problems, and stands in the table `CHECKS`. `shape` turns what the
model refuses into problems; the others look at what the model accepted, so that all problems come in one run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from corsrules.checks import conflicts, references, security, spelling
from corsrules.checks.subject import Subject
from corsrules.findings import Problem

CHECKS: tuple[Callable[[Subject], Iterator[Problem]], ...] = (
    *spelling.CHECKS,
    *references.CHECKS,
    *security.CHECKS,
    *conflicts.CHECKS,
)


def run(subject: Subject) -> list[Problem]:
    """Every problem of `subject`, each once."""
    problems = (problem for check in CHECKS for problem in check(subject))
    return list({(problem.code, problem.place): problem for problem in problems}.values())
