"""Relevance as a signal, with the nearest passage as its evidence."""

from __future__ import annotations

from collections.abc import Sequence

from moderation.model.signals import Signal, Vector
from moderation.signals.model_signals import RELEVANCE
from moderation.text.languages import language_name
from workers.scoring.relevance import Judged, Relevance
from workers.scoring.scorable import Evidence, Scorable, Unexplained
from workers.scoring.vectors import kept


class RelevanceScorer:
    names = (RELEVANCE.name,)

    def __init__(self, relevance: Relevance) -> None:
        self._relevance = relevance
        self.version = relevance.version
        self.models = {"relevance": self.version}

    def score(self, batch: Sequence[Scorable]) -> list[tuple[Signal, ...]]:
        known = {i: one for i, one in enumerate(batch) if self._foreign(one) is None}
        judged = dict(zip(known, self._relevance.score(list(known.values())), strict=True))
        return [(self._signal(judged.get(i) or self._unjudged(one)),) for i, one in enumerate(batch)]

    def explain(self, batch: Sequence[Unexplained]) -> Sequence[Evidence]:
        return [{RELEVANCE.name: spans} for spans in self._relevance.explain([one.scorable for one in batch])]

    def vectors(self, batch: Sequence[Scorable]) -> list[Vector | None]:
        """Of comments in a language of the weights, whatever their article is written in."""
        own = {i: one for i, one in enumerate(batch) if one.language in self._relevance.languages}
        found = dict(zip(own, self._relevance.comment_vectors(list(own.values())), strict=True))
        return [kept(found.get(i), self._relevance.space) for i in range(len(batch))]

    def _foreign(self, one: Scorable) -> str | None:
        """The language of the comment or of its article that the weights do not know."""
        languages = (one.language, one.article_language or one.language)
        return next((code for code in languages if code and code not in self._relevance.languages), None)

    def _unjudged(self, one: Scorable) -> Judged:
        return Judged(None, f"no relevance model for {language_name(self._foreign(one) or '')}")

    def _signal(self, judged: Judged) -> Signal:
        value = None if judged.value is None else round(judged.value, 6)
        return Signal(RELEVANCE.name, value, self.version, judged.abstained, judged.evidence)
