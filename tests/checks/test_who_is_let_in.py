"""Patterns that let in more than they seem to, or nobody: what is said of each, with credentials and without."""

from __future__ import annotations

import pytest
from publicsuffixlist import PublicSuffixList

import corsrules
from corsrules.web import public_suffixes


def rule(pattern: str, more: str = "") -> str:
    return f'version = 1\n[[rules]]\norigins = ["{pattern}"]\n{more}'


#: what it is, the pattern, the codes without credentials, those with
TABLE: list[tuple[str, str, list[str], list[str]]] = [
    ("a name of one's own", "https://app.example.com", [], []),
    # A wildcard over a parent that is private, with public suffixes below it
    ("public suffixes below", "https://**.amazonaws.com", ["CR205"], ["CR204"]),
    ("wildcards of the list below", "https://**.airflow.amazonaws.com", ["CR205"], ["CR204"]),
    ("a wildcard of the list", "https://*.compute.amazonaws.com", ["CR205"], ["CR204"]),
    ("none below", "https://**.example.com", [], ["CR211"]),
    ("one label above wildcards of the list", "https://*.airflow.amazonaws.com", [], ["CR211"]),
    ("in another scheme", "app://**.amazonaws.com", [], ["CR211"]),
    # Everybody's files under one origin
    ("a bucket is a path", "https://s3.amazonaws.com", ["CR215"], ["CR214"]),
    ("in a region", "https://s3.eu-west-1.amazonaws.com", ["CR215"], ["CR214"]),
    ("in a region, as it was once written", "https://s3-eu-west-1.amazonaws.com", ["CR215"], ["CR214"]),
    ("over both protocols", "https://s3.dualstack.eu-west-1.amazonaws.com", ["CR215"], ["CR214"]),
    ("Google's", "https://storage.googleapis.com", ["CR215"], ["CR214"]),
    ("with a port", "https://storage.googleapis.com:8443", ["CR215"], ["CR214"]),
    ("a wildcard that stands for it", "https://*.amazonaws.com", ["CR215"], ["CR214"]),
    ("part of a label that stands for it", "https://s3-*.amazonaws.com", ["CR215"], ["CR214"]),
    ("a wildcard in a region", "https://*.eu-west-1.amazonaws.com", ["CR215"], ["CR214"]),
    ("a wildcard beside it", "https://app-*.amazonaws.com", [], ["CR211"]),
    ("a bucket's own name", "https://me.s3.amazonaws.com", [], []),
    ("a name that ends so", "https://s3.notamazonaws.com", [], []),
    # An exact public suffix
    ("a public suffix", "https://github.io", ["CR216"], ["CR216"]),
    ("by a wildcard of the list", "https://nyc3.digitaloceanspaces.com", ["CR216"], ["CR216"]),
    ("with a port", "https://github.io:8443", ["CR216"], ["CR216"]),
    ("an international one", "https://xn--55qx5d.cn", ["CR216"], ["CR216"]),
    ("an exception of the list", "https://www.ck", [], []),
    ("a name below one", "https://me.github.io", [], []),
    ("a host of one label", "https://intranet", [], []),
    ("a host of one label that is also a domain", "https://app", [], []),
    # Every port
    ("every port", "https://app.example.com:*", [], ["CR217"]),
    ("every port that needs no privilege", "https://app.example.com:1024-65535", [], ["CR217"]),
    ("some ports", "https://app.example.com:8000-8999", [], []),
    ("every port of an application's own scheme", "app://localhost:*", [], []),
    ("every port of every name", "https://*.example.com:*", [], ["CR211", "CR217"]),
    ("every port of this machine", "http://localhost:*", ["CR210"], ["CR210"]),
    # Every host
    ("every host of a scheme", "moz-extension://**", [], ["CR219"]),
    ("every host below a name", "moz-extension://**.x", [], ["CR211"]),
]


@pytest.mark.parametrize(("pattern", "without", "with_"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_what_is_said(pattern: str, without: list[str], with_: list[str]) -> None:
    assert [each.code for each in corsrules.check_text(rule(pattern))] == without
    assert [each.code for each in corsrules.check_text(rule(pattern, "credentials = true\n"))] == with_


#: the pattern, what the message says
SAID = [
    ("https://**.amazonaws.com", "one of 583 public suffixes below `amazonaws.com`"),
    ("https://**.amazonaws.com", "under `s3.amazonaws.com`"),
    ("https://**.airflow.amazonaws.com", "-1.airflow.amazonaws.com`, one of "),
    ("https://**.render.com", "under `app.render.com`, a public suffix below `render.com`"),
    ("https://s3.amazonaws.com", "anyone can put pages under `https://s3.amazonaws.com`"),
    ("https://*.amazonaws.com", "anyone can put pages under `https://s3.amazonaws.com`"),
    ("https://github.io", "`github.io` is a public suffix"),
]


@pytest.mark.parametrize(("pattern", "said"), SAID)
def test_the_message_says_how_many_and_which(pattern: str, said: str) -> None:
    (finding,) = corsrules.check_text(rule(pattern))
    said = said.replace("583", str(sum(line.endswith(".amazonaws.com") for line in public_suffixes.rules())))
    assert said in finding.message


def test_a_public_suffix_is_what_the_list_says() -> None:
    """The judge is the library that carries the list, on every name of the list, its parent and a name below it."""
    judge = PublicSuffixList(accept_encoded_idn=False)
    listed = sorted(line.removeprefix("!").replace("*", "x") for line in public_suffixes.rules())
    around = [[name, f"x.{name}", f"y.x.{name}", name.partition(".")[2]] for name in (*listed[::3], "no-such-domain")]
    for name in filter(None, dict.fromkeys(each for names in around for each in names)):
        host = ".".join(map(_a_label, name.split(".")))
        if host not in public_suffixes.RESERVED:
            assert public_suffixes.is_public_suffix(host) == judge.is_public(name), name


def _a_label(label: str) -> str:
    import idna

    return label if label.isascii() else idna.encode(label).decode()


# --- nobody -----------------------------------------------------------------------------------------------------------

WEB = '[[rules]]\norigins = ["web"]\n'

#: what it is, the file, each finding as code, line, column
NOBODY: list[tuple[str, str, list[tuple[str, int, int]]]] = [
    ("a group that is empty", f"version = 1\n[profiles.p.origins]\nweb = []\n{WEB}", [("CR218", 2, 11)]),
    (
        "in one profile of two",
        f'version = 1\n[profiles.p.origins]\nweb = ["https://a.example"]\n[profiles.q]\norigins.web = []\n{WEB}',
        [("CR218", 4, 11)],
    ),
    (
        "inherited",
        f'version = 1\n[profiles.p.origins]\nweb = []\n[profiles.q]\ninherits = "p"\n{WEB}',
        [("CR218", 2, 11), ("CR218", 4, 11)],
    ),
    ("a file without profiles", "version = 1\n[[rules]]\norigins = []\n", [("CR218", 3, 1)]),
    ("everybody", 'version = 1\n[[rules]]\norigins = ["*"]\n', []),
    (
        "one rule of two",
        'version = 1\n[[rules]]\norigins = []\n[[rules]]\npaths = ["/a"]\norigins = ["https://a.example"]\n',
        [],
    ),
    (
        "what cannot be read may name somebody",
        'version = 1\n[[rules]]\norigins = "https://a.example"\n',
        [("CR005", 3, 11)],
    ),
    ("what is no pattern meant somebody", 'version = 1\n[[rules]]\norigins = ["a.example"]\n', [("CR010", 3, 12)]),
    ("a group that is not there", f"version = 1\n{WEB}", [("CR101", 3, 12)]),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in NOBODY], ids=[row[0] for row in NOBODY])
def test_a_profile_that_lets_nobody_in(text: str, expected: list[tuple[str, int, int]]) -> None:
    assert [(each.code, each.line, each.column) for each in corsrules.check_text(text)] == expected


# --- no page ----------------------------------------------------------------------------------------------------------

#: what it is, the pattern, the code, the help (without the offer to waive it)
NO_PAGE = [
    ("a WebSocket", "wss://app.example.com", "CR054", 'write "https://app.example.com"'),
    ("a WebSocket at a port", "wss://app.example.com:8443", "CR054", 'write "https://app.example.com:8443"'),
    ("a WebSocket without TLS", "ws://app.example.com", "CR054", 'write "http://app.example.com"'),
    ("at every port", "wss://*.example.com:*", "CR054", 'write "https://*.example.com:*"'),
    ("ftp", "ftp://app.example.com", "CR054", "name the page's origin"),
    ("a letter missing", "htps://app.example.com", "CR053", 'write "https://app.example.com"'),
    ("a letter too many", "httpss://app.example.com", "CR053", 'write "https://app.example.com"'),
    ("two letters swapped", "htpts://app.example.com", "CR053", 'write "https://app.example.com"'),
    ("nearer to http", "hhttp://app.example.com:8080", "CR053", 'write "http://app.example.com:8080"'),
    ("the default port of what is meant", "htps://app.example.com:443", "CR053", "name the origin"),
    ("every host", "htps://**", "CR053", "name the origin"),
    ("a scheme of an application's own", "http-app://app", "", ""),
]


@pytest.mark.parametrize(("pattern", "code", "advice"), [row[1:] for row in NO_PAGE], ids=[row[0] for row in NO_PAGE])
def test_a_scheme_that_no_page_has(pattern: str, code: str, advice: str) -> None:
    found = corsrules.check_text(rule(pattern))
    assert [each.code for each in found] == ([code] if code else [])
    assert all(each.help.startswith(advice) for each in found)


def test_what_would_be_an_error_itself_is_not_proposed() -> None:
    for pattern in ("ws://app.example.com", "wss://*.co.uk", "htps://s3.amazonaws.com", "https://*github.io"):
        (finding,) = corsrules.check_text(rule(pattern, "credentials = true\n"))
        assert finding.proposal == (), pattern
