"""The Flask adapter: what a request through an application is answered (docs/semantics.md §2.3, §2.5)."""

import io
import itertools
import logging
import os

import pytest
from flask import Blueprint, Flask, Response, abort, after_this_request, send_file, session

import corsrules
from corsrules import ConfigError
from corsrules.flask import CorsRules

APP = "https://app.example.com"
READER = "https://reader.example.net"
STRANGER = "https://evil.test"

RULES = """
version = 1

[[rules]]
name             = "session"
paths            = ["/api/*"]
origins          = ["https://app.example.com", "https://*.apps.example.com"]
methods          = ["PUT", "DELETE"]
request-headers  = ["X-CSRF-Token", "content-type"]
response-headers = ["x-request-id"]
credentials      = true
max-age          = 600

[[rules]]
name    = "readers"
paths   = ["/api/*"]
origins = ["https://reader.example.net"]

[[rules]]
name             = "public"
paths            = ["/public/*", "/mixed/*"]
origins          = ["*"]
response-headers = ["x-total"]
methods          = ["PATCH"]

[[rules]]
name        = "known here"
paths       = ["/mixed/*"]
origins     = ["https://app.example.com"]
credentials = true

[[rules]]
name    = "same-origin only"
paths   = ["/internal/*"]
origins = []
"""

#: What an actual request from APP, from READER and to a `"*"` rule is answered, and a preflight from APP.
SESSION = {
    "access-control-allow-origin": APP,
    "access-control-allow-credentials": "true",
    "access-control-expose-headers": "x-request-id",
}
READING = {"access-control-allow-origin": READER}
PUBLIC = {"access-control-allow-origin": "*", "access-control-expose-headers": "x-total"}
SESSION_PREFLIGHT = {
    "access-control-allow-origin": APP,
    "access-control-allow-credentials": "true",
    "access-control-allow-methods": "DELETE, PUT",
    "access-control-allow-headers": "content-type, x-csrf-token",
    "access-control-max-age": "600",
}
DENIED = {}


def one_rule(origin, *, path="/*", more=""):
    return f'version = 1\n[[rules]]\npaths = ["{path}"]\norigins = ["{origin}"]\n{more}'


def preflight_from(origin, method="PUT"):
    return {"Origin": origin, "Access-Control-Request-Method": method}


@pytest.fixture(scope="module")
def app(make_app):
    """An application under RULES whose views answer `view` on every path."""
    return with_views(make_app(RULES))


def with_views(app):
    app.add_url_rule("/", "root", lambda: "view")
    app.add_url_rule("/<path:rest>", "view", lambda rest: "view", methods=["GET", "POST", "PUT"])
    return app


# --- actual requests --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "origin", "cors", "vary"),
    [
        pytest.param("/api/orders", APP, SESSION, {"origin"}, id="allowed"),
        pytest.param("/api", APP, SESSION, {"origin"}, id="allowed at the base of the path"),
        pytest.param("/api/orders", READER, READING, {"origin"}, id="allowed by another rule of the path"),
        pytest.param(
            "/api/orders",
            "https://a.apps.example.com",
            {**SESSION, "access-control-allow-origin": "https://a.apps.example.com"},
            {"origin"},
            id="allowed by a wildcard: the origin itself is answered",
        ),
        pytest.param("/api/orders", STRANGER, DENIED, {"origin"}, id="denied"),
        pytest.param("/api/orders", None, DENIED, {"origin"}, id="absent"),
        pytest.param("/api/orders", "", DENIED, {"origin"}, id="empty"),
        pytest.param("/api/orders", "null", DENIED, {"origin"}, id="null"),
        pytest.param("/api/orders", "https://app.example.com/", DENIED, {"origin"}, id="malformed: a path"),
        pytest.param("/api/orders", f"{APP}, {APP}", DENIED, {"origin"}, id="malformed: twice"),
        pytest.param("/api/orders", f"{APP}:443", DENIED, {"origin"}, id="malformed: the default port"),
        pytest.param("/public/x", APP, PUBLIC, set(), id="every origin: a literal star"),
        pytest.param("/public/x", STRANGER, PUBLIC, set(), id="every origin: strangers too"),
        pytest.param("/public/x", None, PUBLIC, set(), id="every origin: none at all too"),
        pytest.param("/public/x", "null", PUBLIC, set(), id="every origin: null too"),
        pytest.param("/public/x", "\x00, \xff", PUBLIC, set(), id="every origin: malformed too"),
        pytest.param(
            "/mixed/x",
            APP,
            {"access-control-allow-origin": APP, "access-control-allow-credentials": "true"},
            {"origin"},
            id="a named origin beside a star rule: the more specific pattern decides",
        ),
        pytest.param("/mixed/x", STRANGER, PUBLIC, {"origin"}, id="others beside it: the star, and still Vary"),
        pytest.param("/mixed/x", None, PUBLIC, {"origin"}, id="absent beside it: the star, and still Vary"),
        pytest.param("/mixed/x", "null", PUBLIC, {"origin"}, id="null beside it: the star, and still Vary"),
        pytest.param("/internal/x", APP, DENIED, set(), id="a rule that names nobody"),
        pytest.param("/elsewhere", APP, {}, set(), id="under no rule"),
        pytest.param("/apis", APP, {}, set(), id="under no rule: paths are whole segments"),
        pytest.param("/API/orders", APP, {}, set(), id="under no rule: paths are case-sensitive"),
    ],
)
def test_actual_request(app, send, path, origin, cors, vary):
    answer = send(app, path, headers={} if origin is None else {"Origin": origin})

    assert (answer.status, answer.body) == (200, b"view")
    assert answer.cors == cors
    assert answer.vary == vary


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_the_answer_to_an_actual_request_is_the_same_for_all_methods(app, send, method):
    assert send(app, "/api/orders", method, {"Origin": APP}).cors == SESSION


def test_head_is_answered_like_get_without_its_body(app, send):
    answer = send(app, "/api/orders", "HEAD", {"Origin": APP})

    assert (answer.status, answer.body, answer.cors, answer.vary) == (200, b"", SESSION, {"origin"})


# --- preflights -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "origin", "cors", "vary"),
    [
        pytest.param("/api/orders", APP, SESSION_PREFLIGHT, {"origin"}, id="all that the rule gives"),
        pytest.param("/api/orders", READER, READING, {"origin"}, id="a rule that gives nothing more"),
        pytest.param(
            "/public/x",
            STRANGER,
            {"access-control-allow-origin": "*", "access-control-allow-methods": "PATCH"},
            set(),
            id="every origin",
        ),
        pytest.param(
            "/public/x",
            "null",
            {"access-control-allow-origin": "*", "access-control-allow-methods": "PATCH"},
            set(),
            id="every origin: null too",
        ),
        pytest.param("/api/no-such-view/7", APP, SESSION_PREFLIGHT, {"origin"}, id="where the application has no view"),
    ],
)
def test_preflight_allowed(make_app, send, path, origin, cors, vary):
    answer = send(make_app(RULES), path, "OPTIONS", preflight_from(origin))

    assert (answer.status, answer.body) == (204, b"")
    assert answer.cors == cors
    assert answer.vary == vary
    assert "Content-Length" not in answer.headers
    assert "Content-Type" not in answer.headers


@pytest.mark.parametrize(
    ("path", "origin", "vary"),
    [
        pytest.param("/api/orders", STRANGER, {"origin"}, id="another origin"),
        pytest.param("/api/orders", "null", {"origin"}, id="null"),
        pytest.param("/api/orders", "", {"origin"}, id="empty"),
        pytest.param("/api/orders", f"{APP}, {STRANGER}", {"origin"}, id="two origins"),
        pytest.param("/internal/x", APP, set(), id="a rule that names nobody"),
        pytest.param("/api/../internal/x", APP, set(), id="a path that is read in several ways"),
    ],
)
def test_preflight_denied(app, send, path, origin, vary):
    answer = send(app, path, "OPTIONS", preflight_from(origin))

    assert (answer.status, answer.body) == (403, b"")
    assert answer.cors == {}
    assert answer.vary == vary


@pytest.mark.parametrize(
    "requested",
    [
        pytest.param({"Access-Control-Request-Method": "PUT"}, id="what the rule gives"),
        pytest.param({"Access-Control-Request-Method": "BREW"}, id="another method"),
        pytest.param({"Access-Control-Request-Method": ""}, id="no method"),
        pytest.param({"Access-Control-Request-Method": "*"}, id="a star"),
        pytest.param(
            {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x-other"}, id="another header"
        ),
        pytest.param(
            {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "*, x\r\nx: y, \xff"},
            id="no headers at all",
        ),
        pytest.param(
            {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Private-Network": "true"},
            id="private network access",
        ),
    ],
)
def test_an_allowed_preflight_is_a_constant(app, send, requested):
    answer = send(app, "/api/orders", "OPTIONS", {"Origin": APP, **requested})

    assert (answer.status, answer.cors) == (204, SESSION_PREFLIGHT)


def test_options_without_a_requested_method_is_an_ordinary_request(app, send):
    answer = send(app, "/api/orders", "OPTIONS", {"Origin": APP})

    assert answer.status == 200
    assert {"GET", "PUT"} <= {name.strip() for name in answer.headers["Allow"].split(",")}
    assert answer.cors == SESSION


def test_a_requested_method_on_another_method_than_options_is_no_preflight(app, send):
    answer = send(app, "/api/orders", "POST", preflight_from(APP))

    assert (answer.status, answer.body, answer.cors) == (200, b"view", SESSION)


def test_a_preflight_under_no_rule_is_left_to_the_application(app, send):
    answer = send(app, "/elsewhere", "OPTIONS", preflight_from(APP))

    assert (answer.status, answer.cors, answer.vary) == (200, {}, set())
    assert "GET" in answer.headers["Allow"]


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
    answer = send(with_errors(make_app(RULES)), path, method, {"Origin": APP})

    assert (answer.status, answer.cors, answer.vary) == (status, SESSION, {"origin"})


@pytest.mark.parametrize(("method", "path", "status"), ERRORS)
def test_an_error_can_be_read_by_nobody_else(make_app, send, method, path, status):
    answer = send(with_errors(make_app(RULES)), path, method, {"Origin": STRANGER})

    assert (answer.status, answer.cors, answer.vary) == (status, {}, {"origin"})


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
    install(app, RULES)
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


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("/api/missing", 404, id="404"),
        pytest.param("/api/no-options", 405, id="405"),
        pytest.param("/api/things", 308, id="308 to the path with its slash"),
    ],
)
def test_a_preflight_is_answered_before_routing(make_app, send, path, status):
    bare, app = with_errors(make_app(None)), with_errors(make_app(RULES))
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
    answer = send(with_own_options(make_app(RULES), reached), "/api/own", "OPTIONS", headers)

    assert (answer.status, answer.cors, reached) == (status, cors, called)


# --- answers of all sorts ---------------------------------------------------------------------------------------------


def install(app, text, **arguments):
    """Puts `text` as `cors.toml` where `app` looks for it, and makes it obey."""
    with open(os.path.join(app.root_path, "cors.toml"), "w", encoding="utf-8") as file:
        file.write(text)
    return CorsRules(app, **arguments)


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
    bare, app = make_app(None), make_app(RULES)
    for each in (bare, app):
        each.add_url_rule("/api/view", "view", respond)

    plain, answer = send(bare, "/api/view", method), send(app, "/api/view", method, {"Origin": APP})

    assert (answer.status, answer.body) == (plain.status, plain.body)
    assert (answer.cors, answer.vary) == (SESSION, {"origin"})


def test_a_file_on_disk_can_be_sent(make_app, send):
    app = make_app(RULES)
    app.add_url_rule("/api/file", "file", lambda: send_file(os.path.join(app.root_path, "cors.toml")))

    answer = send(app, "/api/file", headers={"Origin": APP})

    assert answer.body.decode() == RULES
    assert answer.cors == SESSION


@pytest.mark.parametrize("origin", [APP, STRANGER])
def test_a_plain_dictionary_as_headers(make_app, send, origin):
    """Some libraries assign one to `response.headers`."""
    app = make_app(RULES)

    @app.get("/api/dict")
    def view():
        response = Response("text")
        response.headers = {"X-Kept": "1", "access-control-allow-origin": STRANGER, "vary": "Accept"}
        return response

    answer = send(app, "/api/dict", headers={"Origin": origin})

    assert (answer.status, answer.headers["X-Kept"], answer.vary) == (200, "1", {"accept", "origin"})
    assert answer.cors == (SESSION if origin == APP else {})


# --- the only writer --------------------------------------------------------------------------------------------------


VIEW_HEADERS = [
    ("Access-Control-Allow-Origin", STRANGER),
    ("access-control-allow-origin", "*"),
    ("ACCESS-CONTROL-ALLOW-CREDENTIALS", "true"),
    ("Access-Control-Expose-Headers", "x-secret"),
    ("Access-Control-Allow-Methods", "*"),
    ("Access-Control-Allow-Private-Network", "true"),
    ("X-Kept", "1"),
    ("Allow", "GET"),
    ("Vary", "Accept"),
]


@pytest.mark.parametrize(
    ("path", "origin", "cors"),
    [
        pytest.param("/api/x", APP, SESSION, id="replaced where the origin is allowed"),
        pytest.param("/api/x", STRANGER, {}, id="removed where it is denied"),
        pytest.param("/api/x", "null", {}, id="removed where it is null"),
        pytest.param("/api/x", None, {}, id="removed where it is absent"),
        pytest.param("/public/x", STRANGER, PUBLIC, id="replaced by the star"),
        pytest.param("/internal/x", APP, {}, id="removed where a rule names nobody"),
        pytest.param("/api/./x", APP, {}, id="removed where the path is read in several ways"),
    ],
)
def test_headers_that_a_view_set_are(make_app, send, path, origin, cors):
    app = make_app(RULES)
    app.add_url_rule("/<path:rest>", "view", lambda rest: ("view", VIEW_HEADERS))

    answer = send(app, path, headers={} if origin is None else {"Origin": origin})

    assert (answer.status, answer.cors) == (200, cors)
    assert (answer.headers["X-Kept"], answer.headers["Allow"]) == ("1", "GET")


def test_what_a_view_set_under_no_rule_is_left_as_it_is(make_app, send):
    app = make_app(RULES)
    app.add_url_rule("/<path:rest>", "view", lambda rest: ("view", [*VIEW_HEADERS, ("Vary", "Cookie")]))

    answer = send(app, "/elsewhere", headers={"Origin": APP})

    assert [(name, value) for name, value in answer.headers if not name.startswith("Content-")] == [
        *VIEW_HEADERS,
        ("Vary", "Cookie"),
    ]


def allow_strangers(response):
    response.headers.add("Access-Control-Allow-Origin", STRANGER)
    response.headers["Access-Control-Allow-Credentials"] = "true"
    response.headers.add("Vary", "Accept")
    return response


def register_before(app):
    app.after_request(allow_strangers)
    install(app, RULES)
    with_views(app)


def register_after(app):
    install(app, RULES)
    app.after_request(allow_strangers)
    with_views(app)


def register_in_blueprint(app):
    install(app, RULES)
    blueprint = Blueprint("orders", __name__)
    blueprint.after_request(allow_strangers)
    app.register_blueprint(with_views(blueprint))


def register_for_all_in_blueprint(app):
    install(app, RULES)
    blueprint = Blueprint("orders", __name__)
    blueprint.after_app_request(allow_strangers)
    app.register_blueprint(blueprint)
    with_views(app)


def register_in_view(app):
    install(app, RULES)

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


# --- Vary -------------------------------------------------------------------------------------------------------------


VARY_LINES = [
    pytest.param([], {"origin"}, id="none"),
    pytest.param(["Accept-Encoding"], {"accept-encoding", "origin"}, id="one line"),
    pytest.param(["Accept-Encoding,Accept"], {"accept-encoding", "accept", "origin"}, id="one line of several"),
    pytest.param(["Accept", "Accept-Language"], {"accept", "accept-language", "origin"}, id="several lines"),
    pytest.param(["Accept", "origin, ACCEPT"], {"accept", "origin"}, id="several lines that name one header twice"),
    pytest.param(["Origin"], {"origin"}, id="the right one already"),
    pytest.param(["oRIGIN"], {"origin"}, id="the right one in mixed case"),
    pytest.param([" Accept ,, "], {"accept", "origin"}, id="empty names"),
    pytest.param(["*"], {"*"}, id="a star stays"),
    pytest.param(["Accept", "*"], {"*"}, id="a star in another line stays"),
]


@pytest.mark.parametrize("origin", [APP, STRANGER, None])
@pytest.mark.parametrize(("lines", "vary"), VARY_LINES)
def test_vary_is_merged_into_what_the_view_says(make_app, send, lines, vary, origin):
    app = make_app(RULES)
    app.add_url_rule("/api/x", "view", lambda: ("view", [("Vary", line) for line in lines]))

    assert send(app, "/api/x", headers={} if origin is None else {"Origin": origin}).vary == vary


@pytest.mark.parametrize(("lines", "vary"), [row for row in VARY_LINES if row.values[1] != {"*"}])
def test_vary_survives_the_session(make_app, send, lines, vary):
    """Flask saves the session after all hooks, and then rewrites `Vary` from its first line."""
    app = make_app(RULES)
    app.secret_key = "secret"

    @app.get("/api/x")
    def view():
        session["seen"] = True
        return "view", [("vary", line) for line in lines]

    answer = send(app, "/api/x", headers={"Origin": APP})

    assert "session=" in answer.headers["Set-Cookie"]
    assert (answer.vary, answer.cors) == ({*vary, "cookie"}, SESSION)


def test_vary_is_not_added_where_the_answer_is_the_same_for_all(make_app, send):
    app = make_app(RULES)
    app.add_url_rule("/public/x", "view", lambda: ("view", [("Vary", "Accept")]))

    assert send(app, "/public/x", headers={"Origin": APP}).vary == {"accept"}


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
        write(apps[origin], "cors.toml", one_rule(origin))
        cors_rules.init_app(apps[origin])

    for own, app in apps.items():
        assert send(app, "/x", headers={"Origin": own}).cors == {"access-control-allow-origin": own}
        assert send(app, "/x", headers={"Origin": STRANGER}).cors == {}
    assert isinstance(apps[APP].extensions["corsrules"].matcher, corsrules.Matcher)
    assert apps[APP].extensions["corsrules"].matcher is not apps[READER].extensions["corsrules"].matcher


def test_blueprints_and_nested_blueprints_are_covered(make_app, send):
    app, asked = make_app(RULES), []
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


@pytest.mark.parametrize(
    ("script_name", "path", "cors"),
    [
        pytest.param("/v1", "/api/x", SESSION, id="rules are about the path below the mount point"),
        pytest.param("/api", "/x", {}, id="the mount point is not part of it"),
        pytest.param("/api", "", {}, id="an empty path is the application's root"),
    ],
)
def test_mounted_application(app, send, script_name, path, cors):
    assert send(app, path, headers={"Origin": APP}, script_name=script_name).cors == cors


def test_an_empty_path_is_a_slash(make_app, send):
    app = with_views(make_app(one_rule(APP, path="/")))

    answer = send(app, "", "OPTIONS", preflight_from(APP), script_name="/v1")

    assert (answer.status, answer.cors) == (204, {"access-control-allow-origin": APP})


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
    app = with_views(make_app(RULES))
    app.config["TRUSTED_HOSTS"] = ["api.example.com"]

    answer = send(app, "/api/x", headers={**headers, "Host": host})

    assert answer.status < 500
    assert answer.cors == cors


# --- which file, which profile ----------------------------------------------------------------------------------------


def write(app, name, text):
    path = os.path.join(app.root_path, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


PRECEDENCE = [
    pytest.param("argument", "config", "environment", "argument", id="the argument wins"),
    pytest.param("argument", None, "environment", "argument", id="the argument wins over the environment"),
    pytest.param(None, "config", "environment", "config", id="then the application's config"),
    pytest.param(None, None, "environment", "environment", id="then the environment"),
]


@pytest.mark.parametrize(
    ("argument", "config", "environment", "chosen"),
    [
        *PRECEDENCE,
        pytest.param(None, None, None, "cors", id="then cors.toml"),
        pytest.param(None, None, "", "cors", id="an empty environment variable counts as absent"),
    ],
)
@pytest.mark.parametrize("given_to", ["the constructor", "init_app"])
def test_which_file(make_app, send, monkeypatch, argument, config, environment, chosen, given_to):
    app = with_views(make_app(None))
    for name in ("argument", "config", "environment", "cors"):
        write(app, f"{name}.toml", one_rule(f"https://{name}.example"))
    if config is not None:
        app.config["CORSRULES_FILE"] = f"{config}.toml"
    if environment is not None:
        monkeypatch.setenv("CORSRULES_FILE", environment and f"{environment}.toml")
    file = argument and f"{argument}.toml"
    if given_to == "init_app":
        CorsRules().init_app(app, file)
    else:
        CorsRules(app, file)

    origin = f"https://{chosen}.example"
    assert send(app, "/x", headers={"Origin": origin}).cors == {"access-control-allow-origin": origin}


PROFILES = "version = 1\n" + "".join(
    f'[profiles.{name}]\norigins.web = ["https://{name}.example"]\n' for name in ("argument", "config", "environment")
)


@pytest.mark.parametrize(("argument", "config", "environment", "chosen"), PRECEDENCE)
@pytest.mark.parametrize("given_to", ["the constructor", "init_app"])
def test_which_profile(make_app, send, monkeypatch, argument, config, environment, chosen, given_to):
    app = with_views(make_app(None))
    write(app, "cors.toml", PROFILES + '[[rules]]\norigins = ["web"]\n')
    if config is not None:
        app.config["CORSRULES_PROFILE"] = config
    monkeypatch.setenv("CORSRULES_PROFILE", environment)
    if given_to == "init_app":
        CorsRules().init_app(app, profile=argument)
    else:
        CorsRules(app, profile=argument)

    origin = f"https://{chosen}.example"
    assert send(app, "/x", headers={"Origin": origin}).cors == {"access-control-allow-origin": origin}


def test_which_profile_without_a_choice_is_the_only_one(make_app, send):
    app = make_app(
        'version = 1\n[profiles.live]\norigins.web = ["https://app.example.com"]\n[[rules]]\norigins = ["web"]'
    )

    assert send(with_views(app), "/x", headers={"Origin": APP}).cors == {"access-control-allow-origin": APP}


@pytest.mark.parametrize("profile", [None, "prodution"])
def test_no_profile_chosen_stops_the_application_and_lists_the_names(make_app, profile):
    with pytest.raises(ConfigError) as caught:
        make_app(PROFILES + '[[rules]]\norigins = ["web"]\n', profile=profile)

    for name in ("argument", "config", "environment"):
        assert name in str(caught.value)


@pytest.mark.parametrize("given", ["argument", "config", "environment"])
def test_a_file_is_relative_to_the_application_and_not_to_the_working_directory(
    make_app, send, monkeypatch, tmp_path, given
):
    app = with_views(make_app(None))
    write(app, "settings/cors.toml", one_rule(APP))
    (tmp_path / "settings").mkdir()
    (tmp_path / "settings" / "cors.toml").write_text(one_rule(STRANGER))
    monkeypatch.chdir(tmp_path)
    file = os.path.join("settings", "cors.toml")
    if given == "config":
        app.config["CORSRULES_FILE"] = file
    if given == "environment":
        monkeypatch.setenv("CORSRULES_FILE", file)
    CorsRules(app, file if given == "argument" else None)

    assert send(app, "/x", headers={"Origin": APP}).cors == {"access-control-allow-origin": APP}
    assert send(app, "/x", headers={"Origin": STRANGER}).cors == {}


def test_a_file_may_be_a_path_object_and_absolute(make_app, send, tmp_path):
    app = with_views(make_app(None))
    (tmp_path / "rules.toml").write_text(one_rule(APP))
    CorsRules(app, tmp_path / "rules.toml")

    assert send(app, "/x", headers={"Origin": APP}).cors == {"access-control-allow-origin": APP}


# --- a file that cannot be used ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("version = 1\n[[rules]\n", id="not TOML"),
        pytest.param("version = 2\n", id="a newer version"),
        pytest.param(one_rule(APP, more="orgins = []\n"), id="an unknown key"),
        pytest.param(one_rule("app.example.com"), id="a malformed pattern"),
        pytest.param(one_rule("*", more="credentials = true\n"), id="a star with credentials"),
        pytest.param(one_rule(f"{APP}/", path="api", more='methods = ["put"]\n') + "[fallbak]\n", id="several at once"),
    ],
)
def test_a_file_with_errors_stops_the_application_with_what_check_says(make_app, text):
    app = make_app(None)
    path = write(app, "cors.toml", text)

    with pytest.raises(ConfigError) as caught:
        CorsRules(app)

    assert caught.value.findings == corsrules.check(path)
    for finding in corsrules.check(path):
        assert f"{finding.severity}[{finding.code}]: {finding.message}" in str(caught.value)
        assert f"{path}:{finding.line}:{finding.column}" in str(caught.value)
        assert (finding.help or "") in str(caught.value)


def test_an_error_in_a_profile_that_is_not_chosen_stops_the_application_too(make_app):
    text = PROFILES.replace("https://config.example", "https://config.example/") + '[[rules]]\norigins = ["web"]\n'

    with pytest.raises(ConfigError):
        make_app(text, profile="argument")


def test_a_missing_file_is_named_with_its_absolute_path(make_app):
    app = make_app(None)

    with pytest.raises(OSError, match=r"nowhere") as caught:
        CorsRules(app, "nowhere/cors.toml")

    assert os.path.join(app.root_path, "nowhere", "cors.toml") in str(caught.value)
    assert "corsrules init" in caught.value.__notes__[0]


def test_a_missing_file_is_named_with_its_absolute_path_also_from_a_relative_root(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    app = Flask(__name__, root_path="application")

    with pytest.raises(OSError, match=r"cors\.toml") as caught:
        CorsRules(app)

    assert str(tmp_path / "application" / "cors.toml") in str(caught.value)


# --- fallback: the gateway dropped Origin -----------------------------------------------------------------------------


FALLBACK = """
version = 1

[[rules]]
paths            = ["/api/*"]
origins          = ["https://app.example.com", "https://reader.example.net"]
methods          = ["PUT"]
response-headers = ["x-request-id"]
credentials      = true

[[rules]]
paths   = ["/public/*", "/mixed/*"]
origins = ["*"]

[[rules]]
paths   = ["/mixed/*"]
origins = ["https://app.example.com"]

[fallback]
"""
BY_HEADERS = FALLBACK + 'headers = ["x-client-origin", "x-viewer-origin"]\n'
BY_HOSTS = (
    FALLBACK + 'hosts = {"api.example.com" = "https://reader.example.net", "api:8080" = "https://app.example.com"}\n'
)
BY_ALL = BY_HEADERS + 'hosts = {"api.example.com" = "https://reader.example.net"}\n'
BY_HOST = FALLBACK
BY_NONE = FALLBACK + "host-scheme = false\n"

#: The Host that names APP through `host-scheme`, and what it names.
APP_HOST = "app.example.com"


@pytest.mark.parametrize(
    ("text", "headers", "origin"),
    [
        pytest.param(BY_HEADERS, {"X-Client-Origin": APP}, APP, id="a header"),
        pytest.param(BY_HEADERS, {"X-Viewer-Origin": APP}, APP, id="the second header where the first is absent"),
        pytest.param(
            BY_HEADERS, {"X-Client-Origin": "", "X-Viewer-Origin": APP}, APP, id="an empty header counts as absent"
        ),
        pytest.param(BY_HEADERS, {"X-Client-Origin": READER, "X-Viewer-Origin": APP}, READER, id="the first header"),
        pytest.param(
            BY_HEADERS, {"X-Client-Origin": STRANGER, "X-Viewer-Origin": APP}, None, id="a denied header decides"
        ),
        pytest.param(
            BY_HEADERS, {"X-Client-Origin": f"{APP}/", "X-Viewer-Origin": APP}, None, id="a malformed header decides"
        ),
        pytest.param(BY_HEADERS, {"X-Client-Origin": "null", "Host": APP_HOST}, None, id="a header that says null"),
        pytest.param(BY_HEADERS, {"X-Client-Origin": f"{APP}, {APP}"}, None, id="a header that stands twice"),
        pytest.param(BY_HEADERS, {"X-Client-Origin": f" {APP}"}, None, id="a header is not trimmed"),
        pytest.param(BY_HEADERS, {"X-Other-Origin": APP}, None, id="a header that the file does not name"),
        pytest.param(BY_HEADERS, {"Host": APP_HOST}, APP, id="host-scheme where no header is there"),
        pytest.param(BY_HOSTS, {"Host": "api.example.com"}, READER, id="hosts"),
        pytest.param(BY_HOSTS, {"Host": "api:8080"}, APP, id="hosts with a port"),
        pytest.param(BY_HOSTS, {"Host": "api"}, None, id="hosts: the port is part of the name"),
        pytest.param(BY_HOSTS, {"Host": "API.example.com"}, None, id="hosts: upper case is another name"),
        pytest.param(BY_HOSTS, {"Host": "api.example.com:443"}, None, id="hosts: with a port it is another name"),
        pytest.param(BY_HOSTS, {"Host": "api.example.com."}, None, id="hosts: with a final dot it is another name"),
        pytest.param(BY_HOSTS, {"Host": APP_HOST}, APP, id="host-scheme where hosts does not name it"),
        pytest.param(BY_HOSTS, {"X-Client-Origin": APP}, None, id="hosts: no Host"),
        pytest.param(BY_HOST, {"Host": APP_HOST}, APP, id="host-scheme"),
        pytest.param(BY_HOST, {"Host": "evil.test"}, None, id="host-scheme: another host"),
        pytest.param(BY_HOST, {"Host": "APP.example.com"}, None, id="host-scheme: upper case"),
        pytest.param(BY_HOST, {"Host": "app.example.com:443"}, None, id="host-scheme: the default port"),
        pytest.param(BY_HOST, {"Host": "app.example.com."}, None, id="host-scheme: a final dot"),
        pytest.param(BY_HOST, {"Host": "evil.test@app.example.com"}, None, id="host-scheme: userinfo"),
        pytest.param(BY_HOST, {"Host": "app.example.com, app.example.com"}, None, id="host-scheme: twice"),
        pytest.param(BY_HOST, {"Host": "app.example.com\r\nX: y"}, None, id="host-scheme: an injection"),
        pytest.param(BY_HOST, {"Host": ""}, None, id="host-scheme: an empty Host"),
        pytest.param(BY_HOST, {}, None, id="host-scheme: no Host"),
        pytest.param(BY_NONE, {"Host": APP_HOST}, None, id="host-scheme = false"),
        pytest.param(BY_ALL, {"X-Client-Origin": APP, "Host": "api.example.com"}, APP, id="headers come before hosts"),
        pytest.param(BY_ALL, {"X-Client-Origin": STRANGER, "Host": "api.example.com"}, None, id="and decide alone"),
        pytest.param(BY_ALL, {"X-Client-Origin": "", "Host": "api.example.com"}, READER, id="unless they are empty"),
        pytest.param(BY_ALL, {"Origin": "null", "X-Client-Origin": APP, "Host": APP_HOST}, None, id="null stays"),
        pytest.param(
            BY_ALL, {"Origin": "", "X-Client-Origin": APP, "Host": APP_HOST}, None, id="an empty Origin stays"
        ),
        pytest.param(BY_ALL, {"Origin": "app.example.com", "Host": APP_HOST}, None, id="a malformed Origin stays"),
        pytest.param(BY_ALL, {"Origin": STRANGER, "X-Client-Origin": APP}, None, id="a denied Origin stays denied"),
        pytest.param(BY_ALL, {"Origin": READER, "X-Client-Origin": APP}, READER, id="an allowed Origin is taken"),
    ],
)
def test_fallback(make_app, send, text, headers, origin):
    answer = send(with_views(make_app(text)), "/api/x", headers=headers)

    assert answer.cors.get("access-control-allow-origin") == origin
    assert answer.status < 500


def test_fallback_host_scheme_may_be_another(make_app, send):
    text = (
        "version = 1\n[profiles.laptop]\ndevelopment = true\n"
        'origins.web = ["http://localhost:5173"]\n[[rules]]\norigins = ["web"]\n[fallback]\nhost-scheme = "http"\n'
    )
    app = with_views(make_app(text, profile="laptop"))

    answer = send(app, "/x", headers={"Host": "localhost:5173"})

    assert answer.cors == {"access-control-allow-origin": "http://localhost:5173"}


@pytest.mark.parametrize(
    ("more", "headers", "credentials"),
    [
        pytest.param("", {"X-Client-Origin": APP}, None, id="not by default"),
        pytest.param("", {"Host": APP_HOST}, None, id="not by default through Host"),
        pytest.param("credentials = false\n", {"X-Client-Origin": APP}, None, id="not where the file denies them"),
        pytest.param("credentials = true\n", {"X-Client-Origin": APP}, "true", id="where the file says so"),
        pytest.param("credentials = true\n", {"Host": APP_HOST}, "true", id="where the file says so, through Host"),
        pytest.param("", {"Origin": APP, "X-Client-Origin": APP}, "true", id="Origin itself needs no licence"),
    ],
)
def test_fallback_credentials(make_app, send, more, headers, credentials):
    app = with_views(make_app(BY_HEADERS + more))
    answers = {
        "actual": send(app, "/api/x", headers=headers),
        "preflight": send(app, "/api/x", "OPTIONS", {**headers, "Access-Control-Request-Method": "PUT"}),
    }

    for answer in answers.values():
        assert answer.cors["access-control-allow-origin"] == APP
        assert answer.cors.get("access-control-allow-credentials") == credentials
    assert answers["actual"].cors["access-control-expose-headers"] == "x-request-id"
    assert answers["preflight"].cors["access-control-allow-methods"] == "PUT"


@pytest.mark.parametrize(
    ("path", "headers", "origin"),
    [
        pytest.param("/public/x", {"X-Client-Origin": APP}, "*", id="a path with only a star never consults it"),
        pytest.param("/public/x", {"Host": APP_HOST}, "*", id="nor asks for the Host"),
        pytest.param("/mixed/x", {"X-Client-Origin": APP}, APP, id="a star beside a named origin: it is consulted"),
        pytest.param("/mixed/x", {"Host": APP_HOST}, APP, id="through the Host too"),
        pytest.param("/mixed/x", {"X-Client-Origin": STRANGER}, "*", id="where it gives nobody, the star decides"),
        pytest.param("/mixed/x", {"X-Client-Origin": "null"}, "*", id="where it is malformed, the star decides"),
        pytest.param("/mixed/x", {}, "*", id="where it is absent, the star decides"),
        pytest.param("/elsewhere", {"X-Client-Origin": APP, "Host": APP_HOST}, None, id="under no rule"),
    ],
)
def test_fallback_and_every_origin(make_app, send, path, headers, origin):
    answer = send(with_views(make_app(BY_HEADERS)), path, headers=headers)

    assert answer.cors.get("access-control-allow-origin") == origin


@pytest.mark.parametrize(
    ("path", "headers", "status", "origin"),
    [
        pytest.param("/api/view", {"X-Client-Origin": APP}, 204, APP, id="an allowed origin in a header"),
        pytest.param("/api/view", {"Host": APP_HOST}, 204, APP, id="an allowed origin through the Host"),
        pytest.param("/api/missing", {"X-Client-Origin": APP}, 204, APP, id="before routing, as with Origin"),
        pytest.param("/public/x", {}, 204, "*", id="a path with a star"),
        pytest.param("/mixed/x", {"X-Client-Origin": STRANGER}, 204, "*", id="a star where the header is denied"),
        pytest.param("/api/view", {"X-Client-Origin": STRANGER}, 200, None, id="denied: Flask's own OPTIONS"),
        pytest.param("/api/view", {}, 200, None, id="nothing: Flask's own OPTIONS"),
        pytest.param("/api/missing", {}, 404, None, id="nothing: 404"),
        pytest.param("/api/post", {}, 405, None, id="nothing: 405 where there is no OPTIONS"),
        pytest.param("/api/own", {"X-Client-Origin": "null"}, 202, None, id="denied: the view's own OPTIONS"),
    ],
)
def test_a_preflight_without_origin(make_app, send, path, headers, status, origin):
    app = make_app(BY_HEADERS)
    app.add_url_rule("/api/view", "view", lambda: "view")
    app.add_url_rule("/api/post", "post", lambda: "post", methods=["POST"], provide_automatic_options=False)
    app.add_url_rule("/api/own", "own", lambda: ("own", 202, {"Access-Control-Allow-Origin": "*"}), methods=["OPTIONS"])

    answer = send(app, path, "OPTIONS", {**headers, "Access-Control-Request-Method": "PUT"})

    assert (answer.status, answer.cors.get("access-control-allow-origin")) == (status, origin)
    assert answer.vary == (set() if path == "/public/x" else {"origin", "x-client-origin", "x-viewer-origin"})


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Origin": APP}, id="allowed"),
        pytest.param({"Origin": STRANGER}, id="denied"),
        pytest.param({"X-Client-Origin": APP}, id="from a header"),
        pytest.param({"Host": APP_HOST}, id="from the Host"),
        pytest.param({}, id="absent"),
    ],
)
@pytest.mark.parametrize(
    ("text", "vary"),
    [
        pytest.param(BY_HEADERS, {"origin", "x-client-origin", "x-viewer-origin"}, id="headers"),
        pytest.param(BY_HOSTS, {"origin"}, id="hosts"),
        pytest.param(BY_HOST, {"origin"}, id="host-scheme"),
    ],
)
def test_vary_names_the_fallback_headers_and_never_the_host(make_app, send, text, vary, headers):
    app = with_views(make_app(text))

    for path in ("/api", "/api/x", "/api/y/"):
        assert send(app, path, headers=headers).vary == vary
    assert send(app, "/api/x", "POST", headers).vary == vary


# --- the log line -----------------------------------------------------------------------------------------------------


@pytest.fixture
def log(monkeypatch, caplog):
    """The records of the logger `corsrules`, in a process that has logged nothing yet."""
    monkeypatch.setattr("corsrules.wsgi._dropped", itertools.count())
    caplog.set_level(logging.DEBUG, "corsrules")
    return lambda: [record for record in caplog.records if record.name == "corsrules"]


CROSS_SITE = {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "cross-site"}


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        pytest.param("GET", CROSS_SITE, id="the browser says cross-site"),
        pytest.param("POST", CROSS_SITE, id="whatever the method"),
        pytest.param("GET", {**CROSS_SITE, "Sec-Fetch-Site": "same-site"}, id="the browser says same-site"),
        pytest.param("OPTIONS", {"Access-Control-Request-Method": "PUT"}, id="a preflight"),
    ],
)
def test_a_dropped_origin_is_logged(app, send, log, method, headers):
    send(app, "/api/x", method, headers)

    (record,) = log()
    assert record.levelname == "WARNING"
    assert "Origin" in record.getMessage()
    assert "[fallback]" in record.getMessage(), "it says what to do"


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        pytest.param("GET", {}, id="nothing says that the request is cross-origin"),
        pytest.param("OPTIONS", {}, id="OPTIONS alone"),
        pytest.param("GET", {**CROSS_SITE, "Origin": APP}, id="Origin is there"),
        pytest.param("GET", {**CROSS_SITE, "Origin": "null"}, id="Origin is there, and null"),
        pytest.param("GET", {**CROSS_SITE, "Origin": STRANGER}, id="Origin is there, and denied"),
        pytest.param("OPTIONS", preflight_from(APP), id="a preflight with Origin"),
        pytest.param("GET", {**CROSS_SITE, "Sec-Fetch-Site": "same-origin"}, id="same-origin"),
        pytest.param("GET", {**CROSS_SITE, "Sec-Fetch-Site": "none"}, id="typed by the user"),
        pytest.param("GET", {**CROSS_SITE, "Sec-Fetch-Mode": "no-cors"}, id="an image of another site"),
        pytest.param("GET", {**CROSS_SITE, "Sec-Fetch-Mode": "navigate"}, id="a link of another site"),
    ],
)
def test_nothing_is_logged_where_no_origin_was_dropped(app, send, log, method, headers):
    send(app, "/api/x", method, headers)

    assert log() == []


@pytest.mark.parametrize(
    ("fallback", "headers", "logged"),
    [
        pytest.param('hosts = {"api.test" = "https://app.example.com"}', {"Host": "api.test"}, 0, id="by its Host"),
        pytest.param('hosts = {"api.test" = "https://app.example.com"}', {"Host": "other.test"}, 1, id="another Host"),
        pytest.param('headers = ["x-origin"]', {"X-Origin": APP}, 0, id="by a header"),
        pytest.param('headers = ["x-origin"]', {"X-Origin": ""}, 1, id="by a header that is empty"),
        pytest.param("", {"Host": "app.example.com"}, 1, id="by luck: that Host is not the page's"),
    ],
)
def test_nothing_is_logged_where_the_file_repairs_it(make_app, send, log, fallback, headers, logged):
    app = with_views(make_app(one_rule(APP, more=f"[fallback]\n{fallback}\n")))
    send(app, "/", headers={**CROSS_SITE, **headers})

    assert len(log()) == logged


def test_a_dropped_origin_is_logged_once_per_process(make_app, send, log):
    for app in (with_views(make_app(RULES)), with_views(make_app(RULES))):
        for path in ("/api/x", "/api/y"):
            send(app, path, headers=CROSS_SITE)
            send(app, path, "OPTIONS", {"Access-Control-Request-Method": "PUT"})

    assert len(log()) == 1


def test_no_bytes_of_a_request_get_into_the_log(make_app, send, log):
    app = with_views(make_app(BY_HEADERS))
    marked = {
        **CROSS_SITE,
        "Access-Control-Request-Method": "MARKED\r\n",
        "Access-Control-Request-Headers": "MARKED\r\n",
        "Host": "MARKED\r\n",
        "User-Agent": "MARKED\r\n",
        "Referer": "MARKED\r\n",
    }
    send(app, "/api/MARKED\r\nx", "OPTIONS", marked)
    send(app, "/api/MARKED\r\nx", "GET", {**marked, "Origin": "MARKED\r\n", "X-Client-Origin": "MARKED\r\n"})

    (record,) = log()
    assert "MARKED" not in record.getMessage()
    assert "\n" not in record.getMessage()
    assert "\r" not in record.getMessage()


# --- where it all started ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, {"Access-Control-Request-Method": "PUT"}])
def test_a_substring_of_an_allowed_name_is_not_allowed(app, send, headers):
    """The bug: `name in origin`."""
    for origin in (
        "https://app.example.com.evil.test",
        "https://evil.test/app.example.com",
        "https://xapp.example.com",
    ):
        answer = send(app, "/api/x", "OPTIONS" if headers else "GET", {"Origin": origin, **headers})
        assert answer.cors == {}
        assert answer.status == (403 if headers else 200)


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        pytest.param("app.example.com", APP, id="an allowed one, with its scheme"),
        pytest.param("a.apps.example.com", "https://a.apps.example.com", id="one that a wildcard allows"),
        pytest.param("api.example.com", None, id="the API's own"),
        pytest.param("evil.test", None, id="a stranger's"),
        pytest.param("null", None, id="null"),
        pytest.param("*", None, id="a star"),
    ],
)
def test_the_bare_host_is_never_written_as_an_origin(app, send, host, origin):
    """The bug: `Access-Control-Allow-Origin: app.example.com` where the gateway had dropped `Origin`."""
    assert send(app, "/api/x", headers={"Host": host}).cors.get("access-control-allow-origin") == origin


def test_strangers_never_get_a_star_with_credentials(app, send):
    """The bug: `*` together with `Access-Control-Allow-Credentials: true` for everyone else."""
    stars = 0
    for path in ("/api/x", "/public/x", "/mixed/x", "/internal/x", "/elsewhere"):
        for headers in ({"Origin": STRANGER}, {"Origin": "null"}, {}, {"Host": "evil.test"}):
            for method in ("GET", "OPTIONS"):
                answer = send(app, path, method, {**headers, "Access-Control-Request-Method": "PUT"})
                assert answer.cors.get("access-control-allow-origin") in (None, "*")
                assert "access-control-allow-credentials" not in answer.cors
                stars += "access-control-allow-origin" in answer.cors
    assert stars == 2 * 4 * 2, "at both paths of the star rule, to all of them"


def test_vary_is_always_sent(make_app, send):
    """The bug: no `Vary`, so that a cache gave one origin the answer to another."""
    app = with_views(with_errors(make_app(RULES)))
    for path in ("/api/x", "/api/broken", "/api/private", "/api/things", "/mixed/x"):
        for headers in ({"Origin": APP}, {"Origin": STRANGER}, {"Origin": "null"}, {"Origin": ""}, {}):
            for method in ("GET", "HEAD", "POST", "OPTIONS", "BREW"):
                assert send(app, path, method, headers).vary == {"origin"}
                preflight = send(app, path, method, {**headers, "Access-Control-Request-Method": "PUT"})
                assert preflight.vary == {"origin"}


def test_an_application_obeys_one_file(make_app):
    app = make_app(RULES)
    other = CorsRules()
    for again in (lambda: CorsRules(app), lambda: other.init_app(app, "another.toml")):
        with pytest.raises(
            RuntimeError, match=r"obeys .*cors\.toml already; call CorsRules\(app\) or init_app\(app\) once"
        ):
            again()
