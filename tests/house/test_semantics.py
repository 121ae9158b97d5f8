"""docs/semantics.md is executed: its files are checked, its tables tried, its requests asked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

import corsrules
from corsrules.web.fetch import ALLOW_ORIGIN
from corsrules.wsgi import CorsMiddleware

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "schemas" / "cors.schema.json"
PAGE = (ROOT / "docs" / "semantics.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)

#: The smallest file, and the one that the page's requests are about.
FILES = [text for language, text in BLOCKS if language == "toml"]

#: Each request with its answer: lines that begin with `> ` and with `< `.
EXCHANGES = [
    exchange for language, text in BLOCKS if language == "text" for exchange in text.removesuffix("\n").split("\n\n")
]

#: The tables of a schema as the page writes where their keys stand.
TABLES = {"Profile": "profiles.NAME.", "Rule": "rules[].", "Fallback": "fallback.", "Test": "tests[]."}


def rows(heading: str) -> list[list[str]]:
    """The cells of the table whose first heading this is, row by row."""
    table = PAGE.partition(f"\n| {heading} |")[2].partition("\n\n")[0]
    return [
        [cell.strip() for cell in line.removeprefix("|").removesuffix("|").split("|")]
        for line in table.splitlines()[2:]
    ]


def code(cell: str) -> list[str]:
    """What a cell sets in code."""
    return re.findall(r"`([^`]+)`", cell)


def tried(heading: str) -> list[tuple[str, str, bool]]:
    """Each row's first cell with each text of its third (True) and fourth (False)."""
    return [
        (code(first)[0], text, wanted)
        for first, _, yes, no in rows(heading)
        for cell, wanted in ((yes, True), (no, False))
        for text in code(cell)
    ]


def file(origin: str, path: str = "/*") -> str:
    return f'version = 1\n[[rules]]\norigins = ["{origin}"]\npaths = ["{path}"]\n'


@pytest.mark.parametrize("text", FILES, ids=("the smallest", "the example"))
def test_a_file_has_no_findings(text: str) -> None:
    assert corsrules.check_text(text) == []


def test_every_key_is_in_the_table_and_those_that_are_required_are_called_so() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    keys = {"version": True} | {
        prefix + key: key in schema["definitions"][table].get("required", ())
        for table, prefix in TABLES.items()
        for key in schema["definitions"][table]["properties"]
    }
    listed = {code(key)[0].removesuffix(".GROUP"): left_out == "error" for key, _, left_out, *_ in rows("key")}
    assert listed == keys


@pytest.mark.parametrize(("how", "wrong"), [(how, wrong) for _, how, wrong in rows("part")])
def test_an_origin_is_written(how: str, wrong: str) -> None:
    (right,) = re.findall(r"`(\S+://\S+)`", how)
    assert corsrules.loads(file(right)).decide("/", right).allowed
    with pytest.raises(corsrules.ConfigError):
        corsrules.loads(file(*code(wrong)))


@pytest.mark.parametrize(("pattern", "origin", "is_let_in"), tried("pattern"))
def test_a_pattern_stands_for(pattern: str, origin: str, is_let_in: bool) -> None:
    answered = {ALLOW_ORIGIN: "*" if pattern == "*" else origin} if is_let_in else {}
    assert corsrules.loads(file(pattern)).decide("/", origin).headers == answered


@pytest.mark.parametrize(("path", "requested", "is_covered"), tried("path"))
def test_a_path_covers(path: str, requested: str, is_covered: bool) -> None:
    origin = "https://app.example.com"
    assert corsrules.loads(file(origin, path)).decide(requested, origin).governed == is_covered


def shown(headers: Iterable[tuple[str, str]]) -> list[str]:
    """The headers that have to do with CORS, as the page writes them."""
    return sorted(f"{name}: {value}" for name, value in headers if name == "Vary" or name.startswith("Access-Control-"))


@pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda text: " ".join(re.findall("^[><] (.*)", text, re.MULTILINE)))
def test_a_request_is_answered(exchange: str, send: Callable[..., Any], make_app: Callable[..., Any]) -> None:
    (asked, *headers), (status, *answered) = (
        [line.removeprefix(f"{sign} ") for line in exchange.splitlines() if line.startswith(sign)] for sign in "><"
    )
    method, path = asked.split()
    app = make_app(None)
    app.add_url_rule("/<path:_>", view_func=lambda _: "here")
    app.wsgi_app = CorsMiddleware(app.wsgi_app, corsrules.loads(FILES[1], profile="production"))
    got = send(app, path, method, dict(line.split(": ", 1) for line in headers))
    assert (got.status, shown(got.headers)) == (int(status), sorted(answered))
