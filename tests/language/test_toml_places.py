"""That `locate` finds the right places, over the toml-test corpus, generated documents, and mutants of both.

A gate runs more of the mutants:

    CORSRULES_MUTANTS=200000 pytest tests/language/test_toml_places.py -k mutants
"""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path as File

import pytest
from toml_proof import accepts, prove, prove_all, prove_by_overwriting

from corsrules.findings import KeyPath
from corsrules.language.toml import Location, Span, Unparsable, decode, locate, parse

MUTANTS = int(os.environ.get("CORSRULES_MUTANTS", "3000"))
SEED = 20240917

# --- The proof is one --------------------------------------------------------------------------------

SPECIMEN = """
origins = [ 1, 1, {b.c = [ ]} ] # ]
profiles . "a b" = true
[ rules . a ] # ]
[ rules ]
[[ tests ]] # ]
x = 1
[ tests . b.c ]
[[ tests ]]
x = 1
[ tests . b.c ]
[[ tests . d ]]
[[ tests . d ]]
"""


def misplaced(places: dict[KeyPath, Location]) -> Iterator[tuple[KeyPath, Location]]:
    """Every path at another's place, with another's value, and off by one at every end."""
    for path, place in places.items():
        for other in places.values():
            yield path, other
            yield path, place._replace(value=other.value)
        for part, span in place._asdict().items():
            for first, last in ((-1, 0), (1, 0), (0, -1), (0, 1)):
                if span:
                    yield path, place._replace(**{part: Span(span.start + first, span.end + last)})


def proves(text: str, places: dict[KeyPath, Location], path: KeyPath) -> bool:
    document = parse(text)
    try:
        prove(text, document, places)
        prove_by_overwriting(text, document, path, places[path])
    except (AssertionError, ValueError, LookupError):
        return False
    return True


def test_the_proof_is_one() -> None:
    places = locate(SPECIMEN)
    wrong = [(path, place) for path, place in misplaced(places) if place != places[path]]
    assert len(wrong) > 500
    assert [path for path in places if not proves(SPECIMEN, places, path)] == []
    assert [path for path in places if proves(SPECIMEN, {**places, (*path, 9): places[path]}, path)] == []
    assert [(path, place) for path, place in wrong if proves(SPECIMEN, {**places, path: place}, path)] == []


# --- The documents of the proof ----------------------------------------------------------------------------

# fmt: off
PLAIN_NAMES = ["a", "b", "c"]
NAMES = ["1", "-", "inf", "1979-05-27", "''", '""', "'a'", '"b"', "'a.b'", '"a b"', '"#]}="', "'\"\\'", '"é"',
         r'"\u0062\"\\"', r'"\x61\e"']
STRINGS = ['""', "''", '"web"', "'web'", r'"\"\\"', r"'\'", '"# ] } , ="', "'\"'", '"é😀"', r'"\U0001F600"',
           r'"\e\x41"', '""""""', '"""\r\n"#" ""\\\\"""', '"""""a"""""', '"""\\ \t\r\n \n x\\\n"""', "''''''",
           "''']'''", "'''''a\n''\\'''''"]
NUMBERS = ["0", "-1_000", "+1.5", "6.26e-3_4", "0xDEAD_beef", "0o17", "0b1", "nan", "-inf", "true", "false"]
DATES = ["1979-05-27", "07:32:00.999", "1979-05-27T07:32:00Z", "1979-05-27 07:32:00-07:00",
         "1979-05-27 07:32", "07:32"]
BLANKS = ["", "", "", "", " ", "\t", " \t "]
GAPS = [*BLANKS, "\n", "\r\n\t", " # ] } ' \" , = \n", "#\r\n \n#\n"]
LINE_ENDS = ["\n", "\n", "\r\n", " # ] } ' \" , = 😀\n", "\t\r\n\n", ""]
# fmt: on


def a_name(rng: random.Random) -> str:
    name = rng.choice(PLAIN_NAMES if rng.random() < 0.7 else NAMES)
    return f"{rng.choice(BLANKS)}{name}{rng.choice(BLANKS)}"


def a_key(rng: random.Random) -> str:
    return ".".join(a_name(rng) for _ in range(rng.choice((1, 1, 2, 3))))


def a_pair(rng: random.Random, depth: int) -> str:
    return f"{a_key(rng)}={rng.choice(BLANKS)}{a_value(rng, depth)}"


def a_value(rng: random.Random, depth: int) -> str:
    if depth == 4 or rng.random() < 0.6:
        return rng.choice(rng.choice((STRINGS, NUMBERS, DATES)))
    begin, item, end = rng.choice((("[", a_value, "]"), ("{", a_pair, "}")))
    items = [f"{rng.choice(GAPS)}{item(rng, depth + 1)}{rng.choice(GAPS)}" for _ in range(rng.randrange(4))]
    last = rng.choice(("", "," + rng.choice(GAPS))) if items else rng.choice(GAPS)
    return f"{begin}{','.join(items)}{last}{end}"


def a_statement(rng: random.Random) -> str:
    what = rng.choice((f"[{a_key(rng)}]", f"[[{a_key(rng)}]]", a_pair(rng, depth=0), a_pair(rng, depth=0)))
    return f"{rng.choice(BLANKS)}{what}{rng.choice(BLANKS)}{rng.choice(LINE_ENDS)}"


def a_document(rng: random.Random) -> str:
    """Statements that tomli takes together."""
    text = ""
    for _ in range(rng.randrange(1, 20)):
        statement = a_statement(rng)
        if accepts(text + statement):
            text += statement
    return text


def generated() -> list[str]:
    rng = random.Random(SEED)
    return [a_document(rng) for _ in range(1_000)]


def corpus() -> list[tuple[str, str]]:
    """The names and texts of toml-test's valid documents. Their file is not ours and may be absent."""
    file = File(__file__).parents[3] / "shared/data/toml-test-valid.json"
    if not file.exists():
        return []
    cases = json.loads(file.read_bytes())["cases"]
    return [(case["name"], decode(case["text"].encode())) for case in cases]


GENERATED = generated()
CORPUS = corpus()


@contextmanager
def noted(document: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        error.add_note(document)
        raise


def test_the_corpus() -> None:
    if not CORPUS:
        pytest.skip("toml-test-valid.json is absent; the generated documents must do")
    for name, text in CORPUS:
        with noted(f"corpus {name}: {text!r}"):
            prove_all(text)


def test_generated_documents() -> None:
    for number, text in enumerate(GENERATED):
        with noted(f"document {number} of seed {SEED}: {text!r}"):
            prove_all(text)


EXERCISED: list[tuple[str, str]] = [
    # what some generated document holds; a regular expression that finds it
    ("a comment with brackets and quotes", r"# \] \} '"),
    ("a line that ends in \\r\\n", r"\r\n"),
    ("a tab", r"\t="),
    ("a blank before a dot", r"[ \t]\."),
    ("a dotted key", r"(?m)^\w+\.\w+="),
    ("a quoted name in a dotted key", r'(?m)^\w+\."[^\n]*"='),
    ("a quoted name in a header", r'(?m)^\[[^\[\n]*"\]'),
    ("a literal string", r"='web'"),
    ("a multi-line basic string", r'="""\r\n'),
    ("a multi-line literal string", r"='{5}a\n"),
    ("a backslash that ends a line", r'="""\\ \t\r\n'),
    ("an array in an array", r"=\[\["),
    ("a line end in an array", r"=\[\n"),
    ("a comment in an array", r"=\[ #"),
    ("a last comma in an array", r"\d,\]"),
    ("an inline table in an array", r"=\[\{"),
    ("a dotted key in an inline table", r"[{,] *\w+ *\. *\w+ *="),
    ("a date with a space", r"27 07:32:00-"),
    ("a table in a table", r"(?m)^ *\[ *(\w) *\](?s:.)*^ *\[ *\1 *\."),
    ("a header behind one that implies it", r"(?m)^ *\[ *(\w) *\.(?s:.)*^ *\[ *\1 *\]"),
    ("a second element of an array of tables", r"(?m)^ *\[\[ *(\w) *\]\](?s:.)*^ *\[\[ *\1 *\]\]"),
    ("a table in an element", r"(?m)^ *\[\[ *(\w) *\]\](?s:.)*^ *\[ *\1 *\."),
    ("an array of tables in an element", r"(?m)^ *\[\[ *(\w) *\]\](?s:.)*^ *\[\[ *\1 *\."),
    ("a line end in an inline table", r"=\{\n"),
    ("a last comma in an inline table", r"\d,\}"),
    ("the escapes \\e and \\x", r'="\\e\\x41"'),
    ("a time without seconds", r"=07:32\s"),
]


@pytest.mark.parametrize("expression", [pytest.param(row[1], id=row[0]) for row in EXERCISED])
def test_generated_documents_hold(expression: str) -> None:
    assert any(re.search(expression, text) for text in GENERATED)


# --- Mutants -----------------------------------------------------------------------------------------------

# fmt: off
SNIPPETS = [*"\"'\\[]{}=,.#\n\t 10-+:_eTax", '"""', "'''", "\r\n", "\\\n", "[[", "]]", "{}", "[]", ".a", ",1", "=1",
            "[a]\n", "[[a]]\n", "\na.b=1\n", "é", "😀"]
# fmt: on


def exchange(rng: random.Random, text: str, _: str) -> str:
    """A snippet, perhaps in the place of a character or two."""
    start = rng.randrange(len(text) + 1)
    return text[:start] + rng.choice(SNIPPETS) + text[start + rng.choice((0, 0, 1, 2)) :]


def remove(rng: random.Random, text: str, _: str) -> str:
    start = rng.randrange(len(text) + 1)
    return text[:start] + text[start + rng.choice((1, 1, 2, 8)) :]


def repeat(rng: random.Random, text: str, _: str) -> str:
    """A stretch of characters again, somewhere else."""
    start, target = rng.randrange(len(text) + 1), rng.randrange(len(text) + 1)
    return text[:target] + text[start : start + rng.randrange(1, 12)] + text[target:]


def flip(rng: random.Random, text: str, _: str) -> str:
    """One bit of one byte."""
    data = bytearray(text.encode() or b"a")
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return data.decode(errors="ignore")


def drop_lines(rng: random.Random, text: str, _: str) -> str:
    lines = text.split("\n")
    start = rng.randrange(len(lines))
    return "\n".join(lines[:start] + lines[start + rng.choice((1, 1, 2, 5)) :])


def splice(rng: random.Random, text: str, other: str) -> str:
    """Lines of a document among those of another, or among its own."""
    lines, others = text.split("\n"), rng.choice((text, other)).split("\n")
    start, target = rng.randrange(len(others)), rng.randrange(len(lines) + 1)
    return "\n".join(lines[:target] + others[start : start + rng.choice((1, 2, 5))] + lines[target:])


def read(text: str) -> dict[str, object] | Unparsable:
    try:
        return parse(text)
    except Unparsable as error:
        return error


def test_mutants() -> None:
    """Chains of edits, each a link that tomli accepts; what it refuses is refused in words."""
    rng = random.Random(SEED)
    seeds = [text for _, text in CORPUS] + GENERATED
    proven = 0
    while proven < MUTANTS:
        text = rng.choice(seeds)
        for _ in range(20):
            edit = rng.choice((exchange, remove, repeat, flip, drop_lines, splice))
            mutant = edit(rng, text, rng.choice(seeds))[:400]
            if mutant == text:
                continue
            with noted(f"mutant {proven} of seed {SEED}: {mutant!r}"):
                document = read(mutant)
                if isinstance(document, Unparsable):
                    assert 0 <= document.offset <= len(mutant)
                    continue
                places = locate(mutant)
                prove(mutant, document, places)
                prove_by_overwriting(mutant, document, *rng.choice([*places.items()]))
            text = mutant
            proven += 1
