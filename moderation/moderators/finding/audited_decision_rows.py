"""People's decisions in the form of the audit trail, by reference: its entries have no texts."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.values.statuses import CommentStatus
from moderation.sites.audit.rows import ALL, AuditEntry, EntryFilter, between
from moderation.sites.tables import moderators
from moderation.spine.articles.tables import authors
from moderation.spine.comments.tables import BY_PEOPLE, comments, decisions


def decided(
    conn: Connection,
    site_id: str,
    *,
    before: str | None,
    limit: int,
    since: str | None = None,
    choice: EntryFilter = ALL,
    until: str | None = None,
) -> list[AuditEntry]:
    """People's decisions by reference: names and words of a comment are looked up where they may be read.

    With ``until``, each batch is one entry: its last decision below that id, and the number of all of them.
    """
    named = (moderators.c.name, comments.c.external_id, authors.c.name.label("author_name"))
    query = (
        sa.select(decisions, *named, IS_REDONE.label("is_redone"))
        .join(comments, comments.c.id == decisions.c.comment_id)
        .join(authors, authors.c.id == comments.c.author_id)
        .outerjoin(moderators, moderators.c.id == decisions.c.moderator_id)
        .where(*_by(site_id, choice))
        .order_by(decisions.c.id.desc())
        .limit(limit)
    )
    query = between(query, decisions, before, since)
    if until is None:
        return [_entry_of(row, 1) for row in conn.execute(query)]
    # Most belong to no batch, and need no further query
    is_last = sa.case((decisions.c.batch_id.is_(None), True), else_=~_IS_FOLLOWED.where(_LATER.c.id < until))
    rows = conn.execute(query.where(is_last)).all()
    sizes = _sizes(conn, site_id, {row.batch_id for row in rows if row.batch_id}, since=since, until=until)
    return [_entry_of(row, sizes.get(_part_of(row), 1)) for row in rows]


def _by(site_id: str, choice: EntryFilter) -> list[sa.ColumnElement[bool] | sa.TextClause]:
    if choice.moderator_id is None:
        nobody = [decisions.c.moderator_id.is_(None)] if choice.actor_kind == "key" else []
        return [decisions.c.site_id == site_id, sa.text(BY_PEOPLE), *nobody]
    # SQLite might walk all of the site's decisions; it does not see through coalesce. PostgreSQL does
    return [sa.func.coalesce(decisions.c.site_id, None) == site_id, decisions.c.moderator_id == choice.moderator_id]


_LATER, _UNDONE = decisions.alias("later"), decisions.alias("undone")
IS_REDONE = sa.select(_UNDONE.c.undoes).where(_UNDONE.c.id == decisions.c.undoes).scalar_subquery().is_not(None)
# The part of a batch that one act made: the decisions themselves, or one undo or redo of them
_IS_FOLLOWED = sa.exists().where(
    _LATER.c.batch_id == decisions.c.batch_id,
    _LATER.c.batch_id.is_not(None),  # the batches' index needs it
    _LATER.c.id > decisions.c.id,
    _LATER.c.decided_by == decisions.c.decided_by,  # the policy's on later copies of a campaign are no act of a person
    _LATER.c.site_id == decisions.c.site_id,
    _LATER.c.status_after == decisions.c.status_after,
    _LATER.c.undoes.is_(None) == decisions.c.undoes.is_(None),
    sa.or_(decisions.c.undoes.is_(None), _LATER.c.created_at == decisions.c.created_at),
)


def _sizes(
    conn: Connection, site_id: str, batch_ids: set[str], *, since: str | None, until: str
) -> dict[tuple[Any, ...], int]:
    """By the part of a batch: its decisions at the site, of this stretch of time."""
    if not batch_ids:
        return {}
    is_own = decisions.c.undoes.is_(None).label("is_own")
    parts = (decisions.c.batch_id, decisions.c.status_after, is_own, decisions.c.created_at)
    in_batches = (decisions.c.batch_id.in_(batch_ids), decisions.c.site_id == site_id, decisions.c.id < until)
    query = sa.select(*parts, sa.func.count().label("n")).where(*in_batches, sa.text(BY_PEOPLE)).group_by(*parts)
    if since is not None:
        query = query.where(decisions.c.id >= since)
    sizes: dict[tuple[Any, ...], int] = {}
    for row in conn.execute(query):
        part = (row.batch_id, row.status_after, None if row.is_own else row.created_at)
        sizes[part] = sizes.get(part, 0) + row.n
    return sizes


def _part_of(row: sa.Row[Any]) -> tuple[Any, ...]:
    return (row.batch_id, row.status_after, None if row.undoes is None else row.created_at)


def _entry_of(row: sa.Row[Any], count: int) -> AuditEntry:
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
        author_name=row.author_name,
        comments=count,
        is_redone=row.is_redone,
    )


def _action(row: sa.Row[Any]) -> str:
    if row.undoes is not None:
        return "decision.undone"
    if row.featured is not None:
        return "comment.featured" if row.featured else "comment.unfeatured"
    if row.status_before == row.status_after:
        return "comment.escalated" if row.status_after == CommentStatus.FLAGGED else "comment.confirmed"
    done = {"published": "approved", "rejected": "rejected", "flagged": "sent_to_review"}
    return f"comment.{done[row.status_after]}"
