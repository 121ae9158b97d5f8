"""The WSGI middleware: the answers of the Flask adapter (docs/semantics.md §2.3), around any application.

Where the behaviour is shared, the rows run against the middleware around Flask and around a bare WSGI application, and
what they answer is compared with the Flask adapter's. `wsgiref.validate` stands on both sides.
"""

import os
import sys
from wsgiref.validate import validator

import pytest
from environs import environ
from flask import Flask, Response
from test_flask import APP, PUBLIC, READER, RULES, SESSION, SESSION_PREFLIGHT, STRANGER, VARY_LINES, VIEW_HEADERS

import corsrules
from corsrules.wsgi import CorsMiddleware


def ask(app, path="/", method="GET", headers=None):
    """Status, Access-Control-* headers, names in `Vary`, all headers, and body of a validated answer."""
    started = []

    def start_response(status, answered, exc_info=None):
        started[:] = [(status, answered)]
        return lambda data: None

    answered = validator(app)(environ(path, method, headers), start_response)
    body = b"".join(answered)
    answered.close()
    ((status, given),) = started
    cors = [(name.lower(), value) for name, value in given if name.lower().startswith("access-control-")]
    assert len(dict(cors)) == len(cors), f"doubled: {cors}"
    lines = [value for name, value in given if name.lower() == "vary"]
    assert len(lines) <= 1
    names = [name.strip().lower() for line in lines for name in line.split(",")]
    assert len(set(names)) == len(names)
    return int(status.split()[0]), dict(cors), set(names), given, body


def bare(headers=(), *, called=None, status="200 OK"):
    """A WSGI application that says `view` with these headers."""

    def app(environ, start_response):
        if called is not None:
            called.append(environ["PATH_INFO"])
        start_response(status, [("Content-Type", "text/plain"), *headers])
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else b"view"]

    return app


def of_flask(headers=()):
    """The same application in Flask."""
    app = Flask("view")
    app.add_url_rule(
        "/<path:rest>", "view", lambda rest: Response("view", headers=list(headers)), methods=["GET", "POST", "OPTIONS"]
    )
    return app


@pytest.fixture(scope="module", params=["a WSGI application", "Flask"])
def make(request):
    """`make(text, headers)`: the middleware for `text` around an application whose view says `headers`."""

    def middleware(text, headers=()):
        inner = bare(headers) if request.param == "a WSGI application" else of_flask(headers).wsgi_app
        return CorsMiddleware(validator(inner), corsrules.loads(text))

    return middleware


@pytest.mark.parametrize(
    ("path", "origin", "cors", "vary"),
    [
        pytest.param("/api/orders", APP, SESSION, {"origin"}, id="allowed"),
        pytest.param("/api/orders", READER, {"access-control-allow-origin": READER}, {"origin"}, id="another rule"),
        pytest.param(
            "/api/orders",
            "https://a.apps.example.com",
            {**SESSION, "access-control-allow-origin": "https://a.apps.example.com"},
            {"origin"},
            id="allowed by a wildcard",
        ),
        pytest.param("/api/orders", STRANGER, {}, {"origin"}, id="denied"),
        pytest.param("/api/orders", None, {}, {"origin"}, id="absent"),
        pytest.param("/api/orders", "", {}, {"origin"}, id="empty"),
        pytest.param("/api/orders", "null", {}, {"origin"}, id="null"),
        pytest.param("/api/orders", f"{APP}, {APP}", {}, {"origin"}, id="malformed: twice"),
        pytest.param("/public/x", STRANGER, PUBLIC, set(), id="every origin: a literal star"),
        pytest.param("/public/x", None, PUBLIC, set(), id="every origin: none at all too"),
        pytest.param("/mixed/x", STRANGER, PUBLIC, {"origin"}, id="the star beside a named origin"),
        pytest.param("/internal/x", APP, {}, set(), id="a rule that names nobody"),
        pytest.param("/elsewhere", APP, {}, set(), id="under no rule"),
        pytest.param("/api/../x", APP, {}, set(), id="a path that is read in several ways"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_actual_request(make, method, path, origin, cors, vary):
    status, *answer, _, body = ask(make(RULES), path, method, {} if origin is None else {"Origin": origin})

    assert (status, *answer, body) == (200, cors, vary, b"view")


@pytest.mark.parametrize(
    ("path", "origin", "status", "cors", "vary"),
    [
        pytest.param("/api/orders", APP, 204, SESSION_PREFLIGHT, {"origin"}, id="allowed"),
        pytest.param(
            "/public/x",
            "null",
            204,
            {"access-control-allow-origin": "*", "access-control-allow-methods": "PATCH"},
            set(),
            id="every origin",
        ),
        pytest.param("/api/orders", STRANGER, 403, {}, {"origin"}, id="another origin"),
        pytest.param("/api/orders", "", 403, {}, {"origin"}, id="empty"),
        pytest.param("/internal/x", APP, 403, {}, set(), id="a rule that names nobody"),
        pytest.param("/api/../x", APP, 403, {}, set(), id="a path that is read in several ways"),
    ],
)
@pytest.mark.parametrize("requested", ["PUT", "", "BREW"])
def test_a_preflight_is_answered_without_the_application(path, origin, status, cors, vary, requested):
    called = []
    app = CorsMiddleware(validator(bare(called=called)), corsrules.loads(RULES))

    answered, *answer, given, body = ask(
        app,
        path,
        "OPTIONS",
        {
            "Origin": origin,
            "Access-Control-Request-Method": requested,
            "Access-Control-Request-Headers": "*, x\r\nx: y" + "," * 8192,
        },
    )

    assert (answered, *answer, body, called) == (status, cors, vary, b"", [])
    assert status == 403 or "content-length" not in {name.lower() for name, _ in given}


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        pytest.param("/api/x", {"Origin": APP}, id="without a requested method"),
        pytest.param("/elsewhere", {"Origin": APP, "Access-Control-Request-Method": "PUT"}, id="under no rule"),
        pytest.param("/api/x", {"Access-Control-Request-Method": "PUT"}, id="without an origin"),
    ],
)
def test_other_options_requests_are_the_applications(make, path, headers):
    assert ask(make(RULES), path, "OPTIONS", headers)[0] == 200


def test_a_preflight_without_origin_is_one_where_the_fallback_allows_it(make):
    text = RULES + '[fallback]\nheaders = ["x-client-origin"]\n'
    headers = {"X-Client-Origin": READER, "Access-Control-Request-Method": "PUT"}

    status, cors, vary, *_ = ask(make(text), "/api/x", "OPTIONS", headers)

    assert (status, cors, vary) == (204, {"access-control-allow-origin": READER}, {"origin", "x-client-origin"})


@pytest.mark.parametrize(
    ("path", "origin", "cors"),
    [
        pytest.param("/api/x", APP, SESSION, id="replaced where the origin is allowed"),
        pytest.param("/api/x", STRANGER, {}, id="removed where it is denied"),
        pytest.param("/api/x", None, {}, id="removed where it is absent"),
        pytest.param("/public/x", STRANGER, PUBLIC, id="replaced by the star"),
        pytest.param("/internal/x", APP, {}, id="removed where a rule names nobody"),
        pytest.param("/api/./x", APP, {}, id="removed where the path is read in several ways"),
    ],
)
def test_headers_of_the_application_are(make, path, origin, cors):
    status, got, _, given, _ = ask(
        make(RULES, VIEW_HEADERS), path, headers={} if origin is None else {"Origin": origin}
    )

    assert (status, got) == (200, cors)
    assert ("X-Kept", "1") in given
    assert ("Allow", "GET") in given


@pytest.mark.parametrize("origin", [APP, STRANGER, None])
@pytest.mark.parametrize(("lines", "vary"), VARY_LINES)
def test_vary_is_merged_into_what_the_application_says(make, lines, vary, origin):
    headers = [("Vary", line) for line in lines]

    assert ask(make(RULES, headers), "/api/x", headers={} if origin is None else {"Origin": origin})[2] == vary


def test_what_the_application_says_under_no_rule_is_left_as_it_is():
    headers = [*VIEW_HEADERS, ("Vary", "Cookie")]
    started = []
    app = CorsMiddleware(bare(headers), corsrules.loads(RULES))
    app(environ("/elsewhere", headers={"Origin": APP}), lambda status, given: started.append(given))

    assert started == [[("Content-Type", "text/plain"), *headers]]


def test_the_applications_own_list_is_not_changed():
    own = [("Content-Type", "text/plain"), ("Vary", "Accept")]

    def app(environ, start_response):
        start_response("200 OK", own)
        return [b"view"]

    wrapped = CorsMiddleware(app, corsrules.loads(RULES))
    for _ in range(2):
        assert ask(wrapped, "/api/x", headers={"Origin": APP})[1] == SESSION
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
    CorsMiddleware(app, corsrules.loads(RULES))(environ("/api/x", headers={"Origin": APP}), start_response)

    assert written == [b"written"]
    assert [len(arguments) for arguments in given] == [2, 3]
    assert [arguments[0] for arguments in given] == ["200 OK", "500 Error"]
    assert given[1][2][0] is RuntimeError
    assert all(("Access-Control-Allow-Origin", APP) in arguments[1] for arguments in given)


def test_what_the_application_returns_is_passed_on_as_it_is():
    """So that the server calls its `close`, and can use `wsgi.file_wrapper`."""
    returned = object()
    app = CorsMiddleware(lambda environ, start_response: returned, corsrules.loads(RULES))

    assert app(environ("/api/x"), None) is returned


def test_the_adapter_answers_the_same(make_app, send):
    """Every path, origin and method of the table, and what the view says, through both."""
    adapter, inner = make_app(RULES), make_app(None)
    for app in (adapter, inner):
        app.add_url_rule("/<path:rest>", "view", lambda rest: ("view", VIEW_HEADERS), methods=["GET", "POST"])
    inner.wsgi_app = CorsMiddleware(inner.wsgi_app, corsrules.loads(RULES))
    origins = [APP, READER, STRANGER, "https://a.apps.example.com", "null", "", None]
    for path in ("/api/x", "/public/x", "/mixed/x", "/internal/x", "/elsewhere", "/api/../x"):
        for origin in origins:
            for method in ("GET", "OPTIONS", "BREW"):
                for more in ({}, {"Access-Control-Request-Method": "PUT"}):
                    headers = {**more, **({} if origin is None else {"Origin": origin})}
                    one, other = (send(app, path, method, headers) for app in (adapter, inner))
                    assert (one.status, one.body) == (other.status, other.body)
                    assert sorted(line for line in one.headers if line[0].lower()[:2] in ("ac", "va")) == sorted(
                        line for line in other.headers if line[0].lower()[:2] in ("ac", "va")
                    )


@pytest.fixture(params=["the middleware", "the hook"])
def only(request, make_app):
    """`only(headers, environ)`: the headers of a governed answer whose application says these and no others."""

    def answered(headers, asked):
        if request.param == "the hook":
            app = make_app(RULES)
            app.add_url_rule("/api/x", "view", lambda: Response(headers=headers))
            app.after_request(lambda response: response.headers.clear() or response.headers.extend(headers) or response)
            wrapped = app.wsgi_app
        else:

            def inner(environ, start_response):
                start_response("200 OK", list(headers))
                return []

            wrapped = CorsMiddleware(inner, corsrules.loads(RULES))
        started = []
        b"".join(wrapped(asked, lambda status, given, exc_info=None: started.append(given)))
        (given,) = started
        return [line for line in given if line[0] != "Content-Length"]

    return answered


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
def test_the_only_headers_of_the_application(only, headers, answered):
    assert sorted(only(headers, environ("/api/x", headers={"Origin": APP}))) == sorted(answered)


@pytest.mark.parametrize("path", [{}, {"PATH_INFO": ""}], ids=["absent", "empty"])
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_a_path_that_a_server_leaves_out_is_a_slash(make_app, path, method):
    """PEP 3333: a variable that would be empty may be missing."""
    text = 'version = 1\n[[rules]]\npaths = ["/"]\norigins = ["https://app.example.com"]\n'
    with_hook, bare_app = make_app(text), make_app(None)
    for app in (with_hook, bare_app):
        app.add_url_rule("/", "view", lambda: "view")
    for app in (with_hook.wsgi_app, CorsMiddleware(bare_app.wsgi_app, corsrules.loads(text))):
        asked = environ("/", method, {"Origin": APP, "Access-Control-Request-Method": "PUT"})
        del asked["PATH_INFO"]
        started = []
        b"".join(app({**asked, **path}, lambda status, given, exc_info=None, to=started: to.append((status, given))))
        ((status, given),) = started
        assert status.startswith("204") == (method == "OPTIONS")
        assert ("Access-Control-Allow-Origin", APP) in given


def test_the_name_of_a_file_is_no_matcher():
    with pytest.raises(TypeError, match=r"corsrules\.load.*'cors\.toml'"):
        CorsMiddleware(bare(), "cors.toml")


def test_a_flask_application_with_the_middleware(tmp_path):
    """As the README says it."""
    path = os.path.join(tmp_path, "cors.toml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(RULES)
    app = of_flask()
    app.wsgi_app = CorsMiddleware(app.wsgi_app, corsrules.load(path))

    answer = app.test_client().get("/api/x", headers={"Origin": APP})

    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, APP)
