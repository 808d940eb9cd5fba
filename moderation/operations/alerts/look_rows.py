"""The questions that alerts ask of other rooms' tables, each along an index."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.engine import first_id_at
from moderation.sites.audit.actors import ActorKind
from moderation.sites.audit.tables import audit
from moderation.sites.second_readers.tables import second_readers
from moderation.sites.second_readers.values import ReaderState
from moderation.sites.tables import webhook_failures
from moderation.spine.comments.tables import IN_QUEUE, comments, notices
from moderation.spine.events.tables import events

MOST = 100  # of a kind in one look
SECOND = 2  # attempt
SILENT = 6  # calls of a second reader in a row, with rests of four minutes in between


def held(conn: Connection, site_id: str, *, at_most: int) -> int:
    few = sa.select(comments.c.id).where(comments.c.site_id == site_id, sa.text(IN_QUEUE)).limit(at_most).subquery()
    return int(conn.execute(sa.select(sa.func.count()).select_from(few)).scalar_one())


def oldest_held(conn: Connection, site_id: str) -> datetime | None:
    query = sa.select(comments.c.received_at).where(comments.c.site_id == site_id, sa.text(IN_QUEUE))
    return conn.execute(query.order_by(comments.c.id).limit(1)).scalar_one_or_none()


def threats(conn: Connection, site_id: str, since: datetime) -> list[str]:
    """Comments that wait in the queue for a threat before any other reason."""
    mine = (comments.c.site_id == site_id, sa.text(IN_QUEUE), comments.c.flagged_for == "threat")
    query = sa.select(comments.c.id).where(*mine, comments.c.id >= first_id_at(since))
    return list(conn.execute(query.order_by(comments.c.id.desc()).limit(MOST)).scalars())


def flagger_notices(conn: Connection, site_id: str, since: datetime) -> list[str]:
    mine = (notices.c.site_id == site_id, notices.c.id >= first_id_at(since), notices.c.flagger.is_not(None))
    query = sa.select(notices.c.id).where(*mine, notices.c.outcome.is_(None))
    return list(conn.execute(query.order_by(notices.c.id.desc()).limit(MOST)).scalars())


def broken_promises(conn: Connection, site_id: str, since: datetime) -> list[str]:
    mine = (audit.c.site_id == site_id, audit.c.id >= first_id_at(since))
    query = sa.select(audit.c.id).where(*mine, audit.c.action == "model.put_back")
    return list(conn.execute(query.limit(MOST)).scalars())


def second_readers_put_back(conn: Connection, site_id: str, since: datetime) -> list[str]:
    """Into the shadow, by themselves."""
    mine = (audit.c.site_id == site_id, audit.c.id >= first_id_at(since))
    by_itself = (audit.c.action == "second_reader.moved", audit.c.actor_kind == ActorKind.SYSTEM)
    return list(conn.execute(sa.select(audit.c.id).where(*mine, *by_itself).limit(MOST)).scalars())


def silent_second_readers(conn: Connection, site_id: str) -> list[str]:
    """Those that read, and have not answered for some minutes."""
    mine = (second_readers.c.site_id == site_id, second_readers.c.removed_at.is_(None))
    silent = (second_readers.c.state != ReaderState.OFF, second_readers.c.failures >= SILENT)
    return list(conn.execute(sa.select(second_readers.c.id).where(*mine, *silent)).scalars())


def has_failed_twice(conn: Connection, site_id: str) -> bool:
    """Whether the webhook's last attempt failed, and an event had two."""
    failing = sa.select(webhook_failures.c.site_id).where(webhook_failures.c.site_id == site_id)
    if conn.execute(failing).first() is None:
        return False
    twice = (events.c.site_id == site_id, events.c.attempts >= SECOND, events.c.delivered_at.is_(None))
    return conn.execute(sa.select(events.c.id).where(*twice).limit(1)).first() is not None


def text_of(conn: Connection, comment_id: str) -> str:
    """As it is now: empty after an erasure."""
    return conn.execute(sa.select(comments.c.text).where(comments.c.id == comment_id)).scalar_one_or_none() or ""
