"""`[[tests]]` that prove nothing are found: what no browser sends, what no rule covers, what shares its name."""

from __future__ import annotations

import pytest

import corsrules

RULES = """\
version = 1
[profiles.production.origins]
web = ["https://*.example.com"]
[profiles.staging]
inherits = "production"
[[rules]]
name = "api"
paths = ["/api/*"]
origins = ["web"]
methods = ["PUT", "PATCH"]
"""

#: The lines of a test by key; where each stands in a file is counted by `at`.
TEST = {"name": "t", "origin": "https://evil.example", "path": "/api/x", "deny": ["GET"]}


def test(**changed: object) -> str:
    lines = {**TEST, **changed}
    return "[[tests]]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in lines.items() if value is not None)


test.__test__ = False  # type: ignore[attr-defined]  # it writes a test of a cors.toml, and is none of pytest's


def _toml(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_toml(key)} = {_toml(each)}' for key, each in value.items())} }}"
    return "true" if value is True else f'"{value}"'


def found(text: str) -> list[tuple[str, str]]:
    """The codes, each with the text that its finding points at."""
    lines = text.splitlines()
    return [
        (each.code, lines[each.line - 1][each.column - 1 : each.end_column - 1] if each.line == each.end_line else "")
        for each in corsrules.check_text(text)
    ]


ORIGINS = [
    ("no scheme", "app.example.com", 'write "https://app.example.com"'),
    ("a pattern", "https://*.example.com", 'a page has one origin: write for example "https://x.example.com"'),
    ("a group", "web", 'a page has one origin: write for example "https://x.example.com"'),
    ("everybody", "*", "name the origin of one page"),
    ("upper case", "https://App.example.com", 'write "https://app.example.com"'),
    ("a slash at the end", "https://app.example.com/", 'write "https://app.example.com"'),
    ("the default port", "https://app.example.com:443", 'write "https://app.example.com"'),
    ("a path", "https://app.example.com/login", 'write "https://app.example.com"'),
    ("two", "https://a.example, https://b.example", "a page has one origin"),
    ("a WebSocket", "wss://app.example.com", 'write "https://app.example.com"'),
    ("a local file", "file:///index.html", 'write "null"'),
    ("nothing", "", "name the origin of one page"),
]


@pytest.mark.parametrize(("text", "advice"), [row[1:] for row in ORIGINS], ids=[row[0] for row in ORIGINS])
def test_an_origin_that_no_browser_sends(text: str, advice: str) -> None:
    content = RULES + test(origin=text)
    (finding,) = corsrules.check_text(content)
    assert found(content) == [("CR405", f'"{text}"')]
    assert advice in finding.help


def test_a_group_is_called_one() -> None:
    (finding,) = corsrules.check_text(RULES + test(origin="web"))
    assert finding.message == "no browser sends the origin `web`, which is a group"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("null", id="a sandboxed frame"),
        pytest.param("https://evil.example.", id="a dot at the end"),
        pytest.param("https://app.example.com,evil.test", id="a comma in the name"),
        pytest.param("capacitor://localhost", id="an application"),
    ],
)
def test_an_origin_that_a_browser_sends(text: str) -> None:
    assert corsrules.check_text(RULES + test(origin=text)) == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({"deny": None, "allow": ["get"]}, [("CR042", '"get"')], id="a method in the wrong case"),
        pytest.param({"deny": ["put", "GET"]}, [("CR042", '"put"')], id="also where it is denied"),
        pytest.param({"deny": ["patch"]}, [("CR048", '"patch"')], id="patch is not PATCH"),
        pytest.param({"deny": ["PUT, DELETE"]}, [("CR040", '"PUT, DELETE"')], id="two methods in one text"),
        pytest.param({"deny": ["TRACE"]}, [("CR405", '"TRACE"')], id="a method that no browser sends for a page"),
        pytest.param({"headers": ["cookie"]}, [("CR405", '"cookie"')], id="a header that no page can set"),
        pytest.param({"headers": ["x-a: 1"]}, [("CR043", '"x-a: 1"')], id="a header with its value"),
        pytest.param({"deny": ["*"]}, [], id="every method"),
        pytest.param({"deny": ["PROPFIND"], "headers": ["x-a"]}, [], id="a method that no rule names"),
    ],
)
def test_a_request_that_no_browser_makes(changed: dict[str, object], expected: list[tuple[str, str]]) -> None:
    assert found(RULES + test(**changed)) == expected


def test_a_method_is_told_as_in_a_rule() -> None:
    (of_test,) = corsrules.check_text(RULES + test(deny=["put"]))
    (of_rule,) = corsrules.check_text(RULES.replace('"PUT"', '"put"'))
    assert (of_test.message, of_test.help) == (of_rule.message, of_rule.help)


OTHER = {"path": "/api/y"}
PRODUCTION, STAGING = {"profiles": ["production"]}, {"profiles": ["staging"]}


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        pytest.param([{}, {"name": "u"}], [], id="two names"),
        pytest.param([{}, OTHER], [("CR408", 16, 11)], id="one name"),
        pytest.param(
            [{}, OTHER, OTHER], [("CR408", 16, 11), ("CR408", 21, 11)], id="each later one, the first is named"
        ),
        pytest.param([PRODUCTION, STAGING], [], id="in two profiles: reports name the profile too"),
        pytest.param([PRODUCTION, PRODUCTION], [("CR408", 17, 11)], id="in one profile"),
        pytest.param([PRODUCTION, {}], [("CR408", 17, 11)], id="one in all profiles"),
        pytest.param([{}, STAGING], [("CR408", 16, 11)], id="the first in all profiles"),
        pytest.param([PRODUCTION, STAGING, {"profiles": ["staging", "production"]}], [("CR408", 23, 11)], id="in both"),
    ],
)
def test_two_tests_of_one_name(tables: list[dict[str, object]], expected: list[tuple[str, int, int]]) -> None:
    findings = corsrules.check_text(RULES + "".join(test(**each) for each in tables))
    assert [(each.code, each.line, each.related[0].line) for each in findings] == [
        (code, line + 1, first + 1) for code, line, first in expected
    ]


FALLBACK = '[fallback]\nheaders = ["X-Client-Origin", "x-other"]\n'
APP = "https://app.example.com"


@pytest.mark.parametrize(
    ("filled", "expected"),
    [
        pytest.param({"x-client-origin": APP}, [], id="a header of the fallback, whatever its case"),
        pytest.param({"x-client-origin": APP, "X-Other": "null"}, [], id="both"),
        pytest.param({"x-client-origin": ""}, [], id="empty: it counts as absent"),
        pytest.param({}, [], id="none: the gateway filled nothing in"),
        pytest.param({"x-origin": APP}, [("CR409", '"x-origin"')], id="another header"),
        pytest.param({"x-other": "", "X-Other": ""}, [("CR409", '"X-Other"')], id="one header twice"),
        pytest.param({"x-other": "web"}, [("CR405", '"web"')], id="what no gateway copies"),
    ],
)
def test_what_a_gateway_fills_in(filled: dict[str, str], expected: list[tuple[str, str]]) -> None:
    assert found(RULES + FALLBACK + test(fallback=filled, deny=["DELETE"])) == expected


@pytest.mark.parametrize(
    ("fallback", "advice"),
    [
        pytest.param(FALLBACK, "did you mean `x-client-origin`?", id="nearly"),
        pytest.param("", 'name it there: `headers = ["x-clientorigin"]` in `[fallback]`', id="there is none"),
    ],
)
def test_the_header_that_is_meant(fallback: str, advice: str) -> None:
    (finding,) = corsrules.check_text(RULES + fallback + test(fallback={"x-clientorigin": APP}))
    assert (finding.code, finding.help) == ("CR409", advice)


def test_a_broken_fallback_is_one_mistake() -> None:
    text = RULES + '[fallback]\nheaders = "x-client-origin"\n' + test(fallback={"x-client-origin": APP})
    assert [code for code, _ in found(text)] == ["CR005"]
