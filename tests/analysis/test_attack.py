"""`check --attack`: what is tried, and that its judge is independent and right."""

from __future__ import annotations

from pathlib import Path

import pytest
import reference
import tomli
from click.testing import CliRunner

from corsrules.analysis import attack
from corsrules.cli import main
from corsrules.engine.matcher import Matcher
from corsrules.language import model
from corsrules.language.policy import policies_of

RULES = """\
version = 1
[[rules]]
paths = ["/api/*"]
origins = ["https://app.example.com", "https://*.apps.example.com", "https://**.deep.example.com:8443"]
[[rules]]
paths = ["/v2/api/*", "/exact"]
origins = ["http://10.0.0.1:1000-2000", "https://pr-*.p.example.com", "http://[::1]:*", "capacitor://localhost"]
[[rules]]
paths = ["/open/*"]
origins = ["*"]
[[rules]]
paths = ["/none/*"]
origins = []
"""

CLASSES = [
    "suffix append",
    "prefix prepend",
    "substring",
    "unescaped dot",
    "null",
    "scheme",
    "port",
    "parser differences",
    "special characters",
    "case and Unicode",
    "dots",
    "apex",
    "IP spellings",
    "several",
    "injection",
    "size",
    "path",
]


def tally(text: str) -> attack.Tally:
    (policy,) = policies_of(model.validate(tomli.loads(text)))
    return attack.attack(policy)


def test_every_class_is_tried_and_nothing_gets_in() -> None:
    found = tally(RULES)
    assert sorted(found.counts) == sorted(CLASSES)
    assert found.counts.total() > 800
    assert found.disagreements == []


def test_rules_of_one_path_are_read_together() -> None:
    """A judge that read the first alone would take the others' origins for intruders."""
    names = ("https://a.example.com", "https://b.example.com", "https://*.example.org")
    rules = "".join(f'[[rules]]\npaths = ["/api/*"]\norigins = ["{name}"]\nmax-age = 5\n' for name in names)
    found = tally(f"version = 1\n{rules}")
    assert sorted(found.counts) == sorted(CLASSES)
    assert found.disagreements == []


def test_what_a_wide_pattern_admits_is_told() -> None:
    found = tally('version = 1\n[[rules]]\norigins = ["https://*example.com"]\n')
    assert found.disagreements == []
    assert ("https://evilexample.com", "https://*example.com") not in [
        (each.mutant.origin, each.pattern) for each in found.admitted
    ]  # its apex is com
    assert ("https://evilcom", "https://*example.com") not in [
        (each.mutant.origin, each.pattern) for each in found.admitted
    ]
    wide = tally('version = 1\n[[rules]]\norigins = ["https://example.com", "https://*example.com"]\n')
    assert ("https://evilexample.com", "https://*example.com") in [
        (each.mutant.origin, each.pattern) for each in wide.admitted
    ]


def test_a_matcher_that_lets_somebody_in_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The judge is not the matcher: one with a substring test is caught in many classes."""
    honest = Matcher.decide

    def careless(self: Matcher, path: str, origin: str | None = None) -> object:
        if origin is not None and "app.example.com" in origin and path.startswith("/api"):
            origin = "https://app.example.com"
        return honest(self, path, origin)

    monkeypatch.setattr(Matcher, "decide", careless)
    found = tally(RULES)
    assert {"suffix append", "special characters", "several", "injection"} <= {
        each.kind for each in found.disagreements
    }


@pytest.mark.parametrize(
    "pattern",
    [
        "https://app.example.com",
        "https://*.apps.example.com",
        "https://**.deep.example.com",
        "https://pr-*.p.example.com:8443",
        "http://localhost:*",
        "http://10.0.0.1:79-81",
        "capacitor://localhost",
        "capacitor://*.x:*",
        "moz-extension://**",
        "app://**:*",
        "http://[::1]:*",
    ],
)
def test_the_reading_agrees_with_the_specification(pattern: str) -> None:
    document = model.validate(tomli.loads(f'version = 1\n[[rules]]\norigins = ["{pattern}"]\n'))
    (policy,) = policies_of(document)
    mutants = {mutant.origin for mutant in attack._mutants(policy)}
    assert len(mutants) > 100
    example, _ = attack._example(pattern)
    assert attack.reads_as(pattern, example)
    for origin in mutants:
        assert attack.reads_as(pattern, origin) == reference.pattern_matches(pattern, origin), origin


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cors.toml").write_text(RULES.replace("http://10.0.0.1:1000-2000", "https://x.example"))
    result = CliRunner().invoke(main, ["check", "--attack"])
    assert result.exit_code == 0
    admitted = len(tally(Path("cors.toml").read_text()).admitted)
    assert f" tried, {admitted} got in: {admitted} that a pattern stands for\n" in result.stdout
    assert CliRunner().invoke(main, ["check", "--attack", "--format", "json"]).exit_code == 2


def test_the_command_tells_that_nobody_got_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cors.toml").write_text('version = 1\n[[rules]]\norigins = ["https://app.example.com"]\n')
    assert " tried, 0 got in\n" in CliRunner().invoke(main, ["check", "--attack"]).stdout


def test_the_command_tells_who_got_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cors.toml").write_text('version = 1\n[[rules]]\nname = "r"\norigins = ["https://app.example.com"]\n')
    honest = Matcher.decide

    def careless(self: Matcher, path: str, origin: str | None = None) -> object:
        return honest(self, path, "https://app.example.com" if origin == "null" else origin)

    monkeypatch.setattr(Matcher, "decide", careless)
    result = CliRunner().invoke(main, ["check", "--attack"])
    assert result.exit_code == 1
    assert " tried, 1 got in: 1 by a bug of corsrules\n" in result.stdout
    assert "  a bug of corsrules, please report it: null at /x (null)\n" in result.stdout


def test_the_command_tells_ten_of_those_that_a_wide_pattern_admits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    origins = '"https://app.example.com", "https://**.example.com:*"'
    Path("cors.toml").write_text(f"version = 1\n[[rules]]\norigins = [{origins}]\n")
    admitted = tally(Path("cors.toml").read_text()).admitted
    result = CliRunner().invoke(main, ["check", "--attack"])
    assert (result.exit_code, len(admitted) > 10) == (0, True)
    assert f" tried, {len(admitted)} got in: {len(admitted)} that a pattern stands for\n" in result.stdout
    assert result.stdout.count("  a wide pattern: `https://**.example.com:*` admits ") == 10
    assert result.stdout.endswith(f"  and {len(admitted) - 10} more that a pattern stands for\n")
