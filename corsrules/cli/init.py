"""`corsrules init`."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

import click

from corsrules.cli.files import Trouble, say, write
from corsrules.report import printable

if TYPE_CHECKING:
    from corsrules.authoring.draft import Migration

#: The argument that means standard output.
STDOUT = "-"

#: Something could not be migrated.
LEFT = 1

STARTER = """\
# Who may read this API from a browser. Check it with: python -m corsrules check

version = 1

# WHO: one list of origins for each group, in each environment.
# An origin is scheme://host[:port]. `https://*.example.com` stands for one more label, `https://**.example.com` for
# one or more.
[profiles.production.origins]
web = ["https://app.example.com"]

# Only a development profile may hold localhost and http origins. It is never chosen by default.
[profiles.development]
development = true
origins.web = ["http://localhost:*"]

# WHERE and WHAT: the same in every profile. GET, HEAD and POST are always allowed.
[[rules]]
name            = "web"
paths           = ["/api/*"]
origins         = ["web"]
methods         = ["PUT", "PATCH", "DELETE"]
request-headers = ["content-type"]
# credentials   = true    # cookies, TLS client certificates, HTTP authentication

# PROOF: run by every check.
[[tests]]
name     = "a laptop cannot read production"
profiles = ["production"]
origin   = "http://localhost:5173"
path     = "/api/orders"
deny     = ["*"]
"""


@click.command("init")
@click.argument("file", default="cors.toml", type=click.Path())
@click.option(
    "--from-allowed-urls", "allowed_urls", metavar="URLS", help="Migrate a list of origins, `|` between them."
)
@click.option(
    "--from-flask-cors", "app_name", metavar="MODULE:APP", help="Migrate what flask-cors does in an application."
)
@click.pass_context
def command(ctx: click.Context, file: str, allowed_urls: str | None, app_name: str | None) -> None:
    """Write a commented starter file to FILE (default cors.toml, `-`: standard output). Refuses to overwrite.

    Exits with 1 if something could not be migrated: the file lists it with why.
    """
    if allowed_urls is not None and app_name is not None:
        raise click.UsageError("--from-allowed-urls and --from-flask-cors exclude each other")
    if file != STDOUT and os.path.lexists(file):  # seen before an application is imported, and again when it is written
        raise Trouble(f"{os.path.abspath(file)} is already there; corsrules init never overwrites")
    if allowed_urls is not None:
        from corsrules.authoring.draft import from_allowed_urls

        migration = from_allowed_urls(allowed_urls)
    elif app_name is not None:
        migration = _from_flask_cors(app_name)
    else:
        _write(file, STARTER)
        return
    _write(file, migration.text)
    if migration.left:
        whole = "it" if file == STDOUT else file
        message = f"{len(migration.left)} not migrated; the end of {whole} says which and why"
        say(message) if file == STDOUT else write(f"{printable(message)}\n")
        ctx.exit(LEFT)


def _write(file: str, text: str) -> None:
    if file == STDOUT:
        write(text)
        return
    path = os.path.abspath(file)
    try:
        with open(path, "x", encoding="utf-8", newline="\n") as output:
            output.write(text)
    except FileExistsError as error:
        raise Trouble(f"{path} is already there; corsrules init never overwrites") from error
    except (OSError, ValueError) as error:
        raise Trouble(f"cannot write {path}: {getattr(error, 'strerror', None) or error}") from error
    write(f"{printable(f'wrote {file}')}\n")


def _from_flask_cors(app_name: str) -> Migration:
    from corsrules.authoring import flask_cors

    try:
        return flask_cors.migrate(_imported(app_name))
    except flask_cors.Unreadable as error:
        raise Trouble(f"{app_name}: {error}") from error


def _imported(app_name: str) -> object:
    """The application, or what its factory returns; imported as `flask run` would, from the current directory."""
    module, _, name = app_name.partition(":")
    sys.path.insert(0, os.getcwd())
    try:
        app = getattr(import_module(module), name or "app")
        app = app if hasattr(app, "after_request_funcs") else app()
    except Exception as error:  # whatever the application's own code raises
        raise Trouble(f"cannot import {app_name}: {type(error).__name__}: {error}") from error
    finally:
        sys.path.remove(os.getcwd())
    if not hasattr(app, "after_request_funcs"):
        raise Trouble(f"{app_name} is not a Flask application")
    return app
