"""Finds the sentence of a longer comment that deserves to be scored alone, because civil ones around it wash it out.

A model of n-grams reads every sentence, for a twentieth of the encoder's time; the encoder then scores the worst one.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

import numpy as np

from moderation.judging.text.splitting import sentences
from workers.scoring.ngrams.model import NGrams

LONG_CHARS = 250
"""Shorter comments are one thought: the encoder reads them whole, and nothing is washed out."""

MOST_CHARS = 5_000
"""Longer ones are scored in windows only: reading each of their sentences would take too much of a comment's time."""

MOST_SENTENCES = 60
"""Of a text with more, short ones are read together with the next."""

DISCOUNT = 1.0
"""Taken from the log-odds of a sentence alone, since out of its context it sounds harsher than it was meant. Of the
comments on news that crowd and careful readings call toxic, the limits that hold at most 2 % of those that both call
civil catch 56 % with it, and 49 % with half of it; of 26 written letters with one insult they hold 22 and 23. Two or
three sentences instead of one held hardly more."""

Place = tuple[int, int]


def may_have_candidates(text: str) -> bool:
    return LONG_CHARS <= len(text) <= MOST_CHARS


def candidates(text: str) -> list[Place]:
    """The sentences of which one may deserve to be scored alone; none if the text is short, very long, or one
    sentence."""
    places = stretches(text) if may_have_candidates(text) else []
    return places if len(places) > 1 else []


def worst_sentences(asked: Sequence[tuple[str, Sequence[Place]]], ngrams: NGrams) -> list[Place | None]:
    """Of each text with its candidates, the one that scores highest in any label."""
    highest = iter(
        ngrams.logits([text[start:end] for text, own in asked for start, end in own]).max(axis=1, initial=-np.inf)
    )
    scored = [[(next(highest), place) for place in own] for _, own in asked]
    return [max(own, key=itemgetter(0))[1] if own else None for own in scored]


def stretches(text: str) -> list[Place]:
    """Sentences, at most about ``MOST_SENTENCES``, so that a text of many full stops costs no more than prose."""
    whole = sentences(text)
    shortest = len(text) // MOST_SENTENCES if len(whole) > MOST_SENTENCES else 0
    places, begin = list[Place](), 0
    for _, end in whole:
        if end - begin >= shortest and text[begin:end].strip():
            places.append((begin, end))
            begin = end
    if begin < len(text):
        places.append((begin, len(text)))
    return places
