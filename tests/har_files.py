"""HAR files, as far as they are read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

URL = "https://api.example.com/api/x"


def entry(method: str = "GET", url: str = URL, cookies: Any = (), **headers: str) -> dict[str, Any]:
    listed = [{"name": name.replace("_", "-"), "value": value} for name, value in headers.items()]
    return {"request": {"method": method, "url": url, "headers": listed, "cookies": list(cookies)}}


def write_har(entries: Any) -> None:
    Path("x.har").write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}), encoding="utf-8")


#: what is wrong with it, the file, what is said
NOT_HAR = [
    ("not JSON", b"{", "is no HAR file"),
    ("not UTF-8", b"\xff", "is no HAR file"),
    ("a list", b"[]", "has no log.entries"),
    ("no entries", b'{"log": {"entries": []}}', "has no log.entries"),
    ("entries of no kind", b'{"log": {"entries": 5}}', "has no log.entries"),
    ("an entry of no kind", b'{"log": {"entries": [5]}}', "has no URL or no method"),
    ("a request of no kind", b'{"log": {"entries": [{"request": []}]}}', "has no URL or no method"),
    (
        "a URL of no kind",
        b'{"log": {"entries": [{"request": {"method": "GET", "url": 5}}]}}',
        "has no URL or no method",
    ),
    ("too deep", b"[" * 100_000, "is no HAR file"),
]
