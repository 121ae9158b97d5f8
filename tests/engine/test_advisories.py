"""Lessons from advisories about other libraries: what a preflight asks for, paths, stars, expressions, the log."""

import itertools

import pytest
from rule_sets import APP, EVERYBODY, PREFLIGHT

import corsrules

# --- what a preflight asks for ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("requested", ["UT", "put", "GET, PUT", "PUTT", "*", "", "PUT\r\nX: y", "\xff" * 8192])
def test_a_method_is_never_reflected(apps, matchers, send, requested):
    answer = send(apps["as written"], "/api/x", "OPTIONS", {"Origin": APP, "Access-Control-Request-Method": requested})

    assert (answer.status, answer.cors) == (204, PREFLIGHT)
    decided = matchers["as written"].decide("/api/x", APP, preflight=True)
    assert {name.lower(): value for name, value in decided.headers.items()} == PREFLIGHT
    # The browser compares its method with the list, byte by byte (Fetch, CORS-preflight fetch): blocked.
    assert requested not in answer.cors["access-control-allow-methods"].split(", ")


@pytest.mark.parametrize(
    "requested",
    [
        pytest.param("," * 65536, id="64 KiB of commas"),
        pytest.param("x-a," * 16384, id="64 KiB of names"),
        pytest.param("authorization", id="a name that is not allowed"),
        pytest.param("*", id="a star"),
        pytest.param("", id="nothing"),
        pytest.param("x\r\nSet-Cookie: a=b", id="an injection"),
        pytest.param("\x00\xff", id="other bytes"),
    ],
)
def test_requested_headers_are_never_parsed_or_reflected(apps, send, requested):
    """GO-2024-2883: parsing them cost more than the request."""
    headers = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": requested}

    allowed = send(apps["as written"], "/api/x", "OPTIONS", {"Origin": APP, **headers})
    denied = send(apps["as written"], "/api/x", "OPTIONS", {"Origin": "https://evil.test", **headers})

    assert (allowed.status, allowed.cors) == (204, PREFLIGHT)
    assert (denied.status, denied.cors) == (403, {})


def test_private_network_access_is_never_granted(apps, send):
    """CVE-2024-6221: it was, by default, to everyone."""
    headers = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Private-Network": "true"}

    assert send(apps["as written"], "/api/x", "OPTIONS", {"Origin": APP, **headers}).cors == PREFLIGHT


# --- paths ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["/API/x", "/Api/x", "/api2", "/api+v1", "/api v1", "/apis/x", "/ap", "/", "/x/api/x", "/api%2fx", "/\xe1pi"],
)
def test_a_path_under_no_rule_is_untouched(apps, matchers, send, path):
    """CVE-2024-6844 (`+` as a blank), CVE-2024-6866 (another case): rules of one path applied to another."""
    answer = send(apps["as written"], path, headers={"Origin": APP})

    assert (answer.status, answer.cors, answer.vary) == (200, EVERYBODY, set()), "as the view left it"
    assert not matchers["as written"].decide(path, APP).governed


@pytest.mark.parametrize(
    "path",
    [
        "/api/../admin",
        "/api/x/../y",
        "//api/x",
        "/api//x",
        "///",
        "/api/..",
        "/api/.",
        "/api/./x",
        "/./api/x",
        "/../api/x",
        "/elsewhere/../api/x",
        "/elsewhere//x",
        "*",
        "api/x",
    ],
)
def test_a_path_that_is_read_in_several_ways_is_denied(apps, matchers, send, path):
    """CVE-2020-25032 (normalisation); `/api%2f..` arrives decoded."""
    actual = send(apps["as written"], path, headers={"Origin": APP})
    preflight = send(apps["as written"], path, "OPTIONS", {"Origin": APP, "Access-Control-Request-Method": "PUT"})

    assert actual.cors == {}
    assert (preflight.status, preflight.body, preflight.cors) == (403, b"", {})
    decision = matchers["as written"].decide(path, APP)
    assert (decision.governed, decision.allowed, dict(decision.headers)) == (True, False, {})


@pytest.mark.parametrize(
    "path", ["/api/...", "/api/.well-known", "/api/x..y", "/api/..x", "/api/x/", "/api/+", "/api/\n"]
)
def test_a_path_that_only_looks_like_it_is_not(apps, send, path):
    assert send(apps["as written"], path, headers={"Origin": APP}).cors["access-control-allow-origin"] == APP


PATH_RULES = [
    '[[rules]]\npaths = ["/*"]\norigins = ["https://app.example.com"]\n',
    '[[rules]]\npaths = ["/api/*"]\norigins = ["https://reader.example.net"]\n',
    '[[rules]]\npaths = ["/api/admin/*", "/api+v1/*"]\norigins = []\n',
    '[[rules]]\npaths = ["/api"]\norigins = ["*"]\n',
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))), ids=str)
@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        pytest.param("/x", {APP}, id="everything"),
        pytest.param("/api/x", {"https://reader.example.net"}, id="the longer path"),
        pytest.param("/api/admin/x", set(), id="the longest path, which names nobody"),
        pytest.param("/api+v1/x", set(), id="a plus is a plus"),
        pytest.param("/api v1/x", {APP}, id="and no blank"),
        pytest.param("/api", {APP, "https://reader.example.net"}, id="the exact path"),
    ],
)
def test_the_longest_path_decides_whatever_the_order_of_rules(order, path, allowed):
    """CVE-2024-6839: rules were tried in the order of their regular expressions' lengths."""
    matcher = corsrules.loads("version = 1\n" + "".join(PATH_RULES[index] for index in order))

    for origin in (APP, "https://reader.example.net"):
        assert matcher.decide(path, origin).allowed == (origin in allowed)


# --- lessons from advisories that are not about one vector ------------------------------------------------------------


STARS_WITH_CREDENTIALS = [
    pytest.param('origins = ["*"]', id="origins"),
    pytest.param('origins = ["https://app.example.com"]\nmethods = ["*"]', id="methods"),
    pytest.param('origins = ["https://app.example.com"]\nrequest-headers = ["*"]', id="request headers"),
    pytest.param('origins = ["https://app.example.com"]\nresponse-headers = ["*"]', id="response headers"),
]


@pytest.mark.parametrize("what", STARS_WITH_CREDENTIALS)
@pytest.mark.parametrize("waiver", ["", 'waive = ["{code}"]\nreason = "we know better"\n'])
def test_no_star_loads_beside_credentials(what, waiver):
    """CVE-2018-20744, CVE-2017-20146, CVE-2024-25124: `*` with credentials became every origin with credentials."""
    rule = f"version = 1\n[[rules]]\ncredentials = true\n{what}\n"
    codes = {finding.code for finding in corsrules.check_text(rule) if finding.severity == "error"}

    with pytest.raises(corsrules.ConfigError):
        corsrules.loads(rule + "".join(waiver.format(code=code) for code in codes))


@pytest.mark.parametrize(
    "pattern",
    [r"https://.*\\.example\\.com", "^https://app.example.com$", "https://app.example.com|https://evil.test", ".*"],
)
def test_no_regular_expression_loads(pattern):
    """CVE-2026-37737, starlette #800: expressions that were not anchored at their end."""
    with pytest.raises(corsrules.ConfigError):
        corsrules.loads(f'version = 1\n[[rules]]\norigins = ["{pattern}"]\n')


def test_a_wildcard_is_no_regular_expression():
    """In flask-cors 6.0.5 it denies the first and allows the others."""
    matcher = corsrules.loads('version = 1\n[[rules]]\norigins = ["https://*.example.com"]\n')

    assert matcher.decide("/", "https://foo.example.com").allowed
    assert not matcher.decide("/", "https://xexample.com.evil.com").allowed
    assert not matcher.decide("/", "https://example.com.evil.com").allowed


@pytest.mark.parametrize("name", ["Origin", "Host", "Access-Control-Request-Method", "Access-Control-Request-Headers"])
def test_nothing_of_a_request_is_logged(apps, send, caplog, log, name):
    """CVE-2024-1681: CR and LF in a path forged log lines."""
    for method in ("GET", "OPTIONS"):
        headers = {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "cross-site", name: "forged\r\nline"}
        send(apps["as written"], "/api/forged\r\nline", method, headers)

    assert all("forged" not in record.getMessage() for record in caplog.records)
    assert len(log()) == (0 if name == "Origin" else 1)
