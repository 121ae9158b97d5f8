"""`explain`: which path and which rule decide, and why not the others; what is explained is what is sent."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import strategies
from explaining import APP, RULES, run
from flask import Flask, Response

from corsrules.analysis import diagnosis
from corsrules.analysis.explain import Explanation, Question, explain
from corsrules.engine.exchange import Dropped
from corsrules.flask import CorsRules
from corsrules.language import origin_pattern, toml
from corsrules.language.model import Document
from corsrules.loading import accept
from corsrules.web import browser, fetch
from corsrules.web.browser import PageRequest


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cors.toml").write_text(RULES, encoding="utf-8")


def document(text: str) -> Document:
    return accept(text, "cors.toml").document


#: what differs, the path of the rule, the path of the request, the words that say so
PATH_DIFFERENCES = [
    ("another segment", "/api/admin/*", "/api/x", "segment 2 is `x`, not `admin`"),
    ("too short", "/api/admin/*", "/api", "the request ends before `admin`"),
    ("below an exact path", "/health", "/health/x", "it is that path alone, without what is below"),
    ("below the root", "/", "/x", "it is that path alone, without what is below"),
    ("a slash more", "/health", "/health/", "the request has a slash at the end"),
    ("a slash less", "/health/", "/health", "the request has no slash at the end"),
    ("the case", "/Api/*", "/api/x", "the case differs"),
    ("part of a segment", "/api/*", "/api2/x", "segment 1 is `api2`, not `api`"),
    ("dots", "/api/*", "/api/../x", "no rule is applied to a path with an empty, `.` or `..` segment"),
]


@pytest.mark.parametrize(
    ("rule", "requested", "words"), [row[1:] for row in PATH_DIFFERENCES], ids=[row[0] for row in PATH_DIFFERENCES]
)
def test_why_a_path_does_not_cover(rule: str, requested: str, words: str) -> None:
    text = f'version = 1\n[[rules]]\npaths = ["{rule}"]\norigins = ["{APP}"]\n'
    explanation = explain(Question(document(text), None, requested, PageRequest(APP, "GET")))
    assert [reading.why for reading in explanation.paths] == [words]


#: what decides, the origin, its rule, its pattern and where that stands
DECIDERS = [
    ("the exact origin before the patterns", "https://a.b.example.com", "exact", "https://a.b.example.com", (4, 12)),
    ("the narrower pattern", "https://x.b.example.com", "narrow", "https://*.b.example.com", (7, 12)),
    ("the wider one", "https://x.c.example.com", "wide", "https://**.example.com", (10, 12)),
    ("* last", "https://evil.test", "all", "*", (13, 12)),
    ("* for what is no origin", "null", "all", "*", (13, 12)),
]


DECIDING = """\
version = 1
[[rules]]
name = "exact"
origins = ["https://a.b.example.com"]
[[rules]]
name = "narrow"
origins = ["https://*.b.example.com"]
[[rules]]
name = "wide"
origins = ["https://**.example.com"]
[[rules]]
name = "all"
origins = ["*"]
"""


@pytest.mark.parametrize(
    ("origin", "rule", "pattern", "place"), [row[1:] for row in DECIDERS], ids=[row[0] for row in DECIDERS]
)
def test_what_decides(origin: str, rule: str, pattern: str, place: tuple[int, int]) -> None:
    Path("deciding.toml").write_text(DECIDING, encoding="utf-8")
    (found,) = json.loads(run(origin, "--file", "deciding.toml", "--format", "json").stdout)["explanations"]
    (decider,) = [(each["rule"], one) for each in found["rules"] for one in each["origins"] if one["decides"]]
    assert (found["rule"], decider[0], decider[1]["pattern"]) == (rule, rule, pattern)
    assert (decider[1]["line"], decider[1]["column"]) == place


class OneView(Flask):
    """Every path and method has the same view, so that routing plays no part."""

    def dispatch_request(self) -> Response:
        return Response("view")


def random_question(choose: Callable[[Any], Any], file: strategies.File, parsed: Document) -> Question:
    """A question near the boundaries of the file's rules, every other one well inside them."""
    asked = strategies.request(choose, file)
    origin = asked.origin if asked.origin is not None else strategies.origin_value(choose, choose(file.patterns()))
    path = asked.path.encode("latin-1").decode(errors="surrogateescape")
    if choose((False, True)):
        named = origin_pattern.parse(choose(file.patterns()))
        assert named is not None
        origin = origin_pattern.example_origin(named)
        path = choose(choose(parsed.rules).paths).removesuffix("/*") + choose(("", "/x"))
    named_headers = [name for rule in parsed.rules for name in rule.request_headers if name != "*"]
    names = [choose((*named_headers, "x-other", "authorization")) for _ in range(int(choose("0012")))]
    methods = [method for rule in parsed.rules for method in rule.methods if method != "*"]
    page = PageRequest(
        origin,
        choose(("GET", "GET", "POST", "PUT", "DELETE", "patch", "X-OWN", *methods)),
        tuple((name, fetch.UNSAFE_VALUE) for name in names),
        choose((False, True)),
    )
    is_dropped = choose((False, False, True))
    dropped = Dropped(asked.host or "api.example.com", asked.fallback) if is_dropped else None
    return Question(parsed, file.profile, path, page, dropped)


def request_headers(question: Question) -> dict[str, str]:
    """What of the page's request the server sees, beside its method and path."""
    return instead_of_origin(question) | dict(question.page.headers)


def instead_of_origin(question: Question) -> dict[str, str]:
    if question.dropped is None:
        return {"Origin": question.page.origin}
    return {"Host": question.dropped.host or "", **question.dropped.headers}


def assert_sent(explanation: Explanation, app: Flask, send: Callable[..., Any]) -> str:
    """What is explained is what the adapter sends; the kind of case this was."""
    question = explanation.question
    path = question.path.encode(errors="surrogateescape").decode("latin-1")
    sent = send(app, path, question.page.method, request_headers(question))
    answer = dict(explanation.exchange.answer.headers_and_vary)
    assert answer == dict_of(sent), "the request's answer"
    if explanation.exchange.preflight is not None:
        asking = instead_of_origin(question)
        asking["Access-Control-Request-Method"] = question.page.method
        asking["Access-Control-Request-Headers"] = ",".join(browser.unsafe_header_names(question.page.headers))
        sent = send(app, path, "OPTIONS", asking)
        assert dict(explanation.exchange.preflight.headers_and_vary) == dict_of(sent), "the preflight's answer"
        if explanation.exchange.preflight.status is None:
            assert (sent.status, sent.body) == (200, b"view"), "the application's"
        else:
            assert (sent.status, sent.body) == (explanation.exchange.preflight.status, b"")
    if not explanation.exchange.answer.governed:
        return "ungoverned"
    return "readable" if explanation.exchange.verdict.readable else "blocked"


def dict_of(sent: Any) -> dict[str, str]:
    """The `Access-Control-*` headers and `Vary` of what was sent, each once, as they were spelled."""
    found = [(name, value) for name, value in sent.headers if name == "Vary" or name.startswith("Access-Control-")]
    assert len(dict(found)) == len(found)
    return dict(found)


def assert_consistent(explanation: Explanation, places: dict[Any, toml.Location], text: str) -> None:
    """What is read off the file is what the matcher did, and stands where it is said to stand."""
    answer = explanation.exchange.answer
    decided = explanation.decided
    assert (decided is not None) == answer.allowed
    if decided is not None:
        assert decided[0].rule.label == answer.rule
        start, end = places[decided[1].place].value
        assert json.loads(text[start:end]) == decided[1].text
    if answer.governed and explanation.governing is None:
        assert (
            not explanation.question.path.startswith("/")
            or "/." in explanation.question.path
            or ("//" in explanation.question.path)
        )
    elif explanation.governing is not None:
        assert answer.governed
    found = diagnosis.find(explanation)
    assert found or explanation.exchange.verdict.readable, "what is blocked has a reason"
    assert all(miss.place in places for miss in found if miss.place is not None)
    assert all(reading.place in places for reading in explanation.paths)


def test_the_explained_headers_are_those_that_flask_sends(tmp_path: Path, send: Callable[..., Any]) -> None:
    seed = int(os.environ.get("CORSRULES_SEED", "1"))
    cases = int(os.environ.get("CORSRULES_CASES", "2000"))
    choose = random.Random(seed).choice
    kinds = {"ungoverned": 0, "blocked": 0, "readable": 0}
    while sum(kinds.values()) < cases:
        file = strategies.file(choose)
        parsed = document(file.text)
        (tmp_path / "random.toml").write_text(file.text, encoding="utf-8")
        app = OneView("one_view")
        CorsRules(app, tmp_path / "random.toml", profile=file.profile)
        places = toml.locate(file.text)
        for _ in range(100):
            question = random_question(choose, file, parsed)
            try:
                explanation = explain(question)
                kinds[assert_sent(explanation, app, send)] += 1
                assert_consistent(explanation, places, file.text)
            except Exception as error:
                shown = (question.profile, question.path, question.page, question.dropped)
                raise AssertionError(f"seed {seed}\n{file.text}\n{shown}") from error
    assert min(kinds.values()) * 50 > cases, f"seed {seed}: {kinds}"
