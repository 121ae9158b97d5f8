"""Tables as Markdown, curves as SVG, and what was measured with which versions."""

from __future__ import annotations

import datetime
import math
import platform
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version

PACKAGES = (
    "flask", "werkzeug", "pydantic", "tomli", "click", "flask-cors", "starlette", "django-cors-headers", "django",
    "asgi-cors", "wsgicors", "sanic-cors", "falcon",
)  # fmt: skip


def versions() -> str:
    """The date of the run, Python and every package that took part."""
    named = [f"Python {platform.python_version()}"]
    for package in PACKAGES:
        try:
            named.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            named.append(f"{package} not installed")
    return f"Recorded {datetime.date.today().isoformat()} on {platform.machine()}: " + ", ".join(named) + "."


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first are aligned right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def figure(value: float | None) -> str:
    """A ratio with three significant digits."""
    if value is None:
        return "n/a"
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def percent(ratio: float) -> str:
    """What a ratio to the bare case adds."""
    return f"{100 * (ratio - 1):+.1f} %"


COLOURS = ("#0b6e4f", "#c8553d", "#2d5da1", "#7a4fa3", "#b8860b", "#00798c", "#8d6a9f", "#555555", "#999999")
WIDTH, HEIGHT, LEFT, BOTTOM, RIGHT, TOP = 760, 420, 60, 40, 190, 30


def plot(title: str, curves: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """Curves over the number of origins, both axes logarithmic, as SVG."""
    points = [point for curve in curves.values() for point in curve]
    columns = (_decade(min(x for x, _ in points), math.floor), _decade(max(x for x, _ in points), math.ceil))
    rows = (_decade(min(y for _, y in points), math.floor), _decade(max(y for _, y in points), math.ceil))

    def place(x: float, y: float) -> tuple[float, float]:
        across = (math.log10(x) - columns[0]) / max(1, columns[1] - columns[0])
        up = (math.log10(y) - rows[0]) / max(1, rows[1] - rows[0])
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - BOTTOM - TOP)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'font-size="12"><rect width="{WIDTH}" height="{HEIGHT}" fill="white"/><text x="{LEFT}" y="18">{title}</text>'
    ]
    for power in range(columns[0], columns[1] + 1):
        x, y = place(10**power, 10 ** rows[0])
        parts.append(f'<text x="{x:.0f}" y="{y + 18:.0f}" text-anchor="middle">{10**power:,}</text>')
    for power in range(rows[0], rows[1] + 1):
        x, y = place(10 ** columns[0], 10**power)
        end = WIDTH - RIGHT
        parts.append(f'<line x1="{x:.0f}" y1="{y:.0f}" x2="{end}" y2="{y:.0f}" stroke="#ddd"/>')
        parts.append(f'<text x="{x - 6:.0f}" y="{y + 4:.0f}" text-anchor="end">{10.0**power:,g}</text>')
    for index, (name, curve) in enumerate(curves.items()):
        colour = COLOURS[index % len(COLOURS)]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in curve))
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        x, y = WIDTH - RIGHT + 12, TOP + 10 + 20 * index
        parts.append(f'<text x="{x}" y="{y}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _decade(value: float, rounded: Callable[[float], int]) -> int:
    return rounded(math.log10(value))
