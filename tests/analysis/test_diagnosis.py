"""What keeps a page from what it wants: the common mistakes by name, and no false friends."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from explaining import API, APP, READER, RULES, explained, run

from corsrules.analysis import diagnosis
from corsrules.analysis.explain import Question, explain
from corsrules.loading import accept
from corsrules.web.browser import PageRequest


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cors.toml").write_text(RULES, encoding="utf-8")


#: what the mistake is, the arguments, its word, what the sentence says, the line and column it points to
MISTAKES: list[tuple[str, list[str], str, str, tuple[int, int] | None]] = [
    (
        "a trailing slash",
        [APP + "/", *API],
        "not-an-origin",
        f"`{APP}/` has a trailing slash; an origin ends with its host or port: no browser sends it so; "
        f"ask about {APP}, which is allowed",
        None,
    ),
    (
        "an upper-case origin",
        ["https://App.example.com", *API],
        "not-an-origin",
        f"is not in lower case, as browsers send it: no browser sends it so; ask about {APP}, which is allowed",
        None,
    ),
    (
        "the default port, written",
        [APP + ":443", *API],
        "not-an-origin",
        f"writes the default port of https, which browsers leave out: no browser sends it so; ask about {APP}",
        None,
    ),
    (
        "an origin without a scheme",
        ["evil.test", *API],
        "not-an-origin",
        "`evil.test` has no scheme; an origin is scheme://host[:port]: no browser sends it so; "
        "ask about https://evil.test, which is denied too",
        None,
    ),
    (
        "the null origin",
        ["null", *API],
        "not-an-origin",
        "`null` cannot be allowed: every sandboxed frame, local file and redirect can send `null`; "
        "serve the page over http(s) and name that origin",
        None,
    ),
    (
        "a pattern for an origin",
        ["https://*.apps.example.com", *API],
        "not-an-origin",
        "is a pattern, and a page has one origin: ask about one, as in https://x.apps.example.com",
        None,
    ),
    ("http for https", ["http://app.example.com", *API], "scheme", f"names {APP}: only the scheme differs", (3, 8)),
    ("the wrong port", [APP + ":8443", *API], "port", "only the port differs; serve the page from port 443", (3, 8)),
    (
        "a port outside the range",
        ["http://localhost:4000", *API, "--profile", "development"],
        "port",
        "names http://localhost:3000-3999: only the port differs; serve the page from a port from 3000 to 3999",
        (8, 16),
    ),
    (
        "the apex for a subdomain",
        ["https://apps.example.com", *API],
        "apex",
        "`*.` stands for names below `apps.example.com`, never for itself; name https://apps.example.com too",
        (3, 35),
    ),
    (
        "a subdomain for the apex",
        ["https://www.apex.example", *API],
        "subdomain",
        "`www.apex.example` is below `apex.example`, and a name stands for itself alone; "
        "name https://www.apex.example too, or write `*.apex.example` for one more label",
        (20, 42),
    ),
    (
        "one label too many",
        ["https://b.a.apps.example.com", *API],
        "labels",
        "`*` stands for one label, and `b.a` is 2; name https://b.a.apps.example.com too, "
        "or write `**.apps.example.com` for one or more",
        (3, 35),
    ),
    (
        "a label that the pattern does not fit",
        ["https://main.preview.example.com", *API],
        "label",
        "`main` is not `pr-*`, where `*` is at least one character",
        (3, 65),
    ),
    (
        "a typo in the host",
        ["https://app.exmaple.com", *API],
        "typo",
        "`app.exmaple.com` and `app.example.com` differ in one place; write the one that is meant",
        (3, 8),
    ),
    (
        "the wrong profile",
        ["https://staging.example.com", *API],
        "profile",
        "`staging` allows https://staging.example.com, and the profile is `production`: "
        "choose the profile that is meant, or name the origin in `production` too",
        (2, 11),
    ),
    (
        "a stranger",
        ["https://evil.test", *API],
        "stranger",
        "no rule for `/api/*` names https://evil.test or anything near",
        (9, 1),
    ),
    (
        "another rule's path",
        ["https://reports.example.net", *API],
        "other-path",
        "`reports` names https://reports.example.net, but for `/reports/*` only, and `/api/*` decides here",
        (9, 1),
    ),
    (
        "a path under no rule",
        [APP, "--path", "/other/x"],
        "path",
        "no rule covers `/other/x`, so what the application sets itself decides: add it to the `paths` of a rule",
        None,
    ),
    (
        "a path with another case",
        [APP, "--path", "/API/x"],
        "path-case",
        "paths are case-sensitive: `/API/x` is denied, and `/api/x` is allowed",
        None,
    ),
    (
        "a path with a slash at the end",
        [APP, "--path", "/status/"],
        "path-slash",
        "a slash at the end makes another path: `/status/` is denied, and `/status` is allowed",
        None,
    ),
    (
        "a path below an exact one",
        [APP, "--path", "/status/db"],
        "path-below",
        '`/status` is that path alone; write "/status/*" for what is below too',
        (27, 23),
    ),
    (
        "a path with a typo",
        [APP, "--path", "/apu/x"],
        "path-typo",
        "`/apu` and `/api` differ in one place",
        (11, 10),
    ),
    (
        "the prefix of a mounted application",
        [APP, "--path", "/v1/service/api/x"],
        "path-prefix",
        "if the application is mounted at `/v1/service`, its path is `/api/x`",
        None,
    ),
    (
        "a narrower path that names nobody",
        [APP, "--path", "/api/admin/x"],
        "narrower-path",
        "`/api/admin/*` decides alone; `/api/*`, where `session` would allow it, is not consulted",
        (21, 1),
    ),
    (
        "a narrower path that names others",
        ["https://reports.example.net", "--path", "/reports/yearly/7"],
        "narrower-path",
        "`/reports/yearly/*` decides alone; `/reports/*`, where `reports` would allow it, is not consulted",
        (35, 1),
    ),
    (
        "a narrower path that names nobody, and a stranger",
        ["https://evil.test", "--path", "/api/admin/x"],
        "nobody",
        "`/api/admin/*` decides alone and names nobody",
        (21, 1),
    ),
    (
        "a path with dots",
        [APP, "--path", "/api/../admin"],
        "path-segment",
        "`/api/../admin` has an empty, `.` or `..` segment, which is always denied: ask for `/admin`",
        None,
    ),
    (
        "a missing method",
        [APP, *API, "--method", "DELETE"],
        "method",
        "`session` does not allow DELETE: add it to its `methods`",
        (13, 11),
    ),
    (
        "patch in lower case",
        [APP, *API, "--method", "patch"],
        "method-case",
        "methods are case-sensitive, and fetch() upper-cases only DELETE, GET, HEAD, OPTIONS, POST, PUT: "
        "write PATCH in the page",
        (13, 11),
    ),
    (
        "a method that no page has",
        [APP, *API, "--method", "TRACE"],
        "forbidden-method",
        "no browser sends TRACE for a page: use another method",
        None,
    ),
    (
        "a missing request header",
        [APP, *API, "--header", "x-request-id"],
        "header",
        "`session` does not allow the request header `x-request-id`: add it to its `request-headers`",
        (14, 19),
    ),
    (
        "a request header with a typo",
        [APP, *API, "--header", "x-crsf-token"],
        "header-typo",
        "`session` allows `x-csrf-token`, and the page sets `x-crsf-token`: write the one that is meant",
        (14, 19),
    ),
    (
        "JSON where no request header is allowed",
        [READER, *API, "--method", "POST", "--header", "content-type: application/json"],
        "header",
        "`readers` does not allow the request header `content-type`",
        (17, 1),
    ),
    (
        'authorization with "*"',
        [APP, "--path", "/public/x", "--header", "Authorization: Bearer x"],
        "star-authorization",
        '"*" does not cover `authorization`: name it beside "*"',
        (30, 19),
    ),
    (
        "credentials with *",
        [APP, "--path", "/public/x", "--credentials"],
        "star-credentials",
        "`public` answers `*`, which browsers refuse for a request with credentials: name the page's origin in a rule "
        "with `credentials = true`, or send none",
        (28, 12),
    ),
    (
        "credentials that the rule does not allow",
        [READER, *API, "--credentials"],
        "credentials",
        "`readers` does not allow credentials: write `credentials = true` in it, or send none",
        (17, 1),
    ),
    (
        "missing credentials",
        [APP, *API],
        "no-credentials",
        '`session` allows credentials, and the page sends none: cookies go along only with fetch(url, {credentials: "',
        (16, 15),
    ),
    (
        "a header that is not exposed",
        [APP, *API, "--credentials", "--expose", "x-total", "--expose", "x-page"],
        "expose",
        "`session` does not expose `x-page`: add it to its `response-headers`",
        (15, 20),
    ),
    (
        "a header that no page can read",
        [APP, *API, "--credentials", "--expose", "Set-Cookie"],
        "forbidden-response-header",
        "no page can read `Set-Cookie`, whatever is exposed",
        None,
    ),
    (
        "Origin dropped by a gateway",
        [APP, *API, "--host", "api.example.com"],
        "dropped-origin",
        "`Origin` was dropped, and the Host `api.example.com` stands for `https://api.example.com`, not for the page: "
        "let the gateway forward `Origin`, or fill a header that `fallback.headers` names",
        None,
    ),
    (
        "a header that the gateway fills in and nobody reads",
        [APP, *API, "--fallback", f"x-client-origin: {APP}"],
        "fallback-header",
        "`x-client-origin` is not among `fallback.headers`, so nothing is read from it: name it there",
        None,
    ),
    (
        "credentials after Origin was dropped",
        [APP, *API, "--host", "app.example.com", "--credentials"],
        "dropped-credentials",
        "`Origin` was dropped, and an origin that the fallback finds is given no credentials",
        (9, 1),
    ),
]


@pytest.mark.parametrize(
    ("arguments", "kind", "words", "place"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES]
)
def test_a_common_mistake_is_named(arguments: list[str], kind: str, words: str, place: tuple[int, int] | None) -> None:
    found = explained(*arguments)
    first = found["misses"][0]
    assert (first["kind"], (first["line"], first["column"])) == (kind, place or (None, None))
    assert words in first["message"]
    informs = kind in ("no-credentials", "expose", "forbidden-response-header")
    assert found["readable"] is informs, "blocked, unless the answer can be read and only a part of it is missed"
    chosen = [] if "--profile" in arguments else ["--profile", "production"]
    (sentence, *_) = [line for line in run(*arguments, *chosen).stdout.splitlines() if line.startswith("why ")]
    assert words in sentence
    assert (f"(cors.toml:{place[0]}:{place[1]})" in sentence) if place else ("cors.toml" not in sentence)


def test_the_table_has_the_twenty_and_each_kind() -> None:
    assert len(MISTAKES) >= 20
    written = set(re.findall(r'(?:Miss|Near)\(\s*"([a-z-]+)"', Path(diagnosis.__file__).read_text(encoding="utf-8")))
    assert written <= {kind for _, _, kind, _, _ in MISTAKES}


FALLBACK = '[fallback]\nheaders = ["x-client-origin", "x-second"]\nhost-scheme = {}\n'

#: what the gateway does, what is asked, the misses: each kind with words of it
DROPPED = [
    ("it copies Origin", ["--fallback", f"x-client-origin: {APP}"], []),
    ("into the second", ["--fallback", "X-Client-Origin:", "--fallback", f"X-Second: {APP}"], []),
    (
        "it fills in something else",
        ["--fallback", "x-client-origin: app.example.com"],
        [("dropped-origin", f"`x-client-origin` has `app.example.com`, where the page is {APP}: let the gateway copy")],
    ),
    (
        "nothing",
        ["--fallback", "x-second: "],
        [
            (
                "dropped-origin",
                "the request has nothing instead: let the gateway forward `Origin`, or fill `x-client-origin`",
            )
        ],
    ),
    (
        "nearly the right header",
        ["--fallback", f"x-clientorigin: {APP}"],
        [
            (
                "fallback-header",
                "`x-clientorigin` is not among `fallback.headers`, so nothing is read from it: did you",
            ),
            ("dropped-origin", "the request has nothing instead"),
        ],
    ),
    (
        "the right one beside another",
        ["--fallback", f"x-client-origin: {APP}", "--fallback", "x-other: 1"],
        [],
    ),
    (
        "the Host alone, which stands for nothing",
        ["--host", "app.example.com"],
        [("dropped-origin", "the Host `app.example.com` stands for no origin, not for the page")],
    ),
    (
        "a header, and a Host",
        ["--host", "api.example.com", "--fallback", f"x-second: {APP}"],
        [],
    ),
]


@pytest.mark.parametrize(("arguments", "misses"), [row[1:] for row in DROPPED], ids=[row[0] for row in DROPPED])
def test_what_a_gateway_leaves_instead_of_origin(arguments: list[str], misses: list[tuple[str, str]]) -> None:
    Path("cors.toml").write_text(RULES + FALLBACK.format("false"), encoding="utf-8")
    found = explained(APP, *API, *arguments)
    told = [miss for miss in found["misses"] if miss["kind"] != "no-credentials"]
    assert found["readable"] is not misses
    assert [miss["kind"] for miss in told] == [kind for kind, _ in misses]
    assert all(words in miss["message"] for miss, (_, words) in zip(told, misses, strict=True))


def test_a_page_that_no_rule_names_is_told_so_whatever_the_gateway_does() -> None:
    """The gateway copied its origin as it is, so that nothing is wrong with the gateway."""
    Path("cors.toml").write_text(RULES + FALLBACK.format('"https"'), encoding="utf-8")
    evil = "https://evil.test"
    for arguments in (["--fallback", f"x-second: {evil}"], ["--host", "evil.test"]):
        assert [miss["kind"] for miss in explained(evil, *API, *arguments)["misses"]] == ["stranger"]


#: what differs, a pattern, an origin, the words that name it
NOT_NEAR = [
    ("an attacker's suffix", APP + ".evil.test"),
    ("an attacker's prefix", "https://evilapp.example.com"),
    ("another domain of that length", "https://abc.another.org"),
]


@pytest.mark.parametrize("origin", [row[1] for row in NOT_NEAR], ids=[row[0] for row in NOT_NEAR])
def test_what_is_not_near(origin: str) -> None:
    assert [miss["kind"] for miss in explained(origin, *API)["misses"]] == ["stranger"]


def test_everything_that_is_in_the_way_is_told_at_once() -> None:
    found = explained(READER, *API, "--credentials", "--method", "PUT", "--header", "x-a", "--header", "x-b")
    assert [miss["kind"] for miss in found["misses"]] == ["credentials", "method", "header", "header"]


def test_a_narrower_path_that_gives_less_is_told_too() -> None:
    text = RULES + '[[rules]]\npaths = ["/api/new/*"]\norigins = ["web"]\n'
    question = Question(accept(text, "cors.toml").document, "production", "/api/new/x", PageRequest(APP, "PUT"))
    assert [miss.kind for miss in diagnosis.find(explain(question))] == ["method", "narrower-path"]


def test_nothing_is_in_the_way() -> None:
    found = explained(APP, *API, "--credentials", "--method", "PUT", "--header", "x-csrf-token", "--expose", "x-total")
    assert (found["readable"], found["failure"], found["misses"], found["exposed"]) == (
        True,
        None,
        [],
        {"x-total": True},
    )


EXTENSIONS = 'version = 1\n[[rules]]\norigins = ["moz-extension://**"]\n'

#: what the origin is, the origin, the word of what is in the way, what the sentence says
EVERY_HOST = [
    ("another scheme", "https://evil.test", "stranger", "names https://evil.test or anything near"),
    ("another scheme with one letter for a host", "app://x", "stranger", "names app://x or anything near"),
    ("a port", "moz-extension://2c127fa4:80", "port", "only the port differs; serve the page without a port"),
]


@pytest.mark.parametrize(
    ("origin", "kind", "said"), [row[1:] for row in EVERY_HOST], ids=[row[0] for row in EVERY_HOST]
)
def test_every_host_of_a_scheme_is_near_to_no_other_scheme(origin: str, kind: str, said: str) -> None:
    Path("cors.toml").write_text(EXTENSIONS)
    (miss,) = json.loads(run(origin, "--format", "json").stdout)["explanations"][0]["misses"]
    assert miss["kind"] == kind
    assert said in miss["message"]


def test_any_host_of_a_scheme_is_allowed_where_every_one_is() -> None:
    Path("cors.toml").write_text(EXTENSIONS)
    assert json.loads(run("moz-extension://2c127fa4-e8c7", "--format", "json").stdout)["explanations"][0]["readable"]
