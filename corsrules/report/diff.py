"""What `corsrules diff` prints: who gains and who loses what, and where."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
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

#: How such a comment marks who gains.
WIDENS = "⚠️ **widens** "


class Comparison(NamedTuple):
    """What differs between a profile of the old side and one of the new; None for a side without profiles."""

    difference: Difference
    old_profile: str | None
    new_profile: str | None


class Compared(NamedTuple):
    """What the two sides are called, the path of the new one's file, and what came of comparing them.

    `only_old` and `only_new` are the profiles that the other side lacks, so that they are compared with nothing.
    """

    old: str
    new: str
    path: str
    comparisons: Sequence[Comparison]
    only_old: Sequence[str] = ()
    only_new: Sequence[str] = ()

    @property
    def is_different(self) -> bool:
        """Whether the sides allow something different in some profile, or have different profiles."""
        return any(each.difference for each in self.comparisons) or bool(self.only_old or self.only_new)

    @property
    def widens(self) -> bool:
        """Whether someone gains access. A profile that the old side lacks let nobody in before."""
        return any(each.difference.widens for each in self.comparisons) or bool(self.only_new)

    @property
    def is_one(self) -> bool:
        """Whether this is one comparison and nothing else."""
        return len(self.comparisons) == 1 and not (self.only_old or self.only_new)


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


def _sides(compared: Compared, comparison: Comparison) -> tuple[str, str]:
    """What the two are called that were compared."""
    return _named(compared.old, comparison.old_profile), _named(compared.new, comparison.new_profile)


def _named(side: str, profile: str | None) -> str:
    return side if profile is None else f"{side} ({profile})"


def _summary(compared: Compared, comparison: Comparison) -> str:
    if not comparison.difference:
        what = "no difference"
    else:
        what = "someone gains access" if comparison.difference.widens else "nobody gains access"
    return f"{' -> '.join(_sides(compared, comparison))}: {what}"


def _alone(compared: Compared) -> Iterator[tuple[bool, str]]:
    """What is said of each profile that only one side has, and whether it widens."""
    for profile in compared.only_new:
        yield True, f"only {compared.new} has the profile {profile}: all that it allows is new"
    for profile in compared.only_old:
        yield False, f"only {compared.old} has the profile {profile}: whoever uses it has none in {compared.new}"


# --- the formats ------------------------------------------------------------------------------------------------------


def _text(compared: Compared) -> str:
    lines: list[str] = []
    for each in compared.comparisons:
        lines += _lines(each.difference)
        lines.append(_summary(compared, each) if each.difference or not compared.is_one else "no difference")
        lines += [""] if each.difference and not compared.is_one else []
    lines += [f"{'widens: ' if widens else ''}{said}" for widens, said in _alone(compared)]
    while not lines[-1]:
        lines.pop()
    return "".join(f"{printable(line)}\n" for line in lines)


def _lines(difference: Difference) -> Iterator[str]:
    for part in _parts(difference):
        yield _paths(part)
        if _governed(part):
            yield f"  {_governed(part)}"
        for change in _changes(part):
            yield f"  {'widens: ' if change.widens else ''}{_verb(change)}  {_origins(change)}"
            yield f"      {_detail(change)}"
            yield f"      for example {change.example}"
        yield ""
    if difference.fallback:
        yield "fallback"
        for each in difference.fallback:
            yield f"  {'widens: ' if each.widens else ''}{each.setting}: {each.old} -> {each.new}"
        yield ""


def _markdown(compared: Compared) -> str:
    """A comment on a pull request."""
    if not compared.is_different:
        return "**CORS: no difference**\n"
    rows_each = ROWS_SHOWN // max(sum(bool(each.difference) for each in compared.comparisons), 1)
    lines: list[str] = []
    for each in compared.comparisons:
        summary = markdown.cell(_summary(compared, each))
        lines += [f"**{summary}**", "", *_section(each.difference, rows_each), ""] if each.difference else []
        lines += [f"- {summary}"] if not each.difference else []
    lines += [f"- {WIDENS if widens else ''}{markdown.cell(said)}" for widens, said in _alone(compared)]
    return re.sub("\n{3,}", "\n\n", "\n".join(lines)).rstrip("\n") + "\n"


def _section(difference: Difference, most: int) -> Iterator[str]:
    """A table of who gains and who loses, of `most` rows, and what else is different."""
    rows = [(part, change) for part in _parts(difference) for change in _changes(part)]
    rows.sort(key=lambda row: not row[1].widens)
    if rows:
        yield from ("| | paths | origins | what | for example |", "|---|---|---|---|---|")
    for part, change in rows[:most]:
        cells = (
            markdown.code(_paths(part)),
            markdown.code(_origins(change)),
            markdown.cell(_detail(change)),
            markdown.code(change.example),
        )
        yield f"| {WIDENS if change.widens else ''}{_verb(change)} | " + " | ".join(cells) + " |"
    if len(rows) > most:
        yield from ("", f"… and {len(rows) - most} more")
    yield ""
    yield from (f"- {markdown.code(_paths(part))}: {_governed(part)}" for part in difference.paths if _governed(part))
    for each in difference.fallback:
        setting, old, new = map(markdown.code, (each.setting, each.old, each.new))
        yield f"- {WIDENS if each.widens else ''}fallback {setting}: {old} → {new}"


def _github(compared: Compared) -> str:
    """Annotations: a warning for what widens, a notice for the rest."""
    lines: list[tuple[bool, str]] = []
    for comparison in compared.comparisons:
        where = "" if compared.is_one else f"{' -> '.join(_sides(compared, comparison))}: "
        lines += [(widens, where + said) for widens, said in _sentences(comparison.difference)]
    lines += _alone(compared)
    lines.sort(key=lambda line: not line[0])
    return "".join(_annotation(compared.path, text, widens=widens) for widens, text in lines)


def _sentences(difference: Difference) -> Iterator[tuple[bool, str]]:
    """Each change in a sentence, and whether it widens."""
    for part in _parts(difference):
        if _governed(part):
            yield False, f"{_paths(part)}: {_governed(part)}"
        for change in _changes(part):
            sentence = f"{_paths(part)}: {_origins(change)} {_verb(change)}: {_detail(change)}; for example"
            yield change.widens, f"{sentence} {change.example}"
    for each in difference.fallback:
        yield each.widens, f"fallback {each.setting}: {each.old} -> {each.new}"


def _annotation(path: str, text: str, *, widens: bool) -> str:
    level, title = ("warning", "CORS access widens") if widens else ("notice", "CORS access changes")
    return github.annotation(level, {"file": printable(path), "title": title}, printable(text))


def _json(compared: Compared) -> str:
    old, new = _sides(compared, compared.comparisons[0]) if compared.is_one else (compared.old, compared.new)
    profiles = [{"old_profile": each.old_profile, "new_profile": each.new_profile} for each in compared.comparisons]
    differences = [each.difference for each in compared.comparisons]
    pairs = list(zip(profiles, differences, strict=True))
    return json.written(
        {
            "version": VERSION,
            "old": old,
            "new": new,
            "different": compared.is_different,
            "widens": compared.widens,
            "compared": [
                {**names, "different": bool(difference), "widens": difference.widens} for names, difference in pairs
            ],
            "only_old": list(compared.only_old),
            "only_new": list(compared.only_new),
            "paths": [{**names, **_part(part)} for names, difference in pairs for part in _parts(difference)],
            "fallback": [
                {**names, "setting": each.setting, "old": each.old, "new": each.new, "widens": each.widens}
                for names, difference in pairs
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


FORMATS: Mapping[str, Callable[[Compared], str]] = {
    "text": _text,
    "json": _json,
    "github": _github,
    "markdown": _markdown,
}
