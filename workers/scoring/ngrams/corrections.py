"""Corrections to a linear model's weights that were learnt from one site's decisions, in few bytes."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workers.scoring.ngrams.model import Buckets, Floats

MOST_BUCKETS = 400_000  # one and a half megabytes, at most


@dataclass(frozen=True, slots=True)
class SiteNGrams:
    """``corrections`` (changed,) are added to the weights of ``buckets`` (changed,), which are sorted; ``bias`` is
    added to every comment's logit."""

    version: str
    buckets: NDArray[np.int32]
    corrections: Floats
    bias: float

    def logit(self, buckets: Buckets, values: Floats) -> float:
        """The correction for a text with these sorted features."""
        return float(values @ self.of(buckets)) + self.bias

    def of(self, buckets: Buckets) -> Floats:
        """The correction of each bucket, shape (buckets,); 0 where nothing was learnt."""
        if not len(self.buckets):
            return np.zeros(len(buckets), np.float32)
        sought = buckets.astype(self.buckets.dtype)  # else numpy widens all that the site has learnt, for every comment
        places = np.minimum(np.searchsorted(self.buckets, sought), len(self.buckets) - 1)
        corrections: Floats = np.where(self.buckets[places] == buckets, self.corrections[places], 0).astype(np.float32)
        return corrections


def pack(buckets: NDArray[np.int32], corrections: Floats, bias: float) -> bytes:
    """The strongest ``MOST_BUCKETS`` corrections, each in one byte with a common scale."""
    strongest = np.sort(np.argsort(-np.abs(corrections))[:MOST_BUCKETS])
    buckets, corrections = buckets[strongest], corrections[strongest]
    scale = float(np.abs(corrections).max(initial=0)) / 127 or 1.0
    whole = np.round(corrections / scale).astype(np.int8)
    told = whole != 0
    packed = io.BytesIO()
    np.savez_compressed(packed, buckets=buckets[told], whole=whole[told], scale=scale, bias=bias)
    return packed.getvalue()


def unpack(packed: bytes, *, version: str) -> SiteNGrams:
    """Reads what ``pack`` wrote."""
    with np.load(io.BytesIO(packed)) as kept:
        corrections = kept["whole"].astype(np.float32) * np.float32(kept["scale"])
        return SiteNGrams(version, kept["buckets"], corrections, float(kept["bias"]))
