"""What two files answer differently: every report against both matchers, and every disagreement against the report.

Run as a script it is the bulk driver: `python tests/analysis/test_diff.py COUNT SEED`.
The test runs a small count of the same; CORSRULES_CASES raises it.
"""

import copy
import os
import random
import sys
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
import reference
import strategies
import tomli

import corsrules
from corsrules import loading
from corsrules.analysis import diff
from corsrules.analysis.diff import Difference, PathChange
from corsrules.language import origin_pattern
from corsrules.language.access import Change
from corsrules.language.path_pattern import wsgi_form
from corsrules.language.policy import resolve
from corsrules.web import origin

# --- tables -----------------------------------------------------------------------------------------------------------


def rule(*origins: str, **more: Any) -> dict[str, Any]:
    return {"origins": list(origins), **{key.replace("_", "-"): value for key, value in more.items()}}


def between(old: list[dict[str, Any]], new: list[dict[str, Any]], *fallbacks: dict[str, Any]) -> Difference:
    before, after = fallbacks or ({}, {})
    return difference(text_of({"rules": old, "fallback": before}), text_of({"rules": new, "fallback": after}))


def text_of(document: dict[str, Any]) -> str:
    return strategies.render({"version": 1, **document})[0]


def difference(old: str, new: str, old_profile: str | None = None, new_profile: str | None = None) -> Difference:
    policies = []
    for text, profile in ((old, old_profile), (new, new_profile)):
        inspected = loading.inspect(text, "cors.toml")
        assert inspected.document is not None, [each for each in inspected.findings if each.severity == "error"]
        policies.append(resolve(inspected.document, profile))
    return diff.between(*policies)


def told(found: Difference) -> list[tuple[str, str, str, str]]:
    """Each change: its first path, what it is, the pattern, the exceptions."""
    return [
        (
            str(region.paths[0][0]),
            "gain" if change.old is None else "loss" if change.new is None else "change",
            str(change.pattern or "*"),
            " ".join(sorted(map(str, change.exceptions))),
        )
        for region in found.paths
        for change in region.changes
    ]


A, B = "https://a.example.com", "https://b.example.com"
ONE, DEEP = "https://*.example.com", "https://**.example.com"

SAME: list[tuple[str, list[dict[str, Any]], list[dict[str, Any]]]] = [
    ("the same", [rule(A)], [rule(A)]),
    ("another order of origins", [rule(A, B)], [rule(B, A)]),
    ("another order of rules", [rule(ONE), rule(A, max_age=5)], [rule(A, max_age=5), rule(ONE)]),
    ("one rule cut in two", [rule(A, B)], [rule(A), rule(B)]),
    ("another name", [rule(A, name="x")], [rule(A, name="y")]),
    ("methods that need no permission", [rule(A)], [rule(A, methods=["GET", "POST", "HEAD"])]),
    (
        "header names in another case",
        [rule(A, request_headers=["X-A", "x-b"])],
        [rule(A, request_headers=["x-b", "x-a"])],
    ),
    ("a redundant pattern", [rule(DEEP)], [rule(DEEP, ONE, A)]),
    (
        "a range in two",
        [rule("http://localhost:1000-1009")],
        [rule("http://localhost:1000-1004", "http://localhost:1005-1009")],
    ),
    ("a path under another with the same rules", [rule(A)], [rule(A, paths=["/*", "/api/*", "/api/"])]),
    (
        "a wildcard label by its letters and the rest",
        [rule(ONE)],
        [
            rule(
                *(f"https://{c}.example.com" for c in origin.LABEL_CHARACTERS),
                *(f"https://{c}*.example.com" for c in origin.LABEL_CHARACTERS),
            )
        ],
    ),
]

DIFFERENT: list[tuple[str, list[dict[str, Any]], list[dict[str, Any]], list[tuple[str, str, str, str]], bool]] = [
    ("one more origin", [rule(A)], [rule(A, B)], [("/*", "gain", B, "")], True),
    ("one origin less", [rule(A, B)], [rule(A)], [("/*", "loss", B, "")], False),
    ("deeper", [rule(ONE)], [rule(DEEP)], [("/*", "gain", DEEP, ONE)], True),
    ("shallower", [rule(DEEP)], [rule(ONE)], [("/*", "loss", DEEP, ONE)], False),
    (
        "wildcards that cross",
        [rule("https://ab*.example.com")],
        [rule("https://*bc.example.com")],
        [
            (
                "/*",
                "loss",
                "https://ab*.example.com",
                "https://ab*bc.example.com https://abbc.example.com https://abc.example.com",
            ),
            (
                "/*",
                "gain",
                "https://*bc.example.com",
                "https://ab*bc.example.com https://abbc.example.com https://abc.example.com",
            ),
        ],
        True,
    ),
    ("credentials", [rule(A)], [rule(A, credentials=True)], [("/*", "change", A, "")], True),
    ("no credentials", [rule(A, credentials=True)], [rule(A)], [("/*", "change", A, "")], False),
    ("a longer max-age", [rule(A)], [rule(A, max_age=600)], [("/*", "change", A, "")], False),
    ("every method", [rule(A, methods=["PUT"])], [rule(A, methods=["*"])], [("/*", "change", A, "")], True),
    ("from every method", [rule(A, methods=["*"])], [rule(A, methods=["PUT"])], [("/*", "change", A, "")], False),
    (
        "authorization",
        [rule(A, request_headers=["*"])],
        [rule(A, request_headers=["*", "authorization"])],
        [("/*", "change", A, "")],
        True,
    ),
    ("by name, from *", [rule("*")], [rule("*"), rule(A)], [("/*", "change", A, "")], False),
    ("from named to every", [rule(A)], [rule("*")], [("/*", "gain", "*", A), ("/*", "change", A, "")], True),
    (
        "a path that takes away",
        [rule(A)],
        [rule(A), rule(B, paths=["/api/*"])],
        [("/api/*", "loss", A, ""), ("/api/*", "gain", B, "")],
        True,
    ),
    ("an exact path", [rule(A)], [rule(A), rule(paths=["/api"])], [("/api", "loss", A, "")], False),
    (
        "a trailing slash",
        [rule(A, paths=["/api"])],
        [rule(A, paths=["/api/"])],
        [("/api", "loss", A, ""), ("/api/", "gain", A, "")],
        True,
    ),
    ("an exception given up", [rule(DEEP), rule(A, max_age=5)], [rule(DEEP)], [("/*", "change", A, "")], False),
    (
        "a rest named otherwise",
        [rule(ONE), rule(A, max_age=5)],
        [rule(ONE, max_age=7), rule(A, max_age=5)],
        [("/*", "change", ONE, A)],
        False,
    ),
]


@pytest.mark.parametrize(("old", "new"), [row[1:] for row in SAME], ids=[row[0] for row in SAME])
def test_no_difference(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> None:
    assert not between(old, new)
    assert not between(new, old)


@pytest.mark.parametrize(
    ("old", "new", "expected", "widens"), [row[1:] for row in DIFFERENT], ids=[r[0] for r in DIFFERENT]
)
def test_difference(
    old: list[dict[str, Any]], new: list[dict[str, Any]], expected: list[tuple[str, ...]], widens: bool
) -> None:
    found = between(old, new)
    assert sorted(told(found)) == sorted(expected)
    assert found.widens is widens


#: what it is, what an origin was given, what it is given now, the words
WORDS: list[tuple[str, dict[str, Any], dict[str, Any], tuple[str, ...]]] = [
    ("more", {}, {"methods": ["PUT"], "credentials": True}, ("gains credentials", "gains methods PUT")),
    ("less", {"response_headers": ["x-a"]}, {}, ("loses response-headers x-a",)),
    ("another method", {"methods": ["PUT"]}, {"methods": ["DELETE"]}, ("gains methods DELETE", "loses methods PUT")),
    ("a max-age", {}, {"max_age": 600}, ("max-age none -> 600",)),
    ("no max-age", {"max_age": 0}, {}, ("max-age 0 -> none",)),
]


@pytest.mark.parametrize(("old", "new", "words"), [row[1:] for row in WORDS], ids=[row[0] for row in WORDS])
def test_what_is_different_in_words(old: dict[str, Any], new: dict[str, Any], words: tuple[str, ...]) -> None:
    ((change,),) = (region.changes for region in between([rule(A, **old)], [rule(A, **new)]).paths)
    assert change.old is not None
    assert change.new is not None
    assert diff.differences(change.old, change.new) == words


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param([rule("*")], [rule("*"), rule(A)], "is answered by its name", id="by its name"),
        pytest.param([rule("*"), rule(A)], [rule("*")], "is answered with *", id="with *"),
    ],
)
def test_how_an_origin_is_answered_in_words(old: list[dict[str, Any]], new: list[dict[str, Any]], words: str) -> None:
    ((change,),) = (region.changes for region in between(old, new).paths)
    assert change.old is not None
    assert change.new is not None
    assert diff.differences(change.old, change.new) == (words,)


def test_a_path_that_comes_under_a_rule_without_origins() -> None:
    (region,) = between([rule(A, paths=["/a"])], [rule(A, paths=["/a"]), rule(paths=["/b"])]).paths
    assert (region.governed, region.changes, str(region.paths[0][0])) == ((False, True), (), "/b")


#: what it is, the old fallback, the new one, the settings that differ, whether that widens
FALLBACKS: list[tuple[str, dict[str, Any], dict[str, Any], list[str], bool]] = [
    ("the default written out", {}, {"host-scheme": "https", "credentials": False, "headers": []}, [], False),
    ("a header", {}, {"headers": ["x-origin"]}, ["headers"], True),
    ("a header less", {"headers": ["X-Origin"]}, {}, ["headers"], False),
    ("a header in another case", {"headers": ["X-Origin"]}, {"headers": ["x-origin"]}, [], False),
    ("a host", {}, {"hosts": {"api.test": A}}, ["hosts api.test"], True),
    ("a host that its scheme gives anyway", {}, {"hosts": {"a.example.com": A}}, [], False),
    ("no Host", {}, {"host-scheme": False}, ["host-scheme"], False),
    ("a scheme that no rule names", {"host-scheme": False}, {"host-scheme": "http"}, [], False),
    ("credentials that no rule gives", {}, {"credentials": True}, [], False),
]


@pytest.mark.parametrize(
    ("old", "new", "expected", "widens"), [row[1:] for row in FALLBACKS], ids=[r[0] for r in FALLBACKS]
)
def test_fallback(old: dict[str, Any], new: dict[str, Any], expected: list[str], widens: bool) -> None:
    found = between([rule(A)], [rule(A)], old, new)
    assert ([each.setting for each in found.fallback], found.widens) == (expected, widens)


def test_fallback_matters_only_where_a_rule_names_origins() -> None:
    assert not between([rule("*")], [rule("*")], {}, {"headers": ["x-origin"]})


def test_fallback_credentials() -> None:
    rules = [rule(A, credentials=True)]
    assert between(rules, rules, {}, {"credentials": True}).widens


# --- in bulk ----------------------------------------------------------------------------------------------------------


def changed(choose: strategies.Choose[Any], document: dict[str, Any]) -> dict[str, Any]:
    """The document with a few edits, large and small."""
    document = copy.deepcopy(document)
    other = strategies.draft(choose)
    for _ in range(int(choose("01223"))):
        rules = document["rules"]
        each = choose(rules)
        lists = [each["origins"]] if each["origins"] != ["*"] else []
        lists += [texts for p in document.get("profiles", {}).values() for texts in p.get("origins", {}).values()]
        texts = choose(lists) if lists else []
        match choose(("add", "add", "drop", "rule", "no rule", "what", "path", "fallback", "shuffle", "near")):
            case "add":
                texts.append(strategies.pattern_text(choose))
            case "near" if texts and "://" in (text := choose(texts)):
                position, (scheme, host, _, _) = texts.index(text), reference.split_pattern(text)
                texts[position] = choose((f"{scheme}://{host}:*", f"{scheme}://{host.replace('*.', '**.', 1)}", text))
            case "drop" if texts:
                texts.remove(choose(texts))
            case "rule":
                rules.append(choose(other["rules"]))
            case "no rule" if len(rules) > 1:
                rules.remove(each)
            case "what":
                what = choose(strategies.WHATS)
                if each["origins"] != ["*"] or not what.get("credentials"):
                    for key in {key for each in strategies.WHATS for key in each}:
                        each.pop(key, None)
                    each |= what
            case "path":
                each["paths"] = [choose(strategies.PATHS)]
            case "fallback":
                document["fallback"] = dict(choose(strategies.FALLBACKS))
            case "shuffle":
                document["rules"] = sorted(rules, key=lambda _: choose(range(9)))
                for origins in lists:
                    origins.sort(key=lambda _: choose(range(9)))
            case _:
                pass
    for number, each in enumerate(document["rules"]):
        if "name" in each:
            each["name"] = f"{number}"
    return repaired(document)


def repaired(document: dict[str, Any]) -> dict[str, Any]:
    """The document without what has an error; see `strategies.file`."""
    while True:
        text, removals = strategies.render(document)
        errors = [each for each in corsrules.check_text(text) if each.severity == "error"]
        if not errors:
            return tomli.loads(text)
        removal = removals[max(each.line for each in errors) - 1]
        if removal is None:  # an unknown group that came with another draft's rule
            document["rules"] = [each for each in document["rules"] if all("://" in text for text in each["origins"])]
        else:
            removal()
        document["rules"] = document["rules"] or [{"origins": ["https://a.example.com"]}]


def governing(paths: set[str], path: str) -> str | None:
    """The longest of the (WSGI) path patterns that covers `path`, as the reference reads them."""
    covering = [each for each in paths if reference.path_matches(each, path)]
    return max(covering, key=lambda each: (len(each.removesuffix("/*")), not each.endswith("/*")), default=None)


def holds(change: Change, parsed: origin.Origin | None) -> bool:
    """Whether the change is one for this origin; None is a value that is none."""
    if parsed is None:
        return change.pattern is None
    return (change.pattern is None or origin_pattern.matches(change.pattern, parsed)) and not any(
        origin_pattern.matches(each, parsed) for each in change.exceptions
    )


def answer(matcher: corsrules.Matcher, path: str, value: str | None, **more: Any) -> tuple[Any, ...]:
    both = [matcher.decide(path, value, preflight=preflight, **more) for preflight in (False, True)]
    return tuple((each.governed, each.allowed, dict(each.headers)) for each in both)


def assert_reported(region: PathChange, old: corsrules.Matcher, new: corsrules.Matcher) -> None:
    """What is said of every change shows at its example."""
    assert region.changes or region.governed[0] != region.governed[1]
    for (_, path), change in product(region.paths, region.changes):
        before, after = (each.decide(wsgi_form(path), change.example) for each in (old, new))
        assert (before.allowed, after.allowed) == (change.old is not None, change.new is not None)
        assert (before.governed, after.governed) == region.governed
        assert answer(old, wsgi_form(path), change.example) != answer(new, wsgi_form(path), change.example)
        assert holds(change, origin.parse(change.example))
    for _, path in region.paths:
        assert tuple(each.decide(wsgi_form(path)).governed for each in (old, new)) == region.governed


def pairs(choose: strategies.Choose[Any]) -> Iterator[tuple[str, str, str | None, str | None]]:
    """Two files, and a profile of each: one file and an edit of it, or two profiles of one."""
    file = strategies.file(choose)
    profiles = list(file.document.get("profiles", [None]))
    for _ in range(4):
        document = changed(choose, file.document)
        after = strategies.render(document)[0]
        yield file.text, after, file.profile, choose((file.profile, file.profile, choose(profiles)))


def main(count: int, seed: int) -> dict[str, int]:
    """Compares at least `count` pairs of path and origin; the tally of what they showed."""
    choose = random.Random(seed).choice
    tally = dict.fromkeys(("files", "same", "cases", "different", "absent", "absent and different", "changes"), 0)
    while tally["cases"] < count:
        for number, texts in enumerate(pairs(choose)):
            try:
                compare(choose, texts, tally)
            except AssertionError as error:
                raise AssertionError(f"seed {seed}, pair {number}\n" + "\n---\n".join(map(str, texts))) from error
    return tally


def compare(
    choose: strategies.Choose[Any], texts: tuple[str, str, str | None, str | None], tally: dict[str, int]
) -> None:
    old, new = (corsrules.loads(text, profile=profile) for text, profile in zip(texts[:2], texts[2:], strict=True))
    found = difference(*texts)
    tally["files"] += 1
    tally["same"] += not found
    tally["changes"] += sum(len(region.changes) for region in found.paths)
    for region in found.paths:
        assert_reported(region, old, new)
    documents = [tomli.loads(text) for text in texts[:2]]
    files = [strategies.File(t, p, d) for t, p, d in zip(texts[:2], texts[2:], documents, strict=True)]
    patterns = [each for file in files for each in file.patterns()]
    every = {wsgi_form(path) for d in documents for rule in d["rules"] for path in rule.get("paths", ["/*"])}
    regions = {wsgi_form(str(path)): region for region in found.paths for path, _ in region.paths}
    paths = {strategies.request_path(choose, choose(documents)) for _ in range(8)} | {p.rstrip("*") for p in every}
    values = {
        value: origin.parse(value) for value in (strategies.origin_value(choose, choose(patterns)) for _ in range(60))
    }
    changes = [change for region in found.paths for change in region.changes]
    for change in changes[:40]:
        near = strategies.origin_value(choose, str(change.pattern or "https://a.test"))
        values |= {near: origin.parse(near), change.example: origin.parse(change.example)}
    for path in paths:
        longest = None if reference.is_denied_path(path or "/") else governing(every, path or "/")
        region = regions.get(longest) if longest else None
        for value, parsed in values.items():
            differs = answer(old, path, value) != answer(new, path, value)
            covering = [each for each in region.changes if holds(each, parsed)] if region else []
            reported = bool(covering) or (region is not None and region.governed[0] != region.governed[1])
            assert differs == reported, (path, value, longest, covering, found)
            tally["cases"] += 1
            tally["different"] += differs
        for _ in range(10):
            host = strategies.host_value(choose, choose(patterns))
            headers = strategies.fallback_values(choose, choose(documents), choose(patterns))
            differs = answer(old, path, None, host=host, fallback=headers) != answer(
                new, path, None, host=host, fallback=headers
            )
            assert not differs or region is not None or found.fallback, (path, host, headers, found)
            tally["absent"] += 1
            tally["absent and different"] += differs


def test_every_difference_is_reported_and_every_report_is_one() -> None:
    seed = int(os.environ.get("CORSRULES_SEED", "1"))
    tally = main(int(os.environ.get("CORSRULES_CASES", "20000")), seed)
    assert tally["different"] * 20 > tally["cases"], f"seed {seed}: {tally}"
    assert tally["same"] > 0, f"seed {seed}: {tally}"


if __name__ == "__main__":
    sys.stdout.write(f"seed {sys.argv[2]}: {main(int(sys.argv[1]), int(sys.argv[2]))}\n")
