"""What several test modules share: an application made from the text of a `cors.toml`, and a raw WSGI request to it."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import pytest
from environs import environ
from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.test import run_wsgi_app

from corsrules.flask import CorsRules


class Answered(NamedTuple):
    """What came back over WSGI."""

    status: int
    headers: Headers
    body: bytes

    @property
    def cors(self) -> dict[str, str]:
        """The `Access-Control-*` headers by lower-case name; none may stand twice."""
        found = [(name.lower(), value) for name, value in self.headers if name.lower().startswith("access-control-")]
        assert len(dict(found)) == len(found), f"doubled: {found}"
        return dict(found)

    @property
    def vary(self) -> set[str]:
        """The lower-case names in `Vary`, which has one line at most and no name twice."""
        lines = self.headers.getlist("Vary")
        assert len(lines) <= 1, f"several lines: {lines}"
        names = [name.strip().lower() for line in lines for name in line.split(",")]
        assert len(set(names)) == len(names), f"doubled: {names}"
        return set(names)


def _send(
    app: Flask,
    path: str = "/",
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    *,
    script_name: str = "",
) -> Answered:
    """One request with exactly these bytes: `path` is `PATH_INFO`, and no client corrects a header or adds one."""
    body, status, answered = run_wsgi_app(app, environ(path, method, headers, SCRIPT_NAME=script_name), buffered=True)
    return Answered(int(status.split()[0]), answered, b"".join(body))


@pytest.fixture(scope="session")
def send() -> Callable[..., Answered]:
    return _send


@pytest.fixture(scope="session")
def make_app(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Flask]:
    """`make_app(text)`: an application in a folder of its own that obeys `text`; `make_app(None)`: only the folder."""

    def make(text: str | None, *, profile: str | None = None) -> Flask:
        folder = tmp_path_factory.mktemp("app")
        app = Flask(__name__, root_path=str(folder))
        if text is not None:
            (folder / "cors.toml").write_text(text, encoding="utf-8")
            CorsRules(app, profile=profile)
        return app

    return make


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CORSRULES_FILE", "CORSRULES_PROFILE"):  # the others say how much a test tries
            patch.delenv(name, raising=False)
        yield
