"""`corsrules explain`: what is answered and why, the near misses by name, and requests recorded elsewhere."""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import strategies
from click.testing import CliRunner, Result
from flask import Flask, Response

from corsrules import loading
from corsrules.analysis import diagnosis
from corsrules.analysis.explain import Explanation, Question, explain
from corsrules.cli import main
from corsrules.evidence import recording
from corsrules.evidence.recording import Unreadable
from corsrules.flask import CorsRules
from corsrules.language import origin_pattern, toml
from corsrules.language.model import Document
from corsrules.web import browser, fetch
from corsrules.web.browser import PageRequest

RULES = """\
version = 1
[profiles.production.origins]
web = ["https://app.example.com", "https://*.apps.example.com", "https://pr-*.preview.example.com"]
[profiles.staging.origins]
web = ["https://staging.example.com"]
[profiles.development]
development = true
origins.web = ["http://localhost:3000-3999"]
[[rules]]
name = "session"
paths = ["/api/*"]
origins = ["web"]
methods = ["PUT", "PATCH"]
request-headers = ["x-csrf-token", "content-type"]
response-headers = ["x-total"]
credentials = true
[[rules]]
name = "readers"
paths = ["/api/*"]
origins = ["https://reader.example.net", "https://apex.example"]
[[rules]]
name = "admin"
paths = ["/api/admin/*"]
origins = []
[[rules]]
name = "public"
paths = ["/public/*", "/status"]
origins = ["*"]
methods = ["*"]
request-headers = ["*"]
[[rules]]
name = "reports"
paths = ["/reports/*"]
origins = ["https://reports.example.net"]
[[rules]]
name = "yearly"
paths = ["/reports/yearly/*"]
origins = ["https://yearly.example.net"]
"""

APP = "https://app.example.com"
API = ["--path", "/api/x"]
READER = "https://reader.example.net"


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cors.toml").write_text(RULES, encoding="utf-8")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["explain", *arguments], prog_name="corsrules")


def explained(*arguments: str) -> dict[str, Any]:
    """The JSON of the one explanation, in production unless a profile is named."""
    chosen = [] if "--profile" in arguments else ["--profile", "production"]
    ran = run(*arguments, *chosen, "--format", "json")
    assert (ran.exit_code, ran.stderr) == (0, "")
    document = json.loads(ran.stdout)
    (explanation,) = document["explanations"]
    return {**document, **explanation}


def document(text: str = RULES) -> Document:
    found = loading.inspect(text, "cors.toml").document
    assert found is not None
    return found


# --- the most common mistakes -----------------------------------------------------------------------------------------

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
        "no rule covers `/other/x`, so no CORS header is sent: add it to the `paths` of a rule",
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
    question = Question(document(text), "production", "/api/new/x", PageRequest(APP, "PUT"))
    assert [miss.kind for miss in diagnosis.find(explain(question))] == ["method", "narrower-path"]


def test_nothing_is_in_the_way() -> None:
    found = explained(APP, *API, "--credentials", "--method", "PUT", "--header", "x-csrf-token", "--expose", "x-total")
    assert (found["readable"], found["failure"], found["misses"], found["exposed"]) == (
        True,
        None,
        [],
        {"x-total": True},
    )


# --- what is shown ----------------------------------------------------------------------------------------------------


def test_the_whole_text() -> None:
    asked = ("--path", "/api/x", "--method", "put", "--header", "x-csrf-token", "--credentials")
    ran = run(APP, *asked, "--profile", "production")
    assert (
        ran.stdout
        == """\
page       https://app.example.com
request    PUT /api/x, with x-csrf-token
           with credentials
           (fetch() sends put as PUT)

profile    production
verdict    allowed: the page can read the answer
path       /api/* governs: the longest that covers the request (cors.toml:11:10)
rule       session decides (cors.toml:9:1)
           https://app.example.com (group web): it is the origin, and decides (cors.toml:3:8)
           2 more patterns do not match (--verbose)
rule       readers does not match (cors.toml:17:1)
           https://reader.example.net: the host differs (cors.toml:20:12)
           https://apex.example: the host differs (cors.toml:20:42)
preflight  204
           Access-Control-Allow-Origin: https://app.example.com
           Access-Control-Allow-Credentials: true
           Access-Control-Allow-Methods: PATCH, PUT
           Access-Control-Allow-Headers: content-type, x-csrf-token
           Vary: Origin
answer     the application's, with
           Access-Control-Allow-Origin: https://app.example.com
           Access-Control-Allow-Credentials: true
           Access-Control-Expose-Headers: x-total
           Vary: Origin
"""
    )


def test_the_longer_paths_on_request() -> None:
    shown = run(APP, "--path", "/api/x", "--profile", "production", "--verbose").stdout
    assert "/api/admin/* does not cover it: segment 2 is `x`, not `admin` (cors.toml:23:10)" in shown
    assert "https://*.apps.example.com (group web): the host differs (cors.toml:3:35)" in shown
    shorter = run("https://reports.example.net", "--path", "/reports/yearly/7", "--profile", "production", "--verbose")
    assert "/reports/* covers the request too, but is shorter (cors.toml:33:10)" in shorter.stdout


#: what differs, the path of the rule, the path of the request, the words that say so
PATH_DIFFERENCES = [
    ("another segment", "/api/admin/*", "/api/x", "segment 2 is `x`, not `admin`"),
    ("too short", "/api/admin/*", "/api", "the request ends before `admin`"),
    ("below an exact path", "/health", "/health/x", "it is that path alone, without what is below"),
    ("below the root", "/", "/x", "it is that path alone, without what is below"),
    ("a slash more", "/health", "/health/", "the request has a slash at the end"),
    ("a slash less", "/health/", "/health", "the request has no slash at the end"),
    ("the case", "/Api/*", "/api/x", "the case differs"),
    ("part of a segment", "/api/*", "/api2/x", "segment 1 is `api2`, not `api`"),
    ("dots", "/api/*", "/api/../x", "no rule is applied to a path with an empty, `.` or `..` segment"),
]


@pytest.mark.parametrize(
    ("rule", "requested", "words"), [row[1:] for row in PATH_DIFFERENCES], ids=[row[0] for row in PATH_DIFFERENCES]
)
def test_why_a_path_does_not_cover(rule: str, requested: str, words: str) -> None:
    text = f'version = 1\n[[rules]]\npaths = ["{rule}"]\norigins = ["{APP}"]\n'
    explanation = explain(Question(document(text), None, requested, PageRequest(APP, "GET")))
    assert [reading.why for reading in explanation.paths] == [words]


#: what decides, the origin, its rule, its pattern and where that stands
DECIDERS = [
    ("the exact origin before the patterns", "https://a.b.example.com", "exact", "https://a.b.example.com", (4, 12)),
    ("the narrower pattern", "https://x.b.example.com", "narrow", "https://*.b.example.com", (7, 12)),
    ("the wider one", "https://x.c.example.com", "wide", "https://**.example.com", (10, 12)),
    ("* last", "https://evil.test", "all", "*", (13, 12)),
    ("* for what is no origin", "null", "all", "*", (13, 12)),
]
DECIDING = """\
version = 1
[[rules]]
name = "exact"
origins = ["https://a.b.example.com"]
[[rules]]
name = "narrow"
origins = ["https://*.b.example.com"]
[[rules]]
name = "wide"
origins = ["https://**.example.com"]
[[rules]]
name = "all"
origins = ["*"]
"""


@pytest.mark.parametrize(
    ("origin", "rule", "pattern", "place"), [row[1:] for row in DECIDERS], ids=[row[0] for row in DECIDERS]
)
def test_what_decides(origin: str, rule: str, pattern: str, place: tuple[int, int]) -> None:
    Path("deciding.toml").write_text(DECIDING, encoding="utf-8")
    (found,) = json.loads(run(origin, "--file", "deciding.toml", "--format", "json").stdout)["explanations"]
    (decider,) = [(each["rule"], one) for each in found["rules"] for one in each["origins"] if one["decides"]]
    assert (found["rule"], decider[0], decider[1]["pattern"]) == (rule, rule, pattern)
    assert (decider[1]["line"], decider[1]["column"]) == place


def test_a_file_without_profiles_is_explained_without_one() -> None:
    Path("deciding.toml").write_text(DECIDING, encoding="utf-8")
    lines = run("https://a.b.example.com", "--file", "deciding.toml").stdout.splitlines()
    assert lines[lines.index("") + 1] == "verdict    allowed: the page can read the answer"


def test_every_profile() -> None:
    found = json.loads(run(APP, *API, "--all-profiles", "--format", "json").stdout)["explanations"]
    readable = {"production": True, "staging": False, "development": False}
    assert {each["profile"]: each["readable"] for each in found} == readable
    shown = run(APP, *API, "--all-profiles").stdout
    assert re.findall(r"^profile +(\w+)$", shown, re.MULTILINE) == list(readable)


#: the given path, what is used
TARGETS = [
    ("/api/x", "/api/x"),
    ("/stra%C3%9Fe", "/straße"),
    ("/straße", "/straße"),
    ("/a%252e", "/a%2e"),
    ("/a+b?x=1#y", "/a+b"),
    ("https://api.example.com/api/x?q=/y", "/api/x"),
    ("https://api.example.com", "/"),
    ("https://api.example.com?x", "/"),
    ("//api", "//api"),
]


@pytest.mark.parametrize(("given", "used"), TARGETS)
def test_a_path_is_decoded_once(given: str, used: str) -> None:
    found = explained(APP, "--path", given)
    assert found["request"]["path"] == used
    assert (f"the path is {used}" in found["notes"]) == (given != used)


def test_bytes_that_are_not_utf_8_reach_the_matcher_as_they_are() -> None:
    assert recording.target("/api/%FF").path == "/api/\udcff"
    assert "path       /api/* governs" in run(APP, "--path", "/api/%FF", "--profile", "production").stdout


def test_nothing_raw_is_printed() -> None:
    raw = "https://app.example.com\x1b[31m\r\n\u202e\udcff"
    for format_ in ("text", "json"):
        ran = run(
            raw, "--path", "/api/\x1b\x07", "--header", "x-a: \x1b", "--profile", "production", "--format", format_
        )
        assert ran.exit_code == 0
        assert all(line.isprintable() for line in ran.stdout.split("\n"))
    assert "\\x1b[31m\\r\\n\\u202e\\udcff" in run(raw, *API, "--profile", "production").stdout


def test_a_long_origin() -> None:
    found = explained(APP + "a" * 8192, *API)
    assert found["misses"][0]["message"].startswith(f"the origin is {len(APP) + 8192} characters long")
    assert max(map(len, run(APP + "a" * 8192, *API, "--profile", "production").stdout.splitlines())) < 1100


def test_header_values_count_and_are_not_shown() -> None:
    simple = explained(APP, *API, "--header", "accept: text/html", "--header", "Content-Type: text/plain")
    assert simple["preflight"] is None
    assert explained(APP, *API, "--header", "accept")["preflight"] is not None, "a bare name needs permission"
    assert "secret" not in run(APP, *API, "--header", "authorization: secret", "--profile", "production").stdout


def test_headers_that_no_page_sets_are_left_out() -> None:
    found = explained(APP, *API, "--header", "Cookie: a=b", "--header", "sec-x: 1", "--credentials")
    assert found["request"]["headers"] == []
    assert found["notes"] == ["no page can set Cookie; it is left out", "no page can set sec-x; it is left out"]


def test_same_origin() -> None:
    notes = explained(APP, "--path", f"{APP}/api/x")["notes"]
    assert "the page and the request have one origin; CORS has no say in what is same-origin" in notes


#: what is wrong, the arguments, the exit code, what is said
TROUBLES = [
    ("no origin", ["--profile", "production"], 2, "name the page's ORIGIN"),
    ("two ways to choose", [APP, "--profile", "production", "--all-profiles"], 2, "exclude each other"),
    ("two recordings", ["--curl", "curl x", "--har", "x"], 2, "exclude each other"),
    ("no such file", [APP, "--file", "nowhere.toml"], 2, "cannot read"),
    ("no path", [APP, "--path", "api/x"], 2, "neither a path"),
    ("half a character", [APP, "--path", "/api/\ud83d"], 2, "half a character"),
    ("no method", [APP, "--method", "P T"], 2, "is not a method"),
    ("no header", [APP, "--header", "x y"], 2, "is not a header name"),
    ("no curl", ["--curl", "wget https://api.test"], 2, "begins with curl"),
    ("nothing to run", ["--curl", ""], 2, "begins with curl"),
    ("no URL", ["--curl", "curl -X GET"], 2, "names no URL"),
    ("an open quote", ["--curl", "curl 'x"], 2, "cannot be read"),
    ("a long command line", ["--curl", "curl " + "x" * 70_000], 2, "longer than"),
    ("no HAR", [APP, "--har", "nowhere.har"], 2, "cannot read"),
    ("no such profile", [APP, "--profile", "prod"], 1, "CR108"),
    ("no profile chosen", [APP], 1, "CR107"),
]


@pytest.mark.parametrize(
    ("arguments", "code", "words"), [row[1:] for row in TROUBLES], ids=[row[0] for row in TROUBLES]
)
def test_troubles(arguments: list[str], code: int, words: str) -> None:
    ran = run(*arguments)
    assert ran.exit_code == code
    assert words in (ran.stderr if code == 2 else ran.stdout)


def test_a_file_with_errors_is_not_explained() -> None:
    Path("cors.toml").write_text(RULES.replace("net/", "net").replace('net"', 'net/"'), encoding="utf-8")
    ran = run(APP, "--profile", "production")
    assert (ran.exit_code, ran.stderr) == (1, "")
    assert "error[CR011]" in ran.stdout
    assert "verdict" not in ran.stdout
    assert json.loads(run(APP, "--format", "json").stdout)["findings"][0]["code"] == "CR011"


# --- curl and HAR -----------------------------------------------------------------------------------------------------

URL = "https://api.example.com/api/x"

#: what it shows, the command line, what of the request it gives
CURLS: list[tuple[str, str, dict[str, Any]]] = [
    ("a URL alone", f"curl {URL}", {"method": "GET", "url": URL, "origin": None}),
    ("a URL without a scheme", "curl api.example.com/x", {"url": "http://api.example.com/x"}),
    ("--url", f"curl --url {URL}", {"url": URL}),
    ("an origin", f"curl {URL} -H 'Origin: {APP}'", {"origin": APP, "host": None}),
    ("a Host and no Origin", f"curl {URL} -H 'Host: a.test'", {"origin": None, "host": "a.test"}),
    ("a method", f"curl -X PUT {URL}", {"method": "PUT"}),
    ("a method, glued", f"curl -XPUT {URL}", {"method": "PUT"}),
    ("a method, long", f"curl --request PATCH {URL}", {"method": "PATCH"}),
    ("data posts", f"curl {URL} -d a=b", {"method": "POST", "headers": ()}),
    ("raw data posts", f"curl {URL} --data-raw a", {"method": "POST"}),
    ("data with a method", f"curl {URL} -X PUT --data-binary @f", {"method": "PUT"}),
    ("data with -G", f"curl -G -d a=b {URL}", {"method": "GET"}),
    ("-I", f"curl -I {URL}", {"method": "HEAD"}),
    ("an upload", f"curl -T file {URL}", {"method": "PUT"}),
    ("JSON", f"curl --json {{}} {URL}", {"method": "POST", "headers": (("content-type", "application/json"),)}),
    ("a header", f"curl {URL} --header 'X-A: b: c'", {"headers": (("X-A", "b: c"),)}),
    ("a header without a value", f"curl {URL} -H 'X-A;'", {"headers": (("X-A", ""),)}),
    ("a header taken back", f"curl {URL} -H 'Accept:' -H @file", {"headers": ()}),
    ("cookies", f"curl {URL} -b 'a=b'", {"credentials": True, "headers": ()}),
    ("a Cookie header", f"curl {URL} -H 'cookie: a=b'", {"credentials": True, "headers": ()}),
    ("no cookies", f"curl {URL} -c jar", {"credentials": False}),
    ("a user", f"curl -u me:secret {URL}", {"headers": (("authorization", "Basic"),), "credentials": False}),
    ("a range", f"curl -r 0-99 {URL}", {"method": "GET", "headers": (("range", "bytes=0-99"),)}),
    (
        "what no page sets",
        f"curl {URL} -H 'sec-fetch-mode: cors' -H 'accept-encoding: br' -H 'Referer: x' -H ':authority: y'",
        {"headers": (), "notes": ()},
    ),
    (
        "what browsers add",
        f"curl {URL} -H 'user-agent: x' -H 'accept: */*'",
        {
            "headers": (),
            "notes": ("taken for the browser's own: accept, user-agent (if the page sets one, give it with --header)",),
        },
    ),
    (
        "options without a say",
        f"curl -sSL --compressed --max-time 5 -o out --what {URL}",
        {"url": URL, "notes": ("ignored of the command line: --compressed, --max-time, --what, -L, -S, -o, -s",)},
    ),
    ("an unknown option with a value", f"curl --what 5 {URL}", {"url": URL}),
    (
        "several lines",
        f"curl '{URL}' \\\n  -X 'PUT' \\\r\n  -H 'x-a: b'",
        {"method": "PUT", "headers": (("x-a", "b"),)},
    ),
    ("bash's quotes", f"curl {URL} -H $'x-a: it\\'s \\u0021' --data-raw $'\\n'", {"headers": (("x-a", "it's !"),)}),
    ("a dollar at the end", f"curl {URL} -H 'x-a: 5$' -H 'x-b: c'", {"headers": (("x-a", "5$"), ("x-b", "c"))}),
    ("nothing is executed", f"curl {URL} -H 'x-a: $(touch owned)' -X `id`", {"method": "`id`"}),
    (
        "a preflight",
        f"curl {URL} -X OPTIONS -H 'Access-Control-Request-Method: PUT' -H 'Access-Control-Request-Headers: x-a, x-b'",
        {
            "method": "PUT",
            "headers": (("x-a", fetch.UNSAFE_VALUE), ("x-b", fetch.UNSAFE_VALUE)),
            "notes": ("this is a preflight; explained is the request that it asks for",),
        },
    ),
]


@pytest.mark.parametrize(("line", "expected"), [row[1:] for row in CURLS], ids=[row[0] for row in CURLS])
def test_curl(line: str, expected: dict[str, Any]) -> None:
    found = recording.curl(line)._asdict()
    assert {key: found[key] for key in expected} == expected
    assert not Path("owned").exists()


def test_curl_is_explained() -> None:
    line = f"curl '{URL}' -X put -H 'Origin: {APP}' -H 'x-csrf-token: secret' -b 'sid=secret'"
    found = explained("--curl", line)
    expected = {"origin": APP, "path": "/api/x", "method": "PUT", "headers": ["x-csrf-token"], "credentials": True}
    assert expected.items() <= found["request"].items()
    assert found["readable"] is True
    assert "secret" not in run("--curl", line, "--profile", "production").stdout


def test_a_recorded_host_without_an_origin_is_what_a_gateway_left() -> None:
    arguments = [APP, "--curl", f"curl {URL} -H 'Host: app.example.com'"]
    found = explained(*arguments)
    assert (found["readable"], found["rule"]) == (True, "session")
    note = "the request has a Host and no Origin: it counts as one whose Origin a gateway has dropped"
    assert note in found["notes"]
    shown = run(*arguments, "--profile", "production").stdout
    assert "           arrives without Origin, at Host app.example.com\n" in shown
    assert [miss["kind"] for miss in explained(*arguments, "--host", "api.example.com")["misses"]] == ["dropped-origin"]


def test_options_go_before_what_is_recorded() -> None:
    found = explained(READER, "--curl", f"curl {URL} -X PUT -H 'Origin: {APP}'", "--method", "GET", "--path", "/status")
    expected = {"origin": READER, "path": "/status", "method": "GET"}
    assert expected.items() <= found["request"].items()
    assert f"ORIGIN is used, not the recorded {APP}" in found["notes"]


def entry(method: str = "GET", url: str = URL, cookies: Any = (), **headers: str) -> dict[str, Any]:
    listed = [{"name": name.replace("_", "-"), "value": value} for name, value in headers.items()]
    return {"request": {"method": method, "url": url, "headers": listed, "cookies": list(cookies)}}


def write_har(entries: Any) -> None:
    Path("x.har").write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}), encoding="utf-8")


def test_har() -> None:
    write_har(
        [
            entry(url="https://app.example.com/"),
            entry("PUT", origin=APP, x_csrf_token="t", sec_fetch_mode="cors", host="h", cookies=[{"name": "a"}]),
            entry("OPTIONS", origin=APP, access_control_request_method="DELETE"),
        ]
    )
    first = explained("--har", "x.har")
    expected = {"origin": APP, "path": "/api/x", "method": "PUT", "headers": ["x-csrf-token"], "credentials": True}
    assert expected.items() <= first["request"].items()
    assert first["notes"][0] == f"entry 2 of 3: PUT {URL}"
    assert explained("--har", "x.har", "--entry", "3")["request"]["method"] == "DELETE"
    assert explained(APP, "--har", "x.har", "--entry", "1")["request"]["path"] == "/"
    assert run("--har", "x.har", "--entry", "1").exit_code == 2
    assert "no entry 4" in run("--har", "x.har", "--entry", "4").stderr


#: what is wrong with it, the file
NOT_HAR = [
    ("not JSON", b"{"),
    ("not UTF-8", b"\xff"),
    ("a list", b"[]"),
    ("no entries", b'{"log": {"entries": []}}'),
    ("entries of no kind", b'{"log": {"entries": 5}}'),
    ("an entry of no kind", b'{"log": {"entries": [5]}}'),
    ("a request of no kind", b'{"log": {"entries": [{"request": []}]}}'),
    ("a URL of no kind", b'{"log": {"entries": [{"request": {"method": "GET", "url": 5}}]}}'),
    ("too deep", b"[" * 100_000),
]


@pytest.mark.parametrize("content", [row[1] for row in NOT_HAR], ids=[row[0] for row in NOT_HAR])
def test_what_is_no_har_file(content: bytes) -> None:
    Path("x.har").write_bytes(content)
    ran = run(APP, "--har", "x.har")
    assert ran.exit_code == 2
    assert ran.stderr.startswith("Error: ")


def test_headers_of_no_kind_are_passed_over() -> None:
    write_har([{"request": {"method": "GET", "url": URL, "headers": [5, {"name": 5}, {"name": "x-a"}], "cookies": 5}}])
    assert explained(APP, "--har", "x.har")["request"]["headers"] == []


def test_a_large_har_file(monkeypatch: pytest.MonkeyPatch) -> None:
    assert recording.HAR_SIZE == 50 * 1024 * 1024
    monkeypatch.setattr(recording, "HAR_SIZE", 1024)
    Path("x.har").write_bytes(b" " * 1025)
    with pytest.raises(Unreadable, match="larger than"):
        recording.har("x.har", None)


# --- the explained headers are those that are sent --------------------------------------------------------------------


class OneView(Flask):
    """Every path and method has the same view, so that routing plays no part."""

    def dispatch_request(self) -> Response:
        return Response("view")


def random_question(choose: Callable[[Any], Any], file: strategies.File, parsed: Document) -> Question:
    """A question near the boundaries of the file's rules, every other one well inside them."""
    asked = strategies.request(choose, file)
    origin = asked.origin if asked.origin is not None else strategies.origin_value(choose, choose(file.patterns()))
    path = asked.path.encode("latin-1").decode(errors="surrogateescape")
    if choose((False, True)):
        named = origin_pattern.parse(choose(file.patterns()))
        assert named is not None
        origin = origin_pattern.example_origin(named)
        path = choose(choose(parsed.rules).paths).removesuffix("/*") + choose(("", "/x"))
    named_headers = [name for rule in parsed.rules for name in rule.request_headers if name != "*"]
    names = [choose((*named_headers, "x-other", "authorization")) for _ in range(int(choose("0012")))]
    methods = [method for rule in parsed.rules for method in rule.methods if method != "*"]
    page = PageRequest(
        origin,
        choose(("GET", "GET", "POST", "PUT", "DELETE", "patch", "X-OWN", *methods)),
        tuple((name, fetch.UNSAFE_VALUE) for name in names),
        choose((False, True)),
    )
    dropped_at = (asked.host or "api.example.com") if choose((False, False, True)) else None
    return Question(parsed, file.profile, path, page, dropped_at)


def request_headers(question: Question) -> dict[str, str]:
    """What of the page's request the server sees, beside its method and path."""
    carried = {"Origin": question.page.origin} if question.dropped_at is None else {"Host": question.dropped_at}
    return carried | dict(question.page.headers)


def assert_sent(explanation: Explanation, app: Flask, send: Callable[..., Any]) -> str:
    """What is explained is what the adapter sends; the kind of case this was."""
    question = explanation.question
    path = question.path.encode(errors="surrogateescape").decode("latin-1")
    sent = send(app, path, question.page.method, request_headers(question))
    answer = dict(explanation.exchange.answer.headers_and_vary)
    assert answer == dict_of(sent), "the request's answer"
    if explanation.exchange.preflight is not None:
        asking = {name: value for name, value in request_headers(question).items() if name in ("Origin", "Host")}
        asking["Access-Control-Request-Method"] = question.page.method
        asking["Access-Control-Request-Headers"] = ",".join(browser.unsafe_header_names(question.page.headers))
        sent = send(app, path, "OPTIONS", asking)
        assert dict(explanation.exchange.preflight.headers_and_vary) == dict_of(sent), "the preflight's answer"
        if explanation.exchange.preflight.status is None:
            assert (sent.status, sent.body) == (200, b"view"), "the application's"
        else:
            assert (sent.status, sent.body) == (explanation.exchange.preflight.status, b"")
    if not explanation.exchange.answer.governed:
        return "ungoverned"
    return "readable" if explanation.exchange.verdict.readable else "blocked"


def dict_of(sent: Any) -> dict[str, str]:
    """The `Access-Control-*` headers and `Vary` of what was sent, each once, as they were spelled."""
    found = [(name, value) for name, value in sent.headers if name == "Vary" or name.startswith("Access-Control-")]
    assert len(dict(found)) == len(found)
    return dict(found)


def assert_consistent(explanation: Explanation, places: dict[Any, toml.Location], text: str) -> None:
    """What is read off the file is what the matcher did, and stands where it is said to stand."""
    answer = explanation.exchange.answer
    decided = explanation.decided
    assert (decided is not None) == answer.allowed
    if decided is not None:
        assert decided[0].rule.label == answer.rule
        start, end = places[decided[1].place].value
        assert json.loads(text[start:end]) == decided[1].text
    if answer.governed and explanation.governing is None:
        assert (
            not explanation.question.path.startswith("/")
            or "/." in explanation.question.path
            or ("//" in explanation.question.path)
        )
    elif explanation.governing is not None:
        assert answer.governed
    found = diagnosis.find(explanation)
    assert found or explanation.exchange.verdict.readable, "what is blocked has a reason"
    assert all(miss.place in places for miss in found if miss.place is not None)
    assert all(reading.place in places for reading in explanation.paths)


def test_the_explained_headers_are_those_that_flask_sends(tmp_path: Path, send: Callable[..., Any]) -> None:
    seed = int(os.environ.get("CORSRULES_SEED", "1"))
    cases = int(os.environ.get("CORSRULES_CASES", "2000"))
    choose = random.Random(seed).choice
    kinds = {"ungoverned": 0, "blocked": 0, "readable": 0}
    while sum(kinds.values()) < cases:
        file = strategies.file(choose)
        parsed = document(file.text)
        (tmp_path / "random.toml").write_text(file.text, encoding="utf-8")
        app = OneView("one_view")
        CorsRules(app, tmp_path / "random.toml", profile=file.profile)
        places = toml.locate(file.text)
        for _ in range(100):
            question = random_question(choose, file, parsed)
            try:
                explanation = explain(question)
                kinds[assert_sent(explanation, app, send)] += 1
                assert_consistent(explanation, places, file.text)
            except Exception as error:
                shown = (question.profile, question.path, question.page, question.dropped_at)
                raise AssertionError(f"seed {seed}\n{file.text}\n{shown}") from error
    assert min(kinds.values()) * 50 > cases, f"seed {seed}: {kinds}"
