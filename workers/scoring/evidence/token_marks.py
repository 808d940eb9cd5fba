"""Finds the words that carry a toxicity score by the amounts that the encoder gave with it, and by their n-grams.

The encoder does not run again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from moderation.ground.values.signals import Span
from moderation.judging.text.splitting import sentences, words_of
from workers.scoring.encoder.carried import Place, added_by
from workers.scoring.encoder.scored import ScoredWindows
from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.engines.onnx import Floats
from workers.scoring.evidence.phrasing import fitted
from workers.scoring.evidence.readable import names, whole_phrases
from workers.scoring.evidence.toxicity_words import MIN_VALUE, CommentToExplain, Shares, silent, span_of, strongest

MIN_SHARE = 0.11
"""Words with less are not marked. At ``MIN_WEIGHT``, as occlusion has it, the head marks a sixth more words than
occlusion; here it marks fewer, and more of the score still goes with them."""

SPREAD = 3
"""So many words are marked where the score is spread so widely that none has that share."""

MOST_PLACES, MOST_CHARS = 64, 2_000
"""N-grams are read again without each of so many stretches, in a window of so many characters. A window has 128 tokens
and usually some 600 letters, but a run of signs that the encoder does not know is one token, however long it is."""


class TokenMarks:
    """Explains comments by weights whose ``Toxicity`` says how much each token adds."""

    def __init__(self, toxicity: Toxicity) -> None:
        self._toxicity = toxicity

    def explain(self, asked: Sequence[CommentToExplain]) -> list[dict[str, tuple[Span, ...]]]:
        """As ``Occlusion.explain`` does. The comments of the last call of ``score`` cost no run of the encoder."""
        scored = self._toxicity.scored([comment.text for comment in asked])
        return [dict(self._explained(comment, own)) for comment, own in zip(asked, scored, strict=True)]

    def _explained(self, asked: CommentToExplain, scored: ScoredWindows) -> Iterator[tuple[str, tuple[Span, ...]]]:
        """Each signal with the words of the window in which it is highest, unless it is too low to explain."""
        rows = self._toxicity.rows_in(scored, asked.languages)
        added: dict[int, tuple[list[Place], Floats]] = {}  # by window: signals often share one
        for signal in asked.signals:
            column = self._toxicity.signals.index(signal)
            worst = int(rows[:, column].argmax())
            window = scored.windows[worst]
            if rows[worst, column] < MIN_VALUE or not window.text.strip() or scored.tokens[worst].added is None:
                continue
            if worst not in added:
                added[worst] = self._added_by_words(scored, asked.languages, worst)
            words, amounts = added[worst]
            shares = strongest(words, np.maximum(0.0, amounts[:, column]), least=MIN_SHARE, otherwise=SPREAD)
            shares = fitted(window.text, whole_phrases(window.text, shares)) or self._worst_sentence(
                scored, worst, asked.languages, column
            )
            yield (
                signal,
                tuple(span_of(window.copy, window.start + a, window.start + b, share) for (a, b), share in shares),
            )

    def _added_by_words(self, scored: ScoredWindows, languages: Sequence[str], at: int) -> tuple[list[Place], Floats]:
        """The words of a window that may be evidence, and how much each adds."""
        window = scored.windows[at]
        text, words = window.text, words_of(window.copy, window.start, window.end)
        is_silent, named = silent([text[a:b] for a, b in words], languages), names(text, words, languages)
        telling = [word for word, out in zip(words, is_silent, strict=True) if not out and word not in named]
        return telling, self._added(scored, at, telling, languages)

    def _worst_sentence(self, scored: ScoredWindows, at: int, languages: Sequence[str], column: int) -> Shares:
        """The sentence that adds most, for a window in which no word adds anything."""
        places = sentences(scored.windows[at].text)
        return [(places[int(self._added(scored, at, places, languages)[:, column].argmax())], 1.0)]

    def _added(self, scored: ScoredWindows, at: int, places: Sequence[Place], languages: Sequence[str]) -> Floats:
        """How much each stretch of a window adds to the log-odds, shape (places, signals)."""
        carried, text = scored.tokens[at].carried, scored.windows[at].text
        assert carried is not None
        amounts = added_by(places, carried)
        if len(text) <= MOST_CHARS:
            chosen = np.argsort(-amounts.max(axis=1), kind="stable")[:MOST_PLACES]
            amounts[chosen] += self._toxicity.ngrams_added(text, [places[place] for place in chosen], languages)
        return amounts
