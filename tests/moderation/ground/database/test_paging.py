"""A walk through many rows reads each of them once, a page in a transaction."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database
from moderation.ground.database.paging import pages, rounds

NUMBERS = """
    WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < :most)
    SELECT x FROM n WHERE x > :after ORDER BY x LIMIT 2
"""


@pytest.mark.parametrize(("most", "sizes"), [(1, [1]), (2, [2]), (4, [2, 2]), (5, [2, 2, 1])])
def test_every_row_comes_once_and_in_order(database: Database, most: int, sizes: list[int]) -> None:
    def read(conn: Connection, after: int | None) -> list[int]:
        values = {"most": most, "after": after or 0}
        return list(conn.execute(sa.text(NUMBERS), values).scalars())

    walked = list(pages(database, read, int, size=2))

    assert [len(page) for page in walked] == sizes
    assert [number for page in walked for number in page] == list(range(1, most + 1))


def test_nothing_gives_no_page(database: Database) -> None:
    assert list(pages(database, lambda _conn, _after: [], str, size=2)) == []


def test_others_write_between_two_pages(database: Database) -> None:
    """No transaction stays open while a page is used."""
    for _page in pages(database, lambda _conn, after: [1] if after is None else [], int, size=1):
        with database.write() as conn:
            conn.execute(sa.text("CREATE TABLE written_meanwhile (id INTEGER)"))
            conn.execute(sa.text("DROP TABLE written_meanwhile"))


@pytest.mark.parametrize(("most", "counts"), [(0, []), (1, [1]), (2, [2]), (4, [2, 2]), (5, [2, 2, 1])])
def test_rounds_go_on_until_one_finds_less_and_others_write_between(
    database: Database, most: int, counts: list[int]
) -> None:
    with database.write() as conn:
        for name in ("to_do", "written_between"):  # PostgreSQL's database is the run's, and other cases come before
            conn.execute(sa.text(f"DROP TABLE IF EXISTS {name}"))
            conn.execute(sa.text(f"CREATE TABLE {name} (id INTEGER)"))
        for number in range(most):
            conn.execute(sa.text("INSERT INTO to_do VALUES (:id)"), {"id": number})

    def work(conn: Connection) -> int:
        first = "DELETE FROM to_do WHERE id IN (SELECT id FROM to_do ORDER BY id LIMIT 2)"
        return conn.execute(sa.text(first)).rowcount

    done = []
    for count in rounds(database, work, size=2):
        with database.write() as conn:
            conn.execute(sa.text("INSERT INTO written_between VALUES (1)"))
        done.append(count)

    assert done == counts
    with database.read() as conn:
        assert conn.execute(sa.text("SELECT count(*) FROM to_do")).scalar_one() == 0
        assert conn.execute(sa.text("SELECT count(*) FROM written_between")).scalar_one() == len(counts)
