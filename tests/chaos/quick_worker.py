"""The real worker with a scorer that only looks for words, at the pace of a small model: what is tested is what happens
around the model, and it is there in a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import cast

from moderation.ground.environment.settings import Settings
from moderation.ground.values.signals import Signal
from tests.workers.queue.test_pipeline import WordScorer
from workers import __main__ as workers
from workers.queue import tasks
from workers.scoring.scorable import Scorable
from workers.scoring.scorer import Scorer

BATCH_S, COMMENT_S = 0.02, 0.002


class QuickScorer(WordScorer):
    def score(self, batch: Sequence[Scorable]) -> list[tuple[Signal, ...]]:
        time.sleep(BATCH_S + COMMENT_S * len(batch))
        return super().score(batch)


def load(_settings: Settings) -> Scorer:
    return cast(Scorer, QuickScorer())


if __name__ == "__main__":
    tasks.load_scorer = load  # type: ignore[assignment]
    sys.exit(workers.main(sys.argv[1:]))
