"""Runs the `[[tests]]` of a document: what a browser would conclude, compared with what the file says it must.

A test asks the compiled matcher for its answers, as an adapter would, and the Fetch standard's own steps for the
browser's conclusion. How a request is decided, or what a browser does, is written nowhere here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from corsrules.engine.exchange import Exchange, exchange
from corsrules.findings import Place, Problem
from corsrules.language.model import Document, Test
from corsrules.language.policy import policies_of
from corsrules.web import fetch
from corsrules.web.browser import PageRequest

if TYPE_CHECKING:
    from corsrules.engine.matcher import Matcher

EVERY_METHOD = "*"

#: A method that no file names, for what must hold of every method.
UNKNOWN_METHOD = "UNKNOWN-METHOD"


class Failed(NamedTuple):
    """A method that did not come out as the test says."""

    method: str
    position: int
    key: str
    exchange: Exchange


@dataclass(frozen=True)
class Result:
    """One test in one profile."""

    index: int
    test: Test
    profile: str | None
    exchanges: tuple[Exchange, ...]
    failed: tuple[Failed, ...]


def run(document: Document) -> Iterator[Result]:
    """Every test in every profile it names, in the order of the file."""
    from corsrules.engine.compiler import compile_policy  # only a file with tests is compiled here

    matchers = {policy.profile: compile_policy(policy) for policy in policies_of(document)}
    methods = _all_methods(document)
    for index, test in enumerate(document.tests):
        for profile in matchers if test.profiles is None else test.profiles:
            yield _run(index, test, profile, matchers, methods)


def _all_methods(document: Document) -> tuple[str, ...]:
    """GET, HEAD, POST, every method in the file, and one unknown."""
    named = (
        *(method for rule in document.rules for method in rule.methods),
        *(method for test in document.tests for method in (*(test.allow or ()), *(test.deny or ()))),
    )
    return tuple(dict.fromkeys(("GET", "HEAD", "POST", *(each for each in named if each != "*"), UNKNOWN_METHOD)))


def _run(
    index: int, test: Test, profile: str | None, matchers: Mapping[str | None, Matcher], methods: tuple[str, ...]
) -> Result:
    exchanges: list[Exchange] = []
    failed: list[Failed] = []
    for key, listed in (("allow", test.allow or ()), ("deny", test.deny or ())):
        for position, entry in enumerate(listed):
            for method in methods if entry == EVERY_METHOD else (entry,):
                # Each header of a test counts as one that needs permission, whatever its name.
                headers = tuple((name, fetch.UNSAFE_VALUE) for name in test.headers)
                request = PageRequest(test.origin, method, headers, test.credentials)
                found = exchange(matchers[profile], test.path, request, dropped_at=test.host)
                exchanges.append(found)
                if found.verdict.readable != (key == "allow"):
                    failed.append(Failed(method, position, key, found))
    return Result(index, test, profile, tuple(exchanges), tuple(failed))


def problems(results: Iterable[Result]) -> Iterator[Problem]:
    """CR401 for each test that failed: one a test, with the first thing that went wrong and where else it did."""
    failures: dict[int, list[Result]] = {}
    for result in results:
        if result.failed:
            failures.setdefault(result.index, []).append(result)
    for index, failing in failures.items():
        first = failing[0].failed[0]
        profiles = ", ".join(f"`{result.profile}`" for result in failing if result.profile is not None)
        where = f" in {profiles}" if profiles else ""
        yield Problem(
            "CR401",
            f"test `{failing[0].test.name}` failed{where}: {why(first)}",
            Place(("tests", index, first.key, first.position)),
            "mend the rule, or the test if it is the one that is wrong",
        )


def why(failed: Failed) -> str:
    """What happened instead, in words."""
    failure = failed.exchange.verdict.failure
    if failure is not None:
        return f"{failed.method} is blocked ({failure.message})"
    rule = failed.exchange.answer.rule
    return f"{failed.method} is allowed by `{rule}`"
