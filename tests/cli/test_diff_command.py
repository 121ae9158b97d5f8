"""`corsrules diff`: what it prints, where, and its exit codes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from corsrules.cli import main

A = 'version = 1\n[[rules]]\norigins = ["https://a.example.com"]\n'
AB = 'version = 1\n\n[[rules]]\norigins = [\n  "https://b.example.com",\n  "https://a.example.com",\n]\n'
BA = 'version = 1\n[[rules]]\norigins = ["https://a.example.com"]\n[[rules]]\norigins = ["https://b.example.com"]\n'
WIDE = 'version = 1\n[[rules]]\norigins = ["https://**.example.com"]\n'
BROKEN = 'version = 1\n[[rules]]\norigins = ["https://a.example.com/"]\n'
TWO = """\
version = 1
[profiles.production.origins]
web = ["https://a.example.com"]
[profiles.staging]
inherits = "production"
origins.web = ["https://pr-*.example.com"]
[[rules]]
origins = ["web"]
"""
PUT = A + 'methods = ["PUT"]\n'
API = A + 'paths = ["/api/*"]\n'
MANY = f"version = 1\n[[rules]]\norigins = {[f'https://{number}.example.com' for number in range(202)]}\n"
FALLBACK = A + '[fallback]\nheaders = ["x-origin"]\n'
FILES = {"a": A, "ab": AB, "ba": BA, "wide": WIDE, "broken": BROKEN, "two": TWO}
FILES |= {"put": PUT, "api": API, "many": MANY, "fallback": FALLBACK}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CORSRULES_PROFILE", raising=False)
    for name, text in FILES.items():
        Path(f"{name}.toml").write_text(text, encoding="utf-8")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ("diff", *arguments), prog_name="corsrules")


#: what it shows, the arguments, the exit code, a part of standard output, a part of standard error
RUNS: list[tuple[str, tuple[str, ...], int, str, str]] = [
    ("the same file", ("a.toml", "a.toml"), 0, "no difference", ""),
    ("the same access, written otherwise", ("ab.toml", "ba.toml"), 0, "no difference", ""),
    ("someone gains", ("a.toml", "ab.toml"), 1, "widens: gains  https://b.example.com", ""),
    ("someone loses", ("ab.toml", "a.toml"), 1, "loses  https://b.example.com", ""),
    ("a pattern with an example", ("a.toml", "wide.toml"), 1, "https://x.example.com", ""),
    ("a pattern and who is left out", ("a.toml", "wide.toml"), 1, "except https://a.example.com", ""),
    ("--fail-on widen, and someone gains", ("a.toml", "ab.toml", "--fail-on", "widen"), 1, "gains", ""),
    ("--fail-on widen, and nobody gains", ("ab.toml", "a.toml", "--fail-on", "widen"), 0, "nobody gains access", ""),
    (
        "drift",
        ("two.toml", "--old-profile", "production", "--new-profile", "staging"),
        1,
        "https://pr-*.example.com",
        "",
    ),
    ("one profile twice", ("two.toml", "two.toml", "--profile", "staging"), 0, "no difference", ""),
    ("one of the profiles", ("two.toml", "two.toml", "--old-profile", "staging"), 1, "no profile is chosen", ""),
    ("an unknown profile", ("two.toml", "two.toml", "--profile", "x"), 1, "no profile `x`", ""),
    ("a profile of a file without", ("a.toml", "ab.toml", "--profile", "x"), 1, "no profiles", ""),
    ("one file and one profile", ("two.toml", "--old-profile", "production"), 2, "", "--new-profile"),
    ("both kinds of profile", ("a.toml", "ab.toml", "--profile", "x", "--old-profile", "y"), 2, "", "both sides"),
    ("a missing file", ("a.toml", "nowhere.toml"), 2, "", "nowhere.toml"),
    ("a name that no file can have", ("a\0.toml", "a.toml"), 2, "", "cannot read 'a\\x00.toml': embedded null byte"),
    ("a file with errors", ("broken.toml", "a.toml"), 1, "error[CR011]", ""),
    (
        "a new file with errors, and nobody gains",
        ("a.toml", "broken.toml", "--fail-on", "widen"),
        1,
        "error[CR011]",
        "",
    ),
    ("an unknown format", ("a.toml", "a.toml", "--format", "xml"), 2, "", "xml"),
    ("a warning for GitHub", ("a.toml", "ab.toml", "--format", "github"), 1, "::warning file=ab.toml,title=", ""),
    ("a notice for GitHub", ("ab.toml", "a.toml", "--format", "github"), 1, "::notice file=a.toml,title=", ""),
    ("markdown", ("a.toml", "ab.toml", "--format", "markdown"), 1, "| ⚠️ **widens** gains | <code>/&#42;</code> |", ""),
    (
        "someone gets more",
        ("a.toml", "put.toml"),
        1,
        "  widens: changes  https://a.example.com\n      gains methods PUT",
        "",
    ),
    ("someone gets less", ("put.toml", "a.toml"), 1, "  changes  https://a.example.com\n      loses methods PUT", ""),
    ("a path comes under a rule", ("api.toml", "a.toml"), 1, "/*\n  a rule governs it now: the CORS headers", ""),
    ("a path goes out of all rules", ("a.toml", "api.toml"), 1, "/*\n  no rule governs it any more", ""),
    (
        "such a path for GitHub",
        ("a.toml", "api.toml", "--format", "github"),
        1,
        "::notice file=api.toml,title=CORS access changes::/*: no rule governs it any more",
        "",
    ),
    ("another fallback", ("a.toml", "fallback.toml"), 1, "fallback\n  widens: headers: none -> x-origin\n", ""),
    ("a fallback less", ("fallback.toml", "a.toml"), 1, "fallback\n  headers: x-origin -> none\n", ""),
    (
        "another fallback for GitHub",
        ("a.toml", "fallback.toml", "--format", "github"),
        1,
        "::warning file=fallback.toml,title=CORS access widens::fallback headers: none -> x-origin",
        "",
    ),
    (
        "another fallback in markdown",
        ("a.toml", "fallback.toml", "--format", "markdown"),
        1,
        "- ⚠️ **widens** fallback <code>headers</code>: <code>none</code> → <code>x-origin</code>",
        "",
    ),
    ("more rows than a comment takes", ("a.toml", "many.toml", "--format", "markdown"), 1, "\n… and 3 more\n", ""),
    ("markdown, no difference", ("a.toml", "a.toml", "--format", "markdown"), 0, "no difference", ""),
]


@pytest.mark.parametrize(("arguments", "code", "out", "err"), [row[1:] for row in RUNS], ids=[row[0] for row in RUNS])
def test_run(arguments: tuple[str, ...], code: int, out: str, err: str) -> None:
    result = run(*arguments)
    assert result.exit_code == code, result.output
    assert out in result.stdout
    assert err in result.stderr
    assert (result.stdout == "") is (out == "")
    assert (result.stderr == "") is (err == "")


STAGING = TWO.replace("pr-*", "**")
THREE = TWO.replace("[[rules]]", "[profiles.test.origins]\nweb = []\n[[rules]]")
ONE = "".join(line for line in TWO.splitlines(keepends=True) if "staging" not in line and "pr-" not in line)
ONE = ONE.replace('inherits = "production"\n', "")

#: what it shows, the old file, the new one, the arguments, the exit code, standard output
PROFILES: list[tuple[str, str, str, tuple[str, ...], int, str]] = [
    (
        "the same in every profile",
        TWO,
        TWO,
        (),
        0,
        "old.toml (production) -> new.toml (production): no difference\n"
        "old.toml (staging) -> new.toml (staging): no difference\n",
    ),
    (
        "different in one",
        TWO,
        STAGING,
        (),
        1,
        "old.toml (production) -> new.toml (production): no difference\n"
        "/*\n"
        "  widens: gains  https://**.example.com except https://pr-*.example.com\n"
        "      reading\n"
        "      for example https://x.example.com\n"
        "\n"
        "old.toml (staging) -> new.toml (staging): someone gains access\n",
    ),
    ("in the one that is named", TWO, STAGING, ("--profile", "production"), 0, "no difference\n"),
    (
        "a new profile",
        TWO,
        THREE,
        ("--fail-on", "widen"),
        1,
        "old.toml (production) -> new.toml (production): no difference\n"
        "old.toml (staging) -> new.toml (staging): no difference\n"
        "widens: only new.toml has the profile test: all that it allows is new\n",
    ),
    (
        "a profile less",
        TWO,
        ONE,
        (),
        1,
        "old.toml (production) -> new.toml (production): no difference\n"
        "only old.toml has the profile staging: whoever uses it has none in new.toml\n",
    ),
    (
        "a profile less, and nobody gains",
        TWO,
        ONE,
        ("--fail-on", "widen"),
        0,
        "old.toml (production) -> new.toml (production): no difference\n"
        "only old.toml has the profile staging: whoever uses it has none in new.toml\n",
    ),
    (
        "no profile in common",
        ONE,
        ONE.replace("production", "live"),
        (),
        1,
        "widens: only new.toml has the profile live: all that it allows is new\n"
        "only old.toml has the profile production: whoever uses it has none in new.toml\n",
    ),
    (
        "a side without profiles",
        A,
        TWO,
        (),
        1,
        "old.toml -> new.toml (production): no difference\n"
        "/*\n"
        "  widens: gains  https://pr-*.example.com\n"
        "      reading\n"
        "      for example https://pr-x.example.com\n"
        "  loses  https://a.example.com\n"
        "      reading\n"
        "      for example https://a.example.com\n"
        "\n"
        "old.toml -> new.toml (staging): someone gains access\n",
    ),
    ("no side has profiles", A, A, (), 0, "no difference\n"),
]


@pytest.mark.parametrize(
    ("old", "new", "arguments", "code", "out"), [row[1:] for row in PROFILES], ids=[row[0] for row in PROFILES]
)
def test_every_profile_is_compared_where_none_is_named(
    old: str, new: str, arguments: tuple[str, ...], code: int, out: str
) -> None:
    Path("old.toml").write_text(old, encoding="utf-8")
    Path("new.toml").write_text(new, encoding="utf-8")
    result = run("old.toml", "new.toml", *arguments)
    assert (result.exit_code, result.stdout, result.stderr) == (code, out, "")
    document = json.loads(run("old.toml", "new.toml", *arguments, "--format", "json").stdout)
    assert document["different"] == (out.count("no difference") < len(out.splitlines()))
    assert document["widens"] == ("widens: " in out)
    assert document["only_new"] == [line.split()[6].rstrip(":") for line in out.splitlines() if "only new" in line]
    assert document["only_old"] == [line.split()[5].rstrip(":") for line in out.splitlines() if "only old" in line]
    assert len(document["compared"]) == out.count("no difference") + out.count("someone gains")


def test_the_environment_names_a_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("new.toml").write_text(STAGING, encoding="utf-8")
    monkeypatch.setenv("CORSRULES_PROFILE", "production")
    assert run("two.toml", "new.toml").stdout == "no difference\n"
    monkeypatch.setenv("CORSRULES_PROFILE", "staging")
    assert run("two.toml", "new.toml").stdout.endswith(
        "two.toml (staging) -> new.toml (staging): someone gains access\n"
    )


def test_json_names_the_profiles_of_each_part() -> None:
    Path("new.toml").write_text(STAGING + FALLBACK.removeprefix(A), encoding="utf-8")
    document = json.loads(run("two.toml", "new.toml", "--format", "json").stdout)
    assert (document["old"], document["new"]) == ("two.toml", "new.toml")
    assert document["compared"] == [
        {"old_profile": "production", "new_profile": "production", "different": True, "widens": True},
        {"old_profile": "staging", "new_profile": "staging", "different": True, "widens": True},
    ]
    assert [(part["old_profile"], part["new_profile"]) for part in document["paths"]] == [("staging", "staging")]
    assert [each["new_profile"] for each in document["fallback"]] == ["production", "staging"]


def test_a_comment_and_annotations_have_every_profile() -> None:
    Path("new.toml").write_text(STAGING.replace("[[rules]]", "[profiles.test.origins]\nweb = []\n[[rules]]"))
    assert run("two.toml", "new.toml", "--format", "markdown").stdout.splitlines() == [
        "- two.toml (production) -&#62; new.toml (production): no difference",
        "**two.toml (staging) -&#62; new.toml (staging): someone gains access**",
        "",
        "| | paths | origins | what | for example |",
        "|---|---|---|---|---|",
        "| ⚠️ **widens** gains | <code>/&#42;</code> | <code>https://&#42;&#42;.example.com except "
        "https://pr-&#42;.example.com</code> | reading | <code>https://x.example.com</code> |",
        "",
        "- ⚠️ **widens** only new.toml has the profile test: all that it allows is new",
    ]
    assert run("two.toml", "new.toml", "--format", "github").stdout.splitlines() == [
        "::warning file=new.toml,title=CORS access widens::two.toml (staging) -> new.toml (staging): /*: "
        "https://**.example.com except https://pr-*.example.com gains: reading; for example https://x.example.com",
        "::warning file=new.toml,title=CORS access widens::"
        "only new.toml has the profile test: all that it allows is new",
    ]


def test_gains_come_first() -> None:
    Path("c.toml").write_text(A.replace("a.example", "c.example"), encoding="utf-8")
    lines = run("ab.toml", "c.toml").stdout.splitlines()
    marks = [line.split()[0] for line in lines if " https://" in line and "example https" not in line]
    assert marks == ["widens:", "loses", "loses"]


def test_json() -> None:
    document = json.loads(run("a.toml", "wide.toml", "--format", "json").stdout)
    assert (document["version"], document["different"], document["widens"]) == (1, True, True)
    (region,) = document["paths"]
    assert region["paths"] == [{"path": "/*", "example": "/"}]
    (change,) = region["changes"]
    assert change["effect"] == "gains"
    assert (change["origins"], change["except"], change["example"]) == (
        "https://**.example.com",
        ["https://a.example.com"],
        "https://x.example.com",
    )
    assert change["old"] is None
    assert change["new"]["credentials"] is False


def test_nothing_in_a_file_is_markup_in_a_comment() -> None:
    Path("odd.toml").write_text(
        'version = 1\n[[rules]]\npaths = ["/a|b`<img src=x>@me/*"]\norigins = ["https://a.example.com"]\n',
        encoding="utf-8",
    )
    found = run("a.toml", "odd.toml", "--format", "markdown").stdout
    assert "<img" not in found
    assert "@me" not in found
    rows = [line for line in found.splitlines() if line.startswith("| ")]
    assert all(row.count("|") == 6 for row in rows)


# --- git --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def _repository(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    for variable in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(variable, "/dev/null")
    Path("cors.toml").write_text(A, encoding="utf-8")
    who = ("-c", "user.name=x", "-c", "user.email=x@example.com")
    for command in (("init", "-q", "-b", "main"), ("add", "cors.toml"), (*who, "commit", "-q", "-m", "x")):
        subprocess.run(["git", *command], check=True)
    Path("cors.toml").write_text(AB, encoding="utf-8")


#: what it shows, the arguments, the exit code, a part of standard output, a part of standard error
REVISIONS: list[tuple[str, tuple[str, ...], int, str, str]] = [
    ("a branch and the file", ("main:cors.toml", "cors.toml"), 1, "gains  https://b.example.com", ""),
    ("a revision twice", ("main:cors.toml", "HEAD:cors.toml"), 0, "no difference", ""),
    ("a path from here", ("main:./cors.toml", "cors.toml"), 1, "gains", ""),
    ("an annotation names the file", ("cors.toml", "main:cors.toml", "--format", "github"), 1, "file=cors.toml,", ""),
    ("an unknown revision", ("nope:cors.toml", "cors.toml"), 2, "", "nope:cors.toml"),
    ("an unknown path", ("main:nope.toml", "cors.toml"), 2, "", "does not exist in 'main'"),
    ("an option for git", ("--", "--output=x:cors.toml", "cors.toml"), 2, "", "git has no such object"),
    ("a command for a shell", ("$(touch x):cors.toml", "cors.toml"), 2, "", "git has no such object"),
    ("a folder", ("main:./", "cors.toml"), 2, "", "git has no such object"),
]


@pytest.mark.usefixtures("_repository")
@pytest.mark.parametrize(
    ("arguments", "code", "out", "err"), [row[1:] for row in REVISIONS], ids=[row[0] for row in REVISIONS]
)
def test_git(arguments: tuple[str, ...], code: int, out: str, err: str) -> None:
    result = run(*arguments)
    assert result.exit_code == code, result.output
    assert out in result.stdout
    assert err in result.stderr
    assert not Path("x").exists()
    assert not Path("x:cors.toml").exists()


#: what it shows, the name of a file that is there, the arguments, the exit code, a part of each output
NAMED_LIKE_A_REVISION: list[tuple[str, str, tuple[str, ...], int, str, str]] = [
    (
        "the revision wins, and that is said",
        "main:cors.toml",
        ("main:cors.toml", "cors.toml"),
        1,
        "gains  https://b.example.com",
        "main:cors.toml is read from git; the file of this name is written ./main:cors.toml\n",
    ),
    ("the file, written as one", "main:cors.toml", ("./main:cors.toml", "cors.toml"), 0, "no difference", ""),
    ("the file by its whole name", "main:cors.toml", ("{}/main:cors.toml", "cors.toml"), 0, "no difference", ""),
    (
        "a revision that is not there is no file",
        "nope:cors.toml",
        ("nope:cors.toml", "cors.toml"),
        2,
        "",
        "a file of this name is written ./nope:cors.toml",
    ),
    (
        "a file in a folder named like a branch",
        "x:y/cors.toml",
        ("x:y/cors.toml", "cors.toml"),
        2,
        "",
        "a file of this name is written ./x:y/cors.toml",
    ),
    ("a name that begins with a colon", ":cors.toml", (":cors.toml", "cors.toml"), 0, "no difference", ""),
    ("a name that ends with one", "cors.toml:", ("cors.toml:", "cors.toml"), 0, "no difference", ""),
]


@pytest.mark.usefixtures("_repository")
@pytest.mark.parametrize(
    ("name", "arguments", "code", "out", "err"),
    [row[1:] for row in NAMED_LIKE_A_REVISION],
    ids=[row[0] for row in NAMED_LIKE_A_REVISION],
)
def test_a_file_that_is_named_like_a_revision(
    name: str, arguments: tuple[str, ...], code: int, out: str, err: str
) -> None:
    Path(name).parent.mkdir(exist_ok=True)
    Path(name).write_text(AB, encoding="utf-8")
    result = run(*(argument.format(Path.cwd()) for argument in arguments))
    assert result.exit_code == code, result.output
    assert out in result.stdout
    assert err in result.stderr
    assert (result.stderr == "") is (err == "")


def test_without_git(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    result = run("main:cors.toml", "a.toml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "git did not start" in result.stderr
