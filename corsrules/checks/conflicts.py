"""Rules that contradict each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from corsrules import path
from corsrules.checks.subject import Subject
from corsrules.findings import Path, Place, Problem
from corsrules.path import PathPattern
from corsrules.pattern import Pattern, common_origin, crossings
from corsrules.policy import Policy, PolicyRule


def conflicting_rules(subject: Subject) -> Iterator[Problem]:
    """CR301: at one path two rules name the same origin, neither more specific, and give it different things."""
    for policy in subject.policies:
        for where, rules in rules_by_path(policy).items():
            yield from _conflicts(subject, policy, where, rules)


def rules_by_path(policy: Policy) -> dict[PathPattern, list[PolicyRule]]:
    """The rules of each path, in the order of the file."""
    paths: defaultdict[PathPattern, list[PolicyRule]] = defaultdict(list)
    for rule in policy.rules:
        for parsed in dict.fromkeys(map(path.parse, rule.rule.paths)):
            if parsed is not None:
                paths[parsed].append(rule)
    return paths


def _conflicts(subject: Subject, policy: Policy, where: PathPattern, rules: list[PolicyRule]) -> Iterator[Problem]:
    if all(rule.what == rules[0].what for rule in rules):
        return
    named = [
        (rule, place, parsed)
        for rule in rules
        for place, text in rule.places()
        if (parsed := subject.pattern(text)) is not None
    ]
    every = [rule for rule in rules if rule.allows_every_origin]
    for rule in every[1:]:
        if rule.what != every[0].what:
            places = ((*rule.where, "origins", 0), (*every[0].where, "origins", 0))
            yield _conflict(policy, where, (rule, places[0]), (every[0], places[1]), "any origin")
    first: dict[Pattern, tuple[PolicyRule, Path]] = {}
    for rule, place, parsed in named:
        earlier, earlier_place = first.setdefault(parsed, (rule, place))
        if earlier.what != rule.what:
            example = common_origin(parsed, parsed)
            yield _conflict(policy, where, (rule, place), (earlier, earlier_place), f"`{example}`")
    patterns = list(first)
    for one, other in crossings(patterns):
        (rule, place), (earlier, earlier_place) = sorted(
            (first[patterns[one]], first[patterns[other]]), key=lambda pair: -pair[0].index
        )
        if rule.what != earlier.what:
            example = common_origin(patterns[one], patterns[other])
            yield _conflict(policy, where, (rule, place), (earlier, earlier_place), f"`{example}`")


def _conflict(
    policy: Policy, where: PathPattern, later: tuple[PolicyRule, Path], earlier: tuple[PolicyRule, Path], example: str
) -> Problem:
    profile = f" in profile `{policy.profile}`" if policy.profile else ""
    return Problem(
        "CR301",
        f"`{later[0].label}` and `{earlier[0].label}` both answer {example} at `{where}`{profile}, differently",
        Place(later[1], label=f"named by `{later[0].label}`"),
        "name the origin in one of the rules only, or let both say the same",
        related=(Place(earlier[1], label=f"named by `{earlier[0].label}`"),),
    )


CHECKS = (conflicting_rules,)
