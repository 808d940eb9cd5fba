"""Shares estimated from draws with known probabilities, with intervals, and tests of whether two shares differ.

Every formula is named after its source. A draw's weight is the inverse of its probability.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import erfc, inf, sqrt

Z = 1.959963984540054  # two-sided 95 %


@dataclass(frozen=True, slots=True)
class Share:
    """An estimated share with its interval of 95 %."""

    share: float
    low: float
    high: float
    count: int  # draws that it rests on
    effective: float  # draws of equal probability that would say as much

    @property
    def width(self) -> float:
        return self.high - self.low


def weighted_share(draws: Iterable[tuple[float, bool]]) -> Share | None:
    """Of pairs (weight, is so). None without any draw.

    The estimate is Hájek's (1971), the sum of the weights of those that are so over the sum of all. The interval is
    Wilson's (1927) at the effective number of draws, as Franco et al. (2019, Journal of Survey Statistics and
    Methodology 7: 334-364) advise for small shares: Kish's (1965), or the one that the variance asks for if it is less.
    """
    taken = tuple(draws)
    if not taken:
        return None
    total = sum(weight for weight, _ in taken)
    share = sum(weight for weight, is_so in taken if is_so) / total
    effective = _effective(taken, share, total)
    low, high = wilson(share, effective)
    return Share(share, low, high, len(taken), effective)


def counted_share(hits: int, count: int) -> Share | None:
    """Of draws of equal probability. None without any draw."""
    if not count:
        return None
    low, high = wilson(hits / count, count)
    return Share(hits / count, low, high, count, count)


def wilson(share: float, n: float, *, z: float = Z) -> tuple[float, float]:
    """The interval of a share of ``n`` draws, which need not be whole."""
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))


def draws_needed(share: float, most: float, *, z: float = Z) -> float:
    """Returns the number of draws at which the upper end of Wilson's interval of this share is ``most``: his equation
    solved for the number. It is infinite for a share that is no less than ``most``."""
    return z * z * most * (1 - most) / (most - share) ** 2 if share < most else inf


def difference_by_chance(share: Share, other: Share) -> float:
    """How likely two equal shares would differ as much or more (two-sided). It is the test of two proportions with a
    pooled share, at the effective numbers of draws."""
    n, m = share.effective, other.effective
    pooled = (share.share * n + other.share * m) / (n + m)
    spread = sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    return erfc(abs(share.share - other.share) / spread / sqrt(2)) if spread else 1.0


def corrected(chances: Sequence[float]) -> list[float]:
    """The same chances where many were looked at: Holm (1979). One below 0.05 is then rarely wrong about any."""
    order = sorted(range(len(chances)), key=chances.__getitem__)
    adjusted, least = [1.0] * len(chances), 0.0
    for rank, at in enumerate(order):
        least = max(least, min(1.0, chances[at] * (len(chances) - rank)))
        adjusted[at] = least
    return adjusted


def _effective(taken: Sequence[tuple[float, bool]], share: float, total: float) -> float:
    squares = sum(weight * weight for weight, _ in taken)
    kish = total * total / squares
    spread = sum((weight * (is_so - share)) ** 2 for weight, is_so in taken) / (total * total)
    if not 0 < share < 1 or not spread or len(taken) < 2:
        return kish
    return min(kish, share * (1 - share) / (spread * len(taken) / (len(taken) - 1)))
