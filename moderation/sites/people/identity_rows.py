"""Whose account a person at the login provider has, and the logins with it that have begun."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.sites.people.tables import identities, invitations, provider_logins
from moderation.sites.tables import memberships, moderators


@dataclass(frozen=True, slots=True)
class Identity:
    issuer: str
    subject: str
    moderator_id: str
    linked_at: datetime


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """An account by its address, closed ones too."""

    id: str
    is_closed: bool


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """An open invitation."""

    digest: str
    site_id: str
    role: str


@dataclass(frozen=True, slots=True)
class BegunLogin:
    """A login that has gone to the provider. ``moderator_id`` is set if an account is to be connected by it."""

    nonce: str
    verifier: str
    wanted: str
    moderator_id: str | None


def find(conn: Connection, issuer: str, subject: str) -> Identity | None:
    where = sa.and_(identities.c.issuer == issuer, identities.c.subject == subject)
    return _identity(conn.execute(sa.select(identities).where(where)).one_or_none())


def of_moderator(conn: Connection, moderator_id: str, issuer: str) -> Identity | None:
    where = sa.and_(identities.c.moderator_id == moderator_id, identities.c.issuer == issuer)
    return _identity(conn.execute(sa.select(identities).where(where)).one_or_none())


def insert(conn: Connection, identity: Identity) -> None:
    """Raises IntegrityError if the person or the account is connected already."""
    conn.execute(
        identities.insert().values(
            issuer=identity.issuer,
            subject=identity.subject,
            moderator_id=identity.moderator_id,
            linked_at=identity.linked_at,
        )
    )


def delete(conn: Connection, moderator_id: str, issuer: str) -> bool:
    """False if the account was not connected."""
    where = sa.and_(identities.c.moderator_id == moderator_id, identities.c.issuer == issuer)
    return conn.execute(identities.delete().where(where)).rowcount == 1


def account(conn: Connection, email: str) -> KnownAccount | None:
    row = conn.execute(sa.select(moderators.c.id, moderators.c.disabled_at).where(moderators.c.email == email)).first()
    return KnownAccount(row.id, row.disabled_at is not None) if row else None


def invitations_of(conn: Connection, email: str, *, now: datetime) -> list[OpenInvitation]:
    """The open invitations of this address, oldest first."""
    is_open = sa.and_(invitations.c.used_at.is_(None), invitations.c.expires_at > now)
    query = sa.select(invitations.c.digest, invitations.c.site_id, invitations.c.role)
    rows = conn.execute(query.where(invitations.c.email == email, is_open).order_by(invitations.c.created_at))
    return [OpenInvitation(row.digest, row.site_id, row.role) for row in rows]


def has_other_admin(conn: Connection, site_id: str, moderator_id: str) -> bool:
    """Whether the site keeps an admin without this one."""
    query = (
        sa.select(sa.literal(1))
        .select_from(memberships.join(moderators, moderators.c.id == memberships.c.moderator_id))
        .where(
            memberships.c.site_id == site_id,
            memberships.c.role == "admin",
            memberships.c.moderator_id != moderator_id,
            moderators.c.disabled_at.is_(None),
        )
    )
    return conn.execute(query.limit(1)).first() is not None


def insert_login(
    conn: Connection, login: BegunLogin, *, digest: str, browser: str, address: str, expires_at: datetime
) -> None:
    conn.execute(
        provider_logins.insert().values(
            digest=digest,
            browser=browser,
            address=address,
            nonce=login.nonce,
            verifier=login.verifier,
            wanted=login.wanted,
            moderator_id=login.moderator_id,
            expires_at=expires_at,
        )
    )


def take_login(conn: Connection, digest: str, browser: str, *, now: datetime) -> BegunLogin | None:
    """The login of this browser, once: exactly one caller gets it."""
    where = sa.and_(
        provider_logins.c.digest == digest, provider_logins.c.browser == browser, provider_logins.c.expires_at > now
    )
    columns = provider_logins.c
    taken = provider_logins.delete().where(where)
    row = conn.execute(
        taken.returning(columns.nonce, columns.verifier, columns.wanted, columns.moderator_id)
    ).one_or_none()
    return BegunLogin(row.nonce, row.verifier, row.wanted, row.moderator_id) if row else None


def count_logins(conn: Connection, address: str) -> int:
    """Begun from this network address and not come back."""
    query = sa.select(sa.func.count()).where(provider_logins.c.address == address)
    return conn.execute(query).scalar_one()


def delete_expired_logins(conn: Connection, *, now: datetime) -> None:
    conn.execute(provider_logins.delete().where(provider_logins.c.expires_at <= now))


def _identity(row: sa.Row[tuple[object, ...]] | None) -> Identity | None:
    if row is None:
        return None
    fields = row._mapping
    return Identity(fields["issuer"], fields["subject"], fields["moderator_id"], fields["linked_at"])
