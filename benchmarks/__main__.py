"""`python -m benchmarks [--quick] [--output FOLDER] [decision] [request] [load]`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from benchmarks import decision, goals, load, measure, report, request

RESULTS = Path(__file__).parent / "results"
README = Path(__file__).parent.parent / "README.md"

#: Stands before and behind what a run says in the README.
MARK = "<!-- python -m benchmarks -->"
PARTS = {"decision": decision, "request": request, "load": load}

#: How many origins each part is measured with.
SIZES: dict[str, tuple[tuple[int, ...], ...]] = {
    "decision": ((1, 100, 1_000_000), (10, 1_000, 100_000, 1_000_000)),
    "request": ((1, 100, 10_000),),
    "load": ((10, 1_000, 100_000, 1_000_000),),
}
QUICK_SIZES: dict[str, tuple[tuple[int, ...], ...]] = {"decision": ((2,), (1, 10)), "request": ((2,),), "load": ((2,),)}


def main(arguments: list[str] | None = None) -> None:
    """Runs the parts; writes each as JSON and as Markdown, then what can be said of all that the folder holds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: shows that it runs, measures nothing")
    parser.add_argument("--output", type=Path, default=RESULTS)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all, if none is named")
    given = parser.parse_args(arguments)
    effort, sizes = (measure.QUICK, QUICK_SIZES) if given.quick else (measure.FULL, SIZES)
    given.output.mkdir(parents=True, exist_ok=True)
    for part in given.parts or PARTS:
        figures = PARTS[part].measured(effort, *sizes[part])
        recorded = {"recorded": report.versions(), "figures": figures}
        (given.output / f"{part}.json").write_text(json.dumps(recorded, indent=1) + "\n", encoding="utf-8")
        text = PARTS[part].rendered(figures)
        (given.output / f"{part}.md").write_text(f"{recorded['recorded']}\n\n{text}", encoding="utf-8")
        sys.stdout.write(f"{part}:\n\n{text}\n")
        sys.stdout.flush()
        if part == "decision":
            (given.output / "decision.svg").write_text(decision.plotted(figures), encoding="utf-8")
    if all((given.output / f"{part}.json").exists() for part in PARTS):
        text = goals.section(given.output)
        (given.output / "goals.md").write_text(text, encoding="utf-8")
        sys.stdout.write(text)
        if given.output == RESULTS and not given.quick:
            _write_into(README, goals.readme(given.output))


def _write_into(file: Path, section: str) -> None:
    """Replaces what stands between the two marks."""
    before, mark, rest = file.read_text(encoding="utf-8").partition(MARK)
    file.write_text(f"{before}{mark}\n\n{section}\n{MARK}{rest.partition(MARK)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
