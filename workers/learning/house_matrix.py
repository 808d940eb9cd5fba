"""All examples of a site as one sparse matrix, in the order of their decisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from moderation.model.signals import Vector
from moderation.signals.registry import SIGNALS
from moderation.store.examples import Example, Source
from workers.scoring.house import HouseModel
from workers.scoring.house_features import BUCKETS, NO_SPACE, READ_SIGNALS, Values, dense, grams
from workers.scoring.ngrams import Floats
from workers.scoring.scorable import Scorable
from workers.scoring.spam import masked_text

Doubles = NDArray[np.float64]
Bools = NDArray[np.bool_]
Rows = NDArray[np.int64]

FEWEST_OF_A_SPACE = 50  # examples with vectors of one encoder, so of one group of languages
GENERAL = tuple(name for name in READ_SIGNALS if SIGNALS[name].is_harmful)
COMMON = 2.0  # divided by it, the rarity of usual words is about 2, and words weigh as much as the vector


@dataclass(frozen=True, slots=True)
class Seen:
    """An example with what the models saw in it."""

    example: Example
    vector: Vector | None
    values: Values


@dataclass(frozen=True, slots=True)
class Matrix:
    """``numbers`` (examples, BUCKETS + width) has words times their ``rarity`` (BUCKETS,) in the site, then the rest.
    ``general`` is what the shipped models say for themselves: NaN where they say nothing."""

    seen: tuple[Seen, ...]
    spaces: tuple[str, ...]
    signals: tuple[str, ...]
    numbers: Any  # scipy's matrices have no types
    rarity: Floats
    rejected: Bools
    weights: Doubles
    general: Doubles
    by_people: Bools  # not only by nobody's complaint

    def __len__(self) -> int:
        return len(self.seen)

    @property
    def examples(self) -> tuple[Example, ...]:
        return tuple(one.example for one in self.seen)

    @property
    def without_signals(self) -> Any:
        """The columns that come from the comment itself."""
        return self.numbers[:, : self.numbers.shape[1] - 2 * len(self.signals)]


def matrix(seen: Sequence[Seen], *, signals: Sequence[str] = READ_SIGNALS) -> Matrix:
    """Leaves out comments in a space of vectors that has too few of them."""
    counted = Counter(_space(one) for one in seen)
    spaces = tuple(sorted(space for space, count in counted.items() if count >= FEWEST_OF_A_SPACE))
    kept = [one for one in seen if _space(one) in spaces]
    words, rarity = _words([one.example.text for one in kept])
    rest = np.asarray(
        [dense(one.example.text, one.vector, one.values, spaces=spaces, signals=signals) for one in kept],
        dtype=np.float32,
    ).reshape(len(kept), -1)
    return Matrix(
        tuple(kept),
        spaces,
        tuple(signals),
        sparse.hstack([words, sparse.csr_matrix(rest)], format="csr"),
        rarity,
        np.asarray([one.example.is_rejected for one in kept], dtype=bool),
        np.asarray([one.example.weight for one in kept], dtype=np.float64),
        np.asarray([general_score(one.values) for one in kept], dtype=np.float64),
        np.asarray([one.example.source is not Source.QUIET for one in kept], dtype=bool),
    )


def scores_by(model: HouseModel, seen: Sequence[Seen]) -> Doubles:
    """As a version in use scores these comments; one half where it does not know the space of the vector."""
    found = [
        model.probabilities(one.example.text, masked_text(Scorable(one.example.text)), one.vector, one.values)[0]
        if model.knows(one.vector)
        else 0.5
        for one in seen
    ]
    return np.asarray(found, dtype=np.float64)


def _space(one: Seen) -> str:
    return one.vector.space if one.vector else NO_SPACE


def general_score(values: Values) -> float:
    """The worst of the harmful signals, as the desk's queue sorts by."""
    found = [value for name in GENERAL if (value := values.get(name)) is not None]
    return max(found, default=float("nan"))


def _words(texts: Sequence[str]) -> tuple[Any, Floats]:
    """Shape (texts, BUCKETS), each row times the rarity of its buckets."""
    found = [grams(masked_text(Scorable(text))) for text in texts]
    starts = np.concatenate(([0], np.cumsum([len(buckets) for buckets, _ in found])))
    buckets = np.concatenate([b for b, _ in found]) if found else np.zeros(0, np.int64)
    values = np.concatenate([v for _, v in found]) if found else np.zeros(0, np.float32)
    in_texts = np.bincount(buckets, minlength=BUCKETS)
    rarity = (np.log((1 + len(texts)) / (1 + in_texts)) / COMMON).astype(np.float32)
    return sparse.csr_matrix((values * rarity[buckets], buckets, starts), shape=(len(texts), BUCKETS)), rarity


def reasons_of(examples: Sequence[Example]) -> Mapping[str, int]:
    """How often each reason of a rejection was given, the most frequent first."""
    counted = Counter(e.reason for e in examples if e.reason)
    return dict(sorted(counted.items(), key=lambda one: (-one[1], one[0])))
