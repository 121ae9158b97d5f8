"""`corsrules init --from-allowed-urls` and `--from-flask-cors`: what is certain is written, the rest is listed."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import flask_cors
import pytest
from answers import cors
from click.testing import CliRunner, Result
from flask import Blueprint, Flask
from flask_cors import CORS, cross_origin
from werkzeug.routing import Map, Rule

import corsrules
from corsrules.authoring.draft import from_allowed_urls
from corsrules.authoring.flask_cors import Unreadable, _is_same_on, migrate
from corsrules.cli import main
from corsrules.flask import CorsRules


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    yield
    sys.modules.pop("their_app", None)


def init(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["init", *arguments], prog_name="corsrules")


def errors(text: str) -> list[str]:
    return [finding.message for finding in corsrules.check_text(text) if finding.severity == "error"]


# --- a list of allowed URLs -------------------------------------------------------------------------------------------

#: What is in the list, the list, production, development, what is left.
URLS: list[tuple[str, str, list[str], list[str], list[str]]] = [
    ("two", "https://a.example|https://b.example", ["https://a.example", "https://b.example"], [], []),
    ("a trailing slash, spaces, upper case", " HTTPS://A.example/ ", ["https://a.example"], [], []),
    ("the default port", "https://a.example:443", ["https://a.example"], [], []),
    ("an international name", "https://bücher.example", ["https://xn--bcher-kva.example"], [], []),
    ("one twice", "https://a.example|https://a.example/", ["https://a.example"], [], []),
    ("localhost", "https://a.example|http://localhost:3000", ["https://a.example"], ["http://localhost:3000"], []),
    ("only localhost", "http://127.0.0.1:5173", [], ["http://127.0.0.1:5173"], []),
    ("http", "http://a.example", [], ["http://a.example"], ["http://a.example"]),
    ("a bare host", "app.example.com|https://a.example", ["https://a.example"], [], ["app.example.com"]),
    ("a part of a name", "example", [], [], ["example"]),
    ("a bare host and port", "localhost:3000", [], [], ["localhost:3000"]),
    ("a path", "https://a.example/app", [], [], ["https://a.example/app"]),
    ("a trailing dot", "https://a.example.", [], [], ["https://a.example."]),
    ("a wildcard, which stood for nothing", "https://*.a.example", [], [], ["https://*.a.example"]),
    ("everything", "*", [], [], ["*"]),
    ("null", "null", [], [], ["null"]),
    ("an expression", r"^https://a\.example$", [], [], [r"^https://a\.example$"]),
    ("commas", "https://a.example,https://b.example", [], [], ["https://a.example,https://b.example"]),
    ("an empty entry", "https://a.example|", ["https://a.example"], [], ['""']),
    ("nothing", "", [], [], ['""']),
    ("an end of a line", "https://a.example\n# x", [], [], ["https://a.example\n# x"]),
]


@pytest.mark.parametrize(
    ("value", "production", "development", "left"), [row[1:] for row in URLS], ids=[row[0] for row in URLS]
)
def test_allowed_urls(value: str, production: list[str], development: list[str], left: list[str]) -> None:
    migration = from_allowed_urls(value)
    document = tomllib.loads(migration.text)
    profiles = document["profiles"]
    assert profiles["production"]["origins"].get("web", []) == production, "what step 3 names is there"
    assert profiles.get("development", {"origins": {"web": []}})["origins"]["web"] == development
    assert len(document["rules"]) == 1
    assert [each.text for each in migration.left] == left
    assert all(each.why and each.help for each in migration.left)
    assert errors(migration.text) == []


def test_what_may_be_a_list_says_how_one_is_written() -> None:
    for value in (
        "https://a.example,https://b.example",
        "https://a.example https://b.example",
        '["https://a.example"]',
    ):
        (left,) = from_allowed_urls(value).left
        assert "write `|` between" in left.help


@pytest.mark.parametrize("count", [0, 1, 100])
def test_the_text_says_what_is_left(count: int) -> None:
    value = "|".join(["https://a.example", *(f"host-{number}" for number in range(count))])
    text = from_allowed_urls(value).text
    assert (f"# NOT MIGRATED ({count})" in text) == (count > 0)
    assert all(f"#   host-{number}\n" in text for number in range(count))


def test_init_says_by_its_exit_code_whether_everything_was_migrated() -> None:
    result = init("--from-allowed-urls", "https://a.example|https://b.example")
    assert (result.exit_code, result.output) == (0, "wrote cors.toml\n")
    result = init("--from-allowed-urls", "https://a.example|b.example|c.example", "other.toml")
    assert result.exit_code == 1
    assert result.output == "wrote other.toml\n2 not migrated; the end of other.toml says which and why\n"
    assert errors(Path("other.toml").read_text()) == []


def test_init_never_overwrites_whatever_it_migrates() -> None:
    Path("cors.toml").write_text("mine")
    for arguments in (["--from-allowed-urls", "https://a.example"], ["--from-flask-cors", "nowhere:app"]):
        result = init(*arguments)
        assert (result.exit_code, result.stdout) == (2, "")
        assert "never overwrites" in result.stderr
    assert Path("cors.toml").read_text() == "mine"


def test_init_migrates_from_one_thing() -> None:
    assert init("--from-allowed-urls", "", "--from-flask-cors", "a:b").exit_code == 2


# --- flask-cors -------------------------------------------------------------------------------------------------------

VIEWS = ("/", "/api", "/api/orders", "/api/admin/users", "/health", "/healthy")


def application(**options: Any) -> Flask:
    app = Flask(__name__, static_folder=None)
    for view in VIEWS:
        app.add_url_rule(view, view, lambda: "", methods=["GET", "POST", "PUT", "DELETE"])
    app.add_url_rule("/files/<path:name>", "files", lambda name: "")
    if options:
        CORS(app, **options)
    return app


#: What is configured, the options, what is left.
CONFIGURED: list[tuple[str, dict[str, Any], list[str]]] = [
    ("one origin", {"origins": "https://a.example"}, []),
    ("every origin", {"origins": "*"}, []),
    ("the defaults", {"methods": ["GET", "POST", "PUT", "DELETE"]}, []),
    ("upper case, which is folded", {"origins": "HTTPS://A.example"}, []),
    ("credentials", {"origins": "https://a.example", "supports_credentials": True, "allow_headers": ["X-A"]}, []),
    (
        "every header with credentials",
        {"origins": "https://a.example", "supports_credentials": True},
        ["/*: every request header"],
    ),
    (
        "every origin with credentials",
        {"supports_credentials": True, "allow_headers": "X-A"},
        ["/*: every origin"],
    ),
    (
        "no browser sends it",
        {"origins": ["https://a.example/", "a.example"]},
        ["/*: https://a.example/", "/*: a.example"],
    ),
    (
        "an origin list in one string",
        {"origins": "https://a.example,https://b.example"},
        ["/*: https://a.example,https://b.example"],
    ),
    (
        "an expression that is a pattern",
        {"origins": [r"^https://[^.]+\.a\.example$", re.compile(r"https://b\.example\Z")]},
        [],
    ),
    ("an open end", {"origins": r"https://.*\.a\.example"}, [r"/*: https://.*\.a\.example"]),
    ("what looks like a pattern", {"origins": "https://*.a.example"}, ["/*: https://*.a.example"]),
    ("a public suffix", {"origins": r"^https://app-[^.]+\.vercel\.app$"}, ["https://app-*.vercel.app"]),
    ("localhost", {"origins": ["https://a.example", r"^http://localhost(:\d+)?$"]}, []),
    ("http", {"origins": ["http://a.example"]}, ["http://a.example"]),
    ("a resource", {"resources": r"/api/*", "origins": "https://a.example"}, []),
    (
        "resources of their own",
        {"resources": {r"/api/*": {"origins": "https://a.example"}, "/health": {"origins": "*"}}},
        [],
    ),
    ("a narrower one", {"resources": {"/*": {"origins": "*"}, "/api/admin/*": {"origins": "https://a.example"}}}, []),
    ("one that is never reached", {"resources": {re.compile("/api"): {}, "/api/admin/.*": {}}}, ["/api/admin/.*"]),
    ("one that means more", {"resources": {"/health*": {}}}, ["/health*"]),
    ("a beginning that another view has too", {"resources": {"/health.*": {"origins": "*"}}}, ["/health.*"]),
    ("one that is not clear, and a wider one", {"resources": {r"/api/v\d": {}, "/*": {}}}, [r"/api/v\d", "/*"]),
    ("one that is not clear, and one elsewhere", {"resources": {r"/api/v\d": {}, "/files/": {}}}, [r"/api/v\d"]),
    (
        "one that is not clear comes first, and the other is elsewhere",
        {"resources": [r"/api/v\d", "/files/.*"], "origins": "https://a.example"},
        [r"/api/v\d"],
    ),
    ("one path by expression", {"resources": {"^/health$": {"origins": "https://a.example"}}}, []),
    ("one that no path begins with", {"resources": {"/api//.*": {}}}, ["/api//.*"]),
    (
        "exposed headers, max-age",
        {"expose_headers": ["X-A", "X-B"], "max_age": 600, "origins": "https://a.example"},
        [],
    ),
    ("a long max-age", {"max_age": 100_000, "origins": "https://a.example"}, ["/*: max_age 100000"]),
    ("no POST", {"methods": ["GET"], "origins": "https://a.example"}, ["/*: methods without POST"]),
    ("headers by expression", {"allow_headers": r"X-.*", "origins": "https://a.example"}, ["/*: X-.*"]),
    ("TRACE", {"methods": ["GET", "POST", "TRACE"], "origins": "https://a.example"}, ["TRACE"]),
    ("private network access", {"allow_private_network": True}, ["/*: allow_private_network"]),
]

ORIGINS = ("https://a.example", "https://x.a.example", "https://x.y.a.example", "https://b.example", "http://a.example")
ORIGINS += ("https://xa.example", "https://a.example.evil.test", "https://evil.test", "http://localhost:3000")
ORIGINS += ("https://app-x.vercel.app", "https://xa.example.evil.test")


def answers(app: Flask, path: str, origin: str, method: str | None) -> dict[str, str]:
    """What a browser takes from the answer to a GET, or to the preflight for a method; nothing where it blocks."""
    headers = {"Origin": origin}
    if method is None:
        answer = app.test_client().get(path, headers=headers)
    else:
        headers |= {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "x-a"}
        answer = app.test_client().options(path, headers=headers)
    read = cors(answer.headers)
    allowed = read.pop("access-control-allow-origin", None)
    if allowed not in ("*", origin):
        return {}
    methods = read.pop("access-control-allow-methods", "").split(", ")
    granted = read.pop("access-control-allow-headers", "").lower().split(", ")
    if method is not None and (method not in methods or not {"x-a", "*"} & set(granted)):
        return {}
    return {
        "credentials": read.get("access-control-allow-credentials", ""),
        "expose": read.get("access-control-expose-headers", "").lower() if method is None else "",
        "max-age": read.get("access-control-max-age", ""),
    }


@pytest.mark.parametrize(("options", "left"), [row[1:] for row in CONFIGURED], ids=[row[0] for row in CONFIGURED])
def test_what_is_migrated_answers_as_flask_cors_does(options: dict[str, Any], left: list[str], tmp_path: Path) -> None:
    theirs = application(**options)
    migration = migrate(theirs)
    assert [each.text for each in migration.left] == left
    assert errors(migration.text) == []
    profile = "development" if "development" in migration.text else None
    for name in {None, profile}:
        ours = application()
        file = tmp_path / "cors.toml"
        file.write_text(migration.text, encoding="utf-8")
        CorsRules(ours, file, profile=name or ("production" if profile else None))
        for path, origin, method in product((*VIEWS, "/files/a/b"), ORIGINS, (None, "PUT", "PATCH")):
            one, other = answers(theirs, path, origin, method), answers(ours, path, origin, method)
            assert set(other) <= set(one), f"wider: {path} {origin} {method}"
            if not left and not profile:
                assert other == one, (path, origin, method)


def test_decorated_views() -> None:
    app = application(resources={"/*": {"origins": "https://a.example"}})
    allow = cross_origin(origins="https://v.example", allow_headers="X-A", supports_credentials=True)
    app.add_url_rule("/one", "one", allow(lambda: ""))
    app.add_url_rule("/both", "both", allow(lambda: ""))
    app.add_url_rule("/same", "both")
    app.add_url_rule("/many/<int:number>", "many", allow(lambda number: ""))
    migration = migrate(app)
    document = tomllib.loads(migration.text)
    assert [(rule["name"], rule["paths"]) for rule in document["rules"]] == [
        ("view one", ["/one"]),
        ("view both", ["/both", "/same"]),
    ]
    assert [each.text for each in migration.left] == ["view many", "/*"]
    assert errors(migration.text) == []


def test_the_config_of_an_application() -> None:
    app = application()
    app.config.update(CORS_ORIGINS=["https://a.example"], CORS_MAX_AGE=60, CORS_RESOURCES=r"/api/*")
    CORS(app)
    (rule,) = tomllib.loads(migrate(app).text)["rules"]
    assert (rule["paths"], rule["max-age"]) == (["/api/*"], 60)


def test_what_an_older_6_keeps_is_read_too() -> None:
    """Until 6.0.3 it kept expressions as they were written, and the options of a resource as a dictionary."""
    options = {
        "origins": [r"^https://[^.]+\.a\.example$", "https://b.example"],
        "methods": "GET, POST, PUT",
        "allow_headers": ["X-A"],
        "expose_headers": None,
        "supports_credentials": True,
        "max_age": "60",
    }
    app = application()
    app.after_request(flask_cors.extension.make_after_request_function([("/files/.*", options), ("/health", options)]))
    migration = migrate(app)
    first, second = tomllib.loads(migration.text)["rules"]
    assert (first["paths"], second["paths"], migration.left) == (["/files/*"], ["/health"], ())
    assert (first["methods"], first["request-headers"], first["max-age"]) == (["PUT"], ["x-a"], 60)
    matcher = corsrules.loads(migration.text)
    assert matcher.decide("/files/a", "https://x.a.example").headers["Access-Control-Allow-Credentials"] == "true"
    assert not matcher.decide("/files/a", "https://a.example").allowed


def test_other_functions_of_the_application_are_passed_over() -> None:
    app = application(origins="https://a.example")
    app.after_request(lambda response: response)
    assert migrate(app) == migrate(application(origins="https://a.example"))


def test_blueprints_are_listed() -> None:
    app, blueprint = application(), Blueprint("shop", __name__)
    CORS(blueprint)
    app.register_blueprint(blueprint)
    assert [each.text for each in migrate(app).left] == ["CORS(shop)"]


@pytest.mark.parametrize(
    ("app", "why"),
    [
        (application(), "does not use"),
        (CORS(app=(twice := application(origins="https://a.example"))) and twice, "2 times"),
    ],
    ids=["none", "twice"],
)
def test_what_cannot_be_read(app: Flask, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        migrate(app)


def test_an_older_version_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corsrules.authoring.flask_cors.metadata.version", lambda name: "5.0.1")
    with pytest.raises(Unreadable, match=r"flask-cors 5\.0\.1 is installed"):
        migrate(application(origins="*"))


#: What is in the module, the name that is asked for, the exit code, what is said.
APPS = [
    (
        "an application",
        "app = Flask('x'); CORS(app, origins='https://a.example')",
        "their_app:app",
        0,
        "wrote cors.toml",
    ),
    ("named app", "app = Flask('x'); CORS(app, origins='https://a.example')", "their_app", 0, "wrote cors.toml"),
    ("a factory", "def make():\n  app = Flask('x'); CORS(app); return app", "their_app:make", 0, "wrote cors.toml"),
    ("something left", "app = Flask('x'); CORS(app, origins='a')", "their_app:app", 1, "1 not migrated"),
    ("no such module", "", "their_other_app:app", 2, "cannot import their_other_app:app: ModuleNotFoundError"),
    ("no such name", "", "their_app:app", 2, "cannot import their_app:app: AttributeError"),
    ("it raises", "1/0", "their_app:app", 2, "ZeroDivisionError"),
    ("no application", "app = dict", "their_app:app", 2, "is not a Flask application"),
    ("no flask-cors", "app = Flask('x')", "their_app:app", 2, "does not use flask-cors"),
]


@pytest.mark.parametrize(("text", "name", "code", "said"), [row[1:] for row in APPS], ids=[row[0] for row in APPS])
def test_init_from_flask_cors(text: str, name: str, code: int, said: str) -> None:
    Path("their_app.py").write_text(f"from flask import Flask\nfrom flask_cors import CORS\n{text}\n")
    result = init("--from-flask-cors", name)
    assert (result.exit_code, said in result.output) == (code, True), result.output
    assert Path("cors.toml").exists() == (code < 2)


def test_a_file_that_comes_while_the_application_is_imported_is_not_overwritten() -> None:
    Path("their_app.py").write_text(
        "from flask import Flask\nfrom flask_cors import CORS\napp = Flask('x'); CORS(app)\n"
        "with open('cors.toml', 'w') as file:\n    file.write('mine')\n"
    )
    result = init("--from-flask-cors", "their_app")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "never overwrites" in result.stderr
    assert Path("cors.toml").read_text() == "mine"


# --- routes -----------------------------------------------------------------------------------------------------------

ROUTES = (
    "/",
    "/api",
    "/api/",
    "/apis",
    "/api/x",
    "/<x>",
    "/<path:x>",
    "/api<x>",
    "/api/<x>",
    "/a/<x>",
    "/ap<x>",
    "/b/<x>",
)
REQUESTED = (
    "/",
    "/api",
    "/api/",
    "/apis",
    "/apix",
    "/api/x",
    "/api/y",
    "/x",
    "/a/b",
    "/a/api",
    "/b/x",
    "/x/y",
    "/appi",
)


@pytest.mark.parametrize(("route", "text"), list(product(ROUTES, ("/api", "/api/", "/a"))))
def test_a_path_is_the_same_only_where_no_request_to_the_route_tells_them_apart(route: str, text: str) -> None:
    base = text.removesuffix("/")
    adapter = Map([Rule(route, endpoint="x")]).bind("x.example")
    reached = [path for path in REQUESTED if adapter.test(path)]
    differ = [path for path in reached if path.startswith(text) != (path == base or path.startswith(f"{base}/"))]
    if _is_same_on(route, text, base):
        assert differ == []
