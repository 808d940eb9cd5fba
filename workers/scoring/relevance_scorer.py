"""Relevance as a signal, with the nearest passage as its evidence."""

from __future__ import annotations

from collections.abc import Sequence

from moderation.model import Signal
from moderation.signals.model_signals import RELEVANCE
from workers.scoring.relevance import Judged, Relevance
from workers.scoring.scorable import Evidence, Scorable, Unexplained


class RelevanceScorer:
    model = "relevance"
    names = (RELEVANCE.name,)

    def __init__(self, relevance: Relevance) -> None:
        self._relevance = relevance
        self.version = relevance.version

    def score(self, batch: Sequence[Scorable]) -> list[tuple[Signal, ...]]:
        return [(self._signal(judged),) for judged in self._relevance.score(batch)]

    def explain(self, batch: Sequence[Unexplained]) -> Sequence[Evidence]:
        return [{RELEVANCE.name: spans} for spans in self._relevance.explain([one.scorable for one in batch])]

    def _signal(self, judged: Judged) -> Signal:
        value = None if judged.value is None else round(judged.value, 6)
        return Signal(RELEVANCE.name, value, self.version, judged.abstained, judged.evidence)
