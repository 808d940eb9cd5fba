"""People whom a login provider vouches for, and their accounts here: found by the provider's own name for the person,
never by an e-mail address alone.

An account that is there already is connected by its owner, who logs in with the password first, by an operator, or by
an admin's invitation of an address that the provider has verified.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from moderation.ground.database.engine import Database
from moderation.ground.environment.group_roles import GroupRole
from moderation.ground.errors import FieldProblem, InvalidInput, NotAllowed, NotFound
from moderation.sites import rows as sites
from moderation.sites.audit import actors
from moderation.sites.audit.actors import Actor
from moderation.sites.audit.writing import note
from moderation.sites.names import MAX_NAME_CHARS
from moderation.sites.people import groups, identity_rows
from moderation.sites.people import rows as people
from moderation.sites.people import session_rows as sessions
from moderation.sites.people.accounts import NO_PASSWORD
from moderation.sites.people.groups import GroupRoles
from moderation.sites.people.identity_rows import Identity, OpenInvitation
from moderation.sites.rows import Moderator

LONGEST_EMAIL = 254
LONGEST_SUBJECT = 255  # OpenID Connect Core 1.0, section 2


class LoginRefusal(StrEnum):
    """Why somebody whom the provider knows does not get in."""

    NO_GROUP = "is in no group with a role here"
    NOT_INVITED = "has no account, and nobody invited this verified address"
    NO_EMAIL = "has no e-mail address there"
    KNOWN_EMAIL = "has the address of an account that is not connected"
    UNVERIFIED_EMAIL = "has an invited address that the provider has not verified"
    OTHER_PERSON = "has the address of an account that is connected to somebody else there"
    CLOSED = "had an account that is closed"
    TAKEN = "is connected to another account"


class LoginRefused(NotAllowed):
    """The provider knows the person, and Gavel does not let them in."""

    def __init__(self, refusal: LoginRefusal) -> None:
        super().__init__(f"this person {refusal}")
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class ProvidedPerson:
    """A person, in the provider's words."""

    issuer: str
    subject: str
    email: str  # in small letters; empty without one
    has_verified_email: bool
    name: str
    groups: frozenset[str]

    @property
    def shown_name(self) -> str:
        """As colleagues see it: the first part of the address if the provider has none."""
        name = "".join(c for c in self.name if c.isprintable()).strip()[:MAX_NAME_CHARS].strip()
        return name or self.email.partition("@")[0][:MAX_NAME_CHARS]


def enter(db: Database, person: ProvidedPerson, rules: Sequence[GroupRole], *, now: datetime) -> Moderator:
    """The person's account, with the roles of their groups; a new one where they may have one. Raises LoginRefused.

    A person who has left all groups loses their roles and sessions, and is refused.
    """
    try:
        entered = _enter(db, person, rules, now)
    except IntegrityError:  # the same person came in twice at once, for the first time
        entered = _enter(db, person, rules, now)
    if isinstance(entered, LoginRefusal):
        raise LoginRefused(entered)
    return entered


def connect(db: Database, moderator: Moderator, person: ProvidedPerson, *, now: datetime) -> None:
    """For an owner who is logged in. Raises LoginRefused if either is connected to another one."""
    identity = Identity(person.issuer, person.subject, moderator.id, now)
    with db.write() as conn:
        if (known := identity_rows.find(conn, person.issuer, person.subject)) is not None:
            if known.moderator_id != moderator.id:
                raise LoginRefused(LoginRefusal.TAKEN)
            return
        if identity_rows.of_moderator(conn, moderator.id, person.issuer) is not None:
            raise LoginRefused(LoginRefusal.OTHER_PERSON)
        _connect(conn, moderator, identity, now)


def connect_by_operator(db: Database, email: str, issuer: str, subject: str, *, by: Actor, now: datetime) -> None:
    """In place of the person to whom the account was connected. Raises InvalidInput, NotFound and LoginRefused."""
    if not subject.isprintable() or not 0 < len(subject) <= LONGEST_SUBJECT:
        raise InvalidInput(FieldProblem("subject", f"must be 1 to {LONGEST_SUBJECT} printable characters"))
    with db.write() as conn:
        moderator = sites.find_moderator(conn, email=email)
        if moderator is None:
            raise NotFound("moderator", email)
        known = identity_rows.find(conn, issuer, subject)
        if known is not None and known.moderator_id != moderator.id:
            raise LoginRefused(LoginRefusal.TAKEN)
        identity_rows.delete(conn, moderator.id, issuer)
        identity_rows.insert(conn, Identity(issuer, subject, moderator.id, now))
        _note(conn, by, "account.linked", moderator, issuer, now)


def disconnect(db: Database, moderator: Moderator, issuer: str, *, now: datetime) -> None:
    """For an owner who is logged in. Ends their sessions too: one of them may be of the other person."""
    with db.write() as conn:
        if identity_rows.delete(conn, moderator.id, issuer):
            sessions.end_all_sessions(conn, moderator.id)
            _note(conn, actors.person(moderator), "account.disconnected", moderator, issuer, now)


def disconnect_by_operator(db: Database, email: str, issuer: str, *, by: Actor, now: datetime) -> bool:
    """Ends the sessions too. False if nothing was connected. Raises NotFound."""
    with db.write() as conn:
        moderator = sites.find_moderator(conn, email=email)
        if moderator is None:
            raise NotFound("moderator", email)
        if not identity_rows.delete(conn, moderator.id, issuer):
            return False
        sessions.end_all_sessions(conn, moderator.id)
        _note(conn, by, "account.unlinked", moderator, issuer, now)
        return True


def identity_of(db: Database, moderator: Moderator, issuer: str) -> Identity | None:
    """The person at the provider to whom the account is connected."""
    with db.read() as conn:
        return identity_rows.of_moderator(conn, moderator.id, issuer)


def _enter(db: Database, person: ProvidedPerson, rules: Sequence[GroupRole], now: datetime) -> Moderator | LoginRefusal:
    """A refusal is returned, since its changes must stay."""
    with db.write() as conn:
        roles = groups.roles_of(conn, rules, person.groups)
        identity = identity_rows.find(conn, person.issuer, person.subject)
        if rules and not roles.is_in_a_group:
            _shut_out(conn, identity, roles, now)
            return LoginRefusal.NO_GROUP
        if identity is None:
            newcomer = _newcomer(conn, person, roles, now)
            if isinstance(newcomer, LoginRefusal):
                # PostgreSQL shows a later look what was committed since: the same person may have come in just now
                came = identity_rows.find(conn, person.issuer, person.subject)
                if came is None:
                    return newcomer
                newcomer = came
            identity = newcomer
        moderator = sites.find_moderator(conn, id=identity.moderator_id)
        if moderator is None:
            return LoginRefusal.CLOSED
        groups.apply(conn, moderator, roles, now=now)
        return people.again(conn, moderator.id)


def _shut_out(conn: Connection, identity: Identity | None, roles: GroupRoles, now: datetime) -> None:
    moderator = sites.find_moderator(conn, id=identity.moderator_id) if identity else None
    if moderator is None:
        return
    groups.apply(conn, moderator, roles, now=now)
    sessions.end_all_sessions(conn, moderator.id)
    for site_id in moderator.roles or (None,):
        note(conn, actors.SYSTEM, "session.no_group", site_id=site_id, subject=moderator.email, now=now)


def _newcomer(conn: Connection, person: ProvidedPerson, roles: GroupRoles, now: datetime) -> Identity | LoginRefusal:
    """Connects somebody who comes for the first time, to their account or to a new one."""
    account = identity_rows.account(conn, person.email)
    offers = identity_rows.invitations_of(conn, person.email, now=now)
    usable = offers if person.has_verified_email else []
    if not _is_address(person.email):
        return LoginRefusal.NO_EMAIL
    if account is not None and account.is_closed:
        return LoginRefusal.CLOSED
    if offers and not usable and (account is not None or not roles.is_in_a_group):
        return LoginRefusal.UNVERIFIED_EMAIL
    if not usable and account is not None:
        return LoginRefusal.KNOWN_EMAIL
    if not usable and not roles.is_in_a_group:
        return LoginRefusal.NOT_INVITED
    if account is not None and identity_rows.of_moderator(conn, account.id, person.issuer) is not None:
        return LoginRefusal.OTHER_PERSON
    identity = Identity(person.issuer, person.subject, account.id if account else _create(conn, person, now), now)
    joined = _join(conn, identity.moderator_id, usable, now)
    if account is not None:
        moderator = people.again(conn, account.id)
        _connect(conn, moderator, identity, now)
        return identity
    identity_rows.insert(conn, identity)
    given = {site_id for site_id, role in roles.by_site.items() if role is not None}
    said = {"issuer": person.issuer, "verified": person.has_verified_email}
    for site_id in sorted(given.union(joined)) or (None,):
        note(conn, actors.SYSTEM, "account.provided", site_id=site_id, subject=person.email, after=said, now=now)
    return identity


def _create(conn: Connection, person: ProvidedPerson, now: datetime) -> str:
    name = person.shown_name
    return sites.insert_moderator(conn, email=person.email, name=name, password_hash=NO_PASSWORD, now=now)


def _join(conn: Connection, moderator_id: str, offers: Sequence[OpenInvitation], now: datetime) -> list[str]:
    """The sites of the invitations, which are used by this."""
    joined = []
    for offer in offers:
        if people.use_invitation(conn, offer.digest, now=now):
            sites.set_role(conn, moderator_id, offer.site_id, offer.role)
            joined.append(offer.site_id)
            who = people.again(conn, moderator_id)
            said = {"role": offer.role}
            note(
                conn, actors.person(who), "person.joined", site_id=offer.site_id, subject=who.email, after=said, now=now
            )  # fmt: skip
    return joined


def _connect(conn: Connection, moderator: Moderator, identity: Identity, now: datetime) -> None:
    identity_rows.insert(conn, identity)
    _note(conn, actors.person(moderator), "account.connected", moderator, identity.issuer, now)


def _note(conn: Connection, by: Actor, action: str, about: Moderator, issuer: str, now: datetime) -> None:
    for site_id in about.roles or (None,):
        said = {"issuer": issuer}
        note(conn, by, action, site_id=site_id, subject=about.email, after=said, now=now)


def _is_address(email: str) -> bool:
    return email.count("@") == 1 and 3 <= len(email) <= LONGEST_EMAIL and email.isprintable() and " " not in email
