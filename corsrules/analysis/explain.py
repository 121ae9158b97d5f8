"""Why a request is answered as it is: which path governs, which of its rules match, and which one decides.

    question ── read by the grammars of path and pattern ──> explanation <── answered by the matcher and by fetch

The answer itself is the matcher's, and the conclusion the browser's (`filetests.exchange`); neither is worked out again
here. What stands beside them is read off the file: every path entry and every pattern with its place, whether it is
about this request, and why not. What the page could have meant instead is for `misses`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from corsrules.engine.compiler import Compiled, compile_policy
from corsrules.engine.exchange import Dropped, Exchange, exchange
from corsrules.engine.matcher import Matcher
from corsrules.findings import KeyPath
from corsrules.language import origin_pattern, path_pattern
from corsrules.language.model import Document
from corsrules.language.origin_pattern import Pattern
from corsrules.language.path_pattern import PathPattern
from corsrules.language.policy import Policy, PolicyRule, Written
from corsrules.web import origin
from corsrules.web.browser import PageRequest
from corsrules.web.origin import DEFAULT_PORTS, PORT_MAXIMUM, Origin


class Profiles:
    """The profiles of one document, each resolved and compiled when it is first asked for."""

    def __init__(self) -> None:
        self._written: Written | None = None
        self._parts: Compiled = {}
        self._known: dict[str | None, tuple[Policy, Matcher]] = {}

    def of(self, document: Document, profile: str | None) -> tuple[Policy, Matcher]:
        """The rules that hold in `profile`, and what answers by them."""
        if profile not in self._known:
            self._written = self._written or Written(document)
            policy = self._written.policy(profile)
            self._known[profile] = policy, compile_policy(policy, self._parts)
        return self._known[profile]


@dataclass(frozen=True)
class Question:
    """What is asked: why does `document` answer the page's request for `path` (in Unicode) as it does?

    `dropped` is what the request arrives with where a gateway has dropped `Origin`, None where none has; `reads` are
    the response headers that the page's script wants to read.
    """

    document: Document
    profile: str | None
    path: str
    page: PageRequest
    dropped: Dropped | None = None
    reads: tuple[str, ...] = ()
    #: What was compiled for this question, and for others that are made from it with `replace`.
    profiles: Profiles = field(default_factory=lambda: Profiles(), compare=False, repr=False)

    @property
    def policy(self) -> Policy:
        """The rules that hold."""
        return self.profiles.of(self.document, self.profile)[0]

    @property
    def matcher(self) -> Matcher:
        """What answers."""
        return self.profiles.of(self.document, self.profile)[1]

    def ask(self, page: PageRequest) -> Exchange:
        """What would come of another request of the page, for the same path."""
        return exchange(self.matcher, self.path, page, dropped=self.dropped)


@dataclass(frozen=True, slots=True)
class PathReading:
    """An entry of a rule's `paths`: whether it covers the request's path (if not, why), and whether it governs it."""

    rule: PolicyRule
    place: KeyPath
    pattern: PathPattern
    covers: bool
    governs: bool
    why: str


@dataclass(frozen=True, slots=True)
class OriginReading:
    """A pattern, or `"*"`, of a rule: whether it matches the origin (if not, why), and whether it is what decides."""

    place: KeyPath
    text: str
    pattern: Pattern | None
    matches: bool
    decides: bool
    why: str


@dataclass(frozen=True, slots=True)
class RuleReading:
    """A rule of the path that governs."""

    rule: PolicyRule
    origins: tuple[OriginReading, ...]

    @property
    def matches(self) -> bool:
        """Whether any of its patterns is about the origin."""
        return any(reading.matches for reading in self.origins)

    @property
    def decides(self) -> bool:
        """Whether the answer is this rule's."""
        return any(reading.decides for reading in self.origins)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was found.

    `arrived` is what the server takes for the origin: `Origin`, or what the fallback makes of the request without it.
    `paths` are all path entries, the most specific first; `rules` those of the path that governs.
    """

    question: Question
    arrived: str | None
    paths: tuple[PathReading, ...]
    rules: tuple[RuleReading, ...]
    exchange: Exchange

    @property
    def governing(self) -> PathPattern | None:
        """The path that alone decides."""
        return next((reading.pattern for reading in self.paths if reading.governs), None)

    @property
    def decided(self) -> tuple[RuleReading, OriginReading] | None:
        """The rule that decided, and its pattern that did."""
        for rule in self.rules:
            for reading in rule.origins:
                if reading.decides:
                    return rule, reading
        return None


def explain(question: Question) -> Explanation:
    """The explanation of what `question` asks."""
    arrived: str | None = question.page.origin
    if question.dropped is not None:
        arrived = question.matcher.fallback.origin(*question.dropped)
    paths = read_paths(question.policy, question.path)
    return Explanation(
        question,
        arrived,
        paths,
        read_rules((reading.rule for reading in paths if reading.governs), arrived),
        question.ask(question.page),
    )


# --- paths ------------------------------------------------------------------------------------------------------------


def read_paths(policy: Policy, requested: str) -> tuple[PathReading, ...]:
    """Every path entry of the policy, read for `requested`: the longest first, exact before all below."""
    requested = requested or "/"
    usable = requested.startswith("/") and not path_pattern.has_bad_segment(requested)
    entries = sorted(_path_entries(policy), key=lambda entry: (-len(entry[2].base), entry[2].below))
    covering = [entry[2] for entry in entries if usable and path_pattern.matches(entry[2], requested)]
    return tuple(
        PathReading(
            rule,
            place,
            each,
            covers=each in covering,
            governs=each in covering[:1],
            why="" if each in covering else path_difference(each, requested),
        )
        for rule, place, each in entries
    )


def _path_entries(policy: Policy) -> Iterator[tuple[PolicyRule, KeyPath, PathPattern]]:
    for rule in policy.rules:
        for entry in rule.paths:
            yield rule, entry.place, entry.pattern


def path_difference(expected: PathPattern, requested: str) -> str:
    """Why `expected` does not cover `requested`."""
    if not requested.startswith("/") or path_pattern.has_bad_segment(requested):
        return "no rule is applied to a path with an empty, `.` or `..` segment"
    if requested == expected.base + "/":
        return "the request has a slash at the end"
    if expected.base == requested + "/":
        return "the request has no slash at the end"
    if not expected.below and requested.startswith(expected.base.removesuffix("/") + "/"):
        return "it is that path alone, without what is below"
    if path_pattern.matches(expected._replace(base=expected.base.lower()), requested.lower()):
        return "the case differs"
    wanted, given = expected.base.split("/"), requested.split("/")
    # One segment at least is another: where all are the same, the entry covers the request, or it goes on below.
    number = next(number for number, segment in enumerate(wanted) if given[number : number + 1] != [segment])
    if number >= len(given):
        return f"the request ends before `{wanted[number]}`"
    return f"segment {number} is `{given[number]}`, not `{wanted[number]}`"


# --- rules ------------------------------------------------------------------------------------------------------------


def read_rules(rules: Iterable[PolicyRule], arrived: str | None) -> tuple[RuleReading, ...]:
    """The rules of one path, read for the origin that arrived."""
    parsed = None if arrived is None else origin.parse(arrived)
    readings = [RuleReading(rule, tuple(_read_origin(*named, parsed) for named in rule.named())) for rule in rules]
    deciding = _deciding([each for reading in readings for each in reading.origins if each.matches])
    return tuple(
        replace(
            reading,
            # By identity: a group that two rules use stands at one place.
            origins=tuple(replace(each, decides=True) if each is deciding else each for each in reading.origins),
        )
        for reading in readings
    )


def _read_origin(place: KeyPath, text: str, parsed: Pattern | None, asked: Origin | None) -> OriginReading:
    if parsed is None:
        return OriginReading(place, text, None, matches=True, decides=False, why="it stands for every origin")
    if asked is None:
        why = "the request has no usable origin"
        return OriginReading(place, text, parsed, matches=False, decides=False, why=why)
    differing = differences(parsed, asked)
    if not differing:
        why = "it is the origin" if parsed.is_single else "the origin is one of those it stands for"
        return OriginReading(place, text, parsed, matches=True, decides=False, why=why)
    why = " and ".join(f"the {part}" for part in differing) + (" differ" if len(differing) > 1 else " differs")
    return OriginReading(place, text, parsed, matches=False, decides=False, why=why)


def differences(expected: Pattern, asked: Origin) -> tuple[str, ...]:
    """Which of scheme, host and port keep `asked` out of the pattern's set; none where it is in the set.

    Two default ports do not differ: what tells `http://a.example` from `https://a.example` is the scheme alone. Where
    every host of a scheme is meant, those of another scheme are not.
    """
    of_scheme = replace(expected, scheme=asked.scheme)
    default = DEFAULT_PORTS.get(expected.scheme, 0)
    same_port = expected.low <= asked.effective_port <= expected.high or (
        asked.scheme != expected.scheme and asked.port is None and expected.low <= default <= expected.high
    )
    same_host = origin_pattern.matches(replace(of_scheme, low=0, high=PORT_MAXIMUM), asked)
    same_scheme = expected.scheme == asked.scheme
    same_host = same_host and (same_scheme or not expected.is_every_host)
    same = {"scheme": same_scheme, "host": same_host, "port": same_port}
    return tuple(part for part, is_same in same.items() if not is_same)


def _deciding(matching: list[OriginReading]) -> OriginReading | None:
    """The most specific of the patterns that match, the first of several that are equally so; else a `"*"`."""
    patterns = [each.pattern for each in matching if each.pattern is not None]
    minimal = [
        each for each in matching if each.pattern is not None and origin_pattern.is_minimal(each.pattern, patterns)
    ]
    return next(iter(minimal or matching), None)
