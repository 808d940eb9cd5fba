"""The toxicity signals of each sentence of a text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from moderation.checking.drafts import Sentence
from moderation.model.signals import Signal
from moderation.reading_cost import MOST_PIECES, pieces
from moderation.text.splitting import sentences
from workers.scoring.scorable import Scorable
from workers.scoring.scorer import Scorer
from workers.scoring.toxicity_scorer import ToxicityScorer
from workers.text.windows import spread

MOST = 200
"""Stretches of one text. Where it has more sentences, neighbours are scored together."""

MOST_TOGETHER = MOST_PIECES // 2
"""Pieces of the stretches of one text. Of a longer one a sample is scored, with the first and the last."""

Place = tuple[int, int]


def score_sentences(
    scorer: Scorer, texts: Sequence[str], languages: Sequence[str | None]
) -> list[tuple[Sentence, ...]]:
    """The sentences of each text; none in a language that the weights do not know. All are scored in one call. A text
    that costs more than its sentences may has only some of them."""
    toxicity = _toxicity(scorer)
    places = [
        affordable(text, cut(text)) if language in toxicity.languages else []
        for text, language in zip(texts, languages, strict=True)
    ]
    pieces = [
        Scorable(text[start:end], language=language)
        for text, language, own in zip(texts, languages, places, strict=True)
        for start, end in own
    ]
    rows = iter(toxicity.score(pieces))
    return [tuple(_sentence(place, next(rows)) for place in own) for own in places]


def cut(text: str) -> list[Place]:
    """The sentences without the space around them, in order; at most ``MOST``."""
    found = sentences(text)
    size = -(-len(found) // MOST)
    joined = [(found[at][0], found[min(at + size, len(found)) - 1][1]) for at in range(0, len(found), size or 1)]
    return list(chain.from_iterable(_trimmed(text, start, end) for start, end in joined))


def affordable(text: str, places: Sequence[Place]) -> list[Place]:
    """As many of the stretches as the encoder may read, spread over the text."""
    cost = sum(pieces(text[start:end]) for start, end in places)
    return spread(places, len(places) * MOST_TOGETHER // cost) if cost > MOST_TOGETHER else list(places)


def _trimmed(text: str, start: int, end: int) -> list[Place]:
    piece = text[start:end]
    first, last = start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
    return [(first, last)] if first < last else []


def _sentence(place: Place, signals: Sequence[Signal]) -> Sentence:
    return Sentence(*place, {signal.name: signal.value for signal in signals if signal.value is not None})


def _toxicity(scorer: Scorer) -> ToxicityScorer:
    return next(one for one in scorer.scorers if isinstance(one, ToxicityScorer))
