"""Lines over time as SVG, in panels one below the other: a soak's samples, for the documents."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, PANEL, LEFT, TOP, GAP, LEGEND = 620, 170, 64, 44, 52, 150
COLOURS = ("#1b6ca8", "#b3261e", "#2e7d32", "#8e24aa", "#a15c00", "#455a64", "#00838f", "#5d4037", "#ad1457")
DASHES = ("", "6 3", "2 3", "8 3 2 3")  # two lines never differ in colour alone

Line = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Panel:
    title: str
    lines: Mapping[str, Line]  # points in order of time


def svg(title: str, panels: Sequence[Panel], *, across: str = "minutes") -> str:
    """All panels cover the same stretch of time, each from zero to its greatest value."""
    end = max((x for panel in panels for line in panel.lines.values() for x, _ in line), default=1.0) or 1.0
    height = TOP + len(panels) * (PANEL + GAP)
    drawn = "\n".join(_panel(panel, TOP + n * (PANEL + GAP), end, across) for n, panel in enumerate(panels))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + LEGEND} {height}" role="img" '
        f'aria-label="{escape(title)}" font-family="sans-serif" font-size="12">\n'
        f'<rect width="100%" height="100%" fill="#fff"/>\n'
        f'<text x="{LEFT}" y="20" font-size="14">{escape(title)}</text>\n'
        f"{drawn}\n</svg>\n"
    )


def _panel(panel: Panel, top: float, end: float, across: str) -> str:
    most = _round_up(max((y for line in panel.lines.values() for _, y in line), default=1.0))
    bottom = top + PANEL
    marks = "".join(
        f'<line x1="{LEFT}" x2="{LEFT + WIDTH}" y1="{_y(share, top)}" y2="{_y(share, top)}" stroke="#e4e4e4"/>'
        f'<text x="{LEFT - 6}" y="{_y(share, top) + 4}" text-anchor="end">{most * share:g}</text>'
        for share in (0, 0.5, 1)
    )
    times = "".join(
        f'<text x="{LEFT + WIDTH * share:g}" y="{bottom + 16}" text-anchor="middle">{end * share:.3g}</text>'
        for share in (0, 0.25, 0.5, 0.75, 1)
    )
    lines = "".join(
        _line(name, [(LEFT + x / end * WIDTH, _y(y / most, top)) for x, y in points], place, top)
        for place, (name, points) in enumerate(panel.lines.items())
    )
    return (
        f'<text x="{LEFT}" y="{top - 8}">{escape(panel.title)}</text>{marks}{times}'
        f'<text x="{LEFT + WIDTH + 8}" y="{bottom + 16}" fill="#555">{escape(across)}</text>{lines}'
    )


def _line(name: str, points: Sequence[tuple[float, float]], place: int, top: float) -> str:
    colour, dash = COLOURS[place % len(COLOURS)], DASHES[place // 2 % len(DASHES)]
    stroke = f'stroke="{colour}" stroke-width="1.5"' + (f' stroke-dasharray="{dash}"' if dash else "")
    drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    at, height = LEFT + WIDTH + 12, top + 8 + 17 * place
    return (
        f'<polyline points="{drawn}" fill="none" {stroke}/>'
        f'<line x1="{at}" x2="{at + 18}" y1="{height}" y2="{height}" {stroke}/>'
        f'<text x="{at + 24}" y="{height + 4}" fill="{colour}">{escape(name)}</text>'
    )


def _y(share: float, top: float) -> float:
    return round(top + PANEL * (1 - share), 1)


def _round_up(value: float) -> float:
    """The next of 1, 2, 4, 5, 6, 8 or 10 times a power of ten, so that its half is easy to read."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 4, 5, 6, 8, 10) if step * power >= value * 0.9999)
