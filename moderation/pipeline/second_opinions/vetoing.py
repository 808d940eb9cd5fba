"""Keeps a second reader from everything but holding: a move that names it as a reason takes a comment that is online
or waits to a person, or is not made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.engine import Connection

from moderation.ground.values.statuses import Action, CommentStatus
from moderation.ground.values.verdicts import Reason, ReasonCode
from moderation.spine.comments.moves import Move

LABEL = "Second reader"
REASON = Reason(ReasonCode.SECOND_READER, Action.FLAG, label=LABEL)


def veto(_conn: Connection, moves: Sequence[Move]) -> Mapping[str, Reason]:
    return {move.comment.id: REASON for move in moves if _names_reader(move) and not _holds(move)}


def _names_reader(move: Move) -> bool:
    return any(reason.code is ReasonCode.SECOND_READER for reason in move.reasons)


def _holds(move: Move) -> bool:
    can_be_held = move.comment.status in (CommentStatus.WAITING, CommentStatus.PUBLISHED)
    return can_be_held and move.to is CommentStatus.FLAGGED
