"""The entries of the audit trail, appended and never changed; and people's decisions in the same form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.schema import BY_PEOPLE, audit, comments, decisions, moderators


@dataclass(frozen=True, slots=True)
class AuditEntry:
    id: str
    site_id: str | None
    actor_kind: str | None  # None in entries that versions before 0009 wrote, and in decisions
    actor_name: str | None
    moderator_id: str | None
    key_id: str | None
    action: str
    subject: str | None  # what the action was done to, in words
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    created_at: datetime
    comment_id: str | None = None  # of a decision


def insert_entry(conn: Connection, entry: AuditEntry) -> None:
    conn.execute(
        audit.insert().values(
            id=entry.id,
            site_id=entry.site_id,
            actor_kind=entry.actor_kind,
            actor_name=entry.actor_name,
            moderator_id=entry.moderator_id,
            key_id=entry.key_id,
            action=entry.action,
            subject=entry.subject,
            before=dict(entry.before) if entry.before is not None else sa.null(),
            after=dict(entry.after) if entry.after is not None else sa.null(),
            created_at=entry.created_at,
        )
    )


def entries(
    conn: Connection, site_id: str | None, *, before: str | None, limit: int, since: str | None = None
) -> list[AuditEntry]:
    """Newest first, of ids below ``before`` and from ``since`` on. Without a site, those of the installation."""
    query = (
        sa.select(audit, sa.func.coalesce(audit.c.actor_name, moderators.c.name).label("name"))
        .outerjoin(moderators, moderators.c.id == audit.c.moderator_id)
        .where(audit.c.site_id == site_id)
        .order_by(audit.c.id.desc())
        .limit(limit)
    )
    return [
        AuditEntry(
            r.id, r.site_id, r.actor_kind, r.name, r.moderator_id, r.key_id, r.action, r.subject, r.before, r.after,
            r.created_at,
        )
        for r in conn.execute(_between(query, audit, before, since))
    ]  # fmt: skip


def decided(
    conn: Connection, site_id: str, *, before: str | None, limit: int, since: str | None = None
) -> list[AuditEntry]:
    """People's decisions by reference: names and words of a comment are looked up where they may be read."""
    query = (
        sa.select(decisions, moderators.c.name, comments.c.external_id)
        .join(comments, comments.c.id == decisions.c.comment_id)
        .outerjoin(moderators, moderators.c.id == decisions.c.moderator_id)
        .where(decisions.c.site_id == site_id, sa.text(BY_PEOPLE))
        .order_by(decisions.c.id.desc())
        .limit(limit)
    )
    return [_entry_of(row) for row in conn.execute(_between(query, decisions, before, since))]


def _entry_of(row: sa.Row[Any]) -> AuditEntry:
    after = {"status": row.status_after, "version": row.version + 1, "reason": row.category}
    after |= {"batch": row.batch_id, "undoes": row.undoes, "decision": row.id}
    return AuditEntry(
        id=row.id,
        site_id=row.site_id,
        actor_kind=None,
        actor_name=row.name,
        moderator_id=row.moderator_id,
        key_id=None,
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
    if row.featured is not None:
        return "comment.featured" if row.featured else "comment.unfeatured"
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
