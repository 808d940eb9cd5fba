"""Databases that belong to one module of tests, which fills them once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from moderation.ground.database.engine import Database
from moderation.operations.composition import open_database

ON_BOTH = pytest.mark.parametrize("database", ["sqlite", "postgres"], indirect=True)
"""For a test of ``tests/service`` that asks statements that no test of the core asks on PostgreSQL, or asks them from
several threads at once, or reads a plan or every row."""


def empty_on_postgres(server_url: str, name: str) -> str:
    """The URL of a new database of that name on the tests' server, in place of an earlier one."""
    admin = sa.create_engine(Database(server_url).url, isolation_level="AUTOCOMMIT")
    with admin.connect() as conn:
        conn.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        conn.exec_driver_sql(f"CREATE DATABASE {name}")
    admin.dispose()
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)


@contextmanager
def own_database(request: pytest.FixtureRequest, name: str) -> Iterator[Database]:
    """For a fixture with the parameters ``sqlite`` and ``postgres``: an empty database of that name."""
    if request.param == "sqlite":
        folder = request.getfixturevalue("tmp_path_factory").mktemp(name)
        url = f"sqlite:///{folder / 'gavel.db'}"
    else:
        url = empty_on_postgres(request.getfixturevalue("postgres_url"), name)
    with closing(open_database(url)) as database:
        yield database
