"""What `corsrules.web.browser` says of browsers, and what a real Chromium does."""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from chromium import Arrived, Observed, visit_all
from chromium_matrix import CELLS, CELLS_OF, NOTHING, PAGES, RULES, SPECIAL_CHARACTERS, UNUSUAL_PAGES, VISITED, Page
from flask import Flask

from corsrules.engine.exchange import exchange
from corsrules.web import browser, fetch, origin
from corsrules.web.browser import Verdict

#: Read before conftest.py removes the settings that come from outside.
BROWSER_IS_REQUIRED = os.environ.get("CORSRULES_REQUIRE_BROWSER") == "1"
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def observed(make_app: Callable[..., Flask], tmp_path_factory: pytest.TempPathFactory) -> Observed:
    """What came of all visits, which are made once."""
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        reason = f"no browser: none of {', '.join(BROWSERS)} is on the PATH"
        pytest.fail(reason) if BROWSER_IS_REQUIRED else pytest.skip(reason)
    return visit_all(executable, make_app(RULES, profile="browser"), tmp_path_factory.mktemp("browser"))


#: Headers that the server adds to what the application answers.
OF_THE_SERVER = ("date", "server")


def differences(number: int, observed: Observed) -> Iterator[str]:
    """Where the browser did something else than the steps say, given what really arrived and was answered."""
    cell = CELLS[number]
    shown = observed.seen[cell.page]["answers"][str(number)]
    arrived = observed.arrived.get(number, [])
    preflights = [each for each in arrived if each.is_preflight]
    requests = [each for each in arrived if not each.is_preflight]
    preflight = preflights[0].answer if preflights else None

    sends = browser.request_failure(cell.request) is None
    asks_first = sends and browser.needs_preflight(cell.request)
    is_refused = preflight is not None and browser.preflight_failure(cell.request, preflight) is not None
    if len(preflights) != asks_first:
        yield f"{len(preflights)} preflights"
    if [each.method for each in requests] != [cell.request.method] * (sends and not is_refused):
        yield f"{[each.method for each in requests]} arrived"
    for each in preflights:
        said = {name: each.headers.get(name.lower()) for name in browser.preflight_headers(cell.request)}
        if said != browser.preflight_headers(cell.request) or "cookie" in each.headers:
            yield f"the preflight says {each.headers}"
    for each in requests:
        if each.headers.get("origin") != cell.request.origin:
            yield f"Origin is {each.headers.get('origin')}"
        if "cookie" in each.headers and not cell.request.credentials:
            yield "cookies without credentials"

    verdict = browser.verdict(cell.request, preflight, requests[0].answer if requests else NOTHING)
    yield from contradictions(verdict, shown, requests)


def contradictions(verdict: Verdict, shown: dict[str, Any], requests: list[Arrived]) -> Iterator[str]:
    """What script saw, against the verdict."""
    if "error" in shown:
        if verdict.readable or shown["error"] != "TypeError":
            yield f"the browser: {shown['error']}; corsrules: {verdict}"
        return
    if not verdict.readable:
        yield f"the browser: {shown}; corsrules: {verdict}"
        return
    answer = requests[0].answer
    names = {name.lower() for name, _ in answer.headers} | set(OF_THE_SERVER)
    exposed = {name for name in names if verdict.exposes(name)}
    if (shown["status"], set(shown["headers"])) != (answer.status, exposed):
        yield f"the browser: {shown}; corsrules: {answer.status} with {sorted(exposed)}"


@pytest.fixture
def chromium(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chromium's one departure from the standard: it counts `authorization` to `Access-Control-Allow-Headers: *`."""
    monkeypatch.setattr(browser, "NON_WILDCARD_REQUEST_HEADERS", frozenset())


@pytest.mark.usefixtures("chromium")
@pytest.mark.parametrize("page", VISITED, ids=str)
def test_the_browser_does_what_the_standard_says(page: Page, observed: Observed) -> None:
    found = [f"{CELLS[number]}: {each}" for number in CELLS_OF[page] for each in differences(number, observed)]
    assert observed.seen[page]["origin"] == page.origin
    assert found == []


@pytest.mark.usefixtures("chromium")
@pytest.mark.parametrize("page", [*PAGES, *UNUSUAL_PAGES], ids=str)
def test_the_verdict_on_the_adapter_is_the_browsers(page: Page, observed: Observed, cors_verdict: Any) -> None:
    """Over a Flask test client (by the fixture of our pytest plugin), and by `proof`, which asks the matcher."""
    client = observed.app.test_client()
    found = []
    for number in CELLS_OF[page]:
        _, path, asked = CELLS[number]
        shown = observed.seen[page]["answers"][str(number)]
        requests = [each for each in observed.arrived.get(number, []) if not each.is_preflight]
        for verdict in (
            cors_verdict(
                client,
                asked.origin,
                path,
                method=asked.method,
                headers=dict(asked.headers),
                credentials=asked.credentials,
            ),
            exchange(observed.matcher, path, asked).verdict,
        ):
            found += [f"{CELLS[number]}: {each}" for each in contradictions(verdict, shown, requests)]
    assert found == []


#: What a page sends as `Origin` that is no origin to us (docs/semantics.md §2.1), so that nothing but `"*"` allows it.
@pytest.mark.parametrize("page", VISITED, ids=str)
def test_which_pages_have_an_origin(page: Page) -> None:
    is_usual = not any(each in page.origin for each in SPECIAL_CHARACTERS + ",%") and page.origin != "null"
    assert (origin.parse(page.origin) is not None) == (is_usual and not page.origin.endswith("."))


@pytest.mark.parametrize("page", VISITED, ids=str)
def test_a_browser_sends_the_origin_of_every_page(page: Page, observed: Observed) -> None:
    assert observed.seen[page]["origin"] == page.origin
    assert origin.is_sent(page.origin)


def test_chromium_departs_from_the_standard_in_one_thing_only(observed: Observed) -> None:
    """https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name; a release of it may end this."""
    departing = {
        number
        for number, (_, path, asked) in enumerate(CELLS)
        if any(name.lower() == "authorization" for name, _ in asked.headers)
        and not asked.credentials
        and ((fetch.ALLOW_HEADERS, "*") in preflight_of(number, observed))
    }
    assert {number for number in range(len(CELLS)) if any(differences(number, observed))} == departing
    assert len(departing) > len(PAGES)


def preflight_of(number: int, observed: Observed) -> tuple[tuple[str, str], ...]:
    return next((each.answer.headers for each in observed.arrived.get(number, []) if each.is_preflight), ())


def test_both_outcomes_are_met(observed: Observed) -> None:
    """Of the matrix, for each kind of request and for each path that has both."""
    outcomes: dict[object, set[bool]] = defaultdict(set)
    for number, (page, path, asked) in enumerate(CELLS):
        if page in PAGES:
            readable = "error" not in observed.seen[page]["answers"][str(number)]
            outcomes[asked[1:]].add(readable)
            outcomes[path].add(readable)
    assert {each for each, found in outcomes.items() if found == {False}} == {"/nobody/orders", "/ungoverned"}
    assert {each for each, found in outcomes.items() if found == {True}} == set()


def test_cookies_go_with_credentials_only(observed: Observed) -> None:
    """From pages of the site that the API belongs to: others may be kept from having any."""
    for number, (page, _, asked) in enumerate(CELLS):
        if page.origin == "https://admin.example.test":
            cookies = {each.headers.get("cookie") for each in observed.arrived[number] if not each.is_preflight}
            assert cookies <= {"session=1" if asked.credentials else None}
