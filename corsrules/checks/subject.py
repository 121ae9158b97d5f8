"""What the checks look at (a document, and each of its profiles resolved), and what a check is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from corsrules.checks.unwise import Use
from corsrules.findings import CODES, Code, KeyPath, Problem
from corsrules.language.model import Document
from corsrules.language.policy import OriginList, Policy, Written


@dataclass(frozen=True)
class Subject:
    """A document that has the right shape, whatever its values say.

    `written` are its lists of origins, parsed. `broken` are the places of what could not be read; what seems to be
    missing there cannot be judged.
    """

    document: Document
    written: Written
    policies: tuple[Policy, ...]
    broken: tuple[KeyPath, ...] = ()

    @classmethod
    def of(cls, document: Document, broken: Iterable[KeyPath] = ()) -> Subject:
        """The subject for `document`, which is what is left of a file without its `broken` parts."""
        written = Written(document)
        return cls(document, written, tuple(map(written.policy, document.profiles or (None,))), tuple(broken))

    @property
    def is_whole(self) -> bool:
        """Whether all of the file could be read."""
        return not self.broken

    @cached_property
    def uses(self) -> Mapping[OriginList, Mapping[int, Use]]:
        """Each list of patterns with the rules that use it, by their index; `development`: in such profiles only."""
        lists: dict[OriginList, dict[int, Use]] = {}
        has_profiles = bool(self.document.profiles)
        for policy in self.policies:
            for rule in policy.rules:
                for origins in rule.lists:
                    rules = lists.setdefault(origins, {})
                    known = rules.get(rule.index)
                    development = policy.development and (known is None or known.development)
                    rules[rule.index] = Use(rule.what.credentials, development, has_profiles)
        return lists

    def is_illegible(self, group: str) -> bool:
        """Whether the broken parts may say who `group` is."""
        return any(
            path[:1] == ("profiles",) and (len(path) < 3 or path[2:] == ("origins",) or group in path[2:4])
            for path in self.broken
        )


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
