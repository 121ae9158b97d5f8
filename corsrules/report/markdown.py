"""Text in Markdown, none of which is read as markup, whatever it holds: for a comment on a pull request."""

from __future__ import annotations

import re

from corsrules.report.characters import printable

#: What has a meaning in Markdown, in HTML or to GitHub.
MARKUP = "&<>|`*_~[]\\@#!"


def cell(text: str) -> str:
    """Text in a table or a line: HTML entities are text to GitHub and to every other reader."""
    return "".join(f"&#{ord(each)};" if each in MARKUP else each for each in printable(text))


def code(text: str) -> str:
    """A name or a value in a table or a line."""
    return f"<code>{cell(text)}</code>"


def block(text: str) -> str:
    """Lines as they are, within a fence that is longer than any in them (https://spec.commonmark.org/#fenced-code-blocks)."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}{fence}\n"
