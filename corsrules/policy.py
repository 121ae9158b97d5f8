"""One profile of a file: its rules with group names replaced by what they stand for there.

The checks, the compiler and whatever compares or explains a file all ask this room who a rule names and what it says.
It judges nothing: a broken reference resolves to nothing here and is reported by the checks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from corsrules.fetch import SAFELISTED_METHODS
from corsrules.findings import Path
from corsrules.model import Document, Fallback, Rule
from corsrules.origin import DIGITS, LETTERS, consists_of

EVERY_ORIGIN = "*"


@dataclass(frozen=True, slots=True)
class OriginList:
    """Patterns that stand side by side in one array of the file: `texts[i]` is at `where + (start + i,)`."""

    where: Path
    start: int
    texts: tuple[str, ...]

    def places(self) -> Iterator[tuple[Path, str]]:
        """Each pattern with its place."""
        for position, text in enumerate(self.texts, self.start):
            yield (*self.where, position), text


@dataclass(frozen=True, slots=True)
class What:
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
    def where(self) -> Path:
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

    def places(self) -> Iterator[tuple[Path, str]]:
        """Every pattern the rule names, with its place."""
        for origins in self.lists:
            yield from origins.places()


@dataclass(frozen=True, slots=True)
class Policy:
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


def ancestry(document: Document, profile: str) -> list[str]:
    """`profile`, its parent, its parent's parent …: up to the first that is unknown or was met before."""
    names: list[str] = []
    name: str | None = profile
    while name is not None and name in document.profiles and name not in names:
        names.append(name)
        name = document.profiles[name].inherits
    return names


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


def _origin_lists(index: int, rule: Rule, groups: Mapping[str, OriginList]) -> tuple[OriginList, ...]:
    where: Path = ("rules", index, "origins")
    if not any(is_group_name(text) or text == EVERY_ORIGIN for text in rule.origins):
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
