"""`corsrules init`."""

from __future__ import annotations

import os

import click

from corsrules.cli.files import Trouble

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
def command(file: str) -> None:
    """Write a commented starter file to FILE (default cors.toml). Refuses to overwrite."""
    path = os.path.abspath(file)
    try:
        with open(path, "x", encoding="utf-8", newline="\n") as output:
            output.write(STARTER)
    except FileExistsError as error:
        raise Trouble(f"{path} is already there; corsrules init never overwrites") from error
    except (OSError, ValueError) as error:
        raise Trouble(f"cannot write {path}: {getattr(error, 'strerror', None) or error}") from error
    click.echo(f"wrote {file}")
