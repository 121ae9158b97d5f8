"""The options of a command as one value."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import click

Options = TypeVar("Options")


def collected(
    kind: type[Options],
) -> Callable[[Callable[[click.Context, Options], None]], Callable[..., None]]:
    """Has a command's function called with the context and one value of `kind`, whose fields are the parameters.

    It stands below the parameters:

        @click.command("show")
        @click.option("--profile")
        @collected(Options)
        def command(ctx: click.Context, options: Options) -> None:
    """

    def decorate(function: Callable[[click.Context, Options], None]) -> Callable[..., None]:
        @click.pass_context
        @wraps(function)
        def command(ctx: click.Context, /, **values: Any) -> None:
            function(ctx, kind(**values))

        return command

    return decorate
