"""Log-ins on a database of the version before: its blocks still hold, and addresses are known from now on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from alembic import command

from moderation.database.engine import Database, new_id
from moderation.errors import LoginThrottled
from moderation.operating import migrating
from moderation.sites.people import accounts
from moderation.sites.people.tables import known_addresses, login_failures, moderators
from tests.moderation.operating.test_migrations import empty, empty_postgres, empty_sqlite

__all__ = ["empty", "empty_postgres", "empty_sqlite"]

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ANA = {"email": "ana@example.org", "name": "Ana", "password_hash": "right", "session_epoch": 1}


@pytest.fixture
def old(empty: Database) -> Database:
    """Ana's account, whose e-mail address somebody has guessed at until it was blocked."""
    with empty.write() as conn:
        command.upgrade(migrating._config(conn), "0010")
        conn.execute(moderators.insert().values(id=new_id(), created_at=NOW, **ANA))
        blocked = {"failures": 7, "last_at": NOW, "blocked_until": NOW + timedelta(minutes=1)}
        conn.execute(login_failures.insert().values(who="email:ana@example.org", **blocked))
    return empty


def log_in(database: Database, now: datetime) -> accounts.LoggedIn:
    return accounts.log_in(
        database,
        email="ana@example.org",
        password="right",
        address="192.0.2.1",
        verify=lambda stored, given: stored == given,
        now=now,
    )


def test_blocks_of_before_hold_until_they_end_and_then_an_address_is_known(old: Database) -> None:
    migrating.upgrade(old)
    migrating.check(old)

    with pytest.raises(LoginThrottled):
        log_in(old, NOW)
    entered = log_in(old, NOW + timedelta(minutes=2))

    with old.read() as conn:
        known = conn.execute(sa.select(known_addresses.c.moderator_id, known_addresses.c.last_at)).one()
    assert tuple(known) == (entered.moderator.id, NOW + timedelta(minutes=2))


def test_the_migration_can_be_taken_back(old: Database) -> None:
    migrating.upgrade(old)

    with old.write() as conn:
        command.downgrade(migrating._config(conn), "0010")

    with old.read() as conn:
        assert "known_addresses" not in sa.inspect(conn).get_table_names()
        assert conn.execute(sa.select(moderators.c.email)).scalars().all() == ["ana@example.org"]
