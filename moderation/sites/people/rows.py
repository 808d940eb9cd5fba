"""The people of a site: their names and roles, invitations, and the secrets of their second factors."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.errors import NotFound
from moderation.sites.people.tables import invitations
from moderation.sites.rows import Moderator, find_moderator
from moderation.sites.tables import memberships, moderators, sites


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    name: str
    email: str
    role: str
    has_second_factor: bool


@dataclass(frozen=True, slots=True)
class Invitation:
    digest: str
    site_id: str
    email: str
    role: str
    invited_by: str  # a moderator's name
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can or could log in, with their role at each site by the site's name."""

    name: str
    email: str
    roles: Mapping[str, str]
    has_second_factor: bool
    is_closed: bool


def people_of(conn: Connection, site_id: str) -> list[Person]:
    """Everybody with a role at the site, except those whose account is closed."""
    query = (
        sa.select(moderators, memberships.c.role)
        .join(memberships, memberships.c.moderator_id == moderators.c.id)
        .where(memberships.c.site_id == site_id, moderators.c.disabled_at.is_(None))
        .order_by(moderators.c.name)
    )
    return [Person(r.id, r.name, r.email, r.role, r.totp_secret is not None) for r in conn.execute(query)]


def accounts(conn: Connection) -> list[Account]:
    """All of them by e-mail address, also those that are closed or have no role left."""
    roles: dict[str, dict[str, str]] = {}
    query = sa.select(memberships.c.moderator_id, sites.c.name, memberships.c.role).join(sites).order_by(sites.c.name)
    for row in conn.execute(query):
        roles.setdefault(row.moderator_id, {})[row.name] = row.role
    return [
        Account(r.name, r.email, roles.get(r.id, {}), r.totp_secret is not None, r.disabled_at is not None)
        for r in conn.execute(sa.select(moderators).order_by(moderators.c.email))
    ]


def names(conn: Connection, moderator_ids: Collection[str]) -> dict[str, str]:
    """By id, also of those who were disabled since."""
    query = sa.select(moderators.c.id, moderators.c.name).where(moderators.c.id.in_(moderator_ids))
    return {row.id: row.name for row in conn.execute(query)}


def ids_with(conn: Connection, site_id: str, roles: Sequence[str]) -> frozenset[str]:
    """The ids of a site's moderators who have one of the roles, those with a closed account among them."""
    query = sa.select(memberships.c.moderator_id).where(memberships.c.site_id == site_id, memberships.c.role.in_(roles))
    return frozenset(conn.execute(query).scalars())


def has_account(conn: Connection, email: str) -> bool:
    return conn.execute(sa.select(moderators.c.id).where(moderators.c.email == email)).first() is not None


def again(conn: Connection, moderator_id: str) -> Moderator:
    """The moderator's present state, after a change to their own account."""
    moderator = find_moderator(conn, id=moderator_id)
    if moderator is None:
        raise NotFound("moderator", moderator_id)
    return moderator


def remove_from(conn: Connection, moderator_id: str, site_id: str) -> bool:
    """False if they did not work for the site."""
    where = sa.and_(memberships.c.moderator_id == moderator_id, memberships.c.site_id == site_id)
    return conn.execute(memberships.delete().where(where)).rowcount == 1


def insert_invitation(
    conn: Connection, *, digest: str, site_id: str, email: str, role: str, by: str, now: datetime, expires_at: datetime
) -> None:
    conn.execute(
        invitations.insert().values(
            digest=digest, site_id=site_id, email=email, role=role, invited_by=by, created_at=now, expires_at=expires_at
        )
    )


def find_invitation(conn: Connection, digest: str, *, now: datetime) -> Invitation | None:
    """An invitation that is neither used nor expired."""
    row = conn.execute(_open(now).where(invitations.c.digest == digest)).one_or_none()
    return _invitation(row) if row else None


def open_invitations(conn: Connection, site_id: str, *, now: datetime) -> list[Invitation]:
    """Invitations that are neither used, withdrawn nor expired, newest first."""
    query = _open(now).where(invitations.c.site_id == site_id).order_by(invitations.c.created_at.desc())
    return [_invitation(row) for row in conn.execute(query)]


def use_invitation(conn: Connection, digest: str, *, now: datetime) -> bool:
    """True for exactly one caller."""
    where = sa.and_(invitations.c.digest == digest, invitations.c.used_at.is_(None), invitations.c.expires_at > now)
    return conn.execute(invitations.update().where(where).values(used_at=now)).rowcount == 1


def withdraw_invitation(conn: Connection, site_id: str, digest: str) -> tuple[str, str] | None:
    """The invited person and role; None if no such invitation is open."""
    where = sa.and_(invitations.c.digest == digest, invitations.c.site_id == site_id, invitations.c.used_at.is_(None))
    gone = invitations.delete().where(where).returning(invitations.c.email, invitations.c.role)
    row = conn.execute(gone).one_or_none()
    return (row.email, row.role) if row else None


def replace_password_hash(conn: Connection, moderator_id: str, old: str, new: str) -> bool:
    """False if the stored hash is no longer ``old``."""
    is_same = sa.and_(moderators.c.id == moderator_id, moderators.c.password_hash == old)
    return conn.execute(moderators.update().where(is_same).values(password_hash=new)).rowcount == 1


def set_password(conn: Connection, moderator_id: str, password_hash: str) -> None:
    conn.execute(moderators.update().where(moderators.c.id == moderator_id).values(password_hash=password_hash))


def disable(conn: Connection, moderator_id: str, *, now: datetime) -> None:
    conn.execute(moderators.update().where(moderators.c.id == moderator_id).values(disabled_at=now))


def set_totp_secret(conn: Connection, moderator_id: str, secret: str | None) -> None:
    """None turns the second factor off."""
    values = {"totp_secret": secret, "totp_used_step": None}
    conn.execute(moderators.update().where(moderators.c.id == moderator_id).values(**values))


def use_totp_step(conn: Connection, moderator_id: str, step: int) -> bool:
    """True for the first use of a time step, so that nobody can use a code again after reading it off a screen."""
    used = moderators.c.totp_used_step
    where = sa.and_(moderators.c.id == moderator_id, sa.or_(used.is_(None), used < step))
    return conn.execute(moderators.update().where(where).values(totp_used_step=step)).rowcount == 1


def _open(now: datetime) -> sa.Select[tuple[object, ...]]:
    query: sa.Select[tuple[object, ...]] = (
        sa.select(invitations, moderators.c.name)
        .join(moderators, moderators.c.id == invitations.c.invited_by)
        .where(invitations.c.used_at.is_(None), invitations.c.expires_at > now)
    )
    return query


def _invitation(row: sa.Row[tuple[object, ...]]) -> Invitation:
    fields = row._mapping
    return Invitation(
        fields["digest"], fields["site_id"], fields["email"], fields["role"], fields["name"], fields["expires_at"]
    )
