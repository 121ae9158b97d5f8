"""What `corsrules code` prints: the definition of a finding, the list of all, and the reference page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from corsrules.findings.catalogue import Code

FAMILIES = {
    "CR0": "Syntax and shape",
    "CR1": "References and profiles",
    "CR2": "Security",
    "CR3": "Conflicts and dead rules",
    "CR4": "Tests",
}


def listing(codes: Iterable[Code]) -> str:
    """The codes in one line each."""
    return "".join(f"{each.code}  {each.severity:7}  {each.title}\n" for each in codes)


def definition(code: Code) -> str:
    """One code, explained in a terminal."""
    return "".join(f"{line}\n" for line in _definition(code))


def _definition(code: Code) -> Iterator[str]:
    yield f"{code.code} ({code.severity}): {code.title}"
    yield ""
    yield code.why
    if code.about_pattern:
        yield f'A rule can accept it for a pattern: waive = ["{code.code} PATTERN"], with a reason.'
    elif code.waivable:
        yield f'A rule can accept it: waive = ["{code.code}"], with a reason.'
    for name, example in (("Bad", code.bad), ("Good", code.good)):
        yield ""
        yield f"{name}:"
        yield ""
        yield from (f"    {line}".rstrip() for line in example.splitlines())
    yield ""
    yield f"Source: {code.source}"


def page(codes: Iterable[Code], shown: Callable[[Code], str]) -> str:
    """The reference page in Markdown. `shown` is what `check` prints of the bad example of a code."""
    return "\n".join(_page(list(codes), shown))


def _page(codes: list[Code], shown: Callable[[Code], str]) -> Iterator[str]:
    yield "# Findings"
    yield ""
    yield "Printed by `corsrules code --markdown`. Codes are stable and never reused. An error stops an application"
    yield "from starting; a warning or a note does not, and `check --fail-on` says which of them fail a build. What can"
    yield "be waived, a rule accepts with `waive` and a `reason`: by code, or by code and pattern where it is about one"
    yield '(`waive = ["CR211 https://*.example.com"]`).'
    for family, title in FAMILIES.items():
        yield ""
        yield f"## {title}"
        for code in codes:
            if code.code.startswith(family):
                yield ""
                yield from _section(code, shown(code))
    yield ""


def _section(code: Code, shown: str) -> Iterator[str]:
    yield f"### {code.code}: {code.title}"
    yield ""
    waivable = ", can be waived for a pattern" if code.about_pattern else ", can be waived" if code.waivable else ""
    yield f"{code.severity.capitalize()}{waivable}. {code.why}"
    yield ""
    yield "```toml"
    yield from code.bad.splitlines()
    yield "```"
    if shown:
        yield ""
        yield "```text"
        yield from shown.splitlines()
        yield "```"
    yield ""
    yield "Instead:"
    yield ""
    yield "```toml"
    yield from code.good.splitlines()
    yield "```"
    yield ""
    is_address = code.source.startswith("https:") and " " not in code.source
    yield f"Source: <{code.source}>" if is_address else f"Source: {code.source}"
