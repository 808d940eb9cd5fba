"""The house model of each comment's site as a signal, after all other models have scored. Most sites have none."""

from __future__ import annotations

from collections.abc import Sequence

from moderation.ground.values.signals import LikelyReason, Signal, Span, Vector
from moderation.judging.signals.house import HOUSE
from moderation.judging.text.disguises.masks import MaskedWord, masked_words
from moderation.judging.text.language_names import language_name
from workers.scoring.house.features import BUCKETS
from workers.scoring.house.model import HouseModel
from workers.scoring.masked_grams import masked_grams
from workers.scoring.ngrams.model import Floats
from workers.scoring.scorable import Scorable

MARKED_WORDS = 8
LIKELY = 0.1  # the probability from which a reason is named
MOST_LIKELY = 3
LEAST_SHARE = 0.05  # of all that speaks for rejecting, in one marked word


def house_signals(comment: Scorable, vector: Vector | None, others: Sequence[Signal]) -> tuple[Signal, ...]:
    """One signal where the site has a house model, else none. ``others`` are the signals of all other models."""
    if comment.house is None:
        return ()
    return (_signal(comment, comment.house, vector, others),)


def house_evidence(comment: Scorable) -> tuple[Span, ...]:
    """The words that speak most for rejecting, each read by itself, in the order of the text."""
    if comment.house is None:
        return ()
    copy = comment.reading.folded
    words = list(masked_words(copy, comment.text))
    weights = {word: weight for word in {w.text for w in words} if (weight := comment.house.word_weight(word)) > 0}
    total = sum(weights.values())
    strongest = sorted(weights, key=lambda word: (-weights[word], word))[:MARKED_WORDS]
    marked = {word for word in strongest if weights[word] >= LEAST_SHARE * total}
    return tuple(
        Span(*copy.origin(word.start, word.end), weight=round(weights[word.text] / total, 4))
        for word in _first_of_each(words, marked)
    )


def _signal(comment: Scorable, model: HouseModel, vector: Vector | None, others: Sequence[Signal]) -> Signal:
    """Abstains in a space of vectors, so in a language, in which the site had too few decisions to learn from."""
    if not comment.text.strip():
        return Signal(HOUSE.name, None, model.version, abstained="too short")
    if not model.knows(vector):
        language = language_name(comment.language) if comment.language else "this language"
        return Signal(HOUSE.name, None, model.version, abstained=f"too few decisions in {language}")
    values = {signal.name: signal.value for signal in others}
    with comment.budget:
        probabilities = model.probabilities(comment.text, masked_grams(comment, BUCKETS), vector, values)
    likely = _likely(model.reasons, probabilities[1:])
    return Signal(HOUSE.name, round(float(probabilities[0]), 6), model.version, likely=likely)


def _likely(reasons: Sequence[str], probabilities: Floats) -> tuple[LikelyReason, ...]:
    """The likeliest first, at most ``MOST_LIKELY``."""
    pairs = zip(reasons, map(float, probabilities), strict=True)
    likeliest = sorted((LikelyReason(*pair) for pair in pairs), key=lambda guess: (-guess.probability, guess.reason))
    return tuple(guess for guess in likeliest[:MOST_LIKELY] if guess.probability >= LIKELY)


def _first_of_each(words: Sequence[MaskedWord], marked: set[str]) -> list[MaskedWord]:
    first: dict[str, MaskedWord] = {}
    for word in words:
        if word.text in marked:
            first.setdefault(word.text, word)
    return list(first.values())
