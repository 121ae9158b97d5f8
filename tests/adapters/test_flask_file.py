"""Which file and which profile an application obeys, and that it does not start with one that cannot be used."""

import os

import pytest
from adapter_cases import APP, STRANGER, one_rule
from flask import Flask

import corsrules
from corsrules import ConfigError
from corsrules.flask import CorsRules


@pytest.fixture
def app(make_app):
    """An application that obeys no file yet; its one view is `/x`."""
    app = make_app(None)
    app.add_url_rule("/x", "view", lambda: "view")
    return app


# --- which file, which profile ----------------------------------------------------------------------------------------


def write(app, name, text):
    path = os.path.join(app.root_path, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


PRECEDENCE = [
    pytest.param("argument", "config", "environment", "argument", id="the argument wins"),
    pytest.param("argument", None, "environment", "argument", id="the argument wins over the environment"),
    pytest.param(None, "config", "environment", "config", id="then the application's config"),
    pytest.param(None, None, "environment", "environment", id="then the environment"),
]


@pytest.mark.parametrize(
    ("argument", "config", "environment", "chosen"),
    [
        *PRECEDENCE,
        pytest.param(None, None, None, "cors", id="then cors.toml"),
        pytest.param(None, None, "", "cors", id="an empty environment variable counts as absent"),
    ],
)
@pytest.mark.parametrize("given_to", ["the constructor", "init_app"])
def test_which_file(app, send, monkeypatch, argument, config, environment, chosen, given_to):
    for name in ("argument", "config", "environment", "cors"):
        write(app, f"{name}.toml", one_rule(f"https://{name}.example"))
    if config is not None:
        app.config["CORSRULES_FILE"] = f"{config}.toml"
    if environment is not None:
        monkeypatch.setenv("CORSRULES_FILE", environment and f"{environment}.toml")
    file = argument and f"{argument}.toml"
    if given_to == "init_app":
        CorsRules().init_app(app, file)
    else:
        CorsRules(app, file)

    origin = f"https://{chosen}.example"
    assert send(app, "/x", headers={"Origin": origin}).cors == {"access-control-allow-origin": origin}


PROFILES = "version = 1\n" + "".join(
    f'[profiles.{name}]\norigins.web = ["https://{name}.example"]\n' for name in ("argument", "config", "environment")
)


@pytest.mark.parametrize(("argument", "config", "environment", "chosen"), PRECEDENCE)
@pytest.mark.parametrize("given_to", ["the constructor", "init_app"])
def test_which_profile(app, send, monkeypatch, argument, config, environment, chosen, given_to):
    write(app, "cors.toml", PROFILES + '[[rules]]\norigins = ["web"]\n')
    if config is not None:
        app.config["CORSRULES_PROFILE"] = config
    monkeypatch.setenv("CORSRULES_PROFILE", environment)
    if given_to == "init_app":
        CorsRules().init_app(app, profile=argument)
    else:
        CorsRules(app, profile=argument)

    origin = f"https://{chosen}.example"
    assert send(app, "/x", headers={"Origin": origin}).cors == {"access-control-allow-origin": origin}


def test_which_profile_without_a_choice_is_the_only_one(app, send):
    only = '[profiles.live]\norigins.web = ["https://app.example.com"]\n[[rules]]\norigins = ["web"]'
    write(app, "cors.toml", "version = 1\n" + only)
    CorsRules(app)

    assert send(app, "/x", headers={"Origin": APP}).cors == {"access-control-allow-origin": APP}


@pytest.mark.parametrize("profile", [None, "prodution"])
def test_no_profile_chosen_stops_the_application_and_lists_the_names(make_app, profile):
    with pytest.raises(ConfigError) as caught:
        make_app(PROFILES + '[[rules]]\norigins = ["web"]\n', profile=profile)

    for name in ("argument", "config", "environment"):
        assert name in str(caught.value)


@pytest.mark.parametrize("given", ["argument", "config", "environment"])
def test_a_file_is_relative_to_the_application_and_not_to_the_working_directory(
    app, send, monkeypatch, tmp_path, given
):
    write(app, "settings/cors.toml", one_rule(APP))
    (tmp_path / "settings").mkdir()
    (tmp_path / "settings" / "cors.toml").write_text(one_rule(STRANGER))
    monkeypatch.chdir(tmp_path)
    file = os.path.join("settings", "cors.toml")
    if given == "config":
        app.config["CORSRULES_FILE"] = file
    if given == "environment":
        monkeypatch.setenv("CORSRULES_FILE", file)
    CorsRules(app, file if given == "argument" else None)

    assert send(app, "/x", headers={"Origin": APP}).cors == {"access-control-allow-origin": APP}
    assert send(app, "/x", headers={"Origin": STRANGER}).cors == {}


def test_a_file_may_be_a_path_object_and_absolute(app, send, tmp_path):
    (tmp_path / "rules.toml").write_text(one_rule(APP))
    CorsRules(app, tmp_path / "rules.toml")

    assert send(app, "/x", headers={"Origin": APP}).cors == {"access-control-allow-origin": APP}


def test_an_application_obeys_one_file(app):
    write(app, "cors.toml", one_rule(APP))
    CorsRules(app)
    other = CorsRules()
    for again in (lambda: CorsRules(app), lambda: other.init_app(app, "another.toml")):
        with pytest.raises(
            RuntimeError, match=r"obeys .*cors\.toml already; call CorsRules\(app\) or init_app\(app\) once"
        ):
            again()


# --- a file that cannot be used ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("version = 1\n[[rules]\n", id="not TOML"),
        pytest.param("version = 2\n", id="a newer version"),
        pytest.param(one_rule(APP, more="orgins = []\n"), id="an unknown key"),
        pytest.param(one_rule("app.example.com"), id="a malformed pattern"),
        pytest.param(one_rule("*", more="credentials = true\n"), id="a star with credentials"),
        pytest.param(one_rule(f"{APP}/", path="api", more='methods = ["put"]\n') + "[fallbak]\n", id="several at once"),
    ],
)
def test_a_file_with_errors_stops_the_application_with_what_check_says(app, text):
    path = write(app, "cors.toml", text)

    with pytest.raises(ConfigError) as caught:
        CorsRules(app)

    assert caught.value.findings == corsrules.check(path)
    for finding in corsrules.check(path):
        assert f"{finding.severity}[{finding.code}]: {finding.message}" in str(caught.value)
        assert f"{path}:{finding.line}:{finding.column}" in str(caught.value)
        assert (finding.help or "") in str(caught.value)


def test_an_error_in_a_profile_that_is_not_chosen_stops_the_application_too(make_app):
    text = PROFILES.replace("https://config.example", "https://config.example/") + '[[rules]]\norigins = ["web"]\n'

    with pytest.raises(ConfigError):
        make_app(text, profile="argument")


def test_a_missing_file_is_named_with_its_absolute_path(app):
    with pytest.raises(OSError, match=r"nowhere") as caught:
        CorsRules(app, "nowhere/cors.toml")

    assert os.path.join(app.root_path, "nowhere", "cors.toml") in str(caught.value)
    assert "corsrules init" in caught.value.__notes__[0]


def test_a_missing_file_is_named_with_its_absolute_path_also_from_a_relative_root(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    app = Flask(__name__, root_path="application")

    with pytest.raises(OSError, match=r"cors\.toml") as caught:
        CorsRules(app)

    assert str(tmp_path / "application" / "cors.toml") in str(caught.value)
