"""What came back of a request, what it says of CORS, and how a WSGI application is asked (PEP 3333).

An answer of whatever protocol is judged by `cors` and `vary`. The lines as they came are `cors_lines` and `vary_lines`,
for what must be as an application wrote it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from werkzeug.datastructures import Headers

Lines = Iterable[tuple[str, str]]


def cors_lines(headers: Lines) -> list[tuple[str, str]]:
    """The lines of `Access-Control-*` headers, in their order and spelling."""
    return [(name, value) for name, value in headers if name.lower().startswith("access-control-")]


def vary_lines(headers: Lines) -> list[str]:
    """The value of each `Vary` line."""
    return [value for name, value in headers if name.lower() == "vary"]


def names_in(values: Iterable[str]) -> list[str]:
    """The names in these values of `Vary`, lower case, each once, in their order."""
    return list(dict.fromkeys(name.strip().lower() for value in values for name in value.split(",")))


def cors(headers: Lines) -> dict[str, str]:
    """The `Access-Control-*` headers by lower-case name; none may stand twice."""
    found = [(name.lower(), value) for name, value in cors_lines(headers)]
    assert len(dict(found)) == len(found), f"doubled: {found}"
    return dict(found)


def vary(headers: Lines) -> set[str]:
    """The lower-case names in `Vary`, which has one line at most and no name twice."""
    values = vary_lines(headers)
    assert len(values) <= 1, f"several lines: {values}"
    names = names_in(values)
    assert sum(len(value.split(",")) for value in values) == len(names), f"doubled: {values}"
    return set(names)


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Headers
    body: bytes

    @property
    def cors(self) -> dict[str, str]:
        """The `Access-Control-*` headers by lower-case name; none may stand twice."""
        return cors(self.headers)

    @property
    def vary(self) -> set[str]:
        """The lower-case names in `Vary`, which has one line at most and no name twice."""
        return vary(self.headers)


def ask(app: Callable[..., Iterable[bytes]], environ: dict[str, Any]) -> Answer:
    """The answer of a WSGI application, which may start it once only; read to its end and closed."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Callable[..., None]:
        started.append((status, headers))
        return lambda data: None

    iterable = app(environ, start_response)
    body = b"".join(iterable)
    close = getattr(iterable, "close", None)
    if close is not None:
        close()
    ((status, headers),) = started
    return Answer(int(status.split()[0]), Headers(headers), body)
