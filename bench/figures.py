"""Percentiles, and a straight line through measurements with the error of its slope."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, linear_regression


@dataclass(frozen=True, slots=True)
class Slope:
    """Change per unit of x, and its standard error by ordinary least squares.

    The error assumes independent residuals. A process's memory a moment later is not, so the error is a lower bound.
    """

    per_unit: float
    error: float

    @property
    def is_clear(self) -> bool:
        """Beyond three standard errors."""
        return abs(self.per_unit) > 3 * self.error


def slope(x: Sequence[float], y: Sequence[float]) -> Slope | None:
    """None for fewer than three points, which leave a line without an error."""
    if len(x) < 3 or len(set(x)) < 2:
        return None
    fitted, middle = linear_regression(x, y), fmean(x)
    residuals = sum((b - fitted.intercept - fitted.slope * a) ** 2 for a, b in zip(x, y, strict=True))
    spread = sum((a - middle) ** 2 for a in x)
    return Slope(fitted.slope, math.sqrt(residuals / (len(x) - 2) / spread))


def percentile(ranked: Sequence[float], share: float) -> float:
    """Of values in order; NaN if there are none."""
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else math.nan


def ratio(a: float, b: float) -> str:
    """``a`` divided by ``b``, for people."""
    return "–" if not b or math.isnan(a) or math.isnan(b) else f"{a / b:.2f}"


def in_ms(seconds: float) -> str:
    return "–" if math.isnan(seconds) else f"{seconds * 1000:.1f}" if seconds < 0.1 else f"{seconds * 1000:.0f}"
