"""Makes, replaces and revokes the secrets by which a site's server signs who is reading. A site has at most two valid
ones, so that it can change from one to the other without refusing anybody."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.errors import FieldProblem, InvalidInput, NotFound
from moderation.sites import reader_secret_rows as store
from moderation.sites import rows as sites
from moderation.sites import tokens
from moderation.sites.audit.actors import Actor
from moderation.sites.audit.writing import note

PREFIX = "gvr_"
MOST_VALID = 2


@dataclass(frozen=True, slots=True)
class NewReaderSecret:
    id: str
    secret: str = field(repr=False)


def create(db: Database, site_id: str, *, by: Actor, now: datetime) -> NewReaderSecret:
    """Raises NotFound, and InvalidInput if the site has two valid secrets already."""
    with db.write() as conn:
        sites.lock_site(conn, site_id)
        secret = _insert(conn, site_id, now)
        note(conn, by, "reader_secret.created", site_id=site_id, subject=secret.id, now=now)
    return secret


def rotate(db: Database, secret_id: str, *, overlap: timedelta, by: Actor, now: datetime) -> NewReaderSecret:
    """Makes another secret for the site; this one is valid for another ``overlap``. Raises NotFound, also for a secret
    that has ended, and InvalidInput if the site has two valid ones besides."""
    with db.write() as conn:
        old = store.get(conn, tokens.known_form("reader secret", secret_id))
        sites.lock_site(conn, old.site_id)
        if not store.expire(conn, old.id, now + overlap):
            raise NotFound("valid reader secret", secret_id)
        secret = _insert(conn, old.site_id, now)
        ends = {"expires_at": (now + overlap).isoformat(), "replaced_by": secret.id}
        was = {"expires_at": old.expires_at.isoformat() if old.expires_at else None}
        note(conn, by, "reader_secret.rotated", site_id=old.site_id, subject=old.id, before=was, after=ends, now=now)
    return secret


def revoke(db: Database, secret_id: str, *, by: Actor, now: datetime) -> None:
    """Ends a secret for good, and with it all tokens that it signed. Raises NotFound; revoking again is no error."""
    with db.write() as conn:
        secret = store.get(conn, tokens.known_form("reader secret", secret_id))
        if store.revoke(conn, secret.id, now=now):
            note(conn, by, "reader_secret.revoked", site_id=secret.site_id, subject=secret.id, now=now)


def _insert(conn: Connection, site_id: str, now: datetime) -> NewReaderSecret:
    secret = tokens.new_token(PREFIX)
    new_secret = NewReaderSecret(store.insert(conn, site_id, secret, now=now), secret)
    if sum(known.is_valid(now) for known in store.of_site(conn, site_id)) > MOST_VALID:
        raise InvalidInput(FieldProblem("site", f"has {MOST_VALID} valid reader secrets already: revoke one first"))
    return new_secret
