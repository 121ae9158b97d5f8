"""Every class of CORS misconfiguration that was ever shipped somewhere, and invariant I1 (docs/semantics.md §2.3).

The vectors go through the engine (`Matcher.decide`) and through an application as raw WSGI bytes. A vector that is not
latin-1 arrives there as a server hands it over: its UTF-8 bytes, each one a character (PEP 3333).
"""

import itertools
import logging
import re
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import corsrules

APP = "https://app.example.com"

#: The rules that the vectors are written for.
RULES = """
version = 1

[[rules]]
paths            = ["/api/*"]
origins          = ["https://app.example.com", "https://*.apps.example.com"]
methods          = ["PUT"]
request-headers  = ["x-csrf-token"]
response-headers = ["x-request-id"]
credentials      = true
"""

#: The same names with everything open that a pattern can open: labels, ports, prefixes. Ports are then no vectors.
WIDE_RULES = RULES.replace(
    '"https://app.example.com", "https://*.apps.example.com"',
    '"https://app.example.com:*", "https://**.apps.example.com:*", "https://x*y.apps.example.com:1-65535"',
)

PREFLIGHT = {
    "access-control-allow-origin": APP,
    "access-control-allow-credentials": "true",
    "access-control-allow-methods": "PUT",
    "access-control-allow-headers": "x-csrf-token",
}

#: A rule that allows the addresses whose other spellings are vectors.
LOOPBACK_RULES = """
version = 1

[profiles.laptop]
development = true
origins.web = ["http://127.0.0.1:*", "http://[::1]:*", "http://[::ffff:7f00:1]:8080", "http://localhost:*"]

[[rules]]
paths   = ["/api/*"]
origins = ["web"]
"""


def rows(name, *vectors):
    return [pytest.param(vector, id=f"{name}: {shown(vector)}") for vector in vectors]


def shown(vector):
    text = vector if len(vector) <= 70 else f"{vector[:30]}...{vector[-30:]} ({len(vector)} characters)"
    return text.encode("unicode_escape").decode()


SPECIAL_CHARACTERS = [*"_-\"{}+^`!~;|&'()*,$=", "%60"]
CONTROLS = ["\r", "\n", "\r\n", "\x00", "\t", " ", "\x0b", "\x0c", "\x1c", "\x1f", "\x7f", "\x85", "\xa0", "\xad"]

VECTORS = [
    *rows("suffix append", f"{APP}.evil.test", f"{APP}evil.test", f"{APP}.com", "https://x.apps.example.com.evil.test"),
    *rows("prefix prepend", "https://evilapps.example.com", "https://notapp.example.com", "https://x.app.example.com"),
    *rows(
        "substring",
        "https://evil.test?app.example.com",
        "https://xample.com",
        "https://example.com",
        "https://app.example.co",
        "https://pp.example.com",
        "app.example.com",
        "https://",
        "",
    ),
    *rows(
        "unescaped dot",
        "https://appXexample.com",
        "https://app-example.com",
        "https://appxexample.com",
        "https://app.examplexcom",
        "https://x.appsxexample.com",
        "https://xxapps.example.com",
    ),
    *rows("null", "null", "NULL", " null", "null ", "https://null", "file://", "about:blank", "undefined", "*"),
    *rows(
        "scheme",
        "http://app.example.com",
        "xhttps://app.example.com",
        "https:/app.example.com",
        "https:app.example.com",
        "https:///app.example.com",
        "//app.example.com",
        "blob:https://app.example.com",
        "httpss://app.example.com",
        "http://x.apps.example.com",
        "wss://app.example.com",
    ),
    *rows(
        "port",
        *(
            f"https://{host}.example.com:{port}"
            for host in ("app", "x.apps")
            for port in ("443", "0", "65536", "0443", "", "\uff14\uff14\uff13", "+443", "4_43", " 443", "*", "8443:443")
        ),
    ),
    *rows(
        "parser differences",
        "https://evil.test@app.example.com",
        "https://app.example.com@evil.test",
        "https://user:pass@x.apps.example.com",
        "https://app.example.com/",
        "https://app.example.com/path",
        "https://evil.test/.apps.example.com",
        "https://app.example.com?",
        "https://app.example.com?query",
        "https://evil.test?.apps.example.com",
        "https://app.example.com#",
        "https://app.example.com#fragment",
        "https://evil.test#.apps.example.com",
        "https://app.example.com\\",
        "https://evil.test\\.apps.example.com",
        "https:\\\\app.example.com",
        "https://app.example.com:@evil.test",
        "https://[app.example.com]",
        "https://[::1].apps.example.com",
    ),
    *rows("special character after the name", *(f"{APP}{each}.evil.test" for each in SPECIAL_CHARACTERS)),
    *rows(
        "special character before the suffix",
        *(f"https://evil.test{each}.apps.example.com" for each in SPECIAL_CHARACTERS if each not in "-_"),
        *(f"https://x{each}.apps.example.com" for each in SPECIAL_CHARACTERS if each not in "-_"),
        *(f"https://x{each}y.apps.example.com" for each in SPECIAL_CHARACTERS if each not in "-_"),
        *(f"https://{each}x.apps.example.com" for each in SPECIAL_CHARACTERS if each not in "-_"),
    ),
    *rows(
        "case",
        "HTTPS://app.example.com",
        "Https://app.example.com",
        "https://APP.example.com",
        "https://app.example.coM",
        "https://X.apps.example.com",
        "https://x.APPS.example.com",
    ),
    *rows(
        "Unicode",
        "https://app\uff0eexample.com",
        "https://app\u3002example.com",
        "https://\u0430pp.example.com",
        "https://app.ex\u0430mple.com",
        "https://x.app\u017f.example.com",
        "http\u017f://app.example.com",
        "https://\u017f.apps.example.com",
        "https://\u212a.apps.example.com",
        "https://\xe9.apps.example.com",
        "https://app.example.com\u200b",
        "https://app.example.com\u2028",
        "https://\u0661.apps.example.com",
        "https\uff1a\uff0f\uff0fapp.example.com",
        "\ufeffhttps://app.example.com",
    ),
    *rows(
        "dots",
        "https://app.example.com.",
        "https://x.apps.example.com.",
        "https://x..apps.example.com",
        "https://.apps.example.com",
        "https://.x.apps.example.com",
        "https://..apps.example.com",
        "https://app..example.com",
        "https://.app.example.com",
    ),
    *rows("apex", "https://apps.example.com"),
    *rows(
        "IP spelling",
        "http://0x7f.0.0.1",
        "http://127.1",
        "http://[::ffff:7f00:1]",
        "http://[0:0:0:0:0:0:0:1]",
        "https://2130706433",
    ),
    *rows(
        "several",
        "https://app.example.com, https://evil.test",
        "https://evil.test, https://app.example.com",
        "https://app.example.com,https://app.example.com",
        "https://app.example.com https://evil.test",
        "https://evil.test https://app.example.com",
        "https://x.apps.example.com, https://y.apps.example.com",
        "https://app.evil.test,x.apps.example.com",
    ),
    *rows(
        "injection",
        *(f"{each}{APP}" for each in CONTROLS),
        *(f"{APP}{each}" for each in CONTROLS),
        *(f"{APP}{each}Set-Cookie: a=b" for each in CONTROLS),
        *(f"https://x{each}.apps.example.com" for each in CONTROLS),
        *(f"https://{each}x.apps.example.com" for each in CONTROLS),
        *(f"https://x{each}y.apps.example.com" for each in CONTROLS),
    ),
    *rows(
        "size",
        APP + "x" * 8192,
        "https://" + "x" * 8192 + ".apps.example.com",
        "https://" + "x" * 64 + ".apps.example.com",
        "https://" + "x." * 125 + "apps.example.com",
        "https://" + "x." * 10_000 + "apps.example.com",
        "." * 10_000,
        ":" * 10_000,
        "https://x.apps.example.com:" + "4" * 8192,
    ),
]

#: The files, each with the profile it is used in.
RULE_SETS = {"as written": (RULES, None), "opened wide": (WIDE_RULES, None), "loopback": (LOOPBACK_RULES, "laptop")}

#: Vectors against one of the files only, because the others allow them or have no such origins.
ONLY_AS_WRITTEN = [
    *rows("port", "https://app.example.com:8443", "https://x.apps.example.com:8443", f"{APP}:1", f"{APP}:65535"),
    *rows("several labels", "https://a.b.apps.example.com", "https://evil.test_.apps.example.com"),
    *rows("several labels", "https://evil.test-.apps.example.com"),
]
ONLY_LOOPBACK = rows(
    "IP spelling",
    "http://0x7f.0.0.1",
    "http://0x7f000001",
    "http://127.1",
    "http://127.0.1",
    "http://0177.0.0.1",
    "http://127.0.0.01",
    "http://127.0.0.1.",
    "http://2130706433",
    "http://127.0.0.1:080",
    "http://127.0.0.1:80",
    "http://[::ffff:7f00:1]",
    "http://[::ffff:127.0.0.1]:8080",
    "http://[0:0:0:0:0:0:0:1]",
    "http://[::0:1]",
    "http://[::01]",
    "http://[::1%25lo]",
    "http://[::1%lo]",
    "http://[::1",
    "http://::1",
    "http://[::1]x",
    "http://[[::1]]",
    "http://[::1]:",
    "http://localhost.",
    "http://localhost.evil.test:5173",
    "http://LOCALHOST:5173",
    "http://localhost:05173",
    "http://localhost:65536",
)

DENIED = [
    *(pytest.param("as written", *row.values, id=f"as written-{row.id}") for row in VECTORS + ONLY_AS_WRITTEN),
    *(pytest.param("opened wide", *row.values, id=f"opened wide-{row.id}") for row in VECTORS),
    *(pytest.param("loopback", *row.values, id=f"loopback-{row.id}") for row in ONLY_LOOPBACK),
]


def over_wsgi(text):
    """A header value as a server hands it over: as it is if it can be, else its UTF-8 bytes."""
    return text if all(ord(character) < 256 for character in text) else text.encode().decode("latin-1")


@pytest.fixture(scope="module")
def matchers():
    return {name: corsrules.loads(text, profile=profile) for name, (text, profile) in RULE_SETS.items()}


def answering_on_every_path(app):
    """A view, on every path, that would let everybody in if it were asked."""
    app.url_map.merge_slashes = False
    everybody = {"Access-Control-Allow-Origin": "https://evil.test", "Access-Control-Allow-Credentials": "true"}
    app.add_url_rule("/", "root", lambda: ("view", everybody))
    app.add_url_rule("/<path:rest>", "view", lambda rest: ("view", everybody))
    return app


@pytest.fixture(scope="module")
def apps(make_app):
    return {
        name: answering_on_every_path(make_app(text, profile=profile)) for name, (text, profile) in RULE_SETS.items()
    }


# --- origins that are not allowed -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rules", "vector"), DENIED)
def test_denied_by_the_engine(matchers, rules, vector):
    for origin in {vector, over_wsgi(vector)}:
        for preflight in (False, True):
            decision = matchers[rules].decide("/api/x", origin, preflight=preflight)

            assert (decision.governed, decision.allowed, decision.rule) == (True, False, None)
            assert dict(decision.headers) == {}


@pytest.mark.parametrize(("rules", "vector"), DENIED)
def test_denied_by_the_application(apps, send, rules, vector):
    headers = {"Origin": over_wsgi(vector)}
    actual = send(apps[rules], "/api/x", headers=headers)
    preflight = send(apps[rules], "/api/x", "OPTIONS", {**headers, "Access-Control-Request-Method": "PUT"})

    assert (actual.status, actual.cors, actual.vary) == (200, {}, {"origin"})
    assert (preflight.status, preflight.cors, preflight.vary) == (403, {}, {"origin"})


@pytest.mark.parametrize(
    ("rules", "vector"), [row for row in DENIED if row.values[0] != "loopback" and row.values[1] != "app.example.com"]
)
def test_denied_through_the_host(apps, send, rules, vector):
    """What follows `https://` in a vector, as the Host of a request that has no Origin."""
    assert send(apps[rules], "/api/x", headers={"Host": over_wsgi(vector.removeprefix("https://"))}).cors == {}


@pytest.mark.parametrize(
    ("rules", "origin"),
    [
        pytest.param("as written", APP, id="the exact one"),
        pytest.param("as written", "https://x.apps.example.com", id="a label"),
        pytest.param("as written", "https://-_.apps.example.com", id="a label of the other two characters"),
        pytest.param("as written", "https://" + "x" * 63 + ".apps.example.com", id="the longest label"),
        pytest.param("opened wide", f"{APP}:8443", id="a port"),
        pytest.param("opened wide", "https://a.b.apps.example.com:65535", id="labels and a port"),
        pytest.param("opened wide", "https://" + "x." * 118 + "apps.example.com", id="the longest host"),
        pytest.param("loopback", "http://127.0.0.1", id="the dotted quad"),
        pytest.param("loopback", "http://[::1]:5173", id="compressed IPv6"),
        pytest.param("loopback", "http://[::ffff:7f00:1]:8080", id="a mapped address as browsers write it"),
    ],
)
def test_the_vectors_are_denied_by_rules_that_do_allow_somebody(apps, matchers, send, rules, origin):
    assert matchers[rules].decide("/api/x", origin).headers["Access-Control-Allow-Origin"] == origin
    assert send(apps[rules], "/api/x", headers={"Origin": origin}).cors["access-control-allow-origin"] == origin


@pytest.mark.parametrize(
    "pattern",
    [
        f"https://{wildcard}.apps.example.com{port}"
        for wildcard in ("*", "**", "x*", "*x", "x*x")
        for port in ("", ":8443", ":*", ":1-65535")
    ],
)
def test_a_label_has_63_characters_at_most_whatever_the_wildcard(pattern):
    """A longer one is no host name, so a browser cannot have sent it (docs/semantics.md §2.1)."""
    matcher = corsrules.loads(f'version = 1\n[[rules]]\norigins = ["{pattern}"]\n')
    port = ":8443" if pattern.endswith(":8443") else ""

    assert matcher.decide("/", f"https://{'x' * 63}.apps.example.com{port}").allowed
    assert not matcher.decide("/", f"https://{'x' * 64}.apps.example.com{port}").allowed
    assert not matcher.decide("/", f"https://{'x' * 200}.apps.example.com{port}").allowed


@pytest.mark.parametrize(
    "origin",
    rows(
        "prefix/suffix overlap",
        "https://barfoo.com",
        "https://foobar.com",
        "https://foo.combar.com",
        "https://foo.com.bar.com",
        "https://x.barfoo.net",
        "https://x.foo.bar.net",
        "https://x.foo.netbar.net",
        "https://oo.com",
        "https://r.com",
    ),
)
def test_names_that_share_an_end_do_not_merge(origin):
    """GHSA-vhxv-fg4m-p2w8: a suffix tree merged two names."""
    matcher = corsrules.loads("""
        version = 1
        [[rules]]
        origins = ["https://foo.com", "https://bar.com", "https://*.foo.net", "https://*.bar.net", "https://com"]
    """)

    assert not matcher.decide("/", origin).allowed
    assert matcher.decide("/", "https://foo.com").allowed
    assert matcher.decide("/", "https://x.bar.net").allowed


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


EVERYBODY = {"access-control-allow-origin": "https://evil.test", "access-control-allow-credentials": "true"}


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
def test_nothing_of_a_request_is_logged(apps, send, caplog, monkeypatch, name):
    """CVE-2024-1681: CR and LF in a path forged log lines."""
    monkeypatch.setattr("corsrules.wsgi._dropped", itertools.count())
    caplog.set_level(logging.DEBUG)
    for method in ("GET", "OPTIONS"):
        headers = {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "cross-site", name: "forged\r\nline"}
        send(apps["as written"], "/api/forged\r\nline", method, headers)

    assert all("forged" not in record.getMessage() for record in caplog.records)
    assert len([record for record in caplog.records if record.name == "corsrules"]) == (0 if name == "Origin" else 1)


# --- invariant I1 -----------------------------------------------------------------------------------------------------


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
