"""Words that never count as evidence for a score, by language."""

from __future__ import annotations

from functools import lru_cache

from moderation.judging.text import groups
from moderation.judging.text.word_lists import has_word_list, word_list, word_pairs


@lru_cache(maxsize=64)  # saves 0.5 ms for each comment whose words are marked, measured
def silent_words(language: str) -> frozenset[str]:
    """Function words and other neutral ones, which score by chance only, and plain words for groups of people: to
    mention a group is no offence, and a mark on its name would say that it is. Slurs are in no list. Empty for a
    language without lists."""
    own = f"function/{language}"
    function = word_list(own) if has_word_list(own) else frozenset[str]()
    named = groups.lexicon(language).values()
    neutral = word_pairs("neutral").get(language, "").split()
    return function.union(neutral) | {part.lower() for words in named for word in words for part in word.split()}
