"""Shared by the tests of evidence: the toxicity of a scorer, and a count of the tokens that a model reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from tokenizers import Encoding

from workers.scoring.encoder.toxicity_scores import Toxicity
from workers.scoring.engines.onnx import Floats, OnnxSession
from workers.scoring.scorer import Scorer
from workers.scoring.toxicity.scorer import ToxicityScorer

CIVIL = "The committee met on Tuesday and discussed the drainage of the lower fields. "


def toxicity_of(scorer: Scorer) -> Toxicity:
    return next(one.judges[0] for one in scorer.scorers if isinstance(one, ToxicityScorer))


class Meter:
    """Counts the tokens that go through a model."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.tokens, run = 0, OnnxSession.read

        def metered(session: OnnxSession, encodings: Sequence[Encoding]) -> dict[str, Floats]:
            self.tokens += sum(len(e.ids) for e in encodings)
            return run(session, encodings)

        monkeypatch.setattr(OnnxSession, "read", metered)

    def spent(self, call: Callable[[], object]) -> int:
        before = self.tokens
        call()
        return self.tokens - before
