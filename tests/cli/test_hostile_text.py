"""Whatever comes from outside is text where it is printed: on a terminal, in a log that a machine reads, in a comment.

The names of files and profiles, what a file says, the arguments and what git answers: each hostile text comes in by
each of these ways, to every command that it can reach, in every format, on standard output and on standard error.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from corsrules.cli import main
from corsrules.report import check, diff, explain, show

#: what it would do, the text
HOSTILE = {
    "steer a terminal": "\x1b]0;owned\x07\x1b[2J\x9b31m\ra\x08\u202e\u200b\ufeff\u2028\x85",
    "begin a line with a command for GitHub": "a\n::error ::owned",
    "be such a line": "::error ::owned",
    "be such a line behind spaces": "  ::add-mask::owned",
    "be a command within a line": "a##[error]b##vso[task.complete]c",
    "end a property of an annotation, and be markup": "a,line=1::b%0A<img src=x>|`@me` ![a](b) #1",
    "be half a character": "\udcff",
    "be long": "x" * 5000 + "##[error]owned",
}

#: What a log reads as a command, and the commands that a format for it is made of.
LOG_COMMAND = re.compile(r"^\s*::|##\w*\[")
ANNOTATION = re.compile(
    r"::(error|warning|notice) file=[^:,]*(,line=\d+,endLine=\d+(,col=\d+,endColumn=\d+)?)?,title=[^:,]+::.*"
)
COLORS = re.compile("\x1b\\[[0-9;]*m")

FORMATS = {"check": check.FORMATS, "show": show.FORMATS, "diff": diff.FORMATS, "explain": explain.FORMATS}

GOOD = 'version = 1\n[profiles.production.origins]\nweb = ["https://app.example.com"]\n[[rules]]\norigins = ["web"]\n'


class Way(NamedTuple):
    """How a text comes in: as an argument, or in the environment; `%` stands for it."""

    arguments: tuple[str, ...]
    environment: dict[str, str]

    def run(self, text: str, *options: str) -> Result:
        environment = {name: value.replace("%", text) for name, value in self.environment.items()}
        arguments = [argument.replace("%", text) for argument in self.arguments]
        return CliRunner(env=environment).invoke(main, [arguments[0], *options, *arguments[1:]], prog_name="corsrules")


def way(*arguments: str, **environment: str) -> Way:
    return Way(arguments, environment)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cors.toml").write_text(GOOD, encoding="utf-8")
    Path("other.toml").write_text(GOOD.replace("app.", "**."), encoding="utf-8")


def assert_is_text(result: Result, format_: str = "text") -> None:
    """No line holds what is more than text, and a document can be read."""
    assert isinstance(result.exception, SystemExit | None), result.exception
    for output, stream_format in ((result.stdout, format_), (result.stderr, "text")):
        for line in COLORS.sub("", output).removesuffix("\n").split("\n"):
            assert line.isprintable(), ascii(line)
            is_annotation = stream_format == "github" and ANNOTATION.fullmatch(line)
            assert not LOG_COMMAND.search(line.removeprefix("::") if is_annotation else line), line
    if result.stdout and format_ in ("json", "sarif"):
        json.loads(result.stdout)
    if result.stdout and format_ == "junit":
        ElementTree.fromstring(result.stdout)
    if format_ == "markdown":
        beside_blocks = re.sub("(?s)```+text\n.*?\n```+\n", "", result.stdout)
        assert not re.search(r"<(?!/?code>)|@|!\[", beside_blocks), beside_blocks


def assert_is_text_in_every_format(comes: Way, text: str) -> None:
    for format_ in FORMATS[comes.arguments[0]]:
        assert_is_text(comes.run(text, "--format", format_), format_)


def write(name: str, content: str) -> None:
    try:
        Path(name).write_text(content, encoding="utf-8")
    except OSError:
        pytest.skip("the file system takes no such name")


hostile = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
FILE_NAMES = {would: text for would, text in HOSTILE.items() if len(text) < 256}
hostile_name = pytest.mark.parametrize("text", FILE_NAMES.values(), ids=FILE_NAMES)

#: a way for the name of a file, and what the file holds (None: there is none)
WAYS_FOR_A_NAME = [
    way("check", "--coverage", "./%"),
    way("show", "--profile", "production", "./%"),
    way("diff", "--profile", "production", "./%", "other.toml"),
    way("diff", "--profile", "production", "other.toml", "./%"),
    way("explain", "--profile", "production", "https://app.example.com", "--file", "%"),
]
NAMES = [
    *((each, content) for each in WAYS_FOR_A_NAME for content in (GOOD, GOOD.replace("com", "com/"), None)),
    (way("check", "%"), GOOD),
    (way("check", CORSRULES_FILE="%"), GOOD),
    (way("show", CORSRULES_FILE="%"), None),
    (way("explain", "https://app.example.com", CORSRULES_FILE="%"), None),
]


@pytest.mark.parametrize(("comes", "content"), NAMES, ids=map(str, range(len(NAMES))))
@hostile_name
def test_the_name_of_a_file(text: str, comes: Way, content: str | None) -> None:
    if content is not None:
        write(text, content)
    assert_is_text_in_every_format(comes, text)


@hostile_name
def test_the_name_of_a_file_that_is_repaired_or_attacked(text: str) -> None:
    for option in ("--fix", "--attack"):
        write(text, GOOD.replace("app.", "App."))
        assert_is_text(way("check", option, "./%").run(text))
        assert_is_text(way("check", option, *(["--diff"] if option == "--fix" else []), "./%").run(text))


PROFILES = [
    way("check", "--profile", "%"),
    way("show", "--profile", "%"),
    way("explain", "--profile", "%", "https://app.example.com"),
    way("diff", "--profile", "%", "cors.toml", "other.toml"),
    way("diff", "--old-profile", "production", "--new-profile", "%", "cors.toml"),
    way("check", CORSRULES_PROFILE="%"),
    way("show", CORSRULES_PROFILE="%"),
    way("explain", "https://app.example.com", CORSRULES_PROFILE="%"),
    way("diff", "cors.toml", "other.toml", CORSRULES_PROFILE="%"),
]


@pytest.mark.parametrize("comes", PROFILES, ids=str)
@hostile
def test_the_name_of_a_profile(text: str, comes: Way) -> None:
    assert_is_text_in_every_format(comes, text)


#: Where a text can stand in a file that is refused, and in one that is not: `%` is the text as a TOML string.
REFUSED = [
    GOOD + "name = %\npaths = [%]\nmethods = [%]\nrequest-headers = [%]\nresponse-headers = [%]\n",
    GOOD + "waive = [%]\nreason = %\n%=1\n",
    GOOD.replace('"web"', '"web", %'),
    GOOD.replace('com"', 'com", %') + "[profiles.%]\ninherits = %\n[profiles.x.origins]\n% = [%]\n",
    GOOD + "[fallback]\nheaders = [%]\nhosts = { % = % }\nhost-scheme = %\n",
    GOOD + "[[tests]]\nname = %\norigin = %\npath = %\ndeny = [%]\nheaders = [%]\nhost = %\nprofiles = [%]\n",
    GOOD + "name = %\n[[rules]]\nname = %\norigins = []\n",
    GOOD.replace('["web"]', "%"),
    f"%=1\n%=1\n{GOOD}",
]
TAKEN = [
    GOOD + "name = %\n",
    GOOD + '[[tests]]\nname = %\norigin = "https://evil.test"\npath = "/"\nallow = ["GET"]\n',
]
READERS = [
    way("check", "--coverage"),
    way("show", "--profile", "production"),
    way("diff", "--profile", "production", "cors.toml", "other.toml"),
    way("explain", "--profile", "production", "https://app.example.com", "--path", "/a"),
]
SAID = [
    *((place, READERS[0]) for place in REFUSED),
    *((REFUSED[0], reader) for reader in READERS[1:]),
    *((place, reader) for place in TAKEN for reader in READERS),
]


@pytest.mark.parametrize(("place", "comes"), SAID, ids=map(str, range(len(SAID))))
@hostile
def test_what_a_file_says(text: str, place: str, comes: Way) -> None:
    Path("cors.toml").write_text(place.replace("%", written(text)), encoding="utf-8")
    assert_is_text_in_every_format(comes, "")


def written(text: str) -> str:
    """A TOML string; of half a character TOML has none."""
    return json.dumps(text).replace("\\udcff", "\\ud7ff")


@pytest.mark.parametrize("comes", READERS, ids=str)
@hostile
def test_what_a_file_says_as_it_stands_there(text: str, comes: Way) -> None:
    """A comment is shown with the line that it stands in, and what is no TOML with the finding."""
    content = GOOD.replace("com", "com/").replace("]\n[[", f"] # {text}\n[[")
    Path("cors.toml").write_bytes(content.encode(errors="surrogateescape"))
    assert_is_text_in_every_format(comes, "")


def test_the_lines_of_a_repair() -> None:
    lines = "".join(f"{text}\n" for text in HOSTILE.values() if text.isprintable())
    content = GOOD.replace("app.", "App.") + f"[[tests]]\npath = '/'\ndeny=['*']\norigin='null'\nname='''\n{lines}'''\n"
    Path("cors.toml").write_text(content, encoding="utf-8")
    assert_is_text(way("check", "--fix", "--diff").run(""))


ARGUMENTS = [
    way("%"),
    way("--%"),
    way("check", "--%"),
    way("check", "--format", "%"),
    way("check", "--fail-on", "%"),
    way("check", "--coverage-min", "%"),
    way("check", "--stdin-filename", "%", "-"),
    way("show", "cors.toml", "%"),
    way("diff", "--profile", "%", "%:cors.toml", "cors.toml"),
    way("diff", "cors.toml", "%:%"),
    way("explain", "%"),
    way("explain", "https://app.example.com", "--path", "%"),
    way("explain", "https://app.example.com", "--path", "https://%/a"),
    way("explain", "https://app.example.com", "--method", "%"),
    way("explain", "https://app.example.com", "--header", "%"),
    way("explain", "https://app.example.com", "--header", "host%: %"),
    way("explain", "https://app.example.com", "--header", "x: %"),
    way("explain", "https://app.example.com", "--host", "%"),
    way("explain", "https://app.example.com", "--expose", "%"),
    way("explain", "--curl", "%"),
    way("explain", "--curl", "curl -H 'origin: %' https://%/%"),
    way("explain", "--har", "%"),
    way("explain", "--har", "cors.toml", "--entry", "%"),
    way("code", "%"),
    way("code", "CR001", "%"),
    way("init", "no/such/%"),
    way("init", "%"),
    way("init", "-", "--from-allowed-urls", "https://a.example|%"),
    way("init", "--from-flask-cors", "%"),
    way("init", "--from-flask-cors", "json:%"),
    way("schema", "%"),
]


@pytest.mark.parametrize("comes", ARGUMENTS, ids=str)
@hostile
def test_an_argument(text: str, comes: Way) -> None:
    assert_is_text(comes.run(text))
    if comes.arguments[0] == "explain":
        assert_is_text(comes.run(text, "--format", "json"), "json")


@hostile
def test_what_git_answers(text: str) -> None:
    subprocess.run(["git", "init", "-q"], check=True)
    assert_is_text(way("diff", "HEAD:%", "cors.toml").run(text))


def test_colours_are_ours_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    for text in HOSTILE.values():
        Path("cors.toml").write_text(GOOD + f"{written(text)} = 1 # {written(text)}\n", encoding="utf-8")
        result = CliRunner().invoke(main, ["check"], color=True)
        assert "\x1b[1;31m" in result.stdout
        assert_is_text(result)


def names_in(document: object) -> Iterator[object]:
    """Every text of a JSON document."""
    if isinstance(document, dict):
        for value in document.values():
            yield from names_in(value)
    elif isinstance(document, list):
        for value in document:
            yield from names_in(value)
    else:
        yield document


@hostile_name
def test_a_document_for_a_machine_has_the_name_as_it_is(text: str) -> None:
    write(text, GOOD.replace("com", "com/"))
    document = json.loads(way("check", "--format", "json", "./%").run(text).stdout)
    assert f"./{text}" in names_in(document)
