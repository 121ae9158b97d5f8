"""What a command prints instead of its result where a file has errors, or leaves open which profile is meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from corsrules.findings import Finding
from corsrules.report import github, json, markdown, terminal

if TYPE_CHECKING:
    from corsrules.language.toml import File


class Refusal(NamedTuple):
    """The findings that keep `file` from being used. `color` is for text alone."""

    findings: list[Finding]
    file: File
    color: bool = False


def _text(refusal: Refusal) -> str:
    return terminal.text(refusal.findings, refusal.file, color=refusal.color)


def _json(refusal: Refusal) -> str:
    return json.document(refusal.findings)


def _github(refusal: Refusal) -> str:
    return github.commands(refusal.findings)


def _markdown(refusal: Refusal) -> str:
    summary = f"**{markdown.cell(refusal.file.name)}: {terminal.summary(refusal.findings)}**"
    return f"{summary}\n\n{markdown.block(terminal.text(refusal.findings, refusal.file))}"


FORMATS: Mapping[str, Callable[[Refusal], str]] = {
    "text": _text,
    "json": _json,
    "github": _github,
    "markdown": _markdown,
}
