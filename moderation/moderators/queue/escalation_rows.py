"""Which lead has taken an escalated comment. An owner of an earlier escalation does not count, nor somebody who leads
the site no longer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.inserting import insert_into
from moderation.moderators.queue.tables import escalation_owners
from moderation.sites.tables import memberships, moderators
from moderation.spine.comments.tables import comments


@dataclass(frozen=True, slots=True)
class Owner:
    id: str
    name: str


_STILL_LEADS = sa.exists().where(
    memberships.c.moderator_id == escalation_owners.c.moderator_id,
    memberships.c.site_id == escalation_owners.c.site_id,
    memberships.c.role.in_(("lead", "admin")),
    moderators.c.id == memberships.c.moderator_id,
    moderators.c.disabled_at.is_(None),
)
IS_OWNED = sa.and_(
    escalation_owners.c.comment_id == comments.c.id,
    escalation_owners.c.taken_at >= comments.c.escalated_at,
    _STILL_LEADS.correlate(escalation_owners),
)


def owners(conn: Connection, comment_ids: Sequence[str]) -> dict[str, Owner]:
    """By comment, of those that are escalated and taken."""
    if not comment_ids:
        return {}
    query = (
        sa.select(escalation_owners.c.comment_id, moderators.c.id, moderators.c.name)
        .select_from(escalation_owners)
        .join(comments, IS_OWNED)
        .join(moderators, moderators.c.id == escalation_owners.c.moderator_id)
        .where(escalation_owners.c.comment_id.in_(comment_ids))
    )
    return {row.comment_id: Owner(row.id, row.name) for row in conn.execute(query)}


def set_owner(conn: Connection, comment_id: str, site_id: str, moderator_id: str, *, now: datetime) -> None:
    taken = {"moderator_id": moderator_id, "taken_at": now}
    statement = insert_into(conn, escalation_owners).values(comment_id=comment_id, site_id=site_id, **taken)
    conn.execute(statement.on_conflict_do_update(index_elements=["comment_id"], set_=taken))


def forget_owner(conn: Connection, comment_id: str) -> None:
    conn.execute(escalation_owners.delete().where(escalation_owners.c.comment_id == comment_id))
