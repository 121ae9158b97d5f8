"""Model to findings.

Each check is one small function from a `Subject` to problems, and stands in the table `CHECKS`. `shape` turns what the
model refuses into problems; the others look at what the model accepted, so that all problems come in one run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from corsrules.checks import conflicts, references, security, spelling, waivers
from corsrules.checks.subject import Subject
from corsrules.findings import CODES, SEVERITIES, KeyPath, Place, Problem, severity_of

CHECKS: tuple[Callable[[Subject], Iterator[Problem]], ...] = (
    *spelling.CHECKS,
    *references.CHECKS,
    *security.CHECKS,
    *conflicts.CHECKS,
    waivers.malformed_waivers,
)


#: The checks that never find an error.
ADVICE = frozenset(
    {
        references.unused_groups,
        security.uncovered_authorization,
        security.long_max_ages,
        conflicts.redundant_patterns,
        conflicts.unreachable_rules,
        conflicts.narrowing_paths,
    }
)

#: What a file is loaded by.
STRICT_CHECKS = tuple(check for check in CHECKS if check not in ADVICE)


def run(subject: Subject) -> list[Problem]:
    """Every problem of `subject` that is not waived: one for each cause at its places, the gravest."""
    return _run(subject, CHECKS)


def errors(subject: Subject) -> list[Problem]:
    """Those of them that are errors, found without looking for the others."""
    return [problem for problem in _run(subject, STRICT_CHECKS) if severity_of(problem.code) == "error"]


def _run(subject: Subject, looks: Iterable[Callable[[Subject], Iterator[Problem]]]) -> list[Problem]:
    found: dict[tuple[str, Place, tuple[KeyPath, ...]], Problem] = {}
    for problem in waivers.apply(subject, (problem for look in looks for problem in look(subject))):
        code = CODES[problem.code]
        cause = (code.milder_than or code.code, problem.place, tuple(place.path for place in problem.related))
        if cause not in found or _gravity(found[cause]) < _gravity(problem):
            found[cause] = problem
    return list(found.values())


def _gravity(problem: Problem) -> int:
    return SEVERITIES.index(severity_of(problem.code))
