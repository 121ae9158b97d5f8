"""The line in the log where a gateway has dropped `Origin`: when, how often, and that it holds nothing of a request."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from adapter_cases import APP, BY_HEADERS, RULES, STRANGER, Line, Request, Rules, asking, from_origin, one_rule
from adapter_table import Serve

Log = Callable[[], list[logging.LogRecord]]


def fetched(site: str, mode: str = "cors") -> tuple[Line, ...]:
    """What the browser says of a request (Fetch Metadata)."""
    return (("Sec-Fetch-Mode", mode), ("Sec-Fetch-Site", site))


CROSS_SITE = fetched("cross-site")


@pytest.mark.parametrize(
    ("method", "lines"),
    [
        pytest.param("GET", CROSS_SITE, id="the browser says cross-site"),
        pytest.param("POST", CROSS_SITE, id="whatever the method"),
        pytest.param("GET", fetched("same-site"), id="the browser says same-site"),
        pytest.param("OPTIONS", asking(), id="a preflight"),
    ],
)
def test_a_dropped_origin_is_logged(
    serve: Callable[..., Serve], log: Log, method: str, lines: tuple[Line, ...]
) -> None:
    serve()(Request(method, "/api/x", lines))

    (record,) = log()
    assert record.levelname == "WARNING"
    assert "Origin" in record.getMessage()
    assert "[fallback]" in record.getMessage(), "it says what to do"


@pytest.mark.parametrize(
    ("method", "lines"),
    [
        pytest.param("GET", (), id="nothing says that the request is cross-origin"),
        pytest.param("OPTIONS", (), id="OPTIONS alone"),
        pytest.param("GET", (*CROSS_SITE, *from_origin(APP)), id="Origin is there"),
        pytest.param("GET", (*CROSS_SITE, *from_origin("null")), id="Origin is there, and null"),
        pytest.param("GET", (*CROSS_SITE, *from_origin(STRANGER)), id="Origin is there, and denied"),
        pytest.param("OPTIONS", (*asking(), *from_origin(APP)), id="a preflight with Origin"),
        pytest.param("GET", fetched("same-origin"), id="same-origin"),
        pytest.param("GET", fetched("none"), id="typed by the user"),
        pytest.param("GET", fetched("cross-site", "no-cors"), id="an image of another site"),
        pytest.param("GET", fetched("cross-site", "navigate"), id="a link of another site"),
    ],
)
def test_nothing_is_logged_where_no_origin_was_dropped(
    serve: Callable[..., Serve], log: Log, method: str, lines: tuple[Line, ...]
) -> None:
    serve()(Request(method, "/api/x", lines))

    assert log() == []


@pytest.mark.parametrize(
    ("fallback", "lines", "host", "logged"),
    [
        pytest.param('hosts = {"api.test" = "https://app.example.com"}', (), "api.test", 0, id="by its Host"),
        pytest.param('hosts = {"api.test" = "https://app.example.com"}', (), "other.test", 1, id="another Host"),
        pytest.param('headers = ["x-origin"]', (("X-Origin", APP),), None, 0, id="by a header"),
        pytest.param('headers = ["x-origin"]', (("X-Origin", ""),), None, 1, id="by a header that is empty"),
        pytest.param("", (), "app.example.com", 1, id="by luck: that Host is not the page's"),
    ],
)
def test_nothing_is_logged_where_the_file_repairs_it(
    serve: Callable[..., Serve], log: Log, fallback: str, lines: tuple[Line, ...], host: str | None, logged: int
) -> None:
    rules = Rules(one_rule(APP, more=f"[fallback]\n{fallback}\n"))
    serve(rules)(Request("GET", "/", (*CROSS_SITE, *lines), host))

    assert len(log()) == logged


def test_a_dropped_origin_is_logged_once_per_process(serve: Callable[..., Serve], log: Log) -> None:
    for rules in (RULES, Rules(RULES.text + "# another application\n")):
        for path in ("/api/x", "/api/y"):
            serve(rules)(Request("GET", path, CROSS_SITE))
            serve(rules)(Request("OPTIONS", path, asking()))

    assert len(log()) == 1


def test_no_bytes_of_a_request_get_into_the_log(serve: Callable[..., Serve], log: Log) -> None:
    marked = (
        *CROSS_SITE,
        *asking("MARKED\r\n"),
        *((name, "MARKED\r\n") for name in ("Access-Control-Request-Headers", "User-Agent", "Referer")),
    )
    with_origins = (*marked, ("Origin", "MARKED\r\n"), ("X-Client-Origin", "MARKED\r\n"))
    serve(BY_HEADERS)(Request("OPTIONS", "/api/MARKED\r\nx", marked, "MARKED\r\n"))
    serve(BY_HEADERS)(Request("GET", "/api/MARKED\r\nx", with_origins, "MARKED\r\n"))

    (record,) = log()
    assert "MARKED" not in record.getMessage()
    assert "\n" not in record.getMessage()
    assert "\r" not in record.getMessage()
