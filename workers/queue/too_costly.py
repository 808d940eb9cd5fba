"""Sends comments that take too long to read to a person. Their batch goes on without them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from moderation.ground.database.engine import Database
from moderation.ground.monitoring.instruments import instruments
from moderation.ground.values.decisions import Decision
from moderation.ground.values.statuses import Action
from moderation.ground.values.verdicts import Verdict
from moderation.judging.policy.verdicts import TOO_COSTLY
from moderation.judging.signals.scoring import CommentToScore, Scoring
from moderation.judging.text.reading_budget import BUDGET_S
from moderation.pipeline.rescoring.rescoring import leave, resettle
from moderation.pipeline.rescoring.rows import Cause, RescoreMark
from moderation.pipeline.settling.judgements import give_up
from moderation.spine.comments.moves import Judgement

log = logging.getLogger(__name__)


def hand_over(
    db: Database,
    waiting: Sequence[CommentToScore],
    marked: Sequence[tuple[CommentToScore, RescoreMark]],
    models: Mapping[str, str],
    *,
    now: datetime,
) -> list[Decision]:
    """Sends to a person the waiting comments, and those of the decided ones that were decided while scoring was down,
    which no model has read yet. The other decided ones stay as they are."""
    if not waiting and not marked:
        return []
    ids = [loaded.comment.id for loaded in (*waiting, *(decided for decided, _ in marked))]
    log.warning("too costly to read: %s", ", ".join(ids))
    instruments().scoring_failures.labels("too_costly").inc(len(ids))
    leave(db, [decided.comment.id for decided, mark in marked if mark.cause is not Cause.OUTAGE])
    unread = [(_unread(decided, models), mark) for decided, mark in marked if mark.cause is Cause.OUTAGE]
    changed = resettle(db, unread, now=now) if unread else []
    return [*changed, *give_up(db, [loaded.comment.id for loaded in waiting], now=now, reason=TOO_COSTLY)]


def _unread(scored: CommentToScore, models: Mapping[str, str]) -> Judgement:
    scoring = Scoring((), models, language=None, seconds=BUDGET_S)
    return Judgement(scored, scoring, Verdict(Action.FLAG, (TOO_COSTLY,)))
