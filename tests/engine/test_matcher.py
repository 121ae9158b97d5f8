"""What the matcher remembers: bounded, never a stranger, the same answers under threads."""

import pickle
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

import corsrules
from corsrules.engine.compiler import REMEMBERED, REMEMBERED_AT_LEAST
from corsrules.engine.grants import HOSTS

FILE = """
version = 1
[[rules]]
origins = [
  "https://app.example.com", "https://*.one.test", "https://**.deep.test", "https://pr-*.part.test",
  "https://*.ports.test:3000-3999", "com.example.app://*.dots.test",
]
"""


MORE_ENDS = "".join(f'  "https://*.{"x" * n}.test",\n' for n in range(1, 9))
MANY_ENDS = f"{FILE.rstrip().removesuffix(']')}{MORE_ENDS}]\n"


def test_many_ends_are_looked_for_in_another_way():
    assert [grants(corsrules.loads(text)).lengths is None for text in (FILE, MANY_ENDS)] == [False, True]


def test_only_as_much_of_a_text_is_looked_at_as_patterns_are_long():
    grants_of_many = grants(corsrules.loads(MANY_ENDS))
    for text in ("https://" + "a." * 4000, "https://" + "a" * 8000, "https://" + "." * 8000):
        assert len(grants_of_many._lengths_in(text)) <= (grants_of_many.longest + 1) // 2


@pytest.fixture(params=[FILE, MANY_ENDS], ids=["few ends", "many ends"])
def matcher(request):
    return corsrules.loads(request.param)


def grants(matcher, path="/"):
    return matcher.governing(path).grants


@pytest.mark.parametrize(
    "origin",
    [
        "https://a.one.test",
        "https://a.deep.test",
        "https://b.a.deep.test",
        "https://pr-1.part.test",
        "https://a.ports.test:3000",
        "com.example.app://a.dots.test",
    ],
)
def test_what_a_pattern_admits_is_answered_alike_the_second_time(matcher, origin):
    first, second = matcher.decide("/", origin), matcher.decide("/", origin)

    assert first == second
    assert first.headers["Access-Control-Allow-Origin"] == origin
    assert list(grants(matcher).remembered) == [origin]
    assert origin in grants(matcher)


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.test",
        "one.test",
        "a.one.test",
        "a.deep.test",
        "b.a.deep.test",
        "https://one.test",
        "https://.one.test",
        "https://..deep.test",
        "https://a..deep.test",
        "https://a.b.one.test",
        "https://" + "a" * 64 + ".one.test",
        "https://" + "a" * 64 + ".deep.test",
        "https://" + "a." * 126 + "deep.test",
        "https://x,a.deep.test",
        "xhttps://a.deep.test",
        "https://https://a.deep.test",
        "https://" + "x" * 8192 + ".one.test",
        "https://a.ports.test:03000",
        "",
        "null",
    ],
)
def test_strangers_are_denied_and_not_remembered(matcher, origin):
    for _ in range(2):
        assert not matcher.decide("/", origin).allowed
    assert not grants(matcher).remembered
    assert origin not in grants(matcher)


def test_a_host_is_remembered_for_requests_without_origin():
    matcher = corsrules.loads(FILE)
    path = matcher.governing("/")
    for number in range(3 * HOSTS):
        for host, allowed in (
            (f"t{number}.one.test", True),
            (f"t{number}.evil.test", False),
            ("x" * 253, False),
            ("x" * 254, False),
        ):
            for _ in range(2):
                assert matcher.decide("/", host=host).allowed is allowed
            assert len(path.by_host) <= HOSTS
            assert (host in path.by_host) is (len(host) < 254)


def test_what_is_remembered_is_not_searched_for_again():
    matcher = corsrules.loads(FILE)
    path = matcher.governing("/")
    assert matcher.decide("/", host="a.one.test").allowed
    path.grants["https://put.test"] = path.grants["https://a.one.test"]
    path.by_host["there.test"] = path.by_host["a.one.test"]

    for answered in (matcher.decide("/", "https://put.test"), matcher.decide("/", host="there.test")):
        assert answered.allowed


def test_a_fallback_header_goes_before_a_host_that_is_remembered():
    matcher = corsrules.loads(FILE + '[fallback]\nheaders = ["x-origin"]\n')
    for fallback, allowed in (({}, True), ({"x-origin": "https://evil.test"}, False), ({}, True)):
        assert matcher.decide("/", host="a.one.test", fallback=fallback).allowed is allowed


def test_an_every_origin_rule_remembers_nobody():
    matcher = corsrules.loads('version = 1\n[[rules]]\norigins = ["*"]\n')

    assert matcher.decide("/", "https://evil.test").allowed
    assert not grants(matcher)


def test_whoever_mints_hosts_fills_no_memory_and_pushes_out_no_rule():
    matcher = corsrules.loads(FILE)
    sizes = []
    for number in range(3 * REMEMBERED):
        assert matcher.decide("/", f"https://t{number}.one.test").allowed
        sizes.append(len(grants(matcher).remembered))

    assert max(sizes) == REMEMBERED
    assert sizes.count(1) == 3, "emptied whenever it is full"
    assert matcher.decide("/", "https://app.example.com").allowed
    assert matcher.decide("/", "https://t0.one.test").allowed


def test_many_paths_share_the_room():
    rules = "".join(f'[[rules]]\npaths = ["/{number}"]\norigins = ["https://*.one.test"]\n' for number in range(1000))
    matcher = corsrules.loads("version = 1\n" + rules)
    sizes = []
    for number in range(100):
        assert matcher.decide("/7", f"https://t{number}.one.test").allowed
        sizes.append(len(grants(matcher, "/7").remembered))

    assert max(sizes) == REMEMBERED_AT_LEAST


def test_threads_get_the_same_answers_and_leave_nothing_behind():
    matcher = corsrules.loads(FILE)
    origins = [f"https://t{number % 6000}.one.test" for number in range(12_000)]

    def ask(offset):
        return all(matcher.decide("/", origin).allowed for origin in origins[offset:] + origins[:offset])

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(ask, range(0, 8000, 1000)))
    finally:
        sys.setswitchinterval(interval)

    assert len(grants(matcher).remembered) <= REMEMBERED + 8


DECISIONS = [
    pytest.param("/", "https://app.example.com", True, id="allowed"),
    pytest.param("/", "https://evil.test", False, id="denied"),
]


@pytest.mark.parametrize(("path", "origin", "allowed"), DECISIONS)
def test_a_decision_is_a_value(path, origin, allowed):
    """It can be compared, hashed and pickled."""
    decision = corsrules.loads(FILE).decide(path, origin)
    again = corsrules.loads(FILE).decide(path, origin)

    assert decision.allowed is allowed
    assert (decision, hash(decision)) == (again, hash(again))
    assert pickle.loads(pickle.dumps(decision)) == decision
    assert len({decision, again, corsrules.loads(FILE).decide(path, "https://a.one.test")}) == 2
    assert decision.headers == dict(decision.headers)


def test_the_headers_of_a_decision_cannot_be_changed():
    headers = corsrules.loads(FILE).decide("/", "https://app.example.com").headers
    with pytest.raises(TypeError):
        headers["Vary"] = "*"
