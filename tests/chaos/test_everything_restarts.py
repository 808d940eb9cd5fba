"""The whole service, web processes and all, while a site posts over HTTP: each kind of process in turn is restarted, or
killed at random, over and over until all is posted. GAVEL_CHAOS_COMMENTS makes it as many comments as you like, and
does both on both databases."""

from __future__ import annotations

import os
import random
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
import urllib3
from redis import Redis
from rq import Worker

from moderation.ground.database.engine import Database
from moderation.operations.composition import open_database
from moderation.operations.operating import migrating
from moderation.sites import sites
from moderation.sites.sites import NewSite
from moderation.spine.comments.tables import comments, decisions
from moderation.spine.events.tables import events
from service.context import utc_now
from tests.builders import OPERATOR
from tests.chaos.processes import Fleet
from tests.conftest import free_port
from tests.own_databases import empty_on_postgres
from tests.paces import without_pace
from tests.waiting import eventually
from workers.machine import queue_server

ASKED_FOR = os.environ.get("GAVEL_CHAOS_COMMENTS")
COMMENTS = int(ASKED_FOR or 500)
SENDERS = 4
MODULES = {
    "web": ("service", "serve"),
    "worker-1": ("tests.chaos.quick_worker",),
    "worker-2": ("tests.chaos.quick_worker",),
    "sweeper-1": ("workers", "sweep"),
    "sweeper-2": ("workers", "sweep"),
    "deliver": ("workers", "deliver"),
}
pytestmark = pytest.mark.chaos


class Newspaper:
    """A site that sends each comment until it is answered, as docs/api.md says that it should."""

    def __init__(self, base: str, key: str) -> None:
        self.base, self.key = base, key
        self.http = urllib3.PoolManager(maxsize=SENDERS, timeout=5, retries=False)

    def send(self, number: int) -> None:
        said = f"Number {number} says that {'vile' if number % 5 == 0 else 'fine'} things are to come."
        body = {"id": f"n-{number}", "article": {"id": "a-1"}, "author": {"id": f"u-{number % 9}"}, "text": said}
        eventually(lambda: self._status("POST", "/v1/comments", json=body) in (200, 202), within_s=60)

    def is_answered(self) -> bool:
        return self._status("GET", "/healthz") == 200

    def feed(self) -> list[int]:
        """Every sequence number of the feed, page by page."""
        seen: list[int] = []
        while True:
            after = seen[-1] if seen else 0
            page = self._call("GET", f"/v1/events?after={after}&limit=500").json()["events"]
            if not page:
                return seen
            seen += [event["sequence"] for event in page]

    def _status(self, method: str, path: str, **options: object) -> int:
        try:
            return self._call(method, path, **options).status
        except urllib3.exceptions.HTTPError:
            return 0

    def _call(self, method: str, path: str, **options: object) -> urllib3.BaseHTTPResponse:
        headers = {"Authorization": f"Bearer {self.key}"}
        return self.http.request(method, self.base + path, headers=headers, **options)  # type: ignore[arg-type]


class Town:
    """Everything that runs, and the newspaper."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.database = open_database(database_url)
        migrating.upgrade(self.database)
        self.site: NewSite = without_pace(
            self.database, sites.create_site(self.database, "The Herald", by=OPERATOR, now=utc_now())
        )
        self.folder, self.queue_port = folder, free_port()
        self.queue = queue_server.start(folder / "queue", self.queue_port)
        self._redis = Redis.from_url(self.queue.url)
        port = free_port()
        settings = {
            "DATABASE_URL": self.database.url,
            "REDIS_URL": self.queue.url,
            "GAVEL_HOME": str(folder),
            "PORT": str(port),
            "RATE_LIMIT_PER_MINUTE": "0",
            "BATCH_TIMEOUT_S": "5",
            "SWEEP_INTERVAL_S": "1",
            "SWEEP_AGE_S": "3",
        }
        self.fleet = Fleet(settings, folder)
        self.newspaper = Newspaper(f"http://127.0.0.1:{port}", self.site.key.token)
        self._stopping = threading.Event()
        self._watcher = threading.Thread(target=self._supervise)

    def open(self) -> None:
        for name in MODULES:
            self.start(name)
        self._watcher.start()
        eventually(self.newspaper.is_answered, within_s=60)

    def start(self, name: str) -> None:
        self.fleet.start(name, *MODULES[name])

    def restart_queue(self, *, empty: bool) -> None:
        self.queue.process.kill()
        self.queue.process.wait()
        folder = self.folder / (f"queue-{time.monotonic_ns()}" if empty else "queue")
        self.queue = queue_server.start(folder, self.queue_port)

    def wait_for_another(self, name: str, stopped: subprocess.Popen[bytes]) -> None:
        """Returns once another process has its place and does its work."""
        eventually(lambda: self.fleet.running[name] is not stopped, within_s=60)
        eventually(self.newspaper.is_answered, within_s=60)
        if name.startswith("worker"):
            eventually(lambda: self.fleet.running[name].pid in self._pids_at_the_queues(), within_s=60)

    def _pids_at_the_queues(self) -> set[int | None]:
        return {worker.pid for worker in Worker.all(connection=self._redis)}

    def _supervise(self) -> None:
        """Starts processes that have ended again, as a supervisor does."""
        while not self._stopping.wait(0.3):
            for name, process in list(self.fleet.running.items()):
                if process.poll() is not None:
                    self.start(name)

    def end(self) -> None:
        self._stopping.set()
        if self._watcher.is_alive():
            self._watcher.join()
        self.fleet.end()
        self._redis.close()
        self.queue.stop()
        self.database.close()


@pytest.fixture
def kind() -> str:
    return "sqlite"


@pytest.fixture
def town(tmp_path: Path, kind: str, request: pytest.FixtureRequest) -> Iterator[Town]:
    own = f"sqlite:///{tmp_path / 'gavel.db'}"
    empty = own if kind == "sqlite" else empty_on_postgres(request.getfixturevalue("postgres_url"), "town")
    town = Town(tmp_path, empty)
    try:
        town.open()
        yield town
    finally:
        town.end()


def restart_in_turn(town: Town) -> None:
    """As an upgrade does, with the queue server last: the next one is stopped when the previous one is back."""
    for name in MODULES:
        stopped = town.fleet.running[name]
        stopped.terminate()
        eventually(lambda stopped=stopped: stopped.poll() is not None, within_s=60)  # type: ignore[misc]
        town.wait_for_another(name, stopped)
    town.restart_queue(empty=False)


def kill_at_random(town: Town) -> None:
    dice = random.Random(3)
    for _ in range(10):
        name = dice.choice(list(MODULES))
        stopped = town.fleet.running[name]
        stopped.kill()
        town.wait_for_another(name, stopped)
    town.restart_queue(empty=True)


def disturb_until(is_over: threading.Event, town: Town, disturb: Callable[[Town], None]) -> int:
    """Disturbs at least once, and returns how often."""
    rounds = 0
    while not (rounds and is_over.is_set()):
        disturb(town)
        rounds += 1
    return rounds


VARIANTS = ((restart_in_turn, "postgres"), (kill_at_random, "sqlite"))
MORE_VARIANTS = ((restart_in_turn, "sqlite"), (kill_at_random, "postgres"))


@pytest.mark.timeout(900 + COMMENTS // 10)
@pytest.mark.parametrize(("disturb", "kind"), [*VARIANTS, *(MORE_VARIANTS if ASKED_FOR else ())])
def test_nothing_is_lost_doubled_or_left_out_of_the_feed(town: Town, disturb: Callable[[Town], None]) -> None:
    all_sent = threading.Event()
    with ThreadPoolExecutor(SENDERS + 1) as threads:
        disturbed = threads.submit(disturb_until, all_sent, town, disturb)
        try:
            list(threads.map(town.newspaper.send, range(COMMENTS)))
        finally:
            all_sent.set()
        rounds = disturbed.result()
        list(threads.map(town.newspaper.send, range(COMMENTS, COMMENTS + 20)))  # and it is whole again

    total = COMMENTS + 20
    eventually(lambda: waiting(town.database) == 0, within_s=120, says=lambda: logs_of(town))
    eventually(lambda: len(town.newspaper.feed()) == total, within_s=30, says=lambda: len(town.newspaper.feed()))
    with town.database.read() as conn:
        stored = conn.execute(sa.select(comments.c.id)).scalars().all()
        decided = conn.execute(sa.select(decisions.c.comment_id)).scalars().all()
        told = conn.execute(sa.select(events.c.decision_id)).scalars().all()
    assert len(stored) == total
    assert sorted(decided) == sorted(stored)
    assert len(set(told)) == len(told) == total
    assert town.newspaper.feed() == list(range(1, total + 1))
    print(f"{total} comments, {rounds} rounds of {disturb.__name__}")


def waiting(database: Database) -> int:
    with database.read() as conn:
        query = sa.select(sa.func.count()).where(comments.c.status == "waiting")
        return conn.execute(query).scalar_one()


def logs_of(town: Town) -> dict[str, str]:
    return {name: town.fleet.log(name)[-1_500:] for name in MODULES}
