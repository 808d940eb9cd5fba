"""Reads the labelled comments on news, and some more of Wikipedia's talk pages.

Their sources say 0 or 1 where they say it at all: the labels are taken back to what the raters' shares must have been.
"""

import csv
import gzip
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from training.rows.assemble import LARGEST, SMALLEST, TOXICITY, WEAK_WEIGHT
from training.rows.dataset import LABELS, Rows

NEWS_TRAIN = Path("news", "english_train.csv.gz")
NEWS_VALID = Path("news", "english_valid.csv.gz")
NATURAL_MIX = Path("news", "news_natural_mix_valid.csv.gz")
PUBLISHED = Path("news", "news_published_limits_only.csv.gz")

CIVIL_COMMENTS = "civil_comments"
"""The sources of comments on news begin with it."""

PLAIN = 0.92
"""A label of 1 in a source of 0 and 1 alone: such rows had at least 0.5 to 0.9 of the raters."""

IMPLIED_WEIGHT = 0.5
"""Of a toxicity that follows from another label, such as a threat."""

FLAGGED, FLAGGED_TOXICITY, FLAGGED_ATTACK = "civil_but_flagged", 0.25, 0.1
"""Rows that name a group and are civil by their raters, with at most half of them of another mind."""


def news_rows(path: Path) -> Rows:
    """The rows of one file. A label that is unknown is NaN; a label that follows from another weighs less than 1."""
    texts: list[str] = []
    sources: list[str] = []
    labels: list[list[float]] = []
    weights: list[list[float]] = []
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        for record in csv.DictReader(lines):
            values, counts = _labels(record)
            texts.append(record["text"])
            sources.append(record["source"])
            labels.append(values)
            weights.append(counts)
    shape = (len(texts), len(LABELS))
    given, counted = (np.asarray(numbers, dtype=np.float32).reshape(shape) for numbers in (labels, weights))
    return Rows(tuple(texts), given, counted, tuple(sources))


def _labels(record: Mapping[str, str]) -> tuple[list[float], list[float]]:
    """The six labels of a row, and how much each counts."""
    values = [_softened(record[name]) for name in LABELS]
    counts = [1.0] * len(LABELS)
    implied = record.get("toxicity_implied", "")
    if np.isnan(values[TOXICITY]) and implied.strip():
        values[TOXICITY], counts[TOXICITY] = _softened(implied), IMPLIED_WEIGHT
    if FLAGGED in record["source"]:
        values[TOXICITY] = max(values[TOXICITY], FLAGGED_TOXICITY)
        _fill(values, counts, "identity_attack", FLAGGED_ATTACK)
    elif record["toxicity"].strip() and float(record["toxicity"]) == 0:
        for name in LABELS[1:]:
            _fill(values, counts, name, SMALLEST)
    return values, counts


def _fill(values: list[float], counts: list[float], label: str, value: float) -> None:
    place = LABELS.index(label)
    if np.isnan(values[place]):
        values[place], counts[place] = value, WEAK_WEIGHT


def _softened(cell: str) -> float:
    """A share of raters as it is, but off 0 and 1."""
    if not cell.strip():
        return float("nan")
    value = float(cell)
    return PLAIN if value == 1 else min(LARGEST, max(SMALLEST, value))
