"""A filled database is one that the service could have left: each page and call works on it, and what counts agrees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from bench.million.filling import Filled, fill
from bench.million.million import cases
from bench.million.newsroom import Newsroom
from moderation.ground.database.engine import Database
from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.comments import Lane
from moderation.moderators.finding import search_rows as search
from moderation.operations.all_tables import metadata
from moderation.pipeline.arriving import intake
from moderation.pipeline.arriving.submission import Submission
from moderation.sites.tables import sites
from moderation.spine.articles.tables import authors
from moderation.spine.comments.tables import comments, decisions, fingerprint_bands, scorings
from moderation.spine.events.tables import events
from service.context import utc_now
from tests.own_databases import own_database

COUNT = 600


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest) -> Iterator[Database]:
    with own_database(request, "archive") as database:
        yield database


@pytest.fixture(scope="module")
def filled(empty: Database) -> Filled:
    """Made once. The tests below come in an order in which none is affected by the rows of an earlier one."""
    return fill(empty, COUNT)


def test_what_was_filled_in_agrees_with_itself(empty: Database, filled: Filled) -> None:
    with empty.read() as conn:
        statuses = Counter(conn.execute(sa.select(comments.c.status)).scalars())
        undecided = sa.select(comments.c.id).where(
            ~sa.exists().where(decisions.c.comment_id == comments.c.id, decisions.c.version == comments.c.version - 1)
        )
        assert conn.execute(undecided).first() is None
        told = conn.execute(sa.select(events.c.decision_id)).scalars().all()
        made = conn.execute(sa.select(decisions.c.id)).scalars().all()
        assert sorted(told) == sorted(made)
        assert conn.execute(sa.select(sa.func.count()).select_from(scorings)).scalar_one() == COUNT
        assert conn.execute(sa.select(sa.func.count()).select_from(fingerprint_bands)).scalar_one() == 4 * COUNT
        for site_id, last in conn.execute(sa.select(sites.c.id, sites.c.event_sequence)):
            feed = sa.select(events.c.sequence).where(events.c.site_id == site_id).order_by(events.c.sequence)
            assert conn.execute(feed).scalars().all() == list(range(1, last + 1))
        record = conn.execute(sa.select(sa.func.sum(authors.c.published), sa.func.sum(authors.c.rejected))).one()
        assert search.comments_with(conn, filled.site_ids, "the", before=None, limit=5)

    assert sum(statuses.values()) == COUNT
    assert tuple(record) == (statuses["published"], statuses["rejected"])
    assert 0.05 * COUNT < statuses["flagged"] < 0.16 * COUNT


def test_the_indexes_and_triggers_are_back(empty: Database, filled: Filled, queues: Queues) -> None:
    found = {index["name"] for name in metadata.tables for index in sa.inspect(empty.engine).get_indexes(name)}
    said = Submission("a-1", "u-1", "A zeppelin over the harbour, at last.")
    intake.submit(empty, queues, filled.site_ids[0], said, lane=Lane.LIVE, now=utc_now())

    wanted = {index.name for table in metadata.tables.values() for index in table.indexes}
    assert wanted <= found
    with empty.read() as conn:
        assert len(search.comments_with(conn, filled.site_ids, "zeppelin", before=None, limit=5)) == 1


def test_nothing_is_filled_into_a_database_that_holds_something(empty: Database, filled: Filled) -> None:
    with pytest.raises(ValueError, match="holds comments"):
        fill(empty, 1)


def test_each_call_and_page_answers(empty: Database, filled: Filled, queues: Queues) -> None:
    newsroom = Newsroom(empty, queues, filled)

    answers = {case.name: case.prepare()() for case in cases(newsroom)}

    assert {name: status for name, status in answers.items() if status not in (200, 202)} == {}
    assert len(answers) > 30
