"""The browser's side: the steps of the Fetch standard, a row for each way through them.

The rows under "edges" are those where a step would go wrong by one character; mutating the code found them.
"""

from __future__ import annotations

import pytest
from conversations import CONVERSATIONS, OPEN, OWN, PAGE, SAFELISTED, answer

from corsrules.web.browser import (
    Failure,
    PageRequest,
    ServerAnswer,
    is_safelisted_request_header,
    needs_preflight,
    preflight_headers,
    unsafe_header_names,
    verdict,
)


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
    ("credentials", "expose", "shown"),
    [
        pytest.param(False, "X-B, x-a, x-b", "exposed=('x-a', 'x-b'), exposes_every=False", id="names, each once"),
        pytest.param(False, "set-cookie", "exposed=(), exposes_every=False", id="never a forbidden one"),
        pytest.param(False, "x-a, *", "exposed=(), exposes_every=True", id="a star is every header"),
        pytest.param(True, "*", "exposed=('*',), exposes_every=False", id="with credentials a star is a name"),
    ],
)
def test_a_verdict_shows_what_is_exposed(credentials: bool, expose: str, shown: str) -> None:
    final = answer(allow_origin=PAGE, allow_credentials="true", expose_headers=expose)
    found = verdict(PageRequest(PAGE, "GET", credentials=credentials), None, final)
    assert repr(found) == f"Verdict(failure=None, {shown})"


def test_a_verdict_that_says_no_shows_why() -> None:
    found = verdict(PageRequest(PAGE, "GET"), None, answer())
    assert repr(found).startswith("Verdict(failure=Failure(step='CORS check', message='the answer has no Access-")


# --- edges ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "safelisted"),
    [
        pytest.param("content-type", "\xa0text/plain", False, id="a space that HTTP does not know"),
        pytest.param("content-type", "\t text/plain \t", True, id="those it knows"),
        pytest.param("content-type", "Xtext/plain", False, id="a letter before a type"),
        pytest.param("content-type", "text/plainX", False, id="a letter behind a type"),
        pytest.param("accept", "text/\x01html", False, id="a control character"),
        pytest.param("accept", "text/\x7fhtml", False, id="DEL"),
        pytest.param("accept", "text/\thtml", True, id="a tab"),
        pytest.param("range", "bytes=5-5", True, id="one byte"),
        pytest.param("range", "bytes=5X-", False, id="digits and a letter"),
        pytest.param("range", "bytes=5-X5", False, id="a letter and digits"),
        pytest.param("range", "bytes=5", False, id="no dash"),
        pytest.param("range", "0-5", False, id="no unit"),
        pytest.param("range", "bytes=1-2-3", False, id="two dashes"),
        pytest.param("range", "bytes=10-9", False, id="a smaller number with more digits"),
        pytest.param("range", "bytes=9-10", True, id="a larger number with more digits"),
    ],
)
def test_request_headers_that_need_no_permission(name: str, value: str, safelisted: bool) -> None:
    assert is_safelisted_request_header(name, value) is safelisted


@pytest.mark.parametrize(
    ("method", "allowed", "step"),
    [
        pytest.param("PUT", "DELETE,\tPUT ", None, id="tabs and spaces around an element"),
        pytest.param("PUT", ", ,PUT,,", None, id="empty elements"),
        pytest.param("PUT", "\x0bPUT", "preflight headers", id="another white space is no token"),
        pytest.param("PUT", "PUT\xa0", "preflight headers", id="nor is this one"),
        pytest.param("XXXX", None, "preflight method", id="nothing is listed where the header is absent"),
    ],
)
def test_the_list_of_methods(method: str, allowed: str | None, step: str | None) -> None:
    headers = OWN.headers if allowed is None else (*OWN.headers, ("Access-Control-Allow-Methods", allowed))
    found = verdict(PageRequest(PAGE, method), ServerAnswer(204, headers), OWN)
    assert (found.failure.step if found.failure else None) == step


def test_what_a_preflight_asks_for() -> None:
    sent = (("X-B", "1"), ("accept", "*/*"), ("x-a", "1"))
    assert preflight_headers(PageRequest(PAGE, "PUT", sent)) == {
        "Origin": PAGE,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "x-a,x-b",
    }
    assert preflight_headers(PageRequest(PAGE, "PUT")) == {"Origin": PAGE, "Access-Control-Request-Method": "PUT"}


def test_lines_of_one_header_are_one_list() -> None:
    answered = ServerAnswer(200, (("Vary", "Origin"), ("x-a", "1"), ("vary", "Accept")))
    assert answered.get("VARY") == "Origin, Accept"
    assert answered.listed("Vary") == ["Origin", "Accept"]
    assert (answered.get("x-b"), answered.listed("x-b")) == (None, [])


CLOSED = ServerAnswer(200, ())


def allowing(status: int, **headers: str) -> ServerAnswer:
    return ServerAnswer(status, (*OWN.headers, *((f"Access-Control-Allow-{name}", headers[name]) for name in headers)))


@pytest.mark.parametrize(
    ("request_", "preflight", "final", "message"),
    [
        (PageRequest(PAGE, "TRACE"), None, OWN, "no browser sends TRACE for a page"),
        (PageRequest(PAGE, "A B"), None, OWN, "'A B' is not a method"),
        (PageRequest(PAGE, "GET"), None, CLOSED, "the answer has no Access-Control-Allow-Origin"),
        (
            PageRequest(PAGE, "GET", credentials=True),
            None,
            OPEN,
            "the answer allows `*`, which does not count for a request with credentials",
        ),
        (
            PageRequest("https://b.example", "GET"),
            None,
            OWN,
            f"the answer allows {PAGE}, and the page is https://b.example",
        ),
        (
            PageRequest(PAGE, "GET", credentials=True),
            None,
            OWN,
            "the answer has no Access-Control-Allow-Credentials: true, and the page sends credentials",
        ),
        (PageRequest(PAGE, "PUT"), CLOSED, OWN, "the preflight's answer has no Access-Control-Allow-Origin"),
        (PageRequest(PAGE, "PUT"), allowing(199), OWN, "the preflight was answered with 199, not with 200 to 299"),
        (
            PageRequest(PAGE, "PUT"),
            allowing(204, Methods="P U T"),
            OWN,
            "Access-Control-Allow-Methods is not a list of tokens",
        ),
        (
            PageRequest(PAGE, "PUT"),
            allowing(204, Methods="PUT", Headers="x a"),
            OWN,
            "Access-Control-Allow-Headers is not a list of tokens",
        ),
        (PageRequest(PAGE, "PUT"), allowing(204), OWN, "PUT is not among the allowed methods"),
        (
            PageRequest(PAGE, "GET", (("X-A", ""),)),
            allowing(204),
            OWN,
            "`x-a` is not among the allowed request headers",
        ),
        (PageRequest(PAGE, "PUT"), allowing(200, Methods="PUT"), OWN, None),
        (PageRequest(PAGE, "GET"), CLOSED, OWN, None),  # an answer to a preflight that no browser sends
    ],
)
def test_why_a_page_cannot_read_it(
    request_: PageRequest, preflight: ServerAnswer | None, final: ServerAnswer, message: str | None
) -> None:
    found = verdict(request_, preflight, final)
    assert (found.failure.message if found.failure else None) == message
    assert found.exposes("content-type") is (message is None)
