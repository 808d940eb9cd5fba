"""Finds the words that carry a toxicity score by the amounts that the encoder gave with the score.

Nothing is scored again.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from moderation.model.signals import Span
from moderation.text.splitting import sentences, words_of
from workers.scoring.carried import Carried, Place, added_by
from workers.scoring.scored import Scored, Window
from workers.scoring.toxicity import Toxicity
from workers.scoring.toxicity_evidence import MIN_VALUE, Asked, Shares, silent, span_of, strongest

MIN_SHARE = 0.11
"""Words with less are not marked. At ``MIN_WEIGHT``, as occlusion has it, the head marks a sixth more words than
occlusion; here it marks fewer, and more of the score still goes with them."""


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
        shares = word_shares(window, carried, column, asked.languages) or [
            (worst_sentence(window, carried, column), 1.0)
        ]
        return tuple(span_of(window.copy, window.start + a, window.start + b, share) for (a, b), share in shares)


def word_shares(window: Window, carried: Carried, column: int, languages: Sequence[str]) -> Shares:
    """The few words that add most, in order, with their shares; empty if none adds anything."""
    words = words_of(window.copy, window.start, window.end)
    amounts = added_by(words, carried)[:, column]
    amounts[silent([window.text[a:b] for a, b in words], languages)] = 0.0
    return strongest(words, np.maximum(0.0, amounts), least=MIN_SHARE)


def worst_sentence(window: Window, carried: Carried, column: int) -> Place:
    """The sentence whose tokens add most together."""
    places = sentences(window.text)
    return places[int(added_by(places, carried)[:, column].argmax())]
