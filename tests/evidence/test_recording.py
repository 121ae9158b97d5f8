"""Requests that were recorded elsewhere: a pasted `curl` command line, an entry of a HAR file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from har_files import NOT_HAR, URL, entry, write_har

from corsrules.evidence import recording
from corsrules.evidence.recording import Unreadable
from corsrules.web import fetch

APP = "https://app.example.com"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


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


#: the given path or URL, the path, the origin
TARGETS = [
    ("/api/x", "/api/x", None),
    ("/stra%C3%9Fe", "/straße", None),
    ("/straße", "/straße", None),
    ("/a%252e", "/a%2e", None),
    ("/a+b?x=1#y", "/a+b", None),
    ("/api/%FF", "/api/\udcff", None),
    ("https://api.example.com/api/x?q=/y", "/api/x", "https://api.example.com"),
    ("HTTPS://me@API.example.com", "/", "https://api.example.com"),
    ("https://api.example.com?x", "/", "https://api.example.com"),
    ("//api", "//api", None),
]


@pytest.mark.parametrize(("given", "path", "origin"), TARGETS)
def test_a_path_is_decoded_once(given: str, path: str, origin: str | None) -> None:
    assert recording.target(given) == recording.Target(path, origin)


#: the entry that is asked for, what of its request is given
ENTRIES: list[tuple[int | None, dict[str, Any]]] = [
    (
        None,
        {
            "url": URL,
            "origin": APP,
            "method": "PUT",
            "headers": (("x-csrf-token", "t"),),
            "credentials": True,
            "host": None,
            "notes": (f"entry 2 of 3: PUT {URL}",),
        },
    ),
    (1, {"url": "https://app.example.com/", "origin": None, "method": "GET", "credentials": False, "host": None}),
    (3, {"origin": APP, "method": "DELETE", "headers": ()}),
]


@pytest.mark.parametrize(("number", "expected"), ENTRIES)
def test_har(number: int | None, expected: dict[str, Any]) -> None:
    write_har(
        [
            entry(url="https://app.example.com/", host="app.example.com"),
            entry("PUT", origin=APP, x_csrf_token="t", sec_fetch_mode="cors", host="h", cookies=[{"name": "a"}]),
            entry("OPTIONS", origin=APP, access_control_request_method="DELETE"),
        ]
    )
    found = recording.har("x.har", number)._asdict()
    assert {key: found[key] for key in expected} == expected


def test_an_entry_that_there_is_not() -> None:
    write_har([entry()])
    with pytest.raises(Unreadable, match="has 1 entries, and no entry 2"):
        recording.har("x.har", 2)


@pytest.mark.parametrize(("content", "words"), [row[1:] for row in NOT_HAR], ids=[row[0] for row in NOT_HAR])
def test_what_is_no_har_file(content: bytes, words: str) -> None:
    Path("x.har").write_bytes(content)
    with pytest.raises(Unreadable, match=words):
        recording.har("x.har", None)


def test_headers_of_no_kind_are_passed_over() -> None:
    write_har([{"request": {"method": "GET", "url": URL, "headers": [5, {"name": 5}, {"name": "x-a"}], "cookies": 5}}])
    found = recording.har("x.har", None)
    assert (found.headers, found.credentials) == ((), False)


def test_a_large_har_file(monkeypatch: pytest.MonkeyPatch) -> None:
    assert recording.HAR_SIZE == 50 * 1024 * 1024
    monkeypatch.setattr(recording, "HAR_SIZE", 1024)
    Path("x.har").write_bytes(b" " * 1025)
    with pytest.raises(Unreadable, match="larger than"):
        recording.har("x.har", None)
