"""Waivers: a rule accepts a finding, in all profiles and with a reason.

A finding that is about one pattern is accepted for that pattern, `"CR211 https://*.example.com"`; any other by its code
alone. The code alone also accepts what is about patterns, all of them, and that is a finding itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from corsrules.checks.subject import Subject, reports
from corsrules.findings import CODES, Mistake, Place, Problem
from corsrules.findings.wording import listed, nearest, strings
from corsrules.language import origin_pattern
from corsrules.language.policy import label_of
from corsrules.language.spelling import pattern_mistake, repaired

WAIVABLE = [code for code, definition in CODES.items() if definition.waivable]

#: In how many rules a help says what to write.
RULES_SHOWN = 3


class Waiver(NamedTuple):
    """What an element of `waive` accepts: a code and, unless it is about no pattern or about all, a pattern."""

    code: str
    pattern: str = ""

    @classmethod
    def read(cls, text: str) -> Waiver:
        """The waiver that `text` writes."""
        code, _, pattern = text.partition(" ")
        return cls(code, pattern)

    def __str__(self) -> str:
        return f"{self.code} {self.pattern}" if self.pattern else self.code


@reports("CR004", "CR007", "CR049")
def malformed_waivers(subject: Subject) -> Iterator[Problem]:
    """CR049, CR004 for a waiver without a reason or a reason without a waiver, CR007 for a reason that says nothing."""
    for index, rule in enumerate(subject.document.rules):
        where = ("rules", index)
        if rule.waive is not None and rule.reason is None:
            yield Problem("CR004", "`reason` is missing", Place((*where, "waive"), "key"), "say why it is accepted")
        if rule.waive is None and rule.reason is not None:
            yield Problem("CR004", "`waive` is missing", Place((*where, "reason"), "key"), "name the codes it accepts")
        if rule.reason and not rule.reason.strip():
            yield Problem("CR007", "`reason` must not be empty", Place((*where, "reason")), "say why it is accepted")
        for position, text in enumerate(rule.waive or ()):
            mistake = _mistake(text)
            if mistake is not None:
                yield mistake.at(Place((*where, "waive", position)))


def _mistake(text: str) -> Mistake | None:
    code, pattern = waiver = Waiver.read(text)
    if code not in CODES:
        return _unknown(code, pattern)
    if not CODES[code].waivable:
        return Mistake("CR049", f"`{code}` cannot be waived: {CODES[code].title}", "mend what it reports")
    if text == code or (CODES[code].about_pattern and origin_pattern.parse(pattern) is not None):
        return None
    if str(waiver) == code:
        return Mistake("CR049", f"`{text}` ends with white space", spellings=(code,))
    if not CODES[code].about_pattern:
        return Mistake("CR049", f"`{code}` is about no single pattern", spellings=(code,))
    meant = repaired(pattern)
    message = f"`{pattern}` is no pattern: {pattern_mistake(pattern).message}"
    if meant is None:
        return Mistake("CR049", message, "write the pattern as the rule or its group does")
    spelling = str(Waiver(code, meant))
    return Mistake("CR049", message, spellings=(spelling,))


def _unknown(code: str, pattern: str) -> Mistake:
    message = f"there is no finding `{code}`"
    meant = nearest(code.upper(), (each for each in WAIVABLE if CODES[each].about_pattern or not pattern))
    if meant is None:
        return Mistake("CR049", message, "`corsrules code` lists the codes")
    spelling = str(Waiver(meant, pattern))
    wrong = _mistake(spelling)
    if wrong is not None:
        return wrong._replace(message=message)
    return Mistake("CR049", message, spellings=(spelling,), template=f"did you mean `{spelling}`?")


CHECKS = (malformed_waivers,)


def apply(subject: Subject, problems: Iterable[Problem]) -> Iterator[Problem]:
    """The problems that no rule accepts; CR305 for each waiver that accepts none, CR050 for what says too little."""
    accepted = {
        (index, Waiver.read(text)): Place(("rules", index, "waive", position))
        for index, rule in enumerate(subject.document.rules)
        if rule.reason and rule.reason.strip()
        for position, text in enumerate(rule.waive or ())
        if _mistake(text) is None
    }
    used: defaultdict[tuple[int | None, Waiver], dict[str, None]] = defaultdict(dict)
    left: defaultdict[tuple[int | None, str], dict[str, None]] = defaultdict(dict)
    for problem in problems:
        both = ((problem.rule, Waiver(problem.code, problem.pattern)), (problem.rule, Waiver(problem.code)))
        accepting = next((each for each in both if each in accepted), None)
        if accepting is not None:
            used[accepting][problem.pattern] = None
            continue
        yield problem
        if problem.pattern:
            left[problem.rule, problem.code][problem.pattern] = None
    for (index, waiver), place in accepted.items() if subject.is_whole else ():
        if (index, waiver) not in used:
            yield _unused(waiver, left[index, waiver.code]).at(place)
        elif not waiver.pattern and CODES[waiver.code].about_pattern:
            yield _whole_rule(waiver.code, used[index, waiver]).at(place, is_certain=True)


def _unused(waiver: Waiver, patterns: Collection[str]) -> Mistake:
    meant = nearest(waiver.pattern, patterns)
    if meant is None:
        return Mistake("CR305", f"`{waiver}` waives nothing here", "drop it")
    spelling = str(Waiver(waiver.code, meant))
    message = f"`{waiver}` waives nothing here"
    return Mistake("CR305", message, spellings=(spelling,), template=f"did you mean `{spelling}`?")


def _whole_rule(code: str, patterns: Iterable[str]) -> Mistake:
    spellings = tuple(str(Waiver(code, pattern)) for pattern in patterns)
    message = f"`{code}` alone also waives it for a pattern that is added later"
    return Mistake("CR050", message, spellings=spellings)


def offered(subject: Subject, problem: Problem, rules: Iterable[int | None]) -> Problem:
    """The problem with a help that says how these rules, which all have it, can accept it; as it is if none can."""
    indices = [index for index in rules if index is not None]
    if not indices or not CODES[problem.code].waivable:
        return problem
    waiver = str(Waiver(problem.code, problem.pattern))
    if len(indices) <= RULES_SHOWN:
        offer = ", ".join(_offer(subject, index, waiver) for index in indices)
        advice = f"to accept it, write {offer}, with a `reason`"
    else:
        names = listed(label_of(index, subject.document.rules[index]) for index in indices[:RULES_SHOWN])
        more = len(indices) - RULES_SHOWN
        advice = f"to accept it, add `{strings(waiver)}` to `waive`, with a `reason`, in {names} and {more} more"
    return problem._replace(help="; ".join(filter(None, (problem.help, advice))))


def _offer(subject: Subject, index: int, waiver: str) -> str:
    """The line for one rule, with what it waives already."""
    rule = subject.document.rules[index]
    return f"`waive = [{strings(*(rule.waive or ()), waiver)}]` in `{label_of(index, rule)}`"
