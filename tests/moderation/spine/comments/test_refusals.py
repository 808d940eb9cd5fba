"""The database refuses a value: it alone is left out, and nobody takes that for a database that is away."""

from __future__ import annotations

import random

import pytest
import sqlalchemy as sa

from moderation.ground.database.engine import Database, storage_is_away
from moderation.ground.errors import NotKept
from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.comments import Comment
from moderation.moderators.finding import search_rows as search
from moderation.pipeline.arriving import intake
from moderation.pipeline.arriving.submission import Submission
from moderation.pipeline.settling.judgements import settle
from moderation.readers.reports import reporting as reports
from moderation.readers.reports.reporting import Report
from moderation.spine.articles.tables import articles, authors
from moderation.spine.comments.tables import comments
from tests.builders import NOON
from tests.moderation.conftest import Newsroom, add_site
from tests.moderation.pipeline.arriving.test_intake import count
from tests.moderation.spine.comments.test_door import judge

UNKEEPABLE = "no database keeps a lone surrogate: \ud800"  # the API refuses it; here it gets past that


def long_text(chars: int) -> str:
    """Characters of four bytes each, all different, so that the text cannot be compressed."""
    return "".join(map(chr, random.Random(chars).sample(range(0x20000, 0x2A6D6), chars)))


LONG = long_text(1_000)


def test_a_comment_that_the_database_refuses_does_not_take_its_batch_along(newsroom: Newsroom, queues: Queues) -> None:
    submissions = [
        Submission("a-1", "u-1", "First.", id="b-1"),
        Submission("a-2", "u-2", "Its author's name cannot be kept.", id="b-2", author_name=UNKEEPABLE),
        Submission("a-3", "u-1", "Its title cannot be kept.", id="b-3", article=(("title", UNKEEPABLE),)),
        Submission("a-1", "u-1", "Last.", id="b-4", parent_id="b-1"),
    ]

    results = intake.submit_many(newsroom.database, queues, newsroom.site.id, submissions, now=NOON)

    kinds = [r.external_id if isinstance(r, Comment) else type(r).__name__ for r in results]
    assert kinds == ["b-1", "NotKept", "NotKept", "b-4"]
    assert [count(newsroom.database, t) for t in (comments, articles, authors)] == [2, 1, 1]
    assert queues.depths()["bulk"] == 2


def test_a_comment_alone_that_the_database_refuses_is_not_kept(newsroom: Newsroom) -> None:
    with pytest.raises(NotKept):
        newsroom.post(author_name=UNKEEPABLE)

    assert [count(newsroom.database, t) for t in (comments, articles, authors)] == [0, 0, 0]


def test_a_row_too_long_for_an_index_is_refused_and_no_sign_of_a_database_that_is_away(
    postgres_database: Database, queues: Queues
) -> None:
    with postgres_database.write() as conn:
        site = add_site(conn, "The Herald")
    index = sa.text("CREATE INDEX ix_whole_texts ON comments (text)")
    said = [Submission("a-1", "u-1", text, id=text[:1]) for text in ("1 short", LONG, "3 short")]

    with postgres_database.write() as conn:
        conn.execute(index)
    try:
        first, long, last = intake.submit_many(postgres_database, queues, site.id, said, now=NOON)
    finally:
        with postgres_database.write() as conn:
            conn.execute(sa.text("DROP INDEX ix_whole_texts"))

    assert isinstance(long, NotKept)
    assert isinstance(long.__cause__, sa.exc.OperationalError)
    assert not storage_is_away(long.__cause__)
    assert [one.text for one in (first, last) if isinstance(one, Comment)] == [
        "1 short",
        "3 short",
    ]


def test_everything_at_its_longest_is_kept_and_found(newsroom: Newsroom, database: Database) -> None:
    """PostgreSQL refuses what is too long for one of its indexes: each text that is indexed is tried at its limit."""
    said = (("language", "x" * 35), ("section", long_text(100)), ("title", long_text(1_000)), ("url", long_text(2_000)))
    ids = {"id": long_text(200), "article_id": long_text(199), "author_id": long_text(198)}
    parent = newsroom.post(article_id=ids["article_id"], article=said)
    comment = newsroom.post(
        long_text(20_000),
        **ids,
        author_name=long_text(200),
        language="x" * 35,
        parent_id=parent.comment.external_id,
        article=said,
    ).comment

    reports.report(database, newsroom.site.id, comment.external_id, Report(long_text(197), "x" * 50), now=NOON)
    settle(database, [judge(database, comment.id, toxicity=0.99)], now=NOON)

    with database.read() as conn:
        row = conn.execute(sa.select(comments).where(comments.c.id == comment.id)).one()
        found = search.articles_named(conn, [newsroom.site.id], long_text(1_000), limit=1)
    assert (row.status, row.section) == ("flagged", long_text(100))
    assert [article.external_id for article in found] == [ids["article_id"]]
