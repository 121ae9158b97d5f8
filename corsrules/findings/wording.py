"""Phrases that many messages share, and values as a file writes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

#: A value that a message proposes.
Value: TypeAlias = str | int | bool | tuple[str, ...]


def written(value: Value, quote: str = '"') -> str:
    """The value as TOML, its strings in these quotes where they can stand in them."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str):
        return f"[{', '.join(written(each, quote) for each in value)}]"
    if quote == "'" and "'" not in value and value.isprintable():
        return f"'{value}'"
    import json  # read only where something is written

    # JSON's escapes are TOML's; DEL, which JSON leaves as it is, has one too.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def strings(*texts: str) -> str:
    """The texts as TOML strings, with commas between them."""
    return ", ".join(map(written, texts))


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The nearest of the `known` names, None where none is near."""
    import difflib  # read only for an error's help

    return next(iter(difflib.get_close_matches(name, list(known), n=1)), None)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A help line with the nearest of the `known` names, empty where none is near."""
    meant = nearest(name, known)
    return f"did you mean `{meant}`?" if meant else ""


def listed(names: Iterable[str]) -> str:
    """The names, quoted and separated by commas."""
    return ", ".join(f"`{name}`" for name in names)
