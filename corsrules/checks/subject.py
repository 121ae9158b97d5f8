"""What the checks look at (a document, and each of its profiles resolved), and what a check is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from corsrules.checks.rule_sets import RuleSets
from corsrules.checks.unwise import Use
from corsrules.findings import CODES, Code, KeyPath, Problem
from corsrules.language.budget import Budget, OverBudget
from corsrules.language.model import Document
from corsrules.language.policy import OriginList, Policy, Written

#: How many rules are resolved for the profiles of a file, each counted for every profile that gives one of the groups
#: something else than its parent does: a thousand rules in five hundred profiles. It takes a second or two.
MOST_RULES = 500_000


@dataclass(frozen=True)
class Subject:
    """A document that has the right shape, whatever its values say.

    `written` are its lists of origins, parsed. `unresolved` are the profiles that have no policy here, because all
    profiles together have too many rules (`MOST_RULES`). `broken` are the places of what could not be read; what
    seems to be missing there cannot be judged.
    """

    document: Document
    written: Written
    policies: tuple[Policy, ...]
    unresolved: tuple[str, ...] = ()
    broken: tuple[KeyPath, ...] = ()

    @classmethod
    def of(cls, document: Document, broken: Iterable[KeyPath] = ()) -> Subject:
        """The subject for `document`, which is what is left of a file without its `broken` parts."""
        written = Written(document, Budget(MOST_RULES))
        policies: list[Policy] = []
        try:
            for profile in document.profiles or (None,):
                policies.append(written.policy(profile))
        except OverBudget:
            pass  # the profiles from here on are unresolved
        unresolved = tuple(document.profiles)[len(policies) :]
        return cls(document, written, tuple(policies), unresolved, tuple(broken))

    @property
    def is_whole(self) -> bool:
        """Whether all of the file could be read, and every profile of it resolved."""
        return not self.broken and not self.unresolved

    @cached_property
    def rule_sets(self) -> RuleSets:
        """The rules that govern paths together."""
        return RuleSets(self.policies, self.written.size)

    @cached_property
    def uses(self) -> Mapping[OriginList, Mapping[int, Use]]:
        """Each list of patterns with the rules that use it, by their index; `development`: in such profiles only."""
        lists: dict[OriginList, dict[int, Use]] = {}
        has_profiles = bool(self.document.profiles)
        for policies in self._alike():
            development = all(policy.development for policy in policies)
            for rule in policies[0].rules:
                for origins in rule.lists:
                    rules = lists.setdefault(origins, {})
                    known = rules.get(rule.index)
                    licence = development and (known is None or known.development)
                    rules[rule.index] = Use(rule.what.credentials, licence, has_profiles)
        return lists

    def _alike(self) -> Iterable[list[Policy]]:
        """The policies, those of profiles that resolve alike together."""
        known: dict[int, list[Policy]] = {}
        for policy in self.policies:
            known.setdefault(id(policy.rules), []).append(policy)
        return known.values()

    def is_illegible(self, group: str) -> bool:
        """Whether `group` may be given in a part that could not be read."""
        return self._illegible is None or group in self._illegible

    @cached_property
    def _illegible(self) -> frozenset[str | int] | None:
        """The groups that broken parts of the profiles name; None where these may be about any group."""
        places = [path for path in self.broken if path[:1] == ("profiles",)]
        if any(len(path) < 3 or path[2:] == ("origins",) for path in places):
            return None
        return frozenset(step for path in places for step in path[2:4])


@dataclass(frozen=True, slots=True)
class Check:
    """One look at a subject, and the codes of all that it can report."""

    look: Callable[[Subject], Iterator[Problem]]
    codes: tuple[Code, ...]

    def __call__(self, subject: Subject) -> Iterator[Problem]:
        """What is found."""
        return self.look(subject)

    @property
    def finds_errors(self) -> bool:
        """Whether anything that it reports keeps a file from being loaded."""
        return any(code.severity == "error" for code in self.codes)


def reports(*codes: str) -> Callable[[Callable[[Subject], Iterator[Problem]]], Check]:
    """Makes a function a check that reports these codes. `KeyError` if the catalogue lacks one."""
    known = tuple(CODES[code] for code in codes)
    return lambda look: Check(look, known)
