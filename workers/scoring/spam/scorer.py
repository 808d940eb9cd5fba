"""The probability that a comment advertises, baits or cheats: a linear model on its masked words and characters."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from moderation.ground.values.signals import Signal, Span
from moderation.judging.signals.model_signals import SPAM
from moderation.judging.text.disguises.masks import MaskedWord, masked_words
from workers.scoring.engines.onnx import sigmoid
from workers.scoring.engines.weights import NGRAMS_FILE, Weights
from workers.scoring.masked_grams import masked_grams_of
from workers.scoring.ngrams.batch_grams import BatchGrams
from workers.scoring.ngrams.corrections import SiteNGrams
from workers.scoring.ngrams.model import NGrams, features_of, read_ngrams
from workers.scoring.scorable import Evidence, Scorable, Unexplained

FEWEST_CHARS = 8  # under this there is nothing to advertise with but a short link
MARKED_WORDS = 8  # of a comment, at most
LEAST_SHARE = 0.05  # of all that speaks for spam, in one marked word


class SpamScorer:
    """``weights`` is a folder with the n-grams and their manifest."""

    names = (SPAM.name,)

    def __init__(self, weights: Weights, grams: BatchGrams | None = None) -> None:
        """``grams`` are those that toxicity keeps."""
        self._ngrams = read_ngrams(weights.verified(NGRAMS_FILE))
        self._grams = grams or BatchGrams()
        self.version = weights.version
        self.models = {"spam": self.version}

    def score(self, batch: Sequence[Scorable]) -> list[tuple[Signal, ...]]:
        read = {i: comment for i, comment in enumerate(batch) if _is_enough(comment)}
        counted = masked_grams_of(list(read.values()), self._ngrams.size, self._grams.of)
        vectors = [self._ngrams.weighted(*grams) for grams in counted]
        shared = self._ngrams.logits_of(vectors)[:, 0].tolist()
        logits = [
            logit if comment.site_spam is None else logit + comment.site_spam.logit(*vector)
            for comment, vector, logit in zip(read.values(), vectors, shared, strict=True)
        ]
        values = sigmoid(np.asarray(logits, dtype=np.float32)).tolist()
        signals = {
            i: self._signal(comment.site_spam, value) for (i, comment), value in zip(read.items(), values, strict=True)
        }
        too_short = Signal(SPAM.name, None, self.version, abstained="too short")
        return [(signals.get(i, too_short),) for i in range(len(batch))]

    def explain(self, batch: Sequence[Unexplained]) -> Sequence[Evidence]:
        return [{SPAM.name: self._evidence(unexplained.scorable)} for unexplained in batch]

    def _signal(self, site: SiteNGrams | None, value: float) -> Signal:
        source = self.version if site is None else f"{self.version}+{site.version}"
        return Signal(SPAM.name, round(value, 6), source)

    def _evidence(self, comment: Scorable) -> tuple[Span, ...]:
        """The words that speak most for spam, each read by itself, in the order of the text."""
        copy = comment.reading.folded
        words = list(masked_words(copy, comment.text))
        values = weights_of(self._ngrams, list(dict.fromkeys(word.text for word in words)), comment.site_spam)
        for_it = {text: value for text, value in values.items() if value > 0}
        total = sum(for_it.values())
        strongest = sorted(for_it, key=lambda text: -for_it[text])[:MARKED_WORDS]
        kept = {text for text in strongest if for_it[text] >= LEAST_SHARE * total}
        return tuple(
            Span(*copy.origin(word.start, word.end), weight=round(for_it[word.text] / total, 4))
            for word in _first_of_each(words, kept)
        )


def _is_enough(comment: Scorable) -> bool:
    return len(comment.text.strip()) >= FEWEST_CHARS or bool(comment.reading.links)


def weights_of(ngrams: NGrams, words: Sequence[str], site: SiteNGrams | None = None) -> dict[str, float]:
    """How much each masked word by itself speaks for spam (above 0) or against it."""
    by_word = dict[str, float]()
    for word, (buckets, counts) in zip(words, features_of(words, ngrams.size), strict=True):
        weights = ngrams.weights[buckets, 0] + (site.of(buckets) if site is not None else 0)
        by_word[word] = float(np.sum(counts * ngrams.rarity[buckets] * weights))
    return by_word


def _first_of_each(words: Sequence[MaskedWord], kept: set[str]) -> list[MaskedWord]:
    first: dict[str, MaskedWord] = {}
    for word in words:
        if word.text in kept:
            first.setdefault(word.text, word)
    return list(first.values())
