"""The path grammar: which request paths a `rules[].paths` entry stands for.

`/health` is that path, `/api/*` is `/api` and all below, `/*` is everything. Paths are compared by whole segments and
case-sensitively, against WSGI's `PATH_INFO`: decoded once, without `SCRIPT_NAME`, so neither a query nor a
percent-encoding can stand in one (PEP 3333).
"""

from __future__ import annotations

from typing import NamedTuple


class PathPattern(NamedTuple):
    """`base` is the path without its final `/*` (empty for `/*`); `below` tells whether it had one."""

    base: str
    below: bool

    def __str__(self) -> str:
        return f"{self.base}/*" if self.below else self.base


def parse(text: str) -> PathPattern | None:
    """The path pattern that `text` writes, or None where it is not exactly right.

    Permitted: `/`, `/health`, `/health/`, `/api/*`, `/*`, `/a+b`, `/straße/*`.
    Prohibited: `api`, `/api*`, `/api/**`, `/*/x`, `/api/../x`, `/api//x`, `/a%20b`, `/search?q=1`.
    """
    base, below = (text[:-2], True) if text.endswith("/*") else (text, False)
    if not below and not base.startswith("/"):
        return None
    if below and base and not base.startswith("/"):
        return None
    if any(character in base for character in "*%?") or has_bad_segment(base or "/"):
        return None
    return PathPattern(base, below) if not (below and base.endswith("/")) else None


def matches(pattern: PathPattern, path: str) -> bool:
    """Whether `pattern` stands for `path`, which begins with `/` and has no bad segment."""
    if path == pattern.base:
        return True
    return pattern.below and path.startswith(pattern.base + "/")


def has_bad_segment(path: str) -> bool:
    """Whether `path`, which begins with `/`, has a `.`, a `..`, or an empty segment that is not the last.

    Servers, proxies and frameworks disagree on what such a path means, so no rule is applied to it.
    """
    return "//" in path or "/./" in path or "/../" in path or path.endswith(("/.", "/.."))


def wsgi_form(path: str) -> str:
    """A Unicode path in the form of `PATH_INFO`: its UTF-8 bytes read as latin-1 (PEP 3333).

    A byte that is not UTF-8 stands in `path` as `surrogateescape` writes it (PEP 383).
    """
    return path.encode(errors="surrogateescape").decode("latin-1")
