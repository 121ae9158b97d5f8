"""What a file says in one profile, parsed: per path its rules, per rule its entries, and what each rule gives.

    Document ── resolve ──> Policy ── by_path ──> {PathPattern: rules} ── entries ──> place, text, pattern

Here parsing is finished: the checks, the compiler, and whatever compares or explains a file read entries, never texts.
This room judges nothing. A malformed text and a broken reference resolve to nothing here; the checks report them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import filterfalse
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from corsrules.language import origin_pattern, path_pattern
from corsrules.language.budget import Budget
from corsrules.language.origin_pattern import Pattern
from corsrules.language.path_pattern import PathPattern
from corsrules.web.fetch import SAFELISTED_METHODS
from corsrules.web.origin import DEFAULT_PORTS, DIGITS, LETTERS, consists_of

if TYPE_CHECKING:
    from corsrules.findings import KeyPath
    from corsrules.language.model import Document, Fallback, Rule

EVERY_ORIGIN = "*"

#: Whether a text is an https origin of a domain name without a port, as browsers write it. Almost every entry of a
#: large file is plain, and a plain entry needs no further check: it is well written, no wildcard, and not on the user's
#: own machine (`localhost`, and a last label that could end an IP address, are left to the parser). For reading a file
#: only: no regular expression stands between a request and a decision.
is_plain = re.compile(
    r"https://(?=.{1,253}\Z)(?:[a-z0-9_-]{1,63}\.)++(?!localhost\Z)[a-z][a-z0-9_-]{0,62}", re.ASCII
).fullmatch


class Entry(NamedTuple):
    """A pattern of origins as it is written: its place, its text, and the set that the text stands for."""

    place: KeyPath
    text: str
    pattern: Pattern


class PathEntry(NamedTuple):
    """An entry of a rule's `paths`: its place (the rule's own where `paths` is left out), its text, its pattern."""

    place: KeyPath
    text: str
    pattern: PathPattern


@dataclass(frozen=True)
class OriginList:
    """Patterns that stand side by side in one array of the file: `texts[i]` is at `where + (start + i,)`."""

    where: KeyPath
    start: int
    texts: tuple[str, ...] = field(compare=False)

    @cached_property
    def plain(self) -> tuple[str, ...]:
        """The texts that are plain (see `is_plain`)."""
        return self.texts if not self._others else tuple(filter(is_plain, self.texts))

    @cached_property
    def entries_beside_plain(self) -> tuple[Entry, ...]:
        """The well-formed entries that are not plain."""
        parsed = ((place, text, origin_pattern.parse(text)) for place, text in self._others)
        return tuple(Entry(place, text, pattern) for place, text, pattern in parsed if pattern is not None)

    @cached_property
    def malformed(self) -> tuple[tuple[KeyPath, str], ...]:
        """The texts that are no pattern, with their places. `"*"`, which stands for every origin, is none of them."""
        well_formed = {entry.place for entry in self.entries_beside_plain}
        return tuple((place, text) for place, text in self._others if place not in well_formed and text != EVERY_ORIGIN)

    def entries(self) -> Iterator[Entry]:
        """Every well-formed entry, in the order of the file."""
        beside_plain = self._beside_plain
        port = DEFAULT_PORTS["https"]
        for position, text in enumerate(self.texts, self.start):
            if position in beside_plain:
                yield beside_plain[position]
            elif is_plain(text):
                yield Entry((*self.where, position), text, Pattern("https", "", text[len("https://") :], port, port))

    def sets(self) -> Iterator[tuple[int, str | Pattern]]:
        """What every well-formed entry stands for, with its position: the text of one origin, or a pattern of several.

        Two of these are equal where the sets of origins are, as patterns are, and they take less to make.
        """
        if not self._others:
            yield from enumerate(self.texts, self.start)
            return
        beside_plain = self._beside_plain
        for position, text in enumerate(self.texts, self.start):
            if position in beside_plain:
                pattern = beside_plain[position].pattern
                yield position, str(pattern) if pattern.is_single else pattern
            elif is_plain(text):
                yield position, text

    @cached_property
    def _beside_plain(self) -> Mapping[int, Entry]:
        """The entries that are not plain by their position."""
        return {int(entry.place[-1]): entry for entry in self.entries_beside_plain}

    @cached_property
    def _others(self) -> tuple[tuple[KeyPath, str], ...]:
        if next(filterfalse(is_plain, self.texts), None) is None:
            return ()
        numbered = enumerate(self.texts, self.start)
        return tuple(((*self.where, position), text) for position, text in numbered if not is_plain(text))


class What(NamedTuple):
    """What a rule gives to the origins it names, in the form in which two rules are compared and answered."""

    methods: tuple[str, ...]
    request_headers: tuple[str, ...]
    response_headers: tuple[str, ...]
    credentials: bool
    max_age: int | None


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """A rule in one profile.

    `index` counts the rules of the file from 0, and `label` is what reports call the rule. `star` is the place of its
    `"*"`, None where it has none. `written` are the keys that the file writes for the rule.
    """

    index: int
    label: str
    paths: tuple[PathEntry, ...]
    lists: tuple[OriginList, ...]
    star: KeyPath | None
    what: What
    written: frozenset[str] = field(compare=False)

    @property
    def where(self) -> KeyPath:
        """The rule's place in the file."""
        return ("rules", self.index)

    @property
    def allows_every_origin(self) -> bool:
        """Whether the rule says `origins = ["*"]`."""
        return self.star is not None

    @property
    def names_anybody(self) -> bool:
        """Whether the rule names an origin, or `"*"`."""
        return self.allows_every_origin or any(self.entries())

    @property
    def size(self) -> int:
        """How many entries the rule's lists have."""
        return sum(len(origins.texts) for origins in self.lists)

    def entries(self) -> Iterator[Entry]:
        """Every pattern that the rule names."""
        for origins in self.lists:
            yield from origins.entries()

    def named(self) -> Iterator[tuple[KeyPath, str, Pattern | None]]:
        """Everything that the rule names, with its place: `"*"`, which is no pattern (None), then the entries."""
        if self.star is not None:
            yield self.star, EVERY_ORIGIN, None
        yield from self.entries()

    def place_of(self, key: str) -> KeyPath:
        """Where the rule says `key`; the rule itself where the file leaves the key out."""
        return (*self.where, key) if key in self.written else self.where


@dataclass(frozen=True)
class Policy:
    """The rules that hold in one profile (None: the file has no profiles)."""

    profile: str | None
    development: bool
    rules: tuple[PolicyRule, ...]
    fallback: Fallback

    @cached_property
    def by_path(self) -> Mapping[PathPattern, tuple[PolicyRule, ...]]:
        """The rules of each path, in the order of the file."""
        paths: dict[PathPattern, dict[int, PolicyRule]] = {}
        for rule in self.rules:
            for entry in rule.paths:
                paths.setdefault(entry.pattern, {})[rule.index] = rule
        return {path: tuple(rules.values()) for path, rules in paths.items()}


def resolve(document: Document, profile: str | None) -> Policy:
    """The policy of `profile`, which must be one of the document's, or None for a document without profiles."""
    return Written(document).policy(profile)


def policies_of(document: Document) -> tuple[Policy, ...]:
    """The policies of all profiles (a document without profiles has one)."""
    written = Written(document)
    return tuple(map(written.policy, document.profiles or (None,)))


class Written:
    """What a document writes, parsed once however many of its profiles use it.

    A profile is resolved from its parent: rules whose groups it does not give itself are the parent's, the same
    objects. So the cost of a profile is its own groups, and, where a rule uses one of them, a look at each rule; that
    is spent from `budget`.
    """

    def __init__(self, document: Document, budget: Budget | None = None) -> None:
        self._document = document
        self._budget = budget or Budget()
        self._groups: dict[str, dict[str, OriginList]] = {
            name: {
                group: OriginList(("profiles", name, "origins", group), 0, texts)
                for group, texts in profile.origins.items()
            }
            for name, profile in document.profiles.items()
        }
        self._parts = [_parts(index, rule.origins) for index, rule in enumerate(document.rules)]
        self._rules = tuple(
            _read_rule(index, rule, parts)
            for index, (rule, parts) in enumerate(zip(document.rules, self._parts, strict=True))
        )
        self._users: defaultdict[str, dict[int, None]] = defaultdict(dict)
        for index, parts in enumerate(self._parts):
            for part in parts:
                if isinstance(part, str):
                    self._users[part][index] = None
        self._resolved: dict[str, _Resolved] = {}

    def lists(self) -> Iterator[OriginList]:
        """Every list of origins in the document, also of groups that no rule uses."""
        for groups in self._groups.values():
            yield from groups.values()
        for rule in self._rules:
            yield from rule.lists

    @property
    def size(self) -> int:
        """How many entries the lists have together."""
        return sum(len(origins.texts) for origins in self.lists())

    def lists_in_use(self) -> Iterator[OriginList]:
        """Every list of origins that some rule uses in some profile."""
        for groups in self._groups.values():
            yield from (origins for group, origins in groups.items() if group in self._users)
        for rule in self._rules:
            yield from rule.lists

    def policy(self, profile: str | None) -> Policy:
        """The policy of one profile; `OverBudget` where the budget does not suffice for it and its ancestors."""
        resolved = _Resolved(self._rules, {}, development=False) if profile is None else self._resolve(profile)
        return Policy(profile, resolved.development, resolved.rules, self._document.fallback)

    def _resolve(self, profile: str) -> _Resolved:
        """The profile resolved, after those of its ancestors that are not yet."""
        profiles = self._document.profiles
        line: dict[str, int] = {}
        name: str | None = profile
        while name is not None and name in profiles and name not in self._resolved and name not in line:
            line[name] = len(line)
            name = profiles[name].inherits
        names = list(line)
        if name in line:
            # A circle: each of it inherits from all others. The second time around, all of them stand above it.
            names += names[line[name] :]
        above = self._resolved.get(name or "", _Resolved(self._rules, {}, development=False))
        for each in reversed(names):
            above = self._resolved[each] = self._inherited(above, each)
        return above

    def _inherited(self, above: _Resolved, name: str) -> _Resolved:
        """A profile from its resolved parent."""
        # Inheriting from a development profile is an error of its own; what is inherited is not reported once more.
        development = above.development or self._document.profiles[name].development
        own = {group: origins for group, origins in self._groups[name].items() if group in self._users}
        if not own:
            return above._replace(development=development)
        self._budget.spend(len(self._rules) + len(above.groups) + len(own))
        rules, groups = list(above.rules), {**above.groups, **own}
        for index in {index: None for group in own for index in self._users[group]}:
            self._budget.spend(len(self._parts[index]))
            rules[index] = _with_groups(self._rules[index], self._parts[index], groups)
        return _Resolved(tuple(rules), groups, development)


class _Resolved(NamedTuple):
    """The rules of a profile, what it gives for those groups that rules use, and whether it is for development."""

    rules: tuple[PolicyRule, ...]
    groups: Mapping[str, OriginList]
    development: bool


def _parts(index: int, origins: tuple[str, ...]) -> tuple[OriginList | str, ...]:
    """A rule's own patterns and the names of its groups, in the order of the file; without `"*"`."""
    where: KeyPath = ("rules", index, "origins")
    if EVERY_ORIGIN not in origins and not any(map(is_group_name, origins)):
        return (OriginList(where, 0, origins),)
    return tuple(
        text if is_group_name(text) else OriginList(where, position, (text,))
        for position, text in enumerate(origins)
        if text != EVERY_ORIGIN
    )


def _read_rule(index: int, rule: Rule, parts: Iterable[OriginList | str]) -> PolicyRule:
    """The rule with its own patterns only."""
    where: KeyPath = ("rules", index)
    return PolicyRule(
        index,
        label_of(index, rule),
        tuple(_path_entries(where, rule)),
        tuple(part for part in parts if isinstance(part, OriginList)),
        (*where, "origins", rule.origins.index(EVERY_ORIGIN)) if EVERY_ORIGIN in rule.origins else None,
        What(
            methods=tuple(sorted(set(rule.methods) - SAFELISTED_METHODS)),
            request_headers=_header_names(rule.request_headers),
            response_headers=_header_names(rule.response_headers),
            credentials=rule.credentials,
            max_age=rule.max_age,
        ),
        frozenset(name.replace("_", "-") for name in rule.model_fields_set),
    )


def _with_groups(rule: PolicyRule, parts: tuple[OriginList | str, ...], groups: Mapping[str, OriginList]) -> PolicyRule:
    """The rule with what its groups stand for."""
    lists = (groups.get(part) if isinstance(part, str) else part for part in parts)
    return replace(rule, lists=tuple(each for each in lists if each is not None))


def _path_entries(where: KeyPath, rule: Rule) -> Iterator[PathEntry]:
    """The well-formed entries of `paths`, each text once."""
    written = "paths" in rule.model_fields_set
    places = {text: position for position, text in reversed(list(enumerate(rule.paths)))}
    for text, position in sorted(places.items(), key=itemgetter(1)):
        pattern = path_pattern.parse(text)
        if pattern is not None:
            yield PathEntry((*where, "paths", position) if written else where, text, pattern)


def label_of(index: int, rule: Rule) -> str:
    """What reports call the rule."""
    return rule.name or f"rules[{index}]"


def is_group_name(text: str) -> bool:
    """Whether an entry of `rules[].origins` is meant as a group's name (`null` is meant as an origin, wrongly)."""
    return text != "null" and text != "" and text[0] in LETTERS and consists_of(text, LETTERS + DIGITS + "-")


def group_names(rule: Rule) -> list[tuple[int, str]]:
    """The entries of `origins` that are meant as the names of groups, with their positions."""
    return [(position, text) for position, text in enumerate(rule.origins) if is_group_name(text)]


def _header_names(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({name.lower() for name in names}))
