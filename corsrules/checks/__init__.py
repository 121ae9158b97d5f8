"""A document to its problems.

Each check is one small function from a `Subject` to problems, named with the codes that it reports. They look at what
the model accepted, whatever it says, so that all problems come in one run; what the model refuses is for
`language.shape`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from corsrules.checks import conflicts, fallback, filetests, limits, names, paths, patterns, profiles, security, waivers
from corsrules.checks.subject import Check, Subject
from corsrules.findings import CODES, SEVERITIES, KeyPath, Place, Problem, severity_of
from corsrules.language.budget import OverBudget

CHECKS: tuple[Check, ...] = (
    *patterns.CHECKS,
    *paths.CHECKS,
    *names.CHECKS,
    *fallback.CHECKS,
    *filetests.CHECKS,
    *profiles.CHECKS,
    *security.CHECKS,
    *conflicts.CHECKS,
    *limits.CHECKS,
    *waivers.CHECKS,
)

#: What a file is loaded by.
STRICT_CHECKS = tuple(check for check in CHECKS if check.finds_errors)


def run(subject: Subject) -> list[Problem]:
    """Every problem of `subject` that is not waived: one for each cause at its places, the gravest."""
    return _run(subject, CHECKS)


def errors(subject: Subject) -> list[Problem]:
    """Those of them that are errors, found without looking for the others."""
    return [problem for problem in _run(subject, STRICT_CHECKS) if severity_of(problem.code) == "error"]


def _run(subject: Subject, checks: Iterable[Check]) -> list[Problem]:
    found: dict[tuple[str, Place, tuple[KeyPath, ...]], Problem] = {}
    rules: dict[object, dict[int | None, None]] = {}
    counts: Counter[str] = Counter()
    stopped: list[Problem] = []
    try:
        for problem in waivers.apply(subject, _problems(subject, checks)):
            code = CODES[problem.code]
            cause = (code.milder_than or code.code, problem.place, tuple(place.path for place in problem.related))
            if cause not in found:
                counts[problem.code] += 1
                if counts[problem.code] > limits.MOST_FINDINGS:
                    continue
            if cause not in found or _gravity(found[cause]) < _gravity(problem):
                found[cause], rules[cause] = problem, {}
            if found[cause].code == problem.code:
                rules[cause][problem.rule] = None
    except OverBudget:
        stopped.append(limits.too_many_problems())
    else:
        stopped += (limits.too_many_findings(code) for code, count in counts.items() if count > limits.MOST_FINDINGS)
    return [*(waivers.offered(subject, problem, rules[cause]) for cause, problem in found.items()), *stopped]


def _problems(subject: Subject, checks: Iterable[Check]) -> Iterator[Problem]:
    """What the checks find, up to a limit (`OverBudget`): the same pattern is found for each rule that uses it."""
    budget = limits.problems(subject)
    for check in checks:
        for problem in check(subject):
            budget.spend()
            yield problem


def _gravity(problem: Problem) -> int:
    return SEVERITIES.index(severity_of(problem.code))
