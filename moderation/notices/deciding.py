"""A person's decision on a comment answers the notices of it; an undo opens them again. No machine's decision does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.comments.moves import Move
from moderation.database.engine import new_id
from moderation.events import rows as events
from moderation.notices import letters
from moderation.notices import rows as store
from moderation.notices.values import LegalNotice, Outcome
from moderation.sites.audit.actors import SYSTEM
from moderation.sites.audit.writing import note
from moderation.values.statuses import CommentStatus, DecidedBy

_PEOPLE = (DecidedBy.MODERATOR, DecidedBy.API)
_OUTCOMES: Mapping[CommentStatus, Outcome] = {
    CommentStatus.REJECTED: Outcome.UPHELD,
    CommentStatus.PUBLISHED: Outcome.DISMISSED,
}


def follow(conn: Connection, moves: Sequence[Move], now: datetime) -> None:
    """Answers the open notices of the comments, or gives the comments their place in the queue."""
    _reopen(conn, [move.undoes for move in moves if move.undoes is not None], now)
    waiting = store.open_on(conn, [move.comment.id for move in moves])
    for move in moves:
        found = waiting.get(move.comment.id)
        outcome = _outcome(move) if found else None
        if found and outcome:
            _answer(conn, move, found, outcome, now)
        if found:
            store.place(conn, move.comment.id, () if outcome else found)


def _outcome(move: Move) -> Outcome | None:
    if move.to is CommentStatus.WITHDRAWN:
        return Outcome.WITHDRAWN
    return _OUTCOMES.get(move.to) if move.decided_by in _PEOPLE else None


def _answer(conn: Connection, move: Move, found: Sequence[LegalNotice], outcome: Outcome, now: datetime) -> None:
    comment = move.comment
    is_ruled = outcome is not Outcome.WITHDRAWN
    decision_id = store.decision_at(conn, comment.id, comment.version) if is_ruled else None
    for notice in found:
        closed = replace(
            notice,
            outcome=outcome,
            decision_id=decision_id,
            event_id=new_id(),
            answer=move.answer if is_ruled else None,
            decided_at=now,
        )
        store.close(conn, closed)
        events.insert_events(conn, [letters.decided_event(conn, closed, due_at=move.due_at, now=now)])
        said = {"notice": notice.id, "outcome": outcome, "decision": decision_id}
        note(conn, SYSTEM, "notice.decided", site_id=comment.site_id, subject=comment.external_id, after=said, now=now)


def _reopen(conn: Connection, undone: Sequence[str], now: datetime) -> None:
    """The notices that the undone decisions had answered. A site that has not heard of the answer never does."""
    found = [notice for each in store.decided_by(conn, undone).values() for notice in each] if undone else []
    for notice in found:
        if notice.event_id is not None:
            events.cancel(conn, notice.event_id, now=now)
    if found:
        store.reopen(conn, [notice.id for notice in found])
