"""Keeps the checks in step with what happens to their comments: a person's decision is the outcome, an undo takes it
back, and an edit or a withdrawal ends a check that nobody has made. A second check ends when anything moves the
comment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.values.decisions import Decision
from moderation.ground.values.statuses import PEOPLE, CommentStatus
from moderation.insight.checks import drawn_numbers
from moderation.insight.checks import rows as checks
from moderation.spine.comments import decision_rows as decisions
from moderation.spine.comments.moves import Move

SECOND_SHARE = 1 / 50  # of the checks go to a second person
_FINAL = (CommentStatus.PUBLISHED, CommentStatus.REJECTED)


def follow(conn: Connection, moves: Sequence[Move], now: datetime) -> None:
    """Follows the moves of comments that were drawn before; a new one cannot have been."""
    drawn = checks.drawn_among(conn, [move.comment.id for move in moves if not move.comment.is_new])
    if not drawn:  # as most are: it takes one statement to see that
        return
    of_drawn = [move for move in moves if move.comment.id in drawn]
    checks.drop_waiting(conn, [move.comment.id for move in of_drawn if move.decided_by is None])
    # An editor's pick says nothing about the verdict
    moved = [move for move in of_drawn if move.featured is None]
    checks.end_second(conn, [move.comment.id for move in moved])
    for move in moved:
        if move.decided_by in PEOPLE:
            _judge(conn, move, now)


def _judge(conn: Connection, move: Move, now: datetime) -> None:
    by = move.moderator_id
    if move.undoes is not None:
        undone = decisions.find_decision(conn, move.undoes)
        if undone is None or checks.reopen(conn, move.comment.id, decided_at=undone.created_at):
            return
        redone = _redone(conn, undone)
        if redone is None:  # an undo alone judges nothing
            return
        by = redone.moderator_id
    if move.to in _FINAL:
        settled = checks.settle(conn, move.comment.id, move.to, reason=move.reason, by=by, now=now)
        if settled and drawn_numbers.drawn_number(move.comment.id, "second") < SECOND_SHARE:
            checks.ask_second(conn, move.comment.id)


def _redone(conn: Connection, undone: Decision) -> Decision | None:
    """The decision that stands again now that ``undone`` was taken back; None if there is none."""
    is_undo = False
    while undone.undoes is not None:
        decision = decisions.find_decision(conn, undone.undoes)
        if decision is None:
            return None
        undone, is_undo = decision, not is_undo
    return undone if is_undo else None
