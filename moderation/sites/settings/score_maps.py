"""Score maps: curves that turn our values of a signal into those of another scorer, so that a limit that a newsroom set
on the other scale keeps its meaning. Pure arithmetic, and no numpy, which the web service does not have."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

MIN_POINTS, MAX_POINTS = 2, 30
BINS = 25
LEAST_IN_BIN = 5  # texts: a point that rests on fewer says more about those texts than about the scale
LEAST_TEXTS = 50

Points = tuple[tuple[float, float], ...]
"""Our value and the other scorer's, rising."""
ScoreMaps = Mapping[str, Points]
"""By the other scorer's word for it, e.g. TOXICITY."""


def applied(points: Points, value: float) -> float:
    """Between two points the value on the line, beyond the ends that of the end."""
    at = bisect_right(points, value, key=lambda point: point[0])
    if at == 0:
        return points[0][1]
    if at == len(points):
        return points[-1][1]
    (left, low), (right, high) = points[at - 1], points[at]
    return low + (high - low) * (value - left) / (right - left)


def problems(points: Points) -> Iterator[str]:
    """The rules that a curve breaks."""
    if not MIN_POINTS <= len(points) <= MAX_POINTS:
        yield f"must have {MIN_POINTS} to {MAX_POINTS} points"
    if not all(0 <= number <= 1 for point in points for number in point):
        yield "must have values between 0 and 1"
    steps = list(pairwise(points))
    if any(right[0] <= left[0] for left, right in steps):
        yield "must have points that rise in our value"
    if any(right[1] < left[1] for left, right in steps):
        yield "must never fall"


@dataclass(frozen=True, slots=True)
class Pair:
    """The values of both scorers for one text."""

    ours: float
    theirs: float


def fit(pairs: Sequence[Pair]) -> Points:
    """The rising curve nearest to the texts: means over steps of our scale, made monotone by pooling neighbours that
    fall (isotonic regression, Barlow and others 1972). The ends of both scales stay together, so that the whole of the
    other scale can be reached. Raises ValueError for fewer than ``LEAST_TEXTS`` texts.
    """
    if len(pairs) < LEAST_TEXTS:
        raise ValueError(f"{len(pairs)} texts are too few: a curve needs {LEAST_TEXTS}")
    pooled = _pooled([_Block.of(some) for some in _binned(pairs)])
    inner = [(round(block.ours, 4), round(block.theirs, 4)) for block in pooled]
    return ((0.0, 0.0), *(point for point in inner if 0 < point[0] < 1), (1.0, 1.0))


@dataclass(frozen=True, slots=True)
class _Block:
    ours: float
    theirs: float
    weight: int

    @classmethod
    def of(cls, pairs: Sequence[Pair]) -> _Block:
        count = len(pairs)
        return cls(math.fsum(p.ours for p in pairs) / count, math.fsum(p.theirs for p in pairs) / count, count)

    def with_next(self, other: _Block) -> _Block:
        weight = self.weight + other.weight
        ours = (self.ours * self.weight + other.ours * other.weight) / weight
        return _Block(ours, (self.theirs * self.weight + other.theirs * other.weight) / weight, weight)


def _binned(pairs: Sequence[Pair]) -> list[list[Pair]]:
    """Steps of equal width on our scale; one with too few texts joins the one below."""
    by_step: list[list[Pair]] = [[] for _ in range(BINS)]
    for pair in pairs:
        by_step[min(BINS - 1, int(pair.ours * BINS))].append(pair)
    joined: list[list[Pair]] = []
    for step in filter(None, by_step):
        if joined and (len(step) < LEAST_IN_BIN or len(joined[-1]) < LEAST_IN_BIN):
            joined[-1] += step
        else:
            joined.append(step)
    return joined


def _pooled(blocks: Sequence[_Block]) -> list[_Block]:
    rising: list[_Block] = []
    for block in blocks:
        rising.append(block)
        while len(rising) > 1 and rising[-2].theirs >= rising[-1].theirs:
            last = rising.pop()
            rising[-1] = rising[-1].with_next(last)
    return rising
