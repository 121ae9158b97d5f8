"""How a command comes by a `cors.toml`: reads it, and where it has errors prints them instead of a result."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click

from corsrules import loading
from corsrules.cli.files import Trouble, is_color_wanted, write
from corsrules.loading import ConfigError
from corsrules.report import refusal
from corsrules.report.refusal import Refusal


class Refused(click.ClickException):
    """A file has errors, or leaves open which profile is meant: a finding, which goes to standard output."""

    exit_code = 1

    def __init__(self, error: ConfigError, format_: str) -> None:
        super().__init__(str(error))
        self.error = error
        self.format = format_

    def show(self, file: IO[Any] | None = None) -> None:
        color = self.format == "text" and is_color_wanted()
        refused = Refusal(self.error.findings, self.error.file, color)
        write(refusal.FORMATS[self.format](refused), color=color)


@contextmanager
def refusing(format_: str) -> Iterator[None]:
    """Where `ConfigError` is raised in this context, the command ends with its findings in this format."""
    try:
        yield
    except ConfigError as error:
        raise Refused(error, format_) from error


def read(file: str) -> bytes:
    """The bytes of `file`."""
    try:
        return loading.read(file)
    except OSError as error:
        raise Trouble(f"cannot read {os.path.abspath(file)}: {error.strerror or error}") from error
    except ValueError as error:  # a NUL byte in the name
        raise Trouble(f"cannot read {file!r}: {error}") from error
