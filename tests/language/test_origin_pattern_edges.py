"""The pattern algebra's edges, where it would go wrong by one character or one comparison; found by mutating it."""

import pytest
import reference
from strategies import long_host

from corsrules.language import origin_pattern
from corsrules.language.origin_pattern import PatternIndex, common_patterns, parse, witness_outside
from corsrules.web.origin import LABEL_CHARACTERS


@pytest.mark.parametrize(
    ("one", "other", "common"),
    [
        pytest.param("https://*.a.example", "http://*.a.example:443", [], id="two schemes"),
        pytest.param("https://*.a.example:1-9", "https://*.a.example:10-20", [], id="ports side by side"),
        pytest.param(
            "https://*.a.example:1-9", "https://x.a.example:9-20", ["https://x.a.example:9"], id="one port in common"
        ),
        pytest.param(
            f"https://{'a' * 32}*.a.example",
            f"https://*{'b' * 31}.a.example",
            [f"https://{'a' * 32}{'b' * 31}.a.example"],
            id="a label that is full",
        ),
        pytest.param(
            "https://a*.b.example:1-9",
            "https://*b.b.example:9-20",
            ["https://ab.b.example:9", "https://a*b.b.example:9"],
            id="two parts of a label",
        ),
        pytest.param("http://localhost:*", "http://localhost:80-90", ["http://localhost:80-90"], id="every port"),
    ],
)
def test_an_intersection(one, other, common):
    for first, second in ((one, other), (other, one)):
        assert list(common_patterns(parse(first), parse(second))) == [parse(text) for text in common]


@pytest.mark.parametrize("text", ["http://localhost:*", "https://a.b:*", "app://a.b:*", "https://a.b:1-65534"])
def test_ports_are_written_as_they_were(text):
    assert str(parse(text)) == text


@pytest.mark.parametrize(
    ("others", "witness"),
    [
        pytest.param(["https://a.b:1-9"], "https://a.b:10", id="the last port"),
        pytest.param(["https://a.b:2-10"], "https://a.b:1", id="the first port"),
        pytest.param(["https://a.b:1-4", "https://a.b:6-10"], "https://a.b:5", id="a port between"),
        pytest.param(["https://a.b:1-5", "https://a.b:6-10"], None, id="none"),
    ],
)
def test_a_port_that_is_left_out(others, witness):
    assert witness_outside(parse("https://a.b:1-10"), [parse(text) for text in others]) == witness


def test_an_index_knows_nothing_of_another_scheme():
    assert list(PatternIndex([parse("https://**.a.example")]).meeting(parse("http://**.example"))) == []


def test_the_one_host_that_all_labels_of_a_full_room_leave_out():
    """Under 249 characters there is room for `x.y`, so what is outside may be under one of 38 labels, all named."""
    rest = long_host(249)
    under = [parse(f"https://*.{label}.{rest}") for label in LABEL_CHARACTERS if label != "q"]
    beside = [parse(f"https://{label}.q.{rest}") for label in LABEL_CHARACTERS if label != "z"]
    deep = f"https://**.{rest}"
    found = witness_outside(parse(deep), [parse(f"https://*.{rest}"), *under, *beside])

    assert found == f"https://z.q.{rest}"
    assert reference.pattern_matches(deep, found)
    assert witness_outside(parse(deep), [parse(f"https://*.{rest}"), *under, *beside, parse(found)]) is None


def test_labels_that_are_named_with_all_below_them(monkeypatch):
    """In the real world this takes 56,354 patterns; where a label has one character, 38."""
    deep = parse("https://**.a.example")
    others = [parse("https://*.a.example"), *(parse(f"https://**.{label}.a.example") for label in LABEL_CHARACTERS)]
    monkeypatch.setattr(origin_pattern, "LABEL_LENGTH", 1)

    assert witness_outside(deep, others) is None
    assert witness_outside(deep, others[:-1]) == "https://x._.a.example"


def test_where_all_labels_of_one_character_are_named_one_of_two_is_outside():
    others = [parse("https://*.a.example"), *(parse(f"https://x.{label}.a.example") for label in LABEL_CHARACTERS)]
    assert witness_outside(parse("https://**.a.example"), others) == "https://x.xx.a.example"


@pytest.mark.parametrize(
    ("texts", "inner", "outer"),
    [
        pytest.param(["https://a.b:1-9"], "https://a.b:1-9", [0], id="itself"),
        pytest.param(["https://a.b:1-9"], "https://a.b:2-10", [], id="one port too many"),
        pytest.param(["https://a.b:2-9"], "https://a.b:1-9", [], id="one port too few"),
        pytest.param(["https://a.b:5", "https://a.b:5-8"], "https://a.b:5-8", [1], id="one port is not a range"),
        pytest.param(["https://a.b:5", "https://a.b:6-8"], "https://a.b:5", [0], id="one port"),
        pytest.param(["https://**.b:5", "https://*.b:1-8", "https://c.b:5"], "https://a.b:5", [1, 0], id="hosts"),
    ],
)
def test_an_index_finds_what_contains(texts, inner, outer):
    patterns = [parse(text) for text in texts]
    assert list(PatternIndex(patterns).containing(parse(inner))) == [patterns[number] for number in outer]
