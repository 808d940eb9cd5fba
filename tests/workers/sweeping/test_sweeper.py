from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from redis import Redis
from redis.exceptions import ConnectionError
from rq.job import Job
from rq.registry import FailedJobRegistry, StartedJobRegistry
from rq.serializers import JSONSerializer
from sqlalchemy.exc import OperationalError

from moderation.ground.database.engine import Database
from moderation.ground.jobs.jobs import Queues, connect_for_web
from moderation.ground.values.measures import Standing
from moderation.ground.values.modes import ModeName
from moderation.ground.values.statuses import CommentStatus
from moderation.judging.text.reading_cost import cost_of
from moderation.law.modes import starting
from moderation.law.modes.starting import ModeWish
from moderation.moderators.authors import measure_rows as author_measures
from moderation.moderators.authors.measure_rows import AuthorMark
from moderation.pipeline.settling.judgements import give_up
from moderation.sites.audit import rows as audit_entries
from moderation.sites.rows import Site
from moderation.spine.comments import rows as comment_store
from tests.builders import NOON, OPERATOR
from tests.conftest import free_port
from tests.moderation.conftest import Newsroom, add_site
from workers.sweeping import sweeper as sweeping
from workers.sweeping.sweeper import Sweeper, Swept

AGE_S = 30
LATER = NOON + timedelta(seconds=AGE_S + 1)


@pytest.fixture
def site(database: Database) -> Site:
    with database.write() as conn:
        return add_site(conn, "The Herald", webhook_url="https://news.example/hook")


@pytest.fixture
def newsroom(database: Database, queues: Queues, site: Site) -> Newsroom:
    return Newsroom(database, queues, site)


def sweeper_at(newsroom: Newsroom, now: datetime, queues: Queues | None = None) -> Sweeper:
    return Sweeper(newsroom.database, queues or newsroom.queues, age_s=AGE_S, now=lambda: now)


def test_what_redis_lost_is_queued_again_in_its_lane_once(newsroom: Newsroom, redis: Redis, queues: Queues) -> None:
    posted = [newsroom.post(f"Number {number}.") for number in range(3)]
    redis.flushall()

    first = sweeper_at(newsroom, LATER).sweep()
    second = sweeper_at(newsroom, LATER).sweep()

    assert first == Swept(looked_at=3, enqueued=3)
    assert second == Swept(looked_at=3)
    assert queues.depths()["live"] == 3
    jobs = Job.fetch_many([one.comment.id for one in posted], redis, JSONSerializer)
    assert [job.meta for job in jobs if job] == [{"cost": cost_of("Number 0.")}] * 3


def test_what_a_queue_or_a_worker_holds_is_left_alone(newsroom: Newsroom, redis: Redis, queues: Queues) -> None:
    queued, started = newsroom.post("One.").comment, newsroom.post("Two.").comment
    live = queues._queues["live"]
    redis.lrem(live.key, 0, started.id)
    redis.zadd(StartedJobRegistry(queue=live).key, {f"{started.id}:execution": 4e9})

    swept = sweeper_at(newsroom, LATER).sweep()

    assert swept == Swept(looked_at=2)
    assert queues.known_ids() == {queued.id, started.id}


def test_a_young_comment_is_not_looked_at(newsroom: Newsroom, redis: Redis) -> None:
    newsroom.post()
    redis.flushall()

    assert sweeper_at(newsroom, NOON + timedelta(seconds=AGE_S)).sweep() == Swept()


def test_a_comment_whose_retries_are_exhausted_goes_to_a_person(
    newsroom: Newsroom, redis: Redis, queues: Queues
) -> None:
    comment = newsroom.post().comment
    live = queues._queues["live"]
    redis.lrem(live.key, 0, comment.id)
    redis.zadd(FailedJobRegistry(queue=live).key, {comment.id: 4e9})

    first = sweeper_at(newsroom, LATER).sweep()
    second = sweeper_at(newsroom, LATER).sweep()

    assert (first, second) == (Swept(looked_at=1, given_up=1), Swept())
    with newsroom.database.read() as conn:
        assert comment_store.get_by_id(conn, comment.id).status is CommentStatus.FLAGGED


def test_a_backlog_of_many_pages_is_swept_whole(
    newsroom: Newsroom, redis: Redis, queues: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "PAGE", 4)
    for number in range(10):
        newsroom.post(f"Number {number}.")
    redis.flushall()

    assert sweeper_at(newsroom, LATER).sweep() == Swept(looked_at=10, enqueued=10)


def test_a_sweep_without_redis_says_so_and_gives_nothing_up(newsroom: Newsroom) -> None:
    comment = newsroom.post().comment
    away = Queues(connect_for_web(f"redis://127.0.0.1:{free_port()}/0"))

    with pytest.raises(ConnectionError):
        sweeper_at(newsroom, LATER, away).sweep()

    with newsroom.database.read() as conn:
        assert comment_store.get_by_id(conn, comment.id).status is CommentStatus.WAITING


def test_due_events_are_released_and_sent_on_their_way(newsroom: Newsroom, queues: Queues) -> None:
    give_up(newsroom.database, [newsroom.post().comment.id], now=NOON, detail="test")

    sent = sweeper_at(newsroom, NOON).send_due_events()

    assert sent == 1
    assert queues.depths()["deliver"] == 1


@pytest.mark.parametrize(
    "error", [OperationalError("DELETE", {}, Exception("the disk is full")), KeyError("nobody foresaw this")]
)
def test_the_daily_work_needs_no_redis_and_its_errors_keep_nothing_waiting(
    newsroom: Newsroom, error: Exception
) -> None:
    away = Queues(connect_for_web(f"redis://127.0.0.1:{free_port()}/0"))
    rounds: list[int] = []

    def daily() -> None:
        rounds.append(len(rounds))
        if len(rounds) > 1:
            os.kill(os.getpid(), signal.SIGTERM)
        raise error

    run_until_ended(sweeper_at(newsroom, NOON, away), daily)

    assert rounds == [0, 1]


def test_a_round_ends_the_marks_that_are_over(newsroom: Newsroom) -> None:
    author = newsroom.post().comment.author_id
    with newsroom.database.write() as conn:
        author_measures.set_mark(conn, author, AuthorMark(Standing.BANNED, "Threats", NOON - timedelta(seconds=1)))

    run_until_ended(sweeper_at(newsroom, NOON), lambda: os.kill(os.getpid(), signal.SIGTERM))

    with newsroom.database.read() as conn:
        assert author_measures.find_mark(conn, author) == AuthorMark()


def test_a_round_notes_the_mode_that_is_over(newsroom: Newsroom) -> None:
    wish = ModeWish(ModeName.SLOW, NOON - timedelta(seconds=1))
    starting.start(newsroom.database, newsroom.site.id, wish, by=OPERATOR, now=NOON - timedelta(hours=1))

    run_until_ended(sweeper_at(newsroom, NOON), lambda: os.kill(os.getpid(), signal.SIGTERM))

    with newsroom.database.read() as conn:
        entries = audit_entries.entries(conn, newsroom.site.id, before=None, limit=9)
    assert [(entry.action, entry.actor_kind) for entry in entries[:1]] == [("mode.ended", "system")]


def run_until_ended(sweeper: Sweeper, daily: Callable[[], None]) -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        sweeping.run(sweeper, interval_s=0.01, daily=(daily,))
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
