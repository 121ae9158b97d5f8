"""The README's comparison: each of its cells is what the installed library does, asked in its own natural words."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import flask_cors
import pytest
import wsgicors
from flask import Flask, Response, session

import corsrules
from corsrules.flask import CorsRules

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")

#: Puts CORS on an application that has its routes: (app, origins, whether credentials are allowed).
Plug = Callable[[Flask, list[str], bool], None]


def with_corsrules(folder: Path) -> Plug:
    def plug(app: Flask, origins: list[str], credentials: bool) -> None:
        listed = ", ".join(f'"{origin}"' for origin in origins)
        text = f'version = 1\n[[rules]]\nmethods = ["PUT"]\norigins = [{listed}]\n'
        (folder / "cors.toml").write_text(f"{text}credentials = {str(credentials).lower()}\n")
        CorsRules(app, folder / "cors.toml")

    return plug


def with_flask_cors(app: Flask, origins: list[str], credentials: bool) -> None:
    flask_cors.CORS(app, origins=origins, supports_credentials=credentials)


def with_wsgicors(app: Flask, origins: list[str], credentials: bool) -> None:
    app.wsgi_app = wsgicors.CORS(  # which is how Flask's documentation does it
        app.wsgi_app, origin=" ".join(origins), methods="*", headers="*", credentials="true" if credentials else "false"
    )


def routes() -> Flask:
    app = Flask(__name__)
    app.secret_key = "compared"

    @app.get("/")
    def view() -> str:
        return "view"

    @app.get("/session")
    def with_session() -> Response:
        session["seen"] = True
        return Response("view", headers={"Vary": "Accept-Encoding"})

    return app


def ask(plug: Plug, origins: list[str], origin: str | None, path: str = "/", **more: Any) -> Any:
    app = routes()
    if more.get("login"):
        app.before_request(lambda: ("who are you?", 401))
    plug(app, origins, bool(more.get("credentials")))
    headers = {} if origin is None else {"Origin": origin}
    if more.get("preflight"):
        headers["Access-Control-Request-Method"] = "PUT"
    return app.test_client().open(path, method="OPTIONS" if more.get("preflight") else "GET", headers=headers)


APP = "https://app.example.com"
SUBDOMAINS = ["https://*.example.com"]


def allowed(answer: Any, origin: str) -> str:
    return "yes" if answer.headers.get("Access-Control-Allow-Origin") in (origin, "*") else "no"


def an_attackers_domain(plug: Plug) -> str:
    found = [
        origin
        for origin in (
            "https://xexample.com.evil.com",
            "https://evil.com/.example.com",
            "https://a.example.com.evil.com",
        )
        if allowed(ask(plug, SUBDOMAINS, origin), origin) == "yes"
    ]
    return "yes" if found else "no"


def everyone_with_credentials(plug: Plug) -> str:
    try:
        answer = ask(plug, ["*"], "https://evil.test", credentials=True)
    except corsrules.ConfigError as error:
        return f"refused at start ({error.findings[0].code})"
    origin = answer.headers["Access-Control-Allow-Origin"]
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    return "that origin, with cookies" if origin == "https://evil.test" else f"`{origin}`, which browsers refuse"


def a_slash_too_many(plug: Plug) -> str:
    try:
        answer = ask(plug, [f"{APP}/"], APP)
    except corsrules.ConfigError as error:
        return f"refused at start ({error.findings[0].code})"
    return {"yes": "allows the origin", "no": "never matches, silently"}[allowed(answer, APP)]


def vary(answer: Any) -> str:
    return "yes" if "Origin" in ",".join(answer.headers.getlist("Vary")) else "no"


#: Each row of the README's table: the question, and who answers it.
QUESTIONS: dict[str, Callable[[Plug], str]] = {
    "`https://*.example.com` lets in `https://foo.example.com`": lambda plug: allowed(
        ask(plug, SUBDOMAINS, "https://foo.example.com"), "https://foo.example.com"
    ),
    "the same lets in an attacker's domain": an_attackers_domain,
    "every origin, with credentials: `https://evil.test` is answered": everyone_with_credentials,
    "`https://app.example.com/` (with a slash) for an origin": a_slash_too_many,
    "`Vary: Origin` also where the origin is denied": lambda plug: vary(ask(plug, [APP], "https://evil.test")),
    "`Vary: Origin` where the view sets `Vary` and uses the session": lambda plug: vary(
        ask(plug, [APP, "https://admin.example.com"], APP, "/session")
    ),
    "a preflight under a login check in `before_request`": lambda plug: str(
        ask(plug, [APP], APP, preflight=True, login=True).status_code
    ),
}

LIBRARIES: dict[str, Callable[[Path], Plug]] = {
    "corsrules": with_corsrules,
    f"flask-cors {version('flask-cors')}": lambda folder: with_flask_cors,
    f"wsgicors {version('wsgicors')}": lambda folder: with_wsgicors,
}


def table() -> list[list[str]]:
    lines = [line for line in README.splitlines() if line.startswith("|")]
    start = next(at for at, line in enumerate(lines) if "flask-cors 6" in line)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[start : start + 2 + len(QUESTIONS)]]


def test_the_table_has_these_questions_and_libraries() -> None:
    head, _, *rows = table()
    assert head[1:] == list(LIBRARIES)
    assert [row[0] for row in rows] == list(QUESTIONS)


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_does_what_the_readme_says(library: str, question: str, tmp_path: Path) -> None:
    head, _, *rows = table()
    said = rows[list(QUESTIONS).index(question)][head.index(library)]
    assert QUESTIONS[question](LIBRARIES[library](tmp_path)) == said
