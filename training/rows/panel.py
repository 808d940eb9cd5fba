"""Reads the comments on news that were read whole under the guideline, and the rows that came with them.

The natural mix with its readings measures and chooses limits: no row of it is learned from.
"""

import csv
import gzip
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.rows.assemble import LARGEST, SMALLEST, TOXICITY, WEAK_WEIGHT
from training.rows.dataset import LABELS, Floats, Rows

PANEL_TRAIN = Path("panel", "english_train_panel.csv.gz")
PANEL_MIX = Path("panel", "news_natural_mix_valid_panel.csv.gz")
FOUND_TRAIN = Path("found", "english_train.csv.gz")
PERSPECTIVE = Path("found", "english_perspective_scores_train.csv.gz")

PANEL = "panel_"
"""The sources of comments that were read begin with it."""

NEUTRAL, TOXIC_FROM = 0.5, 0.65
"""On Ruddit's scale a comment is neutral at the first, and the toxic ones begin near the second."""

CIVIL_TO = 0.1
"""A comment that the reading calls so civil is neither obscene nor a threat, at a low weight."""


@dataclass(frozen=True, slots=True)
class Mixed:
    """Comments as a news site gets them, with the crowd's votes and the mean of the readings, shape (texts,)."""

    texts: tuple[str, ...]
    crowd: Floats
    readings: Floats
    agreed: NDArray[np.str_]

    @property
    def toxic(self) -> NDArray[np.bool_]:
        """Those that crowd and readings call toxic."""
        return np.asarray(self.agreed == "toxic")

    @property
    def civil(self) -> NDArray[np.bool_]:
        """Those that both call civil."""
        return np.asarray(self.agreed == "civil")


def read_mix(data: Path) -> Mixed:
    """The natural mix, in its file's order."""
    records = list(_records(data / PANEL_MIX))
    means = [(float(record["reading_1"]) + float(record["reading_2"])) / 2 for record in records]
    return Mixed(
        texts=tuple(record["text"] for record in records),
        crowd=np.asarray([float(record["raters"]) for record in records], dtype=np.float32),
        readings=np.asarray(means, dtype=np.float32),
        agreed=np.asarray([record["agreed"] for record in records]),
    )


def panel_rows(data: Path) -> Rows:
    """Comments on news with the readings as labels."""
    rows = _rows(_records(data / PANEL_TRAIN))
    civil = rows.labels[:, TOXICITY] <= CIVIL_TO
    for name in ("severe_toxicity", "obscene", "threat"):
        place = LABELS.index(name)
        rows.labels[civil, place], rows.weights[civil, place] = SMALLEST, WEAK_WEIGHT
    return rows


def found_rows(data: Path) -> Rows:
    """Comments with labels of several scales, brought to the share of raters who would call one toxic."""
    return _rows(_records(data / FOUND_TRAIN))


def perspective_rows(data: Path) -> Rows:
    """Texts with the score of another model, which stands for their toxicity."""
    return _rows({**record, "toxicity": record["perspective_toxicity"]} for record in _records(data / PERSPECTIVE))


def _rows(records: Iterator[dict[str, str]]) -> Rows:
    given = list(records)
    labels = np.asarray([_labels(record) for record in given], dtype=np.float32).reshape(len(given), len(LABELS))
    sources = tuple(record["source"] for record in given)
    return Rows(tuple(record["text"] for record in given), labels, np.ones_like(labels), sources)


def _labels(record: Mapping[str, str]) -> list[float]:
    values = [_share(record.get(name, "")) for name in LABELS]
    if record["source"] == "ruddit":
        values[TOXICITY] = _of_ruddit(values[TOXICITY])
    return [value if np.isnan(value) else min(LARGEST, max(SMALLEST, value)) for value in values]


def _of_ruddit(value: float) -> float:
    """Half of the readers would call a comment toxic where the toxic ones begin, and few a neutral one."""
    return float(1 / (1 + np.exp(-(value - TOXIC_FROM) * np.log(9) / (TOXIC_FROM - NEUTRAL))))


def _share(cell: str) -> float:
    return float(cell) if cell.strip() else float("nan")


def _records(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)
