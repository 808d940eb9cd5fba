"""Logins that have gone to the provider. Each belongs to the browser that began it, comes back once, and not late."""

from __future__ import annotations

from datetime import datetime, timedelta

from moderation.ground.database.engine import Database
from moderation.ground.environment.network import subscriber
from moderation.ground.errors import LoginThrottled
from moderation.sites.people import identity_rows
from moderation.sites.people.accounts import digest
from moderation.sites.people.identity_rows import BegunLogin

MINUTES = 10
OPEN_PER_ADDRESS = 100  # a newsroom shares one


def begin(db: Database, login: BegunLogin, *, state: str, browser: str, address: str, now: datetime) -> None:
    """``browser`` is the cookie of the one that begins. Raises LoginThrottled if too many begin and none comes back."""
    whence = digest(subscriber(address))
    with db.write() as conn:
        identity_rows.delete_expired_logins(conn, now=now)
        if identity_rows.count_logins(conn, whence) >= OPEN_PER_ADDRESS:
            raise LoginThrottled(OPEN_PER_ADDRESS, retry_after_s=60)
        ends = now + timedelta(minutes=MINUTES)
        identity_rows.insert_login(
            conn, login, digest=digest(state), browser=digest(browser), address=whence, expires_at=ends
        )


def take(db: Database, *, state: str, browser: str, now: datetime) -> BegunLogin | None:
    """The login that this browser began with this state, once. Another browser's stays."""
    with db.write() as conn:
        return identity_rows.take_login(conn, digest(state), digest(browser), now=now)
