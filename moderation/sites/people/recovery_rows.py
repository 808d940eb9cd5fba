"""Codes that replace the second factor, each once. Only their digests are stored, and a used one is deleted."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.sites.people.tables import recovery_codes


def replace(conn: Connection, moderator_id: str, digests: Sequence[str]) -> None:
    """Has only these valid from now on; none without any."""
    conn.execute(recovery_codes.delete().where(recovery_codes.c.moderator_id == moderator_id))
    if digests:
        conn.execute(recovery_codes.insert(), [{"moderator_id": moderator_id, "digest": d} for d in digests])


def use(conn: Connection, moderator_id: str, digest: str) -> bool:
    """True for exactly one caller."""
    where = sa.and_(recovery_codes.c.moderator_id == moderator_id, recovery_codes.c.digest == digest)
    return conn.execute(recovery_codes.delete().where(where)).rowcount == 1


def count(conn: Connection, moderator_id: str) -> int:
    query = sa.select(sa.func.count()).where(recovery_codes.c.moderator_id == moderator_id)
    return conn.execute(query).scalar_one()
