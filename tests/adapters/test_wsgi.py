"""What is the WSGI middleware's own: what it passes on as it is, and what it is made of.

What every adapter answers is in test_adapters.py.
"""

import sys

import pytest
from adapter_cases import APP, RULES, SESSION, VIEW_HEADERS
from answers import ask
from environs import environ

import corsrules
from corsrules.wsgi import CorsMiddleware

MATCHER = corsrules.loads(RULES.text)


def saying(headers):
    """A WSGI application that says these headers, in the very list that it is given here."""

    def app(environ, start_response):
        start_response("200 OK", headers)
        return [b"view"]

    return app


def test_what_the_application_says_under_no_rule_is_left_as_it_is():
    headers = [("Content-Type", "text/plain"), *VIEW_HEADERS, ("Vary", "Cookie")]
    started = []
    app = CorsMiddleware(saying(headers), MATCHER)
    app(environ("/elsewhere", headers={"Origin": APP}), lambda status, given: started.append(given))

    assert started == [headers]


def test_the_applications_own_list_is_not_changed():
    own = [("Content-Type", "text/plain"), ("Vary", "Accept")]
    app = CorsMiddleware(saying(own), MATCHER)
    for _ in range(2):
        assert ask(app, environ("/api/x", headers={"Origin": APP})).cors == SESSION
    assert own == [("Content-Type", "text/plain"), ("Vary", "Accept")]


def test_the_write_callable_and_exc_info_are_passed_on():
    given = []

    def app(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])(b"written")
        try:
            raise RuntimeError("broken")
        except RuntimeError:
            start_response("500 Error", [("Content-Type", "text/plain")], sys.exc_info())
        return [b"returned"]

    def start_response(*arguments):
        given.append(arguments)
        return written.append

    written = []
    CorsMiddleware(app, MATCHER)(environ("/api/x", headers={"Origin": APP}), start_response)

    assert written == [b"written"]
    assert [len(arguments) for arguments in given] == [2, 3]
    assert [arguments[0] for arguments in given] == ["200 OK", "500 Error"]
    assert given[1][2][0] is RuntimeError
    assert all(("Access-Control-Allow-Origin", APP) in arguments[1] for arguments in given)


def test_what_the_application_returns_is_passed_on_as_it_is():
    """So that the server calls its `close`, and can use `wsgi.file_wrapper`."""
    returned = object()
    app = CorsMiddleware(lambda environ, start_response: returned, MATCHER)

    assert app(environ("/api/x"), None) is returned


def test_the_name_of_a_file_is_no_matcher():
    with pytest.raises(TypeError, match=r"corsrules\.load.*'cors\.toml'"):
        CorsMiddleware(saying([]), "cors.toml")


def test_a_flask_application_with_the_middleware(make_app, tmp_path):
    """As the README says it."""
    (tmp_path / "cors.toml").write_text(RULES.text, encoding="utf-8")
    app = make_app(None)
    app.add_url_rule("/api/x", "view", lambda: "view")
    app.wsgi_app = CorsMiddleware(app.wsgi_app, corsrules.load(tmp_path / "cors.toml"))

    answer = app.test_client().get("/api/x", headers={"Origin": APP})

    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, APP)
