"""The matchers of `rule_sets`, and applications that obey them."""

from collections.abc import Callable

import pytest
from flask import Flask
from rule_sets import RULE_SETS, answering_on_every_path

import corsrules


@pytest.fixture(scope="session")
def matchers() -> dict[str, corsrules.Matcher]:
    return {name: corsrules.loads(text, profile=profile) for name, (text, profile) in RULE_SETS.items()}


@pytest.fixture(scope="session")
def apps(make_app: Callable[..., Flask]) -> dict[str, Flask]:
    return {
        name: answering_on_every_path(make_app(text, profile=profile)) for name, (text, profile) in RULE_SETS.items()
    }
