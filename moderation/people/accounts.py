"""Who may moderate: logging in, sessions that end, and what a role allows. It never sees a hash's algorithm."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.errors import LoginThrottled, NotAuthenticated
from moderation.people import actors, auditing, totp
from moderation.store import people, sessions, sites
from moderation.store.database import Database
from moderation.store.sessions import Session
from moderation.store.sites import Moderator

SESSION_HOURS = 12  # a long shift; nobody stays logged in over night
FAILURE_WINDOW = timedelta(minutes=15)
FAILURES_PER_EMAIL = 5
FAILURES_PER_ADDRESS = 20  # a newsroom shares one address
LONGEST_BLOCK = timedelta(minutes=15)

Verify = Callable[[str | None, str], bool]
"""Compares a stored hash, or None for an unknown account, with a password, in the same time for both."""


@dataclass(frozen=True, slots=True)
class LoggedIn:
    token: str  # for the cookie; only its digest is stored
    moderator: Moderator


def log_in(
    db: Database, *, email: str, password: str, address: str, verify: Verify, now: datetime, code: str = ""
) -> LoggedIn:
    """Raises LoginThrottled while the e-mail or network address is blocked, and NotAuthenticated otherwise."""
    throttled = {f"email:{email.lower()[:254]}": FAILURES_PER_EMAIL, f"address:{address}": FAILURES_PER_ADDRESS}
    with db.read() as conn:
        for who, limit in throttled.items():
            _refuse_blocked(sessions.blocked_until(conn, who, now=now), limit, now)
        moderator = sites.find_moderator(conn, email=email)
    if not verify(moderator.password_hash if moderator else None, password) or moderator is None:
        _count_failures(db, throttled, now)
        raise NotAuthenticated("the e-mail address or the password is wrong")
    if moderator.totp_secret is not None and not _second_factor(db, moderator, moderator.totp_secret, code, now):
        _count_failures(db, throttled, now)
        raise NotAuthenticated("the code from your authenticator app is missing or wrong")
    return open_session(db, moderator, now=now)


def open_session(db: Database, moderator: Moderator, *, now: datetime) -> LoggedIn:
    token = secrets.token_urlsafe(32)
    with db.write() as conn:
        sessions.forget_failures(conn, f"email:{moderator.email}")
        sessions.delete_expired(conn, now=now)
        expires_at = now + timedelta(hours=SESSION_HOURS)
        session = Session(digest(token), moderator.id, moderator.session_epoch, now, expires_at)
        sessions.insert_session(conn, session)
        _note(conn, "session.started", moderator, now)
    return LoggedIn(token, moderator)


def renew_hash(db: Database, moderator: Moderator, password_hash: str) -> None:
    """Stores another hash of the same password, unless the password has changed meanwhile. Sessions go on."""
    with db.write() as conn:
        people.replace_password_hash(conn, moderator.id, moderator.password_hash, password_hash)


def who_is(db: Database, token: str, *, now: datetime) -> Moderator:
    """The moderator whose session this is. Raises NotAuthenticated."""
    with db.read() as conn:
        moderator = sessions.find_moderator(conn, digest(token), now=now)
    if moderator is None:
        raise NotAuthenticated("the session has ended")
    return moderator


def log_out(db: Database, token: str, *, now: datetime) -> None:
    """Ends a session. One that is over already, or was never one, is no error and leaves nothing in the audit trail."""
    with db.write() as conn:
        moderator = sessions.find_moderator(conn, digest(token), now=now)
        if sessions.delete_session(conn, digest(token)) and moderator is not None:
            _note(conn, "session.ended", moderator, now)


def log_out_everywhere(db: Database, moderator: Moderator, *, now: datetime) -> None:
    """Ends every session, the one that asks included."""
    with db.write() as conn:
        sessions.end_all_sessions(conn, moderator.id)
        _note(conn, "session.all_ended", moderator, now)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _note(conn: Connection, action: str, by: Moderator, now: datetime) -> None:
    for site_id in by.roles or (None,):
        auditing.note(conn, actors.person(by), action, site_id=site_id, subject=by.email, now=now)


def _second_factor(db: Database, moderator: Moderator, secret: str, code: str, now: datetime) -> bool:
    step = totp.matching_step(secret, code, now=now)
    if step is None:
        return False
    with db.write() as conn:
        return people.use_totp_step(conn, moderator.id, step)


def _refuse_blocked(until: datetime | None, limit: int, now: datetime) -> None:
    if until is not None:
        raise LoginThrottled(limit, retry_after_s=int((until - now).total_seconds()) + 1)


def _count_failures(db: Database, throttled: dict[str, int], now: datetime) -> None:
    with db.write() as conn:
        for who, limit in throttled.items():
            failures = sessions.count_failure(conn, who, since=now - FAILURE_WINDOW, now=now)
            if failures >= limit:
                wait = min(timedelta(seconds=15 * 2 ** min(failures - limit, 10)), LONGEST_BLOCK)
                sessions.block(conn, who, now + wait)
