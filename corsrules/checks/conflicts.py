"""Rules that contradict each other, and what could be dropped without a change to any answer."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from corsrules.checks.rule_sets import Conflict, RuleSet
from corsrules.checks.subject import Subject, reports
from corsrules.findings import KeyPath, Place, Problem
from corsrules.findings.wording import MOST_LISTED
from corsrules.language.access import Comparison, narrower
from corsrules.language.budget import Budget, OverBudget
from corsrules.language.origin_pattern import Pattern, PatternIndex, contains, witness_outside
from corsrules.language.path_pattern import PathPattern
from corsrules.language.policy import PolicyRule, What


@reports("CR301", "CR306")
def conflicting_rules(subject: Subject) -> Iterator[Problem]:
    """CR301: at one path two rules name the same origin, neither more specific, and give it different things.

    CR306 where the rules overlap in so many ways that not all of them are looked at.
    """
    for rules, conflict in subject.rule_sets.conflicts:
        yield _conflict(rules, conflict)
    unlooked = subject.rule_sets.unlooked
    if unlooked is not None:
        yield Problem(
            "CR306",
            f"the rules at `{unlooked.path}` overlap in too many ways, so not all of them were compared, nor the rules "
            "at other paths",
            Place((*unlooked.rules[0].where, "origins"), "key"),
            "write fewer patterns with text on either side of a `*` or with ranges of ports, or name the hosts",
        )


def _conflict(rules: RuleSet, conflict: Conflict) -> Problem:
    later, earlier, example = conflict
    where = f"`{rules.path}`" + (f" in profile `{rules.policy.profile}`" if rules.policy.profile else "")
    return Problem(
        "CR301",
        f"`{later.rule.label}` and `{earlier.rule.label}` both answer {example} at {where}, differently",
        Place(later.place, label=f"named by `{later.rule.label}`"),
        "name the origin in one of the rules only, or let both say the same",
        related=(Place(earlier.place, label=f"named by `{earlier.rule.label}`"),),
    )


# --- what adds nothing ------------------------------------------------------------------------------------------------
#
# Take a pattern p out of a rule, and let o be one of the origins that p decided for. The smallest pattern that is left
# and holds o decides now; call it q. q does not lie inside p, since it would have decided already. Where q crosses p or
# equals p, q gives the same as p, or there would be a conflict. So q can give something else only where q is around p.
# Hence p can be dropped if every origin of p is in a pattern inside p, or in a pattern that gives the same and has no
# pattern inside it that is around p and gives something else. Example: `https://*.a.example` can be dropped beside
# `https://**.a.example` of a rule that gives the same. These checks are silent in a file with conflicts.


def _advises(subject: Subject) -> bool:
    """Whether there is anything to advise: the file is whole and its rules do not contradict each other."""
    return subject.is_whole and subject.rule_sets.agree


def _too_much() -> Problem:
    """CR307: what only advises stopped, because it takes too long. It is one finding for all that does."""
    return Problem(
        "CR307",
        "what could be dropped, and what narrower paths take away, was not looked for everywhere: too much overlaps",
        Place(("rules",), "key"),
    )


def _without(patterns: Iterable[Pattern], rivals: list[Pattern], budget: Budget) -> list[Pattern]:
    """The patterns that contain no rival other than themselves."""
    patterns = list(patterns)
    budget.spend(len(patterns) * len(rivals))
    return [each for each in patterns if not any(each != rival and contains(each, rival) for rival in rivals)]


@reports("CR302", "CR307")
def redundant_patterns(subject: Subject) -> Iterator[Problem]:
    """CR302: a pattern whose origins its rule names anyway; not one that some rule needs in some profile."""
    if not _advises(subject):
        return
    try:
        redundant = _redundant_places(subject)
    except OverBudget:
        yield _too_much()
        return
    for place, uses in redundant.items():
        for index, beside in uses.items():
            text, other = _text_at(subject, place), _text_at(subject, beside)
            yield Problem(
                "CR302",
                f"`{text}` adds nothing to the others of `{_label(subject, index)}`",
                Place(place),
                "drop it",
                related=(Place(beside, label="named twice" if text == other else f"`{other}` covers it"),),
                rule=index,
                pattern=text,
            )


def _redundant_places(subject: Subject) -> Mapping[KeyPath, Mapping[int, KeyPath]]:
    """The places of patterns that add nothing wherever they are used: by rule, with one that covers it (or a part)."""
    budget = subject.rule_sets.advice
    uses: Counter[KeyPath] = Counter()
    times: Counter[KeyPath] = Counter()
    redundant: defaultdict[KeyPath, dict[int, KeyPath]] = defaultdict(dict)
    alone: dict[tuple[int, ...], Mapping[KeyPath, KeyPath]] = {}
    for rule, sets in subject.rule_sets.uses():
        uses.update({origins.where for origins in rule.lists})
        if all(len(each.rules) == 1 for each in sets):  # then it depends on nothing but the lists
            key = tuple(map(id, rule.lists))
            found = alone[key] if key in alone else alone.setdefault(key, _redundant(rule, (), budget))
        else:
            found = _redundant(rule, sets, budget)
        budget.spend(len(found))
        times.update(found.keys())
        for place, beside in found.items():
            redundant[place][rule.index] = beside
    return {place: by_rule for place, by_rule in redundant.items() if times[place] == uses[place[:-1]]}


def _redundant(rule: PolicyRule, sets: Iterable[RuleSet], budget: Budget) -> Mapping[KeyPath, KeyPath]:
    """The places of the rule's patterns that can all be dropped together, each with one that covers it (or a part)."""
    if _are_distinct_origins(rule):
        return {}
    budget.spend(rule.size)
    first: dict[Pattern, KeyPath] = {}
    redundant: dict[KeyPath, KeyPath] = {}
    for entry in rule.entries():
        if first.setdefault(entry.pattern, entry.place) != entry.place:
            redundant[entry.place] = first[entry.pattern]
    if len(first) < 2 or all(each.is_single for each in first):
        return redundant
    wide = PatternIndex(each for each in first if not each.is_single)
    everything = PatternIndex(first)
    for each in reversed(first):
        near = [other for other in (wide if each.is_single else everything).meeting(each, budget) if other != each]
        rivals = [rival for rules in sets for rival in rules.around(each, rule.what)] if near else []
        kept = [other for other in _without(near, rivals, budget) if first[other] not in redundant]
        if kept and witness_outside(each, kept, budget) is None:
            redundant[first[each]] = first[next((other for other in kept if contains(other, each)), kept[0])]
    return redundant


def _are_distinct_origins(rule: PolicyRule) -> bool:
    """Whether a look at the texts shows that the rule names each of its origins once, and no wildcard: most do."""
    texts = [text for origins in rule.lists for text in origins.texts]
    return len(set(texts)) == len(texts) and all(len(origins.plain) == len(origins.texts) for origins in rule.lists)


@reports("CR303", "CR307")
def unreachable_rules(subject: Subject) -> Iterator[Problem]:
    """CR303: other rules decide for all the origins of a rule, at each of its paths and in every profile.

    A rule that names nobody still governs its paths. Of two rules that say the same, the later is reported.
    """
    if not _advises(subject):
        return
    uses: defaultdict[int, list[tuple[PolicyRule, RuleSet]]] = defaultdict(list)
    for rule, sets in subject.rule_sets.uses():
        if rule.names_anybody:
            uses[rule.index] += [(rule, each) for each in sets]
    dropped: set[int] = set()
    for index in sorted(uses, reverse=True):
        try:
            other = _decides_everywhere_instead(uses[index], dropped, subject.rule_sets.advice)
        except OverBudget:
            yield _too_much()
            return
        if other is not None:
            dropped.add(index)
            yield Problem(
                "CR303",
                f"no request reaches `{_label(subject, index)}`: other rules decide for all of its origins",
                Place(("rules", index, "origins"), "key"),
                "drop the rule, or say what it was meant to change",
                related=(Place((*other.where, "origins"), "key", f"`{other.label}` decides"),),
                rule=index,
            )


def _decides_everywhere_instead(
    uses: Iterable[tuple[PolicyRule, RuleSet]], dropped: set[int], budget: Budget
) -> PolicyRule | None:
    """A rule that decides in the first of the sets where `rule` would, if in each of them there is one."""
    first: PolicyRule | None = None
    if any(len(rules.rules) == 1 for _, rules in uses):
        return None  # there it is alone
    for rule, rules in uses:
        other = _decides_instead(rule, rules, dropped, budget)
        if other is None:
            return None
        first = first or other
    return first


def _decides_instead(rule: PolicyRule, rules: RuleSet, dropped: set[int], budget: Budget) -> PolicyRule | None:
    """A rule that decides in place of `rule`, if no answer changes without `rule`; else None.

    Rules in `dropped` count as removed.
    """

    def others(pattern: Pattern) -> list[PolicyRule]:
        owners = rules.owners.get(pattern, ())
        budget.spend(len(owners) + 1)
        return [owner for owner in owners if owner.index != rule.index and owner.index not in dropped]

    if rule.allows_every_origin:
        return next((each for each in rules.every if each.index != rule.index and each.index not in dropped), None)
    decides: PolicyRule | None = None
    for _, _, each in rule.entries():
        near = rules.meeting(each)
        rivals = [rival for rival in rules.around(each, rule.what) if any(o.what != rule.what for o in others(rival))]
        same = [other for other in (each, *near) if any(owner.what == rule.what for owner in others(other))]
        kept = _without(same, rivals, budget)
        inside = [
            other
            for other in near
            if contains(each, other)
            and (others(other) or any(owner.index == rule.index for owner in rules.owners[other]))
        ]
        if witness_outside(each, kept + inside, budget) is not None:
            return None
        decides = decides or next((owner for other in kept + inside for owner in others(other)), None)
    return decides


# --- a narrower path --------------------------------------------------------------------------------------------------


@reports("CR304", "CR307")
def narrowing_paths(subject: Subject) -> Iterator[Problem]:
    """CR304: a path's rules take credentials or methods from an origin that a shorter path's rules name.

    One problem a path. Where a path's rules name nobody, that is what they are for.
    """
    if not _advises(subject):
        return
    seen: set[PathPattern] = set()
    known: dict[tuple[RuleSet, RuleSet], Taken | None] = {}
    places: dict[int, Mapping[PathPattern, KeyPath]] = {}
    budget = subject.rule_sets.advice
    for by_path in subject.rule_sets.by_policy:
        for path, shorter in narrower(by_path) if len(by_path) > 1 else ():
            wide, narrow = by_path[shorter], by_path[path]
            if path in seen or not wide.gives_more:
                continue
            try:
                if (wide, narrow) not in known:
                    known[wide, narrow] = _first_taken(wide, narrow, budget)
                budget.spend(len(wide.rules))
            except OverBudget:
                yield _too_much()
                return
            taken = known[wide, narrow]
            if taken is not None:
                seen.add(path)
                taker = narrow.rules[0]
                if id(taker) not in places:
                    places[id(taker)] = {entry.pattern: entry.place for entry in reversed(taker.paths)}
                yield _narrowing(taken, (path, places[id(taker)][path], taker), (shorter, wide))


class Taken(NamedTuple):
    """What an origin has by the rules of a path, and which part of it, in words, those of a longer path leave out."""

    example: str
    given: What
    lost: str


def _first_taken(wide: RuleSet, narrow: RuleSet, budget: Budget) -> Taken | None:
    """The first thing that the rules of the narrower path take from an origin that is named."""
    if not narrow.access.named and narrow.access.every is None:
        return None
    for change in Comparison(wide.access, narrow.access, budget).of_named():
        if change.old is not None and not change.old.literal:
            lost = _lost(change.old.what, change.new.what if change.new else None)
            if lost:
                return Taken(change.example, change.old.what, lost)
    return None


def _narrowing(
    taken: Taken, narrower: tuple[PathPattern, KeyPath, PolicyRule], shorter: tuple[PathPattern, RuleSet]
) -> Problem:
    path, place, taker = narrower
    around, rules = shorter
    giver = next(rule for rule in rules.rules if rule.what == taken.given)
    return Problem(
        "CR304",
        f"`{path}` takes {taken.lost} from `{taken.example}`, which has them at `{around}`",
        Place(place),
        f"rules at a shorter path are not consulted; if this is not meant, give `{giver.label}` this path too",
        related=(Place((*giver.where, "origins"), "key", f"given at `{around}`"),),
        rule=taker.index,
    )


def _lost(old: What, new: What | None) -> str:
    """The credentials and methods that are lost, in words."""
    lost = ["credentials"] if old.credentials and not (new and new.credentials) else []
    kept = frozenset(new.methods if new else ())
    lost += [] if "*" in kept else [method for method in old.methods if method not in kept]
    if len(lost) > MOST_LISTED:
        lost[MOST_LISTED:] = [f"{len(lost) - MOST_LISTED:,} more"]
    return " and ".join(filter(None, (", ".join(lost[:-1]), *lost[-1:]))).replace("*", "every method")


# ----------------------------------------------------------------------------------------------------------------------


def _label(subject: Subject, index: int) -> str:
    return subject.document.rules[index].name or f"rules[{index}]"


def _text_at(subject: Subject, place: KeyPath) -> str:
    table, name, _, *rest = place
    if table == "rules":
        return subject.document.rules[int(name)].origins[int(rest[0])]
    group, position = rest
    return subject.document.profiles[str(name)].origins[str(group)][int(position)]


CHECKS = (conflicting_rules, redundant_patterns, unreachable_rules, narrowing_paths)
