"""The entries of the audit trail, appended and never changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.alike_statements import union_of
from moderation.sites.audit.tables import audit
from moderation.sites.tables import moderators

MOST_ACTORS = 500


@dataclass(frozen=True, slots=True)
class AuditEntry:
    id: str
    site_id: str | None
    actor_kind: str | None  # None in entries that early versions wrote, and in decisions
    actor_name: str | None
    moderator_id: str | None
    key_id: str | None
    action: str
    subject: str | None  # what the action was done to, in words
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    created_at: datetime
    comment_id: str | None = None  # of a decision
    author_name: str | None = None  # of its comment
    comments: int = 1  # how many decisions of one batch this entry speaks for
    is_redone: bool = False  # it undoes an undo


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """One person's entries, or those of a kind of actor, and those of some actions alone. Empty: all."""

    moderator_id: str | None = None
    actor_kind: str | None = None
    actions: Sequence[str] = ()  # decisions have no choice of these


ALL = EntryFilter()


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
    conn: Connection,
    site_id: str | None,
    *,
    before: str | None,
    limit: int,
    since: str | None = None,
    choice: EntryFilter = ALL,
) -> list[AuditEntry]:
    """Newest first, of ids below ``before`` and from ``since`` on. Without a site, those of the installation."""
    walks = [between(walk, audit, before, since) for walk in _walks(site_id, choice)]
    picked = union_of([walk.order_by(audit.c.id.desc()).limit(limit) for walk in walks]).subquery()
    query = (
        sa.select(audit, sa.func.coalesce(audit.c.actor_name, moderators.c.name).label("name"))
        .join(picked, picked.c.id == audit.c.id)
        .outerjoin(moderators, moderators.c.id == audit.c.moderator_id)
        .order_by(audit.c.id.desc())
        .limit(limit)
    )
    return [
        AuditEntry(
            r.id, r.site_id, r.actor_kind, r.name, r.moderator_id, r.key_id, r.action, r.subject, r.before, r.after,
            r.created_at,
        )
        for r in conn.execute(query)
    ]  # fmt: skip


def _walks(site_id: str | None, choice: EntryFilter) -> list[sa.Select[Any]]:
    """Each along one index, in its order: a person's entries, those of a kind of actor, or those of each action."""
    walk, one_of = sa.select(audit.c.id).where(audit.c.site_id == site_id), audit.c.action.in_(choice.actions)
    if choice.moderator_id is not None:
        mine = walk.where(audit.c.moderator_id == choice.moderator_id)
        return [mine.where(one_of) if choice.actions else mine]
    if choice.actor_kind is not None:
        by = [walk.where(audit.c.actor_kind == choice.actor_kind)]
        if choice.actor_kind == "operator":  # entries from before 0009 do not name the kind
            by.append(walk.where(audit.c.actor_kind.is_(None), audit.c.moderator_id.is_(None)))
        return [query.where(one_of) if choice.actions else query for query in by]
    return [walk.where(audit.c.action == action) for action in choice.actions] or [walk]


def actors(conn: Connection, site_id: str) -> dict[str, str]:
    """Everybody who is in the site's trail, those who have left too: names by id, in the order of the names."""
    is_there = sa.exists().where(audit.c.site_id == site_id, audit.c.moderator_id == moderators.c.id)
    query = sa.select(moderators.c.id, moderators.c.name).where(is_there).order_by(moderators.c.name)
    return {row.id: row.name for row in conn.execute(query.limit(MOST_ACTORS))}


def between(query: sa.Select[Any], table: sa.Table, before: str | None, since: str | None) -> sa.Select[Any]:
    """The entries with ids below ``before`` and from ``since`` on."""
    if before is not None:
        query = query.where(table.c.id < before)
    if since is not None:
        query = query.where(table.c.id >= since)
    return query
