"""Every class of CORS misconfiguration that was ever shipped somewhere: origins that are not allowed.

The vectors go through the engine (`Matcher.decide`) and through an application as raw WSGI bytes. A vector that is not
latin-1 arrives there as a server hands it over: its UTF-8 bytes, each one a character (PEP 3333).
"""

import pytest
from rule_sets import APP

import corsrules


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
