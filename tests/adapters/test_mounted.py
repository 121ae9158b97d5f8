"""The line in the log where the paths of a file seem to be written with the prefix of a mounted application."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from adapter_cases import APP, Request, Rules, asking, from_origin, one_rule
from adapter_table import Serve

Log = Callable[[], list[logging.LogRecord]]

API = Rules(one_rule(APP, path="/api/*"))
ALL = Rules(one_rule(APP))
BOTH = Rules(f'{one_rule(APP)}[[rules]]\npaths = ["/api/*", "/api/x/deep"]\norigins = []\n')

#: The rules, the prefix, the path below it, and whether it is logged.
MOUNTED = [
    ("the prefix is written, and the path is under no rule", API, "/api", "/x", True),
    ("the prefix is written, and the application's root is asked for", API, "/api", "", True),
    ("the prefix is written, and the path is under another rule", BOTH, "/api", "/x", True),
    ("the prefix is written with more of the path", BOTH, "/api/x", "/deep", True),
    ("the prefix is not written", API, "/v1", "/api/x", False),
    ("one rule for everything", ALL, "/v1", "/x", False),
    ("one path above prefix and path", API, "/api", "/api/x", False),
    ("under no rule with and without", API, "/v1", "/x", False),
    ("not mounted", API, "", "/api/x", False),
    ("a path to which no rule is applied", BOTH, "/api", "/../x", False),
]


@pytest.mark.parametrize(
    ("rules", "mount", "path", "logged"), [row[1:] for row in MOUNTED], ids=[row[0] for row in MOUNTED]
)
def test_when_it_is_logged(
    serve: Callable[..., Serve], log: Log, rules: Rules, mount: str, path: str, logged: bool
) -> None:
    for lines in ((), from_origin(APP), from_origin("https://evil.test")):
        serve(rules)(Request("GET", path, lines, mount=mount))

    records = log()
    assert [record.levelname for record in records] == ["WARNING"] * logged, "once per process"
    assert all("write the paths in cors.toml without it" in record.getMessage() for record in records)


def test_a_preflight_shows_it_too(serve: Callable[..., Serve], log: Log) -> None:
    serve(API)(Request("OPTIONS", "/x", (*asking(), *from_origin(APP)), mount="/api"))

    assert len(log()) == 1


def test_no_bytes_of_a_request_get_into_the_log(serve: Callable[..., Serve], log: Log) -> None:
    serve(BOTH)(Request("GET", "/MARKED\r\n", from_origin("MARKED\r\n"), mount="/api"))

    (record,) = log()
    assert "MARKED" not in record.getMessage()
    assert "\n" not in record.getMessage()
