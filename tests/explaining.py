"""A file to ask about, and `corsrules explain` asked about it."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner, Result

from corsrules.cli import main

RULES = """\
version = 1
[profiles.production.origins]
web = ["https://app.example.com", "https://*.apps.example.com", "https://pr-*.preview.example.com"]
[profiles.staging.origins]
web = ["https://staging.example.com"]
[profiles.development]
development = true
origins.web = ["http://localhost:3000-3999"]
[[rules]]
name = "session"
paths = ["/api/*"]
origins = ["web"]
methods = ["PUT", "PATCH"]
request-headers = ["x-csrf-token", "content-type"]
response-headers = ["x-total"]
credentials = true
[[rules]]
name = "readers"
paths = ["/api/*"]
origins = ["https://reader.example.net", "https://apex.example"]
[[rules]]
name = "admin"
paths = ["/api/admin/*"]
origins = []
[[rules]]
name = "public"
paths = ["/public/*", "/status"]
origins = ["*"]
methods = ["*"]
request-headers = ["*"]
[[rules]]
name = "reports"
paths = ["/reports/*"]
origins = ["https://reports.example.net"]
[[rules]]
name = "yearly"
paths = ["/reports/yearly/*"]
origins = ["https://yearly.example.net"]
"""

APP = "https://app.example.com"
API = ["--path", "/api/x"]
READER = "https://reader.example.net"


def run(*arguments: str) -> Result:
    """`corsrules explain` with these arguments."""
    return CliRunner().invoke(main, ["explain", *arguments], prog_name="corsrules")


def explained(*arguments: str) -> dict[str, Any]:
    """The JSON of the one explanation, in production unless a profile is named."""
    chosen = [] if "--profile" in arguments else ["--profile", "production"]
    ran = run(*arguments, *chosen, "--format", "json")
    assert (ran.exit_code, ran.stderr) == (0, "")
    document = json.loads(ran.stdout)
    (explanation,) = document["explanations"]
    return {**document, **explanation}
