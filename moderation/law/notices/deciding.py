"""A person's decision on a comment answers the notices of it; an undo opens them again. No machine's decision does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import new_id
from moderation.ground.values.statuses import PEOPLE, CommentStatus
from moderation.law.notices import letters
from moderation.law.notices import rows as store
from moderation.law.notices.values import LegalNotice, Outcome, WordsToNotifiers
from moderation.sites.audit.actors import SYSTEM
from moderation.sites.audit.writing import note
from moderation.spine.comments import decision_rows as decisions
from moderation.spine.comments.moves import Judgement, Move, enclosed_in
from moderation.spine.events import rows as events

_OUTCOMES: Mapping[CommentStatus, Outcome] = {
    CommentStatus.REJECTED: Outcome.UPHELD,
    CommentStatus.PUBLISHED: Outcome.DISMISSED,
}


def follow(conn: Connection, moves: Sequence[Move], now: datetime) -> None:
    """Answers the open notices of the comments, or gives the comments their place in the queue."""
    reopened = _reopen(conn, [move.undoes for move in moves if move.undoes is not None], now)
    waiting = store.open_on(conn, [move.comment.id for move in moves])
    for move in moves:
        noticed = waiting.get(move.comment.id, ())
        outcome = _outcome(conn, move) if noticed and move.comment.id not in reopened else None
        if outcome:
            _answer(conn, move, noticed, outcome, now)
        if noticed or move.comment.noticed_at is not None:
            store.place(conn, move.comment.id, () if outcome else noticed)


def follow_scores(conn: Connection, judgement: Judgement) -> None:
    """Gives a comment with open notices its place in the queue again: newer scores have given it another."""
    for comment_id, open_notices in store.open_on(conn, [judgement.scored.comment.id]).items():
        store.place(conn, comment_id, open_notices)


def _outcome(conn: Connection, move: Move) -> Outcome | None:
    """None of a person's move that says nothing of the notices, such as a pick."""
    if move.to is CommentStatus.WITHDRAWN:
        return Outcome.WITHDRAWN
    is_answer = move.decided_by in PEOPLE and not move.is_blind and move.featured is None
    if not is_answer or (move.confirms and move.undoes is not None and not _is_redone(conn, move.undoes)):
        return None
    return _OUTCOMES.get(move.to)


def _is_redone(conn: Connection, undone_id: str) -> bool:
    """Whether the decision that is undone was an undo itself."""
    undone = decisions.find_decision(conn, undone_id)
    return undone is not None and undone.undoes is not None


def _answer(conn: Connection, move: Move, noticed: Sequence[LegalNotice], outcome: Outcome, now: datetime) -> None:
    comment = move.comment
    is_decided = outcome is not Outcome.WITHDRAWN
    decision_id = store.decision_at(conn, comment.id, comment.version) if is_decided else None
    enclosed = enclosed_in(move, WordsToNotifiers)
    for notice in noticed:
        closed = replace(
            notice,
            outcome=outcome,
            decision_id=decision_id,
            event_id=new_id(),
            answer=enclosed.words if enclosed and is_decided else None,
            decided_at=now,
        )
        store.close(conn, closed)
        events.insert_events(conn, [letters.decided_event(conn, closed, due_at=move.due_at, now=now)])
        said = {"notice": notice.id, "outcome": outcome, "decision": decision_id}
        note(conn, SYSTEM, "notice.decided", site_id=comment.site_id, subject=comment.external_id, after=said, now=now)


def _reopen(conn: Connection, undone: Sequence[str], now: datetime) -> set[str]:
    """The notices that the undone decisions had answered. A site that has not heard of the answer never does. Returns
    their comments."""
    answered = store.decided_by(conn, undone) if undone else {}
    reopened = [notice for notices in answered.values() for notice in notices]
    for notice in reopened:
        if notice.event_id is not None:
            events.cancel(conn, notice.event_id, now=now)
    if reopened:
        store.reopen(conn, [notice.id for notice in reopened])
    return set(answered)
