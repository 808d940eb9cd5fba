"""Ids, moments and JSON as both databases store and return them."""

from __future__ import annotations

import json
from datetime import UTC, timedelta, timezone

import pytest
import sqlalchemy as sa

from moderation.ground.database.columns import Id, UtcDateTime
from moderation.ground.database.engine import Database, new_id
from moderation.ground.database.tables import leases
from moderation.ground.values.encoded import Encoded
from tests.builders import NOON

BERLIN = timezone(timedelta(hours=1))


def test_an_id_comes_back_as_it_was(database: Database) -> None:
    ids = [new_id(), "00000000-0000-0000-0000-000000000000", None]

    with database.read() as conn:
        found = [conn.execute(sa.select(sa.literal(id, Id))).scalar_one() for id in ids]

    assert found == ids


def test_a_moment_comes_back_in_utc_whichever_zone_it_was_in(database: Database) -> None:
    moments = [NOON, NOON.astimezone(BERLIN), NOON + timedelta(microseconds=1), None]

    with database.read() as conn:
        found = [conn.execute(sa.select(sa.literal(one, UtcDateTime))).scalar_one() for one in moments]

    assert found == moments
    assert {one.tzinfo for one in found if one is not None} == {UTC}


def test_a_moment_without_a_zone_is_refused_beside_the_same_with_one(database: Database) -> None:
    with database.read() as conn:
        conn.execute(sa.select(sa.literal(NOON, UtcDateTime)))
        with pytest.raises(Exception, match="datetimes must be aware"):
            conn.execute(sa.select(sa.literal(NOON.replace(tzinfo=None), UtcDateTime)))


def test_json_text_is_stored_as_the_value_that_it_is(database: Database) -> None:
    value = {"a": [1, 0.5, None], "b": 'a "quote"'}

    with database.write() as conn:
        for name, noted in (("text", Encoded(json.dumps(value))), ("value", value)):
            conn.execute(leases.insert().values(name=name, holder="h", until=NOON, noted=noted))
        found = conn.execute(sa.select(leases.c.noted).order_by(leases.c.name)).scalars().all()

    assert found == [value, value]
