"""An edit of the document as edits of its text: in the quotes, the layout and the line ends that stand there.

    Edit (a place in the document) ── text_edits ──> TextEdit (lines and columns) ── rewritten ──> text

Where the text has no room for an edit (a table that has no header of its own) there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from corsrules.findings import Added, Edit, Instead, KeyPath, TextEdit
from corsrules.findings.wording import written
from corsrules.language.toml import File, Location, Span


def text_edits(edits: Iterable[Edit], file: File) -> tuple[TextEdit, ...]:
    """The edits as edits of the text of `file`; none where one of them cannot be written there."""
    changes = [_change(edit, file.text, file.locations) for edit in edits]
    if None in changes:
        return ()
    place = file.lines.place
    found = (change for change in changes if change is not None)
    return tuple(TextEdit(*place(span.start), *place(span.end), new) for span, new in found)


def rewritten(file: File, edits: Iterable[TextEdit]) -> str:
    """The text of `file` with the edits, which do not overlap."""
    text, offset = file.text, file.lines.offset
    for line, column, end_line, end_column, new in sorted(edits, reverse=True):
        text = text[: offset(line, column)] + new + text[offset(end_line, end_column) :]
    return text


def _change(edit: Edit, text: str, locations: Mapping[KeyPath, Location]) -> tuple[Span, str] | None:
    if isinstance(edit, Added):
        return _added(edit, text, locations[edit.path].value)
    location = locations[edit.path]
    if isinstance(edit, Instead):
        return location.value, _instead(edit, text, location.value)
    if location.key is not None:
        return location.key, edit.name
    return location.value, f"[[{edit.name}]]"  # the header of one of an array of tables


def _instead(edit: Instead, text: str, span: Span) -> str:
    """The values with the quotes of what they replace; each in a line of its own if that had one."""
    indent = text[text.rfind("\n", 0, span.start) + 1 : span.start]
    separator = ", " if indent.strip() else f",{_line_end(text)}{indent}"
    return separator.join(written(value, text[span.start]) for value in edit.values)


def _added(edit: Added, text: str, span: Span) -> tuple[Span, str] | None:
    """A line below the table's header, or at the top of the document; None for a table without a header."""
    line = f"{edit.key} = {written(edit.value)}"
    if not edit.path:
        return span, f"{line}{_line_end(text)}"
    if text[span.start] != "[":
        return None
    end = text.find("\n", span.end) + 1
    if not end:
        return Span(len(text), len(text)), f"{_line_end(text)}{line}"
    return Span(end, end), f"{line}{_line_end(text)}"


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
