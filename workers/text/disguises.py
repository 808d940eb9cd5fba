"""Guesses the word behind a disguise: leet, masked, spaced-out, stretched, doubled or missing letters, emoji with a
hostile meaning, and hashtags.

But for hashtags, it guesses only words of ``word_lists/disguised.txt``, so ordinary words stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from moderation.reading_budget import UNLIMITED, Budget
from moderation.text.copies import Replacement
from workers.text.hashtags import guessed_hashtags
from workers.text.pictures import guessed_pictures
from workers.text.single_words import guessed_words
from workers.text.spaced_out import guessed_spaced_out


def guess_words(text: str, budget: Budget = UNLIMITED) -> list[Replacement]:
    """Replacements that do not overlap, in order of position; empty if no word looks disguised.

    Raises TooCostly.
    """
    spaced_out = list(guessed_spaced_out(text, budget))
    tags = _beside(spaced_out, guessed_hashtags(text, budget))
    words = _beside(tags, guessed_words(text, budget))
    return _beside(words, budget.over(guessed_pictures(text)))


def _beside(taken: Sequence[Replacement], more: Iterable[Replacement]) -> list[Replacement]:
    """Both together, in order, without those of ``more`` that overlap with one of ``taken``. Both must be in order."""
    added, at = list[Replacement](), 0
    for guess in more:
        while at < len(taken) and taken[at].end <= guess.start:
            at += 1
        if at == len(taken) or taken[at].start >= guess.end:
            added.append(guess)
    return sorted([*taken, *added], key=lambda r: r.start) if added else list(taken)
