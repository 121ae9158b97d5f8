"""What could be dropped without a change to any answer (CR302, CR303), and what a narrower path takes away (CR304).

The oracle is `diff`, which is proven against the matchers: a pattern is redundant, and a rule unreachable, where the
file without it answers the same in every profile.
"""

from __future__ import annotations

import copy
import os
import random
from typing import Any

import pytest
import strategies
import tomli

import corsrules
from corsrules import loading
from corsrules.analysis import diff
from corsrules.language.policy import policies_of

A, B = "https://a.example.com", "https://b.example.com"


def rules(*each: str) -> str:
    return "version = 1\n" + "".join(f"[[rules]]\n{lines}\n" for lines in each)


#: what it is, the file, the codes that are found
TABLE: list[tuple[str, str, list[str]]] = [
    ("a pattern twice", rules(f'origins = ["{A}", "{A}"]'), ["CR302"]),
    ("an origin under a wildcard", rules(f'origins = ["{A}", "https://*.example.com"]'), ["CR302"]),
    ("one level under many", rules('origins = ["https://**.example.com", "https://*.example.com"]'), ["CR302"]),
    ("a port in a range", rules('origins = ["https://a.example:1000", "https://a.example:999-1001"]'), ["CR302"]),
    (
        "a range in two others",
        rules('origins = ["https://a.example:1-4", "https://a.example:5-9", "https://a.example:2-7"]'),
        ["CR302"],
    ),
    ("overlapping, each with more", rules('origins = ["https://a.example:1-4", "https://a.example:3-9"]'), []),
    (
        "an origin that another rule would take",
        rules(f'origins = ["{A}", "https://**.example.com"]', 'origins = ["https://*.example.com"]\nmax-age = 5'),
        [],
    ),
    ("two rules that say the same", rules(f'origins = ["{A}"]', f'origins = ["{A}"]'), ["CR303"]),
    (
        "a rule that nobody is left for",
        rules(
            'origins = ["https://a.example:1-2"]',
            'origins = ["https://a.example:1"]\nmax-age = 1',
            'origins = ["https://a.example:2"]\nmax-age = 2',
        ),
        ["CR303"],
    ),
    ("a rule that nobody was named in", rules(f'origins = ["{A}"]', "origins = []"), []),
    ("the same rule at another path", rules(f'origins = ["{A}"]', f'paths = ["/api/*"]\norigins = ["{A}"]'), []),
    ("by name beside every origin", rules('origins = ["*"]', f'origins = ["{A}"]'), []),
    (
        "credentials taken",
        rules(f'origins = ["{A}"]\ncredentials = true', f'paths = ["/api/*"]\norigins = ["{A}"]'),
        ["CR304"],
    ),
    (
        "methods taken",
        rules(f'origins = ["{A}"]\nmethods = ["PUT"]', f'paths = ["/api/*"]\norigins = ["{B}"]'),
        ["CR304"],
    ),
    (
        "everything taken on purpose",
        rules(f'origins = ["{A}"]\nmethods = ["PUT"]', 'paths = ["/api/*"]\norigins = []'),
        [],
    ),
    (
        "every method is enough",
        rules(f'origins = ["{A}"]\nmethods = ["PUT"]', f'paths = ["/api/*"]\norigins = ["{A}"]\nmethods = ["*"]'),
        [],
    ),
    ("waived", rules(f'origins = ["{A}", "{A}"]\nwaive = ["CR302 {A}"]\nreason = "x"'), []),
]


@pytest.mark.parametrize(("text", "codes"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_found(text: str, codes: list[str]) -> None:
    found = [each.code for each in corsrules.check_text(text) if each.code not in ("CR208", "CR210", "CR305")]
    assert found == codes


def test_a_pattern_that_is_needed_in_one_profile_is_not_redundant() -> None:
    profiles = f'[profiles.a.origins]\nweb = ["https://*.example.com"]\n[profiles.b.origins]\nweb = ["{B}"]\n'
    text = rules(f'origins = ["web", "{A}"]') + profiles
    assert corsrules.check_text(text) == []
    assert [each.code for each in corsrules.check_text(text.replace(B, "https://**.example.com"))] == ["CR302"]


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two documents answer the same in every profile; rules that became empty still govern their paths."""
    policies = []
    for document in (one, other):
        inspected = loading.inspect(strategies.render(document)[0], "cors.toml")
        if inspected.document is None:
            return False  # without it there is another error, so it matters
        policies.append(policies_of(inspected.document))
    return not any(
        region.changes for old, new in zip(*policies, strict=True) for region in diff.between(old, new).paths
    )


def test_what_is_found_is_what_could_go() -> None:
    count, seed = int(os.environ.get("CORSRULES_CASES", "6000")) // 100, int(os.environ.get("CORSRULES_SEED", "3"))
    choose = random.Random(seed).choice
    dead = alive = 0
    for _ in range(max(count, 40)):
        text = strategies.file(choose).text
        document = tomli.loads(text)
        places = {
            (line, "["): index
            for index, line in enumerate(
                [number for number, line in enumerate(text.split("\n"), 1) if line == "[[rules]]"]
            )
        }
        lines = sorted(line for line, _ in places)
        found = corsrules.check_text(text)
        unreachable = {sum(line < each.line for line in lines) - 1 for each in found if each.code == "CR303"}
        without = copy.deepcopy(document)
        for index in unreachable:
            without["rules"][index]["origins"] = []
        assert same(document, without), f"seed {seed}: CR303 but needed\n{text}"
        for index, rule in enumerate(document["rules"]):
            if index in unreachable:
                dead += 1
                continue
            further = copy.deepcopy(without)
            further["rules"][index]["origins"] = []
            groups = any("://" not in entry and entry != "*" for entry in rule["origins"])
            named = bool(rule["origins"]) and not groups
            if named:
                alive += 1
                assert not same(without, further), f"seed {seed}: {index} could go, and is not CR303\n{text}"
        redundant = {each.line for each in found if each.code == "CR302"}
        if redundant:
            kept = [line for number, line in enumerate(text.split("\n"), 1) if number not in redundant]
            assert same(document, tomli.loads("\n".join(kept))), f"seed {seed}: CR302 but needed\n{text}"
    assert dead > 0
    assert alive > 20
