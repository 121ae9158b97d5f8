"""The finding and its codes: what every check reports and every report prints.

A `Mistake` is what is wrong with a text. A `Problem` is a mistake at a place in the document's structure: what a check
reports. A `Finding` is a problem with line and column, ready for a person. What a code means stands in `catalogue`;
nothing else knows a severity or a title.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from corsrules.findings.catalogue import CATALOGUE, Code, Severity

__all__ = ["CODES", "SEVERITIES", "Code", "Finding", "KeyPath", "Label", "Place", "Problem", "Severity", "severity_of"]

#: Where in the document: ("rules", 0, "origins", 2); () is the document itself.
KeyPath: TypeAlias = tuple[str | int, ...]

#: What of a place is meant: its value, its key, or (for something missing) the table's header.
Part: TypeAlias = Literal["value", "key"]

#: From mild to grave.
SEVERITIES: tuple[Severity, ...] = ("note", "warning", "error")


class Place(NamedTuple):
    """A place in the document, with what a label there says (empty for the place of the finding itself)."""

    path: KeyPath
    part: Part = "value"
    label: str = ""


class Mistake(NamedTuple):
    """What is wrong or unwise about a text, wherever it stands: its code, one sentence, and what to do about it."""

    code: str
    message: str
    help: str = ""

    def at(self, place: Place, *, repair: str = "", rule: int | None = None) -> Problem:
        """The problem of this mistake at `place`; see `Problem`."""
        return Problem(self.code, self.message, place, self.help, repair=repair, rule=rule)


class Problem(NamedTuple):
    """What a check reports: a mistake at a place of the document.

    `repair` is the text of the pattern to write instead, where what was meant is certain. `rule` is the index of the
    rule that can waive the problem.
    """

    code: str
    message: str
    place: Place
    help: str = ""
    related: tuple[Place, ...] = ()
    repair: str = ""
    rule: int | None = None


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
    place, `related` are other places that matter. `repair` is the pattern to write there
    instead, where what was meant is certain and lets in no other origin.
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
    repair: str = ""


CODES: dict[str, Code] = {code.code: code for code in CATALOGUE}


def severity_of(code: str) -> Severity:
    """The severity of a code of the catalogue."""
    return CODES[code].severity
