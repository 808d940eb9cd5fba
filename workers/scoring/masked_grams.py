"""The hashed words and letters of a comment with masks. Spam and the house model read the same ones, so they are kept
for a while."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

from cachetools import LRUCache

from moderation.judging.text.disguises import masks
from workers.scoring.ngrams.model import Grams, Hashed, features_of
from workers.scoring.scorable import Scorable

MOST_KEPT = 500_000  # numbers, about 6 MB: several batches of usual comments, and at least one of the longest
PER_TEXT = 40  # as many numbers as the rest takes that is kept of each text

_KEPT: LRUCache[tuple[bytes, int], Grams] = LRUCache(MOST_KEPT, getsizeof=lambda grams: len(grams[0]) + PER_TEXT)
"""By a digest of the text: a long text of few letters has few n-grams, and thousands of such texts would fill the
memory."""


def masked_text(comment: Scorable) -> str:
    """The text as spam and the house model read it."""
    return masks.masked_text(comment.reading.folded, comment.text)


def masked_grams(comment: Scorable, size: int) -> Grams:
    """The n-grams in buckets below ``size``. The arrays are shared: do not change them. Raises TooCostly."""
    return masked_grams_of([comment], size)[0]


def masked_grams_of(batch: Sequence[Scorable], size: int, hashed: Hashed = features_of) -> list[Grams]:
    """Those of each comment, which are hashed together. Raises TooCostly."""
    keys = [
        (blake2b(comment.text.encode("utf-8", "surrogatepass"), digest_size=16).digest(), size) for comment in batch
    ]
    by_key = {key: kept for key in keys if (kept := _KEPT.get(key)) is not None}
    new = {key: comment for key, comment in zip(keys, batch, strict=True) if key not in by_key}
    counted = hashed([_masked_in_time(comment) for comment in new.values()], size)
    for key, (buckets, counts) in zip(new, counted, strict=True):
        by_key[key] = grams = buckets.copy(), counts.copy()  # without the rest of the batch
        if len(buckets) + PER_TEXT <= MOST_KEPT:
            _KEPT[key] = grams
    return [by_key[key] for key in keys]


def _masked_in_time(comment: Scorable) -> str:
    with comment.budget as budget:
        masked = masked_text(comment)
        budget.check()
    return masked
