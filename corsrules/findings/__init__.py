"""The finding and its codes: what every check reports and every report prints.

A `Mistake` is what is wrong with a text. A `Problem` is a mistake at a place in the document's structure: what a check
reports. A `Finding` is a problem with line and column, ready for a person. What a help proposes to write is an `Edit`
of the document in a problem, and a `TextEdit` in a finding. What a code means stands in `catalogue`; nothing else knows
a severity or a title.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from corsrules.findings.catalogue import CATALOGUE, Code, Severity
from corsrules.findings.wording import Value, strings

__all__ = [
    "CODES",
    "SEVERITIES",
    "Added",
    "Code",
    "Edit",
    "Finding",
    "Instead",
    "KeyPath",
    "Label",
    "Mistake",
    "Place",
    "Problem",
    "Renamed",
    "Severity",
    "TextEdit",
    "Value",
    "severity_of",
]

#: Where in the document: ("rules", 0, "origins", 2); () is the document itself.
KeyPath: TypeAlias = tuple[str | int, ...]

#: What of a place is meant: its value or its key. `key` also marks a table's header, where something is missing.
Part: TypeAlias = Literal["value", "key"]

#: From mild to grave.
SEVERITIES: tuple[Severity, ...] = ("note", "warning", "error")


class Place(NamedTuple):
    """A place in the document, with what a label there says (empty for the place of the finding itself)."""

    path: KeyPath
    part: Part = "value"
    label: str = ""


class Instead(NamedTuple):
    """Write `values` instead of the value at `path`: one, or several where one element of an array becomes several."""

    path: KeyPath
    values: tuple[Value, ...]


class Renamed(NamedTuple):
    """Write `name` instead of the last key of `path`."""

    path: KeyPath
    name: str


class Added(NamedTuple):
    """Write `key = value` into the table at `path`."""

    path: KeyPath
    key: str
    value: Value


Edit: TypeAlias = Instead | Renamed | Added


class Mistake(NamedTuple):
    """What is wrong or unwise about a text, wherever it stands: its code and one sentence.

    `spellings` are the strings to write instead; `template` says so, with `{}` for them. `help` says what to do where
    there are none.
    """

    code: str
    message: str
    help: str = ""
    spellings: tuple[str, ...] = ()
    template: str = "write {}"

    @property
    def advice(self) -> str:
        """What to do about it."""
        return self.template.format(strings(*self.spellings)) if self.spellings else self.help

    def at(self, place: Place, *, is_certain: bool = False, rule: int | None = None, pattern: str = "") -> Problem:
        """The problem of this mistake at `place`; see `Problem`. `is_certain`: so are the spellings."""
        return Problem(
            self.code,
            self.message,
            place,
            self.advice,
            proposal=(Instead(place.path, self.spellings),) if self.spellings else (),
            repair=self.spellings if is_certain else (),
            rule=rule,
            pattern=pattern,
        )


class Problem(NamedTuple):
    """What a check reports: a mistake at a place of the document.

    `proposal` is what `help` says to write; with it the problem is gone. `repair` are the strings that it writes at the
    place, where nothing else can have been meant and nobody else is let in. `rule` is the index of the rule that can
    waive the problem, and `pattern` the pattern that it is about, as it is written; empty where it is about no single
    pattern.
    """

    code: str
    message: str
    place: Place
    help: str = ""
    related: tuple[Place, ...] = ()
    proposal: tuple[Edit, ...] = ()
    repair: tuple[str, ...] = ()
    rule: int | None = None
    pattern: str = ""


class TextEdit(NamedTuple):
    """A proposal as it is put into the text: what stands from line and column to the end is replaced by `text`."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


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
    character. `code` is stable and never reused (`python -m corsrules code`). `label` says what is to be seen at the
    place, `related` are other places that matter. `proposal` is what `help` says to write, where it says that; with it
    the finding is gone. `repair` are the strings that it writes there, where nothing else can have been meant and no
    other origin is let in: `check --fix` writes those.
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
    label: str = ""
    related: tuple[Label, ...] = ()
    proposal: tuple[TextEdit, ...] = ()
    repair: tuple[str, ...] = ()


CODES: dict[str, Code] = {code.code: code for code in CATALOGUE}


def severity_of(code: str) -> Severity:
    """The severity of a code of the catalogue."""
    return CODES[code].severity
