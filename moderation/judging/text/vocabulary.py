"""The words of many texts, to find the few texts that can use a listed word without a search of all of them."""

from __future__ import annotations

from collections.abc import Sequence, Set

from moderation.judging.text.lists.listed_words import telling_words


class Vocabulary:
    """Made once for many lists, of the distinct words of each text. Texts go by their place in the sequence."""

    def __init__(self, texts: Sequence[Set[str]]) -> None:
        self._count = len(texts)
        self._places: dict[str, list[int]] = {}
        for place, words in enumerate(texts):
            for word in words:
                self._places.setdefault(word, []).append(place)

    def candidates(self, listed: tuple[str, ...]) -> set[int]:
        """The places of all texts that use a listed word, and of some that do not."""
        if not listed:
            return set()
        telling = telling_words(self._places, listed)
        if telling is None:
            return set(range(self._count))
        return {place for word in telling for place in self._places[word]}
