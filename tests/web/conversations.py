"""What a page and a server say to each other: a row for each way through the steps of the Fetch standard.

test_browser.py holds the rows against our steps, and test_chromium.py against a browser.
"""

from __future__ import annotations

import pytest

from corsrules.web.browser import PageRequest, ServerAnswer

PAGE = "https://app.example.com"


def answer(status: int = 200, **headers: str) -> ServerAnswer:
    """An answer with `Access-Control-*` headers: `allow_origin="*"` is `Access-Control-Allow-Origin: *`."""
    named = {f"Access-Control-{name.replace('_', '-').title()}": value for name, value in headers.items()}
    return ServerAnswer(status, tuple(named.items()))


OPEN = answer(allow_origin="*")
OWN = answer(allow_origin=PAGE)
TRUSTED = answer(allow_origin=PAGE, allow_credentials="true")


#: A page's request, what its preflight and the request itself are answered, and the step that fails.
CONVERSATIONS = [
    pytest.param(PageRequest(PAGE, "GET"), None, OWN, None, id="a simple request, allowed by name"),
    pytest.param(PageRequest(PAGE, "GET"), None, OPEN, None, id="a simple request, allowed to everybody"),
    pytest.param(PageRequest(PAGE, "POST"), None, OWN, None, id="POST is simple"),
    pytest.param(PageRequest(PAGE, "GET"), None, answer(), "CORS check", id="nothing said"),
    pytest.param(PageRequest(PAGE, "GET"), None, answer(allow_origin=PAGE + "/"), "CORS check", id="a slash too many"),
    pytest.param(PageRequest(PAGE, "GET"), None, answer(allow_origin="null"), "CORS check", id="another origin"),
    pytest.param(
        PageRequest(PAGE, "GET"),
        None,
        ServerAnswer(200, (*OWN.headers, *OWN.headers)),
        "CORS check",
        id="the header twice",
    ),
    pytest.param(PageRequest("null", "GET"), None, answer(allow_origin="null"), None, id="null is compared as it is"),
    pytest.param(PageRequest(PAGE, "GET", credentials=True), None, TRUSTED, None, id="credentials, allowed"),
    pytest.param(PageRequest(PAGE, "GET", credentials=True), None, OWN, "CORS check", id="credentials, not allowed"),
    pytest.param(PageRequest(PAGE, "GET", credentials=True), None, OPEN, "CORS check", id="credentials and *"),
    pytest.param(
        PageRequest(PAGE, "GET", credentials=True),
        None,
        answer(allow_origin=PAGE, allow_credentials="True"),
        "CORS check",
        id="`true` is case-sensitive",
    ),
    pytest.param(PageRequest(PAGE, "GET"), None, answer(404, allow_origin=PAGE), None, id="a 404 can be read too"),
    pytest.param(
        PageRequest(PAGE, "PUT"), answer(204, allow_origin=PAGE, allow_methods="DELETE, PUT"), OWN, None, id="PUT"
    ),
    pytest.param(
        PageRequest(PAGE, "PUT"),
        answer(204, allow_origin=PAGE, allow_methods="DELETE"),
        OWN,
        "preflight method",
        id="PUT, not listed",
    ),
    pytest.param(
        PageRequest(PAGE, "put"),
        answer(204, allow_origin=PAGE, allow_methods="PUT"),
        OWN,
        "preflight method",
        id="methods are case-sensitive",
    ),
    pytest.param(
        PageRequest(PAGE, "UT"),
        answer(204, allow_origin=PAGE, allow_methods="PUT"),
        OWN,
        "preflight method",
        id="part of a method",
    ),
    pytest.param(
        PageRequest(PAGE, "PUT"),
        answer(403, allow_origin=PAGE, allow_methods="PUT"),
        OWN,
        "preflight status",
        id="403",
    ),
    pytest.param(
        PageRequest(PAGE, "PUT"), answer(299, allow_origin=PAGE, allow_methods="PUT"), OWN, None, id="299 is ok"
    ),
    pytest.param(
        PageRequest(PAGE, "PUT"),
        answer(300, allow_origin=PAGE, allow_methods="PUT"),
        OWN,
        "preflight status",
        id="300",
    ),
    pytest.param(PageRequest(PAGE, "PUT"), answer(403), OWN, "CORS check", id="the CORS check comes before the status"),
    pytest.param(
        PageRequest(PAGE, "PUT"), answer(204, allow_origin="*", allow_methods="*"), OPEN, None, id="any method"
    ),
    pytest.param(
        PageRequest(PAGE, "PUT", credentials=True),
        answer(204, allow_origin=PAGE, allow_credentials="true", allow_methods="*"),
        TRUSTED,
        "preflight method",
        id="with credentials * is a method's name",
    ),
    pytest.param(
        PageRequest(PAGE, "PUT"),
        answer(204, allow_origin=PAGE, allow_methods="PUT, GE T"),
        OWN,
        "preflight headers",
        id="a list that is none",
    ),
    pytest.param(
        PageRequest(PAGE, "PUT"),
        answer(204, allow_origin=PAGE, allow_methods="PUT"),
        answer(),
        "CORS check",
        id="the answer itself is checked too",
    ),
    pytest.param(
        PageRequest(PAGE, "GET", (("X-A", "1"),)),
        answer(204, allow_origin=PAGE, allow_headers="x-a"),
        OWN,
        None,
        id="a header",
    ),
    pytest.param(
        PageRequest(PAGE, "GET", (("x-a", "1"),)),
        answer(204, allow_origin=PAGE, allow_headers="x-b"),
        OWN,
        "preflight header",
        id="a header, not listed",
    ),
    pytest.param(
        PageRequest(PAGE, "GET", (("x-a", "1"),)),
        answer(204, allow_origin=PAGE, allow_headers="*"),
        OWN,
        None,
        id="any header",
    ),
    pytest.param(
        PageRequest(PAGE, "GET", (("authorization", "x"),)),
        answer(204, allow_origin=PAGE, allow_headers="*"),
        OWN,
        "preflight header",
        id="* is not authorization",
    ),
    pytest.param(
        PageRequest(PAGE, "GET", (("authorization", "x"),)),
        answer(204, allow_origin=PAGE, allow_headers="*, Authorization"),
        OWN,
        None,
        id="authorization by name",
    ),
    pytest.param(
        PageRequest(PAGE, "GET", (("x-a", "1"),), credentials=True),
        answer(204, allow_origin=PAGE, allow_credentials="true", allow_headers="*"),
        TRUSTED,
        "preflight header",
        id="with credentials * is a header's name",
    ),
    pytest.param(PageRequest(PAGE, "TRACE"), OWN, OWN, "forbidden method", id="TRACE"),
    pytest.param(PageRequest(PAGE, "connect"), OWN, OWN, "forbidden method", id="connect"),
    pytest.param(PageRequest(PAGE, "GET, PUT"), OWN, OWN, "method", id="two methods in one"),
]

#: A request header, and whether it needs no permission.
SAFELISTED = [
    ("accept", "text/html, */*;q=0.8", True),
    ("accept", "text/(html)", False),
    ("Accept-Language", "de-DE, en;q=0.5", True),
    ("accept-language", "de_DE", False),
    ("content-language", "en", True),
    ("content-type", "text/plain;charset=UTF-8", True),
    ("content-type", "Multipart/Form-Data; boundary=x", True),
    ("content-type", "application/x-www-form-urlencoded", True),
    ("content-type", "application/json", False),
    ("content-type", 'text/plain; x="y"', False),
    ("content-type", "text/plain\x7f", False),
    ("content-type", "text/plain;\tx", True),
    ("range", "bytes=0-", True),
    ("range", "bytes=5-10", True),
    ("range", "bytes=10-5", False),
    ("range", "bytes=-5", False),
    ("range", "bytes=0-1,2-3", False),
    ("range", "items=0-", False),
    ("accept", "x" * 128, True),
    ("accept", "x" * 129, False),
    ("x-anything", "", False),
    ("authorization", "x", False),
]
