"""Invariant I1 (docs/semantics.md §2.3): whatever its bytes, a request gets nothing but an allowed origin answered."""

import re
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rule_sets import APP, EVERYBODY, LOOPBACK_RULES, RULES, WIDE_RULES, answering_on_every_path

import corsrules


class RuleSet(NamedTuple):
    """A file and, written without the package, what its answers at `/api/*` may be.

    `allowed` matches the origins inside the allowed set; `constants` are all sets of CORS headers there may be beside
    `Access-Control-Allow-Origin`; `star` are those of them that may be beside a `*`.
    """

    text: str
    profile: str | None
    allowed: str
    constants: list[dict[str, str]]
    star: list[dict[str, str]]
    near: list[str]


CREDENTIALS = {"access-control-allow-credentials": "true"}
ASKED = {"access-control-allow-methods": "PUT", "access-control-allow-headers": "x-csrf-token"}
EXPOSED = {"access-control-expose-headers": "x-request-id"}
FALLBACK = '\n[fallback]\nheaders = ["x-client-origin"]\nhosts = {"api.example.com" = "https://app.example.com"}\n'

INVARIANT_RULES = {
    "names": RuleSet(
        RULES + FALLBACK,
        None,
        r"https://app\.example\.com|https://[a-z0-9_-]{1,63}\.apps\.example\.com",
        [{**CREDENTIALS, **ASKED}, {**CREDENTIALS, **EXPOSED}, ASKED, EXPOSED],
        [],
        [APP, "https://x-1.apps.example.com", "https://" + "x" * 63 + ".apps.example.com"],
    ),
    "labels and ports": RuleSet(
        WIDE_RULES + FALLBACK + "credentials = true\n",
        None,
        r"https://(app|([a-z0-9_-]{1,63}\.)+apps)\.example\.com(:(?!443\Z)[1-9][0-9]{0,4})?",
        [{**CREDENTIALS, **ASKED}, {**CREDENTIALS, **EXPOSED}],
        [],
        [
            APP,
            f"{APP}:8443",
            "https://a.b.apps.example.com:65535",
            "https://x1y.apps.example.com",
            "https://" + "x" * 63 + ".apps.example.com",
            "https://" + "x." * 118 + "apps.example.com",
        ],
    ),
    "a star beside names": RuleSet(
        RULES + '[[rules]]\npaths = ["/api/*"]\norigins = ["*"]\nmax-age = 5\n' + FALLBACK,
        None,
        r"https://app\.example\.com|https://[a-z0-9_-]{1,63}\.apps\.example\.com",
        [{**CREDENTIALS, **ASKED}, {**CREDENTIALS, **EXPOSED}, ASKED, EXPOSED],
        [{"access-control-max-age": "5"}, {}],
        [APP, "https://x.apps.example.com"],
    ),
    "loopback": RuleSet(
        LOOPBACK_RULES + '\n[fallback]\nheaders = ["x-client-origin"]\nhost-scheme = "http"\n',
        "laptop",
        r"http://(127\.0\.0\.1|\[::1\]|localhost)(:(?!80\Z)[1-9][0-9]{0,4})?|http://\[::ffff:7f00:1\]:8080",
        [{}],
        [],
        ["http://127.0.0.1", "http://[::1]:5173", "http://localhost:3000", "http://[::ffff:7f00:1]:8080"],
    ),
}

LATIN_1 = st.characters(max_codepoint=255)
PIECES = [
    "https://",
    "http://",
    "app",
    "apps",
    "example",
    ".com",
    ".evil.test",
    ".",
    "*",
    ":443",
    ":",
    "@",
    "/",
    "[",
    "]",
]
PIECES += [
    "null",
    ",",
    ", ",
    " ",
    "\r\n",
    "\x00",
    "\t",
    "%00",
    "\\",
    "#",
    "?",
    "-",
    "_",
    "x",
    "0",
    "65536",
    ":80",
    "xn--",
]


def near_misses(bases):
    """An allowed origin with a piece or a byte put in, taken out or put in its place, once or several times."""
    edit = st.tuples(st.integers(0, 80), st.integers(0, 3), st.sampled_from([*PIECES, *bases]) | LATIN_1 | st.just(""))

    def edited(base, edits):
        for position, length, piece in edits:
            position = min(position, len(base))
            base = base[:position] + piece + base[position + length :]
        return base

    return st.builds(edited, st.sampled_from(bases), st.lists(edit, max_size=3))


def values(bases):
    """Header values: allowed, nearly allowed, allowed in another case, arbitrary bytes."""
    return st.one_of(
        st.sampled_from(bases),
        near_misses(bases),
        near_misses(bases),
        st.sampled_from(bases).map(str.upper),
        st.lists(st.sampled_from([*PIECES, *bases]), max_size=6).map("".join),
        st.text(LATIN_1, max_size=40),
    )


PATHS = st.one_of(
    st.sampled_from(["/api/x", "/api", "/api/", "/API/x", "/api2", "/api/../x", "//api/x", "/", "", "*"]),
    st.lists(st.sampled_from(["/", "api", ".", "..", "x", "+", "%2f", "\r\n", "\xff", "\x00"]), max_size=6).map(
        "".join
    ),
    st.text(LATIN_1, max_size=20).map("/".__add__),
)


def requests(bases):
    """A path, a method, and headers each of which may be absent."""
    headers = {
        "Origin": values(bases),
        "Host": values([base.partition("://")[2] for base in bases] + ["api.example.com"]),
        "X-Client-Origin": values(bases),
        "Access-Control-Request-Method": st.sampled_from(["PUT", "put"]) | st.text(LATIN_1, max_size=9),
        "Access-Control-Request-Headers": st.text(LATIN_1, max_size=20),
    }
    methods = st.sampled_from(["GET", "OPTIONS"])
    return st.tuples(st.just("/api/x") | PATHS, methods, st.fixed_dictionaries({}, optional=headers))


REQUESTS = {name: requests(rules.near) for name, rules in INVARIANT_RULES.items()}


def is_inside(rules, origin):
    match = re.fullmatch(rules.allowed, origin, re.ASCII)
    if match is None:
        return False
    host, _, port = origin.partition("://")[2].rpartition(":")
    if not port.isdecimal():
        host, port = origin.partition("://")[2], ""
    return len(host) <= 253 and (not port or int(port) <= 65535)


def assert_invariant(rules, headers, cors):
    """I1: nothing, a `*` without credentials, or an allowed origin; and beside it, constants of the file only."""
    if not cors:
        return
    origin = cors.pop("access-control-allow-origin")
    if origin == "*":
        assert cors in rules.star
        return
    assert is_inside(rules, origin)
    assert cors in rules.constants
    sent = {headers.get("Origin"), headers.get("X-Client-Origin"), f"https://{headers.get('Host')}"}
    sent |= {f"http://{headers.get('Host')}"} if rules.profile else set()
    sent |= {APP} if headers.get("Host") == "api.example.com" else set()
    assert origin in ({headers["Origin"]} if "Origin" in headers else sent)


@pytest.fixture(scope="module")
def invariant_matchers():
    return {name: corsrules.loads(rules.text, profile=rules.profile) for name, rules in INVARIANT_RULES.items()}


@pytest.fixture(scope="module")
def invariant_apps(make_app):
    return {
        name: answering_on_every_path(make_app(rules.text, profile=rules.profile))
        for name, rules in INVARIANT_RULES.items()
    }


@pytest.fixture(scope="module")
def bare_app(make_app):
    """The same application without rules. Some bytes in Host make Flask itself answer 500."""
    return answering_on_every_path(make_app(None))


@pytest.mark.parametrize("name", INVARIANT_RULES)
@given(data=st.data())
@settings(deadline=None)
def test_invariant_of_the_engine(invariant_matchers, name, data):
    rules = INVARIANT_RULES[name]
    path, method, headers = data.draw(REQUESTS[name])
    decision = invariant_matchers[name].decide(
        path,
        headers.get("Origin"),
        preflight=method == "OPTIONS",
        host=headers.get("Host"),
        fallback={key.lower(): value for key, value in headers.items() if key == "X-Client-Origin"},
    )
    cors = {name.lower(): value for name, value in decision.headers.items()}

    assert len(cors) == len(decision.headers)
    assert decision.allowed == bool(cors)
    if path == "/api/x" and "Origin" in headers:
        expected = headers["Origin"] if is_inside(rules, headers["Origin"]) else "*" if rules.star else None
        assert cors.get("access-control-allow-origin") == expected
    if not path.startswith("/api"):
        assert cors == {}
    assert_invariant(rules, headers, cors)


@pytest.mark.parametrize("name", INVARIANT_RULES)
@given(data=st.data())
@settings(deadline=None)
def test_invariant_of_the_application(invariant_apps, bare_app, send, name, data):
    rules = INVARIANT_RULES[name]
    path, method, headers = data.draw(REQUESTS[name])
    answer = send(invariant_apps[name], path, method, headers)

    answers_preflight = method == "OPTIONS" and answer.status in (204, 403)
    assert answers_preflight or answer.status == send(bare_app, path, method, headers).status
    if path == "/api/x":
        assert {"origin", "x-client-origin"} <= answer.vary
        if "Origin" in headers:
            expected = headers["Origin"] if is_inside(rules, headers["Origin"]) else "*" if rules.star else None
            assert answer.cors.get("access-control-allow-origin") == expected
    if answer.cors != EVERYBODY:
        assert_invariant(rules, headers, answer.cors)
    else:
        # Only where no rule governs the path is it as the view left it.
        assert path != "/api"
        assert not path.startswith("/api/")
