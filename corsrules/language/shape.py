"""What the model refuses, said in our words: unknown and missing keys, wrong types, values out of range."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from corsrules.findings import KeyPath, Place, Problem
from corsrules.language.model import VERSION, Document, Fallback, Profile, Rule, Table, Test

#: What a TOML type is called, by the Python type that tomli gives it.
TYPE_NAMES = {
    "bool": "a boolean",
    "int": "an integer",
    "float": "a float",
    "str": "a string",
    "list": "an array",
    "dict": "a table",
    "datetime": "a date and time",
    "date": "a date",
    "time": "a time",
}

#: What the model wanted, by pydantic's name of the error.
WANTED = {
    "string_type": "a string",
    "bool_type": "true or false",
    "int_type": "an integer",
    "tuple_type": "an array",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
}

GROUP_HELP = "a group's name is made of a-z, 0-9 and `-`, and begins with a letter"
PROFILE_HELP = "a profile's name is made of letters, digits, `-` and `_`"


def problems(error: ValidationError, values: Mapping[str, object]) -> Iterator[Problem]:
    """One problem for each thing that the model refused in `values`."""
    details = error.errors(include_url=False)
    places = [_place(detail, values) for detail in details]
    meant = {
        (place.path[:-1], _nearest(place.path))
        for detail, place in zip(details, places, strict=True)
        if detail["type"] == "extra_forbidden"
    }
    for detail, place in zip(details, places, strict=True):
        if detail["type"] == "too_short" and detail["input"]:
            continue  # pydantic counts only the elements that are right
        if detail["type"] == "missing" and (place.path, detail["loc"][-1]) in meant:
            continue  # it is there, misspelt
        yield _problem(detail, place)


def newer_version(values: Mapping[str, object]) -> Problem | None:
    """CR006 for a file of a later format; nothing else in it can be judged then."""
    version = values.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or version <= VERSION:
        return None
    return Problem(
        "CR006",
        f"version {version} of the file format is newer than this release knows",
        Place(("version",)),
        help=f"upgrade corsrules, or write the file in version {VERSION}",
    )


def _place(detail: ErrorDetails, values: Mapping[str, object]) -> Place:
    """The place of an error. Pydantic's steps that are not in the document (`[key]`) are left out."""
    path: KeyPath = ()
    value: Any = values
    for step in detail["loc"]:
        if (isinstance(value, dict) and step in value) or (isinstance(value, list) and isinstance(step, int)):
            value = cast(Any, value)[step]
            path = (*path, step)
    on_key = detail["type"] == "extra_forbidden" or detail["loc"][-1:] == ("[key]",)
    return Place(path, "key" if on_key else "value")


def _problem(detail: ErrorDetails, place: Place) -> Problem:
    kind, given, limits = detail["type"], detail["input"], detail.get("ctx", {})
    key = _dotted(place.path)
    if kind == "extra_forbidden":
        return Problem("CR003", f"unknown key `{place.path[-1]}`", place, help=_nearest_key(place.path))
    if kind == "missing":
        return Problem("CR004", f"`{detail['loc'][-1]}` is missing", place, help=_missing_help(str(detail["loc"][-1])))
    if place.path == ("version",):
        message = "`version` is not a version of the file format"
        return Problem("CR006", message, place, help=f"write `version = {VERSION}`")
    if place.part == "key":
        advice = PROFILE_HELP if len(place.path) == 2 else GROUP_HELP
        return Problem("CR009", f"`{place.path[-1]}` cannot be used as a name", place, advice)
    if kind in WANTED:
        found = TYPE_NAMES.get(type(given).__name__, type(given).__name__)
        return Problem("CR005", f"`{key}` must be {WANTED[kind]}, not {found}", place, _array_help(key, kind, given))
    if kind in ("too_short", "string_too_short"):
        return Problem("CR007", f"`{key}` must not be empty", place, help=_empty_help(key))
    if kind in ("less_than_equal", "greater_than_equal"):
        limit = f"at most {limits['le']}" if kind == "less_than_equal" else f"at least {limits['ge']}"
        return Problem("CR007", f"`{key}` must be {limit}", place)
    return Problem("CR007", f"`{key}`: {detail['msg']}", place)


def _missing_help(key: str) -> str:
    return {
        "version": f"write `version = {VERSION}` at the top of the file",
        "rules": 'write a rule: `[[rules]]`, then `origins = ["https://app.example.com"]`',
        "origins": "name the origins; an empty list means nobody",
    }.get(key, "")


def _empty_help(key: str) -> str:
    return {
        "rules": 'write a rule: `[[rules]]`, then `origins = ["https://app.example.com"]`',
        "paths": "leave the key out for every path",
    }.get(key.rpartition(".")[2], "")


def _array_help(key: str, kind: str, given: object) -> str:
    if kind != "tuple_type":
        return ""
    return f"write `[[{key}]]`" if isinstance(given, dict) else f'write `["{given}"]`' if isinstance(given, str) else ""


def _nearest_key(path: KeyPath) -> str:
    nearest = _nearest(path)
    if nearest is not None:
        return f"did you mean `{nearest}`?"
    if path[:-1] and path[-1] in _keys_at(()):
        return f"a `{path[-1]}` for the whole file stands above its first table"
    return "the keys here are " + ", ".join(f"`{key}`" for key in _keys_at(path[:-1]))


def _nearest(path: KeyPath) -> str | None:
    """The known key that the last one of `path` is meant to be, if any is near and it is no key of the document."""
    name = str(path[-1]).lower().replace("_", "-")
    if path[:-1] and name in _keys_at(()):
        return None
    import difflib  # read only for an error's help

    return next(iter(difflib.get_close_matches(name, _keys_at(path[:-1]), n=1)), None)


def _keys_at(path: KeyPath) -> list[str]:
    return [field.alias or name for name, field in _table_at(path).model_fields.items()]


def _table_at(path: KeyPath) -> type[Table]:
    """The model of the table at `path`."""
    tables: dict[str, type[Table]] = {"profiles": Profile, "rules": Rule, "fallback": Fallback, "tests": Test}
    return tables[str(path[0])] if path else Document


def _dotted(path: KeyPath) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


# --- what is left of a document with broken parts -------------------------------------------------------------------


def remove_broken(rest: dict[str, Any], broken: list[Problem]) -> None:
    """Removes the keys that `broken` names from the values, so that the rest can be checked too.

    A rule that cannot be read is replaced by one that names nobody: the places of the others stay what they are.
    """
    for problem in broken:
        path = problem.place.path
        if path[:1] == ("tests",):
            rest.pop("tests", None)
        elif path[:1] == ("rules",) and (len(path) <= 2 or path[2] == "origins"):
            _replace_rule(rest, path)
        else:
            _remove(rest, path)
    rest["version"] = VERSION
    rest.setdefault("rules", [{"origins": []}])


def _replace_rule(rest: dict[str, Any], path: KeyPath) -> None:
    if len(path) >= 2 and isinstance(rest.get("rules"), list):
        rest["rules"][path[1]] = {"origins": []}
    else:
        rest["rules"] = [{"origins": []}]


def _remove(rest: dict[str, Any], path: KeyPath) -> None:
    """Removes the innermost key of `path` (the whole array where an element of one is meant)."""
    keys = path
    while keys and isinstance(keys[-1], int):
        keys = keys[:-1]
    table: Any = rest
    for step in keys[:-1]:
        if isinstance(table, dict) and step not in table:
            return
        table = table[step]
    if keys and isinstance(table, dict):
        table.pop(keys[-1], None)
