"""Writes decisions down: their rows, the event of each for its site, and what they count for authors; all together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.engine import Connection

from moderation.deciding.events import EVENT_OF_STATUS
from moderation.model import Comment, CommentStatus, Event
from moderation.store import articles, comments, decisions, events
from moderation.store.database import new_id
from moderation.store.decisions import Decision
from moderation.store.events import NewEvent


def append(
    conn: Connection,
    made: Sequence[Decision],
    about: Sequence[Comment],
    *,
    now: datetime,
    due_at: datetime | None = None,
    silent: bool = False,
) -> None:
    decisions.insert_decisions(conn, made)
    listed = comments.listed_by_ids(conn, [d.comment_id for d in made])
    events.insert_events(
        conn,
        [NewEvent(_event(d, listed[d.comment_id], now, due_at or now), d.id, now if silent else None) for d in made],
    )
    _count_for_authors(conn, made, {comment.id: comment.author_id for comment in about})


def _event(decision: Decision, listed: comments.Listed, now: datetime, due_at: datetime) -> Event:
    payload = {
        "comment": {
            "id": listed.comment.external_id,
            "article_id": listed.article_external_id,
            "author_id": listed.author_external_id,
            "status": decision.status_after,
            "version": decision.version + 1,
        },
        "decision": {
            "id": decision.id,
            "action": decision.action,
            "by": decision.decided_by,
            "policy_version": decision.policy_version,
            "category": decision.category,
            "reasons": list(decision.reasons),
            "undoes": decision.undoes,
        },
    }
    type_ = EVENT_OF_STATUS[decision.status_after]
    return Event(new_id(), decision.site_id, None, type_, decision.comment_id, payload, now, due_at)


def _count_for_authors(conn: Connection, made: Sequence[Decision], author_of: dict[str, str]) -> None:
    published: Counter[str] = Counter()
    rejected: Counter[str] = Counter()
    for decision in made:
        author = author_of[decision.comment_id]
        for status, step in ((decision.status_before, -1), (decision.status_after, 1)):
            published[author] += step * (status is CommentStatus.PUBLISHED)
            rejected[author] += step * (status is CommentStatus.REJECTED)
    for author in sorted(published.keys() | rejected.keys()):  # sorted, so that two writers lock rows in the same order
        if published[author] or rejected[author]:
            articles.count_for_author(conn, author, published=published[author], rejected=rejected[author])
