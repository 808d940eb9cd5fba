"""The database: reachable, migrated, writable, its clock like ours, room for connections, safe from power cuts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from moderation.ground.database import server_rows as server
from moderation.ground.database.engine import Database
from moderation.ground.database.lease_rows import SKEW
from moderation.ground.database.server_rows import DatabaseServer
from moderation.ground.environment.settings import Settings
from moderation.ground.errors import StorageNotReady
from moderation.ground.monitoring import logs
from moderation.operations.operating import migrating
from moderation.operations.operating.doctor.findings import Finding, error, ok, warning

PART = "database"
NOTICEABLE = timedelta(seconds=1)
SPARE = 12  # connections that one more web process may open: its pool and the overflow
LOST = {
    "fsync": "a power cut can destroy the database",
    "full_page_writes": "a power cut can destroy the database",
    "synchronous_commit": "a crash loses comments that were confirmed with 202",
}


def check(settings: Settings) -> list[Finding]:
    return list(_check(settings))


def opened(settings: Settings) -> Database | None:
    """None where it cannot be worked with: ``check`` says why."""
    if _missing_file(settings) is not None:
        return None
    try:
        database = Database(settings.resolved_database_url, pool_size=1)
        migrating.check(database)
    except (SQLAlchemyError, StorageNotReady, ValueError, OSError):
        return None
    return database


def _check(settings: Settings) -> Iterator[Finding]:
    where = logs.clean(settings.resolved_database_url)
    if (missing := _missing_file(settings)) is not None:
        yield error(PART, f"{missing} does not exist", "gavel migrate, if GAVEL_HOME and DATABASE_URL are right")
        return
    try:
        database = Database(settings.resolved_database_url, pool_size=1)
        yield from _migrated(database, where)
        if not database.is_sqlite:
            yield from _server(database)
    except (SQLAlchemyError, ArgumentError, ValueError, OSError) as e:
        said = logs.clean(str(getattr(e, "orig", None) or e)).strip()
        yield error(PART, f"{where} does not answer: {said}", "DATABASE_URL=…, or start the server that it names")


def _missing_file(settings: Settings) -> Path | None:
    """The file of an SQLite database that is not there. Opening it would make an empty one."""
    try:
        url = make_url(settings.resolved_database_url)
    except ArgumentError:
        return None
    path = Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
    return path if path is not None and not path.exists() else None


def _migrated(database: Database, where: str) -> Iterator[Finding]:
    try:
        migrating.check(database)
    except StorageNotReady as e:
        yield error(PART, str(e), "gavel migrate")
        return
    if migrating.is_newer(database):
        yield warning(PART, "a newer version has migrated it", "install that version here too")
    try:
        with database.write() as conn:
            server.try_to_write(conn)
    except SQLAlchemyError as e:
        said = logs.clean(str(getattr(e, "orig", None) or e)).strip()
        yield error(PART, f"{where} takes no writes: {said}", "DATABASE_URL=… of the primary, with the right to write")
        return
    yield ok(PART, f"{where} answers, is migrated and takes writes")


def _server(database: Database) -> Iterator[Finding]:
    before = datetime.now(UTC)
    with database.read() as conn:
        postgres = server.describe(conn)
    after = datetime.now(UTC)
    yield _clock(postgres.clock - (before + (after - before) / 2))
    yield _room(postgres)
    for name, value in postgres.durable.items():
        if value == "off":
            yield error(PART, f"{name} is off: {LOST[name]}", f"{name} = on in postgresql.conf, and for the role")
    if "off" not in postgres.durable.values():
        yield ok(PART, f"PostgreSQL {postgres.version} keeps what it confirms ({', '.join(postgres.durable)} are on)")


def _clock(ahead: timedelta) -> Finding:
    seconds = ahead.total_seconds()
    if abs(ahead) < NOTICEABLE:
        return ok(PART, f"its clock is within {NOTICEABLE.total_seconds():g} s of this machine's")
    problem = f"its clock is {abs(seconds):.1f} s {'ahead of' if seconds > 0 else 'behind'} this machine's"
    make = error if abs(ahead) > SKEW else warning
    return make(PART, problem, "timedatectl set-ntp true, on both machines")


def _room(server: DatabaseServer) -> Finding:
    free = server.most_connections - server.connections
    if free >= SPARE:
        return ok(PART, f"{free} of {server.most_connections} connections are free")
    change = f"max_connections = {server.most_connections + 50} in postgresql.conf, or fewer WEB_PROCESSES"
    return warning(PART, f"only {max(free, 0)} of {server.most_connections} connections are free", change)
