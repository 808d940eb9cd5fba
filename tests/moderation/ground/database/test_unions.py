from __future__ import annotations

import pytest
import sqlalchemy as sa

from moderation.ground.database.alike_statements import MOST, union_of
from moderation.ground.database.engine import Database


@pytest.mark.parametrize("parts", [1, 2, MOST, MOST + 1, 3 * MOST])
def test_every_part_keeps_its_own_order_and_limit(database: Database, parts: int) -> None:
    numbers = sa.union_all(*(sa.select(sa.literal(n).label("n")) for n in (3, 1, 2))).subquery()
    least = [sa.select((numbers.c.n + 10 * part).label("n")).order_by(numbers.c.n).limit(1) for part in range(parts)]

    with database.read() as conn:
        found = conn.execute(union_of(least)).scalars().all()

    assert sorted(found) == [10 * part + 1 for part in range(parts)]
