"""The toxicity signals: one for each head of the weights that is a signal here."""

from __future__ import annotations

from collections.abc import Sequence

from moderation.model import Signal
from workers.scoring.engines import Floats
from workers.scoring.scorable import Evidence, Scorable, Unexplained
from workers.scoring.toxicity import Toxicity
from workers.scoring.toxicity_evidence import Asked, Explainer


class ToxicityScorer:
    """It abstains in a language that the weights do not know."""

    model = "toxicity"

    def __init__(self, toxicity: Toxicity) -> None:
        self.toxicity, self._explainer = toxicity, Explainer(toxicity)
        self.version, self.names = toxicity.version, toxicity.signals

    def score(self, batch: Sequence[Scorable]) -> list[tuple[Signal, ...]]:
        known = [i for i, one in enumerate(batch) if one.language in self.toxicity.languages]
        texts, budgets = [batch[i].text for i in known], {batch[i].text: batch[i].budget for i in known}
        values = dict(zip(known, self.toxicity.score(texts, budgets), strict=True))
        return [self._signals(values.get(i), one.language) for i, one in enumerate(batch)]

    def explain(self, batch: Sequence[Unexplained]) -> Sequence[Evidence]:
        return self._explainer.explain([Asked(one.scorable.text, one.signals) for one in batch])

    def _signals(self, values: Floats | None, language: str | None) -> tuple[Signal, ...]:
        if values is None:
            reason = f"language: {language or 'und'}"
            return tuple(Signal(name, None, self.version, abstained=reason) for name in self.names)
        return tuple(Signal(name, round(float(v), 6), self.version) for name, v in zip(self.names, values, strict=True))
