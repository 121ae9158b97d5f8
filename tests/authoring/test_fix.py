"""`check --fix`: what is certain is repaired, nothing else changes, and nobody else gets in."""

from __future__ import annotations

import os
import random
import stat
from pathlib import Path

import pytest
import tomli
from click.testing import CliRunner, Result

import corsrules
from corsrules import loading
from corsrules.authoring import fix
from corsrules.checks import patterns
from corsrules.cli import main
from corsrules.language import rewriting
from corsrules.language.origin_pattern import parse


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["check", *arguments])


def fixed(text: str) -> str:
    inspection = loading.inspect(text, "cors.toml")
    return fix.fix(inspection.file, inspection.findings).text


def rule(origin: str) -> str:
    return f"version = 1\n[[rules]]\norigins = ['{origin}']\n"


@pytest.mark.parametrize(
    ("written", "repaired"),
    [
        pytest.param("https://app.example.com/", "https://app.example.com", id="a slash at the end"),
        pytest.param("https://App.Example.com", "https://app.example.com", id="upper case"),
        pytest.param("https://app.example.com:443", "https://app.example.com", id="the default port"),
        pytest.param(" https://app.example.com\t", "https://app.example.com", id="white space around"),
        pytest.param("https://bücher.example", "https://xn--bcher-kva.example", id="an international name"),
        pytest.param("https://BÜCHER.example:443/", "https://xn--bcher-kva.example", id="several at once"),
        pytest.param("https://*.Example.com", "https://*.example.com", id="a pattern"),
        pytest.param("http://localhost:80", "http://localhost", id="http"),
    ],
)
def test_repaired(written: str, repaired: str) -> None:
    assert fixed(rule(written)) == rule(repaired)


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("app.example.com", id="no scheme: http or https?"),
        pytest.param("https://app.example.com/api", id="a path: perhaps only that was meant"),
        pytest.param("https://app.example.com.", id="a trailing dot: another origin"),
        pytest.param("https://app.example.com//", id="two slashes"),
        pytest.param(r"^https://app\.example\.com$", id="a regular expression"),
        pytest.param("https://a.example, https://b.example", id="two origins"),
        pytest.param("https://a.*.example", id="a wildcard in the middle"),
        pytest.param("https://me@app.example.com", id="a user"),
        pytest.param("null", id="null"),
        pytest.param("http://127.1", id="a short address"),
        pytest.param("https://app.example.com:80", id="another port"),
    ],
)
def test_left_to_the_person(written: str) -> None:
    assert fixed(rule(written)) == rule(written)


def test_everything_else_stays_as_it_is() -> None:
    before = (
        b"\xef\xbb\xbf# who \xf0\x9f\x98\x80\r\n"
        b"version = 1   # one\r\n"
        b"[profiles.p.origins]\r\n"
        b'\tweb = [ "https://App.example.com/" , # \xf0\x9f\x98\x80 here\r\n'
        b"  '''HTTPS://b.example.com''', ]\r\n"
        b"[[rules]]\r\n"
        b"origins = ['web', \"https://c.example.com:443\"] # end"
    )
    Path("cors.toml").write_bytes(before)
    result = run("--fix")
    assert result.exit_code == 0
    after = before.replace(b"https://App.example.com/", b"https://app.example.com")
    after = after.replace(b"'''HTTPS://b.example.com'''", b"'https://b.example.com'")
    after = after.replace(b"https://c.example.com:443", b"https://c.example.com")
    assert Path("cors.toml").read_bytes() == after


def test_what_was_done_is_shown() -> None:
    Path("cors.toml").write_text(rule("https://App.example.com"))
    result = run("--fix", "--diff")
    assert result.stdout == "cors.toml: no findings\n"
    assert result.stderr.splitlines() == [
        "cors.toml: 1 repaired",
        "--- cors.toml",
        "+++ cors.toml (repaired)",
        "@@ -1,3 +1,3 @@",
        " version = 1",
        " [[rules]]",
        "-origins = ['https://App.example.com']",
        "+origins = ['https://app.example.com']",
    ]


def test_what_is_left_is_reported() -> None:
    Path("cors.toml").write_text(rule("https://App.example.com', 'app.example.com"))
    result = run("--fix")
    assert result.exit_code == 1
    assert "error[CR010]" in result.stdout
    assert "CR012" not in result.stdout


def test_a_file_that_needs_no_repair_is_not_touched() -> None:
    file = Path("cors.toml")
    file.write_text(rule("https://app.example.com"))
    os.utime(file, (1, 1))
    assert run("--fix").exit_code == 0
    assert file.stat().st_mtime == 1


def test_links_and_permissions_stay() -> None:
    Path("real.toml").write_text(rule("https://App.example.com"))
    Path("real.toml").chmod(0o640)
    Path("cors.toml").symlink_to("real.toml")
    assert run("--fix").exit_code == 0
    assert Path("cors.toml").is_symlink()
    assert Path("real.toml").read_text() == rule("https://app.example.com")
    assert stat.S_IMODE(Path("real.toml").stat().st_mode) == 0o640
    assert sorted(os.listdir()) == ["cors.toml", "real.toml"]


def test_a_file_that_cannot_be_replaced_stays_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("cors.toml").write_text(rule("https://App.example.com"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    result = run("--fix")
    assert result.exit_code == 2
    assert "No space left on device" in result.stderr
    assert Path("cors.toml").read_text() == rule("https://App.example.com")
    assert os.listdir() == ["cors.toml"]


#: What is wrong with the repair, the repair, what is said.
REFUSED = [
    ("it closes the string", "https://a.example' x", "the repaired file would not be TOML"),
    ("it adds a string", "https://a.example', 'https://b.example", "the repaired file would say something else"),
    ("it is misspelt itself", "https://App.example.com", "the repairs in line 3 would need repair again"),
]


@pytest.mark.parametrize(("repair", "said"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_repair_that_goes_wrong_is_not_written(repair: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No known spelling leads there, and none is written without its escapes; here both are so."""
    Path("cors.toml").write_text(rule("https://App.example.com"))
    monkeypatch.setattr(rewriting, "written", lambda value, quote: f"{quote}{value}{quote}")
    monkeypatch.setattr(patterns, "certain_spelling", lambda _: repair)
    result = run("--fix")
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"cors.toml was not repaired: {said}" in result.stderr
    assert Path("cors.toml").read_text() == rule("https://App.example.com")


@pytest.mark.parametrize("arguments", [("--diff",), ("--fix", "-")], ids=["--diff alone", "standard input"])
def test_wrong_usage(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


def test_a_repaired_file_allows_nobody_else_and_a_second_run_changes_nothing() -> None:
    """Over random files: what is allowed afterwards is what the repaired spellings name, and no other text changed."""
    seed = int(os.environ.get("CORSRULES_SEED", "20261122"))
    dice = random.Random(seed)
    repairs = 0
    for _ in range(int(os.environ.get("CORSRULES_FILES", "300"))):
        names = [f"https://{dice.choice('abc')}{dice.randrange(9)}.example.com" for _ in range(dice.randrange(1, 4))]
        names += [f"https://*.{dice.choice('xyz')}.example.com"]
        written = [_misspelt(name, dice) for name in names]
        listed = ",\n".join(dice.choice(["'{}'", '"{}"', "'''{}'''"]).format(each) for each in written)
        text = f"version = 1 # {dice.random()}\n[[rules]]\norigins = [ # {dice.random()}\n{listed}]\n"
        result = fixed(text)
        repairs += sum(before != after for before, after in zip(written, names, strict=True))
        origins = tomli.loads(result)["rules"][0]["origins"]
        assert origins == names, f"seed {seed}:\n{text}"
        assert fixed(result) == result, f"seed {seed}:\n{text}"
        assert [parse(each) for each in origins] == [parse(each) for each in names]
        assert corsrules.loads(result).decide("/", "https://evil.example").allowed is False
    assert repairs > 100


def _misspelt(name: str, dice: random.Random) -> str:
    for mistake in (str.upper, "{}:443".format, "{}/".format, " {}".format):
        if dice.random() < 0.4:
            name = mistake(name)
    return name
