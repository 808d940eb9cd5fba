"""The secrets by which a site signs its readers' tokens, as stored. A signature can be checked only with the secret
itself, so this is no digest."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from moderation.ground.database.engine import new_id
from moderation.ground.errors import NotFound
from moderation.sites.tables import reader_secrets


@dataclass(frozen=True, slots=True)
class ReaderSecret:
    """One secret of a site. Tokens name it by its id, in their header, as kid."""

    id: str
    site_id: str
    secret: str = field(repr=False)
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_valid(self, now: datetime) -> bool:
        """Whether tokens signed with it are accepted at this moment."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def insert(conn: Connection, site_id: str, secret: str, *, now: datetime) -> str:
    """Returns the new secret's id."""
    secret_id = new_id()
    conn.execute(reader_secrets.insert().values(id=secret_id, site_id=site_id, secret=secret, created_at=now))
    return secret_id


def find(conn: Connection, secret_id: str) -> ReaderSecret | None:
    """The secret with this id, valid or not."""
    row = conn.execute(sa.select(reader_secrets).where(reader_secrets.c.id == secret_id)).one_or_none()
    return _secret(row) if row else None


def get(conn: Connection, secret_id: str) -> ReaderSecret:
    """As ``find``. Raises NotFound."""
    secret = find(conn, secret_id)
    if secret is None:
        raise NotFound("reader secret", secret_id)
    return secret


def of_site(conn: Connection, site_id: str) -> list[ReaderSecret]:
    """All secrets of the site, oldest first, ended ones too."""
    query = sa.select(reader_secrets).where(reader_secrets.c.site_id == site_id).order_by(reader_secrets.c.id)
    return [_secret(row) for row in conn.execute(query)]


def expire(conn: Connection, secret_id: str, at: datetime) -> bool:
    """False if the secret is revoked or already expires sooner."""
    sooner = sa.or_(reader_secrets.c.expires_at.is_(None), reader_secrets.c.expires_at > at)
    valid = sa.and_(reader_secrets.c.id == secret_id, reader_secrets.c.revoked_at.is_(None), sooner)
    return conn.execute(reader_secrets.update().where(valid).values(expires_at=at)).rowcount == 1


def revoke(conn: Connection, secret_id: str, *, now: datetime) -> bool:
    """False when the secret is revoked already; then it keeps its first date."""
    valid = sa.and_(reader_secrets.c.id == secret_id, reader_secrets.c.revoked_at.is_(None))
    return conn.execute(reader_secrets.update().where(valid).values(revoked_at=now)).rowcount == 1


def _secret(row: Row[Any]) -> ReaderSecret:
    return ReaderSecret(row.id, row.site_id, row.secret, row.created_at, row.expires_at, row.revoked_at)
