"""The package against the executable specification, on generated files and requests near their boundaries.

Run as a script it is the bulk driver: `python tests/engine/test_differential.py COUNT SEED`.
The test runs a small count of the same; CORSRULES_CASES raises it.
"""

import os
import random
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import reference
import strategies
from answers import Answer, ask, cors_lines, names_in, vary_lines
from environs import environ
from flask import Flask, Response, request
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from strategies import File, Request

import corsrules
import corsrules.engine.grants
from corsrules.flask import CorsRules

# Not shrunk: each step would check a whole file again, for minutes. What is found is cut down by hand, into `FOUND`.
QUICK = settings(
    max_examples=200,
    deadline=None,
    print_blob=True,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)

# --- decide -----------------------------------------------------------------------------------------------------------


def expected(file: File, asked: Request) -> tuple[Any, ...]:
    answer = reference.decide(
        file.document,
        file.profile,
        asked.path,
        asked.origin,
        preflight=asked.preflight,
        host=asked.host,
        fallback=asked.fallback,
    )
    return answer.governed, answer.allowed, file.label(answer.rule), answer.headers, answer.vary


def decided(matcher: corsrules.Matcher, asked: Request) -> tuple[Any, ...]:
    decision = matcher.decide(
        asked.path, asked.origin, preflight=asked.preflight, host=asked.host, fallback=asked.fallback
    )
    return decision.governed, decision.allowed, decision.rule, dict(decision.headers), decision.vary


# Each row is a disagreement that was found once: what it is, the pattern, the origin, whether it is allowed.
# (§ is a section of docs/semantics.md.)
FOUND: tuple[tuple[str, str, str, bool], ...] = (
    ("§2.1 the longest label", "https://**.example.com", f"https://{'a' * 63}.example.com", True),
    ("§2.1 a label has 63 characters at most", "https://**.example.com", f"https://{'a' * 64}.example.com", False),
    ("§2.1 the same, with ports", "https://**.example.com:*", f"https://{'a' * 64}.example.com:8443", False),
    ("§2.1 the same, deeper", "https://**.example.com", f"https://b.{'a' * 64}.example.com", False),
    ("§2.3 I1: no scheme, one label", "https://*.example.com", "evil.example.com", False),
    ("§2.3 I1: no scheme, part of a label", "https://pr-*.example.com", "evil.example.com", False),
    ("§2.3 I1: no scheme, one label under `**`", "https://**.example.com", "evil.example.com", False),
    ("§2.3 I1: no scheme, two labels under `**`", "https://**.example.com", "b.evil.example.com", False),
    ("§2.3 I1: no scheme, a port", "https://*.example.com:8443", "evil.example.com:8443", False),
    ("§2.3 I1: no scheme, every port of a custom scheme", "app://*.example.com:*", "evil.example.com", False),
    ("§2.3 I1: no scheme, a port of a range", "https://*.example.com:80-90", "evil.example.com:80", False),
)


@pytest.mark.parametrize(("pattern", "origin", "allowed"), [row[1:] for row in FOUND], ids=[row[0] for row in FOUND])
def test_what_was_found_once(pattern: str, origin: str, allowed: bool) -> None:
    matcher = corsrules.loads(f'version = 1\n[[rules]]\norigins = ["{pattern}"]\n')
    assert matcher.decide("/", origin).allowed is allowed
    assert reference.pattern_matches(pattern, origin) is allowed


@QUICK
@given(data=st.data())
def test_decide_is_the_specification(data: st.DataObject) -> None:
    file = data.draw(strategies.files())
    matcher = corsrules.loads(file.text, profile=file.profile)
    for _ in range(10):
        asked = data.draw(strategies.requests_to(file))
        assert decided(matcher, asked) == expected(file, asked)


def test_decide_is_the_specification_in_bulk() -> None:
    count, seed = int(os.environ.get("CORSRULES_CASES", "60000")), int(os.environ.get("CORSRULES_SEED", "1"))
    tally = main(count, seed)
    assert tally.disagreements == [], f"seed {seed}: {tally}"
    assert tally.cases >= count
    # The cases are worth something only where they reach every kind of answer.
    assert min(tally.allowed, tally.denied, tally.ungoverned) * 20 > tally.cases, f"seed {seed}: {tally}"


class Tally:
    """What a bulk run saw; `disagreements` keeps the first hundred."""

    def __init__(self) -> None:
        self.files = self.cases = self.allowed = self.denied = self.ungoverned = self.disagreeing = 0
        self.disagreements: list[tuple[str, str | None, Request, Any, Any]] = []

    def __repr__(self) -> str:
        return (
            f"{self.cases} cases on {self.files} files ({self.allowed} allowed, {self.denied} denied, "
            f"{self.ungoverned} ungoverned), {self.disagreeing} disagreements"
        )


def main(count: int, seed: int) -> Tally:
    """Compares at least `count` seeded random cases, many of them on each file."""
    choose = random.Random(seed).choice
    tally = Tally()
    while tally.cases < count:
        with strategies.remembering_reference():
            file = strategies.file(choose)
            flat = File(file.text, None, strategies.without_groups(file))
            # The ends of patterns are looked for in two ways; few files have patterns enough for the second.
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(corsrules.engine.grants, "FEW", choose((0, corsrules.engine.grants.FEW)))
                matcher = corsrules.loads(file.text, profile=file.profile)
            tally.files += 1
            for asked in many_requests(choose, file):
                want, got = expected(flat, asked), decided(matcher, asked)
                tally.cases += 1
                tally.allowed += want[1]
                tally.denied += want[0] and not want[1]
                tally.ungoverned += not want[0]
                if want != got:
                    tally.disagreeing += 1
                    if len(tally.disagreements) < 100:
                        tally.disagreements.append((file.text, file.profile, asked, want, got))
    return tally


def many_requests(choose: strategies.Choose[Any], file: File) -> Iterator[Request]:
    """Some paths by some origins (or none, with a Host and fallback headers), each as a preflight and as not one."""
    patterns = file.patterns()
    paths = {strategies.request_path(choose, file.document) for _ in range(12)}
    paths.update(p.removesuffix("*") for rule in file.document["rules"] for p in rule.get("paths", []) if p.isascii())
    origins = {strategies.origin_value(choose, choose(patterns)) for _ in range(50)}
    sources = [(origin, None, {}) for origin in sorted(origins)]
    for _ in range(15):
        pattern = choose(patterns)
        fallback = strategies.fallback_values(choose, file.document, pattern)
        sources.append((None, strategies.host_value(choose, pattern), fallback))
    for path, (origin, host, fallback), preflight in product(sorted(paths), sources, (False, True)):
        yield Request(path, origin, preflight, host, fallback)


# --- the Flask adapter ------------------------------------------------------------------------------------------------

# What the application itself says, as (name, value) pairs; the adapter is the only writer where a rule governs.
VIEWS: tuple[tuple[str, list[tuple[str, str]]], ...] = (
    ("says nothing", []),
    ("allows everyone", [("Access-Control-Allow-Origin", "*")]),
    (
        "allows evil with credentials, and varies",
        [
            ("Access-Control-Allow-Origin", "https://evil.test"),
            ("Access-Control-Allow-Credentials", "true"),
            ("Vary", "Accept-Encoding"),
        ],
    ),
    (
        "writes lower case, and twice",
        [("access-control-allow-origin", "null"), ("ACCESS-CONTROL-ALLOW-ORIGIN", "*"), ("vary", "accept, ORIGIN")],
    ),
    ("varies on two lines", [("Vary", "Accept, Cookie"), ("Vary", "cookie, Origin")]),
    ("varies on everything", [("Vary", "*"), ("Access-Control-Max-Age", "5")]),
    ("varies on a name like ours", [("Vary", "X-Origin,x-client-origin"), ("Access-Control-Whatever", "x")]),
    ("answers preflights itself", [("Access-Control-Allow-Methods", "PUT"), ("Access-Control-Allow-Headers", "*")]),
)


class OneView(Flask):
    """Every path and method has the same view, so that routing plays no part."""

    def dispatch_request(self) -> Response:
        return Response("view", headers=VIEWS[int(request.environ["test.view"])][1])


def flask_app(file: File, directory: Path) -> OneView:
    (directory / "cors.toml").write_text(file.text, encoding="utf-8")
    app = OneView("one_view")
    CorsRules(app, directory / "cors.toml", profile=file.profile)
    return app


def request_of(asked: Request, method: str, view: int) -> dict[str, Any]:
    headers: dict[str, str] = {}
    if asked.origin is not None:
        headers["Origin"] = asked.origin
    if asked.host is not None:
        headers["Host"] = asked.host
    if asked.preflight:
        headers["Access-Control-Request-Method"] = "PUT"
    headers.update(asked.fallback)
    return environ(asked.path, method, headers, **{"test.view": str(view)})


def assert_served(file: File, asked: Request, method: str, view: int, got: Answer) -> None:
    """docs/semantics.md §2.3, the table: what the client gets is what the reference says."""
    status, headers, body = got
    given = VIEWS[view][1]
    said = reference.respond(file.document, file.profile, request_of(asked, method, view))
    cors, vary, view_vary = cors_lines(headers), vary_lines(headers), vary_lines(given)
    if said.kind == "untouched":
        assert (status, body if method != "HEAD" else b"view") == (200, b"view")
        assert (cors, vary) == (cors_lines(given), view_vary)
        return
    assert sorted(cors) == sorted(said.set.items())
    if said.kind == "answered":
        assert (status, body) == (said.status, b"")
        assert names_in(vary) == names_in(list(said.vary))
        assert status != 204 or "content-length" not in [name.lower() for name, _ in headers]
        return
    assert status == 200
    assert len(vary) <= 1 or not said.vary, "merged into one line"
    if "*" in view_vary:
        assert "*" in names_in(vary)
    else:
        assert names_in(vary) == names_in([*view_vary, *said.vary])
        assert vary == [] or len(vary[0].split(",")) == len(names_in(vary)), "never twice"


@QUICK
@given(data=st.data())
def test_flask_answers_as_the_specification_says(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = data.draw(strategies.files())
    app = flask_app(file, tmp_path_factory.mktemp("app"))
    for _ in range(6):
        asked = data.draw(strategies.requests_to(file))
        method = data.draw(st.sampled_from(["OPTIONS", "OPTIONS", "GET", "PUT"]))
        view = data.draw(st.sampled_from(range(len(VIEWS))))
        assert_served(file, asked, method, view, ask(app, request_of(asked, method, view)))


def test_flask_answers_as_the_specification_says_in_bulk(tmp_path: Path) -> None:
    seed = int(os.environ.get("CORSRULES_SEED", "1"))
    choose = random.Random(seed).choice
    kinds: dict[str, int] = {"untouched": 0, "answered": 0, "passed": 0}
    for number in range(max(20, int(os.environ.get("CORSRULES_CASES", "0")) // 1000)):
        file = strategies.file(choose)
        app = flask_app(file, tmp_path)
        for _ in range(200):
            asked, view = strategies.request(choose, file), choose(range(len(VIEWS)))
            method = choose(("OPTIONS", "GET", "PUT"))
            got = ask(app, request_of(asked, method, view))
            try:
                assert_served(file, asked, method, view, got)
            except AssertionError as error:
                raise AssertionError(f"seed {seed}, file {number}\n{file}\n{asked} {method} {VIEWS[view]}") from error
            kinds[reference.respond(file.document, file.profile, request_of(asked, method, view)).kind] += 1
    assert min(kinds.values()) >= 200, f"seed {seed}: {kinds}"


if __name__ == "__main__":
    outcome = main(int(sys.argv[1]), int(sys.argv[2]))
    for disagreement in outcome.disagreements[:10]:
        sys.stdout.write("\n".join(map(str, disagreement)) + "\n\n")
    sys.stdout.write(f"seed {sys.argv[2]}: {outcome}\n")
    sys.exit(bool(outcome.disagreements))
