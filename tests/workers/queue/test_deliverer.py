"""Many sites at once: webhooks that hang keep nobody else's events. With real servers, and real processes to kill."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis import Redis

from moderation.ground.database import lease_rows as leases
from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.jobs.jobs import DELIVER_QUEUE, Queues
from moderation.ground.values.statuses import CommentStatus, DecidedBy
from moderation.ground.webhooks.sending import Sender
from moderation.ground.webhooks.signing import new_secret
from moderation.operations.composition import open_database
from moderation.operations.operating import migrating
from moderation.operations.operating.deleting import retention
from moderation.sites.rows import Site
from moderation.spine.comments.door import record
from moderation.spine.comments.moves import Move
from tests.chaos.processes import Fleet
from tests.moderation.conftest import Newsroom, add_site
from tests.receivers import Receiver, SlowServer, silent
from tests.waiting import eventually, slowed_by
from workers.queue.deliverer import Deliverer
from workers.queue.delivery import Courier, lease_of

DEADLINE_S = 3.0


def utc_now() -> datetime:
    return datetime.now(UTC)


class Sites:
    """Sites with webhooks, and events for them."""

    def __init__(self, database: Database, queues: Queues) -> None:
        self.database, self.queues = database, queues

    def add(self, name: str, url: str, *, events: int) -> Site:
        with self.database.write() as conn:
            site = add_site(conn, name, webhook_url=url, webhook_secret=new_secret())
        self.publish(site, events)
        return site

    def publish(self, site: Site, count: int) -> None:
        newsroom = Newsroom(self.database, self.queues, site)
        for number in range(count):
            now = utc_now()
            comment = newsroom.post(f"Number {number} about the ferry.", now=now).comment
            move = Move(comment, CommentStatus.PUBLISHED, now, DecidedBy.API)
            with self.database.write() as conn:
                record(conn, move, now=now)

    def lease(self, site: Site) -> leases.Lease | None:
        with self.database.read() as conn:
            return leases.find(conn, lease_of(site.id))


@pytest.fixture
def hanging() -> Iterator[SlowServer]:
    with closing(SlowServer(silent)) as server:
        yield server


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with closing(Receiver()) as receiver:
        yield receiver


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def database(home: Path) -> Iterator[Database]:
    database = open_database(Settings(gavel_home=home).resolved_database_url)
    migrating.upgrade(database)
    yield database
    database.close()


@pytest.fixture
def sites(database: Database, queues: Queues) -> Sites:
    return Sites(database, queues)


@pytest.fixture
def deliverer(database: Database) -> Iterator[Callable[[int], Deliverer]]:
    with ExitStack() as stack:

        def make(threads: int) -> Deliverer:
            courier = Courier(database, Sender(DEADLINE_S, allow_private=True))
            return stack.enter_context(closing(Deliverer(courier, threads=threads, again=lambda _site_id: None)))

        yield make


def test_slow_sites_leave_half_of_the_threads_to_the_quick_ones(
    deliverer: Callable[[int], Deliverer], sites: Sites, hanging: SlowServer, receiver: Receiver
) -> None:
    slow = [sites.add(f"Slow {number}", hanging.url, events=3) for number in range(2)]
    quick = sites.add("Quick", receiver.url, events=3)
    two = deliverer(2)
    assert [two.begin(site.id) for site in slow] == [True, True]  # nobody knows yet that they are slow
    assert two.begin(slow[0].id) is False  # it has its turn already
    eventually(lambda: len(hanging.gone) == 2, within_s=5)
    eventually(lambda: not any(map(sites.lease, slow)), within_s=5)
    eventually(lambda: two._slow == {site.id for site in slow}, within_s=5)

    begun = [two.begin(site.id) for site in slow]
    started = time.monotonic()
    assert two.begin(quick.id) is True
    eventually(lambda: len(receiver.got) == 3, within_s=5)

    assert begun == [True, False]
    assert time.monotonic() - started < DEADLINE_S * slowed_by()
    assert len(hanging.gone) == 2  # the slow one hangs still


def test_stopping_waits_for_the_attempt_and_gives_the_site_back(
    deliverer: Callable[[int], Deliverer], sites: Sites, hanging: SlowServer
) -> None:
    slow = sites.add("Slow", hanging.url, events=3)
    one = deliverer(1)
    one.begin(slow.id)
    eventually(lambda: hanging.connections, within_s=5)

    one.close()

    assert len(hanging.connections) == 1
    assert sites.lease(slow) is None
    assert one.begin(slow.id) is False


def test_a_site_is_asked_for_once_however_often(queues: Queues, redis: Redis) -> None:
    for _ in range(3):
        assert queues.deliver("01a21022-6248-7aa4-98be-b8141b0f4638") is True
    queues.deliver("01a21022-6248-7aa4-98be-b8141b0f4639")

    assert queues.depths()[DELIVER_QUEUE] == 2


@pytest.fixture
def fleet(home: Path, redis: Redis, tmp_path: Path) -> Iterator[Fleet]:
    environment = {
        "GAVEL_HOME": str(home),
        "DATABASE_URL": "",
        "REDIS_URL": "redis://127.0.0.1:{port}/0".format(**redis.connection_pool.connection_kwargs),
        "WEBHOOK_TIMEOUT_S": "1",
        "WEBHOOK_ALLOW_PRIVATE": "yes",
        "WEBHOOK_THREADS": "4",
    }
    fleet = Fleet(environment, tmp_path)
    yield fleet
    fleet.end()


class Recovering:
    """A webhook that hangs until it is mended; then it takes events."""

    def __init__(self) -> None:
        self.is_mended = threading.Event()
        self.ids: list[bytes] = []

    def __call__(self, connection: socket.socket, ended: threading.Event) -> None:
        if not self.is_mended.is_set():
            return silent(connection, ended)
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(65536)
        self.ids += [line.split(b": ")[1] for line in head.split(b"\r\n") if line.startswith(b"webhook-id")]
        connection.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        return connection.close()


def test_a_hanging_webhook_holds_up_no_other_site_and_a_killed_deliverer_loses_nothing(
    sites: Sites, fleet: Fleet, receiver: Receiver
) -> None:
    treat = Recovering()
    with closing(SlowServer(treat)) as server:
        slow = sites.add("Slow", server.url, events=12)
        fleet.start("sweeper", "workers", "sweep")
        fleet.start("deliver", "workers", "deliver")
        eventually(lambda: server.connections, within_s=30, says=lambda: fleet.log("deliver"))

        quick = sites.add("Quick", receiver.url, events=20)
        published_at = time.monotonic()
        eventually(lambda: len(receiver.got) == 20, within_s=20, says=lambda: fleet.log("deliver"))
        assert time.monotonic() - published_at < 12 * slowed_by()
        eventually(lambda: sites.lease(slow) and not sites.lease(quick), within_s=10)
        fleet.kill("deliver")
        held = sites.lease(slow)
        treat.is_mended.set()
        fleet.start("deliver", "workers", "deliver")
        sites.publish(quick, 5)

        eventually(lambda: len(receiver.got) == 25, within_s=20, says=lambda: fleet.log("deliver"))
        eventually(lambda: len(set(treat.ids)) == 12, within_s=45, says=lambda: f"{treat.ids} {fleet.log('deliver')}")
        assert held is None or held.until < utc_now() + timedelta(seconds=DEADLINE_S + 15)
        assert [event["sequence"] for event in receiver.events] == list(range(1, 26))
        eventually(lambda: sites.lease(slow) is None, within_s=10)
        with sites.database.read() as conn:
            assert retention.schedule(conn, hour=3, now=utc_now()).last_at is not None  # the sweeper did that too
        assert fleet.stop("deliver") == 0
        assert os.path.getsize(fleet.log_folder / "deliver.log") < 200_000
