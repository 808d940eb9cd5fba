"""Prepared statements bind and read every type as SQLAlchemy itself does, on both databases."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from moderation.ground.database.columns import Id, Json, UtcDateTime
from moderation.ground.database.engine import Database, new_id
from moderation.ground.database.prepared import Prepared
from moderation.ground.values.encoded import Encoded
from moderation.ground.values.statuses import CommentStatus
from tests.builders import NOON

KINDS = sa.Table(
    "kinds",
    sa.MetaData(),
    sa.Column("id", Id, primary_key=True),
    sa.Column("other_id", Id),
    sa.Column("name", sa.String(20)),
    sa.Column("number", sa.Integer, server_default="7"),
    sa.Column("share", sa.Float),
    sa.Column("is_so", sa.Boolean),
    sa.Column("form", Json),
    sa.Column("bytes", sa.LargeBinary),
    sa.Column("at", UtcDateTime),
    prefixes=["TEMPORARY"],
)
GIVEN = ("id", "other_id", "name", "share", "is_so", "form", "bytes", "at")
FULL: dict[str, Any] = {
    "other_id": new_id(), "name": CommentStatus.FLAGGED, "share": 0.1, "is_so": True, "form": {"ä": [1, None]},
    "bytes": b"\x00\xff", "at": NOON,
}  # fmt: skip
EMPTY: dict[str, Any] = {**dict.fromkeys(FULL), "form": []}


@pytest.mark.parametrize("kinds", [[FULL], [FULL, EMPTY, FULL]], ids=["one", "three"])
def test_rows_are_stored_and_read_as_by_sqlalchemy(database: Database, kinds: list[dict[str, Any]]) -> None:
    rows = [{"id": new_id(), **kind} for kind in kinds]
    every = sa.select(KINDS).order_by(KINDS.c.id)
    read = [column for column in KINDS.columns if column.name != "share"]
    numbered = sa.select(*read).where(KINDS.c.number == sa.bindparam("number")).order_by(KINDS.c.id)

    with database.write() as conn:
        KINDS.create(conn)
        count = Prepared(KINDS.insert(), given=GIVEN).write(conn, rows)
        stored = conn.execute(every).all()
        usual = conn.execute(numbered, {"number": 7}).all()
        found = Prepared(numbered).read(conn, {"number": 7})
        KINDS.drop(conn)

    assert count == len(rows)
    assert [dict(row._mapping) for row in stored] == [{**row, "number": 7} for row in rows]
    assert found == [tuple(row) for row in usual]


def test_json_text_is_stored_as_it_is(database: Database) -> None:
    with database.write() as conn:
        KINDS.create(conn)
        Prepared(KINDS.insert(), given=("id", "form")).write(conn, [{"id": new_id(), "form": Encoded('{"a": 1.50}')}])
        (form,) = conn.execute(sa.select(KINDS.c.form)).scalars()
        KINDS.drop(conn)

    assert form == {"a": 1.5}


def test_an_update_counts_the_rows_that_it_changed(database: Database) -> None:
    ids = [new_id() for _ in range(3)]
    renamed = KINDS.update().where(KINDS.c.id == sa.bindparam("seen_id"), KINDS.c.name == sa.bindparam("seen"))

    with database.write() as conn:
        KINDS.create(conn)
        conn.execute(KINDS.insert(), [{"id": id, "name": "old"} for id in ids[:2]])
        count = Prepared(renamed, given=("name",)).write(
            conn, [{"seen_id": id, "seen": "old", "name": "new"} for id in ids]
        )
        names = conn.execute(sa.select(KINDS.c.name)).scalars().all()
        KINDS.drop(conn)

    assert (count, names) == (2, ["new", "new"])


def test_a_limit_of_the_statement_itself_holds(database: Database) -> None:
    with database.write() as conn:
        KINDS.create(conn)
        conn.execute(KINDS.insert(), [{"id": new_id(), "name": name} for name in "abcd"])
        second = Prepared(sa.select(KINDS.c.name).order_by(KINDS.c.name).limit(sa.bindparam("most")).offset(1))
        found = second.read(conn, {"most": 2})
        KINDS.drop(conn)

    assert found == [("b",), ("c",)]
