"""A comment as numbers for the house model: its words and letters, its form, its vector, and the other models' scores.

All of it can be read from the text alone. Facts about an author or later reports stay out: they would judge the person,
or know the decision before it was made.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

import numpy as np

from moderation.ground.values.signals import Vector
from moderation.judging.signals.registry import SIGNALS
from workers.scoring.ngrams.model import Buckets, Floats

BUCKETS = 1 << 18
DIMENSIONS = 384
VECTOR_SCALE = 2.0  # beside the words, whose vector has length 1
LINKED = re.compile(r"https?://|www\.")
FORM = 6
LOOKED_AT_CHARS = 2_000
MOST_SURE = 0.001  # a score nearer to 0 or 1 counts as this near
LOGIT_SCALE = 4.0
NO_SPACE = ""  # of comments without a vector
OWN = ("language", "house")  # models whose signals the house model does not read

Values = Mapping[str, float | None]

READ_SIGNALS = tuple(
    spec.name for spec in SIGNALS.values() if spec.model is not None and spec.model not in OWN and spec.scale == "score"
)
"""The signals of models, in order. A version keeps the names that it was learnt with."""


def of_length_one(buckets: Buckets, counts: Floats) -> tuple[Buckets, Floats]:
    """A comment's words and letters as a vector of length 1: the same buckets, and their values."""
    length = math.sqrt(float(counts @ counts))
    return buckets, counts / np.float32(length) if length else counts


def dense(text: str, vector: Vector | None, values: Values, *, spaces: Sequence[str], signals: Sequence[str]) -> Floats:
    """One block for each space, the text's form, and two numbers for each signal: see ``width``.

    The vector must be in one of ``spaces``.
    """
    row = np.zeros(width(spaces, signals), dtype=np.float32)
    start = list(spaces).index(vector.space if vector else NO_SPACE) * (DIMENSIONS + 1)
    if vector is not None:
        numbers = np.frombuffer(vector.numbers, dtype=np.int8)
        row[start : start + len(numbers)] = numbers * np.float32(VECTOR_SCALE / 127)
    row[start + DIMENSIONS] = 1.0
    after = len(spaces) * (DIMENSIONS + 1)
    row[after : after + FORM] = _form(text[:LOOKED_AT_CHARS])
    row[after + FORM :] = _scores(values, signals)
    return row


def width(spaces: Sequence[str], signals: Sequence[str]) -> int:
    """How many numbers ``dense`` gives. The signals come last."""
    return len(spaces) * (DIMENSIONS + 1) + FORM + 2 * len(signals)


def _form(text: str) -> tuple[float, ...]:
    chars = max(len(text), 1)
    letters = max(sum(map(str.isalpha, text)), 1)
    return (
        math.log1p(len(text)) / 8,
        sum(map(str.isupper, text)) / letters,
        sum(map(str.isdigit, text)) / chars,
        1.0 - sum(map(str.isalnum, text)) / chars,
        math.log1p(text.count("!") + text.count("?")) / 3,
        math.log1p(len(LINKED.findall(text))),
    )


def _scores(values: Values, signals: Sequence[str]) -> list[float]:
    """For each signal its logit, and 1 where it is missing: then the logit is 0."""
    logits: list[float] = []
    for name in signals:
        value = values.get(name)
        kept = 0.5 if value is None else min(max(value, MOST_SURE), 1 - MOST_SURE)
        logits += (math.log(kept / (1 - kept)) / LOGIT_SCALE, float(value is None))
    return logits
