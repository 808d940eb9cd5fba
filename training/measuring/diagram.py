"""Draw diagrams as SVG: reliability, one line per label beside a diagonal, and what limits hold and catch."""

from collections.abc import Mapping, Sequence
from html import escape

from training.measuring.metrics import Bin

SIZE, MARGIN = 360, 48
COLOURS = ("#1b6ca8", "#b3261e", "#2e7d32", "#8e24aa", "#a15c00", "#455a64")


def reliability_svg(title: str, lines: Mapping[str, tuple[Bin, ...]]) -> str:
    """An SVG of mean label (upward) against mean score (rightward); a dot's area grows with its share of rows."""
    body = [_frame(title, "score", "share labelled so by people")]
    for place, (name, bars) in enumerate(lines.items()):
        body.append(_line(name, bars, COLOURS[place % len(COLOURS)], place))
    return _whole(body)


def trade_off_svg(title: str, points: Sequence[tuple[float, float]], across: str, upward: str) -> str:
    """An SVG of one share against another, both from 0 to 1, one dot for each choice."""
    dots = "".join(
        f'<circle cx="{_x(x)}" cy="{_y(y)}" r="3" fill="{COLOURS[0]}"><title>{x:.1%}, {y:.1%}</title></circle>'
        for x, y in points
    )
    joined = " ".join(f"{_x(x)},{_y(y)}" for x, y in points)
    return _whole(
        [_frame(title, across, upward), f'<polyline points="{joined}" fill="none" stroke="{COLOURS[0]}"/>{dots}']
    )


def _whole(body: Sequence[str]) -> str:
    width = SIZE + 2 * MARGIN + 130
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {SIZE + 2 * MARGIN}" '
        f'font-family="sans-serif" font-size="12">\n<rect width="100%" height="100%" fill="#fff"/>\n'
        + "\n".join(body)
        + "\n</svg>\n"
    )


def _x(value: float) -> float:
    return round(MARGIN + value * SIZE, 1)


def _y(value: float) -> float:
    return round(MARGIN + (1 - value) * SIZE, 1)


def _frame(title: str, across: str, upward: str) -> str:
    ticks = "".join(
        f'<text x="{_x(t)}" y="{_y(0) + 18}" text-anchor="middle">{t:g}</text>'
        f'<text x="{_x(0) - 8}" y="{_y(t) + 4}" text-anchor="end">{t:g}</text>'
        for t in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    )
    return (
        f'<text x="{MARGIN}" y="24" font-size="14">{escape(title)}</text>'
        f'<rect x="{_x(0)}" y="{_y(1)}" width="{SIZE}" height="{SIZE}" fill="none" stroke="#999"/>'
        f'<line x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}" stroke="#bbb" stroke-dasharray="4 4"/>{ticks}'
        f'<text x="{_x(0.5)}" y="{_y(0) + 38}" text-anchor="middle">{escape(across)}</text>'
        f'<text transform="rotate(-90)" x="{-_y(0.5)}" y="14" text-anchor="middle">{escape(upward)}</text>'
    )


def _line(name: str, bars: tuple[Bin, ...], colour: str, place: int) -> str:
    rows = max(1, sum(bar.rows for bar in bars))
    points = " ".join(f"{_x(bar.score)},{_y(bar.label)}" for bar in bars)
    dots = "".join(
        f'<circle cx="{_x(bar.score)}" cy="{_y(bar.label)}" r="{2 + 8 * (bar.rows / rows) ** 0.5:.1f}" '
        f'fill="{colour}" fill-opacity="0.6"><title>{escape(name)}: {bar.rows} rows</title></circle>'
        for bar in bars
    )
    legend_y = MARGIN + 16 + 20 * place
    return (
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>{dots}'
        f'<text x="{SIZE + MARGIN + 14}" y="{legend_y}" fill="{colour}">{escape(name)}</text>'
    )
