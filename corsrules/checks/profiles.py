"""Whether the groups and profiles that a file names are there."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from corsrules.checks.subject import Subject, reports
from corsrules.findings import Place, Problem
from corsrules.findings.wording import Suggestions, listed
from corsrules.language.model import Document
from corsrules.language.policy import group_names
from corsrules.language.spelling import repaired


@reports("CR101")
def unknown_groups(subject: Subject) -> Iterator[Problem]:
    """CR101: a rule uses a group that no profile gives."""
    known = {group: None for profile in subject.document.profiles.values() for group in profile.origins}
    suggestions = Suggestions(known)
    for index, rule in enumerate(subject.document.rules):
        for position, text in group_names(rule):
            if text not in known and not subject.is_illegible(text):
                host = f'no profile gives it; for a host, write "{repaired(text)}"'
                place = Place(("rules", index, "origins", position))
                yield Problem("CR101", f"no group is called `{text}`", place, suggestions.for_name(text) or host)


@reports("CR102")
def unfilled_groups(subject: Subject) -> Iterator[Problem]:
    """CR102: groups that rules use are not given in some profile. One problem for each such profile.

    A profile without a root has none: that its ancestors are unknown, or go round in a circle, is the finding.
    """
    document = subject.document
    known = {group for profile in document.profiles.values() for group in profile.origins}
    used = {
        text: Place(("rules", index, "origins", position), label="used here")
        for index, rule in reversed(list(enumerate(document.rules)))
        for position, text in group_names(rule)
        if text in known and not subject.is_illegible(text)
    }
    for profile, missing in _missing_groups(document, used):
        if missing:
            yield Problem(
                "CR102",
                f"profile `{profile}` does not say who is meant by {listed(missing)}",
                Place(("profiles", profile), "key"),
                f"write `origins.{missing[0]} = [...]` there; an empty list means nobody",
                related=(used[missing[0]],),
            )


def _missing_groups(document: Document, used: Collection[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Each profile that has a root, with those of the `used` groups, sorted, that neither it nor an ancestor gives.

    It is one list throughout, to be read before the next profile is asked for: what a profile gives is taken out of it
    on the way down from the roots, and put back on the way up.
    """
    children: defaultdict[str | None, list[str]] = defaultdict(list)
    for name, profile in document.profiles.items():
        children[profile.inherits].append(name)
    missing = sorted(used)
    line: list[tuple[Iterator[str], list[str]]] = [(iter(children[None]), [])]
    while line:
        child = next(line[-1][0], None)
        if child is None:
            for group in line.pop()[1]:
                insort(missing, group)
            continue
        given = []
        for group in document.profiles[child].origins:
            position = bisect_left(missing, group)
            if position < len(missing) and missing[position] == group:
                del missing[position]
                given.append(group)
        yield child, missing
        line.append((iter(children.get(child, ())), given))


@reports("CR103")
def unused_groups(subject: Subject) -> Iterator[Problem]:
    """CR103: no rule uses a group. One problem a group, at its first place."""
    if not subject.is_whole or next(unknown_groups(subject), None) is not None:
        return  # the rule that uses it may be the one that is broken
    told = {text for rule in subject.document.rules for _, text in group_names(rule)}
    for name, profile in subject.document.profiles.items():
        for group in profile.origins:
            if group not in told:
                told.add(group)
                yield Problem(
                    "CR103",
                    f"no rule uses the group `{group}`",
                    Place(("profiles", name, "origins", group), "key"),
                    "name it in a rule's `origins`, or drop it",
                )


@reports("CR104")
def unknown_parents(subject: Subject) -> Iterator[Problem]:
    """CR104: `inherits` names no profile."""
    profiles = subject.document.profiles
    suggestions = Suggestions(profiles)
    for name, profile in profiles.items():
        if profile.inherits is not None and profile.inherits not in profiles:
            advice = suggestions.for_name(profile.inherits) or "the profiles are " + listed(profiles)
            place = Place(("profiles", name, "inherits"))
            yield Problem("CR104", f"there is no profile `{profile.inherits}`", place, advice)


@reports("CR105")
def inheritance_circles(subject: Subject) -> Iterator[Problem]:
    """CR105: a profile is its own ancestor. One problem a circle."""
    for circle in _circles(subject.document):
        first = circle.index(min(circle))
        line = [*circle[first:], *circle[: first + 1]]
        yield Problem(
            "CR105",
            "profiles inherit in a circle: " + " → ".join(f"`{each}`" for each in line),
            Place(("profiles", line[0], "inherits")),
            "let one of them inherit nothing",
        )


def _circles(document: Document) -> Iterator[list[str]]:
    """The profiles of each circle, each followed by its parent."""
    seen: set[str] = set()
    for name in document.profiles:
        line: dict[str, None] = {}
        each: str | None = name
        while each in document.profiles and each not in seen:
            seen.add(each)
            line[each] = None
            each = document.profiles[each].inherits
        if each in line:
            yield [*line][[*line].index(each) :]


@reports("CR106")
def development_parents(subject: Subject) -> Iterator[Problem]:
    """CR106: nothing inherits from a development profile."""
    profiles = subject.document.profiles
    for name, profile in profiles.items():
        if profile.inherits in profiles and profiles[str(profile.inherits)].development:
            yield Problem(
                "CR106",
                f"`{profile.inherits}` is a development profile; what it allows would reach `{name}`",
                Place(("profiles", name, "inherits")),
                "inherit from another profile, or write the groups out",
            )


@reports("CR218")
def profiles_of_nobody(subject: Subject) -> Iterator[Problem]:
    """CR218: no rule lets anybody in; silent where somebody is meant who cannot be read, which is a finding itself."""
    if not subject.is_whole:
        return
    groups = {text for rule in subject.document.rules for _, text in group_names(rule)}
    filled = {profile for profile, missing in _missing_groups(subject.document, groups) if not missing}
    for policy in subject.policies:
        profile = policy.profile
        if any(rule.allows_every_origin or any(each.texts for each in rule.lists) for rule in policy.rules):
            continue
        if profile is None and not groups:
            place = Place(("rules", 0, "origins"), "key")
            yield Problem("CR218", "the file lets nobody in: no rule names an origin", place, "name who may read")
        elif profile in filled:
            message = f"profile `{profile}` lets nobody in: no rule names an origin there"
            yield Problem("CR218", message, Place(("profiles", profile), "key"), "name who may read")


def unknown_profile(
    name: str, profiles: Iterable[str], place: Place, suggestions: Suggestions, named_by: str = ""
) -> Problem:
    """CR108 for a profile that was named (where, says `named_by`, if it is known) and is not there."""
    names = list(profiles)
    message = f"there is no profile `{name}`" if names else f"profile `{name}` is named, but the file has no profiles"
    advice = f"{suggestions.for_name(name)} the profiles are {listed(names)}" if names else "name no profile"
    return Problem("CR108", f"{message} ({named_by} names it)" if named_by else message, place, advice.lstrip())


CHECKS = (
    unknown_groups,
    unfilled_groups,
    unused_groups,
    unknown_parents,
    inheritance_circles,
    development_parents,
    profiles_of_nobody,
)
