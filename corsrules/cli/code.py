"""`corsrules code`."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

import click

from corsrules.cli.files import Trouble, write
from corsrules.findings.catalogue import CATALOGUE, Code

FAMILIES = {
    "CR0": "Syntax and shape",
    "CR1": "References and profiles",
    "CR2": "Security",
    "CR3": "Conflicts and dead rules",
    "CR4": "Tests",
}


@click.command("code")
@click.argument("code", required=False)
@click.option("--markdown", is_flag=True, help="Print the reference page of all codes.")
def command(code: str | None, *, markdown: bool) -> None:
    """Print what the finding CODE means, why it matters, a bad and a good example; without CODE, list all codes."""
    if markdown:
        write("\n".join(page()))
    elif code is None:
        write("".join(f"{each.code}  {each.severity:7}  {each.title}\n" for each in CATALOGUE))
    else:
        write("\n".join(definition(_find(code))) + "\n")


def _find(name: str) -> Code:
    codes = {code.code: code for code in CATALOGUE}
    if name.upper() in codes:
        return codes[name.upper()]
    nearest = difflib.get_close_matches(name.upper(), codes, n=1)
    advice = f"did you mean {nearest[0]}?" if nearest else "`corsrules code` lists the codes"
    raise Trouble(f"there is no finding {name!r}; {advice}")


def definition(code: Code) -> Iterator[str]:
    """The lines that explain one code in a terminal."""
    yield f"{code.code} ({code.severity}): {code.title}"
    yield ""
    yield code.why
    if code.waivable:
        yield f'A rule can accept it: waive = ["{code.code}"], with a reason.'
    for name, example in (("Bad", code.bad), ("Good", code.good)):
        yield ""
        yield f"{name}:"
        yield ""
        yield from (f"    {line}".rstrip() for line in example.splitlines())
    yield ""
    yield f"Source: {code.source}"


def page() -> Iterator[str]:
    """The lines of the reference page, with what `check` really prints of each bad example."""
    yield "# Findings"
    yield ""
    yield "Printed by `corsrules code --markdown`. Codes are stable and never reused. An error stops an application"
    yield "from starting; a warning or a note does not, and `check --fail-on` says which of them fail a build. What can"
    yield "be waived, a rule accepts with `waive` and a `reason`."
    for family, title in FAMILIES.items():
        yield ""
        yield f"## {title}"
        for code in CATALOGUE:
            if code.code.startswith(family):
                yield ""
                yield from _section(code)
    yield ""


def _section(code: Code) -> Iterator[str]:
    yield f"### {code.code}: {code.title}"
    yield ""
    yield f"{code.severity.capitalize()}{', can be waived' if code.waivable else ''}. {code.why}"
    yield ""
    yield "```toml"
    yield from code.bad.splitlines()
    yield "```"
    shown = _shown(code)
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
    yield (
        f"Source: <{code.source}>"
        if code.source.startswith("https:") and " " not in code.source
        else (f"Source: {code.source}")
    )


def _shown(code: Code) -> str:
    """What `check` prints of the bad example."""
    from corsrules import loading, report  # for the page only: printing one definition needs neither

    content = code.bad.encode().replace(b"\\xff", b"\xff")
    inspection = loading.prove(loading.inspect(content, "cors.toml"))
    found = [finding for finding in inspection.findings if finding.code == code.code]
    return report.text(found, inspection.file)
