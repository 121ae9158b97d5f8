"""What a Flask application says when it starts: what is in force, and what can only be a mistake."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import flask_cors
import pytest
from adapter_cases import APP, one_rule
from flask import Blueprint, Flask
from flask.views import MethodView
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

import corsrules
from corsrules import ConfigError
from corsrules.engine.compiler import compile_policy
from corsrules.flask import CorsRules
from corsrules.language.policy import resolve
from corsrules.loading import accept
from corsrules.wsgi import CorsMiddleware

API = one_rule(APP, path="/api/*")
PROFILES = """
version = 1

[profiles.production.origins]
web = ["https://app.example.com"]

[profiles.staging.origins]
web = ["https://staging.example.com"]

[profiles.laptop]
development = true
origins.web = ["http://localhost:*"]

[[rules]]
origins = ["web"]
"""


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """An application in a folder of its own, where `cors.toml` governs `/api/*`."""
    (tmp_path / "cors.toml").write_text(API, encoding="utf-8")
    return Flask("start", root_path=str(tmp_path))


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Callable[[], list[tuple[str, str]]]:
    """`lines()`: level and message of what the logger `corsrules` was told."""
    caplog.set_level(logging.DEBUG, "corsrules")
    return lambda: [(each.levelname, each.getMessage()) for each in caplog.records if each.name == "corsrules"]


# --- what is in force -------------------------------------------------------------------------------------------------


def test_one_line_says_what_is_in_force(app: Flask, lines) -> None:
    CorsRules(app)

    revision = app.extensions["corsrules"].matcher.source.revision
    file = os.path.join(app.root_path, "cors.toml")
    assert lines() == [("INFO", f"in force: {file!r}, profile None, rules 1, revision {revision}")]


def test_the_middleware_says_it_too(app: Flask, lines) -> None:
    Path(app.root_path, "cors.toml").write_text(PROFILES, encoding="utf-8")
    matcher = corsrules.load(Path(app.root_path, "cors.toml"), profile="staging")
    CorsMiddleware(app.wsgi_app, matcher)

    assert [line for line in lines() if "profile 'staging', rules 1, revision" in line[1]] == lines() != []


def test_rules_that_come_from_no_text(app: Flask, send, lines) -> None:
    """Such as a policy that a program has made."""
    policy = resolve(accept(API, "cors.toml").document, None)
    app.wsgi_app = CorsMiddleware(app.wsgi_app, compile_policy(policy))

    assert lines() == []
    assert send(app, "/api/x", headers={"Origin": APP}).cors == {"access-control-allow-origin": APP}
    with pytest.raises(RuntimeError, match="this application obeys rules already"):
        CorsRules(app)


def test_a_revision_is_of_content_and_profile() -> None:
    def revision(text: str, profile: str | None = None) -> str:
        matcher = corsrules.loads(text, profile=profile)
        assert matcher.source is not None
        return matcher.source.revision

    told = [revision(API), revision(API + "\n"), revision(PROFILES, "production"), revision(PROFILES, "staging")]
    assert len({*told}) == 4
    assert told == [
        revision(API),
        revision(API + "\n"),
        revision(PROFILES, "production"),
        revision(PROFILES, "staging"),
    ]
    assert {len(each) for each in told} == {12}


@pytest.mark.parametrize(("debug", "warned"), [(False, ["WARNING"]), (True, [])], ids=["not in debug", "in debug"])
def test_a_development_profile(app: Flask, lines, debug: bool, warned: list[str]) -> None:
    Path(app.root_path, "cors.toml").write_text(PROFILES, encoding="utf-8")
    app.debug = debug
    CorsRules(app, profile="laptop")

    assert [level for level, _ in lines() if level != "INFO"] == warned
    assert all("'laptop' is a development profile" in message for level, message in lines() if level == "WARNING")


# --- no application, no file ------------------------------------------------------------------------------------------


def create_app() -> Flask:
    return Flask("made")


NO_APPLICATION = [
    ("a blueprint", Blueprint("orders", __name__), "the blueprint orders: give it the application"),
    ("a factory", create_app, "the function create_app: give it what the function returns"),
    ("a dictionary", {"CORSRULES_FILE": "cors.toml"}, "{'CORSRULES_FILE': 'cors.toml'}"),
    ("the name of a file", "cors.toml", "'cors.toml': the application comes first, CorsRules(app, file)"),
    ("the path of a file", Path("cors.toml"), "the application comes first"),
    ("another WSGI application", ProxyFix(create_app()), "there is corsrules.wsgi.CorsMiddleware"),
    ("the class", Flask, "for other WSGI applications"),
    ("a number", 7, "not for 7"),
]


@pytest.mark.parametrize(("given", "said"), [row[1:] for row in NO_APPLICATION], ids=[row[0] for row in NO_APPLICATION])
@pytest.mark.parametrize("to", ["the constructor", "init_app"])
def test_what_is_no_application_is_told_in_one_sentence(given: object, said: str, to: str) -> None:
    with pytest.raises(TypeError) as caught:
        CorsRules(given) if to == "the constructor" else CorsRules().init_app(given)

    assert str(caught.value).startswith("CorsRules is for a Flask application, not for ")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["production", "staging-eu"])
def test_a_profile_that_is_given_as_the_file(app: Flask, name: str) -> None:
    with pytest.raises(TypeError) as caught:
        CorsRules(app, name)

    path = os.path.join(app.root_path, name)
    assert str(caught.value) == (
        f"the second argument of CorsRules is a file, and there is no {path}; if {name} is a profile, write "
        f"profile={name!r}"
    )
    assert app.extensions == {}


def test_a_file_may_be_called_like_a_profile(app: Flask) -> None:
    Path(app.root_path, "production").write_text(API, encoding="utf-8")
    CorsRules(app, "production")

    assert app.extensions["corsrules"].file == os.path.join(app.root_path, "production")


ELSEWHERE = [
    ("in the current folder", "work", "work/cors.toml"),
    ("in a folder above the current one", "work/deep/down", "work/cors.toml"),
    ("in a folder above the application's", "elsewhere", "cors.toml"),
    ("in the instance folder", "elsewhere", "package/instance/cors.toml"),
]


@pytest.mark.parametrize(("current", "there"), [row[1:] for row in ELSEWHERE], ids=[row[0] for row in ELSEWHERE])
def test_a_file_that_is_not_there_may_lie_elsewhere(tmp_path, monkeypatch, current: str, there: str) -> None:
    package, file = tmp_path / "package", tmp_path / there
    for folder in (package, file.parent, tmp_path / current):
        folder.mkdir(parents=True, exist_ok=True)
    file.write_text(API, encoding="utf-8")
    monkeypatch.chdir(tmp_path / current)
    app = Flask("start", root_path=str(package), instance_path=str(package / "instance"))

    with pytest.raises(FileNotFoundError) as caught:
        CorsRules(app)

    (advice,) = caught.value.__notes__
    assert f"there is one in {file.parent}: write CorsRules(app, {os.path.relpath(file, package)!r})" in advice
    CorsRules(app, os.path.relpath(file, package))


# --- which profile ----------------------------------------------------------------------------------------------------

NAMED = [
    ("by the argument", "prodution", None, None, "the argument `profile`"),
    ("by the application's config", None, "prodution", None, "CORSRULES_PROFILE in app.config"),
    ("by the environment", None, None, "prodution", "CORSRULES_PROFILE in the environment"),
]


@pytest.mark.parametrize(
    ("argument", "config", "environment", "by"), [row[1:] for row in NAMED], ids=[row[0] for row in NAMED]
)
def test_an_unknown_profile_says_who_named_it_and_the_nearest(
    app: Flask, monkeypatch, argument: str | None, config: str | None, environment: str | None, by: str
) -> None:
    Path(app.root_path, "cors.toml").write_text(PROFILES, encoding="utf-8")
    app.config["CORSRULES_PROFILE"] = config
    monkeypatch.setenv("CORSRULES_PROFILE", environment or "")

    with pytest.raises(ConfigError) as caught:
        CorsRules(app, profile=argument)

    (finding,) = caught.value.findings
    assert (finding.code, finding.message) == ("CR108", f"there is no profile `prodution` ({by} names it)")
    assert finding.help == "did you mean `production`? the profiles are `production`, `staging`, `laptop`"


def test_a_name_that_is_near_to_none() -> None:
    with pytest.raises(ConfigError) as caught:
        corsrules.loads(PROFILES, profile="qa")

    (finding,) = caught.value.findings
    assert finding.message == "there is no profile `qa` (the argument `profile` names it)"
    assert finding.help == "the profiles are `production`, `staging`, `laptop`"


# --- the second of two ------------------------------------------------------------------------------------------------


def load(app: Flask) -> corsrules.Matcher:
    return corsrules.load(Path(app.root_path, "cors.toml"))


def wrap(app: Flask) -> None:
    app.wsgi_app = CorsMiddleware(app.wsgi_app, load(app))


def wrap_outside(app: Flask) -> None:
    CorsMiddleware(app, load(app))


def with_a_proxy(app: Flask) -> None:
    app.wsgi_app = ProxyFix(app.wsgi_app)


def mount(app: Flask) -> None:
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/other": create_app()})


def with_a_function(app: Flask) -> None:
    inner = app.wsgi_app
    app.wsgi_app = lambda environ, start_response: inner(environ, start_response)


def extend(app: Flask) -> None:
    CorsRules(app)


def extend_late(app: Flask) -> None:
    CorsRules().init_app(app, "other.toml")


SECOND = [
    ("CorsRules twice", [extend], extend),
    ("CorsRules and init_app", [extend], extend_late),
    ("CorsRules, then the middleware", [extend], wrap),
    ("CorsRules, then the middleware around the application", [extend], wrap_outside),
    ("the middleware, then CorsRules", [wrap], extend),
    ("the middleware twice", [wrap], wrap),
    ("with another layer between", [wrap, with_a_proxy], extend),
    ("CorsRules twice, with a layer between that says nothing", [extend, with_a_function], extend),
    ("with two other layers between", [extend, with_a_proxy, mount], wrap),
]


@pytest.mark.parametrize(("first", "second"), [row[1:] for row in SECOND], ids=[row[0] for row in SECOND])
def test_the_second_of_two_is_refused(app: Flask, send, first, second) -> None:
    for step in first:
        step(app)
    before = app.wsgi_app
    with pytest.raises(RuntimeError) as caught:
        second(app)

    path = os.path.join(app.root_path, "cors.toml")
    assert str(caught.value) == (
        f"this application obeys {path} already; call CorsRules(app) or init_app(app) once, or use one CorsMiddleware, "
        "with all rules in one file"
    )
    assert app.wsgi_app is before
    assert send(app, "/api/x", headers={"Origin": APP}).cors == {"access-control-allow-origin": APP}


@pytest.mark.parametrize("layer", [with_a_proxy, mount], ids=lambda layer: layer.__name__)
def test_other_layers_are_no_rules(app: Flask, send, layer) -> None:
    layer(app)
    CorsRules(app)
    layer(app)

    assert send(app, "/api/x", headers={"Origin": APP}).cors == {"access-control-allow-origin": APP}


def test_an_application_that_is_mounted_in_another_has_its_own(app: Flask, make_app, send) -> None:
    inner = make_app(one_rule("https://inner.example"))
    CorsRules(app)
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/inner": inner})

    for path, origin in (("/api/x", APP), ("/inner/x", "https://inner.example")):
        assert send(app, path, headers={"Origin": origin}).cors == {"access-control-allow-origin": origin}


def test_layers_that_wrap_themselves_are_no_endless_search() -> None:
    class Loop:
        def __getattr__(self, name: str) -> Loop:
            return Loop()

        def __call__(self, environ, start_response):
            start_response("200 OK", [])
            return []

    assert CorsMiddleware(Loop(), corsrules.loads(API)).matcher is not None


# --- flask-cors beside it ---------------------------------------------------------------------------------------------


def on_all(app: Flask) -> None:
    flask_cors.CORS(app, supports_credentials=True)


def on_legacy(app: Flask) -> None:
    flask_cors.CORS(app, resources={r"/legacy/*": {"origins": "*"}})


def on_one_path(app: Flask) -> None:
    flask_cors.CORS(app, resources={"/legacy": {}})


def on_part_of_the_api(app: Flask) -> None:
    flask_cors.CORS(app, resources={r"/api/v1/.*": {}})
    app.add_url_rule("/api/v1/<int:number>", "v1", lambda number: "v1")


def on_a_view(app: Flask) -> None:
    app.add_url_rule("/legacy/x", "legacy", flask_cors.cross_origin()(lambda: "legacy"))


def on_a_governed_view(app: Flask) -> None:
    app.add_url_rule("/api/<name>", "orders", flask_cors.cross_origin()(lambda name: "orders"))


def below_another_decorator(app: Flask) -> None:
    from functools import wraps

    decorated = flask_cors.cross_origin()(lambda: "orders")

    @wraps(decorated)
    def view() -> object:
        return decorated()

    app.add_url_rule("/api/orders", "orders", view)


class Orders(MethodView):
    @flask_cors.cross_origin()
    def get(self) -> str:
        return "orders"


def on_a_method_of_a_class(app: Flask) -> None:
    app.add_url_rule("/api/orders", view_func=Orders.as_view("orders"))


def on_a_blueprint(app: Flask, path: str = "/legacy") -> None:
    blueprint = Blueprint("old", __name__, url_prefix=path)
    blueprint.add_url_rule("/x", "x", lambda: "x")
    flask_cors.CORS(blueprint)
    app.register_blueprint(blueprint)


def on_a_governed_blueprint(app: Flask) -> None:
    on_a_blueprint(app, "/api")


BESIDE = [
    ("everywhere", on_all, "CORS(app)", "/api/x"),
    ("elsewhere", on_legacy, "CORS(app)", None),
    ("on one path elsewhere", on_one_path, "CORS(app)", None),
    ("on part of what a rule governs, where a route is", on_part_of_the_api, "CORS(app)", "/api/v1/x"),
    ("on a view elsewhere", on_a_view, "@cross_origin on the view legacy", None),
    ("on a view that a rule governs", on_a_governed_view, "@cross_origin on the view orders", "/api/x"),
    ("below another decorator", below_another_decorator, "@cross_origin on the view orders", "/api/orders"),
    ("on a method of a class", on_a_method_of_a_class, "@cross_origin on the view orders", "/api/orders"),
    ("on a blueprint elsewhere", on_a_blueprint, "CORS(old)", None),
    ("on a blueprint that a rule governs", on_a_governed_blueprint, "CORS(old)", "/api/x"),
]


@pytest.mark.parametrize(("add", "name", "path"), [row[1:] for row in BESIDE], ids=[row[0] for row in BESIDE])
class TestFlaskCorsBeside:
    def test_before(self, app: Flask, lines, add, name: str, path: str | None) -> None:
        """A warning that says what to remove; an error that stops the start where both govern one path."""
        add(app)
        if path is not None:
            with pytest.raises(RuntimeError) as caught:
                CorsRules(app)
            assert f"flask-cors and cors.toml both govern {path}: remove {name}." in str(caught.value)
            assert app.extensions.get("corsrules") is None
        else:
            CorsRules(app)
            ((level, message),) = [line for line in lines() if line[0] != "INFO"]
            assert (level, f"in this application, too: {name}." in message) == ("WARNING", True)
            app.test_client().get("/api/x")
            assert len(lines()) == 2, "it is said once"

    def test_after(self, app: Flask, lines, add, name: str, path: str | None) -> None:
        """What comes later is seen when the first request comes; nothing is refused any more."""
        CorsRules(app)
        add(app)
        assert [line for line in lines() if line[0] != "INFO"] == []
        for _ in range(2):
            answer = app.test_client().get("/api/orders", headers={"Origin": "https://evil.test"})
            assert "Access-Control-Allow-Origin" not in answer.headers

        ((level, message),) = [line for line in lines() if line[0] != "INFO"]
        assert level == ("WARNING" if path is None else "ERROR")
        assert name in message
        assert path is None or f"govern {path}: remove" in message


def test_a_view_that_names_itself_as_what_it_wraps_is_no_endless_search(app: Flask, lines) -> None:
    def view() -> str:
        return "view"

    view.__wrapped__ = view
    app.add_url_rule("/api/x", "view", view)
    CorsRules(app)

    assert [level for level, _ in lines()] == ["INFO"]


#: What a version of flask-cors may be like that keeps its resources in another way.
ANOTHER_VERSION = """
def make(resources):
    def cors_after_request(response):
        return response if resources else None
    return cors_after_request
"""


@pytest.mark.parametrize(("comes", "times"), [("first", 2), ("last", 1)])
def test_flask_cors_that_cannot_be_read_costs_no_start_and_no_request(app: Flask, lines, comes, times) -> None:
    module = {"__name__": "flask_cors.extension"}
    exec(ANOTHER_VERSION, module)
    if comes == "last":
        CorsRules(app)
    app.after_request(module["make"](len))
    if comes == "first":
        CorsRules(app)

    answer = app.test_client().get("/api/x", headers={"Origin": APP})

    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (404, APP)
    warnings = [message for level, message in lines() if level == "WARNING"]
    assert warnings == ["what flask-cors does in this application cannot be read"] * times


# --- Flask's commands, and a server -----------------------------------------------------------------------------------

APPLICATION = """
from flask import Flask
from corsrules.flask import CorsRules
app = Flask(__name__)
CorsRules(app)
"""
BROKEN = API.replace(APP, f"{APP}/")

STARTS = [
    ("a file with an error", BROKEN, 1, ["error[CR011]", "cors.toml:4:12", "= help: write"]),
    ("no file", None, 2, ["cannot read", "cors.toml: No such file or directory; write it with `corsrules init`"]),
    ("a file in a folder above", "above", 2, ["No such file", "write CorsRules(app, '../cors.toml')"]),
    ("no profile chosen", PROFILES, 1, ["error[CR107]", "`production`, `staging`, `laptop`"]),
]


@pytest.mark.parametrize("command", [["run", "--port", "0"], ["routes"]], ids=lambda command: command[0])
@pytest.mark.parametrize(("text", "code", "said"), [row[1:] for row in STARTS], ids=[row[0] for row in STARTS])
def test_flask_says_what_is_wrong_without_a_traceback(tmp_path, command, text, code: int, said: list[str]) -> None:
    folder = tmp_path / "application"
    folder.mkdir()
    (folder / "app.py").write_text(APPLICATION, encoding="utf-8")
    if text is not None:
        file = tmp_path / "cors.toml" if text == "above" else folder / "cors.toml"
        file.write_text(API if text == "above" else text, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "flask", *command], cwd=folder, capture_output=True, text=True, timeout=30, check=False
    )

    assert "Traceback" not in ran.stderr
    assert ran.returncode == code
    assert all(each in ran.stderr for each in said), ran.stderr
