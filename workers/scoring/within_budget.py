"""Scores those comments of a batch that can be read in their time. One that cannot does not affect the others: it is
left out before the encoder reads any of them, or they are scored again without it."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from moderation.ground.errors import TooCostly
from moderation.ground.values.signals import Signal
from moderation.judging.signals.registry import cheap_signals
from moderation.judging.signals.scoring import CommentToScore
from moderation.judging.signals.spec import FAILED
from workers.scoring.scorable import Scorable
from workers.scoring.scorer import Scorer

log = logging.getLogger(__name__)

Signals = tuple[Signal, ...]


def signals_by_rule(scored: CommentToScore) -> Signals | None:
    """Reads the comment for the models, then computes the signals that need none. None if its time is used up."""
    with scored.budget:
        try:
            _ = scored.reading.copies
            signals = cheap_signals(scored)
        except TooCostly:
            return None
    for signal in signals:
        if signal.source.startswith(FAILED):
            log.error("%s broke on the comment %s: %s", signal.name, scored.comment.id, signal.source)
    return signals


def signals_by_model(scorer: Scorer, batch: Mapping[int, Scorable]) -> dict[int, Signals]:
    """The models' signals by key, without the comments whose time was used up on the way."""
    left = dict(batch)
    while left:
        try:
            return dict(zip(left, scorer.score(list(left.values())), strict=True))
        except TooCostly:
            affordable = {key: comment for key, comment in left.items() if not comment.budget.is_spent}
            if len(affordable) == len(left):
                raise
            left = affordable
    return {}
