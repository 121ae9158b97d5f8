"""WSGI to the letter: the header lines of an application that says hardly any, and a path that a server leaves out."""

import pytest
from adapter_cases import APP, RULES, one_rule
from answers import ask
from environs import environ
from flask import Response

import corsrules
from corsrules.wsgi import CorsMiddleware


def with_middleware(make_app, text, headers):
    def app(environ, start_response):
        start_response("200 OK", list(headers))
        return []

    return CorsMiddleware(app, corsrules.loads(text))


def with_rules(make_app, text, headers):
    app = make_app(text)
    for path in ("/", "/api/x"):
        app.add_url_rule(path, path, lambda: Response())
    app.after_request(lambda response: response.headers.clear() or response.headers.extend(headers) or response)
    return app


@pytest.fixture(params=[with_middleware, with_rules], ids=["the middleware", "CorsRules"])
def saying(request, make_app):
    """`saying(text, headers)`: an application under `text` that says these headers and no others."""
    return lambda text, headers: request.param(make_app, text, headers)


VARY = ("Vary", "Origin")
SESSION_LINES = [
    ("Access-Control-Allow-Origin", APP),
    ("Access-Control-Allow-Credentials", "true"),
    ("Access-Control-Expose-Headers", "x-request-id"),
]


@pytest.mark.parametrize(
    ("headers", "answered"),
    [
        pytest.param([], [VARY, *SESSION_LINES], id="none"),
        pytest.param([("Vary", "Accept")], [("Vary", "Accept, Origin"), *SESSION_LINES], id="Vary"),
        pytest.param([("vary", "Accept")], [("Vary", "Accept, Origin"), *SESSION_LINES], id="Vary in lower case"),
        pytest.param([("VARY", "Accept")], [("Vary", "Accept, Origin"), *SESSION_LINES], id="Vary in upper case"),
        pytest.param([("Access-Control-Max-Age", "9")], [VARY, *SESSION_LINES], id="one of ours"),
        pytest.param([("access-control-max-age", "9")], [VARY, *SESSION_LINES], id="one of ours in lower case"),
        pytest.param([("ACCESS-CONTROL-MAX-AGE", "9")], [VARY, *SESSION_LINES], id="one of ours in upper case"),
        pytest.param([("X", "1")], [VARY, *SESSION_LINES, ("X", "1")], id="a name of one letter"),
        pytest.param([("", "1")], [VARY, *SESSION_LINES, ("", "1")], id="a name of none"),
        pytest.param(
            [("", "1"), ("vary", "Accept")],
            [("Vary", "Accept, Origin"), *SESSION_LINES, ("", "1")],
            id="none, then one",
        ),
        pytest.param([("Age", "1"), ("Via", "2")], [VARY, *SESSION_LINES, ("Age", "1"), ("Via", "2")], id="like ours"),
    ],
)
def test_the_only_headers_of_the_application(saying, headers, answered):
    answer = ask(saying(RULES.text, headers), environ("/api/x", headers={"Origin": APP}))

    assert sorted(line for line in answer.headers if line[0] != "Content-Length") == sorted(answered)


@pytest.mark.parametrize("path", [{}, {"PATH_INFO": ""}], ids=["absent", "empty"])
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_a_path_that_a_server_leaves_out_is_a_slash(saying, path, method):
    """PEP 3333: a variable that would be empty may be missing."""
    asked = environ("/", method, {"Origin": APP, "Access-Control-Request-Method": "PUT"})
    del asked["PATH_INFO"]
    answer = ask(saying(one_rule(APP, path="/"), []), {**asked, **path})

    assert (answer.status == 204) == (method == "OPTIONS")
    assert answer.cors == {"access-control-allow-origin": APP}
