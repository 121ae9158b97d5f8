"""Runs the `[[tests]]` of a document: what a browser would conclude, compared with what the file says it must.

A test asks the compiled matcher for its answers, as an adapter would, and the Fetch standard's own steps for the
browser's conclusion. How a request is decided, what a browser does, or why, is written nowhere here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from corsrules.analysis.explain import Profiles, Question, explain
from corsrules.engine.exchange import OK, Dropped, Exchange, exchange
from corsrules.findings import Place, Problem
from corsrules.findings.wording import listed
from corsrules.language.budget import Budget, OverBudget
from corsrules.language.model import Document, Test
from corsrules.language.path_pattern import wsgi_form
from corsrules.web import browser, fetch
from corsrules.web.browser import PageRequest, ServerAnswer

if TYPE_CHECKING:
    from corsrules.engine.matcher import Matcher

EVERY_METHOD = "*"

#: A method that no file names, for what must hold of every method.
UNKNOWN_METHOD = "UNKNOWN-METHOD"

#: What may be spent on the tests of a file. To run a test in a profile takes so many steps at least: a thousand tests
#: run in fifty profiles, which takes a few seconds. Many methods, headers or patterns at a path take more.
MOST_STEPS = 4_000_000
STEPS_OF_AN_EXCHANGE = 20

#: How many failures are kept, of all tests together. Of the tests that fail beyond that one is kept of each.
MOST_FAILED = 1_000

#: How many entries of a file may be read to explain failures. Each explanation reads all of them, so of a large file
#: with many failures the first are explained; of a file that people write, all are.
MOST_READ = 50_000


class Failed(NamedTuple):
    """A method that did not come out as the test says."""

    method: str
    position: int
    key: str
    exchange: Exchange


@dataclass(frozen=True, slots=True)
class Result:
    """One test in one profile.

    `name` is what reports call it: no other test of the profile has it. `governed` is whether a rule covers its path.
    `reason` is what `explain` says first about the first failure; empty where none failed, or too much was explained.
    `failed` are the methods that did not come out as the test says; where very many tests fail, the first of them, and
    so many more did. `is_run` is false of a test that was not run; then none was from there on.
    """

    index: int
    test: Test
    name: str
    profile: str | None
    governed: bool = True
    failed: tuple[Failed, ...] = ()
    more_failed: int = 0
    reason: str = ""
    is_run: bool = True


def run(document: Document) -> Iterator[Result]:
    """Every test in every profile it names, in the order of the file, as long as there are not too many."""
    profiles, methods, budget = Profiles(), _Methods(document), Budget(MOST_STEPS)
    names = _Names(document.tests)
    room, left = MOST_FAILED, MOST_READ
    for index, test in enumerate(document.tests):
        for profile in dict.fromkeys(test.profiles or document.profiles or (None,)):
            name = names.unique(test.name, profile)
            try:
                trial = _Trial(test, profiles.of(document, profile)[1], methods, budget)
                failed = tuple(islice(trial.failed(), max(1, room)))
            except OverBudget:
                yield Result(index, test, name, profile, is_run=False)
                return
            room -= len(failed)
            reason = ""
            if failed and left > 0:
                page = failed[0].exchange.request
                question = Question(document, profile, test.path, page, dropped_of(test), profiles=profiles)
                left -= _entries(question)
                reason = _reason(question)
            more = trial.failures - len(failed)
            yield Result(index, test, name, profile, trial.governed, failed, more, reason)


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


def dropped_of(test: Test) -> Dropped | None:
    """What the request of a test arrives with instead of `Origin`; None where it has `Origin`."""
    if test.host is None and test.fallback is None:
        return None
    return Dropped(test.host, {name.lower(): value for name, value in (test.fallback or {}).items()})


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


def all_methods(document: Document) -> tuple[str, ...]:
    """GET, HEAD, POST, every method in the file, and one unknown."""
    named = (
        *(method for rule in document.rules for method in rule.methods),
        *(method for test in document.tests for method in (*(test.allow or ()), *(test.deny or ()))),
    )
    others = (each for each in named if each != EVERY_METHOD)
    return tuple(dict.fromkeys(("GET", "HEAD", "POST", *others, UNKNOWN_METHOD)))


class _Methods:
    """The methods of a file in groups that a browser treats alike (see `all_methods`).

    Whether it sends a request depends on no more of the method than this: whether it is safelisted, whether a page may
    use it at all, and whether the preflight's answer lists it (https://fetch.spec.whatwg.org/#cors-preflight-fetch). So
    one method of a group stands for all of them.
    """

    def __init__(self, document: Document) -> None:
        self.place = {method: place for place, method in enumerate(all_methods(document))}
        self._listed: dict[str, frozenset[str]] = {}
        self._groups: dict[str, tuple[list[str], ...]] = {}

    def listed(self, allowed: str) -> frozenset[str]:
        """The methods that the preflight's answer lists."""
        if allowed not in self._listed:
            answer = ServerAnswer(OK, ((fetch.ALLOW_METHODS, allowed),))
            self._listed[allowed] = frozenset(answer.listed(fetch.ALLOW_METHODS))
        return self._listed[allowed]

    def groups(self, allowed: str, budget: Budget) -> tuple[list[str], ...]:
        """The groups where the preflight's answer lists the methods `allowed`, each in the order of the file."""
        if allowed not in self._groups:
            budget.spend(len(self.place))
            groups: tuple[list[str], ...] = ([], [], [], [])
            for method in self.place:
                groups[_group_of(method, self.listed(allowed))].append(method)
            self._groups[allowed] = groups
        return self._groups[allowed]


def _group_of(method: str, listed: frozenset[str]) -> int:
    if method in fetch.SAFELISTED_METHODS:
        return 0
    if browser.request_failure(PageRequest("null", method)) is not None:
        return 1
    return 2 if method in listed else 3


class _Trial:
    """A test in one profile. `failures` counts those found so far; `governed` is whether a rule covers its path."""

    def __init__(self, test: Test, matcher: Matcher, methods: _Methods, budget: Budget) -> None:
        self._test, self._matcher, self._methods, self._budget = test, matcher, methods, budget
        # Each header of a test counts as one that needs permission, whatever its name.
        self._headers = tuple((name, fetch.UNSAFE_VALUE) for name in test.headers)
        self._dropped = dropped_of(test)
        governing = matcher.governing(wsgi_form(test.path))
        self.governed = governing is not None
        arrived = test.origin if self._dropped is None else matcher.fallback.origin(*self._dropped)
        self._patterns = 0 if governing is None or arrived is None else governing.grants.searched(arrived)
        preflight = self._ask(UNKNOWN_METHOD).preflight
        self._allowed = "" if preflight is None else dict(preflight.headers).get(fetch.ALLOW_METHODS, "")
        self._listed = methods.listed(self._allowed)
        self._readable: dict[int, bool] = {}
        self.failures = 0

    def failed(self) -> Iterator[Failed]:
        """The methods that do not come out as the test says."""
        found = []
        for key, entries in (("allow", self._test.allow or ()), ("deny", self._test.deny or ())):
            self._budget.spend(len(entries))
            for position, entry in enumerate(entries):
                failing = self._failing(entry, readable=key == "deny")
                self.failures += sum(map(len, failing))
                found.append((key, position, merge(*failing, key=self._methods.place.__getitem__)))
        for key, position, methods in found:
            for method in methods:
                yield Failed(method, position, key, self._ask(method))

    def _failing(self, entry: str, *, readable: bool) -> list[list[str]]:
        """The methods that an entry stands for of which the page can read the answer, or cannot, by their groups."""
        groups = self._methods.groups(self._allowed, self._budget)
        if entry != EVERY_METHOD:
            number = _group_of(entry, self._listed)
            groups = tuple([entry] if number == each else [] for each in range(len(groups)))
        return [
            group for number, group in enumerate(groups) if group and self._is_readable(number, group[0]) is readable
        ]

    def _is_readable(self, number: int, method: str) -> bool:
        if number not in self._readable:
            self._readable[number] = self._ask(method).verdict.readable
        return self._readable[number]

    def _ask(self, method: str) -> Exchange:
        request = PageRequest(self._test.origin, method, self._headers, self._test.credentials)
        found = exchange(self._matcher, self._test.path, request, dropped=self._dropped)
        answered = () if found.preflight is None else found.preflight.headers
        self._budget.spend(
            STEPS_OF_AN_EXCHANGE
            + len(self._headers)
            + self._patterns
            + sum(len(value) for _, value in answered) // STEPS_OF_AN_EXCHANGE
        )
        return found


def problems(results: Iterable[Result]) -> Iterator[Problem]:
    """What is wrong with tests that ran (CR401, CR407), and CR410 where there are so many that some were not run."""
    results = list(results)
    yield from (_not_run(result) for result in results if not result.is_run)
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
        profiles = listed(result.profile for result in those if result.profile is not None)
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
    denying = {
        each.index: each.test
        for each in results
        if each.is_run and each.test.deny and not each.governed and not each.failed
    }
    for index, test in denying.items():
        yield Problem(
            "CR407",
            f"no rule covers `{test.path}`, so this denial proves nothing",
            Place(("tests", index, "deny")),
            "what the application sets itself decides there: ask for a path that a rule covers, or write a rule for "
            "this one (`origins = []` names nobody)",
        )


def _not_run(result: Result) -> Problem:
    profile = "" if result.profile is None else f" in profile `{result.profile}`"
    return Problem(
        "CR410",
        f"the tests from `{result.test.name}`{profile} on were not run: there are too many, each in too many profiles",
        Place(("tests", result.index)),
        "name the profiles that a test is about in its `profiles`, and its methods in fewer tests",
    )


def why(failed: Failed) -> str:
    """What happened instead, in words."""
    failure = failed.exchange.verdict.failure
    if failure is not None:
        return f"{failed.method} is blocked ({failure.message})"
    rule = failed.exchange.answer.rule
    return f"{failed.method} is allowed by `{rule}`"
