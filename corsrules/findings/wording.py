"""Phrases that many messages share."""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A help line with the nearest of the `known` names, empty where none is near."""
    import difflib  # read only for an error's help

    nearest = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean `{nearest[0]}`?" if nearest else ""


def listed(names: Iterable[str]) -> str:
    """The names, quoted and separated by commas."""
    return ", ".join(f"`{name}`" for name in names)
