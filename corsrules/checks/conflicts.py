"""Rules that contradict each other, and what could be dropped without a change to any answer."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import TypeAlias

from corsrules.checks.subject import Subject, reports
from corsrules.findings import KeyPath, Place, Problem
from corsrules.language.access import compare, narrower, rules_of
from corsrules.language.origin_pattern import Pattern, PatternIndex, common_origin, contains, crossings, witness_outside
from corsrules.language.path_pattern import PathPattern
from corsrules.language.policy import Policy, PolicyRule, What

#: How many conflicts of a rule with earlier ones are reported at one path. Rules that cross everywhere have as many as
#: there are pairs of patterns.
MOST_CONFLICTS = 10

#: The rule that comes later in the file and where it names the origin, the same of the earlier one, and an origin.
Conflict: TypeAlias = tuple[tuple[PolicyRule, KeyPath], tuple[PolicyRule, KeyPath], str]


@reports("CR301")
def conflicting_rules(subject: Subject) -> Iterator[Problem]:
    """CR301: at one path two rules name the same origin, neither more specific, and give it different things."""
    for policy in subject.policies:
        for where, rules in policy.by_path.items():
            for later, earlier, example in _telling(_conflicts(rules)):
                yield _conflict(policy, where, later, earlier, example)


def _telling(conflicts: Iterable[Conflict]) -> Iterator[Conflict]:
    """Of each rule's conflicts with earlier ones only some, but every rule that is in any."""
    counts: Counter[int] = Counter()
    seen: set[int] = set()
    for conflict in conflicts:
        later, earlier = conflict[0][0].index, conflict[1][0].index
        if counts[later] < MOST_CONFLICTS or earlier not in seen:
            counts[later] += 1
            seen |= {later, earlier}
            yield conflict


def _conflicts(rules: Sequence[PolicyRule]) -> Iterator[Conflict]:
    if all(rule.what == rules[0].what for rule in rules):
        return
    named = [(rule, entry.place, entry.pattern) for rule in rules for entry in rule.entries()]
    every = [rule for rule in rules if rule.allows_every_origin]
    for rule in every[1:]:
        if rule.what != every[0].what:
            places = ((*rule.where, "origins", 0), (*every[0].where, "origins", 0))
            yield (rule, places[0]), (every[0], places[1]), "any origin"
    first: dict[Pattern, tuple[PolicyRule, KeyPath]] = {}
    for rule, place, parsed in named:
        earlier, earlier_place = first.setdefault(parsed, (rule, place))
        if earlier.what != rule.what:
            example = common_origin(parsed, parsed)
            yield (rule, place), (earlier, earlier_place), f"`{example}`"
    patterns = list(first)
    for one, other in crossings(patterns):
        (rule, place), (earlier, earlier_place) = sorted(
            (first[patterns[one]], first[patterns[other]]), key=lambda pair: -pair[0].index
        )
        if rule.what != earlier.what:
            example = common_origin(patterns[one], patterns[other])
            yield (rule, place), (earlier, earlier_place), f"`{example}`"


def _conflict(
    policy: Policy,
    where: PathPattern,
    later: tuple[PolicyRule, KeyPath],
    earlier: tuple[PolicyRule, KeyPath],
    example: str,
) -> Problem:
    profile = f" in profile `{policy.profile}`" if policy.profile else ""
    return Problem(
        "CR301",
        f"`{later[0].label}` and `{earlier[0].label}` both answer {example} at `{where}`{profile}, differently",
        Place(later[1], label=f"named by `{later[0].label}`"),
        "name the origin in one of the rules only, or let both say the same",
        related=(Place(earlier[1], label=f"named by `{earlier[0].label}`"),),
    )


# --- what adds nothing ------------------------------------------------------------------------------------------------
#
# Take a pattern p of a rule away, and let o be one of the origins it decided for. Of the patterns that are left and
# hold o, the smallest decides now. It is none inside p, or it had decided before; and where it crosses p, or is p, it
# gives the same, for all else is a conflict. So it gives something else only if it is around p. Hence no answer changes
# if every origin of p is in a pattern inside p, or in one that gives the same and holds no pattern around p that does
# not. In a file with conflicts these checks are silent: there the conflict is the finding.


class _RulesAtPath:
    """The patterns of the rules of one path, and the rules that name each."""

    def __init__(self, rules: Iterable[PolicyRule]) -> None:
        self.owners: defaultdict[Pattern, list[PolicyRule]] = defaultdict(list)
        self.every = [rule for rule in rules if rule.allows_every_origin]
        for rule in rules:
            for entry in rule.entries():
                self.owners[entry.pattern].append(rule)

    @cached_property
    def _wide(self) -> PatternIndex:
        return PatternIndex(each for each in self.owners if not each.is_single)

    @cached_property
    def _all(self) -> PatternIndex:
        return PatternIndex(self.owners)

    def meeting(self, pattern: Pattern) -> list[Pattern]:
        """The patterns that have an origin in common with `pattern`, not itself."""
        index = self._wide if pattern.is_single else self._all
        return [each for each in index.meeting(pattern) if each != pattern]

    def around(self, pattern: Pattern, what: What) -> list[Pattern]:
        """The larger patterns of rules that give something else than `what`."""
        larger = (each for each in self._wide.containing(pattern) if each != pattern)
        return [each for each in larger if any(owner.what != what for owner in self.owners[each])]


def _without(patterns: Iterable[Pattern], rivals: list[Pattern]) -> list[Pattern]:
    """Those of the patterns that hold none of the rivals (but may be one)."""
    return [each for each in patterns if not any(each != rival and contains(each, rival) for rival in rivals)]


@reports("CR302")
def redundant_patterns(subject: Subject) -> Iterator[Problem]:
    """CR302: a pattern whose origins its rule names anyway; not one that some rule needs in some profile."""
    if not subject.is_whole or any(conflicting_rules(subject)):
        return
    needed: set[KeyPath] = set()
    redundant: defaultdict[KeyPath, dict[int, KeyPath]] = defaultdict(dict)
    for policy in subject.policies:
        for rule, at_paths in _rules_at_paths(policy):
            found = _redundant(rule, at_paths)
            for entry in rule.entries():
                if entry.place in found:
                    redundant[entry.place][rule.index] = found[entry.place]
                else:
                    needed.add(entry.place)
    for place, uses in redundant.items():
        for index, beside in uses.items() if place not in needed else ():
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


def _redundant(rule: PolicyRule, at_paths: list[_RulesAtPath]) -> dict[KeyPath, KeyPath]:
    """The places of the rule's patterns that can all be dropped together, each with one that covers it (or a part)."""
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
        near = [other for other in (wide if each.is_single else everything).meeting(each) if other != each]
        rivals = [rival for at_path in at_paths for rival in at_path.around(each, rule.what)] if near else []
        kept = [other for other in _without(near, rivals) if first[other] not in redundant]
        if kept and witness_outside(each, kept) is None:
            redundant[first[each]] = first[next((other for other in kept if contains(other, each)), kept[0])]
    return redundant


def _rules_at_paths(policy: Policy) -> Iterator[tuple[PolicyRule, list[_RulesAtPath]]]:
    """Each rule with the patterns at each of its paths."""
    at_paths: defaultdict[int, list[_RulesAtPath]] = defaultdict(list)
    known: dict[tuple[int, ...], _RulesAtPath] = {}
    for rules in policy.by_path.values():
        key = tuple(rule.index for rule in rules)
        at_path = known.setdefault(key, known.get(key) or _RulesAtPath(rules))
        for index in key:
            at_paths[index].append(at_path)
    for rule in policy.rules:
        yield rule, list(dict.fromkeys(at_paths[rule.index]))


@reports("CR303")
def unreachable_rules(subject: Subject) -> Iterator[Problem]:
    """CR303: other rules decide for all the origins of a rule, at each of its paths and in every profile.

    A rule that names nobody still governs its paths. Of two rules that say the same, the later is reported.
    """
    if not subject.is_whole or any(conflicting_rules(subject)):
        return
    at_paths: defaultdict[int, list[tuple[PolicyRule, _RulesAtPath]]] = defaultdict(list)
    for policy in subject.policies:
        for rule, named in _rules_at_paths(policy):
            if rule.names_anybody:
                at_paths[rule.index] += [(rule, each) for each in named]
    dropped: set[int] = set()
    for index in sorted(at_paths, reverse=True):
        deciding = [_decides_instead(rule, named, dropped) for rule, named in at_paths[index]]
        other = deciding[0] if deciding else None
        if other is not None and None not in deciding:
            dropped.add(index)
            yield Problem(
                "CR303",
                f"no request reaches `{_label(subject, index)}`: other rules decide for all of its origins",
                Place(("rules", index, "origins"), "key"),
                "drop the rule, or say what it was meant to change",
                related=(Place((*other.where, "origins"), "key", f"`{other.label}` decides"),),
                rule=index,
            )


def _decides_instead(rule: PolicyRule, at_path: _RulesAtPath, dropped: set[int]) -> PolicyRule | None:
    """A rule that decides where `rule` would, if without it nothing changes; those `dropped` are not there."""

    def others(pattern: Pattern) -> list[PolicyRule]:
        owners = at_path.owners.get(pattern, ())
        return [owner for owner in owners if owner.index != rule.index and owner.index not in dropped]

    if rule.allows_every_origin:
        return next((each for each in at_path.every if each.index != rule.index and each.index not in dropped), None)
    decides: PolicyRule | None = None
    for _, _, each in rule.entries():
        near = at_path.meeting(each)
        rivals = [rival for rival in at_path.around(each, rule.what) if any(o.what != rule.what for o in others(rival))]
        same = [other for other in (each, *near) if any(owner.what == rule.what for owner in others(other))]
        kept = _without(same, rivals)
        inside = [
            other
            for other in near
            if contains(each, other)
            and (others(other) or any(owner.index == rule.index for owner in at_path.owners[other]))
        ]
        if witness_outside(each, kept + inside) is not None:
            return None
        decides = decides or next((owner for other in kept + inside for owner in others(other)), None)
    return decides


# --- a narrower path --------------------------------------------------------------------------------------------------


@reports("CR304")
def narrowing_paths(subject: Subject) -> Iterator[Problem]:
    """CR304: a path's rules take credentials or methods from an origin that a shorter path's rules name.

    One problem a path. Where a path's rules name nobody, that is what they are for.
    """
    if not subject.is_whole or any(conflicting_rules(subject)):
        return
    seen: set[PathPattern] = set()
    for policy in subject.policies:
        by_path = policy.by_path
        if len(by_path) < 2:
            continue
        for path, shorter in narrower(by_path):
            if path not in seen and any(rule.what.credentials or rule.what.methods for rule in by_path[shorter]):
                rules = by_path[path]
                for problem in _narrowing((shorter, by_path[shorter]), (path, rules)):
                    seen.add(path)
                    yield problem


def _narrowing(
    shorter: tuple[PathPattern, Sequence[PolicyRule]], narrower: tuple[PathPattern, Sequence[PolicyRule]]
) -> Iterator[Problem]:
    wide, narrow = (rules_of(rules) for _, rules in (shorter, narrower))
    if not narrow.named and narrow.every is None:
        return
    for change in compare(wide, narrow):
        if change.old is None or change.old.literal:
            continue
        taken = _taken(change.old.what, change.new.what if change.new else None)
        if not taken:
            continue
        giver = next(rule for rule in shorter[1] if rule.what == change.old.what)
        taker = narrower[1][0]
        place = next(entry.place for entry in taker.paths if entry.pattern == narrower[0])
        yield Problem(
            "CR304",
            f"`{narrower[0]}` takes {taken} from `{change.example}`, which has them at `{shorter[0]}`",
            Place(place),
            f"rules at a shorter path are not consulted; if this is not meant, give `{giver.label}` this path too",
            related=(Place((*giver.where, "origins"), "key", f"given at `{shorter[0]}`"),),
            rule=taker.index,
        )
        return


def _taken(old: What, new: What | None) -> str:
    """The credentials and methods that are lost, in words."""
    taken = ["credentials"] if old.credentials and not (new and new.credentials) else []
    kept = new.methods if new else ()
    taken += [] if "*" in kept else [method for method in old.methods if method not in kept]
    return " and ".join(filter(None, (", ".join(taken[:-1]), *taken[-1:]))).replace("*", "every method")


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
