"""The pattern grammar, the set of origins that a pattern stands for, and its algebra (docs/semantics.md §2.1)."""

import itertools
import random

import pytest
import reference
import strategies
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from corsrules.language import origin_pattern
from corsrules.language.origin_pattern import Pattern
from corsrules.web import origin

SEED = 20240602

A63 = "a" * 63


def rest(length: int) -> str:
    """A fixed rest of exactly this many characters."""
    return strategies.long_host(length)


def parsed(text: str) -> Pattern:
    found = origin_pattern.parse(text)
    assert found is not None, text
    return found


def admits(text: str, value: str) -> bool:
    """Whether the pattern stands for an `Origin` value."""
    found = origin.parse(value)
    return found is not None and origin_pattern.matches(parsed(text), found)


# --- the grammar ------------------------------------------------------------------------------------------------------

PERMITTED: tuple[tuple[str, str, Pattern], ...] = (
    ("that origin", "https://app.example.com", Pattern("https", "", "app.example.com", 443, 443)),
    ("exactly one more label", "https://*.example.com", Pattern("https", "*", "example.com", 443, 443)),
    ("one or more labels", "https://**.example.com", Pattern("https", "**", "example.com", 443, 443)),
    ("inside the leftmost label", "https://pr-*.example.com", Pattern("https", "pr-*", "example.com", 443, 443)),
    ("at the label's start", "https://*-pr.example.com", Pattern("https", "*-pr", "example.com", 443, 443)),
    ("in the label's middle", "https://a*b.example.com", Pattern("https", "a*b", "example.com", 443, 443)),
    ("without a dot before the name", "https://*example.com", Pattern("https", "*example", "com", 443, 443)),
    ("over one fixed label", "https://*.localhost", Pattern("https", "*", "localhost", 443, 443)),
    ("every port", "http://localhost:*", Pattern("http", "", "localhost", 1, 65535)),
    ("a range", "http://localhost:3000-3999", Pattern("http", "", "localhost", 3000, 3999)),
    ("a range that spans the default", "https://a.example:440-450", Pattern("https", "", "a.example", 440, 450)),
    ("the whole range", "http://localhost:1-65535", Pattern("http", "", "localhost", 1, 65535)),
    ("a range of one port", "http://localhost:3000-3000", Pattern("http", "", "localhost", 3000, 3000)),
    ("a wildcard and a port", "https://*.example.com:8443", Pattern("https", "*", "example.com", 8443, 8443)),
    ("a wildcard and every port", "https://**.example.com:*", Pattern("https", "**", "example.com", 1, 65535)),
    ("a custom scheme", "capacitor://localhost", Pattern("capacitor", "", "localhost", 0, 0)),
    ("a custom scheme, every port", "capacitor://localhost:*", Pattern("capacitor", "", "localhost", 0, 65535)),
    (
        "a custom scheme, the whole range",
        "capacitor://localhost:1-65535",
        Pattern("capacitor", "", "localhost", 1, 65535),
    ),
    ("a custom scheme, a wildcard", "app://*.host", Pattern("app", "*", "host", 0, 0)),
    ("a custom scheme over a number", "app://*.1", Pattern("app", "*", "1", 0, 0)),
    ("an extension", "chrome-extension://abcdefgh", Pattern("chrome-extension", "", "abcdefgh", 0, 0)),
    ("every extension of a browser", "moz-extension://**", Pattern("moz-extension", "**", "", 0, 0)),
    ("every host of a scheme, every port", "app://**:*", Pattern("app", "**", "", 0, 65535)),
    ("every host of a scheme, one port", "app://**:8080", Pattern("app", "**", "", 8080, 8080)),
    ("IPv4", "http://127.0.0.1:*", Pattern("http", "", "127.0.0.1", 1, 65535)),
    ("IPv6", "http://[::1]:3000-3999", Pattern("http", "", "[::1]", 3000, 3999)),
    (
        "a label of 63 with its star",
        f"https://{A63[1:]}*.example",
        Pattern("https", A63[1:] + "*", "example", 443, 443),
    ),
    ("room for one more character", f"https://*.{rest(251)}", Pattern("https", "*", rest(251), 443, 443)),
    ("room for two labels", f"https://**.{rest(249)}", Pattern("https", "**", rest(249), 443, 443)),
    ("`**` with room for one label is `*`", f"https://**.{rest(250)}", Pattern("https", "*", rest(250), 443, 443)),
    ("`**` with room for one character is `*`", f"https://**.{rest(251)}", Pattern("https", "*", rest(251), 443, 443)),
    ("a prefix that just fits", f"https://a*.{rest(250)}", Pattern("https", "a*", rest(250), 443, 443)),
)

PROHIBITED: tuple[tuple[str, str], ...] = (
    ("nothing", ""),
    ("every origin, which is a word of the file", "*"),
    ("null", "null"),
    ("null as a scheme", "null://a.example"),
    ("file", "file://"),
    ("file with a host", "file://localhost"),
    ("no scheme", "app.example.com"),
    ("no scheme but slashes", "//app.example.com"),
    ("a wildcard for the scheme", "*://app.example.com"),
    ("a wildcard in the scheme", "http*://app.example.com"),
    ("a scheme of 65", f"{'a' * 65}://host"),
    ("a scheme in capitals", "HTTPS://app.example.com"),
    ("a host in capitals", "https://App.example.com"),
    ("a wildcard label in capitals", "https://PR-*.example.com"),
    ("a trailing slash", "https://app.example.com/"),
    ("a path", "https://app.example.com/*"),
    ("a trailing dot", "https://app.example.com."),
    ("Unicode", "https://b\xfccher.example"),
    ("Unicode beside a star", "https://b\xfc*.example.com"),
    ("two origins in one string", "https://a.example https://b.example"),
    ("two origins with a comma", "https://a.example,https://b.example"),
    ("a regular expression", r"https://.*\.example\.com"),
    ("an anchored expression", "^https://app.example.com$"),
    ("a character class", "https://[a-z]+.example.com"),
    ("a final line feed", "https://app.example.com\n"),
    ("a user name", "https://user@app.example.com"),
    # wildcards
    ("a wildcard that is not leftmost", "https://a.*.example.com"),
    ("`**` that is not leftmost", "https://a.**.example.com"),
    ("two wildcard labels", "https://*.*.example.com"),
    ("`**` and `*`", "https://**.*.example.com"),
    ("two stars in a label", "https://*a*.example.com"),
    ("three stars", "https://***.example.com"),
    ("`**` beside text", "https://pr-**.example.com"),
    ("`**` before text", "https://**-pr.example.com"),
    ("no fixed label", "https://*"),
    ("no fixed label but `**`", "https://**"),
    ("no fixed label and a port", "https://*:8443"),
    *((f"every host of {scheme}", f"{scheme}://**") for scheme in ("http", "ws", "wss", "ftp", "file", "null")),
    ("a star for every host", "moz-extension://*"),
    ("three stars for every host", "moz-extension://***"),
    ("every host and a dot", "moz-extension://**."),
    ("a star in the only label", "https://app-*"),
    ("an empty fixed rest", "https://*."),
    ("a dot before the rest", "https://*..example.com"),
    ("a trailing dot behind the rest", "https://*.example.com."),
    ("a star at the end", "https://example.*"),
    ("over IPv4", "http://*.0.0.1"),
    ("over part of IPv4", "http://*.1"),
    ("part of a label over IPv4", "http://1*.0.0.1"),
    ("`**` over IPv4", "http://**.0.0.1"),
    ("over a full IPv4", "http://*.127.0.0.1"),
    ("over a hex number", "http://*.0x7f"),
    ("over IPv6", "http://*.[::1]"),
    ("inside IPv6", "http://[::*]"),
    ("no room for a character", f"https://*.{rest(252)}"),
    ("no room for `**`", f"https://**.{rest(252)}"),
    ("a prefix that does not fit", f"https://a*.{rest(251)}"),
    ("a prefix and suffix that do not fit", f"https://a*b.{rest(250)}"),
    ("a label of 63 and a star", f"https://{A63}*.example"),
    ("a host of 254", f"https://{rest(254)}"),
    # ports
    ("the default port", "https://app.example.com:443"),
    ("http's default port", "http://app.example.com:80"),
    ("the default port behind a wildcard", "https://*.example.com:443"),
    ("an empty port", "https://app.example.com:"),
    ("port 0", "https://app.example.com:0"),
    ("port 65536", "https://app.example.com:65536"),
    ("a leading zero", "https://app.example.com:0443"),
    ("a range from 0", "https://app.example.com:0-80"),
    ("a range beyond the last port", "https://app.example.com:1-65536"),
    ("a range backwards", "https://app.example.com:9000-8000"),
    ("a range without an end", "https://app.example.com:8000-"),
    ("a range without a start", "https://app.example.com:-8000"),
    ("a range of three", "https://app.example.com:1-2-3"),
    ("a range with a leading zero", "https://app.example.com:01-02"),
    ("a range with spaces", "https://app.example.com:1 - 2"),
    ("two stars for the port", "https://app.example.com:**"),
    ("a star beside digits", "https://app.example.com:80*"),
    ("a range with a star", "https://app.example.com:80-*"),
    ("full-width digits", "https://app.example.com:\uff18\uff10\uff10\uff11"),
)


@pytest.mark.parametrize(("text", "stands_for"), [row[1:] for row in PERMITTED], ids=[row[0] for row in PERMITTED])
def test_permitted(text: str, stands_for: Pattern) -> None:
    assert origin_pattern.parse(text) == stands_for
    assert origin_pattern.parse(str(stands_for)) == stands_for, "it is written so that it reads the same"


@pytest.mark.parametrize("text", [row[1] for row in PROHIBITED], ids=[row[0] for row in PROHIBITED])
def test_prohibited(text: str) -> None:
    assert origin_pattern.parse(text) is None


# --- the set of origins -----------------------------------------------------------------------------------------------

MATCHES: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    (
        "that origin and no other",
        "https://app.example.com",
        ("https://app.example.com",),
        (
            *("http://app.example.com", "https://app.example.com:8443", "https://x.app.example.com"),
            *("https://example.com", "https://app.example.com.evil.test", "https://notapp.example.com"),
        ),
    ),
    (
        "`*` is exactly one label, never the apex",
        "https://*.example.com",
        ("https://a.example.com", f"https://{A63}.example.com", "https://-.example.com", "https://_.example.com"),
        (
            *("https://example.com", "https://b.a.example.com", "https://aexample.com", "https://.example.com"),
            *(f"https://a{A63}.example.com", "https://a.example.com.evil.test", "https://a.example.org"),
        ),
    ),
    (
        "`**` is one or more labels, never the apex",
        "https://**.example.com",
        (
            *("https://a.example.com", "https://b.a.example.com", "https://d.c.b.a.example.com"),
            *(f"https://{A63}.example.com", f"https://b.{A63}.example.com", f"https://{A63}.{A63}.example.com"),
            "https://" + strategies.fill("example.com", 253),
        ),
        (
            *("https://example.com", "https://aexample.com", "https://a..example.com", "https://.a.example.com"),
            *(f"https://a{A63}.example.com", f"https://b.a{A63}.example.com", f"https://a{A63}.b.example.com"),
            "https://" + strategies.fill("example.com", 254),
        ),
    ),
    (
        "a star in a label is at least one character and never a dot",
        "https://pr-*.example.com",
        ("https://pr-1.example.com", "https://pr--.example.com", "https://pr-pr-.example.com"),
        (
            *("https://pr-.example.com", "https://pr.example.com", "https://xpr-1.example.com"),
            *("https://pr-1.x.example.com", "https://x.pr-1.example.com", "https://pr-.1.example.com"),
        ),
    ),
    (
        "prefix and suffix do not share characters",
        "https://ab*ba.example.com",
        ("https://abxba.example.com", "https://abbba.example.com", "https://ab-----ba.example.com"),
        ("https://abba.example.com", "https://aba.example.com", "https://ab.ba.example.com"),
    ),
    (
        "a label with a star has 63 characters at most",
        f"https://{A63[3:]}*b.example.com",
        (f"https://{A63[3:]}xb.example.com", f"https://{A63[3:]}xxb.example.com"),
        (f"https://{A63[3:]}b.example.com", f"https://{A63[3:]}xxxb.example.com"),
    ),
    (
        "a host has 253 characters at most",
        f"https://*.{rest(250)}",
        (f"https://a.{rest(250)}", f"https://ab.{rest(250)}"),
        (f"https://abc.{rest(250)}", f"https://{rest(250)}"),
    ),
    (
        "every port, the default one included",
        "http://localhost:*",
        ("http://localhost", "http://localhost:1", "http://localhost:8080", "http://localhost:65535"),
        (
            *("http://localhost:80", "http://localhost:0", "http://localhost:65536", "https://localhost"),
            *("http://a.localhost:8080", "http://localhost:", "http://localhost:*"),
        ),
    ),
    (
        "a range, both ends included",
        "http://localhost:3000-3999",
        ("http://localhost:3000", "http://localhost:3500", "http://localhost:3999"),
        ("http://localhost", "http://localhost:2999", "http://localhost:4000", "http://localhost:03000"),
    ),
    (
        "a range that spans the default port",
        "https://a.example:443-444",
        ("https://a.example", "https://a.example:444"),
        ("https://a.example:443", "https://a.example:442", "https://a.example:445"),
    ),
    (
        "a range from 1 to 65535 under a custom scheme needs a port",
        "app://host:1-65535",
        ("app://host:1", "app://host:80", "app://host:65535"),
        ("app://host",),
    ),
    (
        "every port of a custom scheme, also none",
        "app://host:*",
        ("app://host", "app://host:1", "app://host:80"),
        ("app://host:0",),
    ),
    (
        "every host of a scheme of an application's own, without a port",
        "moz-extension://**",
        (
            *("moz-extension://2c127fa4-e8c7-4d33-8d5b-0d3ee8a1c0f2", "moz-extension://a", "moz-extension://b.a.1"),
            *("moz-extension://[::1]", "moz-extension://[::ffff:7f00:1]", f"moz-extension://{A63}"),
            "moz-extension://" + strategies.fill("a", 253),
        ),
        (
            *(
                "moz-extension://a:1",
                "moz-extension://",
                "moz-extension://a.",
                "moz-extension://.a",
                "moz-extension://*",
            ),
            *("moz-extensions://a", "xmoz-extension://a", "https://a", "moz-extension://A", "moz-extension://a/"),
            *(f"moz-extension://a{A63}", "moz-extension://[0:0:0:0:0:0:0:1]", "moz-extension://a b", "moz-extension:a"),
            "moz-extension://" + strategies.fill("a", 254),
        ),
    ),
    (
        "every host of a scheme at every port",
        "app://**:*",
        ("app://a", "app://a:1", "app://a.b:65535", "app://[::1]:80"),
        ("app://a:0", "app://a:080", "app://a:", "app://[::1", "app://:80"),
    ),
    (
        "every host of a scheme at one port",
        "app://**:8080",
        ("app://a:8080", "app://a.b:8080", "app://[::1]:8080"),
        ("app://a", "app://a:80", "app://a:8081", "app://::1:8080"),
    ),
    (
        "an IP address is no subdomain",
        "http://127.0.0.1:*",
        ("http://127.0.0.1", "http://127.0.0.1:1"),
        ("http://1.127.0.0.1", "http://127.0.0.2", "http://[::ffff:7f00:1]"),
    ),
)


@pytest.mark.parametrize(
    ("text", "value", "admitted"),
    [
        pytest.param(text, value, admitted, id=f"{description}: {value[:60]}")
        for description, text, inside, outside in MATCHES
        for values, admitted in ((inside, True), (outside, False))
        for value in values
    ],
)
def test_what_a_pattern_stands_for(text: str, value: str, admitted: bool) -> None:
    assert admits(text, value) is admitted
    assert reference.pattern_matches(text, value) is admitted


@pytest.mark.parametrize("mutation", strategies.MUTATION_NAMES)
def test_a_mutated_origin_is_judged_as_the_specification_judges_it(mutation: str) -> None:
    for value in ("https://app.example.com", "https://pr-1.a.example.com:8443", "http://localhost:3000"):
        changed = strategies.MUTATIONS[mutation](value)
        for text in (
            "https://app.example.com",
            "https://*.example.com",
            "https://**.example.com:*",
            "http://localhost:*",
        ):
            assert admits(text, changed) is reference.pattern_matches(text, changed)


@settings(max_examples=500, deadline=None, print_blob=True)
@given(st.data())
def test_matches_is_the_specification(data: st.DataObject) -> None:
    text = data.draw(strategies.pattern_texts())
    assume(origin_pattern.parse(text) is not None)
    value = data.draw(strategies.origins_near(text))
    assert admits(text, value) is reference.pattern_matches(text, value)


def test_matches_is_the_specification_in_bulk() -> None:
    choose = random.Random(SEED).choice
    admitted = cases = 0
    for _ in range(1_500):
        text = strategies.pattern_text(choose)
        if origin_pattern.parse(text) is None:
            continue
        for _ in range(30):
            value = strategies.origin_value(choose, text)
            said = reference.pattern_matches(text, value)
            assert admits(text, value) is said, f"seed {SEED}: {text} {value!r}"
            admitted, cases = admitted + said, cases + 1
    assert cases > 30_000
    assert cases // 10 < admitted < cases - cases // 10, f"seed {SEED}: the values are not near the patterns"


# --- the algebra ------------------------------------------------------------------------------------------------------

# How two sets lie to each other: description, one, other, relation.
RELATIONS: tuple[tuple[str, str, str, str], ...] = (
    ("itself", "https://a.example.com", "https://a.example.com", "equal"),
    ("one label, itself", "https://*.example.com", "https://*.example.com", "equal"),
    ("all ports, written in two ways", "http://localhost:*", "http://localhost:1-65535", "equal"),
    ("one port, written in two ways", "https://a.example.com", "https://a.example.com:443-443", "equal"),
    ("`**` where only one label fits", f"https://**.{rest(250)}", f"https://*.{rest(250)}", "equal"),
    ("other schemes", "https://*.example.com", "http://*.example.com", "apart"),
    ("other ports", "https://*.example.com", "https://*.example.com:8443", "apart"),
    ("the apex", "https://**.example.com", "https://example.com", "apart"),
    ("a name with the same end", "https://**.example.com", "https://notexample.com", "apart"),
    ("a rest with the same end", "https://**.ample.com", "https://*.example.com", "apart"),
    ("one label and two", "https://*.example.com", "https://*.a.example.com", "apart"),
    ("one label and a deep host", "https://*.example.com", "https://b.a.example.com", "apart"),
    ("other prefixes", "https://a*.example.com", "https://b*.example.com", "apart"),
    ("other suffixes", "https://*a.example.com", "https://*b.example.com", "apart"),
    ("the star is never empty", "https://pr-*.example.com", "https://pr-.example.com", "apart"),
    ("a host in one label", "https://*.example.com", "https://a.example.com", "contains"),
    ("a host in many labels", "https://**.example.com", "https://b.a.example.com", "contains"),
    ("one label in many", "https://**.example.com", "https://*.example.com", "contains"),
    ("deeper labels in many", "https://**.example.com", "https://**.a.example.com", "contains"),
    ("a deeper label in many", "https://**.example.com", "https://*.a.example.com", "contains"),
    ("part of a label in one", "https://*.example.com", "https://pr-*.example.com", "contains"),
    ("part of a label in many", "https://**.example.com", "https://pr-*.a.example.com", "contains"),
    ("a longer prefix", "https://p*.example.com", "https://pr-*.example.com", "contains"),
    ("a longer suffix", "https://*r.example.com", "https://*-pr.example.com", "contains"),
    ("both ends", "https://p*r.example.com", "https://pa*ar.example.com", "contains"),
    ("a prefix holds a prefix and suffix", "https://p*.example.com", "https://p*r.example.com", "contains"),
    ("a port in every port", "http://localhost:*", "http://localhost:3000", "contains"),
    ("the default port in every port", "http://localhost:*", "http://localhost", "contains"),
    ("a range in every port", "http://localhost:*", "http://localhost:3000-3999", "contains"),
    ("the default port in a range", "https://a.example:440-450", "https://a.example", "contains"),
    ("a range in a range", "http://localhost:1-9", "http://localhost:1-8", "contains"),
    ("no port of a custom scheme in every port", "app://host:*", "app://host", "contains"),
    ("the whole range of a custom scheme", "app://host:*", "app://host:1-65535", "contains"),
    ("no port of a custom scheme and the whole range", "app://host", "app://host:1-65535", "apart"),
    ("prefix and suffix", "https://a*.example.com", "https://*b.example.com", "crosses"),
    ("ends that share characters", "https://ab*.example.com", "https://*ba.example.com", "crosses"),
    ("ranges", "http://localhost:3000-3500", "http://localhost:3400-3999", "crosses"),
    ("ranges that share one port", "http://localhost:1-9", "http://localhost:9-10", "crosses"),
    ("ranges side by side", "http://localhost:1-9", "http://localhost:10-11", "apart"),
    ("more hosts and more ports", "https://*.example.com", "https://a.example.com:*", "crosses"),
    ("deeper hosts and more ports", "https://**.example.com:440-450", "https://*.a.example.com:*", "crosses"),
    (
        "ends that meet in 63 characters",
        f"https://{A63[:31]}*.example.com",
        f"https://*{'b' * 32}.example.com",
        "crosses",
    ),
    (
        "ends that would need 64 characters",
        f"https://{A63[:32]}*.example.com",
        f"https://*{'b' * 32}.example.com",
        "apart",
    ),
    (
        "ends that share a character, in 63",
        f"https://{A63[:31]}c*.example.com",
        f"https://*c{'b' * 31}.example.com",
        "crosses",
    ),
    ("ends that fit the room", f"https://a*.{rest(250)}", f"https://*b.{rest(250)}", "crosses"),
    ("ends that need more room", f"https://ab*.{rest(249)}", f"https://*cd.{rest(249)}", "apart"),
    ("ends that share, in little room", f"https://ab*.{rest(249)}", f"https://*bc.{rest(249)}", "crosses"),
)

MIRRORED = {"contains": "is within"}


def relation(one: Pattern, other: Pattern) -> str:
    wider, narrower = origin_pattern.contains(one, other), origin_pattern.contains(other, one)
    if wider or narrower:
        return "equal" if wider and narrower else "contains" if wider else "is within"
    return "apart" if origin_pattern.common_origin(one, other) is None else "crosses"


@pytest.mark.parametrize(
    ("one", "other", "expected"), [row[1:] for row in RELATIONS], ids=[row[0] for row in RELATIONS]
)
def test_how_two_sets_lie_to_each_other(one: str, other: str, expected: str) -> None:
    assert relation(parsed(one), parsed(other)) == expected
    assert relation(parsed(other), parsed(one)) == MIRRORED.get(expected, expected)
    witness = origin_pattern.common_origin(parsed(one), parsed(other))
    assert (witness is None) == (expected == "apart")
    if witness is not None:
        assert reference.pattern_matches(one, witness)
        assert reference.pattern_matches(other, witness)


def test_the_algebra_of_overlapping_patterns_is_the_specification() -> None:
    """`contains` is the reference's, a witness is in both, and no witness means that random origins are in one only."""
    choose = random.Random(SEED).choice
    seen = {"equal": 0, "contains": 0, "is within": 0, "apart": 0, "crosses": 0}
    for _ in range(20_000):
        bases = [choose(strategies.BASES)] * 2
        texts = [strategies.pattern_text(choose, bases) for _ in range(2)]
        one, other = map(origin_pattern.parse, texts)
        if one is None or other is None:
            continue
        found = relation(one, other)
        seen[found] += 1
        assert (found in ("equal", "contains")) == reference.contains(*texts), f"seed {SEED}: {texts}"
        assert (found in ("equal", "is within")) == reference.contains(*texts[::-1]), f"seed {SEED}: {texts}"
        witness = origin_pattern.common_origin(one, other)
        if witness is not None:
            both = [reference.pattern_matches(text, witness) for text in texts]
            assert both == [True, True], f"seed {SEED}: {texts} {witness}"
        else:
            value = strategies.origin_value(choose, choose(texts))
            both = [reference.pattern_matches(text, value) for text in texts]
            assert both != [True, True], f"seed {SEED}: {texts} {value}"
    assert min(seen.values()) > 20, f"seed {SEED}: {seen}"


@settings(max_examples=300, deadline=None, print_blob=True)
@given(strategies.pattern_texts())
def test_an_example_is_in_its_set(text: str) -> None:
    found = origin_pattern.parse(text)
    assume(found is not None)
    assert found is not None
    assert reference.pattern_matches(text, origin_pattern.example_origin(found))


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        pytest.param([], set(), id="none of none"),
        pytest.param(["https://*.example.com"], set(), id="none of one"),
        pytest.param(["https://*.example.com", "https://*.example.com"], set(), id="equal sets do not cross"),
        pytest.param(["https://**.example.com", "https://*.example.com", "https://a.example.com"], set(), id="a chain"),
        pytest.param(["https://a*.example.com", "https://*b.example.com"], {(0, 1)}, id="prefix and suffix"),
        pytest.param(["https://a*.example.com", "http://*b.example.com"], set(), id="prefix and suffix of two schemes"),
        pytest.param(
            ["https://a.b.example.com:*", "https://**.example.com"], {(0, 1)}, id="a host under a distant parent"
        ),
        pytest.param(
            ["https://**.example.com", "https://a.b.example.com:*"], {(0, 1)}, id="the same, the parent first"
        ),
        pytest.param(
            ["https://a*.example.com", "https://*b.example.com", "https://*c.example.com", "https://a*b.example.com"],
            {(0, 1), (0, 2)},
            id="each pair once",
        ),
    ],
)
def test_crossings(texts: list[str], expected: set[tuple[int, int]]) -> None:
    found = [tuple(sorted(pair)) for pair in origin_pattern.crossings([parsed(text) for text in texts])]
    assert set(found) == expected
    assert len(found) == len(expected), "each pair once"


def test_crossings_are_all_pairs_that_cross() -> None:
    choose = random.Random(SEED).choice
    crossing = 0
    for _ in range(60):
        texts = {strategies.pattern_text(choose, ("example.com", "a.example.com")) for _ in range(40)}
        patterns = [each for each in map(origin_pattern.parse, sorted(texts)) if each is not None]
        pairs = {
            (first, second)
            for first, second in itertools.combinations(range(len(patterns)), 2)
            if relation(patterns[first], patterns[second]) == "crosses"
        }
        found = [tuple(sorted(pair)) for pair in origin_pattern.crossings(patterns)]
        assert sorted(found) == sorted(pairs), f"seed {SEED}: {sorted(texts)}"
        crossing += len(pairs)
    assert crossing > 500
