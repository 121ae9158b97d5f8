"""Reading and writing files for a command: what fails is said in one line, with exit code 2."""

from __future__ import annotations

import os

import click

from corsrules import config


class Trouble(click.ClickException):
    """Keeps a command from its work."""

    exit_code = 2


def read(file: str) -> bytes:
    """The bytes of `file`."""
    try:
        return config.read(file)
    except OSError as error:
        raise Trouble(f"cannot read {os.path.abspath(file)}: {error.strerror or error}") from error
    except ValueError as error:  # a NUL byte in the name
        raise Trouble(f"cannot read {file!r}: {error}") from error
