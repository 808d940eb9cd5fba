"""Events that operators will meet sooner or later: a database that restarts or is full, a clock that steps back, a
worker that freezes, a slow queue server. Each comment that was accepted must end decided exactly once, with one
event."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from redis import Redis
from sqlalchemy.exc import OperationalError

from moderation.ground.database import lease_rows as leases
from moderation.ground.database.engine import Database
from moderation.ground.jobs.jobs import MAX_RETRIES, Queues, connect_for_web
from moderation.ground.values.statuses import DecidedBy
from moderation.operations.composition import open_database
from moderation.spine.comments.tables import comments, decisions
from moderation.spine.events import rows as event_store
from moderation.spine.events.tables import events
from tests.builders import NOON
from tests.chaos.proxy import proxy
from tests.chaos.servers import Postgres, own_postgres
from tests.chaos.test_nothing_is_lost import BATCH_TIMEOUT_S, Plant
from tests.clock import WallClock
from tests.moderation.conftest import Newsroom, add_site
from tests.server_guard import Guard
from tests.waiting import eventually
from tests.workers.queue.test_pipeline import WordScorer
from workers.queue.pipeline import Pipeline
from workers.sweeping.sweeper import Sweeper

WORKER = "tests.chaos.quick_worker"
pytestmark = pytest.mark.chaos


def submit_until_taken(plant: Plant, number: int) -> None:
    """As a site does: the same id again until it gets its answer."""

    def is_taken() -> bool:
        try:
            plant.submit(number)
        except OperationalError:
            return False
        return True

    eventually(is_taken, within_s=30)


def failed_batches(plant: Plant) -> int:
    return sum(plant.fleet.log(name).count("a batch of ") for name in ("worker-1", "worker-2"))


def waits_when_it_crashes(plant: Plant, postgres: Postgres, number: int) -> None:
    """The one comment that the workers will try meanwhile."""
    workers = [plant.fleet.running[name] for name in ("worker-1", "worker-2")]
    for worker in workers:
        worker.send_signal(signal.SIGSTOP)
    submit_until_taken(plant, number)
    postgres.crash()
    for worker in workers:
        worker.send_signal(signal.SIGCONT)


def decided_by_whom(database: Database) -> set[str]:
    with database.read() as conn:
        return set(conn.execute(sa.select(decisions.c.decided_by).distinct()).scalars())


def assert_feed_has_no_gap(database: Database, site_id: str, count: int) -> None:
    def released() -> list[int]:
        with database.read() as conn:
            query = sa.select(events.c.sequence).where(events.c.site_id == site_id, events.c.sequence.is_not(None))
            return sorted(conn.execute(query).scalars())

    eventually(lambda: len(released()) >= count, within_s=15, says=lambda: len(released()))
    assert released() == list(range(1, count + 1))


@pytest.fixture
def postgres(guard: Guard) -> Iterator[Postgres]:
    with own_postgres(guard) as server:
        yield server


@pytest.fixture
def postgres_plant(postgres: Postgres, tmp_path: Path) -> Iterator[Plant]:
    database = open_database(postgres.url)
    plant = Plant(database, tmp_path)
    yield plant
    plant.end()
    database.close()


@pytest.fixture
def plant(sqlite_database: Database, tmp_path: Path) -> Iterator[Plant]:
    plant = Plant(sqlite_database, tmp_path)
    yield plant
    plant.end()


def test_a_postgresql_that_crashes_and_comes_back_loses_nothing(postgres_plant: Plant, postgres: Postgres) -> None:
    plant = postgres_plant
    plant.start_workers("worker-1", "worker-2", module=WORKER)
    plant.fleet.start("sweeper", "workers", "sweep")
    for number in range(60):
        submit_until_taken(plant, number)

    postgres.crash()
    postgres.start()
    plant.assert_each_is_decided_once(60, within_s=60)
    failed = failed_batches(plant)
    waits_when_it_crashes(plant, postgres, 60)
    tries = 2 * (1 + MAX_RETRIES)  # more than its job has, were they used up
    eventually(lambda: failed_batches(plant) >= failed + tries, within_s=60, says=lambda: plant.fleet.log("worker-1"))
    postgres.start()
    for number in range(61, 120):
        submit_until_taken(plant, number)

    plant.assert_each_is_decided_once(120, within_s=60)
    assert decided_by_whom(plant.database) == {DecidedBy.POLICY}  # nobody was given up
    assert_feed_has_no_gap(plant.database, plant.site.id, 120)


def test_connections_that_are_cut_again_and_again_lose_nothing(postgres_plant: Plant) -> None:
    plant = postgres_plant
    plant.start_workers("worker-1", module=WORKER)
    plant.fleet.start("sweeper", "workers", "sweep")
    cutter = open_database(plant.database.url, pool_size=1)

    for number in range(120):
        submit_until_taken(plant, number)
        if number % 10 == 9:
            with cutter.write() as conn:
                others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                conn.execute(sa.text(f"{others} AND backend_type = 'client backend'"))
    cutter.close()

    plant.assert_each_is_decided_once(120, within_s=60)
    assert decided_by_whom(plant.database) == {DecidedBy.POLICY}


def test_a_full_disk_takes_nothing_new_loses_nothing_old_and_passes(
    sqlite_database: Database, sized: Sized, queues: Queues
) -> None:
    with sqlite_database.write() as conn:
        site = add_site(conn, "The Herald")
    newsroom = Newsroom(sqlite_database, queues, site)
    pipeline = Pipeline(sqlite_database, queues, WordScorer(), now=lambda: NOON)  # type: ignore[arg-type]
    taken = [newsroom.post("Before it was full.", id=f"n-{n}").comment.id for n in range(10)]

    sized.leave_pages(0)
    refused = []
    for number in range(10, 60):
        try:
            taken.append(newsroom.post("x" * 5_000, id=f"n-{number}").comment.id)
        except OperationalError as e:
            refused.append(str(e))
    with pytest.raises(OperationalError):
        pipeline.score(taken)
    with sqlite_database.read() as conn:  # reading goes on
        assert conn.execute(sa.select(sa.func.count()).select_from(comments)).scalar_one() == len(taken)
    sized.leave_pages(100_000)
    for start in range(0, len(taken), 5):
        pipeline.score(taken[start : start + 5])

    assert refused and all("full" in reason for reason in refused)
    with sqlite_database.read() as conn:
        decided = conn.execute(sa.select(decisions.c.comment_id)).scalars().all()
        decided_in_events = conn.execute(sa.select(events.c.decision_id)).scalars().all()
    assert sorted(decided) == sorted(taken)
    assert len(set(decided_in_events)) == len(decided_in_events) == len(taken)


class Sized:
    """Lets a database grow by so many pages and no more: SQLite then says that the disk is full."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.most = 1_000_000
        sa.event.listen(database.engine, "begin", self._limit)

    def stop(self) -> None:
        sa.event.remove(self.database.engine, "begin", self._limit)

    def leave_pages(self, count: int) -> None:
        with self.database.read() as conn:
            self.most = conn.exec_driver_sql("PRAGMA page_count").scalar_one() + count

    def _limit(self, conn: sa.engine.Connection) -> None:
        conn.exec_driver_sql(f"PRAGMA max_page_count = {self.most}")


@pytest.fixture
def sized(sqlite_database: Database) -> Iterator[Sized]:
    sized = Sized(sqlite_database)
    yield sized
    sized.stop()


def test_a_clock_that_steps_back_delays_nothing_for_long(database: Database, queues: Queues, redis: Redis) -> None:
    clock = WallClock()
    with database.write() as conn:
        site = add_site(conn, "The Herald")
    newsroom = Newsroom(database, queues, site)
    pipeline = Pipeline(database, queues, WordScorer(), now=clock)  # type: ignore[arg-type]
    sweeper = Sweeper(database, queues, age_s=30, now=clock)
    before = [newsroom.post(f"Number {n}, before.", now=clock.time).comment.id for n in range(5)]
    pipeline.score(before[:2])
    sweeper.send_due_events()
    redis.flushall()

    clock.time -= timedelta(hours=3)
    after = [newsroom.post(f"Number {n}, after.", now=clock.time).comment.id for n in range(5)]
    redis.flushall()
    clock.time += timedelta(seconds=31)
    swept = sweeper.sweep()
    pipeline.score(sorted(queues.known_ids()))
    sweeper.send_due_events()

    assert swept.enqueued == 8  # those from the future too
    with database.read() as conn:
        assert sorted(conn.execute(sa.select(decisions.c.comment_id)).scalars()) == sorted(before + after)
        sequences = sorted(conn.execute(sa.select(events.c.sequence)).scalars())
    assert sequences == list(range(1, 11))


def test_a_lease_from_before_the_clock_stepped_back_runs_out(database: Database) -> None:
    def take(holder: str, now: datetime) -> bool:
        with database.write() as conn:
            return leases.take(conn, "sweeper", holder, until=now + timedelta(seconds=15), now=now)

    assert take("a", NOON)
    assert not take("b", NOON - timedelta(seconds=10))  # two machines differ by a little
    assert take("b", NOON - timedelta(hours=3))


def test_an_event_is_released_once_however_the_clock_steps(database: Database, queues: Queues) -> None:
    with database.write() as conn:
        site = add_site(conn, "The Herald")
    newsroom = Newsroom(database, queues, site)
    pipeline = Pipeline(database, queues, WordScorer(), now=lambda: NOON)  # type: ignore[arg-type]
    pipeline.score([newsroom.post(f"Number {n}.").comment.id for n in range(3)])

    released = []
    for now in (NOON - timedelta(hours=1), NOON, NOON - timedelta(hours=1), NOON + timedelta(hours=1)):
        with database.write() as conn:
            released.append(event_store.release_due(conn, site.id, now=now))

    assert released == [0, 3, 0, 0]


def test_a_frozen_worker_that_wakes_up_late_decides_nothing_twice(plant: Plant) -> None:
    for number in range(600):
        plant.submit(number)
    frozen = plant.fleet.start("worker-1", WORKER)

    def is_frozen_amid_a_batch() -> bool:
        os.kill(frozen.pid, signal.SIGSTOP)
        if plant.queues.redis.zcard("rq:wip:live"):
            return True
        os.kill(frozen.pid, signal.SIGCONT)
        return False

    eventually(is_frozen_amid_a_batch, within_s=60)
    plant.start_workers("worker-2", module=WORKER)
    plant.fleet.start("sweeper", "workers", "sweep")
    plant_is_done = lambda: not plant.statuses()["waiting"]  # noqa: E731
    eventually(plant_is_done, within_s=90, says=plant.statuses)
    os.kill(frozen.pid, signal.SIGCONT)
    for number in range(600, 640):
        plant.submit(number)

    plant.assert_each_is_decided_once(640, within_s=60)
    assert_feed_has_no_gap(plant.database, plant.site.id, 640)


@pytest.mark.parametrize(("delay_s", "count"), [(0.1, 20), (60, 5)], ids=["slow", "slower than anybody waits"])
def test_a_slow_queue_server_makes_nobody_lose_a_comment(
    sqlite_database: Database, tmp_path: Path, delay_s: float, count: int
) -> None:
    plant = Plant(sqlite_database, tmp_path)
    with proxy(plant.queue_port) as wire:
        url = f"redis://127.0.0.1:{wire.port}/0"
        plant.queues = Queues(connect_for_web(url), job_timeout_s=BATCH_TIMEOUT_S)
        plant.fleet.environment["REDIS_URL"] = url
        plant.fleet.start("worker-1", WORKER)
        plant.fleet.start("sweeper", "workers", "sweep")
        wire.delay_s = delay_s
        for number in range(count):
            plant.submit(number)
        heard = wire.came_late
        wire.delay_s = 0.01  # it recovers, and cuts the connections that hung
        wire.cut()

        try:
            eventually(
                lambda: plant.fleet.restart_dead(WORKER) == 0 and not plant.statuses()["waiting"],
                within_s=90,
                says=lambda: (plant.statuses(), plant.fleet.log("worker-1")[-2000:]),
            )
            plant.assert_each_is_decided_once(count, within_s=5)
        finally:
            plant.end()
    assert bool(heard) == (delay_s < 1)  # a comment is taken while the queue server says nothing


def test_a_sweeper_that_dies_is_replaced(plant: Plant) -> None:
    plant.fleet.start("sweeper-1", "workers", "sweep")
    plant.fleet.start("sweeper-2", "workers", "sweep")
    holder = _holder(plant.database)
    first = "sweeper-1" if str(plant.fleet.running["sweeper-1"].pid) in holder else "sweeper-2"

    plant.fleet.kill(first)

    eventually(lambda: _holder(plant.database) != holder, within_s=40)
    assert _noted_lately(plant.database)


def _holder(database: Database) -> str:
    found: list[str] = []

    def look() -> bool:
        with database.read() as conn:
            lease = leases.find(conn, "sweeper")
        found[:] = [lease.holder] if lease else []
        return bool(found)

    eventually(look, within_s=20)
    return found[0]


def _noted_lately(database: Database) -> bool:
    with database.read() as conn:
        lease = leases.find(conn, "sweeper")
    return lease is not None and lease.until > datetime.now(UTC)
