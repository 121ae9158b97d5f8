"""What `diff` costs beside loading: `python benchmarks/diff.py`.

Prints ratios of processor times of one run: diff to loading both files, and how that grows with the number of origins.
A tenth of the origins is different, and a wildcard on either side holds some or all of the rest.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import corsrules
from corsrules import loading
from corsrules.analysis import diff
from corsrules.language.policy import Policy, resolve

SIZES = (1_000, 10_000, 100_000)
REPEATS = 3


def text(size: int, *, edited: bool) -> str:
    """A file with `size` origins; the edited one names others in place of every tenth."""
    names = (f"app{n + (size if edited and n % 10 == 0 else 0)}.tenant{n % 97}.example.com" for n in range(size))
    origins = "".join(f'  "https://{name}",\n' for name in names)
    wide = '"https://**.example.com"' if edited else '"https://*.tenant1.example.com"'
    return (
        f'version = 1\n[[rules]]\npaths = ["/api/*", "/reports/*"]\nmethods = ["PUT"]\norigins = [\n{origins}]\n'
        f'[[rules]]\npaths = ["/api/*"]\norigins = [{wide}]\n'
    )


def policy(content: str) -> Policy:
    """The policy of a file without errors."""
    document = loading.inspect(content, "cors.toml").document
    assert document is not None
    return resolve(document, None)


def seconds(call: Callable[[], object]) -> float:
    """The least of some runs."""
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    """Prints a line a size."""
    before: tuple[float, float] | None = None
    for size in SIZES:
        old, new = text(size, edited=False), text(size, edited=True)
        loading = seconds(lambda old=old, new=new: (corsrules.loads(old), corsrules.loads(new)))
        policies = policy(old), policy(new)
        comparing = seconds(lambda policies=policies: diff.between(*policies))
        same = seconds(lambda policies=policies: diff.between(policies[0], policies[0]))
        changes = sum(len(region.changes) for region in diff.between(*policies).paths)
        line = f"{size:>7} origins, {changes:>6} changes: diff = {comparing / loading:.2f} x loading both files"
        line += f", {same / loading:.2f} x where nothing differs"
        if before is not None:
            line += f"; ten times the origins: diff x {comparing / before[0]:.1f}, loading x {loading / before[1]:.1f}"
        sys.stdout.write(line + "\n")
        before = comparing, loading


if __name__ == "__main__":
    main()
