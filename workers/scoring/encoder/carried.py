"""The amounts that the tokens of a text add to the log-odds of its scores, summed over words and other stretches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.scoring.engines.onnx import Floats

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Carried:
    """How much each token of a window adds to the log-odds, shape (tokens, signals), and the tokens' places in the
    window's text."""

    places: Sequence[Place]
    added: Floats


def added_by(places: Sequence[Place], carried: Carried) -> Floats:
    """How much the tokens of each stretch of a text add together: shape (places, signals)."""
    owner = owners(places, carried.places)
    amounts = np.zeros((len(places), carried.added.shape[1]), dtype=np.float32)
    np.add.at(amounts, owner[owner >= 0], carried.added[owner >= 0])
    return amounts


def owners(places: Sequence[Place], tokens: Sequence[Place]) -> NDArray[np.int64]:
    """The last stretch that each token touches, -1 for those that touch none, as special tokens: shape (tokens,)."""
    starts, ends = np.asarray(tokens, dtype=np.int64).reshape(-1, 2).T
    first, last = np.asarray(places, dtype=np.int64).reshape(-1, 2, 1).swapaxes(0, 1)
    touches = (ends > first) & (starts < last) & (starts < ends) & (first < last)
    numbers = np.arange(len(places), dtype=np.int64)[:, np.newaxis]
    owner: NDArray[np.int64] = np.where(touches, numbers, -1).max(axis=0, initial=-1)
    return owner
