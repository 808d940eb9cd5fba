"""The words of many texts, to find the few texts that can use a listed word without a search of all of them."""

from __future__ import annotations

from collections.abc import Sequence

from moderation.text.words import distinct_words, may_begin


class Vocabulary:
    """Made once for many lists. Texts go by their place in the sequence."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._count = len(texts)
        self._places: dict[str, list[int]] = {}
        for place, text in enumerate(texts):
            for word in distinct_words(text):
                self._places.setdefault(word, []).append(place)

    def candidates(self, listed: tuple[str, ...]) -> set[int]:
        """The places of all texts that use a listed word, and of some that do not."""
        if not listed:
            return set()
        beginnings = may_begin(self._places, listed)
        if beginnings is None:
            return set(range(self._count))
        return {place for word in beginnings for place in self._places[word]}
