"""How far a share that was counted on a sample can be trusted."""

from __future__ import annotations

import math
from dataclasses import dataclass

Z = 1.96  # 95 %


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its 95 % interval, and the size of the sample that it comes from."""

    share: float
    low: float
    high: float
    of: float


def wilson(hits: float, of: float) -> Share | None:
    """Wilson's score interval; None for an empty sample. Neither number has to be whole.

    https://en.wikipedia.org/wiki/Binomial_proportion_confidence_interval#Wilson_score_interval
    """
    if of <= 0:
        return None
    share = hits / of
    spread = 1 + Z * Z / of
    middle = (share + Z * Z / (2 * of)) / spread
    reach = Z / spread * math.sqrt(share * (1 - share) / of + Z * Z / (4 * of * of))
    return Share(share, max(0.0, middle - reach), min(1.0, middle + reach), of)


def weighted(hits: float, weights: float, squares: float) -> Share | None:
    """Of a sample in which each one speaks for as many as its weight: the sums of the weights of the hits, of all, and
    of their squares. The interval is that of Kish's effective sample size.

    https://en.wikipedia.org/wiki/Effective_sample_size#Weighted_samples
    """
    if weights <= 0 or squares <= 0:
        return None
    effective = weights * weights / squares
    return wilson(hits / weights * effective, effective)
