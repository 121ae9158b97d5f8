"""The README is executed: its files are written, its commands run, its outputs compared."""

from __future__ import annotations

import http.client
import os
import re
import shlex
import socket
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest

import corsrules

README = Path(__file__).parents[2] / "README.md"
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
PYTHON_BIN = Path(sys.executable).parent

#: The headers that the README shows of an answer.
SHOWN = re.compile(r"vary|access-control-.*", re.IGNORECASE)


def blocks(language: str) -> list[str]:
    return [text for name, text in BLOCKS if name == language]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder a reader would have: every block whose first line is a comment with a file name, as that file."""
    folder = tmp_path_factory.mktemp("readme")
    for language in ("toml", "python"):
        for text in blocks(language):
            named = re.match(r"# (\S+\.\w+)\n", text)
            if named:
                (folder / named[1]).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[tuple[str, int]]:
    """Where `flask run` serves the README's application."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "flask", "run", "--port", str(port)]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        started = next((line for line in server.stderr if "Running on" in line), None)
        assert started is not None, "flask run ended"
        yield "127.0.0.1", port
        server.terminate()
        server.communicate()


def commands() -> Iterator[tuple[str, str]]:
    """Each command of the console blocks with what it prints."""
    for text in blocks("console"):
        for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


@pytest.mark.parametrize(
    ("command", "output"), [each for each in commands() if each[0].startswith("corsrules")], ids=lambda each: each[:60]
)
def test_a_command_prints_what_the_readme_says(command: str, output: str, folder: Path) -> None:
    ran = subprocess.run(
        [PYTHON_BIN / "corsrules", *shlex.split(command)[1:]], cwd=folder, capture_output=True, text=True, check=False
    )
    assert ran.stdout == output
    assert ran.stderr == ""


@pytest.mark.parametrize(
    ("command", "output"), [each for each in commands() if each[0].startswith("curl")], ids=lambda each: each[5:90]
)
def test_a_request_is_answered_as_the_readme_says(command: str, output: str, address: tuple[str, int]) -> None:
    words = shlex.split(command)
    method = words[words.index("-X") + 1] if "-X" in words else "GET"
    headers = dict(words[at + 1].split(": ", 1) for at, word in enumerate(words) if word == "-H")
    connection = http.client.HTTPConnection(*address, timeout=10)
    connection.request(method, urllib.parse.urlsplit(words[-1]).path, headers=headers)
    answer = connection.getresponse()
    shown = [f"{name}: {value}" for name, value in answer.getheaders() if SHOWN.fullmatch(name)]
    connection.close()
    status, *headers_shown = output.splitlines()
    assert f"HTTP/1.1 {answer.status} {answer.reason}" == status
    assert sorted(shown) == sorted(headers_shown)


@pytest.mark.parametrize(
    "text", [text for text in blocks("toml") if "mistakes" not in text], ids=lambda text: text.splitlines()[0]
)
def test_a_file_of_the_readme_has_no_findings(text: str) -> None:
    assert corsrules.check_text(text) == []


def test_tests_of_the_readme_pass(folder: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_cors.py", "tested.toml"]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout
    assert "3 passed" in ran.stdout


@pytest.mark.parametrize(
    "text", [text for text in blocks("python") if not re.match(r"# \S+\.py\n", text)], ids=lambda text: text[:30]
)
def test_python_of_the_readme_runs(text: str, folder: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CORSRULES_")}
    ran = subprocess.run([sys.executable, "-c", text], cwd=folder, env=environment, capture_output=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_the_readme_has_the_two_commands_that_the_gate_runs() -> None:
    setups = [text for text in blocks("sh") if text.startswith("python3 -m venv ")]
    assert [("corsrules check" in text, "pytest" in text) for text in setups] == [(True, False), (False, True)]


def test_every_block_is_of_a_kind_that_is_tested() -> None:
    tested = {"toml", "python", "console", "yaml"}  # yaml: test_packaging
    assert {language for language, _ in BLOCKS} - tested == {"sh"}
    assert [text for text in blocks("sh") if not text.startswith("python3 -m venv ")] == ["flask run\n"]
