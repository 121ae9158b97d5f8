"""`[[tests]]` of a file: each asks what a browser would conclude, in each profile it names."""

from __future__ import annotations

import itertools
import os
import random
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest
import reference
import strategies
import tomli

import corsrules
from corsrules.analysis import filetests
from corsrules.analysis.filetests import MOST_READ
from corsrules.language import model, origin_pattern

RULES = """\
version = 1
[profiles.production.origins]
web = ["https://app.example.com"]
[profiles.development]
development = true
origins.web = ["http://localhost:*"]
[[rules]]
name = "session"
paths = ["/api/*"]
origins = ["web"]
methods = ["PUT"]
request-headers = ["x-csrf-token"]
credentials = true
[[rules]]
name = "status"
paths = ["/status"]
origins = ["*"]
methods = ["*"]
request-headers = ["*", "authorization"]
[[rules]]
name = "café"
paths = ["/café/*"]
origins = ["https://b.example.com"]
[[tests]]
name = "t"
"""
PRODUCTION = 'profiles = ["production"]\norigin = "https://app.example.com"\n'
APP = PRODUCTION + 'path = "/api/x"\n'


@pytest.mark.parametrize(
    "test",
    [
        pytest.param(APP + 'allow = ["GET", "HEAD", "POST", "PUT"]\ndeny = ["DELETE", "LOCK"]', id="methods"),
        pytest.param(APP + 'credentials = true\nallow = ["PUT"]', id="credentials"),
        pytest.param(APP + 'headers = ["X-CSRF-Token"]\nallow = ["GET"]', id="a header that is allowed"),
        pytest.param(APP + 'headers = ["x-other"]\ndeny = ["*"]', id="a header that is not"),
        pytest.param(APP + 'headers = ["accept"]\ndeny = ["*"]', id="a header of a test counts as needing permission"),
        pytest.param(PRODUCTION + 'path = "/api/../x"\ndeny = ["*"]', id="a path with a bad segment"),
        pytest.param(PRODUCTION + 'path = "/status"\nallow = ["*"]\nheaders = ["authorization"]', id="all methods"),
        pytest.param(PRODUCTION + 'path = "/status"\ncredentials = true\ndeny = ["*"]', id="* and credentials"),
        pytest.param('origin = "null"\npath = "/status"\nallow = ["GET"]', id="null under *"),
        pytest.param('origin = "null"\npath = "/api/x"\ndeny = ["*"]', id="null elsewhere, in every profile"),
        pytest.param('origin = "https://b.example.com"\npath = "/café/x"\nallow = ["GET"]', id="paths are Unicode"),
        pytest.param(APP + 'host = "app.example.com"\nallow = ["GET"]', id="Origin dropped, the Host is the page's"),
        pytest.param(APP + 'host = "app.example.com"\ncredentials = true\ndeny = ["GET"]', id="no credentials then"),
        pytest.param(APP + 'host = "api.example.com"\ndeny = ["*"]', id="Origin dropped, the Host is another"),
        pytest.param(
            'profiles = ["development"]\norigin = "http://localhost:5173"\npath = "/api/x"\nallow = ["PUT"]',
            id="the profile decides who",
        ),
    ],
)
def test_holds(test: str) -> None:
    assert corsrules.check_text(RULES + test) == []


@pytest.mark.parametrize(
    ("test", "at", "message"),
    [
        pytest.param(
            APP + 'allow = ["GET", "DELETE"]',
            (29, 17),
            "`t` failed in `production`: DELETE is blocked (DELETE is not among the allowed methods)",
            id="a method that is not allowed",
        ),
        pytest.param(
            APP + 'deny = ["GET"]', (29, 9), "failed in `production`: GET is allowed by `session`", id="one that is"
        ),
        pytest.param(APP + 'deny = ["*"]', (29, 9), "GET is allowed by `session`", id="not everything is denied"),
        pytest.param(APP + 'allow = ["*"]', (29, 10), "UNKNOWN-METHOD is blocked", id="not everything is allowed"),
        pytest.param(
            'origin = "https://app.example.com"\npath = "/api/x"\nallow = ["GET"]',
            (28, 10),
            "failed in `development`: GET is blocked (the answer has no Access-Control-Allow-Origin)",
            id="in one profile of two",
        ),
        pytest.param(
            'origin = "https://evil.example"\npath = "/api/x"\nallow = ["GET"]',
            (28, 10),
            "failed in `production`, `development`: GET",
            id="in both, told once",
        ),
    ],
)
def test_failure_is_a_finding(test: str, at: tuple[int, int], message: str) -> None:
    (finding,) = corsrules.check_text(RULES + test)
    assert (finding.code, (finding.line, finding.column)) == ("CR401", at)
    assert message in finding.message


def test_tests_do_not_stop_an_application() -> None:
    corsrules.loads(RULES + APP + 'deny = ["*"]', profile="production")


def test_a_file_with_errors_runs_no_tests() -> None:
    broken = (RULES + APP + 'deny = ["*"]').replace("https://b.example.com", "https://b.example.com/")
    assert [finding.code for finding in corsrules.check_text(broken)] == ["CR011"]


@pytest.mark.parametrize(
    ("test", "reason"),
    [
        pytest.param(
            APP + 'allow = ["GET", "DELETE"]', "`session` does not allow DELETE: add it to its `methods`", id="a method"
        ),
        pytest.param(
            APP + 'headers = ["x-csrf-tokn"]\nallow = ["GET"]',
            "`session` allows `x-csrf-token`, and the page sets `x-csrf-tokn`: write the one that is meant",
            id="a header that is misspelt",
        ),
        pytest.param(
            'origin = "https://app.example.com"\npath = "/api/x"\nallow = ["GET"]',
            "`production` allows https://app.example.com, and the profile is `development`",
            id="another profile allows it",
        ),
        pytest.param(
            PRODUCTION + 'path = "/status"\ncredentials = true\nallow = ["GET"]',
            "`status` answers `*`, which browsers refuse for a request with credentials",
            id="credentials",
        ),
        pytest.param(
            PRODUCTION + 'path = "/apis"\nallow = ["GET"]',
            "no rule covers `/apis`, so what the application sets itself decides: "
            "`/apis` and `/api` differ in one place",
            id="a path",
        ),
        pytest.param(APP + 'deny = ["GET"]', "`session` names the page by `https://app.example.com`", id="not denied"),
        pytest.param(
            PRODUCTION + 'path = "/status"\ndeny = ["GET"]', "`status` names the page by `*`", id="not even by *"
        ),
    ],
)
def test_a_failure_has_the_reason_that_explain_gives(test: str, reason: str) -> None:
    (finding,) = corsrules.check_text(RULES + test)
    assert finding.code == "CR401"
    assert finding.help.startswith(reason)
    assert finding.help.endswith("; mend the rule, or the test if it is the one that is wrong")


def test_so_many_failures_are_explained_as_the_size_of_the_file_permits() -> None:
    patterns = ", ".join(f'"https://a{number}.example.com"' for number in range(MOST_READ // 10))
    text = RULES.replace('["web"]', f'["web", {patterns}]') + APP + 'deny = ["GET"]\n'
    for number in range(10):
        text += f'[[tests]]\nname = "{number}"\n{APP}deny = ["GET"]\n'
    *explained, last = corsrules.check_text(text)
    assert {each.help.partition(";")[0] for each in explained} == {
        "`session` names the page by `https://app.example.com`"
    }
    assert last.help.startswith("`corsrules explain` says why; mend the rule")


def test_what_holds_is_not_explained() -> None:
    code = "import sys, corsrules\nassert corsrules.check_text(sys.argv[1]) == []\n"
    code += "sys.exit('corsrules.analysis.diagnosis' in sys.modules)"
    subprocess.run([sys.executable, "-c", code, RULES + APP + 'allow = ["GET"]'], check=True)


@pytest.mark.parametrize(
    ("test", "codes"),
    [
        pytest.param(PRODUCTION + 'path = "/"\ndeny = ["*"]', ["CR407"], id="a path under no rule"),
        pytest.param('origin = "null"\npath = "/"\ndeny = ["GET"]', ["CR407"], id="in two profiles, told once"),
        pytest.param(PRODUCTION + 'path = "/status/x"\ndeny = ["GET"]', ["CR407"], id="below a rule's path"),
        pytest.param(
            PRODUCTION + 'path = "/"\nallow = ["GET"]\ndeny = ["PUT"]', ["CR401"], id="one that failed anyway"
        ),
        pytest.param(PRODUCTION + 'path = "/api/../x"\ndeny = ["*"]', [], id="a path that is always denied"),
        pytest.param(PRODUCTION + 'path = "/café/x"\ndeny = ["*"]', [], id="a path that others may read"),
    ],
)
def test_a_denial_at_a_path_under_no_rule_proves_nothing(test: str, codes: list[str]) -> None:
    assert [finding.code for finding in corsrules.check_text(RULES + test)] == codes


def test_a_denial_at_a_path_under_no_rule_is_placed_and_says_what_to_do() -> None:
    (finding,) = corsrules.check_text(RULES + PRODUCTION + 'path = "/"\ndeny = ["*"]')
    assert (finding.severity, finding.line, finding.column) == ("note", 29, 8)
    assert finding.message == "no rule covers `/`, so this denial proves nothing"
    assert "write a rule for this one (`origins = []` names nobody)" in finding.help


NAMES = [
    ("different ones", ["a", "b"], ["a", "b"]),
    ("one three times", ["a", "a", "a"], ["a", "a (2)", "a (3)"]),
    ("one that looks like the second of another", ["a", "a (2)", "a", "a"], ["a", "a (2)", "a (3)", "a (4)"]),
    ("it comes later", ["a", "a", "a (2)"], ["a", "a (3)", "a (2)"]),
    ("it is twice itself", ["a", "a (2)", "a (2)", "a"], ["a", "a (2)", "a (2) (2)", "a (3)"]),
]


@pytest.mark.parametrize(("written", "called"), [row[1:] for row in NAMES], ids=[row[0] for row in NAMES])
def test_reports_call_no_two_tests_of_a_profile_the_same(written: list[str], called: list[str]) -> None:
    text = RULES.partition("[[tests]]")[0]
    for name in written:
        text += f'[[tests]]\nname = "{name}"\n{APP}allow = ["GET"]\n'
    document = model.validate(tomli.loads(text))
    assert [result.name for result in filetests.run(document)] == called


def test_a_profile_that_is_named_twice_is_one() -> None:
    text = RULES + APP.replace('"production"', '"production", "production"') + 'allow = ["GET"]'
    assert [each.profile for each in filetests.run(model.validate(tomli.loads(text)))] == ["production"]


def test_in_two_profiles_a_name_is_no_other_test() -> None:
    text = RULES.partition("[[tests]]")[0]
    for profile in ("production", "development"):
        text += f'[[tests]]\nname = "a"\nprofiles = ["{profile}"]\norigin = "null"\npath = "/api/x"\ndeny = ["GET"]\n'
    document = model.validate(tomli.loads(text))
    assert [(each.name, each.profile) for each in filetests.run(document)] == [
        ("a", "production"),
        ("a", "development"),
    ]


#: What a gateway that drops `Origin` leaves, and whether the page of APP then reads: (test, is it allowed).
GATEWAY = 'version = 1\n[fallback]\nheaders = ["x-client-origin", "x-second"]\n{}'
DROPPED = [
    ("it copies Origin", 'fallback = { x-client-origin = "https://app.example.com" }', True),
    ("its spelling of the name is another", 'fallback = { X-Client-Origin = "https://app.example.com" }', True),
    ("into the second header", 'fallback = { x-second = "https://app.example.com" }', True),
    ("the first is empty", 'fallback = { x-client-origin = "", x-second = "https://app.example.com" }', True),
    ("the first decides", 'fallback = { x-client-origin = "null", x-second = "https://app.example.com" }', False),
    ("another page's origin", 'fallback = { x-client-origin = "https://evil.example" }', False),
    ("it fills nothing in", "fallback = {}", False),
    ("nothing, but the Host is the page's", 'fallback = {}\nhost = "app.example.com"', True),
    ("the Host alone", 'host = "app.example.com"', True),
    ("a header goes before the Host", 'fallback = { x-second = "null" }\nhost = "app.example.com"', False),
    ("and needs none", 'fallback = { x-second = "https://app.example.com" }\nhost = "api.example.com"', True),
    ("as dotted keys", 'fallback.x-client-origin = "https://app.example.com"', True),
    (
        "credentials are given only where the file says so",
        'fallback.x-client-origin = "https://app.example.com"\ncredentials = true',
        False,
    ),
]


@pytest.mark.parametrize(("test", "is_read"), [row[1:] for row in DROPPED], ids=[row[0] for row in DROPPED])
def test_a_gateway_that_drops_origin(test: str, is_read: bool) -> None:
    text = GATEWAY.format(RULES.partition("\n")[2]) + APP + test
    allow, deny = (corsrules.check_text(f'{text}\n{key} = ["GET", "PUT"]') for key in ("allow", "deny"))
    assert ([each.code for each in allow], [each.code for each in deny]) == (
        ([], ["CR401"]) if is_read else (["CR401"], [])
    )


def test_why_the_faithful_repair_is_not_faithful() -> None:
    text = GATEWAY.format(RULES.partition("\n")[2]) + APP
    (finding,) = corsrules.check_text(text + 'fallback.x-second = "https://evil.example"\nallow = ["GET"]')
    assert finding.help.startswith(
        "`Origin` was dropped, and `x-second` has `https://evil.example`, where the page is https://app.example.com: "
        "let the gateway copy `Origin` into it"
    )


def text(value: str) -> str:
    """A value of a request as a file can have it, which has no halves of characters."""
    return value.encode(errors="replace").decode()


def random_test(choose: strategies.Choose[Any], file: strategies.File) -> dict[str, Any]:
    """A test of all methods near the file's rules."""
    pattern = origin_pattern.parse(choose(file.patterns()))
    assert pattern is not None
    asked = strategies.request(choose, file)
    rules = file.document["rules"]
    headers = [name for rule in rules for name in rule.get("request-headers", []) if name != "*"]
    test: dict[str, Any] = {
        "name": "t",
        "origin": choose((origin_pattern.example_origin(pattern), "null", "https://evil.example")),
        "path": choose(choose(rules).get("paths", ["/*"])).removesuffix("/*") + choose(("", "/", "/x", "/x/../y")),
        "credentials": choose((False, True)),
        "headers": [choose((*headers, "x-other", "authorization")) for _ in range(int(choose("0012")))],
        "allow": ["*"],
    }
    if choose((False, False, True)):
        test["fallback"] = {name: choose((test["origin"], text(value))) for name, value in asked.fallback.items()}
    if asked.host is not None and choose((False, False, True)):
        test["host"] = text(asked.host)
    return test


def test_what_a_page_can_read_is_what_the_reference_says() -> None:
    seed = int(os.environ.get("CORSRULES_SEED", "1"))
    cases = int(os.environ.get("CORSRULES_CASES", "2000"))
    choose = random.Random(seed).choice
    outcomes: Counter[tuple[bool, bool]] = Counter()
    while outcomes.total() < cases:
        file = strategies.file(choose)
        tests = [random_test(choose, file) for _ in range(20)]
        document = model.validate({**file.document, "tests": tests})
        methods = filetests.all_methods(document)
        for result in filetests.run(document):
            test = tests[result.index]
            expected = [
                method for method in methods if not reference.page_can_read(file.document, result.profile, test, method)
            ]
            assert [failed.method for failed in result.failed] == expected, f"seed {seed}\n{file.text}\n{test}"
            outcomes["host" in test or "fallback" in test, len(expected) < len(methods)] += 1
    assert all(outcomes[key] * 50 > cases for key in itertools.product((False, True), repeat=2)), outcomes
