"""Records the database statements of an action, and how SQLite carries them out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import sqlalchemy as sa

from moderation.ground.database.engine import Database
from moderation.operations.composition import open_database
from moderation.operations.operating import migrating

LARGE = ("comments", "decisions", "scorings", "events", "authors", "articles", "author_measures")
# A search of a unique index by its site alone reads all that the site ever had
WALK = re.compile(
    rf"SCAN ({'|'.join(LARGE)})\b|SEARCH ({'|'.join(LARGE)}) USING .*INDEX sqlite_autoindex_\w+ \(site_id=\?\)"
)


class Asked:
    """Every SELECT that goes over the engine, with its parameters."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.statements: list[tuple[str, Any]] = []

    @contextmanager
    def listening(self) -> Iterator[None]:
        def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
            if statement.lstrip().upper().startswith(("SELECT", "WITH")):
                self.statements.append((statement, parameters))

        sa.event.listen(self.database.engine, "before_cursor_execute", note)
        try:
            yield
        finally:
            sa.event.remove(self.database.engine, "before_cursor_execute", note)

    def scans(self) -> list[str]:
        """Steps that walk a large table, or all of a site's rows in it."""
        return [
            f"{step} in {' '.join(statement.split())[:300]}"
            for statement, parameters in self.statements
            for step in steps(statement, parameters)
            if WALK.search(step)
        ]


def steps(statement: str, parameters: Any) -> list[str]:
    """As a migrated database carries it out: of two suitable indexes, SQLite takes one by their age."""
    with _migrated().read() as conn:
        return [row[3] for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]


def steps_in_postgres(database: Database, statement: str, parameters: Any) -> list[str]:
    """Small as a test's tables are, PostgreSQL would read them whole."""
    with database.read() as conn:
        for way in ("seqscan", "bitmapscan", "sort"):
            conn.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        return [row[0] for row in conn.exec_driver_sql(f"EXPLAIN {statement}", parameters)]


@cache
def _migrated() -> Database:
    database = open_database(f"sqlite:///{Path(mkdtemp(prefix='gavel-plans-')) / 'gavel.db'}")
    migrating.upgrade(database)
    return database
