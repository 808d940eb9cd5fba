"""The API keys of sites. A key is shown once and stored as a digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.errors import NotFound
from moderation.sites import rows as store
from moderation.sites import tokens
from moderation.sites.audit.actors import Actor
from moderation.sites.audit.writing import note
from moderation.sites.names import check_name
from moderation.sites.rows import KeyRow

KEY_PREFIX = "gvl_"


class Scope(StrEnum):
    """The calls that a key may make."""

    POST = "post"  # articles, comments, reports
    MODERATE = "moderate"  # decisions, the policy, the site's settings
    READ = "read"  # comments, lists, the feed, the policy
    SCORE = "score"  # scores of texts that are not stored
    PUBLIC = "public"  # what readers see anyway: for keys that stand in a page
    TRUSTED_FLAGGER = "trusted-flagger"  # notices that come first, and nothing else: for such an organisation


OF_SITES = tuple(scope for scope in Scope if scope is not Scope.TRUSTED_FLAGGER)
"""The scopes of a key of the site's own."""


@dataclass(frozen=True, slots=True)
class NewKey:
    id: str
    token: str = field(repr=False)  # shown to its owner once, stored nowhere


def create_key(db: Database, site_id: str, *, name: str, scopes: Iterable[Scope], by: Actor, now: datetime) -> NewKey:
    """Raises NotFound, and InvalidInput for the name."""
    check_name(name)
    with db.write() as conn:
        return insert_key(conn, store.get_site(conn, site_id).id, name=name, scopes=scopes, by=by, now=now)


def revoke_key(db: Database, key_id: str, *, by: Actor, now: datetime) -> None:
    """Ends a key for good. Raises NotFound; revoking again is no error."""
    known_form = tokens.known_form("key", key_id)
    with db.write() as conn:
        site_id, key = store.get_key(conn, known_form)
        if store.revoke_key(conn, known_form, now=now):
            note(conn, by, "key.revoked", site_id=site_id, subject=_in_words(key), now=now)


def rotate_key(db: Database, key_id: str, *, overlap: timedelta, by: Actor, now: datetime) -> NewKey:
    """Makes a new key like the old one, which works for another ``overlap``. Raises NotFound, also for a key that has
    ended."""
    with db.write() as conn:
        site_id, old = store.get_key(conn, tokens.known_form("key", key_id))
        if not store.expire_key(conn, old.id, now + overlap):
            raise NotFound("live key", key_id)
        was = {"expires_at": old.expires_at.isoformat() if old.expires_at else None}
        ends = {"expires_at": (now + overlap).isoformat()}
        note(conn, by, "key.rotated", site_id=site_id, subject=_in_words(old), before=was, after=ends, now=now)
        return insert_key(conn, site_id, name=old.name, scopes=sorted(map(Scope, old.scopes)), by=by, now=now)


def insert_key(
    conn: Connection, site_id: str, *, name: str, scopes: Iterable[Scope], by: Actor, now: datetime
) -> NewKey:
    """Makes a key in the caller's transaction."""
    token, allowed = tokens.new_token(KEY_PREFIX), list(scopes)
    key_id = store.insert_key(conn, site_id, name=name, digest=digest_of(token), scopes=allowed, now=now)
    note(conn, by, "key.created", site_id=site_id, subject=f"{name} ({key_id})", after={"scopes": allowed}, now=now)
    return NewKey(key_id, token)


def digest_of(token: str) -> str:
    """The stored form of a key. A key is 256 random bits, so nobody can find it from a plain hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def _in_words(key: KeyRow) -> str:
    return f"{key.name} ({key.id})"
