"""Regular expressions become patterns only where both mean the same: tried on a generated universe of both."""

from __future__ import annotations

import re
from functools import cache
from itertools import product

import pytest

from corsrules.authoring.regex import NoPattern, certain_beginning, origin_patterns, paths
from corsrules.language import origin_pattern
from corsrules.web import origin

#: What is understood, the expression, the patterns.
UNDERSTOOD = [
    ("one origin", r"^https://app\.example\.com$", ("https://app.example.com",)),
    ("no ^, because re.match begins at the start", r"https://app\.example\.com\Z", ("https://app.example.com",)),
    ("escaped slashes and hyphens", r"^https:\/\/my\-app\.example$", ("https://my-app.example",)),
    ("either scheme", r"^https?://a\.example$", ("https://a.example", "http://a.example")),
    ("one more label", r"^https://[^.]+\.a\.example$", ("https://*.a.example",)),
    ("one more label, a class of all its characters", r"^https://[\w-]+\.a\.example$", ("https://*.a.example",)),
    ("one or more labels", r"^https://.*\.a\.example$", ("https://**.a.example",)),
    ("the apex too", r"^https://(.*\.)?a\.example$", ("https://**.a.example", "https://a.example")),
    ("part of a label", r"^https://pr-[^.]+\.a\.example$", ("https://pr-*.a.example",)),
    ("a choice", r"^https://(app|admin)\.a\.example$", ("https://app.a.example", "https://admin.a.example")),
    ("a port", r"^http://localhost:3000$", ("http://localhost:3000",)),
    ("every port", r"^http://localhost(:\d+)?$", ("http://localhost:*",)),
]

#: What is not understood, the expression, a word of why.
NOT_UNDERSTOOD = [
    ("an open end", r"^https://app\.example\.com", "anchored"),
    ("an escaped dollar", r"^https://app\.example\.com\$", "anchored"),
    ("a dot without a backslash", r"^https://app.example.com$", "backslash"),
    ("a class that lacks the underscore", r"^https://[a-z0-9-]+\.example\.com$", "leaves out `_`"),
    ("a class of digits", r"^https://pr-\d+\.example\.com$", "no pattern is known"),
    ("dots inside a label", r"^https://pr-.*\.example\.com$", "crosses dots"),
    ("none or more inside a label", r"^https://pr-[^.]*\.example\.com$", "for none too"),
    ("a port that must be there", r"^http://localhost:\d+$", "no pattern is known"),
    ("the default port", r"^https://a\.example:443$", "is no pattern"),
    ("an alternative", r"^https://a\.example$|^https://b\.example$", "no pattern is known"),
    ("a path", r"^https://a\.example/?$", "no pattern is known"),
    ("a wildcard over an IP address", r"^http://.*\.0\.0\.1$", "is no pattern"),
    ("a flag", r"(?m)^https://a\.example$", "flags"),
]


@pytest.mark.parametrize(("text", "patterns"), [row[1:] for row in UNDERSTOOD], ids=[row[0] for row in UNDERSTOOD])
def test_understood(text: str, patterns: tuple[str, ...]) -> None:
    assert origin_patterns(re.compile(text, re.IGNORECASE)) == patterns


@pytest.mark.parametrize(("text", "why"), [row[1:] for row in NOT_UNDERSTOOD], ids=[row[0] for row in NOT_UNDERSTOOD])
def test_not_understood(text: str, why: str) -> None:
    with pytest.raises(NoPattern, match=re.escape(why)):
        origin_patterns(re.compile(text, re.IGNORECASE))


def test_upper_case_is_folded_only_where_the_expression_folds_it() -> None:
    assert origin_patterns(re.compile(r"^HTTPS://App\.example$", re.IGNORECASE)) == ("https://app.example",)
    with pytest.raises(NoPattern):
        origin_patterns(re.compile(r"^https://App\.example$"))


# --- the universe -----------------------------------------------------------------------------------------------------

HOSTS = [
    "b.example",
    "a.b.example",
    "a_c.b.example",
    "a-c.b.example",
    "x.a.b.example",
    "app.b.example",
    "admin.b.example",
    "x.app.b.example",
    "pr-1.b.example",
    "pr-.b.example",
    "pr-a.c.b.example",
    "pr-x_.b.example",
    "1.b.example",
    "_.b.example",
    "-.b.example",
    "xpr-1.b.example",
    "bxexample",
    "bxb.example",
    "evilb.example",
    "b.example.evil.test",
    "localhost",
    "a.localhost",
    "app.localhost",
    "localhost.evil.test",
    "127.0.0.1",
    "127x0x0x1",
    "127.0.0.10",
    "[::1]",
    "example",
    "a.example",
    "b",
    "app",
    "appxb.example",
    "app-b.example",
]
HOSTS += [f"{'x' * 63}.b.example", f"pr-{'x' * 60}.b.example", f"{'a.' * 100}b.example"]
ORIGINS = [
    found
    for scheme, host, port in product(("https", "http", "capacitor"), HOSTS, ("", ":3000", ":30001", ":1", ":65535"))
    if (found := origin.parse(f"{scheme}://{host}{port}")) is not None
]
SERIALIZED = [str(each) for each in ORIGINS]

SCHEMES = ("https://", "http://", "https?://", "HTTPS://", r"https:\/\/", "capacitor://", ".*://", "https*://")
FRONTS = ("", r"[^.]+\.", r"[^.]*\.", r".*\.", r".+\.", ".*", r"[a-z0-9_-]+\.", r"[a-z0-9-]+\.", r"[A-Z0-9_-]+\.")
FRONTS += (r"[\w-]+\.", r"\w+\.", r"[\w.-]+\.", r"(.*\.)?", r"(?:[^.]+\.)?", r"(.*\.)", r"(app|admin)\.", "app|admin")
FRONTS += (r"(?:(app|admin)\.)?", r"pr-[^.]+\.", r"pr-[^.]*\.", r"pr-.*\.", r"[^.]+-1\.", "[^.]+.", "app.", r"[^-]+\.")
BACKS = (r"b\.example", "b.example", "localhost", r"127\.0\.0\.1", r"B\.Example", "", "example")
PORTS = ("", ":3000", r":\d+", r"(:\d+)?", "(?::[0-9]+)?", ":443", ":[0-9]*", "(:3000)?", r":\d?")
ENDS = ("$", r"\Z", "", r"\$", "/?$", "$|^http://evil", "(/.*)?$", "[^.]*$")


@cache
def allowed(text: str) -> frozenset[str]:
    one = origin_pattern.parse(text)
    assert one is not None
    return frozenset(str(each) for each in ORIGINS if origin_pattern.matches(one, each))


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("flags", [0, re.IGNORECASE], ids=["case", "no case"])
def test_whatever_becomes_patterns_means_the_same(scheme: str, flags: int) -> None:
    shapes = [("^", *rest, "$") for rest in product(FRONTS, BACKS, PORTS)]
    shapes += [(start, *rest) for start, *rest in product(("", ".*", r"\A"), FRONTS[:4], BACKS[:2], PORTS[:4], ENDS)]
    for start, front, back, port, end in shapes:
        expression = re.compile(f"{start}{scheme}{front}{back}{port}{end}", flags)
        try:
            patterns = origin_patterns(expression)
        except NoPattern:
            continue
        matched = set(filter(expression.match, SERIALIZED))
        assert matched == set().union(*map(allowed, patterns)), (expression.pattern, patterns)


def test_the_universe_tells_expressions_apart() -> None:
    expressions = [re.compile(f"^https://{front}b\\.example$") for front in FRONTS]
    assert len({tuple(filter(expression.match, SERIALIZED)) for expression in expressions}) >= 16


# --- paths ------------------------------------------------------------------------------------------------------------

#: the expression, what begins every path of it, or the whole path
PATHS = [
    ("/*", "", True),
    (".*", "", True),
    ("/.*", "/", True),
    ("/api/*", "/api", True),
    ("^/api/.*$", "/api/", True),
    ("/api/v1", "/api/v1", True),
    ("^/health$", "/health", False),
    (r"/a\.b\Z", "/a.b", False),
]
UNCLEAR = [
    ("/api*", "/ap"),
    (r"/api/v\d+/.*", "/api/v"),
    ("/a.b", "/a"),
    ("/(a|b)/.*", ""),
    ("/a|/b", ""),
    ("/a?b", "/"),
]
REQUESTED = ["/", "/a", "/ab", "/a.b", "/axb", "/ap", "/api", "/apis", "/api/", "/api//", "/api/x", "/API", "/health"]
REQUESTED += ["/health/", "/healthy", "/x/health", "/api/v1", "/api/v12", "/b", "/b/c", "/a/c"]


@pytest.mark.parametrize(("text", "path", "beginning"), PATHS)
def test_paths(text: str, path: str, beginning: bool) -> None:
    expression = re.compile(text)
    assert paths(expression) == (path, beginning)
    for requested in REQUESTED:
        matched = requested.startswith(path) if beginning else requested == path
        assert matched == (expression.match(requested) is not None)


@pytest.mark.parametrize(("text", "beginning"), UNCLEAR)
def test_paths_that_are_not_understood(text: str, beginning: str) -> None:
    with pytest.raises(NoPattern):
        paths(re.compile(text))
    assert certain_beginning(re.compile(text)) == beginning
    assert all(path.startswith(beginning) for path in REQUESTED if re.match(text, path))


def test_paths_without_regard_to_case_are_not_understood() -> None:
    with pytest.raises(NoPattern, match="flags"):
        paths(re.compile("/api", re.IGNORECASE))
    assert certain_beginning(re.compile("/api", re.IGNORECASE)) == ""
