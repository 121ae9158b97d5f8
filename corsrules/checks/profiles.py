"""Whether the groups and profiles that a file names are there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from corsrules.checks.subject import Subject, reports
from corsrules.findings import Place, Problem
from corsrules.findings.wording import did_you_mean, listed
from corsrules.language.policy import ancestry, group_names
from corsrules.language.spelling import (
    repaired,
)


@reports("CR101")
def unknown_groups(subject: Subject) -> Iterator[Problem]:
    """CR101: a rule uses a group that no profile gives."""
    known = {group for profile in subject.document.profiles.values() for group in profile.origins}
    for index, rule in enumerate(subject.document.rules):
        for position, text in group_names(rule):
            if text not in known and not subject.is_illegible(text):
                advice = did_you_mean(text, known) or f'no profile gives it; for a host, write "{repaired(text)}"'
                place = Place(("rules", index, "origins", position))
                yield Problem("CR101", f"no group is called `{text}`", place, advice)


@reports("CR102")
def unfilled_groups(subject: Subject) -> Iterator[Problem]:
    """CR102: groups that rules use are not given in some profile. One problem for each such profile."""
    document = subject.document
    known = {group for profile in document.profiles.values() for group in profile.origins}
    used = {
        text: Place(("rules", index, "origins", position), label="used here")
        for index, rule in reversed(list(enumerate(document.rules)))
        for position, text in group_names(rule)
        if text in known
    }
    for name in document.profiles:
        missing = sorted(used.keys() - _groups_of(subject, name)) if _is_rooted(subject, name) else []
        missing = [group for group in missing if not subject.is_illegible(group)]
        if missing:
            yield Problem(
                "CR102",
                f"profile `{name}` does not say who is meant by {listed(missing)}",
                Place(("profiles", name), "key"),
                f"write `origins.{missing[0]} = [...]` there; an empty list means nobody",
                related=(used[missing[0]],),
            )


def _groups_of(subject: Subject, name: str) -> set[str]:
    """The groups that a profile gives, its own and those of its ancestors."""
    profiles = subject.document.profiles
    return {group for each in ancestry(subject.document, name) for group in profiles[each].origins}


def _is_rooted(subject: Subject, name: str) -> bool:
    """Whether the profile's ancestors are all known and end somewhere (if not, that is the finding)."""
    last = ancestry(subject.document, name)[-1]
    return subject.document.profiles[last].inherits is None


@reports("CR103")
def unused_groups(subject: Subject) -> Iterator[Problem]:
    """CR103: no rule uses a group. One problem a group, at its first place."""
    if not subject.is_whole or next(unknown_groups(subject), None) is not None:
        return  # the rule that uses it may be the one that is broken
    used = {text for rule in subject.document.rules for _, text in group_names(rule)}
    seen: set[str] = set()
    for name, profile in subject.document.profiles.items():
        for group in profile.origins.keys() - used - seen:
            seen.add(group)
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
    for name, profile in profiles.items():
        if profile.inherits is not None and profile.inherits not in profiles:
            advice = did_you_mean(profile.inherits, profiles) or "the profiles are " + listed(profiles)
            place = Place(("profiles", name, "inherits"))
            yield Problem("CR104", f"there is no profile `{profile.inherits}`", place, advice)


@reports("CR105")
def inheritance_circles(subject: Subject) -> Iterator[Problem]:
    """CR105: a profile is its own ancestor. One problem a circle."""
    profiles = subject.document.profiles
    for name in profiles:
        line = ancestry(subject.document, name)
        if profiles[line[-1]].inherits == name and name == min(line):
            yield Problem(
                "CR105",
                "profiles inherit in a circle: " + " → ".join(f"`{each}`" for each in [*line, name]),
                Place(("profiles", name, "inherits")),
                "let one of them inherit nothing",
            )


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
    for policy in subject.policies:
        profile = policy.profile
        names_any = any(rule.allows_every_origin or any(each.texts for each in rule.lists) for rule in policy.rules)
        if names_any:
            continue
        if profile is None and not groups:
            place = Place(("rules", 0, "origins"), "key")
            yield Problem("CR218", "the file lets nobody in: no rule names an origin", place, "name who may read")
        elif profile is not None and _is_rooted(subject, profile) and groups <= _groups_of(subject, profile):
            message = f"profile `{profile}` lets nobody in: no rule names an origin there"
            yield Problem("CR218", message, Place(("profiles", profile), "key"), "name who may read")


def unknown_profile(name: str, profiles: Iterable[str], place: Place) -> Problem:
    """CR108 for a profile that was named and is not there."""
    names = list(profiles)
    message = f"there is no profile `{name}`" if names else f"profile `{name}` is named, but the file has no profiles"
    return Problem("CR108", message, place, "the profiles are " + listed(names) if names else "name no profile")


CHECKS = (
    unknown_groups,
    unfilled_groups,
    unused_groups,
    unknown_parents,
    inheritance_circles,
    development_parents,
    profiles_of_nobody,
)
