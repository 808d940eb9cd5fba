"""Finds the users of a database: by a lock beside an SQLite file, by the server's own list on PostgreSQL.

SQLite's own locks last for a transaction only. If a file were moved aside under a running process, the process would go
on writing to it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.errors import StorageNotReady

_OTHERS = sa.text(
    "SELECT pid, application_name, client_addr, state FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' ORDER BY pid"
)


def hold(database: Path) -> TextIO:
    """Marks the file as used by this process, until the returned file is closed.

    Raises StorageNotReady during a restore.
    """
    lock = private_file(lock_of(database))
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as e:
        lock.close()
        raise StorageNotReady(f"{database} is being restored: try again when that is done") from e
    return lock


@contextmanager
def nobody_else(database: Path) -> Iterator[None]:
    """Keeps all other processes out of the file. Raises StorageNotReady while any process uses it."""
    database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with private_file(lock_of(database)) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as e:
            raise StorageNotReady(f"{database} is in use: stop every process of Gavel first") from e
        yield


def others(conn: Connection) -> list[str]:
    """The other connections to a PostgreSQL database, in words."""
    rows = conn.execute(_OTHERS).all()
    return [f"process {r.pid} ({r.application_name or 'unnamed'}, from {r.client_addr or 'a socket'})" for r in rows]


def private_file(path: Path) -> TextIO:
    """Opens the file for reading and appending. Other users cannot read it."""
    return open(path, "a+", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600))


def lock_of(database: Path) -> Path:
    return database.with_name(f"{database.name}.lock")
