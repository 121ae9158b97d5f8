"""The four bugs of the API that this project was begun for, each by its name, through every adapter."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from adapter_cases import APP, APPS, RULES, SILENT, STRANGER, Line, Request, View, asking, from_origin
from adapter_table import Serve

APPS_HOST = APPS.removeprefix("https://")


@pytest.mark.parametrize(("method", "asked", "status"), [("GET", (), 200), ("OPTIONS", asking(), 403)])
def test_a_substring_of_an_allowed_name_is_not_allowed(
    serve: Callable[..., Serve], method: str, asked: tuple[Line, ...], status: int
) -> None:
    """The bug: `name in origin`."""
    for origin in (
        "https://app.example.com.evil.test",
        "https://evil.test/app.example.com",
        "https://xapp.example.com",
    ):
        answer, _ = serve()(Request(method, "/api/x", (*from_origin(origin), *asked)))
        assert (answer.status, answer.cors) == (status, {})


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        pytest.param("app.example.com", APP, id="an allowed one, with its scheme"),
        pytest.param(APPS_HOST, APPS, id="one that a wildcard allows"),
        pytest.param("api.example.com", None, id="the API's own"),
        pytest.param("evil.test", None, id="a stranger's"),
        pytest.param("null", None, id="null"),
        pytest.param("*", None, id="a star"),
    ],
)
def test_the_bare_host_is_never_written_as_an_origin(
    serve: Callable[..., Serve], host: str, origin: str | None
) -> None:
    """The bug: `Access-Control-Allow-Origin: app.example.com` where the gateway had dropped `Origin`."""
    answer, _ = serve()(Request("GET", "/api/x", host=host))
    assert answer.cors.get("access-control-allow-origin") == origin


def test_strangers_never_get_a_star_with_credentials(serve: Callable[..., Serve]) -> None:
    """The bug: `*` together with `Access-Control-Allow-Credentials: true` for everyone else."""
    stars = 0
    strangers = ((from_origin(STRANGER), None), (from_origin("null"), None), ((), None), ((), "evil.test"))
    paths = ("/api/x", "/public/x", "/mixed/x", "/internal/x", "/elsewhere")
    for path, (lines, host), method in product(paths, strangers, ("GET", "OPTIONS")):
        answer, _ = serve()(Request(method, path, (*lines, *asking()), host))
        assert answer.cors.get("access-control-allow-origin") in (None, "*")
        assert "access-control-allow-credentials" not in answer.cors
        stars += "access-control-allow-origin" in answer.cors
    assert stars == 2 * 4 * 2, "at both paths of the star rule, to all of them"


@pytest.mark.parametrize("view", [SILENT, View(status=500), View(status=401), View(status=308)], ids=lambda v: v.status)
def test_vary_is_always_sent(serve: Callable[..., Serve], view: View) -> None:
    """The bug: no `Vary`, so that a cache gave one origin the answer to another."""
    origins = (APP, STRANGER, "null", "", None)
    methods = ("GET", "HEAD", "POST", "OPTIONS", "BREW")
    for path, origin, method, asked in product(("/api/x", "/mixed/x"), origins, methods, ((), asking())):
        answer, _ = serve(RULES, view)(Request(method, path, (*from_origin(origin), *asked)))
        assert answer.vary == {"origin"}
