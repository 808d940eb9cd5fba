"""Keeps the checks in step with what happens to their comments: a person's decision is the outcome, an undo takes it
back, and an edit or a withdrawal ends a check that nobody has made.

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
    checks.drop_waiting(conn, [comment_id for comment_id, decision in moves if decision is None])
    made = [decision for _, decision in moves if decision is not None and _judges(decision)]
    drawn = checks.of(conn, [decision.comment_id for decision in made])
    for decision in made:
        if decision.comment_id in drawn:
            _follow(conn, decision)


def _judges(decision: Decision) -> bool:
    """An editor's pick says nothing about the verdict."""
    return decision.decided_by in _PEOPLE and decision.featured is None


def _follow(conn: Connection, decision: Decision) -> None:
    undone = decisions.find_decision(conn, decision.undoes) if decision.undoes else None
    if undone is not None and undone.undoes is None:
        checks.reopen(conn, decision.comment_id, decided_at=undone.created_at)
    elif decision.status_after in _FINAL:
        settled = checks.settle(
            conn,
            decision.comment_id,
            decision.status_after,
            reason=decision.category,
            by=decision.moderator_id,
            now=decision.created_at,
        )
        if settled and lots.lot(decision.comment_id, "second") < SECOND_SHARE:
            checks.ask_second(conn, decision.comment_id)
