"""The lines of a file that a finding is about, with marks below them, as rustc and ruff show them.

    finding ── marks by line ──> windows ── drawn ──> rows of styled segments

Nothing here knows what a finding means or how a style looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate, groupby
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from corsrules.findings import Finding
from corsrules.report.characters import cells, sentence, width

if TYPE_CHECKING:
    from corsrules.language.toml import Lines

#: What a row consists of: text, and the name of its style ("" for none).
Segment: TypeAlias = tuple[str, str]
Row: TypeAlias = list[Segment]

#: How many characters of a line are shown. Of a longer one a window is, with `LEAD` characters before the first mark.
WINDOW = 160
LEAD = 40

#: More lines than this between two that are shown are replaced by `...`; fewer are told by the line numbers.
FAR = 3

ELLIPSIS = "..."


class Mark(NamedTuple):
    """A stretch of one line, in code points from 0, that is underlined."""

    start: int
    end: int
    label: str
    style: str
    symbol: str


class Window(NamedTuple):
    """The part of a line that is shown, and the marks that begin in it, from left to right."""

    start: int
    end: int
    marks: list[Mark]


def rows(finding: Finding, lines: Lines, gutter: int) -> Iterator[Row]:
    """The rows that show `finding` in the lines of its file; the numbers of lines are `gutter` wide."""
    yield [(f"{'':{gutter}} |", "frame")]
    before = None
    for number, marks in _marks(finding, lines):
        if before is not None and number - before - 1 > FAR:
            yield [(ELLIPSIS, "frame")]
        before = number
        line = lines.text(number)
        for window in _windows(marks, len(line)):
            code, *below = _drawn(line, window)
            yield [(f"{number:{gutter}} | ", "frame"), *code]
            for row in below:
                yield [(f"{'':{gutter}} | ", "frame"), *row]


def last_line(finding: Finding) -> int:
    """The last line of which a part is shown."""
    return max(finding.line, *(related.line for related in finding.related), 1)


def _marks(finding: Finding, lines: Lines) -> list[tuple[int, list[Mark]]]:
    """The marks of each line, in the order of the file. What covers several lines is marked in its first."""

    def mark(place: tuple[int, int, int, int], text: str, style: str, symbol: str) -> tuple[int, Mark]:
        line, column, end_line, end_column = place
        length = len(lines.text(line))
        start = min(column - 1, length)
        end = length if end_line > line else min(end_column - 1, length)
        return line, Mark(start, max(end, start), sentence(text), style, symbol)

    found = [mark(related[:4], related.message, "note", "-") for related in finding.related]
    place = (finding.line, finding.column, finding.end_line, finding.end_column)
    found.append(mark(place, finding.label, finding.severity, "^"))
    found.sort(key=lambda pair: pair[0])
    return [(number, [mark for _, mark in pairs]) for number, pairs in groupby(found, key=lambda pair: pair[0])]


def _windows(marks: Iterable[Mark], length: int) -> list[Window]:
    windows: list[Window] = []
    for mark in sorted(marks, key=lambda mark: mark.start):
        if windows and (mark.start < windows[-1].end or windows[-1].end == length):
            windows[-1].marks.append(mark)
        else:
            start = max(0, min(mark.start - LEAD, length - WINDOW))
            windows.append(Window(start, min(start + WINDOW, length), [mark]))
    return windows


def _drawn(line: str, window: Window) -> Iterator[Row]:
    """The line as it is shown, then the rows with its marks and their labels."""
    shown = cells(line[window.start : window.end])
    before = ELLIPSIS if window.start else ""
    after = ELLIPSIS if window.end < len(line) else ""
    columns = list(accumulate(map(width, shown), initial=len(before)))
    yield [("".join((before, *shown, after)), "")]

    spans = [
        (mark, columns[mark.start - window.start], columns[min(mark.end, window.end) - window.start])
        for mark in window.marks
    ]
    under: dict[int, tuple[str, str]] = {}
    for mark, start, end in sorted(spans, key=lambda span: span[0].symbol == "^"):  # the finding over what is related
        under |= dict.fromkeys(range(start, max(end, start + 1)), (mark.symbol, mark.style))
    row = _in_columns(under)

    labels = [(start, mark) for mark, start, _ in spans if mark.label]
    # Beside the marks there is room for one label: that of the mark in which they end.
    last, start, end = spans[-1]
    if last.label and max(end, start + 1) > max(under):
        row += [(" " + last.label, last.style)]
        labels.pop()
    yield row
    if labels:
        yield _in_columns({start: ("|", mark.style) for start, mark in labels})
    while labels:  # the others hang below, from right to left
        start, mark = labels.pop()
        hanging = {left: ("|", other.style) for left, other in labels if left < start}
        yield [*_in_columns(hanging, start), (mark.label, mark.style)]


def _in_columns(symbols: dict[int, tuple[str, str]], until: int = 0) -> Row:
    """A row with these symbols in their columns, as long as the last or `until`."""
    cells = [symbols.get(column, (" ", "")) for column in range(max(until, *(at + 1 for at in symbols), 0))]
    return [("".join(symbol for symbol, _ in run), style) for style, run in groupby(cells, key=lambda pair: pair[1])]
