"""What is Flask's own: error answers, hooks, blueprints, sessions, routing of OPTIONS, several applications.

What every adapter answers is in test_adapters.py; which file an application obeys is in test_flask_file.py.
"""

import io
import os
from pathlib import Path

import pytest
from adapter_cases import (
    APP,
    APPS,
    BY_HEADERS,
    READER,
    RULES,
    SESSION,
    SESSION_PREFLIGHT,
    STRANGER,
    VARY_LINES,
    VIEW_HEADERS,
    one_rule,
)
from answers import cors_lines, vary_lines
from flask import Blueprint, Response, abort, after_this_request, send_file, session
from werkzeug.debug import DebuggedApplication

import corsrules
from corsrules.flask import CorsRules
from corsrules.wsgi import CorsMiddleware


def preflight_from(origin, method="PUT"):
    return {"Origin": origin, "Access-Control-Request-Method": method}


def install(app, text):
    """Puts `text` as `cors.toml` where `app` looks for it, and makes it obey."""
    Path(app.root_path, "cors.toml").write_text(text, encoding="utf-8")
    CorsRules(app)


@pytest.fixture(scope="module")
def app(make_app):
    """An application under RULES whose views answer `view` on every path."""
    return with_views(make_app(RULES.text))


def with_views(app):
    app.add_url_rule("/", "root", lambda: "view")
    app.add_url_rule("/<path:rest>", "view", lambda rest: "view", methods=["GET", "POST", "PUT"])
    return app


# --- answers that no view gives ---------------------------------------------------------------------------------------


def with_errors(app):
    @app.get("/api/broken")
    def broken():
        raise RuntimeError("broken")

    @app.get("/api/private")
    def private():
        abort(401)

    @app.get("/api/teapot")
    def teapot():
        abort(418)

    @app.errorhandler(418)
    def short_and_stout(error):
        return {"error": "teapot"}, 418

    app.add_url_rule("/api/things/", "things", lambda: "things")
    return app


ERRORS = [
    pytest.param("GET", "/api/broken", 500, id="500 from an exception"),
    pytest.param("GET", "/api/missing", 404, id="404"),
    pytest.param("POST", "/api/broken", 405, id="405"),
    pytest.param("GET", "/api/private", 401, id="401 from the view"),
    pytest.param("GET", "/api/things", 308, id="308 to the path with its slash"),
    pytest.param("GET", "/api/teapot", 418, id="the application's own error handler"),
]


@pytest.mark.parametrize(("method", "path", "status"), ERRORS)
def test_an_error_can_be_read_by_who_is_allowed(make_app, send, method, path, status):
    answer = send(with_errors(make_app(RULES.text)), path, method, {"Origin": APP})

    assert (answer.status, answer.cors, answer.vary) == (status, SESSION, {"origin"})


@pytest.mark.parametrize(("method", "path", "status"), ERRORS)
def test_an_error_can_be_read_by_nobody_else(make_app, send, method, path, status):
    answer = send(with_errors(make_app(RULES.text)), path, method, {"Origin": STRANGER})

    assert (answer.status, answer.cors, answer.vary) == (status, {}, {"origin"})


def test_vary_is_sent_with_every_answer(make_app, send):
    app = with_views(with_errors(make_app(RULES.text)))
    for path in ("/api/x", "/api/broken", "/api/private", "/api/things", "/mixed/x"):
        for headers in ({"Origin": APP}, {"Origin": STRANGER}, {"Origin": "null"}, {"Origin": ""}, {}):
            for method in ("GET", "HEAD", "POST", "OPTIONS", "BREW"):
                assert send(app, path, method, headers).vary == {"origin"}
                preflight = send(app, path, method, {**headers, "Access-Control-Request-Method": "PUT"})
                assert preflight.vary == {"origin"}


def test_the_redirect_of_an_empty_path_can_be_read(make_app, send):
    """Flask answers it with the path that has its slash; to the rules the two are one."""
    app = with_views(make_app(one_rule(APP, path="/")))

    answer = send(app, "", headers={"Origin": APP}, script_name="/v1")

    assert (answer.status, answer.cors) == (308, {"access-control-allow-origin": APP})


@pytest.mark.parametrize("registered", ["before CorsRules", "after CorsRules", "by a blueprint"])
def test_authentication_in_a_hook(make_app, send, registered):
    """Its 401 carries CORS; a preflight, which never has credentials, does not even reach it."""
    app, asked = make_app(None), []

    def authenticate():
        asked.append("authentication")
        abort(401)

    blueprint = Blueprint("orders", __name__, url_prefix="/api")
    blueprint.add_url_rule("/orders", "orders", lambda: "orders")
    if registered == "before CorsRules":
        app.before_request(authenticate)
    install(app, RULES.text)
    if registered == "after CorsRules":
        app.before_request(authenticate)
    if registered == "by a blueprint":
        blueprint.before_request(authenticate)
    app.register_blueprint(blueprint)

    actual = send(app, "/api/orders", headers={"Origin": APP})
    assert (actual.status, actual.cors, actual.vary, asked) == (401, SESSION, {"origin"}, ["authentication"])

    asked.clear()
    allowed = send(app, "/api/orders", "OPTIONS", preflight_from(APP))
    denied = send(app, "/api/orders", "OPTIONS", preflight_from(STRANGER))
    assert (allowed.status, denied.status, asked) == (204, 403, [])


def test_no_hook_of_the_application_runs_for_a_preflight(make_app, send):
    """So no pair of them runs half: what one starts, another ends."""
    app, ran = make_app(None), []
    app.before_request(lambda: ran.append("before_request"))
    app.after_request(lambda response: ran.append("after_request") or response)
    install(app, RULES.text)
    app.teardown_request(lambda error: ran.append("teardown_request"))
    app.teardown_appcontext(lambda error: ran.append("teardown_appcontext"))

    assert send(app, "/api/orders", "OPTIONS", preflight_from(APP)).status == 204
    assert send(app, "/api/orders", "OPTIONS", preflight_from(STRANGER)).status == 403
    assert ran == []
    assert send(app, "/api/orders", "OPTIONS", {"Origin": APP}).status == 404
    assert ran == ["before_request", "after_request", "teardown_request", "teardown_appcontext"]


# --- OPTIONS ----------------------------------------------------------------------------------------------------------


def test_options_without_a_requested_method_is_an_ordinary_request(app, send):
    answer = send(app, "/api/orders", "OPTIONS", {"Origin": APP})

    assert answer.status == 200
    assert {"GET", "PUT"} <= {name.strip() for name in answer.headers["Allow"].split(",")}
    assert answer.cors == SESSION


def test_a_preflight_under_no_rule_is_left_to_the_application(app, send):
    answer = send(app, "/elsewhere", "OPTIONS", preflight_from(APP))

    assert (answer.status, answer.cors, answer.vary) == (200, {}, set())
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("/api/missing", 404, id="404"),
        pytest.param("/api/no-options", 405, id="405"),
        pytest.param("/api/things", 308, id="308 to the path with its slash"),
    ],
)
def test_a_preflight_is_answered_before_routing(make_app, send, path, status):
    bare, app = with_errors(make_app(None)), with_errors(make_app(RULES.text))
    for each in (bare, app):
        each.add_url_rule("/api/no-options", "no-options", lambda: "view", provide_automatic_options=False)

    assert send(bare, path, "OPTIONS", preflight_from(APP)).status == status, "what Flask alone answers"
    assert send(app, path, "OPTIONS", preflight_from(APP)).status == 204
    assert send(app, path, "OPTIONS", preflight_from(STRANGER)).status == 403


def with_own_options(app, called):
    @app.route("/api/own", methods=["GET", "OPTIONS"])
    def own():
        called.append("view")
        return "own", 200, {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "*"}

    return app


@pytest.mark.parametrize(
    ("headers", "status", "cors", "called"),
    [
        pytest.param(preflight_from(APP), 204, SESSION_PREFLIGHT, [], id="an allowed preflight does not reach it"),
        pytest.param(preflight_from(STRANGER), 403, {}, [], id="a denied preflight does not reach it"),
        pytest.param({"Origin": APP}, 200, SESSION, ["view"], id="an ordinary OPTIONS does"),
        pytest.param({"Origin": STRANGER}, 200, {}, ["view"], id="also from a stranger"),
        pytest.param(
            {"Access-Control-Request-Method": "PUT"}, 200, {}, ["view"], id="and so does one without an origin"
        ),
    ],
)
def test_a_view_that_declares_options_itself(make_app, send, headers, status, cors, called):
    reached = []
    answer = send(with_own_options(make_app(RULES.text), reached), "/api/own", "OPTIONS", headers)

    assert (answer.status, answer.cors, reached) == (status, cors, called)


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        pytest.param("/api/missing", {"X-Client-Origin": APP}, 204, id="allowed: before routing, as with Origin"),
        pytest.param("/api/view", {"X-Client-Origin": STRANGER}, 200, id="denied: Flask's own OPTIONS"),
        pytest.param("/api/view", {}, 200, id="nothing: Flask's own OPTIONS"),
        pytest.param("/api/missing", {}, 404, id="nothing: 404"),
        pytest.param("/api/post", {}, 405, id="nothing: 405 where there is no OPTIONS"),
        pytest.param("/api/own", {"X-Client-Origin": "null"}, 202, id="denied: the view's own OPTIONS"),
    ],
)
def test_a_preflight_without_origin(make_app, send, path, headers, status):
    app = make_app(BY_HEADERS.text)
    app.add_url_rule("/api/view", "view", lambda: "view")
    app.add_url_rule("/api/post", "post", lambda: "post", methods=["POST"], provide_automatic_options=False)
    app.add_url_rule("/api/own", "own", lambda: ("own", 202, {"Access-Control-Allow-Origin": "*"}), methods=["OPTIONS"])

    answer = send(app, path, "OPTIONS", {**headers, "Access-Control-Request-Method": "PUT"})

    assert (answer.status, answer.cors.get("access-control-allow-origin")) == (status, APP if status == 204 else None)
    assert answer.vary == {"origin", "x-client-origin", "x-viewer-origin"}


# --- answers of all sorts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "respond",
    [
        pytest.param(lambda: Response(part for part in ("one ", "two")), id="streaming"),
        pytest.param(lambda: send_file(io.BytesIO(b"one two"), mimetype="text/plain"), id="send_file"),
        pytest.param(lambda: {"one": "two"}, id="a JSON dictionary"),
        pytest.param(lambda: ("one two", 201, {"X-Request-Id": "7"}), id="a tuple"),
        pytest.param(lambda: Response(status=304), id="304"),
    ],
)
def test_answers_of_all_sorts_carry_cors(make_app, send, respond, method):
    bare, app = make_app(None), make_app(RULES.text)
    for each in (bare, app):
        each.add_url_rule("/api/view", "view", respond)

    plain, answer = send(bare, "/api/view", method), send(app, "/api/view", method, {"Origin": APP})

    assert (answer.status, answer.body) == (plain.status, plain.body)
    assert (answer.cors, answer.vary) == (SESSION, {"origin"})


def test_a_file_on_disk_can_be_sent(make_app, send):
    app = make_app(RULES.text)
    app.add_url_rule("/api/file", "file", lambda: send_file(os.path.join(app.root_path, "cors.toml")))

    answer = send(app, "/api/file", headers={"Origin": APP})

    assert answer.body.decode() == RULES.text
    assert answer.cors == SESSION


@pytest.mark.parametrize("origin", [APP, STRANGER])
def test_a_plain_dictionary_as_headers(make_app, send, origin):
    """Some libraries assign one to `response.headers`."""
    app = make_app(RULES.text)

    @app.get("/api/dict")
    def view():
        response = Response("text")
        response.headers = {"X-Kept": "1", "access-control-allow-origin": STRANGER, "vary": "Accept"}
        return response

    answer = send(app, "/api/dict", headers={"Origin": origin})

    assert (answer.status, answer.headers["X-Kept"], answer.vary) == (200, "1", {"accept", "origin"})
    assert answer.cors == (SESSION if origin == APP else {})


@pytest.mark.parametrize("setting", ["debug", "PROPAGATE_EXCEPTIONS"])
def test_an_exception_that_leaves_the_application_is_answered_by_others_without_cors(make_app, send, setting):
    app = with_errors(make_app(RULES.text))
    app.config["DEBUG" if setting == "debug" else setting] = True

    with pytest.raises(RuntimeError, match="broken"):
        send(app, "/api/broken", headers={"Origin": APP})
    answer = send(DebuggedApplication(app), "/api/broken", headers={"Origin": APP, "Host": "localhost"})

    assert (answer.status, answer.cors) == (500, {})
    assert send(app, "/api/missing", headers={"Origin": APP}).cors == SESSION, "other errors are the application's"


# --- other libraries --------------------------------------------------------------------------------------------------


def allow_strangers(response):
    response.headers.add("Access-Control-Allow-Origin", STRANGER)
    response.headers["Access-Control-Allow-Credentials"] = "true"
    response.headers.add("Vary", "Accept")
    return response


def register_before(app):
    app.after_request(allow_strangers)
    install(app, RULES.text)
    with_views(app)


def register_after(app):
    install(app, RULES.text)
    app.after_request(allow_strangers)
    with_views(app)


def register_in_blueprint(app):
    install(app, RULES.text)
    blueprint = Blueprint("orders", __name__)
    blueprint.after_request(allow_strangers)
    app.register_blueprint(with_views(blueprint))


def register_for_all_in_blueprint(app):
    install(app, RULES.text)
    blueprint = Blueprint("orders", __name__)
    blueprint.after_app_request(allow_strangers)
    app.register_blueprint(blueprint)
    with_views(app)


def register_in_view(app):
    install(app, RULES.text)

    @app.get("/<path:rest>")
    def view(rest):
        after_this_request(allow_strangers)
        return "view"


OTHER_LIBRARY = [
    pytest.param(register_before, id="registered before CorsRules"),
    pytest.param(register_after, id="registered after CorsRules"),
    pytest.param(register_in_blueprint, id="of a blueprint"),
    pytest.param(register_for_all_in_blueprint, id="of a blueprint for the whole application"),
    pytest.param(register_in_view, id="of one request"),
]


@pytest.mark.parametrize("register", OTHER_LIBRARY)
@pytest.mark.parametrize(("origin", "cors"), [(APP, SESSION), (STRANGER, {}), ("null", {})])
def test_another_library_in_after_request_cannot_write_either(make_app, send, register, origin, cors):
    app = make_app(None)
    register(app)

    answer = send(app, "/api/x", headers={"Origin": origin})

    assert (answer.status, answer.cors, answer.vary) == (200, cors, {"accept", "origin"})


@pytest.mark.parametrize("register", OTHER_LIBRARY[:2])
def test_another_library_in_after_request_cannot_write_to_preflights(make_app, send, register):
    app = make_app(None)
    register(app)

    assert send(app, "/api/x", "OPTIONS", preflight_from(APP)).cors == SESSION_PREFLIGHT
    assert send(app, "/api/x", "OPTIONS", preflight_from(STRANGER)).cors == {}


@pytest.mark.parametrize(
    ("lines", "vary"),
    [pytest.param(lines, vary, id=about) for about, lines, vary in VARY_LINES if "*" not in vary],
)
def test_vary_survives_the_session(make_app, send, lines, vary):
    """Flask saves the session after all hooks, and then rewrites `Vary` from its first line."""
    app = make_app(RULES.text)
    app.secret_key = "secret"

    @app.get("/api/x")
    def view():
        session["seen"] = True
        return "view", [("vary", line) for line in lines]

    answer = send(app, "/api/x", headers={"Origin": APP})

    assert "session=" in answer.headers["Set-Cookie"]
    assert (answer.vary, answer.cors) == ({*vary, "cookie"}, SESSION)


# --- applications -----------------------------------------------------------------------------------------------------


def test_applications_of_one_process_obey_their_own_files(make_app, send):
    apps = {origin: with_views(make_app(one_rule(origin))) for origin in (APP, READER)}

    for own, app in apps.items():
        for origin in apps:
            cors = {"access-control-allow-origin": own} if origin == own else {}
            assert send(app, "/x", headers={"Origin": origin}).cors == cors


def test_one_cors_rules_serves_several_applications(make_app, send):
    cors_rules, apps = CorsRules(), {}
    for origin in (APP, READER):
        apps[origin] = with_views(make_app(None))
        Path(apps[origin].root_path, "cors.toml").write_text(one_rule(origin))
        cors_rules.init_app(apps[origin])

    for own, app in apps.items():
        assert send(app, "/x", headers={"Origin": own}).cors == {"access-control-allow-origin": own}
        assert send(app, "/x", headers={"Origin": STRANGER}).cors == {}
    assert isinstance(apps[APP].extensions["corsrules"].matcher, corsrules.Matcher)
    assert apps[APP].extensions["corsrules"].matcher is not apps[READER].extensions["corsrules"].matcher


def test_blueprints_and_nested_blueprints_are_covered(make_app, send):
    app, asked = make_app(RULES.text), []
    outer = Blueprint("outer", __name__, url_prefix="/api")
    inner = Blueprint("inner", __name__, url_prefix="/inner")
    inner.add_url_rule("/x", "view", lambda: "view")
    for blueprint in (outer, inner):
        blueprint.before_request(lambda: asked.append("hook"))
    outer.register_blueprint(inner)
    app.register_blueprint(outer)

    assert send(app, "/api/inner/x", headers={"Origin": APP}).cors == SESSION
    assert asked == ["hook", "hook"]
    assert send(app, "/api/inner/x", "OPTIONS", preflight_from(APP)).status == 204
    assert asked == ["hook", "hook"]


def test_unicode_paths_are_those_of_the_routes(make_app, send):
    app = make_app(one_rule(APP, path="/straße/*"))
    app.add_url_rule("/straße/<rest>", "view", lambda rest: "view")

    answer = send(app, "/straße/x".encode().decode("latin-1"), headers={"Origin": APP})

    assert (answer.status, answer.cors) == (200, {"access-control-allow-origin": APP})


@pytest.mark.parametrize("host", ["evil.test", "API.example.com", "api.example.com.", "", "a\r\nb", "\xff"])
@pytest.mark.parametrize(
    ("headers", "cors"),
    [
        pytest.param({"Origin": APP}, SESSION, id="with an allowed Origin"),
        pytest.param({"Origin": STRANGER}, {}, id="with a denied Origin"),
        pytest.param({}, {}, id="without Origin"),
    ],
)
def test_a_host_that_is_not_trusted_does_not_break_the_answer(make_app, send, host, headers, cors):
    app = with_views(make_app(RULES.text))
    app.config["TRUSTED_HOSTS"] = ["api.example.com"]

    answer = send(app, "/api/x", headers={**headers, "Host": host})

    assert answer.status < 500
    assert answer.cors == cors


def test_corsrules_and_the_middleware_agree_where_flask_routes(make_app, send):
    rules, middleware = make_app(RULES.text), make_app(None)
    for app in (rules, middleware):
        app.add_url_rule("/<path:rest>", "view", lambda rest: ("view", list(VIEW_HEADERS)), methods=["GET", "POST"])
    middleware.wsgi_app = CorsMiddleware(middleware.wsgi_app, corsrules.loads(RULES.text))
    for path in ("/api/x", "/public/x", "/mixed/x", "/internal/x", "/elsewhere", "/api/../x"):
        for origin in (APP, READER, STRANGER, APPS, "null", "", None):
            for method in ("GET", "OPTIONS", "BREW"):
                for more in ({}, {"Access-Control-Request-Method": "PUT"}):
                    headers = {**more, **({} if origin is None else {"Origin": origin})}
                    one, other = (send(app, path, method, headers) for app in (rules, middleware))
                    assert (one.status, one.body) == (other.status, other.body)
                    assert sorted(cors_lines(one.headers)) == sorted(cors_lines(other.headers))
                    assert vary_lines(one.headers) == vary_lines(other.headers)
