"""What a new user does, with an installed corsrules: `python smoke.py`, in an environment that has nothing else.

The gate runs it from a wheel, on every supported Python and with the lowest allowed versions of the dependencies, so it
uses the standard library and what corsrules itself brings. Any warning is an error.
"""

import os
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path

APP = """
from flask import Flask
from corsrules.flask import CorsRules

app = Flask(__name__)
app.add_url_rule("/api/orders", "orders", lambda: {"orders": []})
CorsRules(app, profile="production")
"""

ALLOWED, DENIED = "https://app.example.com", "https://app.example.com.evil.test"

#: Looks into the public suffix list, and into IDNA's tables.
MISTAKES = """version = 1
[[rules]]
origins = ["https://*.co.uk", "https://bücher.example"]
credentials = true
"""

#: The module and its arguments, the exit code, what is printed.
COMMANDS = [
    ("corsrules --version", 0, "corsrules"),
    ("corsrules init", 0, "wrote cors.toml"),
    ("corsrules init", 2, "never overwrites"),
    ("corsrules check", 0, "cors.toml: no findings"),
    ("corsrules check --format sarif", 0, '"2.1.0"'),
    (f"corsrules explain {ALLOWED} --path /api/orders --profile production", 0, "verdict    allowed"),
    (f"corsrules explain {DENIED} --path /api/orders --profile production", 0, "verdict    blocked"),
    ("corsrules show --profile production", 0, ALLOWED),
    ("corsrules init --from-allowed-urls https://a.example|b.example migrated.toml", 1, "1 not migrated"),
    ("corsrules check migrated.toml", 0, "no findings"),
    ("corsrules diff cors.toml migrated.toml --profile production", 1, "https://a.example"),
    ("corsrules check mistakes.toml --format concise", 1, "CR204"),
    ("corsrules check mistakes.toml", 1, "https://xn--bcher-kva.example"),
    ("corsrules code CR201", 0, "CR201"),
    ("corsrules schema", 0, "json-schema.org"),
    ("flask cors check", 0, "cors.toml: no findings"),
    ("flask cors show", 0, ALLOWED),
    ("flask routes", 0, "/api/orders"),
]


def run(line: str) -> "tuple[int, str]":
    module, *arguments = line.split()
    command = [sys.executable, "-W", "error", "-m", module, *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    return ran.returncode, ran.stdout + ran.stderr


def check_commands() -> None:
    for line, code, text in COMMANDS:
        returned, printed = run(line)
        assert returned == code, f"{line}: exit code {returned}\n{printed}"
        assert text in printed, f"{line}: {text} is not in\n{printed}"


def check_application() -> None:
    import app

    client = app.app.test_client()
    for origin, answered in ((ALLOWED, ALLOWED), (DENIED, None)):
        answer = client.get("/api/orders", headers={"Origin": origin})
        assert answer.status_code == 200
        assert answer.headers.get("Access-Control-Allow-Origin") == answered
        assert answer.headers["Vary"] == "Origin"
    preflight = {"Origin": ALLOWED, "Access-Control-Request-Method": "PUT"}
    assert client.options("/api/orders", headers=preflight).status_code == 204
    assert client.options("/api/orders", headers=preflight | {"Origin": DENIED}).status_code == 403


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        sys.path.insert(0, folder)
        Path("app.py").write_text(APP, encoding="utf-8")
        Path("mistakes.toml").write_text(MISTAKES, encoding="utf-8")
        check_commands()
        check_application()
        os.chdir("/")
    import corsrules

    assert "site-packages" in corsrules.__file__, f"{corsrules.__file__} is not installed"
    names = ("corsrules", "click", "flask", "werkzeug", "idna", "publicsuffixlist", "pydantic", "tomli")
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in names)
    sys.stdout.write(f"Python {sys.version.split()[0]}, {versions}: {len(COMMANDS)} commands and an application\n")


if __name__ == "__main__":
    main()
