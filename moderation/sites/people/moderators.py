"""The people who work for a site, and their roles: invitations by link, changes of role, passwords and second factors.

The audit trail records every change, before and after.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from moderation.ground.database.engine import Database
from moderation.ground.errors import FieldProblem, InvalidInput, NameTaken, NotAllowed, NotFound
from moderation.sites import rows as sites
from moderation.sites.audit import actors
from moderation.sites.audit.actors import Actor
from moderation.sites.audit.writing import note
from moderation.sites.names import check_name
from moderation.sites.people import recovery, totp
from moderation.sites.people import rows as people
from moderation.sites.people import session_rows as sessions
from moderation.sites.people.accounts import digest
from moderation.sites.people.roles import Role, allow
from moderation.sites.people.rows import Invitation
from moderation.sites.rows import Moderator

INVITATION_DAYS = 7


def create_moderator(
    db: Database, *, email: str, name: str, password_hash: str, roles: Mapping[str, Role], by: Actor, now: datetime
) -> str:
    """Creates an account with a role at each site in ``roles``, and returns its id. Raises NameTaken and
    InvalidInput."""
    check_name(name)
    if email.count("@") != 1 or email.strip() != email or not 3 <= len(email) <= 254:
        raise InvalidInput(FieldProblem("email", "is not an e-mail address"))
    try:
        with db.write() as conn:
            moderator_id = sites.insert_moderator(conn, email=email, name=name, password_hash=password_hash, now=now)
            for site_id, role in roles.items():
                sites.set_role(conn, moderator_id, site_id, role)
                said = {"role": role}
                note(conn, by, "account.created", site_id=site_id, subject=email.lower(), after=said, now=now)
    except IntegrityError as e:
        raise NameTaken("moderator", email) from e
    return moderator_id


def invite(db: Database, admin: Moderator, site_id: str, email: str, role: Role, *, now: datetime) -> str:
    """The token for the invitation's link, which is shown once. Raises NotAllowed and InvalidInput."""
    allow(admin, site_id, Role.ADMIN)
    address = email.strip().lower()
    if address.count("@") != 1 or not 3 <= len(address) <= 254 or not address.isprintable():
        raise InvalidInput(FieldProblem("email", "is not an e-mail address"))
    token = secrets.token_urlsafe(32)
    expires_at = now + timedelta(days=INVITATION_DAYS)
    with db.write() as conn:
        people.insert_invitation(
            conn, digest=digest(token), site_id=site_id, email=address, role=role, by=admin.id, now=now,
            expires_at=expires_at,
        )  # fmt: skip
        _note(conn, "person.invited", admin, site_id, address, None, {"role": role}, now)
    return token


def invitation(db: Database, token: str, *, now: datetime) -> Invitation:
    """The invitation behind a link. Raises NotFound if it has been used, withdrawn or has expired."""
    with db.read() as conn:
        offer = people.find_invitation(conn, digest(token), now=now)
    if offer is None:
        raise NotFound("invitation", "of this link; it may have been used or be over")
    return offer


def withdraw_invitation(db: Database, admin: Moderator, site_id: str, token_digest: str, *, now: datetime) -> None:
    """Raises NotAllowed unless ``admin`` is one, and NotFound if the invitation is no longer open."""
    allow(admin, site_id, Role.ADMIN)
    with db.write() as conn:
        withdrawn = people.withdraw_invitation(conn, site_id, token_digest)
        if withdrawn is None:
            raise NotFound("invitation", token_digest[:8])
        address, role = withdrawn
        _note(conn, "invitation.withdrawn", admin, site_id, address, {"role": role}, None, now)


def accept_as_new(db: Database, token: str, *, name: str, password_hash: str, now: datetime) -> Moderator:
    """Creates the invited account. Raises NotFound, InvalidInput, and NameTaken if the account exists."""
    if not name.isprintable() or not 0 < len(name.strip()) <= 100:
        raise InvalidInput(FieldProblem("name", "must be 1 to 100 printable characters"))
    offer = invitation(db, token, now=now)
    try:
        with db.write() as conn:
            _use(conn, offer, now)
            moderator_id = sites.insert_moderator(
                conn, email=offer.email, name=name.strip(), password_hash=password_hash, now=now
            )
            return _join(conn, moderator_id, offer, now)
    except IntegrityError as e:
        raise NameTaken("moderator", offer.email) from e


def accept(db: Database, moderator: Moderator, token: str, *, now: datetime) -> Moderator:
    """Adds the site to an existing account. Raises NotFound, and NotAllowed if the invitation is for somebody else."""
    offer = invitation(db, token, now=now)
    if offer.email != moderator.email:
        raise NotAllowed("this invitation is for another e-mail address")
    with db.write() as conn:
        _use(conn, offer, now)
        return _join(conn, moderator.id, offer, now)


def set_role(
    db: Database, admin: Moderator, site_id: str, moderator_id: str, role: Role | None, *, now: datetime
) -> None:
    """A role of None removes the person from the site. Nobody may change their own role, so a site always keeps an
    admin."""
    allow(admin, site_id, Role.ADMIN)
    if moderator_id == admin.id:
        raise NotAllowed("nobody may change their own role")
    with db.write() as conn:
        person = next((p for p in people.people_of(conn, site_id) if p.id == moderator_id), None)
        if person is None:
            raise NotFound("person", moderator_id)
        if role is None:
            people.remove_from(conn, moderator_id, site_id)
        else:
            sites.set_role(conn, moderator_id, site_id, role)
        _note(conn, "person.role", admin, site_id, person.email, {"role": person.role}, {"role": role}, now)


def set_password(db: Database, moderator: Moderator, password_hash: str, *, now: datetime) -> None:
    """Ends every session of the moderator, the present one too."""
    with db.write() as conn:
        people.set_password(conn, moderator.id, password_hash)
        sessions.end_all_sessions(conn, moderator.id)
        _note_at_sites(conn, actors.person(moderator), "password.changed", moderator, now)


def confirm_second_factor(
    db: Database, moderator: Moderator, secret: str, code: str, *, now: datetime
) -> tuple[str, ...]:
    """Turns the second factor on once the app has shown a right code, and returns the recovery codes. Raises
    InvalidInput."""
    step = totp.matching_step(secret, code, now=now)
    if step is None:
        raise InvalidInput(FieldProblem("code", "this is not the code for the key: wait for the app's next code"))
    with db.write() as conn:
        people.set_totp_secret(conn, moderator.id, secret)
        people.use_totp_step(conn, moderator.id, step)
        _note_at_sites(conn, actors.person(moderator), "second_factor.on", moderator, now)
        return recovery.renew(conn, moderator.id)


def renew_recovery_codes(db: Database, moderator: Moderator, *, now: datetime) -> tuple[str, ...]:
    """The old codes no longer work. Raises NotAllowed without a second factor."""
    if moderator.totp_secret is None:
        raise NotAllowed("recovery codes need a second factor")
    with db.write() as conn:
        _note_at_sites(conn, actors.person(moderator), "recovery_codes.renewed", moderator, now)
        return recovery.renew(conn, moderator.id)


def drop_second_factor(db: Database, moderator: Moderator, *, now: datetime) -> None:
    """Turns the second factor off."""
    with db.write() as conn:
        people.set_totp_secret(conn, moderator.id, None)
        recovery.forget(conn, moderator.id)
        _note_at_sites(conn, actors.person(moderator), "second_factor.off", moderator, now)


def reset(db: Database, email: str, password_hash: str, *, by: Actor, now: datetime) -> None:
    """Sets a new password, turns the second factor off and ends every session, for people who lost one of them.

    Raises NotFound.
    """
    with db.write() as conn:
        moderator = _named(conn, email)
        people.set_password(conn, moderator.id, password_hash)
        people.set_totp_secret(conn, moderator.id, None)
        recovery.forget(conn, moderator.id)
        sessions.end_all_sessions(conn, moderator.id)
        _note_at_sites(conn, by, "account.reset", moderator, now)


def give_role(db: Database, email: str, site_id: str, role: Role, *, by: Actor, now: datetime) -> None:
    """Gives a role at any site to anybody with an account; only operators can do this. Raises NotFound."""
    with db.write() as conn:
        moderator = _named(conn, email)
        held = moderator.roles.get(site_id)
        sites.set_role(conn, moderator.id, site_id, role)
        was, becomes = {"role": held}, {"role": role}
        note(conn, by, "person.role", site_id=site_id, subject=moderator.email, before=was, after=becomes, now=now)


def disable(db: Database, email: str, *, by: Actor, now: datetime) -> None:
    """Closes an account for good and ends its sessions. Its owner's decisions keep their name. Raises NotFound."""
    with db.write() as conn:
        moderator = _named(conn, email)
        people.disable(conn, moderator.id, now=now)
        sessions.end_all_sessions(conn, moderator.id)
        _note_at_sites(conn, by, "account.disabled", moderator, now)


def _named(conn: Connection, email: str) -> Moderator:
    moderator = sites.find_moderator(conn, email=email)
    if moderator is None:
        raise NotFound("moderator", email)
    return moderator


def _note_at_sites(conn: Connection, by: Actor, action: str, about: Moderator, now: datetime) -> None:
    """Records a change of an account at each site that the account may act for."""
    for site_id in about.roles or (None,):
        note(conn, by, action, site_id=site_id, subject=about.email, now=now)


def _use(conn: Connection, invitation: Invitation, now: datetime) -> None:
    if not people.use_invitation(conn, invitation.digest, now=now):
        raise NotFound("invitation", "of this link; it may have been used or be over")


def _join(conn: Connection, moderator_id: str, invitation: Invitation, now: datetime) -> Moderator:
    sites.set_role(conn, moderator_id, invitation.site_id, invitation.role)
    moderator = sites.find_moderator(conn, id=moderator_id)
    assert moderator is not None
    _note(conn, "person.joined", moderator, invitation.site_id, invitation.email, None, {"role": invitation.role}, now)
    return moderator


def _note(
    conn: Connection,
    action: str,
    by: Moderator,
    site_id: str,
    subject: str,
    before: dict[str, object] | None,
    after: dict[str, object] | None,
    now: datetime,
) -> None:
    who = actors.person(by)
    note(conn, who, action, site_id=site_id, subject=subject, before=before, after=after, now=now)
