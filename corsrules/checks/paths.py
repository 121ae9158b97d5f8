"""Whether each path of a rule is one that a request can have."""

from __future__ import annotations

from collections.abc import Iterator

from corsrules.checks.subject import Subject, reports
from corsrules.findings import Place, Problem
from corsrules.language import path_pattern
from corsrules.language.spelling import (
    path_mistake,
)


@reports("CR030")
def malformed_paths(subject: Subject) -> Iterator[Problem]:
    """CR030: paths that no request can have, or that do not mean what they seem to."""
    for index, rule in enumerate(subject.document.rules):
        for position, text in enumerate(rule.paths):
            if path_pattern.parse(text) is None:
                message, advice = path_mistake(text)
                yield Problem("CR030", message, Place(("rules", index, "paths", position)), advice)


CHECKS = (malformed_paths,)
