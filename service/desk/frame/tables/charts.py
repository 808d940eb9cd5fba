"""Charts as inline SVG, drawn with attributes alone, because the content policy allows no inline styles."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from service.languages.wording import N_, gettext

WIDTH, HEIGHT = 600, 120
HEIGHTS = N_("Bar heights are square roots of the counts, so that small numbers show.")
CURVE_HEIGHT = 160


def histogram(counts: Sequence[int], *, low: float, high: float, limit: float | None = None) -> Markup:
    """Bars over 0..1, those within ``low..high`` highlighted. Heights are square roots, so that small counts show."""
    top = max(counts, default=0) or 1
    width = WIDTH / len(counts)
    bars = []
    for number, count in enumerate(counts):
        height = round((count / top) ** 0.5 * (HEIGHT - 4), 1)
        middle = (number + 0.5) / len(counts)
        bars.append(
            _BAR.format("in" if low <= middle <= high else "out", round(number * width + 1, 1), HEIGHT - height,
                        round(width - 2, 1), height)
        )  # fmt: skip
    line = _LIMIT.format(round(limit * WIDTH, 1), HEIGHT) if limit is not None else Markup()
    return _HISTOGRAM.format(WIDTH, HEIGHT, gettext(HEIGHTS), Markup("").join(bars), line)


def line(values: Sequence[float], *, title: str, height: int = 60) -> Markup:
    """One series from left to right with its area filled. The scale goes from zero to the greatest value."""
    top = max(values, default=0) or 1
    step = WIDTH / max(1, len(values) - 1)
    points = [(round(n * step, 1), round(height - 2 - value / top * (height - 6), 1)) for n, value in enumerate(values)]
    if len(points) == 1:
        points.append((float(WIDTH), points[0][1]))
    drawn = " ".join(f"{x},{y}" for x, y in points)
    area = f"0,{height} {drawn} {points[-1][0] if points else 0},{height}"
    return _LINE.format(WIDTH, height, title, area, drawn)


def curve(points: Sequence[tuple[float, float, float, float]], *, wish: float, title: str) -> Markup:
    """Errors over shares that are automated, each with its interval: (automated, error, low, high), from left to right.
    A line crosses at the error that is wished for."""
    top = max(wish * 1.5, max((error for _, error, _, _ in points), default=0) * 1.2) or 1

    def at(share: float, error: float) -> str:
        return f"{round(share * WIDTH, 1)},{round((1 - min(error, top) / top) * CURVE_HEIGHT, 1)}"

    drawn = " ".join(at(share, error) for share, error, _, _ in points)
    band = [at(share, high) for share, _, _, high in points] + [at(share, low) for share, _, low, _ in reversed(points)]
    height = round((1 - wish / top) * CURVE_HEIGHT, 1)
    return _CURVE.format(WIDTH, CURVE_HEIGHT, title, " ".join(band), drawn, height)


def against(values: Sequence[float], target: float, *, title: str, height: int = 60) -> Markup:
    """As ``line``, with the target as a line across. The scale goes to the greater of both."""
    top = max([*values, target]) or 1
    step = WIDTH / max(1, len(values) - 1)

    def at(value: float) -> float:
        return round(height - 2 - value / top * (height - 6), 1)

    points = [(round(n * step, 1), at(value)) for n, value in enumerate(values)]
    if len(points) == 1:
        points.append((float(WIDTH), points[0][1]))
    drawn = " ".join(f"{x},{y}" for x, y in points)
    return _AGAINST.format(WIDTH, height, title, drawn, WIDTH, at(target))


_BAR = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>')
_LIMIT = Markup('<line class="limit" x1="{0}" x2="{0}" y1="0" y2="{1}"/>')
_HISTOGRAM = Markup(
    '<svg class="histogram" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">'
    "<title>{}</title>{}{}</svg>"
)
_AGAINST = Markup(
    '<svg class="line" viewBox="0 0 {0} {1}" preserveAspectRatio="none" role="img" aria-label="{2}">'
    '<polyline points="{3}"/><line class="limit" x1="0" x2="{4}" y1="{5}" y2="{5}"/></svg>'
)
_LINE = Markup(
    '<svg class="line" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'
    '<polygon points="{}"/><polyline points="{}"/></svg>'
)
_CURVE = Markup(
    '<svg class="line curve" viewBox="0 0 {0} {1}" preserveAspectRatio="none" role="img" aria-label="{2}">'
    '<polygon points="{3}"/><polyline points="{4}"/><line class="limit" x1="0" x2="{0}" y1="{5}" y2="{5}"/></svg>'
)
