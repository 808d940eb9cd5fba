"""The quick worker with a model that takes its process down on one text, as a bug in native code would."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from typing import cast

from moderation.ground.environment.settings import Settings
from moderation.ground.values.signals import Signal
from tests.chaos.quick_worker import QuickScorer
from workers import __main__ as workers
from workers.queue import tasks
from workers.scoring.scorable import Scorable
from workers.scoring.scorer import Scorer

POISON = "this text crashes the model"


class PoisonedScorer(QuickScorer):
    def score(self, batch: Sequence[Scorable]) -> list[tuple[Signal, ...]]:
        if any(POISON in scorable.text for scorable in batch):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().score(batch)


def load(_settings: Settings) -> Scorer:
    return cast(Scorer, PoisonedScorer())


if __name__ == "__main__":
    tasks.load_scorer = load  # type: ignore[assignment]
    sys.exit(workers.main(sys.argv[1:]))
