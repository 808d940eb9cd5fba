"""All examples of a site as one sparse matrix, in the order of their decisions."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from moderation.ground.values.signals import Vector
from moderation.insight.learning.example_rows import Example, LabelSource
from moderation.judging.signals.registry import SIGNALS
from workers.learning.house_numbers import Numbers
from workers.learning.house_pieces import Pieces
from workers.learning.house_words import words_of
from workers.scoring.house.features import BUCKETS, NO_SPACE, READ_SIGNALS, Values, dense, of_length_one, width
from workers.scoring.house.model import HouseModel
from workers.scoring.masked_grams import masked_grams, masked_text
from workers.scoring.ngrams.model import Buckets, Floats, Grams, features
from workers.scoring.scorable import Scorable

Doubles = NDArray[np.float64]
Bools = NDArray[np.bool_]
Rows = NDArray[np.int64]

FEWEST_OF_A_SPACE = 50  # examples with vectors of one encoder, so of one group of languages
GENERAL = tuple(name for name in READ_SIGNALS if SIGNALS[name].is_harmful)
BLOCK = 1 << 20  # numbers at once, so that what is changed in place needs no copy
COMMON = 2.0  # divided by it, the rarity of usual words is about 2, and words weigh as much as the vector


@dataclass(frozen=True, slots=True)
class Seen:
    """An example with what the models saw in it."""

    example: Example
    vector: Vector | None
    values: Values


@dataclass(frozen=True, slots=True)
class HouseMatrix:
    """``numbers`` (examples, columns + width) has words times their ``rarity`` (columns,) in the site, then the rest.
    ``buckets`` (columns,) names the bucket of each word's column, in order; those that no comment has are left out.
    ``counted`` says in how many comments each word is.
    ``general`` is what the shipped models say for themselves: NaN where they say nothing."""

    seen: tuple[Seen, ...]
    spaces: tuple[str, ...]
    signals: tuple[str, ...]
    numbers: Numbers
    buckets: Buckets
    rarity: Floats
    counted: Counter[str]
    pieces: Any  # see Pieces.table
    piece_numbers: Buckets
    rejected: Bools
    weights: Doubles
    general: Doubles
    by_people: Bools  # not only by nobody's complaint

    def __len__(self) -> int:
        return len(self.seen)

    @property
    def examples(self) -> tuple[Example, ...]:
        return tuple(comment.example for comment in self.seen)

    @property
    def without_signals(self) -> Numbers:
        """The columns that come from the comment itself."""
        return self.numbers.without_last(2 * len(self.signals))


def matrix(seen: Sequence[Seen], *, signals: Sequence[str] = READ_SIGNALS) -> HouseMatrix:
    """Leaves out comments in a space of vectors that has too few of them."""
    counted = Counter(_space(comment) for comment in seen)
    spaces = tuple(sorted(space for space, count in counted.items() if count >= FEWEST_OF_A_SPACE))
    kept = [comment for comment in seen if _space(comment) in spaces]
    counted = Counter[str]()
    pieces = Pieces()
    words, buckets, rarity = _words([comment.example.text for comment in kept], counted, pieces)
    rest = np.empty((len(kept), width(spaces, signals)), dtype=np.float32)
    for row, sample in zip(rest, kept, strict=True):
        row[:] = dense(sample.example.text, sample.vector, sample.values, spaces=spaces, signals=signals)
    return HouseMatrix(
        tuple(kept),
        spaces,
        tuple(signals),
        Numbers(words, rest),
        buckets,
        rarity,
        counted,
        *pieces.table(),
        np.asarray([comment.example.is_rejected for comment in kept], dtype=bool),
        np.asarray([comment.example.weight for comment in kept], dtype=np.float64),
        np.asarray([general_score(comment.values) for comment in kept], dtype=np.float64),
        np.asarray([comment.example.source is not LabelSource.QUIET for comment in kept], dtype=bool),
    )


def scores_by(model: HouseModel, seen: Sequence[Seen]) -> Doubles:
    """The scores as a version in use gives these comments; one half where it does not know the space of the vector."""
    scores = [
        model.probabilities(comment.example.text, _grams(comment.example.text), comment.vector, comment.values)[0]
        if model.knows(comment.vector)
        else 0.5
        for comment in seen
    ]
    return np.asarray(scores, dtype=np.float64)


def _space(comment: Seen) -> str:
    return comment.vector.space if comment.vector else NO_SPACE


def general_score(values: Values) -> float:
    """The worst of the harmful signals, as the desk's queue sorts by."""
    scores = [value for name in GENERAL if (value := values.get(name)) is not None]
    return max(scores, default=float("nan"))


def _grams(text: str) -> Grams:
    return masked_grams(Scorable(text), BUCKETS)


def _words(texts: Sequence[str], counted: Counter[str], pieces: Pieces) -> tuple[Any, Buckets, Floats]:
    """Shape (texts, columns), each row times the rarity of its columns; the bucket of each column, and its rarity. Adds
    the words to those ``counted`` and to ``pieces``: reading a text takes longer than all else, so it is read once."""
    lengths, in_texts = np.zeros(len(texts), dtype=np.int64), np.zeros(BUCKETS, dtype=np.int64)
    places, values = array("i"), array("f")  # they grow in place, and take no more bytes than the matrix
    for number, text in enumerate(texts):
        masked = masked_text(Scorable(text))
        counted.update(words_of(masked))
        pieces.add(masked)
        own_buckets, counts = of_length_one(*features(masked, BUCKETS))
        places.frombytes(own_buckets.astype(np.int32).tobytes())
        values.frombytes(counts.astype(np.float32).tobytes())
        lengths[number] = len(own_buckets)
        in_texts[own_buckets] += 1
    columns, numbers = np.frombuffer(places, dtype=np.int32), np.frombuffer(values, dtype=np.float32)
    buckets = np.flatnonzero(in_texts)
    column_of = np.zeros(BUCKETS, dtype=np.int32)
    column_of[buckets] = np.arange(len(buckets))
    rarity = (np.log((1 + len(texts)) / (1 + in_texts[buckets])) / COMMON).astype(np.float32)
    for start in range(0, len(columns), BLOCK):
        part = slice(start, start + BLOCK)
        columns[part] = column_of[columns[part]]
        numbers[part] *= rarity[columns[part]]
    starts = np.concatenate(([0], np.cumsum(lengths))).astype(np.int32)
    return sparse.csr_matrix((numbers, columns, starts), shape=(len(texts), len(buckets))), buckets, rarity


def reasons_of(examples: Sequence[Example]) -> Mapping[str, int]:
    """How often each reason of a rejection was given, the most frequent first."""
    counted = Counter(e.reason for e in examples if e.reason)
    return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))
