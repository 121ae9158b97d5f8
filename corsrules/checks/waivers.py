"""Waivers: a rule accepts a finding by its code and with a reason, in all profiles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from corsrules.checks.subject import Subject, reports
from corsrules.findings import CODES, Place, Problem
from corsrules.findings.wording import Suggestions

WAIVABLE = [code for code, definition in CODES.items() if definition.waivable]


@reports("CR004", "CR007", "CR049")
def malformed_waivers(subject: Subject) -> Iterator[Problem]:
    """CR049, CR004 for a waiver without a reason or a reason without a waiver, CR007 for a reason that says nothing."""
    suggestions = Suggestions(WAIVABLE)
    for index, rule in enumerate(subject.document.rules):
        where = ("rules", index)
        if rule.waive is not None and rule.reason is None:
            yield Problem("CR004", "`reason` is missing", Place((*where, "waive"), "key"), "say why it is accepted")
        if rule.waive is None and rule.reason is not None:
            yield Problem("CR004", "`waive` is missing", Place((*where, "reason"), "key"), "name the codes it accepts")
        if rule.reason and not rule.reason.strip():
            yield Problem("CR007", "`reason` must not be empty", Place((*where, "reason")), "say why it is accepted")
        for position, code in enumerate(rule.waive or ()):
            place = Place((*where, "waive", position))
            if code not in CODES:
                advice = suggestions.for_name(code) or "`corsrules code` lists the codes"
                yield Problem("CR049", f"there is no finding `{code}`", place, advice)
            elif not CODES[code].waivable:
                message = f"`{code}` cannot be waived: {CODES[code].title}"
                yield Problem("CR049", message, place, "mend what it reports")


CHECKS = (malformed_waivers,)


def apply(subject: Subject, problems: Iterable[Problem]) -> Iterator[Problem]:
    """The problems that no rule accepts, and CR305 for each waiver that accepts none."""
    waived = {
        (index, code)
        for index, rule in enumerate(subject.document.rules)
        if rule.reason and rule.reason.strip()
        for code in rule.waive or ()
    }
    used: set[tuple[int | None, str]] = set()
    for problem in problems:
        if (problem.rule, problem.code) in waived:
            used.add((problem.rule, problem.code))
        else:
            yield problem
    for index, code in sorted(waived - used) if subject.is_whole else ():
        if code in CODES and CODES[code].waivable:
            position = (subject.document.rules[index].waive or ()).index(code)
            place = Place(("rules", index, "waive", position))
            yield Problem("CR305", f"`{code}` waives nothing here", place, "drop it")
