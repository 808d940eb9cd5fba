"""Applies a house model: from a comment's numbers to the probability that one newsroom's people would reject it, and
the likeliest reason. Needs numpy only."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moderation.ground.values.signals import Vector
from workers.scoring.engines.onnx import sigmoid
from workers.scoring.house.features import BUCKETS, NO_SPACE, Values, dense, of_length_one, width
from workers.scoring.ngrams.model import Floats, Grams, features

LARGEST_BYTES = 2_000_000
FORMAT = 1


@dataclass(frozen=True, slots=True)
class HouseModel:
    """``words`` (BUCKETS, outputs) are whole numbers that ``scales`` (outputs,) multiplies; ``rest`` (width, outputs)
    and ``bias`` (outputs,) are as they are. The first output is rejection, the others are its ``reasons``."""

    version: str
    spaces: tuple[str, ...]
    signals: tuple[str, ...]
    reasons: tuple[str, ...]
    words: NDArray[np.int8]
    scales: Floats
    rest: Floats
    bias: Floats

    def knows(self, vector: Vector | None) -> bool:
        """Whether it has learnt from comments in the space of this one's vector."""
        return (vector.space if vector else NO_SPACE) in self.spaces

    def probabilities(self, text: str, grams: Grams, vector: Vector | None, values: Values) -> Floats:
        """Of rejection and of each reason, shape (outputs,). ``grams`` are the comment's, in ``BUCKETS``; the model
        knows the vector."""
        buckets, counts = of_length_one(*grams)
        by_words = counts @ self.words.take(buckets, axis=0).astype(np.float32) * self.scales
        row = dense(text, vector, values, spaces=self.spaces, signals=self.signals)
        probabilities: Floats = sigmoid(by_words + row @ self.rest + self.bias)
        return probabilities

    def word_weight(self, word: str) -> float:
        """How much a masked word by itself speaks for rejecting (above 0) or against it."""
        buckets, counts = features(word, BUCKETS)
        return float(counts @ self.words[buckets, 0]) * float(self.scales[0])


def pack(model: HouseModel) -> bytes:
    """At most ``LARGEST_BYTES``: where the words need more, those of least weight go."""
    words = model.words
    weakest = 0
    while len(packed := _packed(model, words)) > LARGEST_BYTES:
        weakest += 1
        words = np.where(np.abs(model.words) > weakest, model.words, 0).astype(np.int8)
    return packed


def unpack(packed: bytes, *, version: str) -> HouseModel:
    """Reads what ``pack`` wrote. Raises ValueError for the bytes of another release."""
    with np.load(io.BytesIO(packed)) as kept:
        named = json.loads(str(kept["named"]))
        if named["format"] != FORMAT:
            raise ValueError(f"{version} has the format {named['format']}, and this release reads {FORMAT}")
        return HouseModel(
            version,
            tuple(named["spaces"]),
            tuple(named["signals"]),
            tuple(named["reasons"]),
            kept["words"],
            kept["scales"],
            kept["rest"].astype(np.float32),
            kept["bias"],
        )


def of_weights(
    weights: NDArray[np.float64],
    bias: Sequence[float],
    *,
    spaces: Sequence[str],
    signals: Sequence[str],
    reasons: Sequence[str],
    version: str = "",
) -> HouseModel:
    """From coefficients of shape (BUCKETS + width, outputs). Words get one byte a number."""
    assert weights.shape == (BUCKETS + width(spaces, signals), 1 + len(reasons))
    words = weights[:BUCKETS]
    scales = np.abs(words).max(axis=0) / 127
    whole = np.round(words / np.where(scales > 0, scales, 1)).astype(np.int8)
    return HouseModel(
        version,
        tuple(spaces),
        tuple(signals),
        tuple(reasons),
        whole,
        scales.astype(np.float32),
        weights[BUCKETS:].astype(np.float32),
        np.asarray(bias, dtype=np.float32),
    )


def _packed(model: HouseModel, words: NDArray[np.int8]) -> bytes:
    named = {"format": FORMAT, "spaces": model.spaces, "signals": model.signals, "reasons": model.reasons}
    packed = io.BytesIO()
    np.savez_compressed(
        packed,
        named=json.dumps(named),
        words=words,
        scales=model.scales,
        rest=model.rest.astype(np.float16),
        bias=model.bias,
    )
    return packed.getvalue()
