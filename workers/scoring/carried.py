"""The amounts that the tokens of a text add to the log-odds of its scores, summed over words and other stretches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.scoring.engines import Floats

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
    found = np.zeros((len(places), carried.added.shape[1]), dtype=np.float32)
    np.add.at(found, owner[owner >= 0], carried.added[owner >= 0])
    return found


def owners(places: Sequence[Place], tokens: Sequence[Place]) -> NDArray[np.int64]:
    """The last stretch that each token touches, -1 for those that touch none, as special tokens: shape (tokens,)."""
    starts, ends = np.asarray(tokens, dtype=np.int64).reshape(-1, 2).T
    owner = np.full(len(tokens), -1, dtype=np.int64)
    for nth, (start, end) in enumerate(places):
        if start < end:
            owner[(ends > start) & (starts < end) & (starts < ends)] = nth
    return owner
