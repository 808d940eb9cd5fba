"""Slows down people who guess passwords, and nobody else. Failures are counted by account and address together, so a
stranger cannot shut a moderator out, and neither can another moderator.

An attempt is counted before its password is checked, in one transaction, so attempts that arrive at once count as much
as those that come one after another. A right password takes its attempt out of the count.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.environment.network import subscriber
from moderation.ground.errors import LoginThrottled
from moderation.sites.people import session_rows as sessions

FAILURE_WINDOW = timedelta(minutes=15)
LONGEST_BLOCK = timedelta(minutes=15)
FIRST_BLOCK_S = 15
FAILURES_PER_PAIR = 5  # for one account from one address
FAILURES_PER_ACCOUNT = 20  # for one account, from all addresses that are new to it
FAILURES_PER_ADDRESS = 20  # from one address, for all accounts that are new to it: a newsroom shares one address
REMEMBERED = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class LoginLimit:
    who: str
    failures: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that has been counted, and the block that it set at each limit."""

    email: str
    address: str
    blocks: tuple[tuple[LoginLimit, datetime | None], ...]


def begin(db: Database, *, email: str, address: str, moderator_id: str | None, now: datetime) -> Attempt:
    """Counts an attempt. If it is blocked, raises LoginThrottled and counts nothing."""
    email, address = email.lower()[:254], subscriber(address)
    with db.write() as conn:
        limits = _limits(email, address, known=_is_known(conn, moderator_id, address, now))
        return Attempt(email, address, tuple((limit, _count(conn, limit, now)) for limit in limits))


def succeed(conn: Connection, attempt: Attempt, moderator_id: str, *, now: datetime) -> None:
    """The attempt was no guess: forgets the failures of its account and address, and remembers that the two belong
    together."""
    own, *others = attempt.blocks
    sessions.forget_failures(conn, own[0].who)
    for limit, block in others:
        sessions.take_back_failure(conn, limit.who, block=block)
    sessions.delete_old_failures(conn, last_before=now - FAILURE_WINDOW, now=now)
    sessions.remember_address(conn, moderator_id, _digest(moderator_id, attempt.address), now=now)
    sessions.forget_addresses(conn, moderator_id, last_before=now - REMEMBERED)


def _limits(email: str, address: str, *, known: bool) -> tuple[LoginLimit, ...]:
    """Always in this order, so that two attempts never wait for each other's rows in a circle."""
    own = LoginLimit(f"pair:{_digest(email, address)}", FAILURES_PER_PAIR)
    if known:
        return (own,)
    return (
        own,
        LoginLimit(f"email:{email}", FAILURES_PER_ACCOUNT),
        LoginLimit(f"address:{address}", FAILURES_PER_ADDRESS),
    )


def _is_known(conn: Connection, moderator_id: str | None, address: str, now: datetime) -> bool:
    if moderator_id is None:
        return False
    return sessions.is_known_address(conn, moderator_id, _digest(moderator_id, address), since=now - REMEMBERED)


def _count(conn: Connection, limit: LoginLimit, now: datetime) -> datetime | None:
    """The end of the block that this attempt sets for the next ones; None if it sets none. Raises LoginThrottled."""
    failures = sessions.count_failure(conn, limit.who, since=now - FAILURE_WINDOW, now=now)
    if failures is None:
        until = sessions.blocked_until(conn, limit.who, now=now) or now
        raise LoginThrottled(limit.failures, retry_after_s=int((until - now).total_seconds()) + 1)
    if failures < limit.failures:
        return None
    doublings = min(failures - limit.failures, 10)
    block = now + min(timedelta(seconds=FIRST_BLOCK_S * 2**doublings), LONGEST_BLOCK)
    sessions.block(conn, limit.who, block)
    return block


def _digest(*parts: str) -> str:
    """Short enough for the column, and not a list of the places where people work."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
