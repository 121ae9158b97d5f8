"""What the checks look at: a document, and each of its profiles resolved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from corsrules.findings import KeyPath
from corsrules.language import origin_pattern, policy
from corsrules.language.model import Document
from corsrules.language.origin_pattern import Pattern
from corsrules.language.policy import EVERY_ORIGIN, OriginList, Policy


@dataclass(frozen=True)
class Subject:
    """A document that has the right shape, whatever its values say.

    `broken` are the places of what could not be read; what seems to be missing there cannot be judged.
    """

    document: Document
    policies: tuple[Policy, ...]
    broken: tuple[KeyPath, ...] = ()
    _parsed: dict[str, Pattern | None] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Document, broken: Iterable[KeyPath] = ()) -> Subject:
        """The subject for `document`, which is what is left of a file without its `broken` parts."""
        return cls(document, policy.resolve_all(document), tuple(broken))

    @property
    def is_whole(self) -> bool:
        """Whether all of the file could be read."""
        return not self.broken

    def is_illegible(self, group: str) -> bool:
        """Whether the broken parts may say who `group` is."""
        return any(
            path[:1] == ("profiles",) and (len(path) < 3 or path[2:] == ("origins",) or group in path[2:4])
            for path in self.broken
        )

    def pattern(self, text: str) -> Pattern | None:
        """The pattern that `text` writes, None where it is malformed."""
        try:
            return self._parsed[text]
        except KeyError:
            return self._parsed.setdefault(text, origin_pattern.parse(text))

    def written_patterns(self) -> Iterator[tuple[KeyPath, str]]:
        """Every text that stands where a pattern is meant and is not plain, with its place.

        Plain origins (see `policy.is_plain`), `"*"` and the names of groups are not among them.
        """
        for name, profile in self.document.profiles.items():
            for group, texts in profile.origins.items():
                for place, text in OriginList(("profiles", name, "origins", group), 0, texts).others:
                    if text != EVERY_ORIGIN:
                        yield place, text
        for index, rule in enumerate(self.document.rules):
            for place, text in OriginList(("rules", index, "origins"), 0, rule.origins).others:
                if text != EVERY_ORIGIN and not policy.is_group_name(text):
                    yield place, text
