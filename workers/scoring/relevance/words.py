"""Finds the words that draw a comment away from the passage nearest to it, by the attributions of its tokens.

The encoder gave these with the vector, so nothing is read again. Words that the article has too, and words without a
topic, are never marked.
"""

from __future__ import annotations

import numpy as np

from moderation.ground.values.signals import Span
from moderation.judging.text.splitting import words_of
from workers.scoring.encoder.carried import Carried, added_by
from workers.scoring.encoder.passages import ENGLISH, Languages, content_words
from workers.scoring.encoder.scored import Window
from workers.scoring.evidence.toxicity_words import span_of, strongest

MIN_SHARE = 0.06
MAX_WORDS = 8
"""In long comments shares are small and words many. With the limits of toxicity evidence, less of their cosine comes
back than when phrases were read alone: see training/README.md."""


def straying_words(
    window: Window, carried: Carried, article_words: frozenset[str], languages: Languages = ENGLISH
) -> tuple[Span, ...]:
    """Spans of the original comment, in order. ``carried`` says how much each token adds to the cosine with the nearest
    passage; weights are shares of all that words take from it. ``languages`` are those whose function words have no
    topic.

    Empty if no word takes anything.
    """
    words = words_of(window.copy, window.start, window.end)
    topical = [(a, b) for a, b in words if _has_topic(window.text[a:b], article_words, languages)]
    taken = np.maximum(0.0, -added_by(topical, carried)[:, 0])
    shares = strongest(topical, taken, least=MIN_SHARE, most=MAX_WORDS)
    return tuple(span_of(window.copy, window.start + a, window.start + b, share) for (a, b), share in shares)


def _has_topic(word: str, article_words: frozenset[str], languages: Languages) -> bool:
    own = content_words(word, languages)
    return bool(own) and not own <= article_words
