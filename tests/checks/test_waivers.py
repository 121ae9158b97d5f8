"""A waiver names the pattern whose finding it accepts; the code alone would accept the next pattern's too."""

from __future__ import annotations

import re

import pytest
import tomli

import corsrules
from corsrules.authoring import fix
from corsrules.loading import inspect

PREVIEWS, APPS = "https://*.preview.example.com", "https://*.apps.example.com"


def rule(waive: str, origins: str = f'["{PREVIEWS}"]', more: str = "credentials = true") -> str:
    return f'version = 1\n[[rules]]\norigins = {origins}\nwaive = {waive}\nreason = "ours"\n{more}\n'


#: what it is, the file, every finding as code, line and a part of the help
TABLE: list[tuple[str, str, list[tuple[str, int, str]]]] = [
    ("by its pattern", rule(f'["CR211 {PREVIEWS}"]'), []),
    (
        "a pattern that is added later is told",
        rule(f'["CR211 {PREVIEWS}"]', f'["{PREVIEWS}", "{APPS}"]'),
        [("CR211", 3, f'`waive = ["CR211 {PREVIEWS}", "CR211 {APPS}"]`')],
    ),
    ("by the bare code", rule('["CR211"]'), [("CR050", 4, f'write "CR211 {PREVIEWS}"')]),
    (
        "by the bare code, of two patterns",
        rule('["CR211"]', f'["{PREVIEWS}", "{APPS}"]'),
        [("CR050", 4, f'write "CR211 {PREVIEWS}", "CR211 {APPS}"')],
    ),
    (
        "the bare code beside a pattern is about the others",
        rule(f'["CR211", "CR211 {APPS}"]', f'["{PREVIEWS}", "{APPS}"]'),
        [("CR050", 4, f'write "CR211 {PREVIEWS}"')],
    ),
    ("a pattern beside the bare code", rule(f'["CR211 {PREVIEWS}", "CR211"]'), [("CR305", 4, "drop it")]),
    (
        "what is about no pattern",
        rule('["CR213"]', '["https://app.example.com"]', "max-age = 86400"),
        [],
    ),
    (
        "what is about no pattern, with one",
        rule('["CR213 https://app.example.com"]', '["https://app.example.com"]', "max-age = 86400"),
        [("CR049", 4, 'write "CR213"'), ("CR213", 6, "")],
    ),
    ("no pattern", rule('["CR211 web"]'), [("CR211", 3, ""), ("CR049", 4, "")]),
    (
        "a pattern that is nearly right",
        rule('["CR211 https://*.Preview.example.com"]'),
        [("CR211", 3, ""), ("CR049", 4, f'write "CR211 {PREVIEWS}"')],
    ),
    ("two spaces", rule(f'["CR211  {PREVIEWS}"]'), [("CR211", 3, ""), ("CR049", 4, f'write "CR211 {PREVIEWS}"')]),
    ("a pattern that is not there", rule(f'["CR211 {PREVIEWS}", "CR211 https://*.x.test"]'), [("CR305", 4, "drop it")]),
    (
        "a pattern with a typo",
        rule('["CR211 https://*.previw.example.com"]'),
        [("CR211", 3, ""), ("CR305", 4, f"did you mean `CR211 {PREVIEWS}`?")],
    ),
    (
        "a code with a typo",
        rule(f'["CR2111 {PREVIEWS}"]'),
        [("CR211", 3, ""), ("CR049", 4, f"did you mean `CR211 {PREVIEWS}`?")],
    ),
    (
        "a code with a typo and a pattern that is nearly right",
        rule('["cr211 https://*.Preview.example.com"]'),
        [("CR211", 3, ""), ("CR049", 4, f'write "CR211 {PREVIEWS}"')],
    ),
    ("white space at the end", rule('["CR211 "]'), [("CR211", 3, ""), ("CR049", 4, 'write "CR211"')]),
    ("a pattern beyond repair", rule('["CR211 https://a..b"]'), [("CR211", 3, ""), ("CR049", 4, "as the rule")]),
    ("a redundant pattern", rule(f'["CR302 {APPS}"]', f'["{APPS}", "{APPS}"]', ""), []),
    (
        "without a reason it accepts nothing",
        rule(f'["CR211 {PREVIEWS}"]').replace('reason = "ours"', ""),
        [("CR211", 3, "waive"), ("CR004", 4, "")],
    ),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_what_is_accepted(text: str, expected: list[tuple[str, int, str]]) -> None:
    found = corsrules.check_text(text)
    assert [(each.code, each.line) for each in found] == [row[:2] for row in expected]
    for finding, (*_, advice) in zip(found, expected, strict=True):
        assert advice in finding.help


GROUP = f"""\
version = 1
[profiles.production.origins]
web = ["{PREVIEWS}"]
[[rules]]
name = "reads"
paths = ["/a/*"]
origins = ["web"]
credentials = true
[[rules]]
paths = ["/b/*"]
origins = ["web"]
credentials = true
"""


def test_a_pattern_of_a_group_is_accepted_in_each_rule_that_uses_it() -> None:
    """The help names them all: with its lines the finding is gone."""
    (finding,) = corsrules.check_text(GROUP)
    lines = re.findall(r"`(waive = \[.*?\])`", finding.help)
    assert "in `reads`" in finding.help
    assert "in `rules[1]`" in finding.help
    first, second = (f'{line}\nreason = "ours"' for line in lines)
    text = GROUP.replace('name = "reads"', f'name = "reads"\n{first}')
    assert [each.code for each in corsrules.check_text(text)] == ["CR211"]
    assert corsrules.check_text(text + second) == []


def test_many_rules_are_not_all_listed() -> None:
    more = "".join(
        f'[[rules]]\npaths = ["/c{number}/*"]\norigins = ["web"]\ncredentials = true\n' for number in range(9)
    )
    (finding,) = corsrules.check_text(GROUP + more)
    assert "and 8 more" in finding.help
    assert f'`"CR211 {PREVIEWS}"`' in finding.help


def test_patterns_of_all_profiles_are_listed() -> None:
    text = f"""\
version = 1
profiles.a.origins.web = ["{PREVIEWS}"]
profiles.b.origins.web = ["{APPS}"]
profiles.c.origins.web = ["{PREVIEWS}"]
[[rules]]
origins = ["web"]
credentials = true
waive = ["CR211"]
reason = "ours"
"""
    (finding,) = corsrules.check_text(text)
    assert finding.help == f'write "CR211 {PREVIEWS}", "CR211 {APPS}"'


def test_a_file_that_cannot_be_read_whole_says_nothing_of_bare_codes() -> None:
    assert [each.code for each in corsrules.check_text(rule('["CR211"]') + "zzz = 1\n")] == ["CR003"]


#: the waivers as they are written, and repaired
REPAIRED = [
    ('["CR211"]', f'["CR211 {PREVIEWS}", "CR211 {APPS}"]'),
    ("['CR211']", f"['CR211 {PREVIEWS}', 'CR211 {APPS}']"),
    (
        '[\n  # ours\n  "CR211", # all of them\n]',
        f'[\n  # ours\n  "CR211 {PREVIEWS}",\n  "CR211 {APPS}", # all of them\n]',
    ),
    ('[ "CR211" , ]', f'[ "CR211 {PREVIEWS}", "CR211 {APPS}" , ]'),
]


@pytest.mark.parametrize(("written", "repaired"), REPAIRED, ids=["double", "single", "a line each", "spaces"])
def test_fix_writes_the_patterns_out(written: str, repaired: str) -> None:
    before = rule(written, f'["{PREVIEWS}", "{APPS}"]')
    inspection = inspect(before, "cors.toml")
    fixed = fix.fix(inspection.file, inspection.findings)
    assert fixed.text == rule(repaired, f'["{PREVIEWS}", "{APPS}"]')
    assert corsrules.check_text(fixed.text) == []
    assert tomli.loads(fixed.text)["rules"][0]["waive"] == [f"CR211 {PREVIEWS}", f"CR211 {APPS}"]
