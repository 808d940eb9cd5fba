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


@dataclass(frozen=True, slots=True)
class Sums:
    """All that an estimate needs of draws: their number, their weights and squared weights, of all and of those that
    are so."""

    count: int = 0
    weights: float = 0.0
    squares: float = 0.0
    weights_so: float = 0.0
    squares_so: float = 0.0

    @classmethod
    def of(cls, draws: Iterable[tuple[float, bool]]) -> Sums:
        """Of pairs (weight, is so)."""
        taken = tuple(draws)
        so = [weight for weight, is_so in taken if is_so]
        everything = [weight for weight, _ in taken]
        return cls(len(taken), sum(everything), sum(w * w for w in everything), sum(so), sum(w * w for w in so))

    def __add__(self, other: Sums) -> Sums:
        return Sums(
            self.count + other.count,
            self.weights + other.weights,
            self.squares + other.squares,
            self.weights_so + other.weights_so,
            self.squares_so + other.squares_so,
        )

    @property
    def share(self) -> Share | None:
        """See ``weighted_share``."""
        if not self.count:
            return None
        share = self.weights_so / self.weights
        effective = self._effective(share)
        low, high = wilson(share, effective)
        return Share(share, low, high, self.count, effective)

    @property
    def kish(self) -> float:
        """Draws of equal probability that say as much whatever the share: Kish (1965)."""
        return self.weights * self.weights / self.squares

    def _effective(self, share: float) -> float:
        deviations = self.squares_so * (1 - share) ** 2 + (self.squares - self.squares_so) * share**2
        spread = deviations / (self.weights * self.weights)
        if not 0 < share < 1 or not spread or self.count < 2:
            return self.kish
        return min(self.kish, share * (1 - share) / (spread * self.count / (self.count - 1)))


def weighted_share(draws: Iterable[tuple[float, bool]]) -> Share | None:
    """Of pairs (weight, is so). None without any draw.

    The estimate is Hájek's (1971), the sum of the weights of those that are so over the sum of all. The interval is
    Wilson's (1927) at the effective number of draws, as Franco et al. (2019, Journal of Survey Statistics and
    Methodology 7: 334-364) advise for small shares: Kish's (1965), or the one that the variance asks for if it is less.
    """
    return Sums.of(draws).share


def counted_share(hits: int, count: int) -> Share | None:
    """The share among draws of equal probability. None without any draw."""
    if not count:
        return None
    low, high = wilson(hits / count, count)
    return Share(hits / count, low, high, count, count)


def bounded_share(share: float, low: float, high: float, count: int) -> Share:
    """With the number of draws at which Wilson's interval would end at ``high``, as draws that say as much."""
    return Share(share, low, high, count, draws_needed(share, high) if share < high else float(count))


def joined(parts: Iterable[tuple[Share | None, float]]) -> Share | None:
    """The share of all, of parts given with their weights. Its interval is the mean of theirs, which is wider than need
    be. None without any part."""
    known = [(part, weight) for part, weight in parts if part is not None and weight]
    if len(known) < 2:
        return known[0][0] if known else None
    total = sum(weight for _, weight in known)
    share, low, high = (
        sum(getattr(part, name) * weight for part, weight in known) / total for name in ("share", "low", "high")
    )
    return bounded_share(share, low, high, sum(part.count for part, _ in known))


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
