"""The pytest plugin: which files it collects, what an item says, and the fixture that asks as a browser would."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask, request

from corsrules import loading  # noqa: F401 - else every run of pytester imports them again
from corsrules.analysis import filetests  # noqa: F401 - else every run of pytester imports them again
from corsrules.language import toml  # noqa: F401 - else every run of pytester imports them again
from corsrules.pytest_plugin import AsksAsPage
from corsrules.web import public_suffixes  # noqa: F401 - else every run of pytester imports them again

pytest_plugins = "pytester"

FILE = """\
version = 1
[profiles.production.origins]
web = ["https://app.example.com"]
[profiles.development]
development = true
origins.web = ["http://localhost:*"]
[[rules]]
name = "session"
origins = ["web"]
methods = ["PUT"]
request-headers = ["x-token"]
response-headers = ["x-request-id"]
credentials = true
[[tests]]
name = "the app writes"
profiles = ["production"]
origin = "https://app.example.com"
path = "/orders"
allow = ["GET", "PUT"]
[[tests]]
name = "no stranger reads"
origin = "https://evil.example"
path = "/orders"
deny = ["*"]
"""
FAILING = (
    FILE
    + """\
[[tests]]
name = "laptops write"
origin = "http://localhost:5173"
path = "/orders"
allow = ["GET", "PUT"]
"""
)


@pytest.fixture(autouse=True)
def _only_our_plugin(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the runs within; that pytest finds it by its entry point shows where this module uses `cors_verdict`."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "corsrules.pytest_plugin")


def test_importing_the_plugin_imports_nothing_heavy() -> None:
    heavy = "{'click', 'flask', 'pydantic', 'tomli', 'werkzeug'} & set(sys.modules)"
    code = f"import sys, corsrules.pytest_plugin; assert not {heavy}, {heavy}"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("name", "ini", "arguments", "collected"),
    [
        pytest.param("cors.toml", "", ["cors.toml"], True, id="named on the command line"),
        pytest.param("deploy/public.toml", "", ["deploy/public.toml"], True, id="whatever it is called"),
        pytest.param("cors.toml", "testpaths = cors.toml", [], True, id="named in testpaths"),
        pytest.param("cors.toml", "", [], False, id="not named"),
        pytest.param("cors.toml", "", ["."], False, id="its folder is named"),
        pytest.param("cors.toml", "corsrules_files = cors.toml", [], True, id="by the option"),
        pytest.param("api/cors.toml", "corsrules_files = cors.toml", [], True, id="by the option, in any folder"),
        pytest.param("a/b/cors.toml", "corsrules_files = x.toml b/*.toml", [], True, id="by a glob with a folder"),
        pytest.param("a/c/cors.toml", "corsrules_files = x.toml b/*.toml", [], False, id="in another folder"),
        pytest.param("pyproject.toml", "corsrules_files = cors.toml", [], False, id="another name"),
    ],
)
def test_which_files_are_collected(
    pytester: pytest.Pytester, name: str, ini: str, arguments: list[str], collected: bool
) -> None:
    pytester.makeini(f"[pytest]\naddopts = --strict-config\n{ini}\n")
    file = pytester.path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(FILE)
    pytester.runpytest(*arguments).assert_outcomes(passed=3 if collected else 0)


def test_items_are_named_and_placed(pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("cors.toml").write_text(FILE)
    items, _ = pytester.inline_genitems("cors.toml")
    assert [(item.nodeid, item.location[1]) for item in items] == [
        ("cors.toml::the app writes[production]", 13),
        ("cors.toml::no stranger reads[production]", 19),
        ("cors.toml::no stranger reads[development]", 19),
    ]
    assert {item.location[0] for item in items} == {"cors.toml"}


def test_one_is_chosen_by_its_id(pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("cors.toml").write_text(FAILING)
    pytester.runpytest("cors.toml::the app writes[production]").assert_outcomes(passed=1)
    pytester.runpytest("cors.toml", "-k", "laptops and development").assert_outcomes(passed=1)


def test_without_profiles_a_name_stands_alone(pytester: pytest.Pytester) -> None:
    test = '[[tests]]\nname = "a\\u001b[31m"\norigin = "null"\npath = "/"\ndeny = ["*"]\n'
    text = "version = 1\n[[rules]]\norigins = []\n" + test
    pytester.path.joinpath("cors.toml").write_text(text)
    (item,), _ = pytester.inline_genitems("cors.toml")
    assert item.name.startswith("a")
    assert item.name.isprintable()


def test_a_failure_is_explained(pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("cors.toml").write_text(FAILING)
    result = pytester.runpytest("cors.toml")
    result.assert_outcomes(passed=4, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*laptops write?production?*",
            "error?CR401?:*`laptops write` failed in `production`: GET is blocked (*no Access-Control-Allow-Origin)",
            "*--> cors.toml:29:10",
            '*29 | allow = ?"GET", "PUT"?',
            "*= help: `development` allows http://localhost:5173, and the profile is `production`: *",
            "*and PUT is blocked*",
            "FAILED cors.toml::laptops write?production?*",
        ]
    )
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")


def test_two_tests_of_one_name_are_two_items(pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("cors.toml").write_text(FAILING.replace("laptops write", "the app writes"))
    result = pytester.runpytest("-v", "cors.toml")
    result.assert_outcomes(passed=4, failed=1)
    result.stdout.fnmatch_lines(
        ["cors.toml::the app writes?production? PASSED*", "cors.toml::the app writes (2)?production? FAILED*"]
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param(FILE.replace("PUT", "put"), "error?CR*cors.toml:10:*", id="errors of the file"),
        pytest.param("version = ", "error?CR002?*", id="no TOML"),
        pytest.param("\xff", "error?CR001?*", id="no UTF-8"),
    ],
)
def test_a_broken_file_is_an_error_of_the_collection(pytester: pytest.Pytester, text: str, shown: str) -> None:
    pytester.path.joinpath("cors.toml").write_bytes(text.encode("latin-1"))
    result = pytester.runpytest("cors.toml")
    result.assert_outcomes(errors=1)
    start, _, place = shown.partition("*cors")
    result.stdout.fnmatch_lines([start.rstrip("*") + "*", *(["*--> cors" + place] if place else [])])
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")


@pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="needs a file that opens and then fails to be read")
def test_a_file_that_cannot_be_read_is_an_error_of_the_collection(pytester: pytest.Pytester) -> None:
    """The first page of a process's memory is not there, and so cannot be read (EIO)."""
    pytester.path.joinpath("cors.toml").symlink_to("/proc/self/mem")
    result = pytester.runpytest("cors.toml")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"cannot read {pytester.path / 'cors.toml'}: Input/output error"])
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")


def test_the_option_is_documented(pytester: pytest.Pytester) -> None:
    pytester.runpytest("--help").stdout.fnmatch_lines(["*corsrules_files*"])
    pytester.runpytest("--fixtures").stdout.fnmatch_lines(["cors_verdict*"])


# --- the fixture ------------------------------------------------------------------------------------------------------

APP = "https://app.example.com"


@pytest.fixture
def app(make_app: Any) -> Flask:
    app = make_app(FILE, profile="production")
    app.config["arrived"] = []
    app.wsgi_app = keeping(app.wsgi_app, app.config["arrived"])

    @app.route("/orders", methods=["GET", "POST", "PUT"])
    def orders() -> tuple[bytes, dict[str, str]]:
        return request.get_data(), {"X-Request-Id": "1", "X-Other": "1"}

    @app.route("/login")
    def login() -> tuple[str, int]:
        return "log in", 401

    return app


def keeping(wsgi_app: Any, arrived: list[Any]) -> Any:
    def serve(environ: dict[str, Any], start_response: Any) -> Any:
        arrived.append((environ["REQUEST_METHOD"], environ.get("HTTP_ORIGIN"), environ.get("HTTP_COOKIE")))
        return wsgi_app(environ, start_response)

    return serve


@pytest.mark.parametrize(
    ("asked", "methods", "failure"),
    [
        pytest.param({}, ["GET"], None, id="a simple request"),
        pytest.param({"method": "PUT"}, ["OPTIONS", "PUT"], None, id="after a preflight"),
        pytest.param({"method": "put"}, ["OPTIONS", "PUT"], None, id="normalized"),
        pytest.param({"headers": {"X-Token": "1"}}, ["OPTIONS", "GET"], None, id="a header"),
        pytest.param({"headers": {"accept": "text/html"}}, ["GET"], None, id="a safelisted header"),
        pytest.param({"headers": {"x-other": "1"}}, ["OPTIONS"], "preflight header", id="a header too many"),
        pytest.param({"method": "DELETE"}, ["OPTIONS"], "preflight method", id="never sent"),
        pytest.param({"method": "TRACE"}, [], "forbidden method", id="a method that no page can use"),
        pytest.param({"origin": "https://evil.example"}, ["GET"], "CORS check", id="a stranger"),
        pytest.param({"origin": "null", "method": "PUT"}, ["OPTIONS"], "CORS check", id="a sandboxed frame"),
        pytest.param({"path": "/missing"}, ["GET"], None, id="a 404 is readable"),
        pytest.param({"method": "PUT", "credentials": True}, ["OPTIONS", "PUT"], None, id="credentials"),
    ],
)
def test_the_verdict(app: Flask, cors_verdict: Any, asked: dict[str, Any], methods: list[str], failure: str) -> None:
    client = app.test_client()
    client.set_cookie("session", "1")
    asked = {"origin": APP, "path": "/orders", **asked}

    verdict = cors_verdict(client, **asked)

    assert (verdict.failure.step if verdict.failure else None) == failure
    cookie = "session=1" if asked.get("credentials") else None
    expected = [(method, asked["origin"], None if method == "OPTIONS" else cookie) for method in methods]
    assert app.config["arrived"] == expected


def test_what_the_verdict_says_of_headers(app: Flask, cors_verdict: Any) -> None:
    verdict = cors_verdict(app.test_client(), APP, "/orders?page=2", method="POST", data=b"{}")
    assert verdict.readable
    assert [verdict.exposes(name) for name in ("X-Request-ID", "x-other", "content-type")] == [True, False, True]


@pytest.mark.parametrize(
    ("asked", "readable", "status", "response"),
    [
        pytest.param({}, True, 200, 200, id="it works"),
        pytest.param({"path": "/missing"}, True, 404, 404, id="a page can read that there is nothing"),
        pytest.param({"path": "/login"}, True, 401, 401, id="and that it must log in"),
        pytest.param({"origin": "https://evil.example"}, False, None, 200, id="answered, and kept from the page"),
        pytest.param({"origin": "https://evil.example", "method": "PUT"}, False, None, None, id="never sent"),
        pytest.param({"method": "TRACE"}, False, None, None, id="a method that no browser sends"),
    ],
)
def test_the_status_is_what_script_reads(
    app: Flask, cors_verdict: Any, asked: dict[str, Any], readable: bool, status: int | None, response: int | None
) -> None:
    verdict = cors_verdict(app.test_client(), **{"origin": APP, "path": "/orders", **asked})
    assert (verdict.readable, verdict.status) == (readable, status)
    assert (verdict.response.status_code if verdict.response is not None else None) == response


@pytest.mark.parametrize("origin", [APP, "https://evil.example"])
def test_a_verdict_alone_proves_nothing_and_cannot_be_asserted(app: Flask, cors_verdict: Any, origin: str) -> None:
    for assertion in (lambda verdict: bool(verdict), lambda verdict: not verdict):
        with pytest.raises(TypeError, match=r"neither true nor false: assert `\.status == 200`"):
            assertion(cors_verdict(app.test_client(), origin, "/orders"))


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        pytest.param({}, "<readable: the answer is 200 OK, and exposes x-request-id>", id="readable"),
        pytest.param(
            {"path": "/login"}, "<readable: the answer is 401 UNAUTHORIZED, and exposes x-request-id>", id="401"
        ),
        pytest.param(
            {"origin": "https://evil.example"},
            "<blocked: the answer has no Access-Control-Allow-Origin; the answer is 200 OK>",
            id="blocked",
        ),
        pytest.param(
            {"method": "DELETE"}, "<blocked: DELETE is not among the allowed methods; no answer>", id="never sent"
        ),
    ],
)
def test_a_verdict_shows_what_happened(app: Flask, cors_verdict: Any, asked: dict[str, Any], shown: str) -> None:
    assert repr(cors_verdict(app.test_client(), **{"origin": APP, "path": "/orders", **asked})) == shown


def test_the_answer_can_be_read_and_is_closed_when_the_test_is_over(app: Flask) -> None:
    closed = []

    @app.route("/stream")
    def stream() -> Any:
        response = app.response_class(iter(["a", "b"]))
        response.call_on_close(lambda: closed.append("stream"))
        return response

    with ExitStack() as responses:
        verdict = AsksAsPage(responses)(app.test_client(), APP, "/stream")
        assert verdict.response is not None
        assert verdict.response.get_data(as_text=True) == "ab"
        verdict = AsksAsPage(responses)(app.test_client(), APP, "/orders", method="POST", data=b"{}")
        assert verdict.response is not None
        assert verdict.response.get_data() == b"{}"
    assert closed == ["stream"]


@pytest.mark.parametrize(
    ("origin", "message"),
    [
        pytest.param("app.example.com", '`app.example.com`: write "https://app.example.com"', id="no scheme"),
        pytest.param(APP + "/", f'`{APP}/`: write "{APP}"', id="a slash"),
        pytest.param("https://App.example.com", f'write "{APP}"', id="upper case"),
        pytest.param("https://*.example.com", "which is a pattern: a page has one origin", id="a pattern"),
        pytest.param("*", "name the origin of one page", id="everybody"),
    ],
)
def test_an_origin_that_no_browser_sends(app: Flask, cors_verdict: Any, origin: str, message: str) -> None:
    """Its denial would be vacuous: no page has it, so that none is kept out."""
    with pytest.raises(ValueError, match="no browser sends the origin") as raised:
        cors_verdict(app.test_client(), origin, "/orders")
    assert message in str(raised.value)
    assert app.config["arrived"] == []


def test_a_header_that_no_page_sets(app: Flask, cors_verdict: Any) -> None:
    with pytest.raises(ValueError, match="a page cannot set the header 'Cookie'"):
        cors_verdict(app.test_client(), APP, "/orders", headers={"Cookie": "session=1"})
    assert app.config["arrived"] == []
