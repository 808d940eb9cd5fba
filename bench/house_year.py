"""A simulated year of an archive whose labels are all known: people see only a part of the comments, and a few that
were drawn at random among those that the policy would publish. Without and with the correction for the draws, a house
model learns from these. Its belief about the newest unflagged comments is held against their labels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from moderation.learning.examples import FEWEST_OF_EACH
from workers.learning.house_fit import fitted
from workers.learning.house_judging import area
from workers.learning.house_learning import tuned
from workers.learning.house_matrix import Bools, Doubles, Matrix, Rows, Seen, matrix
from workers.scoring.engines.onnx import sigmoid

FLAGGED = 0.2  # of the comments, those with the highest scores of the shipped models
CHECKED = 0.05  # of the unflagged comments, whether readers report them later or not
REPORTED = 0.4  # of the unflagged comments that people would reject: readers report them, and people see them
REPORTED_FOR_NOTHING = 0.01  # of the others
DRAWS = 10  # years with the same comments and other draws

Draw = np.random.Generator
Reports = Callable[[Bools, Draw], Bools]


@dataclass(frozen=True, slots=True)
class Believed:
    """Means over the draws. ``off`` is how far the believed share of rejections among the newest unflagged comments is
    from the true one: its mean, and ``spread`` its root mean square. ``auc`` is of all the newest."""

    share: float
    off: float
    spread: float
    auc: float


@dataclass(frozen=True, slots=True)
class Year:
    decisions: float
    checks: float
    true_share: float  # of the newest unflagged comments, those that people would reject
    without: Believed
    corrected: Believed


def years(seen: Sequence[Seen], judged: float) -> dict[str, dict[str, Any] | None]:
    """By how comments come before people, as JSON. None where the decisions are too few to learn from."""
    data = matrix(seen)
    found = {name: _years(data, judged, reports) for name, reports in REPORTS.items()}
    return {name: None if year is None else asdict(year) for name, year in found.items()}


def in_words(found: Mapping[str, Mapping[str, Any] | None]) -> list[str]:
    """A line for each way in which comments come before people."""
    return [f"a simulated year, {name}: {_line(year) if year else 'too few decisions'}" for name, year in found.items()]


def _line(year: Mapping[str, Any]) -> str:
    believed = ", ".join(
        f"{words} {year[name]['share']:.1%} (off by {year[name]['spread']:.1%}, AUC {year[name]['auc']:.3f})"
        for words, name in (("without the correction", "without"), ("with it", "corrected"))
    )
    seen = f"{year['decisions']:,.0f} decisions, {year['checks']:,.0f} of them checks"
    return f"{seen}; of the newest unflagged comments {year['true_share']:.1%} are to reject; {believed}"


def nobody_reports(rejected: Bools, _draw: Draw) -> Bools:
    """People see what the scores flag, and the house model knows the scores."""
    return np.zeros(len(rejected), dtype=bool)


def readers_report(rejected: Bools, draw: Draw) -> Bools:
    """People see these, too. No model may know of reports, as they come later."""
    found: Bools = draw.random(len(rejected)) < np.where(rejected, REPORTED, REPORTED_FOR_NOTHING)
    return found


REPORTS: Mapping[str, Reports] = {"flagged by score": nobody_reports, "and reported by readers": readers_report}


@dataclass(frozen=True, slots=True)
class _Simulated:
    """One draw. Without and with the correction: the believed share, and the AUC."""

    decisions: int
    checks: int
    true: float
    without: tuple[float, float]
    corrected: tuple[float, float]


def _years(data: Matrix, judged: float, reports: Reports) -> Year | None:
    found = [_year(data, judged, reports, np.random.default_rng(seed)) for seed in range(DRAWS)]
    whole = [one for one in found if one is not None]
    if len(whole) < DRAWS:
        return None
    return Year(
        float(np.mean([one.decisions for one in whole])),
        float(np.mean([one.checks for one in whole])),
        float(np.mean([one.true for one in whole])),
        _mean([(one.true, one.without) for one in whole]),
        _mean([(one.true, one.corrected) for one in whole]),
    )


def _mean(found: Sequence[tuple[float, tuple[float, float]]]) -> Believed:
    """Of pairs of the true share, and the believed one with the AUC."""
    off = [believed - true for true, (believed, _auc) in found]
    shares, aucs = zip(*(believed for _true, believed in found), strict=True)
    return Believed(
        float(np.mean(shares)), float(np.mean(off)), float(np.sqrt(np.mean(np.square(off)))), float(np.mean(aucs))
    )


def _year(data: Matrix, judged: float, reports: Reports, draw: Draw) -> _Simulated | None:
    cut = int(len(data) * (1 - judged))
    rejected, scores = data.rejected[:cut], np.nan_to_num(data.general, nan=0.0)
    flagged = scores >= np.quantile(scores[:cut], 1 - FLAGGED)
    reported = ~flagged[:cut] & reports(rejected, draw)
    drawn = ~flagged[:cut] & (draw.random(cut) < CHECKED)
    known = np.flatnonzero(flagged[:cut] | reported | drawn)
    if min(rejected[known].sum(), (~rejected[known]).sum()) < FEWEST_OF_EACH:
        return None
    silent = np.flatnonzero(~flagged[cut:])
    weights = np.where((drawn & ~reported)[known], 1 / CHECKED, 1.0)  # people see a reported one anyway
    without, corrected = (_believed(data, known, each, cut, silent) for each in (np.ones(len(known)), weights))
    true = float(data.rejected[cut:][silent].mean())
    return _Simulated(len(known), int(drawn.sum()), true, without, corrected)


def _believed(data: Matrix, known: Rows, weights: Doubles, cut: int, silent: Rows) -> tuple[float, float]:
    """Of the ``silent`` comments from ``cut`` on the share, and of all of them the AUC."""
    numbers, labels = data.numbers[known], data.rejected[known]
    strength, slope, shift = tuned(numbers, labels, weights)
    logits = fitted(numbers, labels, weights, strength=strength).bent(slope, shift).logits(data.numbers[cut:])
    newest = data.rejected[cut:]
    return float(sigmoid(logits[silent].astype(np.float32)).mean()), area(logits, newest, np.ones(len(newest)))
