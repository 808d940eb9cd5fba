"""Logging in, sessions that end, and passwords by their hash: another module knows how a hash is made."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.errors import NotAuthenticated
from moderation.sites import rows as sites
from moderation.sites.audit import actors
from moderation.sites.audit import writing as audit_writing
from moderation.sites.people import recovery, throttle, totp
from moderation.sites.people import recovery_rows as recovery_codes
from moderation.sites.people import rows as people
from moderation.sites.people import session_rows as sessions
from moderation.sites.people.session_rows import Session
from moderation.sites.rows import Moderator

NO_PASSWORD = ""
"""In place of the hash, of people who log in with a provider. No password matches it."""
SESSION_HOURS = 12  # a long shift; nobody stays logged in overnight

Verify = Callable[[str | None, str], bool]
"""Compares a stored hash with a password. None stands for an unknown account, and takes the same time."""


@dataclass(frozen=True, slots=True)
class LoggedIn:
    token: str  # for the cookie; only its digest is stored
    moderator: Moderator


def log_in(
    db: Database, *, email: str, password: str, address: str, verify: Verify, now: datetime, code: str = ""
) -> LoggedIn:
    """Raises LoginThrottled after too many attempts, and NotAuthenticated if anything is wrong."""
    with db.read() as conn:
        moderator = sites.find_moderator(conn, email=email)
    known_id = moderator.id if moderator else None
    attempt = throttle.begin(db, email=email, address=address, moderator_id=known_id, now=now)
    password_hash = moderator.password_hash or None if moderator else None
    if not verify(password_hash, password) or moderator is None:
        raise NotAuthenticated("the e-mail address or the password is wrong")
    if moderator.totp_secret is not None and not _second_factor(db, moderator, moderator.totp_secret, code, now):
        raise NotAuthenticated("the code from your authenticator app is missing or wrong")
    return open_session(db, moderator, now=now, attempt=attempt)


def open_session(
    db: Database, moderator: Moderator, *, now: datetime, attempt: throttle.Attempt | None = None
) -> LoggedIn:
    """Logs the moderator in without checking anything. ``attempt`` is the one in which the password was right; a new
    password or an invitation needs none."""
    token = secrets.token_urlsafe(32)
    with db.write() as conn:
        if attempt is not None:
            throttle.succeed(conn, attempt, moderator.id, now=now)
        sessions.delete_expired(conn, now=now)
        expires_at = now + timedelta(hours=SESSION_HOURS)
        session = Session(digest(token), moderator.id, moderator.session_epoch, now, expires_at)
        sessions.insert_session(conn, session)
        _note(conn, "session.started", moderator, now)
    return LoggedIn(token, moderator)


def renew_hash(db: Database, moderator: Moderator, password_hash: str) -> None:
    """Stores a newer hash of the same password, unless the password has changed meanwhile. Sessions continue."""
    with db.write() as conn:
        people.replace_password_hash(conn, moderator.id, moderator.password_hash, password_hash)


def who_is(db: Database, token: str, *, now: datetime) -> Moderator:
    """The moderator who owns the session. Raises NotAuthenticated."""
    with db.read() as conn:
        moderator = sessions.find_moderator(conn, digest(token), now=now)
    if moderator is None:
        raise NotAuthenticated("the session has ended")
    return moderator


def log_out(db: Database, token: str, *, now: datetime) -> None:
    """Ends a session. If it has already ended, or never existed, nothing happens and the audit trail has no entry."""
    with db.write() as conn:
        moderator = sessions.find_moderator(conn, digest(token), now=now)
        if sessions.delete_session(conn, digest(token)) and moderator is not None:
            _note(conn, "session.ended", moderator, now)


def log_out_everywhere(db: Database, moderator: Moderator, *, now: datetime) -> None:
    """Ends every session of the moderator, the present one too."""
    with db.write() as conn:
        sessions.end_all_sessions(conn, moderator.id)
        _note(conn, "session.all_ended", moderator, now)


def digest(token: str) -> str:
    """The SHA-256 of a token, in hexadecimal: the only form in which a token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def _note(conn: Connection, action: str, by: Moderator, now: datetime) -> None:
    for site_id in by.roles or (None,):
        audit_writing.note(conn, actors.person(by), action, site_id=site_id, subject=by.email, now=now)


def _second_factor(db: Database, moderator: Moderator, secret: str, code: str, now: datetime) -> bool:
    step = totp.matching_step(secret, code, now=now)
    with db.write() as conn:
        if step is not None:
            return people.use_totp_step(conn, moderator.id, step)
        is_recovered = recovery_codes.use(conn, moderator.id, recovery.digest(moderator.id, code))
        if is_recovered:
            _note(conn, "recovery_code.used", moderator, now)
        return is_recovered
