"""The audit log: people's other actions, appended and never changed, and their decisions in the same form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.schema import BY_PEOPLE, audit, comments, decisions, moderators
from moderation.store.database import new_id


@dataclass(frozen=True, slots=True)
class Noted:
    id: str
    site_id: str | None
    who: str
    action: str
    subject: str | None
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    created_at: datetime
    comment_id: str | None = None  # of a decision


def note(
    conn: Connection,
    action: str,
    *,
    by: str | None,
    site_id: str | None,
    now: datetime,
    subject: str | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """``by`` is a moderator's id; None if nobody is known, as after a failed login."""
    conn.execute(
        audit.insert().values(
            id=new_id(),
            site_id=site_id,
            moderator_id=by,
            action=action,
            subject=subject,
            before=dict(before) if before is not None else sa.null(),
            after=dict(after) if after is not None else sa.null(),
            created_at=now,
        )
    )


def entries(conn: Connection, site_id: str, *, before: str | None, limit: int, since: str | None = None) -> list[Noted]:
    """Newest first, of ids below ``before`` and from ``since`` on."""
    query = (
        sa.select(audit, moderators.c.name)
        .outerjoin(moderators, moderators.c.id == audit.c.moderator_id)
        .where(audit.c.site_id == site_id)
        .order_by(audit.c.id.desc())
        .limit(limit)
    )
    query = _between(query, audit, before, since)
    return [
        Noted(r.id, r.site_id, r.name or "Gavel", r.action, r.subject, r.before, r.after, r.created_at)
        for r in conn.execute(query)
    ]


def decided(conn: Connection, site_id: str, *, before: str | None, limit: int, since: str | None = None) -> list[Noted]:
    """People's decisions, by reference. The comment's author and text are looked up only where they may be read."""
    query = (
        sa.select(decisions, moderators.c.name, comments.c.external_id)
        .join(comments, comments.c.id == decisions.c.comment_id)
        .outerjoin(moderators, moderators.c.id == decisions.c.moderator_id)
        .where(decisions.c.site_id == site_id, sa.text(BY_PEOPLE))
        .order_by(decisions.c.id.desc())
        .limit(limit)
    )
    return [_noted(row) for row in conn.execute(_between(query, decisions, before, since))]


def _noted(row: sa.Row[Any]) -> Noted:
    after = {"status": row.status_after, "version": row.version + 1, "category": row.category}
    after |= {"batch": row.batch_id, "undoes": row.undoes, "decision": row.id}
    return Noted(
        id=row.id,
        site_id=row.site_id,
        who=row.name or "the site",
        action=_action(row),
        subject=row.external_id,
        before={"status": row.status_before, "version": row.version},
        after={name: value for name, value in after.items() if value is not None},
        created_at=row.created_at,
        comment_id=row.comment_id,
    )


def _action(row: sa.Row[Any]) -> str:
    if row.undoes is not None:
        return "decision.undone"
    if row.status_before == row.status_after:
        return "comment.escalated"
    done = {"published": "approved", "rejected": "rejected", "flagged": "sent_to_review"}
    return f"comment.{done[row.status_after]}"


def _between(query: sa.Select[Any], table: sa.Table, before: str | None, since: str | None) -> sa.Select[Any]:
    if before is not None:
        query = query.where(table.c.id < before)
    if since is not None:
        query = query.where(table.c.id >= since)
    return query
