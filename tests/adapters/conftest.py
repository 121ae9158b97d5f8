"""Every adapter as a fixture."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from adapter_cases import RULES, SILENT, Rules, View
from adapter_table import ADAPTERS, Serve
from flask import Flask

import corsrules
from corsrules.flask import CorsRules
from corsrules.wsgi import CorsMiddleware


@pytest.fixture(scope="session", params=ADAPTERS.values(), ids=ADAPTERS)
def serve(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Serve]:
    """`serve(rules, view)`: carries requests to an application that says `view`, under `rules`, by each adapter."""

    @cache
    def serve(rules: Rules = RULES, view: View = SILENT) -> Serve:
        return request.param(rules, view, tmp_path_factory.mktemp("adapter"))

    return serve


def with_rules(app: Flask) -> None:
    """`CorsRules(app)`."""
    Path(app.root_path, "cors.toml").write_text(RULES.text, encoding="utf-8")
    CorsRules(app)


def with_middleware(app: Flask) -> None:
    """`app.wsgi_app = CorsMiddleware(app.wsgi_app, matcher)`."""
    app.wsgi_app = CorsMiddleware(app.wsgi_app, corsrules.loads(RULES.text))


@pytest.fixture(params=[with_rules, with_middleware], ids=["CorsRules", "CorsMiddleware"])
def install(request: pytest.FixtureRequest) -> Callable[[Flask], None]:
    """`install(app)`: puts a Flask application under `RULES`, in each way that there is."""
    return request.param
