"""The errors under all limits of a score from one curve: how likely people reject a comment rises with its score.

An error that is counted under one limit rests on the few wrong comments below it, and the mildest of a hundred limits
flatters itself. Here all checked comments say how the chance rises, those beyond a limit, too. The chance at a score is
a floor, below which nothing lowers it, and a logistic rise above it; floor, level and steepness have a spread prior,
and what they may be after the checks is counted on a grid that narrows. Arithmetic only.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, product
from math import exp, log
from operator import mul

from moderation.ground.estimates import Share, Sums, bounded_share, wilson

STEPS = 100
LEVELS, STEEPNESS, FLOORS = (-6.0, 2.0), (0.0, 3.5), (log(5e-4), log(0.3))
"""The ranges of the prior, which is even over them: the log-odds at the mean score beside those of all comments
together, their rise with the log-odds of the score, and the logarithm of the floor."""

GRID = (15, 9, 10)  # values of each
NARROWINGS = 2
NEGLIGIBLE = 7.0  # of log likelihood below the best
TAIL = 0.025  # how likely the error is above the end of its interval
GUARD_Z = 0.6
"""Nothing is promised below the upper end of Wilson's interval at this z, whatever the curve says: it is the guard
against a curve of another shape."""

Draw = tuple[int, float, bool]
"""A checked comment: how many of the limits its score is beyond, its weight, and whether the verdict was wrong. It is
likelier wrong, the more limits the score is beyond."""

Range = tuple[float, float]
Box = tuple[Range, Range, Range]


@dataclass(frozen=True, slots=True)
class _Cell:
    """The comments between two neighbouring limits."""

    place: float  # log-odds of the middle
    sums: Sums  # of those that are wrong

    @property
    def wrong(self) -> float:
        """Of draws of equal weight that say as much."""
        return self.sums.kish * self.sums.weights_so / self.sums.weights

    @property
    def right(self) -> float:
        return self.sums.kish - self.wrong


@dataclass(frozen=True, slots=True)
class _Curve:
    """The chances at the cells, and how plausible they are."""

    chances: tuple[float, ...]
    log_likelihood: float
    node: tuple[float, float, float]


def shares_below(draws: Sequence[Draw]) -> list[Share | None]:
    """Of the comments within each limit, from the strictest on, and within none at all, the share that is wrong; None
    where there are none."""
    if not draws:
        return [None] * STEPS
    cells = _cells(draws)
    numbers, row = list(cells), list(cells.values())
    curves, counted = _plausible(row), list(accumulate(cell.sums for cell in row))
    errors = [[part / sums.weights for part, sums in zip(_parts(curve, row), counted, strict=True)] for curve in curves]
    best = max(curve.log_likelihood for curve in curves)
    plausible = [exp(curve.log_likelihood - best) for curve in curves]
    by_cell = [
        _bounded(sums, [(of_curve[at], chance) for of_curve, chance in zip(errors, plausible, strict=True)])
        for at, sums in enumerate(counted)
    ]
    within = [bisect_left(numbers, limit) for limit in range(1, STEPS + 1)]
    return [by_cell[cells_within - 1] if cells_within else None for cells_within in within]


def _bounded(sums: Sums, errors: Sequence[tuple[float, float]]) -> Share | None:
    """The counted share, whose interval ends where the curves' errors do, given with how plausible each is."""
    counted, ordered = sums.share, sorted(errors)
    if counted is None:
        return None
    chances = list(accumulate(chance for _error, chance in ordered))
    high = ordered[bisect_left(chances, (1 - TAIL) * chances[-1])][0]
    least = wilson(counted.share, counted.effective, z=GUARD_Z)[1]
    return bounded_share(counted.share, counted.low, max(high, least), counted.count)


def _cells(draws: Sequence[Draw]) -> dict[int, _Cell]:
    """From the strictest limit on."""
    grouped: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for number, weight, is_wrong in sorted(draws):
        grouped[number].append((weight, is_wrong))
    return {number: _Cell(_place(number), Sums.of(pairs)) for number, pairs in grouped.items()}


def _place(number: int) -> float:
    middle = (number + 0.5) / STEPS
    return log(middle / (1 - middle))


def _plausible(row: Sequence[_Cell]) -> list[_Curve]:
    """The curves that are not negligible, on the grid that narrowed around them."""
    box: Box = (LEVELS, STEEPNESS, FLOORS)
    curves = _near_best(row, box)
    for _ in range(NARROWINGS):
        box = _narrowed(box, curves)
        curves = _near_best(row, box)
    return curves


def _near_best(row: Sequence[_Cell], box: Box) -> list[_Curve]:
    curves = list(_curves(row, box))
    best = max(curve.log_likelihood for curve in curves)
    return [curve for curve in curves if curve.log_likelihood >= best - NEGLIGIBLE]


def _narrowed(box: Box, curves: Sequence[_Curve]) -> Box:
    """From one step below the lowest value of each to one above the highest."""
    ranges = []
    for at, (low, high) in enumerate(box):
        step = (high - low) / (GRID[at] - 1)
        values = [curve.node[at] for curve in curves]
        ranges.append((max(low, min(values) - step), min(high, max(values) + step)))
    return ranges[0], ranges[1], ranges[2]


def _curves(row: Sequence[_Cell], box: Box) -> Iterator[_Curve]:
    mean = sum(cell.place * cell.sums.weights for cell in row) / sum(cell.sums.weights for cell in row)
    places = [cell.place - mean for cell in row]
    right, wrong = [cell.right for cell in row], [cell.wrong for cell in row]
    overall = log((sum(wrong) + 0.5) / (sum(right) + 0.5))
    levels, rises, floors = (_spread(bounds, number) for bounds, number in zip(box, GRID, strict=True))
    for level, rise in product(levels, rises):
        risen = [1 / (1 + exp(-min(30.0, max(-30.0, overall + level + rise * place)))) for place in places]
        for floor in floors:
            least = exp(floor)
            chances = tuple([least + (1 - least) * chance for chance in risen])
            likely = sum(map(mul, wrong, map(log, chances)))
            likely += sum(map(mul, right, [log(1 - chance + 1e-12) for chance in chances]))
            yield _Curve(chances, likely, (level, rise, floor))


def _spread(bounds: Range, number: int) -> list[float]:
    low, high = bounds
    return [low + (high - low) * at / (number - 1) for at in range(number)]


def _parts(curve: _Curve, row: Sequence[_Cell]) -> Iterator[float]:
    return accumulate(chance * cell.sums.weights for chance, cell in zip(curve.chances, row, strict=True))
