"""Moderators' sessions, and the failed logins that slow a guesser down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.inserting import insert_into
from moderation.sites.people.tables import known_addresses, login_failures, sessions
from moderation.sites.rows import WITH_ROLES, Moderator, moderator_from
from moderation.sites.tables import moderators


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
    """False if there is no such session."""
    return conn.execute(sessions.delete().where(sessions.c.digest == digest)).rowcount == 1


def delete_expired(conn: Connection, *, now: datetime) -> None:
    conn.execute(sessions.delete().where(sessions.c.expires_at <= now))


def end_all_sessions(conn: Connection, moderator_id: str) -> None:
    """Ends the moderator's sessions, and makes those invalid that are being opened just now."""
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


def count_failure(conn: Connection, who: str, *, since: datetime, now: datetime) -> int | None:
    """How many failures ``who`` now has, or None while blocked. It starts again if the last was before ``since``.

    One statement: each of many attempts at once sees those before it, and the block that one of them set.
    """
    table = login_failures
    counted = sa.case((table.c.last_at < since, 1), else_=table.c.failures + 1)
    statement = (
        insert_into(conn, table)
        .values(who=who, failures=1, last_at=now)
        .on_conflict_do_update(
            index_elements=["who"],
            set_={"failures": counted, "last_at": now},
            where=sa.or_(table.c.blocked_until.is_(None), table.c.blocked_until <= now),
        )
        .returning(table.c.failures)
    )
    return conn.execute(statement).scalar_one_or_none()


def block(conn: Connection, who: str, until: datetime) -> None:
    """Refuses attempts to log in until then. ``who`` is the one whose failures ``count_failure`` counts."""
    conn.execute(login_failures.update().where(login_failures.c.who == who).values(blocked_until=until))


def forget_failures(conn: Connection, who: str) -> None:
    conn.execute(login_failures.delete().where(login_failures.c.who == who))


def take_back_failure(conn: Connection, who: str, *, block: datetime | None) -> None:
    """One failure fewer, and without the block that it set. A longer one, which another failure set, stays."""
    table = login_failures
    lifted = sa.case((table.c.blocked_until == block, None), else_=table.c.blocked_until)
    fewer = sa.case((table.c.failures > 0, table.c.failures - 1), else_=0)
    conn.execute(table.update().where(table.c.who == who).values(failures=fewer, blocked_until=lifted))


def delete_old_failures(conn: Connection, *, last_before: datetime, now: datetime) -> None:
    is_free = sa.or_(login_failures.c.blocked_until.is_(None), login_failures.c.blocked_until <= now)
    conn.execute(login_failures.delete().where(login_failures.c.last_at < last_before, is_free))


def is_known_address(conn: Connection, moderator_id: str, digest: str, *, since: datetime) -> bool:
    table = known_addresses
    query = sa.select(sa.literal(1)).where(
        table.c.moderator_id == moderator_id, table.c.digest == digest, table.c.last_at >= since
    )
    return conn.execute(query).first() is not None


def remember_address(conn: Connection, moderator_id: str, digest: str, *, now: datetime) -> None:
    statement = insert_into(conn, known_addresses).values(moderator_id=moderator_id, digest=digest, last_at=now)
    conn.execute(statement.on_conflict_do_update(index_elements=["moderator_id", "digest"], set_={"last_at": now}))


def forget_addresses(conn: Connection, moderator_id: str, *, last_before: datetime) -> None:
    table = known_addresses
    conn.execute(table.delete().where(table.c.moderator_id == moderator_id, table.c.last_at < last_before))
