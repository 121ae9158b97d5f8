"""Results to text: what a person sees in a terminal, a log or an editor's problem list.

    findings (+ their file) ──> terminal   for a person; excerpt draws the lines
                            ├─> github, sarif, junit, json   each a document for a machine
                            └─ characters, markdown   what may be printed at all, and how wide it is

    what a command found ──> check, show, diff, explain, code   what the command of that name prints
                         └─> refusal   what it prints instead where a file cannot be used

`FORMATS` in the room of a command are its formats. No room reads a file or writes to a terminal, and what takes long to
import is imported when it is asked for.
"""

from __future__ import annotations

from corsrules.report.characters import printable
from corsrules.report.terminal import concise, summary, text

__all__ = ["concise", "printable", "summary", "text"]
