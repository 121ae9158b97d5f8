"""Runs the `[[tests]]` of a document: what a browser would conclude, compared with what the file says it must.

A test asks the compiled matcher for its answers, as an adapter would, and the Fetch standard's own steps for the
browser's conclusion. How a request is decided, what a browser does, or why, is written nowhere here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from corsrules.analysis.explain import Question, explain
from corsrules.engine.exchange import Dropped, Exchange
from corsrules.findings import Place, Problem
from corsrules.language.model import Document, Test
from corsrules.language.path_pattern import wsgi_form
from corsrules.language.policy import policies_of
from corsrules.web import fetch
from corsrules.web.browser import PageRequest

EVERY_METHOD = "*"

#: A method that no file names, for what must hold of every method.
UNKNOWN_METHOD = "UNKNOWN-METHOD"

#: How many entries of a file may be read to explain failures. Each explanation reads all of them, so of a large file
#: with many failures the first are explained; of a file that people write, all are.
MOST_READ = 50_000


class Failed(NamedTuple):
    """A method that did not come out as the test says."""

    method: str
    position: int
    key: str
    exchange: Exchange


@dataclass(frozen=True)
class Result:
    """One test in one profile.

    `name` is what reports call it: no other test of the profile has it. `governed` is whether a rule covers its path.
    `reason` is what `explain` says first about the first failure; empty where none failed, or too many tests did.
    """

    index: int
    test: Test
    name: str
    profile: str | None
    governed: bool
    failed: tuple[Failed, ...]
    reason: str = ""


def run(document: Document) -> Iterator[Result]:
    """Every test in every profile it names, in the order of the file."""
    from corsrules.engine.compiler import compile_policy  # only a file with tests is compiled here

    compiled = {policy.profile: (policy, compile_policy(policy)) for policy in policies_of(document)}
    methods = all_methods(document)
    names = _Names(document.tests)
    left = MOST_READ
    for index, test in enumerate(document.tests):
        for profile in compiled if test.profiles is None else test.profiles:
            question = Question(document, profile, test.path, _page(test, "GET"), dropped_of(test), compiled=compiled)
            failed = tuple(_failed(question, test, methods))
            reason = ""
            if failed and left > 0:
                left -= _entries(question)
                reason = _reason(replace(question, page=failed[0].exchange.request))
            governed = question.matcher.governing(wsgi_form(test.path)) is not None
            yield Result(index, test, names.unique(test.name, profile), profile, governed, failed, reason)


class _Names:
    """What tests are called: a number follows the name where another test of the same profile has had it."""

    def __init__(self, tests: Iterable[Test]) -> None:
        self._given = Counter(test.name for test in tests)
        self._last: dict[tuple[str, str | None], int] = {}

    def unique(self, name: str, profile: str | None) -> str:
        if self._given[name] == 1:
            return name
        number = self._last.get((name, profile), 0) + 1
        while number > 1 and f"{name} ({number})" in self._given:
            number += 1
        self._last[name, profile] = number
        return name if number == 1 else f"{name} ({number})"


def all_methods(document: Document) -> tuple[str, ...]:
    """GET, HEAD, POST, every method in the file, and one unknown."""
    named = (
        *(method for rule in document.rules for method in rule.methods),
        *(method for test in document.tests for method in (*(test.allow or ()), *(test.deny or ()))),
    )
    return tuple(dict.fromkeys(("GET", "HEAD", "POST", *(each for each in named if each != "*"), UNKNOWN_METHOD)))


def dropped_of(test: Test) -> Dropped | None:
    """What the request of a test arrives with instead of `Origin`; None where it has `Origin`."""
    if test.host is None and test.fallback is None:
        return None
    return Dropped(test.host, {name.lower(): value for name, value in (test.fallback or {}).items()})


def _page(test: Test, method: str) -> PageRequest:
    # Each header of a test counts as one that needs permission, whatever its name.
    return PageRequest(
        test.origin, method, tuple((name, fetch.UNSAFE_VALUE) for name in test.headers), test.credentials
    )


def _failed(question: Question, test: Test, methods: tuple[str, ...]) -> Iterator[Failed]:
    for key, listed in (("allow", test.allow or ()), ("deny", test.deny or ())):
        for position, entry in enumerate(listed):
            for method in methods if entry == EVERY_METHOD else (entry,):
                found = question.ask(_page(test, method))
                if found.verdict.readable != (key == "allow"):
                    yield Failed(method, position, key, found)


def _entries(question: Question) -> int:
    """How much an explanation reads: paths, patterns and profiles."""
    rules = question.policy.rules
    return len(question.document.profiles) + sum(len(rule.paths) + sum(1 for _ in rule.named()) for rule in rules)


def _reason(question: Question) -> str:
    """What `explain` says first of a page that is blocked, or lets in one that is not."""
    from corsrules.analysis import diagnosis  # only what failed is diagnosed

    explanation = explain(question)
    if explanation.exchange.verdict.readable:
        decided = explanation.decided
        return "" if decided is None else f"`{decided[0].rule.label}` names the page by `{decided[1].text}`"
    return next((miss.message for miss in diagnosis.find(explanation)), "")


def problems(results: Iterable[Result]) -> Iterator[Problem]:
    """What is wrong with tests that ran: CR401 and CR407."""
    results = list(results)
    yield from failures(results)
    yield from vacuous(results)


def failures(results: Iterable[Result]) -> Iterator[Problem]:
    """CR401 for each test that failed: one a test, with the first thing that went wrong and where else it did."""
    failing: dict[int, list[Result]] = {}
    for result in results:
        if result.failed:
            failing.setdefault(result.index, []).append(result)
    for index, those in failing.items():
        first = those[0].failed[0]
        profiles = ", ".join(f"`{result.profile}`" for result in those if result.profile is not None)
        where = f" in {profiles}" if profiles else ""
        yield Problem(
            "CR401",
            f"test `{those[0].name}` failed{where}: {why(first)}",
            Place(("tests", index, first.key, first.position)),
            f"{those[0].reason or '`corsrules explain` says why'}; mend the rule, or the test if it is the one that is "
            "wrong",
        )


def vacuous(results: Iterable[Result]) -> Iterator[Problem]:
    """CR407 for each test whose denial holds because no rule covers its path."""
    denying = {each.index: each.test for each in results if each.test.deny and not each.governed and not each.failed}
    for index, test in denying.items():
        yield Problem(
            "CR407",
            f"no rule covers `{test.path}`, so this denial proves nothing",
            Place(("tests", index, "deny")),
            "what the application sets itself decides there: ask for a path that a rule covers, or write a rule for this "
            "one (`origins = []` names nobody)",
        )


def why(failed: Failed) -> str:
    """What happened instead, in words."""
    failure = failed.exchange.verdict.failure
    if failure is not None:
        return f"{failed.method} is blocked ({failure.message})"
    rule = failed.exchange.answer.rule
    return f"{failed.method} is allowed by `{rule}`"
