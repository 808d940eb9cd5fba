"""Finds the words that carry a toxicity score by the amounts that the encoder gave with it, and by their n-grams.

The encoder does not run again.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from moderation.model.signals import Span
from moderation.text.splitting import sentences, words_of
from workers.scoring.carried import Carried, Place, added_by
from workers.scoring.engines import Floats
from workers.scoring.scored import Scored, Window
from workers.scoring.toxicity import Toxicity
from workers.scoring.toxicity_evidence import MIN_VALUE, Asked, silent, span_of, strongest

MIN_SHARE = 0.11
"""Words with less are not marked. At ``MIN_WEIGHT``, as occlusion has it, the head marks a sixth more words than
occlusion; here it marks fewer, and more of the score still goes with them."""

SPREAD = 3
"""So many words are marked where the score is spread so widely that none has that share."""


class TokenMarks:
    """Explains comments by weights whose ``Toxicity`` says how much each token adds."""

    def __init__(self, toxicity: Toxicity) -> None:
        self._toxicity = toxicity

    def explain(self, asked: Sequence[Asked]) -> list[dict[str, tuple[Span, ...]]]:
        """As ``Occlusion.explain`` does. The comments of the last call of ``score`` cost no run of the encoder."""
        scored = self._toxicity.scored([one.text for one in asked])
        return [
            {signal: spans for signal in one.signals if (spans := self._spans(one, own, signal))}
            for one, own in zip(asked, scored, strict=True)
        ]

    def _spans(self, asked: Asked, scored: Scored, signal: str) -> tuple[Span, ...]:
        """The words of the window in which the signal is highest; empty if it is too low to explain."""
        column = self._toxicity.signals.index(signal)
        worst = int(scored.rows[:, column].argmax())
        window = scored.windows[worst]
        if scored.rows[worst, column] < MIN_VALUE or not window.text.strip() or scored.carried is None:
            return ()
        carried = scored.carried[worst]
        words = words_of(window.copy, window.start, window.end)
        amounts = self._added(window, carried, words, asked)[:, column]
        amounts[silent([window.text[a:b] for a, b in words], asked.languages)] = 0.0
        shares = strongest(words, np.maximum(0.0, amounts), least=MIN_SHARE, otherwise=SPREAD)
        if not shares:
            places = sentences(window.text)
            worst_sentence = int(self._added(window, carried, places, asked)[:, column].argmax())
            shares = [(places[worst_sentence], 1.0)]
        return tuple(span_of(window.copy, window.start + a, window.start + b, share) for (a, b), share in shares)

    def _added(self, window: Window, carried: Carried, places: Sequence[Place], asked: Asked) -> Floats:
        """How much each stretch adds to the log-odds, shape (places, signals)."""
        return added_by(places, carried) + self._toxicity.ngrams_added(window.text, places, asked.languages)
