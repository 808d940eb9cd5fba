"""Workers that change the same campaigns at once, on PostgreSQL, where each locks rows and waits for the other's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from moderation.ground.database.deadlocks import DEADLOCK
from moderation.ground.database.engine import Database
from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.statuses import CommentStatus
from moderation.moderators.campaigns import change_rows as campaign_changes
from moderation.moderators.campaigns.tables import campaign_authors, campaigns
from moderation.pipeline.arriving import intake
from moderation.sites.rows import Site
from moderation.spine.articles.tables import authors
from moderation.spine.comments import lock_rows as comment_locks
from moderation.spine.comments.lock_rows import Held
from moderation.spine.comments.rows import Listed
from moderation.spine.comments.tables import comments, decisions
from tests.builders import NOON
from tests.moderation.conftest import Newsroom, add_site
from tests.workers.queue.test_pipeline import WordScorer
from workers.queue.pipeline import Pipeline

HARBOUR = "Read this before they delete it: the mayor has sold the harbour to his own brother for one euro and a boat"
LOANS = "My family was deep in debt until a kind lender from abroad gave us a loan within a day and asked no questions"

pytestmark = pytest.mark.parametrize("database", ["postgres"], indirect=True)


@pytest.fixture
def site(database: Database) -> Site:
    with database.write() as conn:
        return add_site(conn, "The Herald")


@pytest.fixture
def newsroom(database: Database, queues: Queues, site: Site) -> Newsroom:
    return Newsroom(database, queues, site)


def pipeline(database: Database, queues: Queues, before_writing: Callable[[], object] = lambda: None) -> Pipeline:
    scorer = WordScorer()
    scorer.before_scoring = lambda: (before_writing(), None)[1]
    return Pipeline(database, queues, scorer, now=lambda: NOON)  # type: ignore[arg-type]


def posted(newsroom: Newsroom, text: str, *, by: str, count: int = 6) -> list[Listed]:
    made = [newsroom.post(text, author_id=f"{by}-{n}", id=f"{by}-{n}") for n in range(count)]
    assert pipeline(newsroom.database, newsroom.queues).score(ids_of(made)) == [None] * count
    return made


def ids_of(some: Sequence[Listed]) -> list[str]:
    return [one.comment.id for one in some]


def edit(newsroom: Newsroom, some: Sequence[Listed], text: str) -> None:
    for one in some:
        intake.edit(newsroom.database, newsroom.queues, newsroom.site.id, one.comment.external_id, text, now=NOON)


@contextmanager
def deadlocks(database: Database) -> Iterator[list[str]]:
    """The statements that PostgreSQL ended for a deadlock."""
    heard: list[str] = []

    def note(context: Any) -> None:
        if getattr(context.original_exception, "sqlstate", None) == DEADLOCK:
            heard.append(context.statement)

    sa.event.listen(database.engine, "handle_error", note)
    try:
        yield heard
    finally:
        sa.event.remove(database.engine, "handle_error", note)


def assert_counts_are_true(database: Database) -> None:
    in_one = comments.c.campaign_id == campaigns.c.id
    copies = sa.select(sa.func.count()).where(in_one).scalar_subquery()
    authors = sa.select(sa.func.count(comments.c.author_id.distinct())).where(in_one).scalar_subquery()
    listed = sa.select(sa.func.count()).where(campaign_authors.c.campaign_id == campaigns.c.id).scalar_subquery()
    with database.read() as conn:
        rows = conn.execute(sa.select(campaigns.c.copies, campaigns.c.authors, copies, authors, listed)).all()
    assert rows
    assert [(row[0], row[1]) for row in rows] == [(row[2], row[3]) for row in rows]
    assert [row[1] for row in rows] == [row[4] for row in rows]


def test_two_workers_that_move_copies_between_two_campaigns_do_not_block_each_other(
    newsroom: Newsroom, database: Database, queues: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each has left the one campaign before it joins the other, unless it was made to wait before that."""
    to_loans, to_harbour = posted(newsroom, HARBOUR, by="h")[:2], posted(newsroom, LOANS, by="l")[:2]
    edit(newsroom, to_loans, LOANS)
    edit(newsroom, to_harbour, HARBOUR)
    both_have_read, both_have_left = threading.Barrier(2, timeout=60), threading.Barrier(2, timeout=1)
    leave = campaign_changes.leave

    def left(conn: Connection, ids: Sequence[str]) -> set[str]:
        ended = leave(conn, ids)
        with_other(both_have_left)
        return ended

    monkeypatch.setattr(campaign_changes, "leave", left)

    def work(some: Sequence[Listed]) -> list[BaseException | None]:
        return pipeline(database, queues, both_have_read.wait).score(ids_of(some))

    with deadlocks(database) as ended, ThreadPoolExecutor(2) as workers:
        results = list(workers.map(work, (to_loans, to_harbour)))

    assert (results, ended) == ([[None, None]] * 2, [])
    assert_counts_are_true(database)


def with_other(barrier: threading.Barrier) -> None:
    """Goes on alone if the other cannot come: it waits for a row."""
    try:
        barrier.wait()
    except threading.BrokenBarrierError:
        return


def test_edits_and_withdrawals_of_copies_beside_two_workers_end_in_no_deadlock(
    newsroom: Newsroom, database: Database, queues: Queues
) -> None:
    made = {text: posted(newsroom, text, by=by, count=12) for text, by in ((HARBOUR, "h"), (LOANS, "l"))}
    every = [one for pair in zip(*made.values(), strict=True) for one in pair]
    gone = every[::6]

    with deadlocks(database) as ended, ThreadPoolExecutor(3) as workers:
        for number in range(8):
            texts = (HARBOUR, LOANS) if number % 2 else (LOANS, HARBOUR)
            edit(newsroom, [one for one in every[::2] if one not in gone], texts[0])
            edit(newsroom, [one for one in every[1::2] if one not in gone], texts[1])
            fresh = [newsroom.post(text, author_id=f"{number}-{text[:1]}", id=f"{number}-{text[:1]}") for text in texts]
            all_have_read = threading.Barrier(3, timeout=60)
            halves = (every[: len(every) // 2] + fresh[:1], [*reversed(every[len(every) // 2 :]), *fresh[1:]])
            running = [
                workers.submit(pipeline(database, queues, all_have_read.wait).score, ids_of(half)) for half in halves
            ]
            running.append(workers.submit(partial(withdraw, newsroom, all_have_read, gone[number % len(gone)])))
            assert [error for one in running for error in one.result() if error is not None] == []

    assert ended == []
    assert_counts_are_true(database)
    with database.read() as conn:
        waiting = sa.select(sa.func.count()).where(comments.c.status == CommentStatus.WAITING)
        assert conn.execute(waiting).scalar_one() == 0


def withdraw(newsroom: Newsroom, begins: threading.Barrier, one: Listed) -> list[BaseException | None]:
    begins.wait()
    intake.withdraw(newsroom.database, newsroom.site.id, one.comment.external_id, now=NOON)
    return []


def test_copies_whose_campaign_ends_with_their_own_edits_begin_another(
    newsroom: Newsroom, database: Database, queues: Queues
) -> None:
    both = posted(newsroom, HARBOUR, by="h", count=2)
    edit(newsroom, both, f"{HARBOUR}!")

    assert pipeline(database, queues).score(ids_of(both)) == [None, None]

    assert_counts_are_true(database)


def test_a_batch_that_postgresql_took_back_for_a_deadlock_runs_again_without_a_traceback(
    newsroom: Newsroom,
    database: Database,
    queues: Queues,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The worker holds its comment and wants the author; another holds the author and wants the comment."""
    one = newsroom.post(HARBOUR, id="c-1").comment.id
    other_holds, worker_holds = threading.Event(), threading.Event()
    hold = comment_locks.hold

    def heard(conn: Connection, ids: Sequence[str]) -> dict[str, Held]:
        held = hold(conn, ids)
        worker_holds.set()
        return held

    def other() -> None:
        with database.write() as conn:
            conn.execute(sa.text("SET LOCAL deadlock_timeout = '1min'"))  # the worker is the one that is ended
            conn.execute(sa.select(authors.c.id).with_for_update())
            other_holds.set()
            assert worker_holds.wait(60)
            conn.execute(sa.select(comments.c.id).with_for_update())

    monkeypatch.setattr(comment_locks, "hold", heard)
    with deadlocks(database) as ended, ThreadPoolExecutor(1) as aside, caplog.at_level("INFO"):
        running = aside.submit(other)
        assert pipeline(database, queues, partial(other_holds.wait, 60)).score([one]) == [None]
        running.result()

    assert ended  # twice, if the worker is back at the comment before the other has woken
    assert [record.message for record in caplog.records if "waited for each other" in record.message]
    assert not [record for record in caplog.records if record.exc_info]
    with database.read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(decisions)).scalar_one() == 1
