"""The proof that `locate` finds the right places.

It needs no second locator, since tomli can judge one: what was found is cut out and read again.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import tomli

from corsrules.findings import KeyPath
from corsrules.language.toml import Location, locate, parse


def accepts(text: str) -> bool:
    try:
        tomli.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def prove(text: str, document: object, places: dict[KeyPath, Location]) -> None:
    """`places` holds exactly the paths of the document, and where each key and value is written."""
    values = dict(walk(document))
    assert places.keys() == values.keys()
    for path, place in places.items():
        if path == ():
            assert place == (None, (0, 0))
            continue
        prove_key(text, path, place)
        prove_value(text, path, place, values[path])
        above = places[path[:-1]]
        if place.key and above.value == above.key:  # the name that implies a table stands before what it holds
            assert above.value.end < place.key.start
    keys = [place.key for place in places.values() if place.key]
    assert len(keys) == len(set(keys))


def prove_key(text: str, path: KeyPath, place: Location) -> None:
    """What stands there is one name, the last of the path."""
    if isinstance(path[-1], int):
        assert place.key is None
    else:
        assert place.key is not None
        assert name_in(text[slice(*place.key)]) == path[-1]


def prove_value(text: str, path: KeyPath, place: Location, value: object) -> None:
    """What stands there is the value itself, or the name that implies the table, or the table's header."""
    start, end = place.value
    written = text[start:end]
    if value_in(written) == repr(value):
        assert place.key is None or text[place.key.end : start].strip(" \t") == "="
    elif place.value == place.key:
        assert isinstance(value, dict)
        assert text[end:].lstrip(" \t").startswith(".")
    else:
        in_array = isinstance(value, list) or isinstance(path[-1], int)
        assert header_in(written) == (in_array, [step for step in path if isinstance(step, str)])
        assert place.key is None or text[place.key.end : end].strip(" \t") in ("]", "]]")
        if in_array or any(isinstance(step, int) for step in path):  # the header may be there several times
            assert has(text[:end], path)
            assert not (in_array and has(text[:start], path))


def prove_by_overwriting(text: str, document: object, path: KeyPath, place: Location) -> None:
    """Something else written over a value takes its place in the document, and that of nothing else."""
    value = value_at(document, path)
    start, end = place.value
    if value_in(text[start:end]) == repr(value):
        changed: Any = tomli.loads(f"{text[:start]}'something else'{text[end:]}")
        assert value_at(changed, path) == "something else"
        value_at(changed, path[:-1])[path[-1]] = value
        assert repr(changed) == repr(document)


def prove_all(text: str) -> None:
    document, places = parse(text), locate(text)
    prove(text, document, places)
    for path, place in places.items():
        prove_by_overwriting(text, document, path, place)


@lru_cache(maxsize=100_000)
def name_in(written: str) -> str:
    """The one name that is written there, without a blank around it."""
    assert written == written.strip()
    [(name, value)] = tomli.loads(f"{written} = 0").items()
    assert value == 0
    return name


@lru_cache(maxsize=100_000)
def value_in(written: str) -> str | None:
    """The `repr` (a nan equals no nan) of the one value there, without a blank or a comment around it."""
    try:
        [value, _] = tomli.loads(f"x = [{written}, 0]")["x"]
    except ValueError:
        return None
    return repr(value) if written == written.strip() else None


@lru_cache(maxsize=100_000)
def header_in(written: str) -> tuple[bool, list[str]]:
    """Whether the one header there is an array's, and its names; without a blank or a comment around it."""
    assert written == written.strip()
    assert not accepts(written[:-1])
    names: list[str] = []
    table: Any = tomli.loads(written)
    while isinstance(table, dict) and table:
        [(name, table)] = table.items()
        names.append(name)
    return table == [{}], names


def value_at(document: Any, path: KeyPath) -> Any:
    for step in path:
        document = document[step]
    return document


def has(text: str, path: KeyPath) -> bool:
    try:
        value_at(tomli.loads(text), path)
    except LookupError:
        return False
    return True


def walk(document: object) -> Iterator[tuple[KeyPath, object]]:
    """Every path and its value. Without recursion, since documents may be deep."""
    rest: list[tuple[KeyPath, object]] = [((), document)]
    while rest:
        path, value = rest.pop()
        yield path, value
        if isinstance(value, dict):
            rest += (((*path, name), item) for name, item in value.items())
        elif isinstance(value, list):
            rest += (((*path, index), item) for index, item in enumerate(value))
