"""Which profile is active, and what its groups stand for."""

from __future__ import annotations

import pytest

import corsrules

TWO = """\
version = 1
[profiles.production.origins]
web = ["https://app.example.com"]
partners = ["https://partner.example"]
[profiles.staging]
inherits = "production"
origins.web = ["https://staging.example.com"]
[profiles.development]
development = true
origins.web = ["http://localhost:5173"]
origins.partners = []
[[rules]]
origins = ["web", "partners"]
"""
ONE = """\
version = 1
[profiles.production.origins]
web = ["https://app.example.com"]
[[rules]]
origins = ["web"]
"""
ONE_DEVELOPMENT = ONE.replace("[profiles", "[profiles.production]\ndevelopment = true\n[profiles", 1)
NONE = 'version = 1\n[[rules]]\norigins = ["https://app.example.com"]\n'


@pytest.fixture(autouse=True)
def _no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CORSRULES_PROFILE", raising=False)


@pytest.mark.parametrize(
    ("text", "argument", "variable", "origin"),
    [
        pytest.param(TWO, "production", None, "https://app.example.com", id="the argument chooses"),
        pytest.param(TWO, None, "staging", "https://staging.example.com", id="else the environment"),
        pytest.param(TWO, "production", "staging", "https://app.example.com", id="the argument wins"),
        pytest.param(TWO, "staging", None, "https://partner.example", id="a group that is not given is inherited"),
        pytest.param(TWO, "development", None, "http://localhost:5173", id="development, where it is named"),
        pytest.param(ONE, None, None, "https://app.example.com", id="the only profile"),
        pytest.param(ONE, None, "", "https://app.example.com", id="an empty variable is none"),
        pytest.param(ONE_DEVELOPMENT, "production", None, "https://app.example.com", id="the only one, named"),
        pytest.param(NONE, None, None, "https://app.example.com", id="a file without profiles needs none"),
    ],
)
def test_the_profile_decides_who(
    text: str, argument: str | None, variable: str | None, origin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if variable is not None:
        monkeypatch.setenv("CORSRULES_PROFILE", variable)
    assert corsrules.loads(text, profile=argument).decide("/", origin).allowed


@pytest.mark.parametrize(
    ("text", "profile", "origin"),
    [
        pytest.param(TWO, "staging", "https://app.example.com", id="a group given in the child replaces the parent's"),
        pytest.param(TWO, "production", "http://localhost:5173", id="no laptop reaches production"),
        pytest.param(TWO, "development", "https://partner.example", id="an empty list means nobody"),
    ],
)
def test_the_profile_decides_who_not(text: str, profile: str, origin: str) -> None:
    assert not corsrules.loads(text, profile=profile).decide("/", origin).allowed


@pytest.mark.parametrize(
    ("text", "argument", "variable", "code", "message"),
    [
        pytest.param(TWO, None, None, "CR107", "`production`, `staging`, `development`", id="none among several"),
        pytest.param(TWO, "prod", None, "CR108", "no profile `prod`", id="an unknown name"),
        pytest.param(TWO, None, "prod", "CR108", "no profile `prod`", id="an unknown name in the environment"),
        pytest.param(ONE_DEVELOPMENT, None, None, "CR107", "development profile", id="never implicitly development"),
        pytest.param(NONE, "production", None, "CR108", "the file has no profiles", id="a name for a file without"),
        pytest.param(NONE, None, "production", "CR108", "the file has no profiles", id="the same in the environment"),
    ],
)
def test_no_profile_is_an_error_at_start(
    text: str, argument: str | None, variable: str | None, code: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if variable is not None:
        monkeypatch.setenv("CORSRULES_PROFILE", variable)
    with pytest.raises(corsrules.ConfigError) as raised:
        corsrules.loads(text, profile=argument)
    assert [finding.code for finding in raised.value.findings] == [code]
    assert message in str(raised.value)


def test_an_unknown_name_lists_the_profiles() -> None:
    with pytest.raises(corsrules.ConfigError, match="`production`, `staging`, `development`"):
        corsrules.loads(TWO, profile="prod")


def test_an_error_in_another_profile_stops_too() -> None:
    broken = TWO.replace("https://staging.example.com", "https://staging.example.com/")
    with pytest.raises(corsrules.ConfigError, match="CR011"):
        corsrules.loads(broken, profile="production")
