"""The headers of an application's answer with those of CORS put among them, whatever the protocol."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from corsrules.engine.grants import CompiledPath, Header


def applied(headers: Iterable[Header], cors: tuple[Header, ...], path: CompiledPath) -> list[Header]:
    """The application's headers with `cors` as their only `Access-Control-*` and with all of `Vary` in one line."""
    kept: list[Header] = []
    vary = ""
    for header in headers:
        name = header[0]
        if name and name[0] in "aAvV":
            lower = name.lower()
            if lower == "vary":
                vary = f"{vary},{header[1]}"
                continue
            if lower.startswith("access-control-"):
                continue
        kept.append(header)
    kept += cors
    if vary:
        kept.append(("Vary", merged_vary(vary, path.vary)))
    else:
        kept += path.vary_headers
    return kept


@lru_cache(maxsize=64)  # applications send the same few lines over and over
def merged_vary(existing: str, names: tuple[str, ...]) -> str:
    """One `Vary` value with everything that `existing` names, and `names`, none of them twice."""
    merged: dict[str, str] = {}
    for name in existing.split(","):
        name = name.strip()
        if name == "*":
            return "*"  # RFC 9110 section 12.5.5: varies on everything, so there is nothing to add
        if name:
            merged.setdefault(name.lower(), name)
    for name in names:
        merged.setdefault(name.lower(), name)
    return ", ".join(merged.values())
