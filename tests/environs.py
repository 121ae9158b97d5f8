"""A request as a WSGI server hands it over (PEP 3333), with exactly these bytes: nothing has corrected or added any."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO, StringIO
from typing import Any


def environ(
    path: str = "/", method: str = "GET", headers: Mapping[str, str] | None = None, **more: Any
) -> dict[str, Any]:
    """`path` is `PATH_INFO`; `headers` are by their names, and `more` are keys of the environ itself."""
    made = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "backend.internal",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(),
        "wsgi.errors": StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in (headers or {}).items():
        made["HTTP_" + name.upper().replace("-", "_")] = value
    return {**made, **more}
