"""Findings to text: what a person sees in a terminal, a log or an editor's problem list.

    findings (+ text of the file) ──> terminal   for a person; excerpt draws the lines
                                  ├─> github, sarif, junit, json   each a document for a machine
                                  └─ characters   what may be printed at all, and how wide it is

A format is a file here, imported when it is asked for; none of them reads a file or writes to a terminal.
"""

from __future__ import annotations

from corsrules.report.characters import printable
from corsrules.report.terminal import concise, summary, text

__all__ = ["concise", "printable", "summary", "text"]
