"""Sets of origins as sets: what several patterns leave out of one, the intersection of two, and finding those near one.

The worlds are finite, and that suffices: what a pattern holds is fixed by the ends of its labels. Over a world of hosts
whose labels go through every character and are longer than all ends together, two sets that differ anywhere differ
there. Two worlds serve. In the first the alphabet is shrunk to two letters, so that every label up to a length can be
written down, and what patterns hold is worked out host by host; there `*` is covered by its parts as it would be by 38.
In the second the alphabet is the real one, and hosts are so long that only labels of one or two characters fit.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from itertools import combinations, product

import pytest
import reference

from corsrules.language import origin_pattern
from corsrules.language.origin_pattern import Pattern, PatternIndex, common_patterns, contains, matches, witness_outside
from corsrules.web import origin


def parsed(text: str) -> Pattern:
    found = origin_pattern.parse(text)
    assert found is not None, text
    return found


def held(each: Pattern, text: str) -> bool:
    found = origin.parse(text)
    assert found is not None, text
    return matches(each, found)


# --- tables -----------------------------------------------------------------------------------------------------------

LETTERS = [f"https://{c}.a.test" for c in origin.LABEL_CHARACTERS]
PREFIXES = [f"https://{c}*.a.test" for c in origin.LABEL_CHARACTERS]
SUFFIXES = [f"https://*{c}.a.test" for c in origin.LABEL_CHARACTERS]
ENDS = [f"https://{c}*{d}.a.test" for c, d in product(origin.LABEL_CHARACTERS, repeat=2)]
PAIRS = [f"https://{c}{d}.a.test" for c, d in product(origin.LABEL_CHARACTERS, repeat=2)]

#: what it is, the pattern, the others, whether they hold all of it
COVERED: list[tuple[str, str, list[str], bool]] = [
    ("nothing", "https://a.test", [], False),
    ("itself", "https://a.test", ["https://a.test"], True),
    ("another scheme", "https://a.test", ["http://a.test"], False),
    ("letters and what begins with them", "https://*.a.test", LETTERS + PREFIXES, True),
    ("letters and what ends with them", "https://*.a.test", LETTERS + SUFFIXES, True),
    ("only what begins with a letter", "https://*.a.test", PREFIXES, False),
    ("only the letters", "https://*.a.test", LETTERS, False),
    ("one letter missing", "https://*.a.test", LETTERS[1:] + PREFIXES, False),
    ("one prefix missing", "https://*.a.test", LETTERS + PREFIXES[1:], False),
    ("by both ends", "https://*.a.test", LETTERS + PAIRS + ENDS, True),
    ("by both ends, one missing", "https://*.a.test", LETTERS + PAIRS + ENDS[:-1], False),
    ("by both ends, one pair missing", "https://*.a.test", LETTERS + PAIRS[1:] + ENDS, False),
    (
        "part of a label",
        "https://pr-*.a.test",
        [f"https://pr-{c}{s}.a.test" for c in origin.LABEL_CHARACTERS for s in ("", "*")],
        True,
    ),
    (
        "some of part of a label",
        "https://pr-*.a.test",
        [f"https://pr-{c}*.a.test" for c in origin.LABEL_CHARACTERS],
        False,
    ),
    ("one level of many", "https://**.a.test", ["https://*.a.test"], False),
    ("the levels below named ones", "https://**.a.test", ["https://*.a.test", "https://**.b.a.test"], False),
    ("wider", "https://**.b.a.test", ["https://**.a.test"], True),
    ("ranges side by side", "http://localhost:1-9", ["http://localhost:1-5", "http://localhost:6-9"], True),
    ("ranges with a gap", "http://localhost:1-9", ["http://localhost:1-5", "http://localhost:7-9"], False),
    (
        "every port without the default one",
        "https://a.test:*",
        ["https://a.test:1-442", "https://a.test:444-65535"],
        False,
    ),
    (
        "every port with it",
        "https://a.test:*",
        ["https://a.test:1-442", "https://a.test:444-65535", "https://a.test"],
        True,
    ),
    ("every port of an own scheme, and none", "app://a.test:*", ["app://a.test:1-65535"], False),
    ("the same with none", "app://a.test:*", ["app://a.test:1-65535", "app://a.test"], True),
    ("every host of an own scheme", "app://**", ["app://**"], True),
    ("some of every host", "app://**", ["app://x", "app://a", "app://**.test", "app://*.x"], False),
    ("any host in every host", "app://[::1]", ["app://**"], True),
    ("any wildcard in every host", "app://**.a.test", ["app://x", "app://**"], True),
    ("every host at another port", "app://**:1-2", ["app://**:2", "app://**"], False),
    ("every host at each port", "app://**:1-2", ["app://**:2", "app://**:1"], True),
    (
        "letters at one port, prefixes at another",
        "https://*.a.test:1-2",
        [f"{t}:1" for t in LETTERS] + [f"{t}:2" for t in PREFIXES],
        False,
    ),
    (
        "hosts and ports together",
        "https://*.a.test:1-2",
        [f"{t}:1" for t in LETTERS + PREFIXES] + ["https://*.a.test:2"],
        True,
    ),
]


@pytest.mark.parametrize(("text", "others", "expected"), [row[1:] for row in COVERED], ids=[row[0] for row in COVERED])
def test_whether_several_hold_all_of_one(text: str, others: list[str], expected: bool) -> None:
    witness = witness_outside(parsed(text), map(parsed, others))
    assert (witness is None) is expected
    if witness is not None:
        assert reference.pattern_matches(text, witness)
        assert not any(reference.pattern_matches(other, witness) for other in others)


# --- every host of a little room, the real alphabet -------------------------------------------------------------------


def little_rest(room: int) -> str:
    """A rest that leaves `room` characters of a host before its dot."""
    length = origin.HOST_LENGTH - room - 1
    return ".".join(["h" * 49] * 4 + ["h" * (length - 200)])


def hosts_of(rest: str, room: int) -> list[str]:
    """Every host under the rest, where one or three characters fit."""
    characters = origin.LABEL_CHARACTERS
    labels = ["".join(each) for length in range(1, room + 1) for each in product(characters, repeat=length)]
    labels += [f"{a}.{b}" for a, b in product(characters, repeat=2)] if room == 3 else []
    return [f"https://{each}.{rest}" for each in labels]


@pytest.mark.parametrize("room", [1, 2, 3])
def test_every_host_of_a_little_room(room: int) -> None:
    """With every host but one in the list, the witness is that one; with all of them there is none."""
    rest = little_rest(room)
    whole = parsed(f"https://{'**' if room == 3 else '*'}.{rest}")
    hosts = [parsed(each) for each in hosts_of(rest, room)]
    assert witness_outside(whole, hosts) is None
    for number in random.Random(room).sample(range(len(hosts)), min(len(hosts), 1)):
        assert witness_outside(whole, hosts[:number] + hosts[number + 1 :]) == str(hosts[number])


@pytest.mark.parametrize("room", [3, 4])
def test_two_labels_in_a_little_room(room: int) -> None:
    rest = little_rest(room)
    deep, one = parsed(f"https://**.{rest}"), parsed(f"https://*.{rest}")
    under = [parsed(f"https://*.{c}.{rest}") for c in origin.LABEL_CHARACTERS]
    witness = witness_outside(deep, [one, *under])
    assert (witness is None) is (room == 3), "with four characters there are also hosts `x.xx`"
    missing = witness_outside(deep, [one, *under[1:]])
    assert missing is not None
    assert held(under[0], missing) or room == 4


# --- every host of a small world, two letters -------------------------------------------------------------------------

TWO = "ab"
#: Longer than the ends of any pattern here together, with two to spare: a free character in front, one behind.
LENGTH = 5
WORDS = ["".join(word) for length in range(1, LENGTH + 1) for word in product(TWO, repeat=length)]
ENDINGS = ["", "a", "b", "aa", "ab", "ba", "bb"]


@pytest.fixture
def _two_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Labels of two letters only; nothing else of the algebra knows an alphabet."""
    monkeypatch.setattr(origin_pattern, "PREFERRED_CHARACTERS", TWO)
    monkeypatch.setattr(origin_pattern, "FILLER", "a")


def small_patterns() -> list[Pattern]:
    partial = [f"{before}*{after}" for before, after in product(ENDINGS, repeat=2) if len(before + after) < 4]
    labels = [*WORDS[:6], *partial]
    texts = [f"{label}.t" for label in labels] + [
        "**.t",
        "*.a.t",
        "a*.a.t",
        "b.a.t",
        "**.a.t",
        "**.b.t",
        "*.b.t",
        "a.b.b.t",
    ]
    return [Pattern("https", *_split(text), 443, 443) for text in texts]


def _split(text: str) -> tuple[str, str]:
    label, _, rest = text.partition(".")
    return (label, rest) if "*" in label else ("", text)


def small_world() -> list[str]:
    hosts = [f"{word}.t" for word in WORDS]
    hosts += [f"{a}.{b}.t" for a, b in product(WORDS[:14], repeat=2)]
    hosts += [f"{a}.{b}.{c}.t" for a, b, c in product(WORDS[:6], repeat=3)]
    return hosts


def as_sets(patterns: Iterable[Pattern], hosts: list[str]) -> list[int]:
    """What each pattern holds of the hosts, one bit a host, by the reference."""
    texts = [f"{each.wildcard}.{each.host}" if each.wildcard else each.host for each in patterns]
    return [sum(1 << n for n, host in enumerate(hosts) if reference.host_matches(text, host)) for text in texts]


def random_lists(count: int, seed: int, size: int) -> Iterator[tuple[int, list[int]]]:
    choose = random.Random(seed)
    for _ in range(count):
        yield choose.randrange(size), choose.sample(range(size), choose.choice((1, 2, 3, 4, 6, 9, 14, 20)))


@pytest.mark.usefixtures("_two_letters")
def test_what_lists_leave_out_is_what_enumeration_says() -> None:
    patterns, hosts = small_patterns(), small_world()
    sets = as_sets(patterns, hosts)
    size = len(patterns)
    lists: list[tuple[int, list[int]]] = [(one, [a, b]) for one in range(size) for a, b in combinations(range(size), 2)]
    lists += list(random_lists(20_000, 4, size))
    full = 0
    for one, others in lists:
        left = sets[one]
        for other in others:
            left &= ~sets[other]
        witness = witness_outside(patterns[one], [patterns[other] for other in others])
        assert (witness is None) is (left == 0), (
            str(patterns[one]),
            [str(patterns[other]) for other in others],
            witness,
        )
        full += witness is None
        if witness is not None:
            host = witness.removeprefix("https://")
            assert origin_pattern._host_in(patterns[one], host)
            assert not any(origin_pattern._host_in(patterns[other], host) for other in others)
    assert full > 1000


def test_an_intersection_is_its_parts() -> None:
    patterns, hosts = small_patterns(), small_world()
    sets = as_sets(patterns, hosts)
    for (one, other), (a, b) in zip(combinations(patterns, 2), combinations(sets, 2), strict=True):
        parts = as_sets(common_patterns(one, other), hosts)
        assert sum(parts) == a & b, (str(one), str(other))  # equal to the sum: disjoint


def test_an_index_finds_what_is_near() -> None:
    ports = ((443, 443), (1, 500), (443, 8443), (8443, 8443), (1, 65535))
    every, one_label = parsed("app://**"), parsed("app://ab")
    patterns = [
        Pattern(scheme, each.wildcard, each.host, low, high)
        for each in [*small_patterns(), one_label]
        for scheme, (low, high) in product(("https", "app"), ports)
    ]
    patterns += [Pattern("app", every.wildcard, every.host, low, high) for low, high in ports]
    choose = random.Random(9)
    for _ in range(60):
        members = choose.sample(patterns, 60)
        index = PatternIndex(members)
        for each in choose.sample(patterns, 20):
            assert set(index.containing(each)) == {other for other in members if contains(other, each)}
            assert set(index.meeting(each)) == {other for other in members if origin_pattern.common_origin(other, each)}
