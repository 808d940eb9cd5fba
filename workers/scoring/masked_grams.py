"""The hashed words and letters of a comment with masks. Spam and the house model read the same ones, so they are kept
for a while."""

from __future__ import annotations

from hashlib import blake2b

from cachetools import LRUCache

from workers.scoring.ngrams import Grams, features
from workers.scoring.scorable import Scorable
from workers.text.masks import masked_words
from workers.text.reading import read

MOST_KEPT = 500_000  # numbers, about 6 MB: several batches of usual comments, and at least one of the longest
PER_TEXT = 40  # as many numbers as the rest takes that is kept of each text

_KEPT: LRUCache[tuple[bytes, int], Grams] = LRUCache(MOST_KEPT, getsizeof=lambda grams: len(grams[0]) + PER_TEXT)
"""By a digest of the text: a long text of few letters has few n-grams, and thousands of such texts would fill the
memory."""


def masked_text(one: Scorable) -> str:
    """The text as spam and the house model read it."""
    return " ".join(word.text for word in masked_words(read(one.text, one.budget).folded, one.text))


def masked_grams(one: Scorable, size: int) -> Grams:
    """In buckets below ``size``. The arrays are shared: do not change them."""
    key = blake2b(one.text.encode("utf-8", "surrogatepass"), digest_size=16).digest(), size
    found = _KEPT.get(key)
    if found is None:
        found = features(masked_text(one), size)
        if len(found[0]) + PER_TEXT <= MOST_KEPT:
            _KEPT[key] = found
    return found
