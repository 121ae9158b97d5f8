"""The application that it all started from, before and after its migration by the documented steps.

Before, it has four bugs, which the first tests show: it looks for an allowed name anywhere in the origin, it answers
the bare `Host` where there is no `Origin`, it gives everyone else `*` together with credentials, and it sends no
`Vary`. The steps:

1. `corsrules init --from-allowed-urls "$ALLOWED_URLS"`
2. add the methods and headers that the pages use, which the variable never said
3. replace the `after_request` function by `CorsRules(app, profile="production")`
"""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Blueprint, Flask, Response, request

import corsrules
from corsrules.cli import main
from corsrules.flask import CorsRules

ALLOWED_URLS = "https://app.example.com|https://admin.example.com/|https://shop.example.com|http://localhost:3000"

BLUEPRINTS = ("orders", "users", "reports", "search", "files")

#: What the snippet answered to every OPTIONS, and step 2 writes.
METHODS = "PUT, DELETE"
HEADERS = "content-type"


def views() -> Flask:
    """The application without its CORS: five blueprints, each with a list and an item."""
    app = Flask(__name__)
    for name in BLUEPRINTS:
        blueprint = Blueprint(name, __name__, url_prefix=f"/{name}")
        blueprint.add_url_rule("/", "list", lambda: {"items": []})
        blueprint.add_url_rule("/<int:item>", "item", lambda item: {"item": item}, methods=["GET", "PUT", "DELETE"])
        app.register_blueprint(blueprint)
    return app


def before() -> Flask:
    """The application as it was: the substring test, the bare Host, `*` with credentials, no Vary."""
    app = views()
    allowed = [url.partition("://")[2].rstrip("/") for url in ALLOWED_URLS.split("|")]

    def allow(response: Response) -> Response:
        origin = request.headers.get("Origin") or request.headers.get("Host", "")
        known = any(name in origin for name in allowed)
        response.headers["Access-Control-Allow-Origin"] = origin if known else "*"
        response.headers["Access-Control-Allow-Credentials"] = "true"
        response.headers["Access-Control-Allow-Methods"] = METHODS
        response.headers["Access-Control-Allow-Headers"] = HEADERS
        return response

    app.after_request(allow)
    return app


@pytest.fixture(scope="module")
def after(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application after the three steps."""
    file = tmp_path_factory.mktemp("migrated") / "cors.toml"
    ran = CliRunner().invoke(main, ["init", "--from-allowed-urls", ALLOWED_URLS, str(file)])
    assert ran.exit_code == 0, ran.output
    added = 'methods = ["PUT", "DELETE"]\nrequest-headers = ["content-type"]\n'
    written = file.read_text(encoding="utf-8").replace("credentials = true\n", f"{added}credentials = true\n")
    file.write_text(written, encoding="utf-8")
    assert corsrules.check(file) == []
    app = views()
    CorsRules(app, file, profile="production")
    return app


ALLOWED = ("https://app.example.com", "https://admin.example.com", "https://shop.example.com")


@pytest.mark.parametrize("blueprint", BLUEPRINTS)
@pytest.mark.parametrize("origin", ALLOWED)
def test_what_worked_still_works(after: Flask, blueprint: str, origin: str) -> None:
    for app in (before(), after):
        for path in (f"/{blueprint}/", f"/{blueprint}/7"):
            answer = app.test_client().get(path, headers={"Origin": origin})
            assert answer.status_code == 200
            assert answer.headers["Access-Control-Allow-Origin"] == origin
            assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        preflight = app.test_client().options(
            f"/{blueprint}/7",
            headers={
                "Origin": origin,
                "Access-Control-Request-Method": "PUT",
                "Access-Control-Request-Headers": "content-type",
            },
        )
        assert preflight.status_code in (200, 204)
        assert {*preflight.headers["Access-Control-Allow-Methods"].split(", ")} == {"PUT", "DELETE"}
        assert preflight.headers["Access-Control-Allow-Headers"] == "content-type"


def allow_origin(app: Flask, **headers: str) -> str | None:
    return app.test_client().get("/orders/", headers=headers).headers.get("Access-Control-Allow-Origin")


#: an origin of somebody else that holds the name of an allowed one
LONGER = ("https://app.example.com.evil.test", "https://evil-app.example.com", "https://app.example.communist.test")


@pytest.mark.parametrize("origin", LONGER)
def test_bug_1_a_substring_was_enough(after: Flask, origin: str) -> None:
    assert allow_origin(before(), Origin=origin) == origin
    assert allow_origin(after, Origin=origin) is None


def test_bug_2_the_bare_host_was_answered(after: Flask) -> None:
    assert allow_origin(before(), Host="app.example.com") == "app.example.com"
    assert allow_origin(after, Host="app.example.com") == "https://app.example.com"
    assert allow_origin(after, Host="app.example.com.evil.test") is None


def test_bug_3_everyone_else_got_a_star_with_credentials(after: Flask) -> None:
    for app, answered in ((before(), ("*", "true")), (after, (None, None))):
        headers = app.test_client().get("/orders/", headers={"Origin": "https://evil.test"}).headers
        found = (headers.get("Access-Control-Allow-Origin"), headers.get("Access-Control-Allow-Credentials"))
        assert found == answered


@pytest.mark.parametrize("origin", ["https://app.example.com", "https://evil.test", None])
def test_bug_4_no_vary_was_sent(after: Flask, origin: str | None) -> None:
    headers = {} if origin is None else {"Origin": origin}
    assert "Vary" not in before().test_client().get("/orders/", headers=headers).headers
    assert after.test_client().get("/orders/", headers=headers).headers["Vary"] == "Origin"


def test_localhost_is_for_development_only(after: Flask, tmp_path: Path) -> None:
    assert allow_origin(before(), Origin="http://localhost:3000") == "http://localhost:3000"
    assert allow_origin(after, Origin="http://localhost:3000") is None
    file = tmp_path / "cors.toml"
    CliRunner().invoke(main, ["init", "--from-allowed-urls", ALLOWED_URLS, str(file)])
    development = views()
    CorsRules(development, file, profile="development")
    assert allow_origin(development, Origin="http://localhost:3000") == "http://localhost:3000"
