"""Keeps the checks in step with what happens to their comments: a person's decision is the outcome, an undo takes it
back, and an edit or a withdrawal ends a check that nobody has made. A second check ends when anything moves the
comment.

Only ``move_records`` calls this module, so that no decision passes it by.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.engine import Connection

from moderation.deciding import lots
from moderation.model.statuses import CommentStatus, DecidedBy
from moderation.store import checks, decisions
from moderation.store.decisions import Decision

SECOND_SHARE = 1 / 50  # of the checks go to a second person
_PEOPLE = (DecidedBy.MODERATOR, DecidedBy.API)
_FINAL = (CommentStatus.PUBLISHED, CommentStatus.REJECTED)


def follow(conn: Connection, moves: Sequence[tuple[str, Decision | None]]) -> None:
    """``moves`` are ids of comments with the decisions that moved them; edits and withdrawals have none."""
    drawn = checks.drawn_among(conn, [comment_id for comment_id, _ in moves])
    if not drawn:  # as most are: it takes one statement to see that
        return
    of_drawn = [(comment_id, decision) for comment_id, decision in moves if comment_id in drawn]
    checks.drop_waiting(conn, [comment_id for comment_id, decision in of_drawn if decision is None])
    checks.end_second(conn, [comment_id for comment_id, decision in of_drawn if decision is None or _moves(decision)])
    for _, decision in of_drawn:
        if decision is not None and _judges(decision):
            _follow(conn, decision)


def _judges(decision: Decision) -> bool:
    """An editor's pick says nothing about the verdict."""
    return decision.decided_by in _PEOPLE and decision.featured is None


def _moves(decision: Decision) -> bool:
    return decision.featured is None


def _follow(conn: Connection, decision: Decision) -> None:
    undone = decisions.find_decision(conn, decision.undoes) if decision.undoes else None
    if undone is not None and undone.undoes is None:
        checks.reopen(conn, decision.comment_id, decided_at=undone.created_at)
    elif decision.status_after in _FINAL:
        settled = checks.settle(
            conn,
            decision.comment_id,
            decision.status_after,
            reason=decision.reason,
            by=decision.moderator_id,
            now=decision.created_at,
        )
        if settled and lots.lot(decision.comment_id, "second") < SECOND_SHARE:
            checks.ask_second(conn, decision.comment_id)
