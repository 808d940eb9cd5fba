"""A house model beside the encoder, over the same comments in the same run: the time of this thread for one comment."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from moderation.values.signals import Signal
from workers.learning.house_matrix import Seen
from workers.scoring.engines.onnx import Engine, OnnxEngine
from workers.scoring.engines.table_engine import TableEngine
from workers.scoring.engines.weights import BUNDLED, BUNDLED_MULTILINGUAL, Places, Weights
from workers.scoring.house.model import HouseModel
from workers.scoring.house_scorer import house_signals
from workers.scoring.loading import find_export
from workers.scoring.scorable import Scorable
from workers.scoring.spam.scorer import SpamScorer

BATCH = 32
MEASURED = 192
ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds a comment."""

    house_ms: float
    encoder_ms: float


def cost(seen: Sequence[Seen], model: HouseModel) -> Cost:
    """Spam is scored before, untimed, as in a worker: it reads the same words. All comments are in one language."""
    places = Places.of(None, None)
    spam = SpamScorer(Weights.read(BUNDLED, places.models / "spam"))
    engine = _engine(seen[-1].example.language, places)
    some = [one for one in seen if model.knows(one.vector)][-MEASURED:]
    batches = [some[start : start + BATCH] for start in range(0, len(some), BATCH)]
    times = [_measured(batch, model, spam, engine) for batch in (batches[0], *batches)]
    house_s, encoder_s = (sum(spent) for spent in zip(*times[1:], strict=True))  # the first one warmed up
    return Cost(house_s / len(some) * 1_000, encoder_s / len(some) * 1_000)


def _measured(batch: Sequence[Seen], model: HouseModel, spam: SpamScorer, engine: Engine) -> tuple[float, float]:
    """Seconds of the house model and of the encoder."""
    scorables = [Scorable(one.example.text, language=one.example.language, house=model) for one in batch]
    others = [[Signal(name, value, "bench") for name, value in one.values.items()] for one in batch]
    spam.score(scorables)
    started = time.thread_time()
    for scorable, one, signals in zip(scorables, batch, others, strict=True):
        house_signals(scorable, one.vector, signals)
    between = time.thread_time()
    texts = [scorable.text for scorable in scorables]
    engine.probabilities(texts, engine.encode(texts))
    return between - started, time.thread_time() - between


def _engine(language: str | None, places: Places) -> Engine:
    if language == ENGLISH:
        return OnnxEngine(find_export(BUNDLED, places))
    return TableEngine(Weights.read(BUNDLED_MULTILINGUAL, places.models / "multilingual"))
