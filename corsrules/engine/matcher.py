"""The compiled rules of one profile: a path to the rules that govern it, and a request to a decision.

Standard library only. Nothing here raises, whatever the bytes, and nothing of a request but an allowed origin gets into
an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from corsrules.engine.answer import Instead, answer, rule_of
from corsrules.engine.grants import NOTHING, CompiledPath, FallbackSources, Grants, Header
from corsrules.language.path_pattern import has_bad_segment


class Headers(Mapping[str, str]):
    """The headers of an answer by their names: immutable, and equal to a dictionary that has the same."""

    __slots__ = ("_pairs",)

    def __init__(self, pairs: tuple[Header, ...] = ()) -> None:
        self._pairs = pairs

    def __getitem__(self, name: str) -> str:
        for each, value in self._pairs:
            if each == name:
                return value
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)

    def __hash__(self) -> int:
        return hash(frozenset(self._pairs))

    def __repr__(self) -> str:
        return repr(dict(self._pairs))


NO_HEADERS = Headers()


@dataclass(frozen=True, slots=True)
class Decision:
    """What is answered to a request. It can be hashed, compared and pickled.

    `governed`: whether a rule's path covers the request; if not, nothing is added or removed. `allowed`: whether the
    origin may read the answer. `rule`: the name of the rule that decided (`rules[2]` where it has none), None where
    none did. `headers`: the `Access-Control-*` headers of the answer; no others belong there. `vary`: the names to
    merge into `Vary`.
    """

    governed: bool
    allowed: bool = False
    rule: str | None = None
    headers: Mapping[str, str] = NO_HEADERS
    vary: tuple[str, ...] = ()


UNGOVERNED = Decision(governed=False)

#: Stands for every path that no rule can be applied to: whatever comes from there is denied.
UNUSABLE = CompiledPath(Grants(), (), (), FallbackSources())


class Source(NamedTuple):
    """What a matcher was made from, for those who ask what is in force. No request is answered by it.

    `profile` is None where the file has no profiles; `development` is what the profile says. `paths` are those of all
    rules, as the file writes them, and `rules` is the number of rules. `revision` is short and differs where the file's
    content or the profile does.
    """

    file: str
    profile: str | None
    development: bool
    paths: tuple[str, ...]
    rules: int
    revision: str


@dataclass(frozen=True, slots=True, eq=False)
class Matcher:
    """The compiled rules of one profile. Immutable; one matcher serves any number of threads and applications.

    `paths_below` has the rules of `/api/*` and the like by their base, of which the longest has `deepest` characters;
    `everywhere` has those of `/*`. `source` is None for a policy that came from no text.
    """

    exact_paths: Mapping[str, CompiledPath]
    paths_below: Mapping[str, CompiledPath]
    everywhere: CompiledPath | None
    deepest: int
    fallback: FallbackSources
    source: Source | None = None

    def decide(
        self,
        path: str,
        origin: str | None = None,
        *,
        preflight: bool = False,
        host: str | None = None,
        fallback: Mapping[str, str] = NOTHING,
    ) -> Decision:
        """What is answered to a request; never raises.

        `path` is WSGI's `PATH_INFO` (decoded once, without `SCRIPT_NAME`, UTF-8 bytes read as latin-1). `origin` is
        the raw value of `Origin`, None if the request has none. `preflight`: the request is OPTIONS and has
        `Access-Control-Request-Method`. `host` is the raw `Host`, and `fallback` holds the values of the
        `fallback.headers` of the file by their lower-case names; both are read only where `origin` is None.
        """
        governing = self.governing(path)
        if governing is None:
            return UNGOVERNED
        answered = answer(governing, origin, preflight, (host, fallback), as_given)
        _, headers, grant = answered
        if grant is None:
            return Decision(governed=True, vary=governing.vary)
        rule = rule_of(governing, answered)
        return Decision(governed=True, allowed=True, rule=rule, headers=Headers(headers), vary=governing.vary)

    def governing(self, path: str) -> CompiledPath | None:
        """The rules that alone decide for `path`: those of the longest path that covers it; None where none does."""
        if not path:
            path = "/"
        if path[0] != "/" or "//" in path or ("/." in path and has_bad_segment(path)):
            return UNUSABLE
        found = self.exact_paths.get(path)
        if found is not None:
            return found
        if self.deepest:
            end = len(path)
            if end > self.deepest:
                end = path.rfind("/", 0, self.deepest + 1)
            while end > 0:
                found = self.paths_below.get(path[:end])
                if found is not None:
                    return found
                end = path.rfind("/", 0, end)
        return self.everywhere


def as_given(instead: Instead, _: FallbackSources) -> Instead:
    """The reader of `answer` for a request that is given as its `Host` and its fallback headers."""
    return instead
