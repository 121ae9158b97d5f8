"""The finding and its codes: what every check reports and every report prints.

A `Problem` is what a check sees: a code, a sentence, and a place in the document's structure. A `Finding` is the same
with line and column, ready for a person. The codes stand in one table; nothing else knows a severity or a title.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

#: Where in the document: ("rules", 0, "origins", 2); () is the document itself.
Path: TypeAlias = tuple[str | int, ...]

#: What of a place is meant: its value, its key, or (for something missing) the table's header.
Part: TypeAlias = Literal["value", "key"]

Severity: TypeAlias = Literal["error", "warning", "note"]

#: From mild to grave.
SEVERITIES: tuple[Severity, ...] = ("note", "warning", "error")


class Place(NamedTuple):
    """A place in the document, with what a label there says (empty for the place of the finding itself)."""

    path: Path
    part: Part = "value"
    label: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """What a check reports. `rules` holds the indexes of the rules that are concerned, for waivers."""

    code: str
    message: str
    place: Place
    help: str = ""
    related: tuple[Place, ...] = ()
    rules: frozenset[int] = frozenset()


class Label(NamedTuple):
    """A second place of a finding: 1-based line and column (in code points), and what is to be seen there."""

    line: int
    column: int
    end_line: int
    end_column: int
    message: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong or unwise in a file.

    `line` and `column` are 1-based, columns count Unicode code points; `end_column` is the column behind the last
    character. `code` is stable and never reused (`python -m corsrules code`).
    """

    code: str
    severity: Severity
    message: str
    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    help: str = ""
    related: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class Code:
    """The definition of a code."""

    code: str
    severity: Severity
    title: str


_CODES: tuple[tuple[str, Severity, str], ...] = (
    ("CR001", "error", "the file is not UTF-8"),
    ("CR002", "error", "the file is not TOML"),
    ("CR003", "error", "unknown key"),
    ("CR004", "error", "missing key"),
    ("CR005", "error", "wrong type"),
    ("CR006", "error", "unsupported version"),
    ("CR007", "error", "value out of range"),
    ("CR008", "error", "a name is used twice"),
    ("CR009", "error", "malformed name"),
    ("CR010", "error", "origin without a scheme"),
    ("CR011", "error", "something follows the host of an origin"),
    ("CR012", "error", "origin in upper case"),
    ("CR013", "error", "default port written out"),
    ("CR014", "error", "origin not in ASCII"),
    ("CR015", "error", "several origins in one string"),
    ("CR016", "error", "regular expression"),
    ("CR017", "error", "misplaced wildcard"),
    ("CR018", "error", "no server can name this origin"),
    ("CR019", "error", "malformed origin"),
    ("CR020", "error", "malformed port"),
    ("CR030", "error", "malformed path"),
    ("CR040", "error", "malformed method"),
    ("CR041", "error", "forbidden method"),
    ("CR042", "error", "method in the wrong case"),
    ("CR043", "error", "malformed header name"),
    ("CR044", "error", "forbidden header name"),
    ("CR045", "error", '"*" beside other values'),
    ("CR046", "error", "malformed fallback"),
    ("CR101", "error", "unknown group"),
    ("CR102", "error", "unfilled group"),
    ("CR104", "error", "unknown parent profile"),
    ("CR105", "error", "profiles inherit in a circle"),
    ("CR106", "error", "inherits from a development profile"),
    ("CR107", "error", "no profile is chosen"),
    ("CR108", "error", "unknown profile"),
    ("CR109", "error", "a fallback origin that no rule allows"),
    ("CR201", "error", "credentials are allowed to every origin"),
    ("CR202", "error", '"*" has no meaning with credentials'),
    ("CR203", "error", '"*" is not alone'),
    ("CR301", "error", "conflicting rules"),
)

CODES = {code: Code(code, severity, title) for code, severity, title in _CODES}


def severity_of(code: str) -> Severity:
    """The severity of a code of the table."""
    return CODES[code].severity
