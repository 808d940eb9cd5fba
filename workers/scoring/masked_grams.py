"""The hashed words and letters of a comment with masks. Spam and the house model read the same ones, so they are kept
for a while."""

from __future__ import annotations

from cachetools import LRUCache

from workers.scoring.ngrams import Grams, features
from workers.scoring.scorable import Scorable
from workers.text.masks import masked_words
from workers.text.reading import read

MOST_KEPT = 500_000  # numbers, about 6 MB: several batches of usual comments, and at least one of the longest

_KEPT: LRUCache[tuple[str, int], Grams] = LRUCache(MOST_KEPT, getsizeof=lambda grams: len(grams[0]))


def masked_text(one: Scorable) -> str:
    """The text as spam and the house model read it."""
    return " ".join(word.text for word in masked_words(read(one.text, one.budget).folded, one.text))


def masked_grams(one: Scorable, size: int) -> Grams:
    """In buckets below ``size``. The arrays are shared: do not change them."""
    found = _KEPT.get((one.text, size))
    if found is None:
        found = features(masked_text(one), size)
        if len(found[0]) <= MOST_KEPT:
            _KEPT[one.text, size] = found
    return found
