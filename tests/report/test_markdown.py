"""Text in Markdown: whatever a file holds, none of it is markup."""

from __future__ import annotations

import pytest

from corsrules.report import markdown

#: what it holds, the text, how it is written
CELLS = [
    ("nothing", "https://app.example.com", "https://app.example.com"),
    ("a column", "a|b", "a&#124;b"),
    ("an element", "<img src=x>", "&#60;img src=x&#62;"),
    ("an entity", "&lt;", "&#38;lt;"),
    ("emphasis", "*a_b~", "&#42;a&#95;b&#126;"),
    ("code, a link and an image", "`![a](b)\\", "&#96;&#33;&#91;a&#93;(b)&#92;"),
    ("a person and an issue", "@me #1", "&#64;me &#35;1"),
    ("an end of line", "a\nb", "a&#92;nb"),
]


@pytest.mark.parametrize(("text", "written"), [row[1:] for row in CELLS], ids=[row[0] for row in CELLS])
def test_a_cell(text: str, written: str) -> None:
    assert markdown.cell(text) == written
    assert markdown.code(text) == f"<code>{written}</code>"


#: the longest run of backticks in the text, the fence
FENCES = [(0, "```"), (1, "```"), (2, "```"), (3, "````"), (7, "````````")]


@pytest.mark.parametrize(("longest", "fence"), FENCES)
def test_a_block_ends_where_its_text_does(longest: int, fence: str) -> None:
    text = f"a\n{'`' * longest}\n`b`\n"
    assert markdown.block(text) == f"{fence}text\n{text}{fence}\n"
