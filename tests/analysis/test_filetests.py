"""`[[tests]]` of a file: each asks what a browser would conclude, in each profile it names."""

from __future__ import annotations

import pytest

import corsrules

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
        pytest.param(APP + 'allow = ["GET", "HEAD", "POST", "PUT"]\ndeny = ["DELETE", "put"]', id="methods"),
        pytest.param(APP + 'credentials = true\nallow = ["PUT"]', id="credentials"),
        pytest.param(APP + 'headers = ["X-CSRF-Token"]\nallow = ["GET"]', id="a header that is allowed"),
        pytest.param(APP + 'headers = ["x-other"]\ndeny = ["*"]', id="a header that is not"),
        pytest.param(APP + 'headers = ["accept"]\ndeny = ["*"]', id="a header of a test counts as needing permission"),
        pytest.param(PRODUCTION + 'path = "/"\ndeny = ["*"]', id="a path under no rule"),
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
