"""Sites, their keys, policies, and the moderators who work for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from moderation.ground.database.engine import new_id
from moderation.ground.errors import NotFound
from moderation.sites.settings import json_column
from moderation.sites.settings.values import SiteSettings
from moderation.sites.tables import api_keys, memberships, moderators, policies, sites


@dataclass(frozen=True, slots=True)
class Site:
    id: str
    name: str
    settings: SiteSettings


@dataclass(frozen=True, slots=True)
class Key:
    id: str
    site_id: str
    name: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as operators list it; the key itself is not kept."""

    id: str
    name: str
    scopes: frozenset[str]
    created_at: datetime
    revoked_at: datetime | None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Moderator:
    id: str
    email: str
    name: str
    password_hash: str
    session_epoch: int
    roles: Mapping[str, str]  # site id -> role
    preferences: Mapping[str, Any] = field(default_factory=dict)
    totp_secret: str | None = None


def insert_site(conn: Connection, *, name: str, settings: SiteSettings, now: datetime) -> Site:
    site_id, stored = new_id(), json_column.dump(settings)
    conn.execute(sites.insert().values(id=site_id, name=name, settings=stored, created_at=now))
    return Site(site_id, name, settings)


def get_site(conn: Connection, site_id: str) -> Site:
    row = conn.execute(_SITE, {"site_id": site_id}).one_or_none()
    if row is None:
        raise NotFound("site", site_id)
    return _site(row)


_SITE = sa.select(sites).where(sites.c.id == sa.bindparam("site_id"))  # made once: every comment asks it


def lock_site(conn: Connection, site_id: str) -> Site:
    """Reads the site and locks it, so that nobody else changes its settings until the transaction ends."""
    conn.execute(sa.select(sites.c.id).where(sites.c.id == site_id).with_for_update())
    return get_site(conn, site_id)


def lock_for_draw(conn: Connection, site_id: str) -> None:
    """Lets one worker at a time draw comments of the site. New rows may still point to it meanwhile."""
    conn.execute(sa.select(sites.c.id).where(sites.c.id == site_id).with_for_update(key_share=True))


def find_site(conn: Connection, name: str) -> Site | None:
    row = conn.execute(sa.select(sites).where(sites.c.name == name)).one_or_none()
    return _site(row) if row else None


def site_ids(conn: Connection) -> list[str]:
    """All sites' ids, the oldest first."""
    return list(conn.execute(sa.select(sites.c.id).order_by(sites.c.id)).scalars())


def all_sites(conn: Connection) -> list[Site]:
    return [_site(row) for row in conn.execute(sa.select(sites).order_by(sites.c.name))]


def update_site_settings(conn: Connection, site_id: str, settings: SiteSettings) -> None:
    """Settings of a newer version beside ours stay there."""
    beside = conn.execute(sa.select(sites.c.settings).where(sites.c.id == site_id)).scalar_one()
    stored = json_column.dump(settings, beside=beside)
    conn.execute(sites.update().where(sites.c.id == site_id).values(settings=stored))


def _site(row: Row[Any]) -> Site:
    return Site(row.id, row.name, json_column.parse(row.settings))


def insert_key(conn: Connection, site_id: str, *, name: str, digest: str, scopes: Sequence[str], now: datetime) -> str:
    """Stores the digest of a key and returns the key's id."""
    key_id = new_id()
    conn.execute(
        api_keys.insert().values(
            id=key_id, site_id=site_id, name=name, digest=digest, scopes=list(scopes), created_at=now
        )
    )
    return key_id


def find_key(conn: Connection, digest: str, now: datetime) -> Key | None:
    """The live key with this digest: neither revoked nor expired."""
    row = conn.execute(
        sa.select(api_keys).where(
            api_keys.c.digest == digest,
            api_keys.c.revoked_at.is_(None),
            sa.or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > now),
        )
    ).one_or_none()
    return Key(row.id, row.site_id, row.name, frozenset(row.scopes)) if row else None


def keys_of(conn: Connection, site_id: str) -> list[KeyRow]:
    """Every key of the site, oldest first, ended ones too."""
    rows = conn.execute(sa.select(api_keys).where(api_keys.c.site_id == site_id).order_by(api_keys.c.id))
    return [KeyRow(r.id, r.name, frozenset(r.scopes), r.created_at, r.revoked_at, r.expires_at) for r in rows]


def get_key(conn: Connection, key_id: str) -> tuple[str, KeyRow]:
    """The site's id and the key, live or not."""
    r = conn.execute(sa.select(api_keys).where(api_keys.c.id == key_id)).one_or_none()
    if r is None:
        raise NotFound("key", key_id)
    return r.site_id, KeyRow(r.id, r.name, frozenset(r.scopes), r.created_at, r.revoked_at, r.expires_at)


def expire_key(conn: Connection, key_id: str, at: datetime) -> bool:
    """False if the key is revoked or already expires sooner."""
    sooner = sa.or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > at)
    live = sa.and_(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None), sooner)
    return conn.execute(api_keys.update().where(live).values(expires_at=at)).rowcount == 1


def revoke_key(conn: Connection, key_id: str, *, now: datetime) -> bool:
    """False when the key is revoked already; then it keeps its first date."""
    live = sa.and_(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
    return conn.execute(api_keys.update().where(live).values(revoked_at=now)).rowcount == 1


def insert_moderator(conn: Connection, *, email: str, name: str, password_hash: str, now: datetime) -> str:
    """The e-mail address is stored in lower case. Returns the id."""
    moderator_id = new_id()
    conn.execute(
        moderators.insert().values(
            id=moderator_id, email=email.lower(), name=name, password_hash=password_hash, created_at=now
        )
    )
    return moderator_id


def set_role(conn: Connection, moderator_id: str, site_id: str, role: str) -> None:
    """Gives the role, or replaces the one that the moderator has at the site."""
    where = sa.and_(memberships.c.moderator_id == moderator_id, memberships.c.site_id == site_id)
    if conn.execute(memberships.update().where(where).values(role=role)).rowcount == 0:
        conn.execute(memberships.insert().values(moderator_id=moderator_id, site_id=site_id, role=role))


def find_moderator(conn: Connection, *, email: str | None = None, id: str | None = None) -> Moderator | None:
    """An enabled moderator by e-mail address or by id."""
    where = moderators.c.email == email.lower() if email is not None else moderators.c.id == id
    return moderator_from(conn.execute(WITH_ROLES.where(where)).all())


def set_preferences(conn: Connection, moderator_id: str, preferences: Mapping[str, Any]) -> None:
    conn.execute(moderators.update().where(moderators.c.id == moderator_id).values(preferences=dict(preferences)))


WITH_ROLES = (
    sa.select(moderators, memberships.c.site_id, memberships.c.role)
    .outerjoin(memberships, memberships.c.moderator_id == moderators.c.id)
    .where(moderators.c.disabled_at.is_(None))
)
"""An enabled moderator, a row for each site; one at least."""


def moderator_from(rows: Sequence[Row[Any]]) -> Moderator | None:
    """Builds a moderator from the rows of WITH_ROLES about them."""
    if not rows:
        return None
    row = rows[0]
    return Moderator(
        id=row.id,
        email=row.email,
        name=row.name,
        password_hash=row.password_hash,
        session_epoch=row.session_epoch,
        roles={r.site_id: r.role for r in rows if r.site_id is not None},
        preferences=row.preferences or {},
        totp_secret=row.totp_secret,
    )


@dataclass(frozen=True, slots=True)
class PolicyRow:
    version: int
    document: Mapping[str, Any]
    note: str | None
    created_by: str
    created_at: datetime


def insert_policy(conn: Connection, site_id: str, row: PolicyRow) -> None:
    """Raises IntegrityError when somebody saved this version first."""
    conn.execute(
        policies.insert().values(
            site_id=site_id,
            version=row.version,
            document=dict(row.document),
            note=row.note,
            created_by=row.created_by,
            created_at=row.created_at,
        )
    )


def current_policy(conn: Connection, site_id: str) -> PolicyRow:
    """The newest version with its document. Raises NotFound."""
    rows = policy_versions(conn, site_id, limit=1)
    if not rows:
        raise NotFound("policy of site", site_id)
    return rows[0]


def current_policies(conn: Connection, site_ids: Sequence[str]) -> dict[str, PolicyRow]:
    """For each site the newest version with its document. A site that is being made has none."""
    newest = (
        sa.select(policies.c.site_id, sa.func.max(policies.c.version).label("version"))
        .where(policies.c.site_id.in_(site_ids))
        .group_by(policies.c.site_id)
        .subquery()
    )
    is_newest = sa.and_(policies.c.site_id == newest.c.site_id, policies.c.version == newest.c.version)
    rows = conn.execute(sa.select(policies).join(newest, is_newest)) if site_ids else ()
    return {r.site_id: PolicyRow(r.version, r.document, r.note, r.created_by, r.created_at) for r in rows}


def policies_in_force(
    conn: Connection, site_ids: Sequence[str], start: datetime, end: datetime
) -> list[Mapping[str, Any]]:
    """The documents of the versions that were in force at some time from ``start`` up to ``end``."""
    later = policies.alias("later")
    was_replaced = sa.exists().where(
        later.c.site_id == policies.c.site_id, later.c.version == policies.c.version + 1, later.c.created_at <= start
    )
    query = sa.select(policies.c.document).where(
        policies.c.site_id.in_(site_ids), policies.c.created_at < end, ~was_replaced
    )
    return list(conn.execute(query).scalars())


def current_policy_version(conn: Connection, site_id: str) -> int:
    """Raises NotFound."""
    version = conn.execute(_NEWEST_VERSION, {"site_id": site_id}).scalar()
    if version is None:
        raise NotFound("policy of site", site_id)
    return int(version)


_NEWEST_VERSION = sa.select(sa.func.max(policies.c.version)).where(policies.c.site_id == sa.bindparam("site_id"))


def get_policy(conn: Connection, site_id: str, version: int) -> PolicyRow:
    """One version with its document. Raises NotFound."""
    rows = policy_versions(conn, site_id, limit=1, before=version + 1)
    if not rows or rows[0].version != version:
        raise NotFound("policy version", str(version))
    return rows[0]


def policy_versions(conn: Connection, site_id: str, *, limit: int, before: int | None = None) -> list[PolicyRow]:
    """Newest first."""
    query = sa.select(policies).where(policies.c.site_id == site_id)
    if before is not None:
        query = query.where(policies.c.version < before)
    rows = conn.execute(query.order_by(policies.c.version.desc()).limit(limit))
    return [PolicyRow(r.version, r.document, r.note, r.created_by, r.created_at) for r in rows]
