"""What two policies answer differently: access compared, not text.

A policy is a function from a path and an origin to an answer. Both are infinite, but each policy has finitely many
patterns, and these cut paths and origins into finitely many parts on which neither policy changes its answer.

Paths. The longest of *all* path patterns of both policies that covers a path says which part it is in. In the part of
the pattern v, the path that governs in one policy is always the same: whatever of that policy covers a path of the part
is not longer than v, so it is v itself or a `/*` whose base is v's or a parent of it, and these cover all of the part.
So the rules to compare are found once for each pattern (`_governing`), and one example stands for the part.

Origins are compared by `language.access`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from corsrules.language import origin_pattern
from corsrules.language.access import NOBODY, Access, Change, Rules, compare, gained, path_and_parents, rules_of
from corsrules.language.budget import Budget
from corsrules.language.origin_pattern import PatternIndex
from corsrules.language.path_pattern import PathPattern
from corsrules.language.policy import Policy, PolicyRule


@dataclass(frozen=True, slots=True)
class PathChange:
    """What is different at some paths that have the same rules, each with an example of a path.

    `governed` tells of the old and the new policy whether a rule governs there.
    """

    paths: tuple[tuple[PathPattern, str], ...]
    governed: tuple[bool, bool]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class FallbackChange:
    """A setting of the fallback that finds another origin, or gives it more or less; as it would be written."""

    setting: str
    old: str
    new: str
    widens: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """All that two policies answer differently; false where they answer the same."""

    paths: tuple[PathChange, ...]
    fallback: tuple[FallbackChange, ...]

    def __bool__(self) -> bool:
        return bool(self.paths or self.fallback)

    @property
    def widens(self) -> bool:
        """Whether someone is given something that they were not."""
        return any(each.widens for each in self.fallback) or any(
            change.widens for region in self.paths for change in region.changes
        )


def between(old: Policy, new: Policy) -> Difference:
    """What `new` answers differently from `old`; both are of files without errors.

    `OverBudget` where the patterns of the two overlap in so many ways that it cannot be listed.
    """
    old_paths, new_paths = old.by_path, new.by_path
    every_path = dict.fromkeys((*old_paths, *new_paths))
    budget = Budget.for_entries(sum(rule.size for rule in (*old.rules, *new.rules)))
    sides = _Sides(), _Sides()
    found: dict[tuple[tuple[bool, bool], tuple[Change, ...]], list[tuple[PathPattern, str]]] = {}
    known: dict[tuple[int, int], list[tuple[PathPattern, str]] | None] = {}
    for path in sorted(every_path):
        rules = _governing(path, old_paths), _governing(path, new_paths)
        numbers = sides[0].number(rules[0]), sides[1].number(rules[1])
        if numbers not in known:
            changes = tuple(compare(sides[0].rules[numbers[0]], sides[1].rules[numbers[1]], budget))
            governed = rules[0] is not None, rules[1] is not None
            differs = changes or governed[0] != governed[1]
            known[numbers] = found.setdefault((governed, changes), []) if differs else None
        here = known[numbers]
        if here is not None:
            here.append((path, _path_in(path, every_path)))
    return Difference(
        tuple(PathChange(tuple(paths), governed, changes) for (governed, changes), paths in found.items()),
        tuple(_fallback_changes(old, new)),
    )


class _Sides:
    """The rules of the paths of one policy as sets of origins, numbered; the same rules have one number."""

    def __init__(self) -> None:
        self.rules: list[Rules] = []
        self._by_rules: dict[tuple[int, ...] | None, int] = {}
        self._by_object: dict[int, int] = {}

    def number(self, rules: Sequence[PolicyRule] | None) -> int:
        """The number of the rules (None: of a path under no rule), which the policy keeps."""
        if id(rules) not in self._by_object:
            key = None if rules is None else tuple(rule.index for rule in rules)
            if key not in self._by_rules:
                self._by_rules[key] = len(self.rules)
                self.rules.append(NOBODY if rules is None else rules_of(rules))
            self._by_object[id(rules)] = self._by_rules[key]
        return self._by_object[id(rules)]


# --- paths ------------------------------------------------------------------------------------------------------------


def _governing(path: PathPattern, paths: Mapping[PathPattern, Sequence[PolicyRule]]) -> Sequence[PolicyRule] | None:
    """The rules that alone decide in the part of `path`; None where none does."""
    return next((paths[around] for around in path_and_parents(path) if around in paths), None)


def _path_in(path: PathPattern, paths: Mapping[PathPattern, object]) -> str:
    """A path that `path` covers, and no longer one of `paths`."""
    if not path.below:
        return path.base
    if path.base and PathPattern(path.base, below=False) not in paths:
        return path.base
    if not path.base and PathPattern("/", below=False) not in paths:
        return "/"
    names = (f"{path.base}/x{number or ''}" for number in count())
    return next(
        name for name in names if not {PathPattern(name, below=False), PathPattern(name, below=True)} & {*paths}
    )


# --- what is more -----------------------------------------------------------------------------------------------------


def differences(old: Access, new: Access) -> tuple[str, ...]:
    """Everything in which two answers differ, in words."""
    words = [f"gains {text}" for text in gained(old.what, new.what)]
    words += [f"loses {text}" for text in gained(new.what, old.what)]
    if old.what.max_age != new.what.max_age:
        words.append(f"max-age {_written(old.what.max_age)} -> {_written(new.what.max_age)}")
    if old.literal != new.literal:
        words.append("is answered with *" if new.literal else "is answered by its name")
    # What "*" covers may be named beside it: nothing is gained or lost, but other bytes are sent.
    return tuple(words) or ("names what * covers anyway",)


def _written(max_age: int | None) -> str:
    return "none" if max_age is None else str(max_age)


# --- the fallback -----------------------------------------------------------------------------------------------------


def _fallback_changes(old: Policy, new: Policy) -> Iterator[FallbackChange]:
    """The settings that find another origin, where a rule names one that can be found so, or give it something else."""
    if old.fallback == new.fallback:
        return
    allowed_old, allowed_new = _NamedOrigins(old), _NamedOrigins(new)
    if not allowed_old.schemes and not allowed_new.schemes:
        return  # a path with only "*" never consults the fallback
    names_old, names_new = ([name.lower() for name in policy.fallback.headers] for policy in (old, new))
    if names_old != names_new:
        widens = bool(set(names_new) - set(names_old))
        yield FallbackChange("headers", ", ".join(names_old) or "none", ", ".join(names_new) or "none", widens)
    scheme_old, scheme_new = old.fallback.host_scheme, new.fallback.host_scheme
    for host in sorted({*old.fallback.hosts, *new.fallback.hosts}):
        found_old = old.fallback.hosts.get(host, scheme_old and f"{scheme_old}://{host}")
        found_new = new.fallback.hosts.get(host, scheme_new and f"{scheme_new}://{host}")
        if found_old != found_new and (allowed_old.has(found_old) or allowed_new.has(found_new)):
            widens = allowed_new.has(found_new)
            yield FallbackChange(f"hosts {host}", found_old or "none", found_new or "none", widens)
    if scheme_old != scheme_new and (scheme_old in allowed_old.schemes or scheme_new in allowed_new.schemes):
        widens = scheme_new in allowed_new.schemes
        yield FallbackChange("host-scheme", scheme_old or "false", scheme_new or "false", widens)
    if old.fallback.credentials != new.fallback.credentials and (allowed_old.credentials or allowed_new.credentials):
        yield FallbackChange(
            "credentials",
            str(old.fallback.credentials).lower(),
            str(new.fallback.credentials).lower(),
            new.fallback.credentials and allowed_new.credentials,
        )


class _NamedOrigins:
    """The origins that a policy names, at any path."""

    def __init__(self, policy: Policy) -> None:
        patterns = {entry.pattern for rule in policy.rules for entry in rule.entries()}
        self.credentials = any(rule.what.credentials and any(rule.entries()) for rule in policy.rules)
        self.schemes = {each.scheme for each in patterns}
        self._index = PatternIndex(patterns)

    def has(self, origin: str | None) -> bool:
        """Whether the text is an origin that is named."""
        parsed = None if origin is None else origin_pattern.parse(origin)
        return parsed is not None and parsed.is_single and any(self._index.containing(parsed))
