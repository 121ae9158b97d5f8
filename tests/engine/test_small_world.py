"""Every case of a small world, against brute force.

**Why a finite universe suffices.** The patterns of the world mention only the letters `a` and `b`; the universe adds
`x`, which stands for each of the other 36 label characters, because no pattern can tell those apart. A wildcard label
`p*s` has at most three characters, so `p` and `s` have at most two together, and a fixed rest has two labels at most.
The universe has

- every exact host of the world, so that a pattern of one host is decided by that host;
- `p x s` before every rest, for every prefix `p` and suffix `s` of at most two letters. `p x s` under the rest of `p*s`
  is in another `P*S` over the same rest exactly if `P` begins `p` and `S` ends `s`, which is containment; and where
  `p*s` and `P*S` meet at all, they meet at the longer prefix, `x`, the longer suffix;
- `x.x` before every rest, which tells `**` (with `x.`) from all patterns of one more label. A `**` over a shorter rest
  meets a pattern over a longer one, under it, exactly where the latter's own `p x s` lies.

Ports are intervals, so their ends decide containment, and the greatest lower end decides overlap: the universe has the
ends of every port of the world. Schemes are compared whole.

So for every pair of patterns of the world: contained, overlapping or equal in the universe is the same in reality.

CORSRULES_EXHAUSTIVE=1 runs all of the world; without it the rests are shorter, and schemes and ports are combined with
fewer hosts.
"""

import itertools
import os
import random
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
import reference
import strategies
import tomli

import corsrules
from corsrules.language import origin_pattern
from corsrules.language.origin_pattern import Pattern
from corsrules.web import origin

SEED = 20240603
EXHAUSTIVE = os.environ.get("CORSRULES_EXHAUSTIVE") == "1"


def words(letters: str, longest: int, shortest: int = 1) -> list[str]:
    return ["".join(word) for n in range(shortest, longest + 1) for word in itertools.product(letters, repeat=n)]


LABELS = words("ab", 3)
ENDS = words("ab", 2, shortest=0)
#: `p*s` of three characters at most: `*`, `a*`, `*b`, `ab*`, `a*b`, …
STARRED = [f"{before}*{after}" for before in ENDS for after in ENDS if len(before + after) <= 2]
#: All labels that `p*s` needs to be told from every other: see the module's docstring.
WITNESSES = [f"{before}x{after}" for before in ENDS for after in ENDS]

RESTS = [*LABELS, *(f"{a}.{b}" for a, b in itertools.product(LABELS if EXHAUSTIVE else words("ab", 2), repeat=2))]
EXACT_HOSTS = [*LABELS, *(f"{label}.{rest}" for label in LABELS for rest in RESTS)]
WILDCARD_HOSTS = [f"{label}.{rest}" for label in [*STARRED, "**"] for rest in RESTS]
HOSTS = EXACT_HOSTS + WILDCARD_HOSTS
UNIVERSE = EXACT_HOSTS + [f"{front}.{rest}" for front in [*WITNESSES, "x.x"] for rest in RESTS]


def parsed(text: str) -> Pattern:
    found = origin_pattern.parse(text)
    assert found is not None, text
    return found


def judge(patterns: list[str], sets: list[int], pairs: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """Compares the algebra with brute force on each pair; `sets` are the patterns' sets of the universe, as bits.

    Returns how many pairs there were, and how many of them overlap.
    """
    known = [parsed(text) for text in patterns]
    contains, common_origin, pattern_matches = (
        origin_pattern.contains,
        origin_pattern.common_origin,
        reference.pattern_matches,
    )
    count = overlapping = 0
    for i, j in pairs:
        one, other, both = known[i], known[j], sets[i] & sets[j]
        witness = common_origin(one, other)
        agree = (
            (both == sets[j]) is contains(one, other)
            and (both == sets[i]) is contains(other, one)
            and (both != 0) is (witness is not None)
        )
        assert agree, f"{patterns[i]} and {patterns[j]}"
        if witness is not None:
            in_both = pattern_matches(patterns[i], witness) and pattern_matches(patterns[j], witness)
            assert in_both, f"{patterns[i]} and {patterns[j]} do not meet at {witness}"
            overlapping += 1
        count += 1
    return count, overlapping


def host_set(host: str, universe: list[str]) -> int:
    """The hosts of the universe that the pattern's host stands for, as bits (by the reference)."""
    admitted = (1 << bit for bit, each in enumerate(universe) if reference.host_matches(host, each))
    return sum(admitted)


@pytest.fixture(scope="module")
def host_sets() -> list[int]:
    """For each of `HOSTS` its set. A host and its pattern agree in the last label, so only those are compared."""
    by_last: dict[str, list[tuple[int, str]]] = {}
    for bit, host in enumerate(UNIVERSE):
        by_last.setdefault(host.rpartition(".")[2], []).append((bit, host))
    matches = reference.host_matches
    return [sum(1 << bit for bit, host in by_last[text.rpartition(".")[2]] if matches(text, host)) for text in HOSTS]


# --- single patterns and pairs ----------------------------------------------------------------------------------------


def test_the_world_is_as_large_as_it_claims() -> None:
    assert (len(LABELS), len(STARRED), len(WITNESSES)) == (14, 17, 49)
    assert len(set(HOSTS)) == len(HOSTS) == (2954 + 3780 if EXHAUSTIVE else 714 + 900)


def test_every_host_pattern_stands_for_its_hosts(host_sets: list[int]) -> None:
    """Each pattern against every host of the universe that ends in the same label, and some that do not."""
    random_ = random.Random(SEED)
    origins = [origin.parse(f"https://{host}") for host in UNIVERSE]
    bits_by_last: dict[str, list[int]] = {}
    for bit, host in enumerate(UNIVERSE):
        bits_by_last.setdefault(host.rpartition(".")[2], []).append(bit)
    chosen = range(len(HOSTS)) if EXHAUSTIVE else sorted(random_.sample(range(len(HOSTS)), 800))
    cases = 0
    for number in chosen:
        one, admitted = parsed(f"https://{HOSTS[number]}"), host_sets[number]
        assert admitted != 0
        for bit in bits_by_last[HOSTS[number].rpartition(".")[2]] + random_.sample(range(len(UNIVERSE)), 50):
            value = origins[bit]
            assert value is not None
            assert origin_pattern.matches(one, value) is bool(admitted >> bit & 1), (
                f"seed {SEED}: {HOSTS[number]} {value}"
            )
            cases += 1
    assert cases > 200 * len(chosen)


def test_every_pair_of_host_patterns(host_sets: list[int]) -> None:
    pairs = itertools.combinations_with_replacement(range(len(HOSTS)), 2)
    count, overlapping = judge([f"https://{host}" for host in HOSTS], host_sets, pairs)
    assert count == len(HOSTS) * (len(HOSTS) + 1) // 2
    assert overlapping > 5 * len(HOSTS)


SCHEMES = {"https": 443, "app": reference.NO_PORT}
PORTS = ("", ":*", ":8443", ":443-8443", ":440-444", ":444-9000", ":1-443", ":1-65535", ":8443-8443")
PORT_ENDS = (reference.NO_PORT, 1, 440, 443, 444, 8443, 9000, 65535)


def with_schemes_and_ports(host_patterns: list[tuple[str, int]], bits: int) -> tuple[list[str], list[int]]:
    """All combinations with every scheme and port of the world, and their sets over `bits` hosts as bits."""
    patterns: list[str] = []
    sets: list[int] = []
    for (host, hosts), (number, scheme), port in itertools.product(host_patterns, enumerate(SCHEMES), PORTS):
        patterns.append(f"{scheme}://{host}{port}")
        _, _, low, high = reference.split_pattern(patterns[-1])
        planes = (number * len(PORT_ENDS) + end for end, value in enumerate(PORT_ENDS) if low <= value <= high)
        sets.append(sum(hosts << plane * bits for plane in planes))
    return patterns, sets


def test_pairs_with_schemes_and_ports(host_sets: list[int]) -> None:
    """Every scheme and port with hosts of every kind: each pair of them, exactly."""
    kinds = [
        "a",
        "b",
        "a.a",
        "b.a",
        "ab.a",
        "*.a",
        "**.a",
        "a*.a",
        "*a.a",
        "a*b.a",
        "ab*.a",
        "*.b.a",
        "**.b.a",
        "a.b.a",
    ]
    if EXHAUSTIVE:
        kinds += random.Random(SEED).sample(HOSTS, 60)
    universe = sorted({host for host in UNIVERSE if any(reference.host_matches(kind, host) for kind in kinds)})
    patterns, sets = with_schemes_and_ports([(kind, host_set(kind, universe)) for kind in kinds], len(universe))
    assert len(patterns) == len(kinds) * 18
    count, overlapping = judge(patterns, sets, itertools.combinations_with_replacement(range(len(patterns)), 2))
    assert count == len(patterns) * (len(patterns) + 1) // 2
    assert overlapping > 1_000


def test_every_host_of_a_scheme_against_every_pattern_of_it(host_sets: list[int]) -> None:
    """`app://**` at every port of the world: it holds every host, so the universe is every host that there is."""
    chosen = range(len(HOSTS)) if EXHAUSTIVE else random.Random(SEED).sample(range(len(HOSTS)), 150)
    kinds = [("**", (1 << len(UNIVERSE)) - 1), *((HOSTS[number], host_sets[number]) for number in chosen)]
    patterns, sets = with_schemes_and_ports(kinds, len(UNIVERSE))
    own = [number for number, text in enumerate(patterns) if text.startswith("app:")]
    pairs = [(i, j) for i in own[: len(PORTS)] for j in own]
    count, overlapping = judge([patterns[n] if n in own else "https://a" for n in range(len(patterns))], sets, pairs)
    assert count > overlapping > len(own)


def test_a_seeded_choice_of_pairs_of_everything(host_sets: list[int]) -> None:
    """Hosts, schemes and ports of the whole world; the two hosts overlap more often than chance would have it."""
    random_ = random.Random(SEED)
    overlapping = 0
    for _ in range(400 if EXHAUSTIVE else 40):
        first = random_.randrange(len(HOSTS))
        near = [number for number in range(len(HOSTS)) if host_sets[first] & host_sets[number]]
        hosts = [(HOSTS[first], host_sets[first])]
        hosts += [(HOSTS[n], host_sets[n]) for n in (random_.choice(near), random_.randrange(len(HOSTS)))]
        patterns, sets = with_schemes_and_ports(hosts, len(UNIVERSE))
        overlapping += judge(patterns, sets, itertools.combinations(range(len(patterns)), 2))[1]
    assert overlapping > 5_000, f"seed {SEED}"


@pytest.mark.parametrize("room", [1, 2, 3, 4])
def test_every_pair_where_253_characters_end_the_host(room: int) -> None:
    """All fronts of up to four characters over `a`, `b`, `x` and the dot: here the universe is complete."""
    rest = strategies.long_host(252 - room)
    fronts = [front for front in words("abx.", room) if "" not in front.split(".")]
    universe = [f"{front}.{rest}" for front in fronts]
    assert all(origin.parse(f"https://{host}") for host in universe)
    starred = [f"{p}*{s}" for p in words("ab", 3, 0) for s in words("ab", 3, 0) if len(p + s) < room]
    hosts = [f"{label}.{rest}" for label in [*starred, "**"]] + [host for host in universe if "x" not in host]
    patterns, sets = [f"https://{host}" for host in hosts], [host_set(host, universe) for host in hosts]
    for text, admitted in zip(patterns, sets, strict=True):
        matched = [origin_pattern.matches(parsed(text), origin.Origin("https", host, None)) for host in universe]
        assert matched == [bool(admitted >> bit & 1) for bit in range(len(universe))], text
    count, overlapping = judge(patterns, sets, itertools.combinations_with_replacement(range(len(patterns)), 2))
    assert count > overlapping >= len(patterns) - 1
    assert sum(1 for front in fronts if "." in front) == {1: 0, 2: 0, 3: 9, 4: 63 - 9 + 9}[room]


@pytest.mark.parametrize("room", [1, 2, 3, 4])
def test_every_pair_where_63_characters_end_the_label(room: int) -> None:
    """The same with a prefix that leaves this room in the label, and another universe for a suffix that does."""
    long = "c" * (63 - room)
    labels = words("abx", room)
    starred = [(p, s) for p in words("ab", 3, 0) for s in words("ab", 3, 0) if len(p + s) < room]
    for template in (long + "{}", "{}" + long):
        universe = [template.format(label) + ".example" for label in labels]
        hosts = [template.format(f"{p}*{s}") + ".example" for p, s in starred]
        hosts += [host for host in universe if "x" not in host] + ["**.example"]
        patterns, sets = [f"https://{host}" for host in hosts], [host_set(host, universe) for host in hosts]
        assert all(sets)
        known = list(map(parsed, patterns))
        for i, j in itertools.combinations_with_replacement(range(len(hosts) - 1), 2):
            both = sets[i] & sets[j]
            assert (both == sets[j]) is origin_pattern.contains(known[i], known[j]), (hosts[i], hosts[j])
            assert (both == sets[i]) is origin_pattern.contains(known[j], known[i]), (hosts[i], hosts[j])
            assert (both != 0) is (origin_pattern.common_origin(known[i], known[j]) is not None), (hosts[i], hosts[j])
        assert all(origin_pattern.contains(known[-1], each) for each in known)


# --- conflicts --------------------------------------------------------------------------------------------------------


def crossing_pairs(sets: list[int]) -> Iterator[tuple[int, int]]:
    for i, j in itertools.combinations(range(len(sets)), 2):
        both = sets[i] & sets[j]
        if both and both != sets[i] and both != sets[j]:
            yield i, j


def test_crossings_misses_none_and_invents_none(host_sets: list[int]) -> None:
    expected = list(crossing_pairs(host_sets))
    found = [tuple(sorted(pair)) for pair in origin_pattern.crossings([parsed(f"https://{host}") for host in HOSTS])]
    assert sorted(found) == expected
    assert len(expected) > 3 * len(RESTS)


#: What rules say, as a number and as TOML; rules of one number say the same.
CONFLICT_WHATS = (
    (1, 'methods = ["PUT"]'),
    (1, 'methods = ["GET", "PUT"]'),
    (2, "max-age = 5"),
    (3, 'methods = ["PUT", "DELETE"]'),
    (3, 'methods = ["DELETE", "PUT", "DELETE", "HEAD"]'),
)


def file_of(patterns: Iterable[str], whats: Iterable[str]) -> str:
    """One rule a pattern, all at one path; rule `i` names its pattern on line `3 * i + 3`."""
    rules = (f'[[rules]]\norigins = ["{text}"]\n{what}\n' for text, what in zip(patterns, whats, strict=True))
    return "version = 1\n" + "".join(rules)


def reported(text: str) -> set[tuple[int, int]]:
    """The pairs of rules (earlier, later) that conflict according to the findings on a `file_of`."""
    errors = [finding for finding in corsrules.check_text(text) if finding.severity == "error"]
    assert {finding.code for finding in errors} <= {"CR301"}
    return {((label.line - 3) // 3, (finding.line - 3) // 3) for finding in errors for label in finding.related}


def conflict_world() -> tuple[list[str], list[int]]:
    """Patterns of every kind below a name of two labels (so that no public suffix is concerned), and their sets."""
    kinds = [*LABELS[:6], *STARRED, "**", "a.a", "*.a", "**.a", "a*.a", "*b.a"]
    fronts = [*LABELS, *WITNESSES, "x.x"]
    universe = [f"{front}.w" for front in [*fronts, *(f"{front}.a" for front in fronts)]]
    hosts = [(f"{kind}.w.test", host_set(f"{kind}.w", universe)) for kind in kinds]
    return with_schemes_and_ports(hosts, len(universe))


def in_conflict(one: int, other: int) -> bool:
    """docs/semantics.md §2.2.3 for two sets: equal, or overlapping with neither containing the other."""
    both = one & other
    return one == other or (both != 0 and both not in (one, other))


def test_a_conflict_of_two_rules_is_reported_exactly_where_there_is_one() -> None:
    """Half of the pairs meet; each is a file of its own."""
    random_ = random.Random(SEED)
    patterns, sets = conflict_world()
    conflicts = 0
    for number in range(20_000 if EXHAUSTIVE else 1_000):
        i = random_.randrange(len(patterns))
        near = [j for j in range(len(patterns)) if sets[i] & sets[j]] if number % 2 else range(len(patterns))
        j = random_.choice(near)
        (one, one_text), (other, other_text) = random_.choice(CONFLICT_WHATS), random_.choice(CONFLICT_WHATS)
        expected = {(0, 1)} if one != other and in_conflict(sets[i], sets[j]) else set()
        text = file_of([patterns[i], patterns[j]], [one_text, other_text])
        assert reported(text) == expected, f"seed {SEED}\n{text}"
        conflicts += len(expected)
    assert conflicts > 100


def test_in_a_file_of_many_rules_each_rule_in_conflict_is_reported_and_no_other() -> None:
    """A conflict is reported at the later rule; each pair that is reported is one that brute force sees.

    No two rules have equal sets here: of three rules with one set, two may say the same.
    """
    random_ = random.Random(SEED)
    patterns, sets = conflict_world()
    chosen = list({each: number for number, each in enumerate(sets)}.values())
    chosen = chosen if EXHAUSTIVE else random_.sample(chosen, 200)
    whats = [random_.choice(CONFLICT_WHATS) for _ in chosen]
    expected = {
        (i, j)
        for i, j in itertools.combinations(range(len(chosen)), 2)
        if whats[i][0] != whats[j][0] and in_conflict(sets[chosen[i]], sets[chosen[j]])
    }
    found = reported(file_of((patterns[number] for number in chosen), (text for _, text in whats)))
    assert found - expected == set(), f"seed {SEED}: invented"
    assert {j for _, j in found} == {j for _, j in expected}, f"seed {SEED}: missed"
    assert len(expected) > 300


def test_a_rule_in_conflict_with_two_others_is_reported_with_both() -> None:
    """The report shows both places (§2.2.3), and all findings come in one run (§3): two pairs, two causes."""
    patterns = ["https://a*.w.test", "https://b*.w.test", "https://*c.w.test"]
    assert reported(file_of(patterns, ["max-age = 1", "max-age = 2", "max-age = 3"])) == {(0, 2), (1, 2)}


# --- rule sets --------------------------------------------------------------------------------------------------------

WHO = [
    *(["*"], [], ["https://a.example.com"], ["https://*.example.com"], ["https://**.example.com"]),
    *(["https://a*.example.com"], ["https://*a.example.com:*"], ["https://a.example.com:440-450"]),
    *(["https://**.example.com:8443", "https://a.example.com"], ["https://*.a.example.com"]),
]
WHERE = ["/*", "/a/*", "/a", "/a/b/*", "/a/"]
WHAT = ["", 'methods = ["PUT"]\nresponse-headers = ["x-a"]\nmax-age = 5\n', "credentials = true\n"]

ORIGINS = [
    *(None, "null", "", "https://a.example.com", "https://ba.example.com:8443", "https://ab.example.com"),
    *("https://a.a.example.com", "https://b.a.example.com:8443", "https://a.example.com:444", "https://example.com"),
    *("http://a.example.com", "https://a.example.com.evil.test"),
]
REQUEST_PATHS = ["", "/", "/a", "/a/", "/a/b", "/a/b/", "/a/b/c", "/a/c", "/ab", "/A", "/a//b", "/a/../b", "b"]


def rule_text(who: list[str], where: str, what: str) -> str:
    listed = ", ".join(f'"{each}"' for each in who)
    return f'[[rules]]\npaths = ["{where}"]\norigins = [{listed}]\n{what}'


def compare(text: str, matcher: corsrules.Matcher) -> int:
    """Every origin at every path, as preflight and as not one; returns how many cases agreed."""
    document = tomli.loads(text)
    cases = 0
    for path, value, preflight in itertools.product(REQUEST_PATHS, ORIGINS, (False, True)):
        want = reference.decide(document, None, path, value, preflight=preflight)
        got = matcher.decide(path, value, preflight=preflight)
        rule = None if want.rule is None else f"rules[{want.rule}]"
        expected: tuple[Any, ...] = (want.governed, want.allowed, rule, want.headers, want.vary)
        found = (got.governed, got.allowed, got.rule, dict(got.headers), got.vary)
        assert found == expected, f"{text}\n{path!r} {value!r} preflight={preflight}"
        cases += 1
    return cases


def test_every_set_of_up_to_two_rules() -> None:
    """Each rule alone, and pairs in both orders: all when exhaustive, else a seeded choice.

    A set that is refused must be refused for a conflict, which only rules at one path can have.
    """
    rules = [
        rule_text(who, where, what)
        for who, where, what in itertools.product(WHO, WHERE, WHAT)
        if not (who == ["*"] and "credentials" in what)
    ]
    assert len(rules) == 145
    random_ = random.Random(SEED)
    pairs = list(itertools.product(rules, repeat=2))
    if not EXHAUSTIVE:
        pairs = random_.sample(pairs, 700)
    accepted = refused = cases = 0
    for chosen in itertools.chain(((rule,) for rule in rules), pairs):
        text = "version = 1\n" + "".join(chosen)
        try:
            matcher = corsrules.loads(text)
        except corsrules.ConfigError as error:
            codes = {finding.code for finding in error.findings if finding.severity == "error"}
            assert codes == {"CR301"}, text
            assert text.count(f"paths = {tomli.loads(text)['rules'][0]['paths']}".replace("'", '"')) == 2, text
            refused += 1
            continue
        accepted += 1
        with strategies.remembering_reference():
            cases += compare(text, matcher)
    assert accepted + refused == 145 + len(pairs)
    assert cases == accepted * len(REQUEST_PATHS) * len(ORIGINS) * 2
    assert accepted > len(pairs) * 3 // 4, f"seed {SEED}"
    assert refused > len(pairs) // 50, f"seed {SEED}"
