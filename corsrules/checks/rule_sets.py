"""The rules that govern a path together, each set of them once for all paths and profiles where it does.

Whether rules contradict each other, and what could be dropped, depends on the set alone. Profiles share the rules that
they resolve alike (`policy.Written`), so sets are told apart by the rules in them, as objects.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple, TypeAlias

from corsrules.findings import KeyPath
from corsrules.language.access import Rules, rules_of
from corsrules.language.budget import Budget, OverBudget
from corsrules.language.origin_pattern import Pattern, PatternIndex, common_origin, crossings
from corsrules.language.path_pattern import PathPattern
from corsrules.language.policy import OriginList, Policy, PolicyRule, What

#: How many conflicts of a rule with earlier ones are reported at one path. Rules that cross everywhere have as many as
#: there are pairs of patterns.
MOST_CONFLICTS = 10


class Named(NamedTuple):
    """A rule, and the place where it names what is talked of."""

    rule: PolicyRule
    place: KeyPath


class Conflict(NamedTuple):
    """Two rules that give different things to the same origin, the later one in the file first, and what they name."""

    later: Named
    earlier: Named
    example: str


class RuleSet:
    """The rules of one path, and the patterns that they name. `policy` and `path` are the first where they govern.

    Looking for advice is spent from `advice`.
    """

    def __init__(self, policy: Policy, path: PathPattern, rules: Sequence[PolicyRule], advice: Budget) -> None:
        self.policy = policy
        self.path = path
        self.rules = rules
        self._advice = advice

    @property
    def size(self) -> int:
        """How many entries the lists of the rules have."""
        return sum(rule.size for rule in self.rules)

    @cached_property
    def every(self) -> Sequence[PolicyRule]:
        """The rules for every origin."""
        return [rule for rule in self.rules if rule.allows_every_origin]

    # --- conflicts ---

    def conflicts(self, budget: Budget) -> Iterator[Conflict]:
        """Of each rule's conflicts with earlier ones only some, but every rule that is in any."""
        counts: Counter[int] = Counter()
        seen: set[int] = set()
        indices = [rule.index for rule in self.rules]
        for conflict in self._all_conflicts(budget):
            later, earlier = conflict.later.rule.index, conflict.earlier.rule.index
            if counts[later] < MOST_CONFLICTS or earlier not in seen:
                counts[later] += 1
                seen |= {later, earlier}
                yield conflict
                if seen.issuperset(indices) and all(counts[index] >= MOST_CONFLICTS for index in indices[1:]):
                    return  # the first rule is never the later one

    def _all_conflicts(self, budget: Budget) -> Iterator[Conflict]:
        if all(rule.what == self.rules[0].what for rule in self.rules):
            return
        for rule in self.every[1:]:
            if rule.what != self.every[0].what:
                places = ((*rule.where, "origins", 0), (*self.every[0].where, "origins", 0))
                yield Conflict(Named(rule, places[0]), Named(self.every[0], places[1]), "any origin")
        first: dict[str | Pattern, tuple[PolicyRule, OriginList, int]] = {}
        for rule in self.rules:
            for origins in rule.lists:
                budget.spend(len(origins.texts))
                for position, named in origins.sets():
                    earlier = first.get(named)
                    if earlier is None:
                        first[named] = rule, origins, position
                    elif earlier[0].what != rule.what:
                        example = named if isinstance(named, str) else common_origin(named, named)
                        yield Conflict(
                            Named(rule, (*origins.where, position)),
                            Named(earlier[0], (*earlier[1].where, earlier[2])),
                            f"`{example}`",
                        )
        patterns = [named for named in first if not isinstance(named, str)]
        for one, other in crossings(patterns, budget):
            naming = [
                Named(rule, (*origins.where, position))
                for rule, origins, position in (first[patterns[one]], first[patterns[other]])
            ]
            later, sooner = sorted(naming, key=lambda each: -each.rule.index)
            if later.rule.what != sooner.rule.what:
                yield Conflict(later, sooner, f"`{common_origin(patterns[one], patterns[other])}`")

    # --- advice ---

    @cached_property
    def gives_more(self) -> bool:
        """Whether a rule gives credentials or methods, which another path's rules could take away."""
        return any(rule.what.credentials or rule.what.methods for rule in self.rules)

    @cached_property
    def access(self) -> Rules:
        """What the rules give to whom."""
        self._advice.spend(self.size)
        return rules_of(self.rules)

    @cached_property
    def owners(self) -> Mapping[Pattern, Sequence[PolicyRule]]:
        """Each pattern with the rules that name it."""
        self._advice.spend(self.size)
        owners: defaultdict[Pattern, list[PolicyRule]] = defaultdict(list)
        for rule in self.rules:
            for entry in rule.entries():
                owners[entry.pattern].append(rule)
        return dict(owners)

    @cached_property
    def _wide(self) -> PatternIndex:
        return PatternIndex(each for each in self.owners if not each.is_single)

    @cached_property
    def _all(self) -> PatternIndex:
        return PatternIndex(self.owners)

    def meeting(self, pattern: Pattern) -> list[Pattern]:
        """The patterns that have an origin in common with `pattern`, not itself."""
        index = self._wide if pattern.is_single else self._all
        return [each for each in index.meeting(pattern, self._advice) if each != pattern]

    def around(self, pattern: Pattern, what: What) -> list[Pattern]:
        """The larger patterns of rules that give something else than `what`."""
        if len(self.rules) == 1:
            return []
        larger = [each for each in self._wide.containing(pattern, self._advice) if each != pattern]
        self._advice.spend(sum(len(self.owners[each]) for each in larger))
        return [each for each in larger if any(owner.what != what for owner in self.owners[each])]


#: A rule with the sets that it is in, at all of its paths in one profile.
RuleUse: TypeAlias = tuple[PolicyRule, tuple[RuleSet, ...]]


class RuleSets:
    """The sets of rules of all profiles, in a file with so many `entries` in its lists of origins.

    What they cost is limited (see `checks.limits`): how much the sets name together, what is spent on conflicts, and
    what is spent on advice.
    """

    def __init__(self, policies: Iterable[Policy], entries: int) -> None:
        self.advice = Budget.for_entries(entries)
        self._for_conflicts = Budget.for_entries(entries)
        self.are_too_large = False
        self.by_policy: list[Mapping[PathPattern, RuleSet]] = []
        distinct: dict[int, Policy] = {}
        for policy in policies:
            distinct.setdefault(id(policy.rules), policy)
        self._policies = tuple(distinct.values())
        self._sets: dict[tuple[int, ...], RuleSet] = {}
        room = Budget.for_entries(entries)
        try:
            for policy in self._policies:
                self.by_policy.append({path: self._set(policy, path, room) for path in policy.by_path})
        except OverBudget:
            self.are_too_large = True

    def _set(self, policy: Policy, path: PathPattern, room: Budget) -> RuleSet:
        rules = policy.by_path[path]
        key = tuple(map(id, rules))
        known = self._sets.get(key)
        if known is None:
            for rule in rules:
                room.spend(len(rule.lists))
                room.spend(rule.size)
            known = self._sets[key] = RuleSet(policy, path, rules, self.advice)
        return known

    @property
    def agree(self) -> bool:
        """Whether there are no conflicts, and that is known."""
        return not self.are_too_large and not self.conflicts and self.unlooked is None

    @property
    def conflicts(self) -> Sequence[tuple[RuleSet, Conflict]]:
        """The conflicts in each set, up to `unlooked`; none where the sets are too large."""
        return self._looked[0]

    @property
    def unlooked(self) -> RuleSet | None:
        """The set in which the budget ended, so that neither the rest of it was looked at nor those after it."""
        return self._looked[1]

    @cached_property
    def _looked(self) -> tuple[Sequence[tuple[RuleSet, Conflict]], RuleSet | None]:
        found: list[tuple[RuleSet, Conflict]] = []
        for each in () if self.are_too_large else self._sets.values():
            try:
                for conflict in each.conflicts(self._for_conflicts):
                    found.append((each, conflict))
            except OverBudget:
                return found, each
        return found, None

    def uses(self) -> Iterator[RuleUse]:
        """Each rule with its sets, once for all profiles in which they are the same."""
        seen: set[tuple[int, ...]] = set()
        for policy, by_path in zip(self._policies, self.by_policy, strict=True):
            sets: defaultdict[int, list[RuleSet]] = defaultdict(list)
            for each in dict.fromkeys(by_path.values()):
                for rule in each.rules:
                    sets[rule.index].append(each)
            for rule in policy.rules:
                key = (id(rule), *map(id, sets[rule.index]))
                if key not in seen:
                    seen.add(key)
                    yield rule, tuple(sets[rule.index])
