"""Copies an SQLite database while it is in use, and restores copies. PostgreSQL brings its own tools for that."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import make_url

from moderation.ground.database import usage
from moderation.ground.database.engine import Database
from moderation.ground.database.usage import nobody_else, private_file
from moderation.ground.errors import StorageNotReady

PAGES = 2_000  # copied in one step, 8 MB; writers get their turn between steps


@dataclass(frozen=True, slots=True)
class Restored:
    path: Path
    aside: Path | None  # the previous database
    sequences: Mapping[str, int]  # by site: the last event's number


def back_up(db: Database, to: Path, *, replace: bool) -> None:
    """Writes a whole copy to ``to``, which appears once it is checked.

    Raises StorageNotReady when no copy can be made, ``to`` exists already, or ``to`` is the database itself.
    """
    path = _path_of(db.url)
    if to.resolve() == path.resolve():
        raise StorageNotReady(f"{to} is the database itself: name another file for the copy")
    if to.exists() and not replace:
        raise StorageNotReady(f"{to} exists: name another file, or replace it with --force")
    part = to.with_name(f"{to.name}.part")
    part.unlink(missing_ok=True)
    private_file(part).close()
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(part)) as copy:
        source.backup(copy, pages=PAGES, sleep=0.01)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        _check(copy, part)
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.replace(to)


def restore(copy: Path, url: str, *, replace: bool, prepare: Callable[[Path], None], now: datetime) -> Restored:
    """Puts a copy in the database's place, after ``prepare`` has seen to the file.

    Raises StorageNotReady: it is no whole copy, a database is there already, or a process uses the one that is there.
    """
    path = _path_of(url)
    with nobody_else(path):
        return _restore(copy, path, replace=replace, prepare=prepare, now=now)


def _restore(copy: Path, path: Path, *, replace: bool, prepare: Callable[[Path], None], now: datetime) -> Restored:
    with closing(sqlite3.connect(f"file:{copy}?mode=ro", uri=True)) as source:
        _check(source, copy)
        sequences = dict(source.execute("SELECT name, event_sequence FROM sites ORDER BY name").fetchall())
    if path.exists() and not replace:
        raise StorageNotReady(f"{path} exists: restore with --replace puts it aside")
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    private_file(part).close()
    part.write_bytes(copy.read_bytes())
    prepare(part)
    usage.lock_of(part).unlink(missing_ok=True)
    with part.open("rb") as written:
        os.fsync(written.fileno())
    aside = _put_aside(path, now) if path.exists() else None
    part.replace(path)
    return Restored(path, aside, sequences)


def users_of(url: str) -> list[str]:
    """The users of the database, in words; for an SQLite file, only whether there is one."""
    if make_url(url).get_backend_name() == "sqlite":
        try:
            with nobody_else(_path_of(url)):
                return []
        except StorageNotReady as e:
            return [str(e)]
    database = Database(url, pool_size=1)
    try:
        with database.read() as conn:
            return usage.others(conn)
    finally:
        database.close()


def _put_aside(path: Path, now: datetime) -> Path:
    """With its log, which holds the newest transactions."""
    aside = path.with_name(f"{path.name}.before-{now:%Y%m%d-%H%M%S}")
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.replace(aside.with_name(aside.name + suffix))
    return aside


def _check(connection: sqlite3.Connection, path: Path) -> None:
    try:
        (answer,) = connection.execute("PRAGMA integrity_check").fetchone()
        connection.execute("SELECT count(*) FROM comments")
    except sqlite3.DatabaseError as e:
        raise StorageNotReady(f"{path} is no copy of Gavel's database: {e}") from e
    if answer != "ok":
        raise StorageNotReady(f"{path} is damaged: {answer}")


def _path_of(url: str) -> Path:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise StorageNotReady("this is for SQLite: back PostgreSQL up with pg_dump and restore it with pg_restore")
    return Path(parsed.database)
