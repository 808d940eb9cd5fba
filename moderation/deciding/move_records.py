"""Writes moves to the database. A move is a new status and version of the comment, the decision with its scoring, the
event for the site, and a change of the author's record. The caller's transaction holds all of them or none.

Only ``outcomes`` calls this module; everybody else calls ``outcomes``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from moderation import json_form
from moderation.deciding import check_outcomes
from moderation.deciding.events import EVENT_OF_STATUS, EventType
from moderation.deciding.rulings import Ruling
from moderation.errors import MoveNotAllowed
from moderation.model.comments import Comment
from moderation.model.events import Event
from moderation.model.statuses import ALLOWED_MOVES, CommentStatus
from moderation.store import articles, comment_moves, comments, decisions, domains, events, scoring, vectors
from moderation.store.comment_moves import Change, Held
from moderation.store.database import new_id
from moderation.store.decisions import Decision
from moderation.store.events import NewEvent
from moderation.text.domains import linked_domains


@dataclass(frozen=True, slots=True)
class Move:
    """The next version of a comment, before it is written."""

    comment: Comment  # as the caller saw it
    to: CommentStatus
    due_at: datetime  # when the site may hear of the move
    columns: Mapping[str, object] = field(default_factory=dict)  # further columns that change with the status
    decision: Decision | None = None  # edits and withdrawals have none
    scoring: Mapping[str, Any] | None = None  # the row of the scoring that the decision rests on
    may_stay: bool = False  # the status may stay the same: an edit of a waiting comment, an escalation, newer reasons
    is_silent: bool = False  # the site never hears of the move
    named: tuple[str, str] | None = None  # the site's own ids of the article and the author, where the caller has them


def move_of(
    ruling: Ruling,
    columns: Mapping[str, object],
    now: datetime,
    *,
    scoring: Mapping[str, Any] | None = None,
    may_stay: bool = False,
    named: tuple[str, str] | None = None,
) -> Move:
    """The move that carries out a ruling, with the decision."""
    decision = Decision(
        id=new_id(),
        comment_id=ruling.comment.id,
        site_id=ruling.comment.site_id,
        version=ruling.comment.version,
        action=ruling.action,
        status_before=ruling.comment.status,
        status_after=ruling.to,
        decided_by=ruling.decided_by,
        reasons=tuple(json_form.reason_to_json(reason) for reason in ruling.reasons),
        created_at=now,
        moderator_id=ruling.moderator_id,
        policy_version=ruling.policy_version,
        scoring_id=ruling.scoring_id,
        reason=ruling.reason,
        note=ruling.note,
        undoes=ruling.undoes,
        batch_id=ruling.batch_id,
        featured=ruling.featured,
    )
    return Move(ruling.comment, ruling.to, ruling.due_at, columns, decision, scoring, may_stay, ruling.silent, named)


def write(
    conn: Connection, moves: Iterable[Move], *, now: datetime, held: Mapping[str, Held] | None = None
) -> list[Move]:
    """Makes the moves whose comments are still as the callers saw them, in the order of the comments' ids, and returns
    those. ``held`` are the comments' rows, where the caller has locked them.

    Raises MoveNotAllowed.
    """
    # Comments first and authors last, each in order, so that two writers lock the same rows in the same order
    ordered = sorted(moves, key=lambda move: move.comment.id)
    changed = comment_moves.move(conn, [_change(move) for move in ordered], now=now, held=held)
    made = [move for move in ordered if move.comment.id in changed]
    if not made:
        return []
    scoring.insert_scorings(conn, [move.scoring for move in made if move.scoring is not None])
    decisions.insert_decisions(conn, [move.decision for move in made if move.decision is not None])
    about = comments.article_and_author_ids(conn, [move.comment.id for move in made if move.named is None])
    events.insert_events(conn, [_event(move, move.named or about[move.comment.id], now) for move in made])
    vectors.note_decisions(conn, [move.comment.id for move in made if move.scoring is None])
    _count_for_authors(conn, made)
    _count_domains(conn, made)
    decided_before = [move for move in made if not move.comment.is_new]  # none other can have been drawn
    check_outcomes.follow(conn, [(move.comment.id, move.decision) for move in decided_before])
    return made


def _change(move: Move) -> Change:
    before, after = move.comment.status, move.to
    if after not in ALLOWED_MOVES[before] and not (move.may_stay and before is after):
        raise MoveNotAllowed(move.comment.external_id, before, after)
    ended = {"featured_at": None} if move.comment.featured_at and after is not CommentStatus.PUBLISHED else {}
    return Change(move.comment, after, {**move.columns, **ended})


def _event(move: Move, about: tuple[str, str], now: datetime) -> NewEvent:
    """``about`` is the site's own ids of the article and the author."""
    comment, decision = move.comment, move.decision
    article_id, author_id = about
    payload: dict[str, Any] = {
        "comment": {
            "id": comment.external_id,
            "article_id": article_id,
            "author_id": author_id,
            "status": move.to,
            "version": comment.version + 1,
        }
    }
    if decision is not None:
        payload["decision"] = _for_site(decision)
    event = Event(new_id(), comment.site_id, None, _event_type(move), comment.id, payload, now, move.due_at)
    return NewEvent(event, decision.id if decision else None, now if move.is_silent else None)


def _event_type(move: Move) -> EventType:
    if move.decision is None or move.decision.featured is None:
        return EVENT_OF_STATUS[move.to]
    return EventType.FEATURED if move.decision.featured else EventType.UNFEATURED


def _for_site(decision: Decision) -> dict[str, Any]:
    return {
        "id": decision.id,
        "action": decision.action,
        "by": decision.decided_by,
        "policy_version": decision.policy_version,
        "reason": decision.reason,
        "category": decision.reason,  # its name before; sent until version 1.1
        "reasons": list(decision.reasons),
        "undoes": decision.undoes,
    }


def _count_for_authors(conn: Connection, made: Sequence[Move]) -> None:
    """Keeps the author's numbers of published and rejected comments up to date."""
    published: Counter[str] = Counter()
    rejected: Counter[str] = Counter()
    for move in made:
        author, before, after = move.comment.author_id, move.comment.status, move.to
        published[author] += (after is CommentStatus.PUBLISHED) - (before is CommentStatus.PUBLISHED)
        rejected[author] += (after is CommentStatus.REJECTED) - (before is CommentStatus.REJECTED)
    steps = {author: (published[author], rejected[author]) for author in sorted(published.keys() | rejected.keys())}
    articles.count_for_authors(conn, {author: step for author, step in steps.items() if any(step)})


def _count_domains(conn: Connection, made: Sequence[Move]) -> None:
    """Keeps count of the domains that comments online link to. An edited comment waits, so it is not online."""
    counted: Counter[tuple[str, str]] = Counter()
    for move in made:
        step = (move.to is CommentStatus.PUBLISHED) - (move.comment.status is CommentStatus.PUBLISHED)
        for domain in linked_domains(move.comment.text) if step else ():
            counted[move.comment.site_id, domain] += step
    domains.count_domains(conn, counted)
