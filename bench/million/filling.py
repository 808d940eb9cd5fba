"""Fills a database with a city's year of comments in minutes: without the service, and the indexes afterwards."""

from __future__ import annotations

import random
import sqlite3
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from bench import tell
from bench.million.city import COLUMNS, DAYS, PAGE, SITES, City, Row
from moderation.ground.database.engine import Database
from moderation.moderators.finding import tables as search
from moderation.operations.all_tables import metadata
from moderation.operations.operating import migrating
from moderation.sites import sites
from moderation.sites.audit.actors import SYSTEM
from moderation.sites.people import moderators
from moderation.sites.people.roles import Role
from moderation.sites.tables import sites as sites_table
from moderation.spine.comments.tables import comments
from service.passwords import hash_password

MODERATORS = 5
PASSWORD = "a passphrase for the bench"
LARGE = ("articles", "authors", "comments", "scorings", "decisions", "events", "fingerprint_bands")
TRIGGERS = ("comment_search_insert", "comment_search_update", "comment_search_delete")


@dataclass(frozen=True, slots=True)
class Filled:
    """The contents of a filled database, for later queries."""

    site_ids: tuple[str, ...]
    key: str  # of the first site
    moderators: tuple[str, ...]  # e-mail addresses; the first is an admin of all sites
    comments: int
    seconds: float


def fill(database: Database, count: int, *, days: int = DAYS, now: datetime | None = None, seed: int = 5) -> Filled:
    """Fills an empty database with ``count`` comments of the last ``days``. Raises ValueError if it is not empty."""
    started = time.perf_counter()
    migrating.upgrade(database)
    with database.read() as conn:
        if conn.execute(sa.select(sa.func.count()).select_from(comments)).scalar_one():
            raise ValueError("the database holds comments already")
    now = now or datetime.now(UTC)
    created = [sites.create_site(database, name, by=SYSTEM, now=now - timedelta(days=days)) for name in SITES]
    site_ids = [new.site.id for new in created]
    addresses = [f"moderator-{number}@example.org" for number in range(MODERATORS)]
    hashed = hash_password(PASSWORD)
    people = [_moderator(database, address, site_ids, hashed, now) for address in addresses]
    city = City(count, [_bare(id) for id in site_ids], [_bare(id) for id in people], now, random.Random(seed), days)
    indexes = _as_made(database)
    _without_indexes(database, indexes)
    _insert(database, city)
    tell("building the indexes")
    _with_indexes(database, indexes)
    with database.write() as conn:
        for site_id, last in city.sequences.items():
            conn.execute(
                sites_table.update().where(sites_table.c.id == str(uuid.UUID(site_id))).values(event_sequence=last)
            )
    return Filled(tuple(site_ids), created[0].key.token, tuple(addresses), count, time.perf_counter() - started)


def _bare(id: str) -> str:
    """The form that SQLite stores and PostgreSQL accepts too."""
    return id.replace("-", "")


def _moderator(database: Database, address: str, site_ids: Sequence[str], hashed: str, now: datetime) -> str:
    name = address.partition("@")[0]
    roles = dict.fromkeys(site_ids, Role.ADMIN if name.endswith("-0") else Role.MODERATOR)
    return moderators.create_moderator(
        database, email=address, name=name, password_hash=hashed, roles=roles, by=SYSTEM, now=now
    )


def _as_made(database: Database) -> list[sa.Index]:
    """Oldest first, in the order of the migrations: if two indexes fit, SQLite uses the younger one."""
    look = sa.inspect(database.engine)
    by_name = {str(index.name): index for table in LARGE for index in metadata.tables[table].indexes}
    names = [str(index["name"]) for table in LARGE for index in reversed(look.get_indexes(table))]
    return [by_name[name] for name in names if name in by_name]


def _without_indexes(database: Database, indexes: Iterable[sa.Index]) -> None:
    with database.write() as conn:
        for index in indexes:
            index.drop(conn)
        if database.is_sqlite:
            for trigger in TRIGGERS:
                conn.exec_driver_sql(f"DROP TRIGGER {trigger}")
        else:
            conn.exec_driver_sql("DROP INDEX ix_comments_words")


def _with_indexes(database: Database, indexes: Iterable[sa.Index]) -> None:
    with database.write() as conn:
        for index in indexes:
            index.create(conn)
        if database.is_sqlite:
            again = [s for s in search.SQLITE if any(f"TRIGGER {name}" in s for name in TRIGGERS)]
            for statement in (*search.SQLITE_BACKFILL, *again):
                conn.exec_driver_sql(statement)
        else:
            conn.exec_driver_sql(search.POSTGRESQL_WORDS["ix_comments_words"])
    if not database.is_sqlite:  # autovacuum would have done this long ago
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.exec_driver_sql("VACUUM ANALYZE")


def _insert(database: Database, city: City) -> None:
    insert = _into_sqlite if database.is_sqlite else _into_postgres
    insert(database, _told(city))


def _told(city: City) -> Iterator[dict[str, list[Row]]]:
    filled = 0
    for page in city.pages():
        yield page
        filled += len(page.get("comments", ()))
        if filled % (5 * PAGE) == 0 and "comments" in page:
            tell(f"{filled:,} of {city.count:,} comments are in")


def _into_sqlite(database: Database, pages: Iterable[dict[str, list[Row]]]) -> None:
    database.close()
    path = Path(make_url(database.url).database or "")
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        for pragma in ("synchronous=OFF", "foreign_keys=OFF", "cache_size=-200000"):
            conn.execute(f"PRAGMA {pragma}")
        for page in pages:
            conn.execute("BEGIN")
            for table, rows in page.items():
                names = COLUMNS[table]
                places = ", ".join("?" * len(names))
                conn.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({places})", rows)
            conn.execute("COMMIT")


def _into_postgres(database: Database, pages: Iterable[dict[str, list[Row]]]) -> None:
    with database.engine.connect() as conn:
        conn.exec_driver_sql("SET TIME ZONE 'UTC'")
        conn.exec_driver_sql("SET session_replication_role = replica")  # without checking foreign keys row by row
        cursor = conn.connection.cursor()
        for page in pages:
            for table, rows in page.items():
                with cursor.copy(f"COPY {table} ({', '.join(COLUMNS[table])}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
        conn.exec_driver_sql("SET session_replication_role = DEFAULT")
        conn.commit()
