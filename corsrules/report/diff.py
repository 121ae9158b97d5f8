"""What `corsrules diff` prints: who gains and who loses what, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from corsrules.report import github, json, markdown
from corsrules.report.characters import printable

if TYPE_CHECKING:
    from corsrules.analysis.diff import Difference, PathChange
    from corsrules.language.access import Access, Change
    from corsrules.language.origin_pattern import Pattern

#: The version of the JSON document; keys may be added to it.
VERSION = 1

#: How many exceptions a person is shown of one pattern (JSON has all).
EXCEPTIONS_SHOWN = 3

#: How many changes a pull-request comment shows; GitHub takes 65,536 characters.
ROWS_SHOWN = 200


class Comparison(NamedTuple):
    """What differs between an old and a new side, what the two are called, and the path of the new one's file."""

    difference: Difference
    old: str
    new: str
    path: str


# --- in words ---------------------------------------------------------------------------------------------------------


def _verb(change: Change) -> str:
    if change.old is None:
        return "gains"
    return "loses" if change.new is None else "changes"


def _detail(change: Change) -> str:
    """What the origins are given, or were, or what is different about it."""
    if change.old is not None and change.new is not None:
        from corsrules.analysis.diff import differences  # not needed to list the formats

        return "; ".join(differences(change.old, change.new))
    access = change.new or change.old
    assert access is not None
    return _described(access)


def _described(access: Access) -> str:
    return "; ".join(f"{key} {value}" for key, value in _given(access) if value) or "reading"


def _given(access: Access) -> Iterator[tuple[str, str]]:
    what = access.what
    yield "credentials", "yes" if what.credentials else ""
    yield "methods", ", ".join(what.methods)
    yield "request-headers", ", ".join(what.request_headers)
    yield "response-headers", ", ".join(what.response_headers)
    yield "max-age", "" if what.max_age is None else str(what.max_age)


def _origins(change: Change) -> str:
    """The pattern and what of it is left out."""
    name = "every other origin, and null" if change.pattern is None else str(change.pattern)
    if not change.exceptions or change.pattern is None:
        return name
    return f"{name} except {_some(change.exceptions)}"


def _some(patterns: tuple[Pattern, ...]) -> str:
    shown = ", ".join(map(str, patterns[:EXCEPTIONS_SHOWN]))
    return shown + (f" and {len(patterns) - EXCEPTIONS_SHOWN} more" if len(patterns) > EXCEPTIONS_SHOWN else "")


def _changes(part: PathChange) -> list[Change]:
    """Who gains first, then who gets more, then the rest."""
    return sorted(part.changes, key=lambda change: (not change.widens, change.old is not None, change.new is None))


def _parts(difference: Difference) -> list[PathChange]:
    """Where someone gains first."""
    return sorted(difference.paths, key=lambda part: not any(change.widens for change in part.changes))


def _paths(part: PathChange) -> str:
    return ", ".join(str(path) for path, _ in part.paths)


def _governed(part: PathChange) -> str:
    """What a path gets or loses beside origins: where no rule governs, the application answers as it likes."""
    if part.governed == (True, False):
        return "no rule governs it any more: the headers of the application itself go out as they are"
    if part.governed == (False, True):
        return "a rule governs it now: the CORS headers of the application itself are removed"
    return ""


def _summary(comparison: Comparison) -> str:
    if not comparison.difference:
        return "no difference"
    what = "someone gains access" if comparison.difference.widens else "nobody gains access"
    return f"{comparison.old} -> {comparison.new}: {what}"


# --- the formats ------------------------------------------------------------------------------------------------------


def _text(comparison: Comparison) -> str:
    difference = comparison.difference
    lines = []
    for part in _parts(difference):
        lines.append(_paths(part))
        if _governed(part):
            lines.append(f"  {_governed(part)}")
        for change in _changes(part):
            mark = "widens: " if change.widens else ""
            lines.append(f"  {mark}{_verb(change)}  {_origins(change)}")
            lines.append(f"      {_detail(change)}")
            lines.append(f"      for example {change.example}")
        lines.append("")
    if difference.fallback:
        lines.append("fallback")
        for each in difference.fallback:
            lines.append(f"  {'widens: ' if each.widens else ''}{each.setting}: {each.old} -> {each.new}")
        lines.append("")
    return "".join(f"{printable(line)}\n" for line in (*lines, _summary(comparison)))


def _markdown(comparison: Comparison) -> str:
    """A comment on a pull request."""
    difference = comparison.difference
    lines = [f"**{markdown.cell(_summary(comparison))}**" if difference else "**CORS: no difference**", ""]
    rows = [(part, change) for part in _parts(difference) for change in _changes(part)]
    rows.sort(key=lambda row: not row[1].widens)
    if rows:
        lines += ["| | paths | origins | what | for example |", "|---|---|---|---|---|"]
    for part, change in rows[:ROWS_SHOWN]:
        mark = "⚠️ **widens** " if change.widens else ""
        cells = (
            markdown.code(_paths(part)),
            markdown.code(_origins(change)),
            markdown.cell(_detail(change)),
            markdown.code(change.example),
        )
        lines.append(f"| {mark}{_verb(change)} | " + " | ".join(cells) + " |")
    if len(rows) > ROWS_SHOWN:
        lines += ["", f"… and {len(rows) - ROWS_SHOWN} more"]
    lines += [""] if rows else []
    lines += [f"- {markdown.code(_paths(part))}: {_governed(part)}" for part in difference.paths if _governed(part)]
    for each in difference.fallback:
        mark = "⚠️ **widens** " if each.widens else ""
        setting, old, new = map(markdown.code, (each.setting, each.old, each.new))
        lines.append(f"- {mark}fallback {setting}: {old} → {new}")
    return "\n".join(lines).rstrip("\n") + "\n"


def _github(comparison: Comparison) -> str:
    """Annotations: a warning for what widens, a notice for the rest."""
    difference = comparison.difference
    lines: list[tuple[bool, str]] = []
    for part in _parts(difference):
        if _governed(part):
            lines.append((False, f"{_paths(part)}: {_governed(part)}"))
        for change in _changes(part):
            sentence = f"{_paths(part)}: {_origins(change)} {_verb(change)}: {_detail(change)}; for example"
            lines.append((change.widens, f"{sentence} {change.example}"))
    for each in difference.fallback:
        lines.append((each.widens, f"fallback {each.setting}: {each.old} -> {each.new}"))
    lines.sort(key=lambda line: not line[0])
    return "".join(_annotation(comparison.path, text, widens=widens) for widens, text in lines)


def _annotation(path: str, text: str, *, widens: bool) -> str:
    level, title = ("warning", "CORS access widens") if widens else ("notice", "CORS access changes")
    return github.annotation(level, {"file": printable(path), "title": title}, printable(text))


def _json(comparison: Comparison) -> str:
    difference = comparison.difference
    return json.written(
        {
            "version": VERSION,
            "old": comparison.old,
            "new": comparison.new,
            "different": bool(difference),
            "widens": difference.widens,
            "paths": [_part(part) for part in _parts(difference)],
            "fallback": [
                {"setting": each.setting, "old": each.old, "new": each.new, "widens": each.widens}
                for each in difference.fallback
            ],
        }
    )


def _part(part: PathChange) -> dict[str, object]:
    return {
        "paths": [{"path": str(path), "example": example} for path, example in part.paths],
        "governed": {"old": part.governed[0], "new": part.governed[1]},
        "changes": [
            {
                "effect": _verb(change),
                "widens": change.widens,
                "origins": "*" if change.pattern is None else str(change.pattern),
                "except": [str(each) for each in change.exceptions],
                "example": change.example,
                "old": _access(change.old),
                "new": _access(change.new),
            }
            for change in _changes(part)
        ],
    }


def _access(access: Access | None) -> dict[str, object] | None:
    return None if access is None else {"literal": access.literal, **json.what(access.what)}


FORMATS: Mapping[str, Callable[[Comparison], str]] = {
    "text": _text,
    "json": _json,
    "github": _github,
    "markdown": _markdown,
}
