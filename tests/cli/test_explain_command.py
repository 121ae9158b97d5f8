"""`corsrules explain`: its options, what it prints, and its exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from explaining import API, APP, READER, RULES, explained, run
from har_files import NOT_HAR, URL, entry, write_har

from corsrules.evidence import recording


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cors.toml").write_text(RULES, encoding="utf-8")


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


def test_a_file_without_profiles_is_explained_without_one() -> None:
    Path("one.toml").write_text(f'version = 1\n[[rules]]\norigins = ["{APP}"]\n', encoding="utf-8")
    lines = run(APP, "--file", "one.toml").stdout.splitlines()
    assert lines[lines.index("") + 1] == "verdict    allowed: the page can read the answer"


@pytest.mark.parametrize("more", [[], ["--method", "PUT"], ["--credentials", "--expose", "x-total"]], ids=" ".join)
def test_under_no_rule_nothing_is_said_of_what_the_application_sets(more: list[str]) -> None:
    asked = [APP, "--path", "/other/x", "--profile", "production", *more]
    shown = run(*asked).stdout
    assert "\nverdict    the application decides: what it answers itself is sent as it is\n" in shown
    assert "\npath       none governs; nothing is added to the answer, and nothing is removed\n" in shown
    assert shown.endswith("\nanswer     the application's\n")
    assert [word for word in ("blocked", "no CORS header", "cannot") if word in shown] == []
    assert [each["governed"] for each in json.loads(run(*asked, "--format", "json").stdout)["explanations"]] == [False]
    assert explained(APP, *API)["governed"] is True


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
    ("no name of a fallback header", [APP, "--fallback", "x y: 1"], 2, "is not NAME: VALUE"),
    ("no value of a fallback header", [APP, "--fallback", "x-client-origin"], 2, "is not NAME: VALUE"),
    ("one twice", [APP, "--fallback", "x-a: 1", "--fallback", "X-A: 2"], 2, "x-a is given twice"),
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


def test_a_header_that_the_gateway_fills_in() -> None:
    Path("cors.toml").write_text(RULES + '[fallback]\nheaders = ["x-client-origin"]\n', encoding="utf-8")
    arguments = [APP, "--path", "/api/x", "--fallback", f"X-Client-Origin:  {APP} "]
    found = explained(*arguments)
    assert (found["readable"], found["rule"]) == (True, "session")
    assert (found["request"]["host"], found["request"]["fallback"]) == (None, {"x-client-origin": APP})
    line = "           arrives without Origin"
    assert f"{line}, with x-client-origin: {APP}\n" in run(*arguments, "--profile", "production").stdout
    assert (
        f"{line}, at Host a, with x-client-origin: {APP}\n"
        in run(*arguments, "--host", "a", "--profile", "production").stdout
    )
    assert explained(APP)["request"]["fallback"] is None


def test_options_go_before_what_is_recorded() -> None:
    found = explained(READER, "--curl", f"curl {URL} -X PUT -H 'Origin: {APP}'", "--method", "GET", "--path", "/status")
    expected = {"origin": READER, "path": "/status", "method": "GET"}
    assert expected.items() <= found["request"].items()
    assert f"ORIGIN is used, not the recorded {APP}" in found["notes"]


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


@pytest.mark.parametrize(("content", "words"), [row[1:] for row in NOT_HAR], ids=[row[0] for row in NOT_HAR])
def test_what_is_no_har_file(content: bytes, words: str) -> None:
    Path("x.har").write_bytes(content)
    ran = run(APP, "--har", "x.har")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr.startswith("Error: ")
    assert words in ran.stderr
