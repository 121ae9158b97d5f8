"""Reading and writing for a command: what fails is said in one line, with exit code 2."""

from __future__ import annotations

import os
import stat
import sys
import tempfile

import click

from corsrules.report.characters import printable

#: The argument that means standard input.
STDIN = "-"


class Trouble(click.ClickException):
    """Keeps a command from its work."""

    exit_code = 2

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


def replace(file: str, content: bytes) -> None:
    """Gives `file` other content, whole or not at all: written beside it, then put in its place."""
    path = os.path.realpath(file)
    try:
        with tempfile.NamedTemporaryFile(dir=os.path.dirname(path), prefix=".corsrules-", delete=False) as beside:
            try:
                beside.write(content)
                beside.flush()
                os.fsync(beside.fileno())
                os.chmod(beside.name, stat.S_IMODE(os.stat(path).st_mode))
                os.replace(beside.name, path)
            except OSError:
                os.unlink(beside.name)
                raise
    except OSError as error:
        raise Trouble(f"cannot write {path}: {error.strerror or error}") from error


def read_stdin() -> bytes:
    """The bytes of standard input."""
    if sys.stdin is None:  # the process was started with it closed
        raise Trouble("cannot read standard input: it is closed")
    try:
        return sys.stdin.buffer.read()
    except OSError as error:
        raise Trouble(f"cannot read standard input: {error.strerror or error}") from error


def write(text: str, *, color: bool = False) -> None:
    """Writes `text` to standard output; what its encoding lacks is escaped."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    click.echo(text.encode(encoding, errors="backslashreplace").decode(encoding), nl=False, color=color)


def say(line: str) -> None:
    """Tells a person something beside the result, on standard error."""
    click.echo(printable(line), err=True)


def is_color_wanted() -> bool:
    """Whether standard output shows colours, by https://no-color.org, https://force-color.org and what it is."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return os.environ.get("TERM") != "dumb" and sys.stdout is not None and sys.stdout.isatty()
