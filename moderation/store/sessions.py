"""Moderators' sessions, and the failed logins that slow a guesser down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from moderation.schema import login_failures, moderators, sessions
from moderation.store.sites import WITH_ROLES, Moderator, moderator_from


@dataclass(frozen=True, slots=True)
class Session:
    digest: str
    moderator_id: str
    epoch: int
    created_at: datetime
    expires_at: datetime


def insert_session(conn: Connection, session: Session) -> None:
    conn.execute(
        sessions.insert().values(
            digest=session.digest,
            moderator_id=session.moderator_id,
            epoch=session.epoch,
            created_at=session.created_at,
            expires_at=session.expires_at,
        )
    )


def find_moderator(conn: Connection, digest: str, *, now: datetime) -> Moderator | None:
    """The moderator of a live session: it has not expired, and its moderator has not ended all of theirs."""
    return moderator_from(conn.execute(_MODERATOR, {"digest": digest, "now": now}).all())


# Made once: it runs for every request
_MODERATOR = WITH_ROLES.join(
    sessions,
    sa.and_(
        sessions.c.moderator_id == moderators.c.id,
        sessions.c.epoch == moderators.c.session_epoch,
        sessions.c.digest == sa.bindparam("digest"),
        sessions.c.expires_at > sa.bindparam("now"),
    ),
)


def delete_session(conn: Connection, digest: str) -> bool:
    return conn.execute(sessions.delete().where(sessions.c.digest == digest)).rowcount == 1


def delete_expired(conn: Connection, *, now: datetime) -> None:
    conn.execute(sessions.delete().where(sessions.c.expires_at <= now))


def end_all_sessions(conn: Connection, moderator_id: str) -> None:
    conn.execute(
        moderators.update().where(moderators.c.id == moderator_id).values(session_epoch=moderators.c.session_epoch + 1)
    )
    conn.execute(sessions.delete().where(sessions.c.moderator_id == moderator_id))


def blocked_until(conn: Connection, who: str, *, now: datetime) -> datetime | None:
    """When this network address or e-mail address may try again, if it is blocked now."""
    query = sa.select(login_failures.c.blocked_until).where(
        login_failures.c.who == who, login_failures.c.blocked_until > now
    )
    return conn.execute(query).scalar_one_or_none()


def count_failure(conn: Connection, who: str, *, since: datetime, now: datetime) -> int:
    """How many failures ``who`` now has. The count starts again if the last one was before ``since``."""
    insert = sqlite.insert if conn.dialect.name == "sqlite" else postgresql.insert
    table = login_failures
    counted = sa.case((table.c.last_at < since, 1), else_=table.c.failures + 1)
    statement = (
        insert(table)
        .values(who=who, failures=1, last_at=now)
        .on_conflict_do_update(index_elements=["who"], set_={"failures": counted, "last_at": now})
        .returning(table.c.failures)
    )
    return int(conn.execute(statement).scalar_one())


def block(conn: Connection, who: str, until: datetime) -> None:
    conn.execute(login_failures.update().where(login_failures.c.who == who).values(blocked_until=until))


def forget_failures(conn: Connection, who: str) -> None:
    conn.execute(login_failures.delete().where(login_failures.c.who == who))
