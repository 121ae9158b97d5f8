"""Which rules and patterns of a document its tests reach.

A test reaches the pattern that decides for its origin at its path, and that pattern's rule; a rule that names nobody is
reached by a test at its path. Who decides is read off the file by `explain`, not worked out again here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from corsrules.analysis import explain
from corsrules.analysis.filetests import dropped_of
from corsrules.engine.compiler import compile_policy
from corsrules.findings import KeyPath, Place, Problem
from corsrules.language.model import Document
from corsrules.language.policy import Policy, policies_of


@dataclass(frozen=True, slots=True)
class Coverage:
    """Everything that a test could reach, by its place: what it is called, and whether a test reaches it."""

    parts: dict[KeyPath, str]
    reached: frozenset[KeyPath]

    @property
    def percent(self) -> int:
        """How much is reached, in per cent, rounded down."""
        return 100 * len(self.reached) // len(self.parts)


def measure(document: Document) -> Coverage:
    """What the tests of `document` reach, in all profiles together."""
    parts: dict[KeyPath, str] = {}
    reached: set[KeyPath] = set()
    for policy in policies_of(document):
        for rule in policy.rules:
            parts[rule.where] = f"rule `{rule.label}`"
            parts.update({place: f"`{text}`" for place, text, _ in rule.named()})
        reached |= set(_reached(document, policy))
    return Coverage(parts, frozenset(reached))


def _reached(document: Document, policy: Policy) -> Iterator[KeyPath]:
    sources = compile_policy(policy).fallback
    for test in document.tests:
        if test.profiles is not None and policy.profile not in test.profiles:
            continue
        dropped = dropped_of(test)
        arrived = test.origin if dropped is None else sources.origin(*dropped)
        governing = [reading.rule for reading in explain.read_paths(policy, test.path) if reading.governs]
        for reading in explain.read_rules(governing, arrived):
            if not reading.origins:
                yield reading.rule.where
            for origin in reading.origins:
                if origin.decides:
                    yield reading.rule.where
                    yield origin.place


def problems(coverage: Coverage) -> Iterator[Problem]:
    """CR404 for each rule that no test reaches, and for each pattern that none reaches of the others."""
    for place, name in coverage.parts.items():
        if place not in coverage.reached and (len(place) == 2 or place[:2] in coverage.reached or place[0] != "rules"):
            yield Problem("CR404", f"no test reaches {name}", Place(place), "write a test whose request it decides")
