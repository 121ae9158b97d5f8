"""Whether there is too much in a file to be checked.

Most of what a file can say is checked in a time that grows with its size. Where the number of answers grows with the
square of the size, there is a limit, far above what people write. It leaves room for what large files are made of: a
list of a million origins counts as a million wherever origins are counted.

An error that was not looked for must not be in force, so where a check for errors stops, that is an error (CR306).
Where a check that only advises stops, that is a note (CR307). The checks of `conflicts` and `checks._run` stop too.
"""

from __future__ import annotations

from collections.abc import Iterator

from corsrules.checks.subject import MOST_RULES, Subject, reports
from corsrules.findings import Place, Problem, severity_of
from corsrules.language.budget import Budget

#: How many findings of one code are told. A report of ten thousand is not read to its end.
MOST_FINDINGS = 10_000

#: How many problems are looked at before it is known which of them are told: one pattern is a problem of each rule that
#: uses it. At least so many, and for each entry of a list of origins so many more.
LEAST_PROBLEMS = 200_000
PROBLEMS_PER_ENTRY = 4


def problems(subject: Subject) -> Budget:
    """How many problems there may be."""
    return Budget(LEAST_PROBLEMS + PROBLEMS_PER_ENTRY * subject.written.size)


def too_many_problems() -> Problem:
    """CR306 where there are more."""
    message = "the same origins are wrong in too many rules, so the rest of the file was not checked"
    return Problem("CR306", message, Place(("rules",), "key"), "mend what is reported first")


def too_many_findings(code: str) -> Problem:
    """CR306, or CR307 where they are no errors: more findings of a code than are told."""
    message = f"there are more than {MOST_FINDINGS:,} findings of {code}, of which the others are not told"
    limit = "CR306" if severity_of(code) == "error" else "CR307"
    return Problem(limit, message, Place(("rules",), "key"), "mend what is told, then check again")


@reports("CR306")
def too_many_profiles(subject: Subject) -> Iterator[Problem]:
    """CR306: so many rules, each in so many profiles, that the last profiles are not looked at."""
    if subject.unresolved:
        yield Problem(
            "CR306",
            f"the rules of all profiles are more than {MOST_RULES:,}: from `{subject.unresolved[0]}` on, "
            f"{len(subject.unresolved):,} profiles were not checked",
            Place(("profiles", subject.unresolved[0]), "key"),
            "give groups in fewer profiles, let profiles inherit them, or write one file for each service",
        )


@reports("CR306")
def too_many_uses(subject: Subject) -> Iterator[Problem]:
    """CR306: so many origins, each named at so many paths or in so many profiles, that rules are not compared."""
    if subject.rule_sets.are_too_large:
        yield Problem(
            "CR306",
            "the rules name too many origins at too many paths, each with other rules, so they were not compared",
            Place(("rules",), "key"),
            "let rules that name the same origins share their paths, or write one file for each service",
        )


CHECKS = (
    too_many_profiles,
    too_many_uses,
)
