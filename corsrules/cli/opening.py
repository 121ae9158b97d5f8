"""How a command comes by a `cors.toml`: reads it, and where it cannot be used prints why instead of a result."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, NamedTuple

import click
from click.core import ParameterSource

from corsrules import loading
from corsrules.cli.files import Trouble, is_color_wanted, say, write
from corsrules.loading import ConfigError
from corsrules.report.refusal import FORMATS, Refusal


class RefusedFile(click.ClickException):
    """A file has errors, or leaves open which profile is meant: the findings go to standard output."""

    exit_code = 1

    def __init__(self, error: ConfigError, format_: str) -> None:
        super().__init__(str(error))
        self.error = error
        self.format = format_

    def show(self, file: IO[Any] | None = None) -> None:
        color = self.format == "text" and is_color_wanted()
        refusal = Refusal(self.error.findings, self.error.file, color)
        write(FORMATS[self.format](refusal), color=color)


@contextmanager
def refusing(format_: str) -> Iterator[None]:
    """Where `ConfigError` is raised in this context, the command ends with its findings in this format."""
    try:
        yield
    except ConfigError as error:
        raise RefusedFile(error, format_) from error


def named_by(ctx: click.Context, parameter: str) -> str:
    """The option that names the profile, in words for a person; empty where it comes from elsewhere."""
    is_given = ctx.get_parameter_source(parameter) is ParameterSource.COMMANDLINE
    return f"--{parameter.replace('_', '-')}" if is_given else ""


def default_file() -> str:
    """The file that is meant where no argument names one, which is said unless it is the one in this folder.

    It is what CORSRULES_FILE names, else the `cors.toml` in this folder or the nearest above.
    """
    named = os.environ.get(loading.FILE_VARIABLE)
    if named:
        say(f"{named} is used: {loading.FILE_VARIABLE} in the environment names it")
        return named
    found = next(loading.files_above(loading.DEFAULT_FILE, os.curdir), None)
    if found is None:
        return loading.DEFAULT_FILE
    file = os.path.relpath(found)
    if file != loading.DEFAULT_FILE:
        say(f"{file} is used: this folder has no {loading.DEFAULT_FILE}")
    return file


def read(file: str) -> bytes:
    """The bytes of `file`."""
    try:
        return loading.read(file)
    except FileNotFoundError as error:
        raise Trouble(f"cannot read {os.path.abspath(file)}: {error.strerror}; {_instead_of(file)}") from error
    except OSError as error:
        raise Trouble(f"cannot read {os.path.abspath(file)}: {error.strerror or error}") from error
    except ValueError as error:  # a NUL byte in the name
        raise Trouble(f"cannot read {file!r}: {error}") from error


def _instead_of(file: str) -> str:
    """What to do where `file` is not there: one may lie in this folder, above, or where Flask keeps such files."""
    for name in (os.path.basename(file), loading.DEFAULT_FILE):
        instance = os.path.join("instance", name)
        for found in (*loading.files_above(name, os.curdir), *filter(os.path.isfile, [instance])):
            return f"there is {os.path.relpath(found)}"
    return "`corsrules init` writes one"


class Source(NamedTuple):
    """What an argument names: a file, or one in git; its path there, and what is written in it."""

    argument: str
    path: str
    content: bytes


def read_source(argument: str) -> Source:
    """`REV:path` in git, or a file. Whoever adds a file cannot have it read in place of a revision."""
    revision, _, path = argument.partition(":")
    if not revision or not path or _is_path(argument):
        return Source(argument, argument, read(argument))
    content = _read_revision(argument)
    if os.path.lexists(argument):
        say(f"{argument} is read from git; the file of this name is written ./{argument}")
    return Source(argument, path, content)


def _is_path(argument: str) -> bool:
    """Whether it begins as no revision does (git-check-ref-format): with a dot, a slash, or the letter of a drive."""
    return argument.startswith((".", os.sep)) or os.path.splitdrive(argument)[0] != ""


def _read_revision(argument: str) -> bytes:
    try:
        # No shell reads the argument, and after --end-of-options git takes nothing for an option.
        command = ["git", "cat-file", "--end-of-options", "blob", argument]
        ran = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - no shell, and git takes no option from it
    except (OSError, ValueError) as error:  # no git; a NUL byte
        raise Trouble(f"cannot read {argument}: git did not start: {error}") from error
    if ran.returncode:
        said = ran.stderr.decode(errors="replace").strip().partition("\n")[0]
        advice = f"; a file of this name is written ./{argument}" if os.path.lexists(argument) else ""
        raise Trouble(f"cannot read {argument}: git has no such object ({said}){advice}")
    return ran.stdout
