"""One profile of a file: its rules with group names replaced by what they stand for there.

The checks, the compiler and whatever compares or explains a file all ask this room who a rule names and what it says.
It judges nothing: a broken reference resolves to nothing here and is reported by the checks.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import filterfalse
from typing import NamedTuple

from corsrules.findings import KeyPath
from corsrules.language import path_pattern
from corsrules.language.model import Document, Fallback, Rule
from corsrules.language.path_pattern import PathPattern
from corsrules.web.fetch import SAFELISTED_METHODS
from corsrules.web.origin import DIGITS, LETTERS, consists_of

EVERY_ORIGIN = "*"


#: Whether a text is an https origin of a domain name without a port, as browsers write it. Nearly all of a large file
#: is, and this one look tells that nothing more is to be found out about it: it is well written, no wildcard, and not
#: on the user's own machine (`localhost`, and a last label that could end an IP address, are left to the parser). For
#: reading a file only: no regular expression stands between a request and a decision.
is_plain = re.compile(
    r"https://(?=.{1,253}\Z)(?:[a-z0-9_-]{1,63}\.)++(?!localhost\Z)[a-z][a-z0-9_-]{0,62}", re.ASCII
).fullmatch


@dataclass(frozen=True)
class OriginList:
    """Patterns that stand side by side in one array of the file: `texts[i]` is at `where + (start + i,)`."""

    where: KeyPath
    start: int
    texts: tuple[str, ...] = field(compare=False)

    @cached_property
    def others(self) -> tuple[tuple[KeyPath, str], ...]:
        """The patterns that are not plain (see `is_plain`), each with its place."""
        if next(filterfalse(is_plain, self.texts), None) is None:
            return ()
        return tuple((place, text) for place, text in self.places() if not is_plain(text))

    @cached_property
    def plain(self) -> tuple[str, ...]:
        """The plain patterns."""
        return self.texts if not self.others else tuple(filter(is_plain, self.texts))

    def places(self) -> Iterator[tuple[KeyPath, str]]:
        """Each pattern with its place."""
        for position, text in enumerate(self.texts, self.start):
            yield (*self.where, position), text


class What(NamedTuple):
    """What a rule gives to the origins it names, in the form in which two rules are compared and answered."""

    methods: tuple[str, ...]
    request_headers: tuple[str, ...]
    response_headers: tuple[str, ...]
    credentials: bool
    max_age: int | None


@dataclass(frozen=True)
class PolicyRule:
    """A rule in one profile. `index` counts the rules of the file from 0."""

    index: int
    rule: Rule
    lists: tuple[OriginList, ...]

    @property
    def where(self) -> KeyPath:
        """The rule's place in the file."""
        return ("rules", self.index)

    @property
    def label(self) -> str:
        """What reports call the rule."""
        return self.rule.name or f"rules[{self.index}]"

    @property
    def allows_every_origin(self) -> bool:
        """Whether the rule says `origins = ["*"]`."""
        return EVERY_ORIGIN in self.rule.origins

    @cached_property
    def what(self) -> What:
        """What the rule gives."""
        return What(
            methods=tuple(sorted(set(self.rule.methods) - SAFELISTED_METHODS)),
            request_headers=_header_names(self.rule.request_headers),
            response_headers=_header_names(self.rule.response_headers),
            credentials=self.rule.credentials,
            max_age=self.rule.max_age,
        )

    def places(self) -> Iterator[tuple[KeyPath, str]]:
        """Every pattern the rule names, with its place."""
        for origins in self.lists:
            yield from origins.places()

    def named(self) -> Iterator[tuple[KeyPath, str]]:
        """Everything the rule names, `"*"` too, with its place."""
        if self.allows_every_origin:
            yield (*self.where, "origins", self.rule.origins.index(EVERY_ORIGIN)), EVERY_ORIGIN
        yield from self.places()


class Policy(NamedTuple):
    """The rules that hold in one profile (None: the file has no profiles)."""

    profile: str | None
    development: bool
    rules: tuple[PolicyRule, ...]
    fallback: Fallback


def resolve(document: Document, profile: str | None) -> Policy:
    """The policy of `profile`, which must be one of the document's, or None for a document without profiles."""
    groups: Mapping[str, OriginList] = {} if profile is None else groups_of(document, profile)
    return Policy(
        profile,
        # Inheriting from a development profile is an error of its own; what is inherited is not reported once more.
        profile is not None and any(document.profiles[name].development for name in ancestry(document, profile)),
        tuple(PolicyRule(index, rule, _origin_lists(index, rule, groups)) for index, rule in enumerate(document.rules)),
        document.fallback,
    )


def resolve_all(document: Document) -> tuple[Policy, ...]:
    """The policies of all profiles (a document without profiles has one)."""
    return tuple(resolve(document, profile) for profile in document.profiles or (None,))


def rules_by_path(policy: Policy) -> dict[PathPattern, list[PolicyRule]]:
    """The rules of each path, in the order of the file."""
    paths: defaultdict[PathPattern, list[PolicyRule]] = defaultdict(list)
    for rule in policy.rules:
        for parsed in dict.fromkeys(map(path_pattern.parse, rule.rule.paths)):
            if parsed is not None:
                paths[parsed].append(rule)
    return paths


def ancestry(document: Document, profile: str) -> list[str]:
    """`profile`, its parent, its parent's parent …: up to the first that is unknown or was met before."""
    names: dict[str, None] = {}
    name: str | None = profile
    while name is not None and name in document.profiles and name not in names:
        names[name] = None
        name = document.profiles[name].inherits
    return list(names)


def groups_of(document: Document, profile: str) -> Mapping[str, OriginList]:
    """What each group stands for in `profile`: its own lists, else those of the nearest ancestor that gives one."""
    groups: dict[str, OriginList] = {}
    for name in reversed(ancestry(document, profile)):
        for group, texts in document.profiles[name].origins.items():
            groups[group] = OriginList(("profiles", name, "origins", group), 0, texts)
    return groups


def is_group_name(text: str) -> bool:
    """Whether an entry of `rules[].origins` is meant as a group's name (`null` is meant as an origin, wrongly)."""
    return text != "null" and text != "" and text[0] in LETTERS and consists_of(text, LETTERS + DIGITS + "-")


def group_names(rule: Rule) -> list[tuple[int, str]]:
    """The entries of `origins` that are meant as the names of groups, with their positions."""
    return [(position, text) for position, text in enumerate(rule.origins) if ":" not in text and is_group_name(text)]


def _origin_lists(index: int, rule: Rule, groups: Mapping[str, OriginList]) -> tuple[OriginList, ...]:
    where: KeyPath = ("rules", index, "origins")
    if EVERY_ORIGIN not in rule.origins and not group_names(rule):
        return (OriginList(where, 0, rule.origins),)
    lists: list[OriginList] = []
    for position, text in enumerate(rule.origins):
        if not is_group_name(text):
            lists += [OriginList(where, position, (text,))] if text != EVERY_ORIGIN else []
        elif text in groups:
            lists.append(groups[text])
    return tuple(lists)


def _header_names(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({name.lower() for name in names}))
