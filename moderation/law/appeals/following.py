"""Closes an open appeal when anything else than its own outcome moves the comment: there is nothing left to decide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.monitoring.instruments import instruments
from moderation.ground.values.statuses import CommentStatus
from moderation.law.appeals import events
from moderation.law.appeals import rows as store
from moderation.law.appeals.values import AppealOutcome
from moderation.spine.comments.moves import Move

_AGAINST = (CommentStatus.REJECTED, CommentStatus.FLAGGED)


def follow(conn: Connection, moves: Sequence[Move], now: datetime) -> Callable[[], None] | None:
    """A comment whose status stays, such as one with newer scores, keeps its appeal."""
    leaving = {
        move.comment.id: move
        for move in moves
        if move.comment.status in _AGAINST and move.to is not move.comment.status
    }
    settled = 0
    for appeal in store.open_on(conn, list(leaving)):
        if store.close(conn, appeal.id, AppealOutcome.SETTLED, now=now):
            settled += 1
            closed = replace(appeal, outcome=AppealOutcome.SETTLED, decided_at=now)
            events.announce_decided(conn, closed, due_at=leaving[appeal.comment_id].due_at)
    return (lambda: instruments().appeals.labels(AppealOutcome.SETTLED).inc(settled)) if settled else None
