"""What a request does not own: a response that a view returns again and again, headers that nobody may change."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import Any

import pytest
from adapter_cases import APP, READER, READING, SESSION, STRANGER
from answers import cors_lines
from flask import Flask, Response, request
from werkzeug.datastructures import EnvironHeaders, Headers

#: Who asks, and what each is answered under `/api`.
ASKED: Mapping[str | None, dict[str, str]] = {APP: SESSION, READER: READING, STRANGER: {}, "null": {}, None: {}}

#: What a view has said itself, in the words of another library.
SAID = [
    ("Content-Type", "text/plain"),
    ("Content-Length", "4"),  # Werkzeug adds it to the headers that it is given
    ("X-Kept", "1"),
    ("Vary", "Accept"),
    ("access-control-allow-origin", "https://evil.test"),
]


@pytest.fixture
def serving(install, make_app) -> Callable[[Callable[[], object]], Flask]:
    """`serving(view)`: an application under rules that answers each path with what `view` returns."""

    def made(view: Callable[[], object]) -> Flask:
        app = make_app(None)
        install(app)
        app.add_url_rule("/<path:rest>", "view", lambda rest: view())
        return app

    return made


def headers_of(origin: str | None) -> dict[str, str]:
    return {} if origin is None else {"Origin": origin}


# --- one response for all ---------------------------------------------------------------------------------------------


class OwnHeaders(Headers):
    """A container that an application has made for itself."""


def kept_response() -> tuple[Callable[[], Response], Callable[[], object]]:
    response = Response("kept", headers=list(SAID))
    return (lambda: response), (lambda: list(response.headers))


def kept_headers() -> tuple[Callable[[], Response], Callable[[], object]]:
    headers = Headers(SAID)
    return (lambda: Response("kept", headers=headers)), (lambda: list(headers))


def kept_headers_of_its_own_class() -> tuple[Callable[[], Response], Callable[[], object]]:
    headers = OwnHeaders(SAID)
    return (lambda: Response("kept", headers=headers)), (lambda: (type(headers), list(headers)))


def kept_dictionary() -> tuple[Callable[[], Response], Callable[[], object]]:
    headers = dict(SAID)

    def view() -> Response:
        response = Response("kept")
        response.headers = headers  # type: ignore[assignment]  # as some libraries do
        return response

    return view, (lambda: dict(headers))


KEPT = [kept_response, kept_headers, kept_headers_of_its_own_class, kept_dictionary]


@pytest.mark.parametrize("keep", KEPT, ids=lambda keep: keep.__name__)
def test_what_a_view_keeps_is_not_changed(serving, send, keep) -> None:
    view, now = keep()
    app, before = serving(view), now()

    for path in ("/api/x", "/elsewhere") * 2:
        for origin, cors in ASKED.items():
            answer = send(app, path, headers=headers_of(origin))
            assert (answer.status, answer.body, answer.headers["X-Kept"]) == (200, b"kept", "1")
            if path == "/elsewhere":
                assert cors_lines(answer.headers) == SAID[-1:], "nothing that another answer was given"
                assert answer.vary == {"accept"}
            else:
                assert (answer.cors, answer.vary) == (cors, {"accept", "origin"})
    assert now() == before


@pytest.fixture
def _threads_take_turns_often() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("_threads_take_turns_often")
@pytest.mark.parametrize("keep", KEPT, ids=lambda keep: keep.__name__)
def test_of_two_threads_each_gets_its_own_origin(serving, send, keep) -> None:
    view, now = keep()
    app, before = serving(view), now()
    barrier = threading.Barrier(2)

    def ask(origin: str) -> list[object]:
        barrier.wait(30)
        answers = [send(app, "/api/x", headers=headers_of(origin)) for _ in range(300)]
        wrong = {tuple(cors_lines(answer.headers)) for answer in answers if answer.cors != ASKED[origin]}
        return [origin, *wrong]

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(ask, (APP, READER))) == [[APP], [READER]]
    assert now() == before


# --- headers that nobody may change -----------------------------------------------------------------------------------


class Sealed(Headers):
    """Headers that are complete once they are made."""

    def __init__(self, lines: list[tuple[str, str]]) -> None:
        super().__init__()
        self._list = list(lines)

    def _refuse(self, *_: object, **__: object) -> Any:
        raise TypeError("these headers are complete")

    add = set = extend = remove = setlist = __setitem__ = __delitem__ = _refuse


def of_a_request() -> object:
    """The headers of a request, as an echo gives them back."""
    return EnvironHeaders({**request.environ, "HTTP_X_KEPT": "1"})


READ_ONLY: Mapping[str, Callable[[], object]] = {
    "headers that are complete": lambda: Sealed(SAID),
    "the headers of a request": of_a_request,
    "a view of a dictionary": lambda: MappingProxyType(dict(SAID)),
    "a tuple of pairs": lambda: tuple(SAID),
    "a list of pairs": lambda: list(SAID),
}


@pytest.mark.parametrize("container", READ_ONLY.values(), ids=READ_ONLY)
@pytest.mark.parametrize("origin", ASKED)
def test_headers_that_nobody_may_change_are_no_error(serving, send, container, origin) -> None:
    def view() -> Response:
        response = Response("view")
        response.headers = container()
        return response

    answer = send(serving(view), "/api/x", headers=headers_of(origin))

    assert (answer.status, answer.body, answer.headers["X-Kept"]) == (200, b"view", "1")
    assert answer.cors == ASKED[origin]
    assert "origin" in answer.vary
