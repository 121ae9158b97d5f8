"""Whether each pattern is well written, and each `"*"` stands where one may."""

from __future__ import annotations

from collections.abc import Iterator

from corsrules.checks.subject import Subject, reports
from corsrules.findings import Place, Problem
from corsrules.language.policy import EVERY_ORIGIN
from corsrules.language.spelling import (
    certain_spelling,
    pattern_mistake,
)


@reports("CR010", "CR011", "CR012", "CR013", "CR014", "CR015", "CR016", "CR017", "CR018", "CR019", "CR020")
def malformed_patterns(subject: Subject) -> Iterator[Problem]:
    """CR010 to CR020: texts that stand where a pattern is meant and are none."""
    for origins in subject.written.lists():
        for where, text in origins.malformed:
            spelling = certain_spelling(text)
            mistake = pattern_mistake(text)
            if spelling:
                mistake = mistake._replace(spellings=(spelling,))
            yield mistake.at(Place(where), is_certain=bool(spelling))


@reports("CR203")
def stars_among_origins(subject: Subject) -> Iterator[Problem]:
    """CR203: `"*"`, every origin, is written directly in a rule and alone."""
    for index, rule in enumerate(subject.document.rules):
        if EVERY_ORIGIN in rule.origins and len(rule.origins) > 1 and not rule.credentials:  # else it is CR201
            place = Place(("rules", index, "origins", rule.origins.index(EVERY_ORIGIN)))
            yield Problem("CR203", '"*" already names every origin', place, 'write `origins = ["*"]`, or drop the "*"')
    for name, profile in subject.document.profiles.items():
        for group, texts in profile.origins.items():
            if EVERY_ORIGIN in texts:
                where = ("profiles", name, "origins", group, texts.index(EVERY_ORIGIN))
                yield Problem(
                    "CR203",
                    '"*" cannot hide behind a group name',
                    Place(where),
                    'write `origins = ["*"]` in the rule itself',
                )


CHECKS = (
    malformed_patterns,
    stars_among_origins,
)
