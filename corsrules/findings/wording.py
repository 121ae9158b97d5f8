"""Phrases that many messages share."""

from __future__ import annotations

from collections.abc import Iterable


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
