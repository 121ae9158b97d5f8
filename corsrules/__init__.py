"""CORS for HTTP APIs from one reviewed `cors.toml`: checked, compiled, applied.

What others may rely on is listed in `__all__`, with `corsrules.flask` and `corsrules.wsgi`. The names are imported
when they are first used, so that `python -m corsrules --help` needs none of what stands behind them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corsrules.engine.matcher import Decision, Matcher
    from corsrules.findings import Finding
    from corsrules.loading import ConfigError, check, check_text, load, loads
else:  # hidden from type checkers: with `__getattr__` in sight they accept any name

    def __getattr__(name: str) -> object:
        if name not in _ROOMS:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"corsrules.{_ROOMS[name]}"), name)


__version__ = "0.1.0"

__all__ = ["ConfigError", "Decision", "Finding", "Matcher", "check", "check_text", "load", "loads"]

_ROOMS = {
    "ConfigError": "loading",
    "Decision": "engine.matcher",
    "Finding": "findings",
    "Matcher": "engine.matcher",
    "check": "loading",
    "check_text": "loading",
    "load": "loading",
    "loads": "loading",
}


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
