"""A simulated year of an archive whose labels are all known: people see only a part of the comments, and a few others
drawn at random. Without and with the correction for the draws, a house model learns from those; its belief about the
comments that nobody saw is held against their labels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from moderation.store.examples import Source
from workers.learning.house_judging import area
from workers.learning.house_learning import learn
from workers.learning.house_matrix import Bools, Doubles, Seen, general_score, scores_by

FLAGGED = 0.2  # of the comments, those with the highest scores of the shipped models
CHECKED = 0.05  # of those that people do not see otherwise
REPORTED = 0.4  # of the unflagged comments that people would reject: readers report them, and people see them
REPORTED_FOR_NOTHING = 0.01  # of the others
DRAWS = 6  # years with the same comments and other draws

Draw = np.random.Generator
Select = Callable[[Doubles, Bools, Draw], Bools]


@dataclass(frozen=True, slots=True)
class Believed:
    """Means over the draws. ``off`` is how far the believed share of rejections among the comments that nobody saw is
    from the true one: its mean, and ``spread`` its root mean square. ``auc`` is of the newest comments."""

    share: float
    off: float
    spread: float
    auc: float


@dataclass(frozen=True, slots=True)
class Year:
    decisions: float
    checks: float
    true_share: float  # of the comments that nobody saw, those that people would reject
    without: Believed
    corrected: Believed


def years(seen: Sequence[Seen], judged: float) -> dict[str, dict[str, Any] | None]:
    """By how comments come before people, as JSON. None where the decisions are too few to learn from."""
    found = {name: _years(seen, judged, select) for name, select in SELECTED.items()}
    return {name: year and asdict(year) for name, year in found.items()}


def in_words(found: Mapping[str, Mapping[str, Any] | None]) -> list[str]:
    """A line for each way in which comments come before people."""
    return [f"a simulated year, {name}: {_line(year) if year else 'too few decisions'}" for name, year in found.items()]


def _line(year: Mapping[str, Any]) -> str:
    believed = ", ".join(
        f"{words} {year[name]['share']:.1%} (off by {year[name]['spread']:.1%}, AUC {year[name]['auc']:.3f})"
        for words, name in (("without the correction", "without"), ("with it", "corrected"))
    )
    seen = f"{year['decisions']:,.0f} decisions, {year['checks']:,.0f} of them checks"
    return f"{seen}; of the comments that nobody saw {year['true_share']:.1%} are to reject; {believed}"


def by_score(scores: Doubles, _rejected: Bools, _draw: Draw) -> Bools:
    """Those with the highest scores, which the house model knows too."""
    flagged: Bools = scores >= np.quantile(scores, 1 - FLAGGED)
    return flagged


def by_complaint(scores: Doubles, rejected: Bools, draw: Draw) -> Bools:
    """And those that readers report, of which no model may know."""
    chance = np.where(rejected, REPORTED, REPORTED_FOR_NOTHING)
    found: Bools = by_score(scores, rejected, draw) | (draw.random(len(scores)) < chance)
    return found


SELECTED: Mapping[str, Select] = {"by score": by_score, "by score and by report": by_complaint}


def _years(seen: Sequence[Seen], judged: float, select: Select) -> Year | None:
    found = [_year(seen, judged, select, np.random.default_rng(seed)) for seed in range(DRAWS)]
    whole = [year for year in found if year is not None]
    if len(whole) < DRAWS:
        return None
    decisions, checks, true = (float(np.mean([year[at] for year in whole])) for at in range(3))
    without, corrected = (_mean([(year[2], year[at]) for year in whole]) for at in (3, 4))
    return Year(decisions, checks, true, without, corrected)


def _mean(found: Sequence[tuple[float, tuple[float, float]]]) -> Believed:
    """Of pairs of the true share, and the believed one with the AUC."""
    off = [believed - true for true, (believed, _auc) in found]
    shares, aucs = zip(*(believed for _true, believed in found), strict=True)
    return Believed(
        float(np.mean(shares)), float(np.mean(off)), float(np.sqrt(np.mean(np.square(off)))), float(np.mean(aucs))
    )


def _year(
    seen: Sequence[Seen], judged: float, select: Select, draw: Draw
) -> tuple[int, int, float, tuple[float, float], tuple[float, float]] | None:
    """Decisions, checks, the true share, and the believed share with the AUC, without and with the correction."""
    cut = int(len(seen) * (1 - judged))
    older, newest = seen[:cut], seen[cut:]
    rejected = np.asarray([one.example.is_rejected for one in older])
    scores = np.nan_to_num(np.asarray([general_score(one.values) for one in older]), nan=0.0)
    selected = select(scores, rejected, draw)
    drawn = ~selected & (draw.random(cut) < CHECKED)
    known = np.flatnonzero(selected | drawn)
    unseen = [older[row] for row in np.flatnonzero(~selected & ~drawn)]
    plain = [older[row] for row in known]
    weighed = [_weighed(older[row]) if drawn[row] else older[row] for row in known]
    believed = [_believed(examples, unseen, newest) for examples in (plain, weighed)]
    if believed[0] is None or believed[1] is None:
        return None
    true = float(rejected[~selected & ~drawn].mean())
    return len(known), int(drawn.sum()), true, believed[0], believed[1]


def _believed(examples: Sequence[Seen], unseen: Sequence[Seen], newest: Sequence[Seen]) -> tuple[float, float] | None:
    model = learn(examples, now=datetime.now(UTC)).model
    if model is None:
        return None
    labels = np.asarray([one.example.is_rejected for one in newest])
    return float(scores_by(model, unseen).mean()), area(scores_by(model, newest), labels, np.ones(len(labels)))


def _weighed(one: Seen) -> Seen:
    return replace(one, example=replace(one.example, source=Source.CHECK, weight=1 / CHECKED))
