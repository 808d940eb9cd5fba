"""The n-grams of a batch, which toxicity hashes first. Spam masks links, numbers and the like; most comments have none,
and then it reads the same words and does not hash them again."""

from __future__ import annotations

from collections.abc import Sequence

from workers.scoring.ngrams.model import Grams, features_of, single_spaced

MOST_CHARS = 1 << 15
"""Of the texts whose n-grams are kept: usual batches have half as many, and their n-grams take 1 MB."""


class BatchGrams:
    """It keeps n-grams until the next batch begins."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self._kept: dict[tuple[str, int], Grams] = {}
        self._left = MOST_CHARS

    def keep(self, texts: Sequence[str], size: int) -> list[Grams]:
        """Keeps features as ``features_of`` gives them."""
        grams = features_of(texts, size)
        for text, (buckets, counts) in zip(texts, grams, strict=True):
            if len(text) <= self._left:
                self._left -= len(text)
                self._kept[single_spaced(text), size] = buckets.copy(), counts.copy()  # without the other texts
        return grams

    def of(self, texts: Sequence[str], size: int) -> list[Grams]:
        """The same. The arrays are shared: do not change them."""
        kept = [self._kept.get((single_spaced(text), size)) for text in texts]
        new = iter(features_of([text for text, grams in zip(texts, kept, strict=True) if grams is None], size))
        return [next(new) if grams is None else grams for grams in kept]
