"""Read the labelled rows that the training scripts learn from. A missing label is NaN, never zero."""

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

LABELS = ("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack")
"""Order and names of the `original` weights of Detoxify."""

TRAIN_FILE = "toxicity_train.csv.gz"
VALID_FILE = "toxicity_valid.csv.gz"
NEWS_FILE = "toxicity_valid_news_evaluation_only.csv.gz"

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Rows:
    """Texts with soft labels of shape (rows, labels), NaN where unlabelled, and a weight per label for the loss."""

    texts: tuple[str, ...]
    labels: Floats
    weights: Floats
    sources: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.texts)

    def pick(self, indices: NDArray[np.int64]) -> "Rows":
        """The rows at these positions, in this order; a position may come more than once."""
        return Rows(
            texts=tuple(self.texts[i] for i in indices),
            labels=self.labels[indices],
            weights=self.weights[indices],
            sources=tuple(self.sources[i] for i in indices),
        )


def read_rows(path: Path) -> Rows:
    """Read one labelled csv.gz file; every given label weighs 1."""
    texts: list[str] = []
    sources: list[str] = []
    labels: list[list[float]] = []
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        for record in csv.DictReader(lines):
            texts.append(record["text"])
            sources.append(record["source"])
            labels.append([_share(record[name]) for name in LABELS])
    matrix = np.asarray(labels, dtype=np.float32).reshape(len(texts), len(LABELS))
    return Rows(tuple(texts), matrix, np.ones_like(matrix), tuple(sources))


def join(*parts: Rows) -> Rows:
    """All rows of the parts, one after the other."""
    return Rows(
        texts=tuple(text for part in parts for text in part.texts),
        labels=np.concatenate([part.labels for part in parts]),
        weights=np.concatenate([part.weights for part in parts]),
        sources=tuple(source for part in parts for source in part.sources),
    )


def _share(cell: str) -> float:
    return float(cell) if cell.strip() else float("nan")
