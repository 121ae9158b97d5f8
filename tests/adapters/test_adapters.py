"""Every adapter gives the answer that the table says."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from adapter_cases import (
    APP,
    APPS,
    CASES,
    READER,
    RULES,
    SAYING,
    STRANGER,
    Case,
    Preflight,
    Reached,
    Request,
    Untouched,
    asking,
    from_origin,
)
from adapter_table import ADAPTERS, Serve
from answers import Answer, cors_lines, vary_lines

#: Header lines that a server or a framework writes by itself.
OF_THE_ENTITY = ("content-type", "content-length")


def others(headers: object) -> list[tuple[str, str]]:
    """The lines that CORS has nothing to do with, and no entity."""
    ours = cors_lines(headers)
    return [line for line in headers if line not in ours and line[0].lower() not in ("vary", *OF_THE_ENTITY)]


def test_each_row_of_the_table_has_its_own_description() -> None:
    assert len({case.description for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=[case.description for case in CASES])
def test_the_answer(case: Case, serve: Callable[..., Serve]) -> None:
    answer, reached = serve(case.rules, case.view)(case.request)

    match case.expected:
        case Preflight(status, cors, vary):
            assert (answer.status, answer.body, reached) == (status, b"", False)
            assert (answer.cors, answer.vary, others(answer.headers)) == (cors, vary, [])
            assert status == 403 or not {"Content-Type", "Content-Length"} & {*answer.headers.keys()}
        case Reached(cors, vary):
            assert (answer.status, answer.body, reached) == (case.view.status, body_of(case), True)
            assert (answer.cors, answer.vary) == (cors, vary)
            assert others(answer.headers) == others(case.view.headers), "what is not CORS is left as it is"
        case Untouched():
            assert (answer.status, answer.body, reached) == (case.view.status, body_of(case), True)
            assert [line for line in answer.headers if line[0].lower() not in OF_THE_ENTITY] == [*case.view.headers]


def test_adapters_agree_beside_the_table(tmp_path_factory: pytest.TempPathFactory) -> None:
    adapters = [make(RULES, SAYING, tmp_path_factory.mktemp("adapter")) for make in ADAPTERS.values()]
    paths = ("/api/x", "/public/x", "/mixed/x", "/internal/x", "/elsewhere", "/api/../x")
    origins = (APP, READER, STRANGER, APPS, "null", "", None)
    for path, origin, method, more in product(paths, origins, ("GET", "OPTIONS", "BREW"), ((), asking())):
        request = Request(method, path, (*from_origin(origin), *more))
        said = [summary(*serve(request)) for serve in adapters]
        assert said == said[:1] * len(said), request


def summary(answer: Answer, reached: bool) -> tuple[object, ...]:
    cors = sorted((name.lower(), value) for name, value in cors_lines(answer.headers))
    return answer.status, answer.body, cors, vary_lines(answer.headers), reached


def body_of(case: Case) -> bytes:
    return b"" if case.request.method == "HEAD" else case.view.body
