"""The SQL of second readers. Those that a site has given up are not found."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from moderation.ground.errors import NotFound
from moderation.sites.second_readers.tables import second_readers
from moderation.sites.second_readers.values import ReaderState, ReaderWish, SecondReader

_IS_THERE = second_readers.c.removed_at.is_(None)


def of_site(conn: Connection, site_id: str) -> list[SecondReader]:
    """The first one that was connected comes first."""
    mine = sa.select(second_readers).where(second_readers.c.site_id == site_id, _IS_THERE)
    return [_reader(row) for row in conn.execute(mine.order_by(second_readers.c.id))]


def reading(conn: Connection, site_id: str) -> list[SecondReader]:
    """Those that read, in the shadow or not."""
    return [reader for reader in of_site(conn, site_id) if reader.state is not ReaderState.OFF]


def every(conn: Connection) -> list[SecondReader]:
    """Those of all sites."""
    return [_reader(row) for row in conn.execute(sa.select(second_readers).where(_IS_THERE))]


def get(conn: Connection, site_id: str, reader_id: str) -> SecondReader:
    """Raises NotFound."""
    mine = sa.select(second_readers).where(
        second_readers.c.id == reader_id, second_readers.c.site_id == site_id, _IS_THERE
    )
    row = conn.execute(mine).one_or_none()
    if row is None:
        raise NotFound("second reader", reader_id)
    return _reader(row)


def state_of(conn: Connection, reader_id: str) -> ReaderState:
    """As it is in this transaction. A reader that was given up is off."""
    query = sa.select(second_readers.c.state).where(second_readers.c.id == reader_id)
    return ReaderState(conn.execute(query).scalar_one())


def insert(conn: Connection, reader: SecondReader) -> None:
    values = {"id": reader.id, "site_id": reader.site_id, "state": reader.state, "state_since": reader.state_since}
    wish = {name: getattr(reader.wish, name) for name in ReaderWish.__slots__}
    conn.execute(second_readers.insert().values(**values, **wish, created_at=reader.created_at))


def move(conn: Connection, reader: SecondReader, to: ReaderState, *, now: datetime) -> bool:
    """False if somebody else has moved it since."""
    same = sa.and_(second_readers.c.id == reader.id, second_readers.c.state == reader.state, _IS_THERE)
    return conn.execute(second_readers.update().where(same).values(state=to, state_since=now)).rowcount == 1


def rests_until(conn: Connection, reader_id: str) -> datetime | None:
    """As it is in this transaction, whichever process has noted it."""
    query = sa.select(second_readers.c.rests_until).where(second_readers.c.id == reader_id)
    return conn.execute(query).scalar_one_or_none()


def note_failure(conn: Connection, reader_id: str) -> int:
    """Returns how many calls in a row had no answer."""
    mine = second_readers.update().where(second_readers.c.id == reader_id)
    failed = mine.values(failures=second_readers.c.failures + 1).returning(second_readers.c.failures)
    return int(conn.execute(failed).scalar_one())


def rest(conn: Connection, reader_id: str, *, until: datetime) -> None:
    conn.execute(second_readers.update().where(second_readers.c.id == reader_id).values(rests_until=until))


def note_answer(conn: Connection, reader_id: str) -> None:
    """Ends what failures began."""
    failing = sa.and_(second_readers.c.id == reader_id, second_readers.c.failures > 0)
    conn.execute(second_readers.update().where(failing).values(failures=0, rests_until=None))


def remove(conn: Connection, reader_id: str, *, now: datetime) -> bool:
    mine = sa.and_(second_readers.c.id == reader_id, _IS_THERE)
    values = {"removed_at": now, "key": None, "state": ReaderState.OFF, "state_since": now}
    return conn.execute(second_readers.update().where(mine).values(**values)).rowcount == 1


def _reader(row: Row[Any]) -> SecondReader:
    wish = ReaderWish(**{name: getattr(row, name) for name in ReaderWish.__slots__})
    return SecondReader(
        row.id,
        row.site_id,
        wish,
        ReaderState(row.state),
        row.state_since,
        row.created_at,
        failures=row.failures,
        rests_until=row.rests_until,
    )
