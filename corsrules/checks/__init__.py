"""Model to findings.

Each check is one small function from a `Subject` to problems, and stands in the table `CHECKS`. `shape` turns what the
model refuses into problems; the others look at what the model accepted, so that all problems come in one run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from corsrules.checks import conflicts, references, security, spelling, waivers
from corsrules.checks.subject import Subject
from corsrules.findings import CODES, SEVERITIES, Place, Problem, severity_of

CHECKS: tuple[Callable[[Subject], Iterator[Problem]], ...] = (
    *spelling.CHECKS,
    *references.CHECKS,
    *security.CHECKS,
    *conflicts.CHECKS,
    waivers.malformed_waivers,
)


def run(subject: Subject) -> list[Problem]:
    """Every problem of `subject` that is not waived: one for each cause at a place, the gravest."""
    found: dict[tuple[str, Place], Problem] = {}
    for problem in waivers.apply(subject, (problem for check in CHECKS for problem in check(subject))):
        code = CODES[problem.code]
        cause = (code.milder_than or code.code, problem.place)
        if cause not in found or _gravity(found[cause]) < _gravity(problem):
            found[cause] = problem
    return list(found.values())


def _gravity(problem: Problem) -> int:
    return SEVERITIES.index(severity_of(problem.code))
