"""What several test modules share: an application made from the text of a `cors.toml`, and a raw WSGI request to it."""

import itertools
import logging
from collections.abc import Callable, Iterator, Mapping

import pytest
from answers import Answer, ask
from environs import environ
from flask import Flask

from corsrules.flask import CorsRules


def _send(
    app: Flask,
    path: str = "/",
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    *,
    script_name: str = "",
) -> Answer:
    """One request with exactly these bytes: `path` is `PATH_INFO`, and no client corrects a header or adds one."""
    return ask(app, environ(path, method, headers, SCRIPT_NAME=script_name))


@pytest.fixture(scope="session")
def send() -> Callable[..., Answer]:
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


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Callable[[], list[logging.LogRecord]]:
    """`log()`: the warnings of the logger `corsrules`, in a process that has logged nothing yet."""
    for counter in ("_dropped", "_mounted"):
        monkeypatch.setattr(f"corsrules.wsgi.{counter}", itertools.count())
    caplog.set_level(logging.WARNING, "corsrules")
    return lambda: [record for record in caplog.records if record.name == "corsrules"]


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CORSRULES_FILE", "CORSRULES_PROFILE"):  # the others say how much a test tries
            patch.delenv(name, raising=False)
        yield
