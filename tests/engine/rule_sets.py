"""The files that misconfigurations are tried against, and an application that would let everybody in by itself."""

from __future__ import annotations

from flask import Flask

APP = "https://app.example.com"

#: The rules that the vectors are written for.
RULES = """
version = 1

[[rules]]
paths            = ["/api/*"]
origins          = ["https://app.example.com", "https://*.apps.example.com"]
methods          = ["PUT"]
request-headers  = ["x-csrf-token"]
response-headers = ["x-request-id"]
credentials      = true
"""

#: The same names with everything open that a pattern can open: labels, ports, prefixes. Ports are then no vectors.
WIDE_RULES = RULES.replace(
    '"https://app.example.com", "https://*.apps.example.com"',
    '"https://app.example.com:*", "https://**.apps.example.com:*", "https://x*y.apps.example.com:1-65535"',
)

PREFLIGHT = {
    "access-control-allow-origin": APP,
    "access-control-allow-credentials": "true",
    "access-control-allow-methods": "PUT",
    "access-control-allow-headers": "x-csrf-token",
}

#: A rule that allows the addresses whose other spellings are vectors.
LOOPBACK_RULES = """
version = 1

[profiles.laptop]
development = true
origins.web = ["http://127.0.0.1:*", "http://[::1]:*", "http://[::ffff:7f00:1]:8080", "http://localhost:*"]

[[rules]]
paths   = ["/api/*"]
origins = ["web"]
"""

#: The files, each with the profile it is used in.
RULE_SETS: dict[str, tuple[str, str | None]] = {
    "as written": (RULES, None),
    "opened wide": (WIDE_RULES, None),
    "loopback": (LOOPBACK_RULES, "laptop"),
}

#: What the views of `answering_on_every_path` say.
EVERYBODY = {"access-control-allow-origin": "https://evil.test", "access-control-allow-credentials": "true"}


def answering_on_every_path(app: Flask) -> Flask:
    """A view, on every path, that would let everybody in if it were asked."""
    app.url_map.merge_slashes = False
    app.add_url_rule("/", "root", lambda: ("view", EVERYBODY))
    app.add_url_rule("/<path:rest>", "view", lambda rest: ("view", EVERYBODY))
    return app
