from __future__ import annotations

import sys
import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from redis import Redis
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.utils import as_text

from moderation.ground.database.engine import Database
from moderation.ground.errors import ArticleClosed, IdConflict, InvalidInput, MoveNotAllowed, NotFound, StaleVersion
from moderation.ground.jobs.jobs import Queues, connect_for_web
from moderation.ground.values.articles import ArticleState
from moderation.ground.values.comments import Comment, Lane
from moderation.ground.values.statuses import CommentStatus
from moderation.judging.text.reading_cost import MOST_PIECES, cost_of, pieces
from moderation.moderators.finding import list_rows as lists
from moderation.moderators.finding.list_rows import ListOrder
from moderation.pipeline.arriving import intake
from moderation.pipeline.arriving.comment_text import MAX_CHARS, clean
from moderation.pipeline.arriving.submission import Submission
from moderation.sites.rows import Site
from moderation.spine.articles import rows as article_store
from moderation.spine.articles.tables import articles, authors
from moderation.spine.comments import rows as comment_store
from moderation.spine.comments.tables import comment_edits, comments
from moderation.spine.events.tables import events
from tests.builders import NOON
from tests.conftest import free_port
from tests.moderation.conftest import Newsroom


def count(database: Database, table: sa.Table) -> int:
    with database.read() as conn:
        return conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_a_comment_waits_and_is_queued_in_its_lane(newsroom: Newsroom, queues: Queues) -> None:
    listed = newsroom.post("  The mine closed in 2015.  ", id="n-1", author_name="Ana")

    assert listed.comment.status is CommentStatus.WAITING
    assert listed.comment.text == "The mine closed in 2015."
    assert (listed.comment.external_id, listed.article_external_id, listed.author_name) == ("n-1", "a-1", "Ana")
    assert queues.depths() == {"interactive": 0, "live": 1, "slow": 0, "bulk": 0, "deliver": 0, "second": 0}
    assert queues.known_ids() == {listed.comment.id}


def test_the_characters_that_are_refused_are_the_controls_and_lone_surrogates_of_unicode() -> None:
    every = "".join(map(chr, range(sys.maxunicode + 1)))

    refused = {char for char in every if is_refused(char)}

    assert refused == {c for c in every if unicodedata.category(c) in ("Cc", "Cs")} - set("\t\n\r\x0b\x0c")


def is_refused(char: str) -> bool:
    try:
        clean(f"a{char}b")
    except InvalidInput:
        return True
    return False


def test_a_bodys_digest_stays_the_same_over_an_upgrade() -> None:
    """A site sends a comment again after it, and must not hear that the id is in use."""
    said = Submission(
        "a-1",
        "u-1",
        "Grüße — “quoted” 😀",
        id="c-1",
        article=(("title", "Ferry"),),
        author_name="Ana",
        parent_id="c-0",
        posted_at=datetime(2026, 3, 2, 14, 5, tzinfo=UTC),
        language="de",
        author_address="10.0.0.1",
        typed_s=2.5,
    )

    assert said.digest() == "090ba3eaa3eee55955bb1d319e14bb77b9436a195f971665bad8f489bacf7109"


def test_the_id_of_a_comment_that_lost_its_digest_stays_taken(newsroom: Newsroom, database: Database) -> None:
    """As a withdrawn comment does when its time is over."""
    newsroom.post("As it was.", id="n-1")
    with database.write() as conn:
        conn.execute(comments.update().values(text="", body_digest=""))

    with pytest.raises(IdConflict):
        newsroom.post("As it was.", id="n-1")


def test_an_article_changes_only_when_it_is_described_otherwise(newsroom: Newsroom, database: Database) -> None:
    newsroom.post(article=(("text", "As it was."), ("title", "Ferry")))
    newsroom.post("Again.", article=(("text", "As it was."), ("title", "Ferry")), now=NOON + timedelta(hours=1))
    with database.read() as conn:
        unchanged = conn.execute(sa.select(articles.c.updated_at)).scalar_one()

    newsroom.post("Once more.", article=(("text", "As it is."),), now=NOON + timedelta(hours=2))

    with database.read() as conn:
        title, text, changed = conn.execute(sa.select(articles.c.title, articles.c.text, articles.c.updated_at)).one()
    assert (title, text) == ("Ferry", "As it is.")
    assert (unchanged, changed) == (NOON, NOON + timedelta(hours=2))


def test_a_comment_may_be_ahead_of_our_clock_by_five_minutes_and_no_more(newsroom: Newsroom) -> None:
    ahead = NOON + timedelta(minutes=5)

    taken = newsroom.post("Just ahead.", posted_at=ahead, now=NOON)
    with pytest.raises(InvalidInput) as refused:
        newsroom.post("Too far ahead.", posted_at=ahead + timedelta(seconds=1), now=NOON)

    assert taken.comment.posted_at == ahead
    assert [problem.field for problem in refused.value.problems] == ["posted_at"]
    assert "5 minutes ahead of our clock (2026-" in refused.value.problems[0].message


def test_a_comment_without_an_id_gets_one(newsroom: Newsroom) -> None:
    listed = newsroom.post()

    assert listed.comment.external_id == listed.comment.id


def test_a_comment_is_recorded_while_redis_is_away(database: Database, site: Site) -> None:
    away = Queues(connect_for_web(f"redis://127.0.0.1:{free_port()}/0"))

    listed = Newsroom(database, away, site).post()

    assert count(database, comments) == 1
    assert listed.comment.status is CommentStatus.WAITING


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "must not be empty"),
        (" \n\t ", "must not be empty"),
        ("x" * (MAX_CHARS + 1), "at most 20,000 characters, has 20,001"),
        ("a\x00b", "control character (U+0000) at position 1"),
        ("a\x1bb", "control character (U+001B) at position 1"),
        ("a\x85b", "control character (U+0085) at position 1"),
        ("ab\ud800", "lone surrogate (U+D800) at position 2"),
    ],
)
def test_a_bad_text_is_refused_by_name_and_leaves_nothing(newsroom: Newsroom, text: str, says: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        newsroom.post(text)

    assert refused.value.problems[0].field == "text"
    assert says in refused.value.problems[0].message
    assert [count(newsroom.database, t) for t in (comments, articles, authors)] == [0, 0, 0]


@pytest.mark.parametrize("text", ["x", "x" * MAX_CHARS, "one\ntwo\tthree\r\nfour", "naïve 👍🏽 \u200bzero"])
def test_a_text_at_the_edges_is_taken(newsroom: Newsroom, text: str) -> None:
    assert newsroom.post(text).comment.text == text


def test_the_same_id_and_body_is_the_same_comment(newsroom: Newsroom, queues: Queues) -> None:
    first = newsroom.post("Once.", id="n-1")

    again = newsroom.post("Once.", id="n-1", now=NOON + timedelta(minutes=1))

    assert again.comment == first.comment
    assert count(newsroom.database, comments) == 1
    assert queues.depths()["live"] == 1


def test_the_same_id_with_another_body_is_refused(newsroom: Newsroom) -> None:
    newsroom.post("Once.", id="n-1")

    with pytest.raises(IdConflict):
        newsroom.post("Twice.", id="n-1")

    assert count(newsroom.database, comments) == 1


def test_two_sites_may_use_the_same_ids(
    newsroom: Newsroom, database: Database, queues: Queues, other_site: Site
) -> None:
    newsroom.post("Ours.", id="n-1")

    theirs = Newsroom(database, queues, other_site).post("Theirs.", id="n-1")

    assert theirs.comment.site_id == other_site.id
    assert count(database, comments) == 2


def test_a_closed_article_takes_nothing(newsroom: Newsroom) -> None:
    with newsroom.database.write() as conn:
        article_store.insert_article(conn, newsroom.site.id, "a-1", {"state": ArticleState.CLOSED}, now=NOON)

    with pytest.raises(ArticleClosed):
        newsroom.post()

    assert count(newsroom.database, comments) == 0
    assert count(newsroom.database, authors) == 0


def test_a_comments_description_of_its_article_is_kept(newsroom: Newsroom) -> None:
    newsroom.post("One.", article=(("title", "Old title"), ("text", "Body.")))
    newsroom.post("Two.", article=(("title", "New title"),))

    with newsroom.database.read() as conn:
        article = article_store.get_article(conn, newsroom.site.id, "a-1")
    assert (article.title, article.text) == ("New title", "Body.")


def test_a_job_says_how_much_there_is_to_read(newsroom: Newsroom) -> None:
    article = (("title", "New"), ("text", "x" * 900))

    alone = newsroom.post("Twelve chars", id="c-1")
    with_article = newsroom.post("Twelve chars", id="c-2", article=article)
    with_known_article = newsroom.post("Twelve chars", id="c-3", article=article)
    with_book = newsroom.post("Twelve chars", id="c-4", article=(("text", "x" * 200_000),))
    answer = newsroom.post("Twelve chars", id="c-5", parent_id="c-1")

    own = cost_of("Twelve chars")
    posted = (alone, with_article, with_known_article, with_book, answer)
    jobs = [Job.fetch(one.comment.id, newsroom.queues.redis, JSONSerializer) for one in posted]
    costs = [own, own + 300, own, own + MOST_PIECES, own + pieces("Twelve chars")]
    assert [job.meta for job in jobs] == [{"cost": cost} for cost in costs]
    with newsroom.database.read() as conn:
        assert comment_store.costs_of(conn, [one.comment.id for one in posted]) == dict(
            zip((one.comment.id for one in posted), costs, strict=True)
        )


def test_a_reply_names_a_comment_on_the_same_article(newsroom: Newsroom) -> None:
    parent = newsroom.post("Parent.", id="n-1")

    reply = newsroom.post("Reply.", parent_id="n-1")

    assert reply.comment.parent_id == parent.comment.id
    assert reply.parent_external_id == "n-1"


@pytest.mark.parametrize(("parent_id", "says"), [("nobody", "no comment has the id"), ("n-1", "another article")])
def test_a_parent_elsewhere_is_refused_and_leaves_nothing(newsroom: Newsroom, parent_id: str, says: str) -> None:
    newsroom.post("On another article.", id="n-1", article_id="a-2")

    with pytest.raises(InvalidInput, match=says) as refused:
        newsroom.post("Reply.", parent_id=parent_id)

    assert refused.value.problems[0].field == "parent_id"
    assert [count(newsroom.database, t) for t in (comments, articles)] == [1, 1]


def test_an_author_is_known_by_the_newest_name(newsroom: Newsroom) -> None:
    newsroom.post("One.", author_name="Ana")
    listed = newsroom.post("Two.", author_name="Ana B.")
    newsroom.post("Three.")

    assert listed.author_name == "Ana B."
    assert count(newsroom.database, authors) == 1


def test_a_batch_gives_one_result_each_in_order(newsroom: Newsroom, queues: Queues) -> None:
    submissions = [
        Submission("a-1", "u-1", "First.", id="b-1"),
        Submission("a-1", "u-1", "  ", id="b-2"),
        Submission("a-1", "u-1", "Reply.", id="b-3", parent_id="b-1"),
        Submission("a-9", "u-9", "Lost.", id="b-4", parent_id="nobody"),
        Submission("a-1", "u-1", "First.", id="b-1"),
    ]

    results = intake.submit_many(newsroom.database, queues, newsroom.site.id, submissions, now=NOON)

    kinds = [r.external_id if isinstance(r, Comment) else type(r).__name__ for r in results]
    assert kinds == ["b-1", "InvalidInput", "b-3", "InvalidInput", "b-1"]
    assert [count(newsroom.database, t) for t in (comments, articles, authors)] == [2, 1, 1]
    assert queues.depths()["bulk"] == 2


def test_an_edit_waits_as_a_new_version_and_keeps_the_old_text(newsroom: Newsroom, queues: Queues) -> None:
    newsroom.post("Before.", id="n-1")

    edited = intake.edit(newsroom.database, queues, newsroom.site.id, "n-1", "After.", now=NOON)

    assert (edited.text, edited.version) == ("After.", 2)
    assert edited.status is CommentStatus.WAITING
    with newsroom.database.read() as conn:
        kept = conn.execute(sa.select(comment_edits.c.version, comment_edits.c.text)).all()
        assert conn.execute(sa.select(events.c.type)).scalars().all() == ["comment.edited"]
    assert [tuple(row) for row in kept] == [(1, "Before.")]


def test_an_edit_to_the_same_text_changes_nothing(newsroom: Newsroom, queues: Queues) -> None:
    newsroom.post("Same.", id="n-1")

    edited = intake.edit(newsroom.database, queues, newsroom.site.id, "n-1", " Same. ", now=NOON)

    assert edited.version == 1
    assert count(newsroom.database, events) == 0


def test_an_edit_of_an_old_version_is_stale(newsroom: Newsroom, queues: Queues) -> None:
    newsroom.post("Before.", id="n-1")
    intake.edit(newsroom.database, queues, newsroom.site.id, "n-1", "After.", now=NOON, version=1)

    with pytest.raises(StaleVersion) as refused:
        intake.edit(newsroom.database, queues, newsroom.site.id, "n-1", "Later.", now=NOON, version=1)

    assert (refused.value.expected, refused.value.current) == (1, 2)


def test_a_withdrawn_comment_stays_withdrawn(newsroom: Newsroom, queues: Queues) -> None:
    newsroom.post("Oops.", id="n-1")

    gone = intake.withdraw(newsroom.database, newsroom.site.id, "n-1", now=NOON)
    again = intake.withdraw(newsroom.database, newsroom.site.id, "n-1", now=NOON)

    assert gone.status is CommentStatus.WITHDRAWN
    assert again == gone
    with pytest.raises(MoveNotAllowed):
        intake.edit(newsroom.database, queues, newsroom.site.id, "n-1", "Back.", now=NOON)


def test_another_sites_comment_is_not_found(
    newsroom: Newsroom, database: Database, queues: Queues, other_site: Site
) -> None:
    newsroom.post("Ours.", id="n-1")

    with pytest.raises(NotFound):
        intake.withdraw(database, other_site.id, "n-1", now=NOON)
    with pytest.raises(NotFound):
        intake.edit(database, queues, other_site.id, "n-1", "Mine.", now=NOON)


def test_the_list_of_an_article_turns_pages_in_order(newsroom: Newsroom) -> None:
    for number in range(5):
        newsroom.post(f"Comment {number}.", id=f"n-{number}", posted_at=NOON + timedelta(minutes=number // 2))

    with newsroom.database.read() as conn:
        article = article_store.get_article(conn, newsroom.site.id, "a-1")
        seen: list[str] = []
        after = None
        wanted = lists.CommentsWanted(newsroom.site.id, CommentStatus.WAITING, article_id=article.id)
        while page := lists.page(conn, wanted, ListOrder.OLDEST, after=after, limit=2):
            seen += [listed.comment.external_id for listed in page]
            after = lists.cursor_of(page[-1], ListOrder.OLDEST)

    assert seen == [f"n-{number}" for number in range(5)]


@pytest.mark.parametrize("cursor", ["", "x", "1.2", "99999999999999999999999.01900000-0000-7000-8000-000000000000"])
def test_an_invalid_cursor_is_a_value_error(cursor: str) -> None:
    with pytest.raises(ValueError, match=r"not a cursor|invalid literal"):
        lists.parse_cursor(cursor)


def test_jobs_carry_ids_only(newsroom: Newsroom, redis: Redis) -> None:
    listed = newsroom.post("Nothing of this may reach Redis.")

    stored = [bytes(value) for value in redis.hgetall(f"rq:job:{listed.comment.id}").values()]  # type: ignore[arg-type]

    assert stored
    assert b"Nothing of this" not in b"".join(stored)
    assert Lane.LIVE in {as_text(queue).removeprefix("rq:queue:") for queue in redis.smembers("rq:queues")}
