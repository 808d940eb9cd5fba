"""Keeps machines from deciding a comment that somebody gave notice of: a person reads it first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.engine import Connection

from moderation.comments.moves import Move
from moderation.notices import rows as store
from moderation.values.statuses import Action, CommentStatus
from moderation.values.verdicts import Reason, ReasonCode

REASON = Reason(ReasonCode.NOTICED, Action.FLAG, label="Notice of illegal content")


def for_people(conn: Connection, moves: Sequence[Move]) -> list[Move]:
    """A machine's moves, in which comments with an open notice go to a person instead. The caller's transaction has
    locked the comments."""
    noticed = store.open_on(conn, [move.comment.id for move in moves]) if moves else {}
    return [_held(move) if move.comment.id in noticed else move for move in moves]


def _held(move: Move) -> Move:
    reasons = tuple(replace(one, action=Action.FLAG) for one in move.reasons if one.action is not Action.PUBLISH)
    return replace(move, to=CommentStatus.FLAGGED, reasons=(REASON, *reasons), reason=None, batch_id=None)
