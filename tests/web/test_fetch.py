"""The browser's side: the steps of the Fetch standard, a row for each way through them."""

from __future__ import annotations

import pytest

from corsrules.web.browser import (
    Failure,
    PageRequest,
    ServerAnswer,
    is_safelisted_request_header,
    needs_preflight,
    unsafe_header_names,
    verdict,
)
from corsrules.web.fetch import normalized_method

PAGE = "https://app.example.com"


def answer(status: int = 200, **headers: str) -> ServerAnswer:
    """An answer with `Access-Control-*` headers: `allow_origin="*"` is `Access-Control-Allow-Origin: *`."""
    named = {f"Access-Control-{name.replace('_', '-').title()}": value for name, value in headers.items()}
    return ServerAnswer(status, tuple(named.items()))


OPEN = answer(allow_origin="*")
OWN = answer(allow_origin=PAGE)
TRUSTED = answer(allow_origin=PAGE, allow_credentials="true")


#: A page's request, what its preflight and the request itself are answered, and the step that fails. test_browser.py
#: shows that a browser agrees with each row.
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


@pytest.mark.parametrize(("request_", "preflight", "final", "failure"), CONVERSATIONS)
def test_verdict(
    request_: PageRequest, preflight: ServerAnswer | None, final: ServerAnswer, failure: str | None
) -> None:
    assert needs_preflight(request_) == (preflight is not None)
    found = verdict(request_, preflight, final)
    assert (found.failure.step if found.failure else None) == failure
    assert found.readable == (failure is None)


#: A request that a browser does not send without its preflight, and what keeps it from being sent.
NO_PREFLIGHT = Failure("preflight", "the request needs a preflight, and none was answered")
UNASKED = [
    pytest.param(PageRequest(PAGE, "PUT"), NO_PREFLIGHT, id="a method"),
    pytest.param(PageRequest(PAGE, "GET", (("x-a", "1"),)), NO_PREFLIGHT, id="a header"),
    pytest.param(
        PageRequest(PAGE, "TRACE"), Failure("forbidden method", "no browser sends TRACE for a page"), id="TRACE"
    ),
]


@pytest.mark.parametrize(("request_", "failure"), UNASKED)
def test_what_needs_a_preflight_and_had_none_cannot_be_read(request_: PageRequest, failure: Failure) -> None:
    found = verdict(request_, None, answer(allow_origin=PAGE, allow_methods="*", allow_headers="*"))
    assert (found.readable, found.failure) == (False, failure)
    assert not found.exposes("content-type")


#: A request header, and whether it needs no permission; a browser agrees here too.
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


@pytest.mark.parametrize(("name", "value", "safelisted"), SAFELISTED)
def test_safelisted_request_headers(name: str, value: str, safelisted: bool) -> None:
    assert is_safelisted_request_header(name, value) == safelisted


def test_many_safelisted_headers_together_are_unsafe() -> None:
    eight = [("accept", "x" * 128)] * 8
    assert unsafe_header_names(eight) == []
    assert unsafe_header_names([*eight, ("accept-language", "x")]) == ["accept", "accept-language"]


def test_unsafe_names_are_sorted_and_lower_case() -> None:
    assert unsafe_header_names([("X-B", ""), ("x-a", ""), ("accept", "*/*")]) == ["x-a", "x-b"]


@pytest.mark.parametrize(
    ("credentials", "expose", "name", "exposed"),
    [
        (False, "x-a, X-B", "x-b", True),
        (False, "x-a", "x-c", False),
        (False, "", "Content-Type", True),
        (False, "*", "x-c", True),
        (False, "*", "set-cookie", False),
        (True, "*", "x-c", False),
        (True, "x-c", "x-c", True),
        (True, "*", "cache-control", True),
    ],
)
def test_exposed_headers(credentials: bool, expose: str, name: str, exposed: bool) -> None:
    final = answer(allow_origin=PAGE, allow_credentials="true", expose_headers=expose)
    assert verdict(PageRequest(PAGE, "GET", credentials=credentials), None, final).exposes(name) == exposed


def test_nothing_is_exposed_of_an_answer_that_cannot_be_read() -> None:
    assert not verdict(PageRequest(PAGE, "GET"), None, answer(expose_headers="*")).exposes("content-type")


@pytest.mark.parametrize(
    ("written", "sent"), [("get", "GET"), ("Put", "PUT"), ("patch", "patch"), ("UT", "UT"), ("oPtIoNs", "OPTIONS")]
)
def test_methods_are_normalized(written: str, sent: str) -> None:
    assert normalized_method(written) == sent
