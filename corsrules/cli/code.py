"""`corsrules code`."""

from __future__ import annotations

import difflib

import click

from corsrules.cli.files import Trouble, write
from corsrules.findings.catalogue import CATALOGUE, Code
from corsrules.report.code import definition, listing, page


@click.command("code")
@click.argument("code", required=False)
@click.option("--markdown", is_flag=True, help="Print the reference page of all codes.")
def command(code: str | None, *, markdown: bool) -> None:
    """Print what the finding CODE means, why it matters, a bad and a good example; without CODE, list all codes."""
    if markdown:
        write(page(CATALOGUE, _shown))
    elif code is None:
        write(listing(CATALOGUE))
    else:
        write(definition(_find(code)))


def _find(name: str) -> Code:
    codes = {code.code: code for code in CATALOGUE}
    if name.upper() in codes:
        return codes[name.upper()]
    nearest = difflib.get_close_matches(name.upper(), codes, n=1)
    advice = f"did you mean {nearest[0]}?" if nearest else "`corsrules code` lists the codes"
    raise Trouble(f"there is no finding {name!r}; {advice}")


def _shown(code: Code) -> str:
    """What `check` prints of the bad example."""
    from corsrules import loading, report  # for the page only: printing one definition needs neither

    content = code.bad.encode().replace(b"\\xff", b"\xff")
    inspection = loading.prove(loading.inspect(content, "cors.toml"))
    found = [finding for finding in inspection.findings if finding.code == code.code]
    return report.text(found, inspection.file)
