"""`python -m benchmarks [--quick] [--output FOLDER] [decision] [request] [load]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import decision, load, measure, report, request

RESULTS = Path(__file__).parent / "results"
PARTS = ("decision", "request", "load")


def main(arguments: list[str] | None = None) -> None:
    """Runs the parts, writes `PART.md` and `decision.svg`, then `summary.md` from all that the folder holds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: shows that it runs, measures nothing")
    parser.add_argument("--output", type=Path, default=RESULTS)
    parser.add_argument("parts", nargs="*", help="all, if none is named")
    given = parser.parse_args(arguments)
    effort = measure.QUICK if given.quick else measure.FULL
    given.output.mkdir(parents=True, exist_ok=True)
    for part in given.parts or PARTS:
        text = globals()[f"_{part}"](effort, quick=given.quick, output=given.output)
        (given.output / f"{part}.md").write_text(f"{report.versions()}\n\n{text}", encoding="utf-8")
        sys.stdout.write(f"{part}:\n\n{text}\n")
        sys.stdout.flush()
    texts = {part: given.output / f"{part}.md" for part in PARTS}
    summary = [f"### {part}\n\n{path.read_text(encoding='utf-8')}" for part, path in texts.items() if path.exists()]
    (given.output / "summary.md").write_text("\n".join(summary), encoding="utf-8")


def _decision(effort: measure.Effort, *, quick: bool, output: Path) -> str:
    counts, growing = ((2,), (1, 10)) if quick else ((1, 100, 1_000_000), (10, 1_000, 100_000, 1_000_000))
    text, svg = decision.report_on(effort, counts, growing)
    (output / "decision.svg").write_text(svg, encoding="utf-8")
    return text


def _request(effort: measure.Effort, *, quick: bool, output: Path) -> str:
    return request.report_on(effort, (2,) if quick else (1, 100, 10_000))


def _load(effort: measure.Effort, *, quick: bool, output: Path) -> str:
    return load.report_on(effort, (2,) if quick else (10, 1_000, 100_000, 1_000_000))


if __name__ == "__main__":
    main()
