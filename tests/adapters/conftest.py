"""Every adapter as a fixture."""

from collections.abc import Callable
from functools import cache

import pytest
from adapter_cases import RULES, SILENT, Rules, View
from adapter_table import ADAPTERS, Serve


@pytest.fixture(scope="session", params=ADAPTERS.values(), ids=ADAPTERS)
def serve(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Serve]:
    """`serve(rules, view)`: carries requests to an application that says `view`, under `rules`, by each adapter."""

    @cache
    def serve(rules: Rules = RULES, view: View = SILENT) -> Serve:
        return request.param(rules, view, tmp_path_factory.mktemp("adapter"))

    return serve
