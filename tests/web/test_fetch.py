"""What the Fetch and HTTP standards list, and the questions that a table answers."""

from __future__ import annotations

import pytest

from corsrules.web.fetch import is_forbidden_request_header, is_token, normalized_method


@pytest.mark.parametrize(
    ("written", "sent"), [("get", "GET"), ("Put", "PUT"), ("patch", "patch"), ("UT", "UT"), ("oPtIoNs", "OPTIONS")]
)
def test_methods_are_normalized(written: str, sent: str) -> None:
    assert normalized_method(written) == sent


@pytest.mark.parametrize(
    ("name", "forbidden"),
    [
        pytest.param("origin", True, id="the browser writes it"),
        pytest.param("cookie", True, id="of the browser's own store"),
        pytest.param("sec-fetch-mode", True, id="a prefix that is the browser's"),
        pytest.param("proxy-authorization", True, id="a prefix that is a proxy's"),
        pytest.param("authorization", False, id="a page may set it"),
        pytest.param("x-sec-token", False, id="the prefix inside a name"),
        pytest.param("secret", False, id="the prefix without its dash"),
    ],
)
def test_request_headers_that_no_page_sets(name: str, forbidden: bool) -> None:
    assert is_forbidden_request_header(name) is forbidden


@pytest.mark.parametrize(
    ("text", "token"),
    [
        pytest.param("x-token", True, id="a name"),
        pytest.param("!#$%&'*+-.^_`|~09AZaz", True, id="every kind of character"),
        pytest.param("", False, id="nothing"),
        pytest.param("x token", False, id="a space"),
        pytest.param("x\ttoken", False, id="a tab"),
        pytest.param("x,y", False, id="a comma"),
        pytest.param("x\x7f", False, id="DEL"),
        pytest.param("\xe9t\xe9", False, id="letters that are not ASCII"),
    ],
)
def test_what_a_token_is(text: str, token: bool) -> None:
    assert is_token(text) is token
