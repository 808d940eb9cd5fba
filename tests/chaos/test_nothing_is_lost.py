"""Kill, stop and starve the real processes while comments come in: each comment must end decided exactly once."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Worker

from moderation.ground.database.engine import Database
from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.comments import Lane
from moderation.ground.values.statuses import DecidedBy
from moderation.pipeline.arriving import intake
from moderation.pipeline.arriving.submission import Submission
from moderation.sites.rows import Site
from moderation.spine.comments.tables import comments, decisions
from moderation.spine.events.tables import events
from tests.chaos.poisoned_worker import POISON
from tests.chaos.processes import Fleet
from tests.conftest import free_port
from tests.moderation.conftest import add_site
from tests.waiting import eventually
from workers.machine import queue_server

BATCH_TIMEOUT_S = 3
QUICK = "tests.chaos.quick_worker"  # where only what happens around the models is tested
pytestmark = pytest.mark.chaos

REMARKS = (
    "The refinery question is the one nobody in the chamber wants to answer.",
    "I have worked in this trade for thirty years and the paperwork has doubled.",
    "You are a pathetic idiot and everybody here knows it.",
    "Where does the article get the figure for magnets from?",
    "My grandmother's soup recipe is the best in the county.",
)


class Plant:
    """A site, its queue server and its processes."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.queue_port = free_port()
        self.server = queue_server.start(folder / "queue", self.queue_port)
        with database.write() as conn:
            self.site: Site = add_site(conn, "The Herald")
        # As the web service does, but patient: where no sweeper runs, nobody enqueues what a busy machine did not take.
        redis = Redis.from_url(self.server.url, retry=Retry(NoBackoff(), 0), socket_timeout=30)
        self.queues = Queues(redis, job_timeout_s=BATCH_TIMEOUT_S)
        self.fleet = Fleet(
            {
                "DATABASE_URL": database.url,
                "REDIS_URL": self.server.url,
                "GAVEL_HOME": str(folder),
                "BATCH_TIMEOUT_S": str(BATCH_TIMEOUT_S),
                "BATCH_SIZE": "16",
                "SWEEP_INTERVAL_S": "1",
                "SWEEP_AGE_S": "2",
            },
            folder,
        )

    def start_workers(self, *names: str, module: str = "workers") -> None:
        """Returns once each has loaded its models and is at the queues."""
        for name in names:
            self.fleet.start(name, module)
        pids = {self.fleet.running[name].pid for name in names}
        eventually(lambda: pids <= self._pids_at_the_queues(), within_s=60, says=lambda: self.fleet.log(names[0]))

    def _pids_at_the_queues(self) -> set[int]:
        return {worker.pid for worker in Worker.all(connection=self.queues.redis) if worker.pid}

    def submit(self, number: int, text: str | None = None) -> None:
        said = text or f"{REMARKS[number % len(REMARKS)]} ({number})"
        article = (("title", "Export controls on rare earths"), ("text", "Refining is the bottleneck. Magnets follow."))
        submission = Submission("a-1", f"u-{number % 7}", said, id=f"n-{number}", article=article)
        now = datetime.now(UTC)
        intake.submit(self.database, self.queues, self.site.id, submission, lane=Lane.LIVE, now=now)

    def statuses(self) -> Counter[str]:
        with self.database.read() as conn:
            return Counter(conn.execute(sa.select(comments.c.status)).scalars())

    def assert_each_is_decided_once(self, count: int, *, within_s: float) -> None:
        eventually(
            lambda: sum(self.statuses().values()) == count and not self.statuses()["waiting"],
            within_s=within_s,
            says=lambda: (self.statuses(), {name: self.fleet.log(name)[-1500:] for name in self.fleet.running}),
        )
        with self.database.read() as conn:
            assert conn.execute(sa.select(sa.func.count()).select_from(comments)).scalar_one() == count
            decided = conn.execute(sa.select(decisions.c.comment_id)).scalars().all()
            decided_in_events = conn.execute(sa.select(events.c.decision_id)).scalars().all()
        assert len(decided) == len(set(decided)) == count
        assert len(decided_in_events) == len(set(decided_in_events)) == count

    def end(self) -> None:
        self.fleet.end()
        self.server.stop()


@pytest.fixture
def plant(sqlite_database: Database, tmp_path: Path) -> Iterator[Plant]:
    plant = Plant(sqlite_database, tmp_path)
    yield plant
    plant.end()


@pytest.fixture
def postgres_plant(postgres_database: Database, tmp_path: Path) -> Iterator[Plant]:
    plant = Plant(postgres_database, tmp_path)
    yield plant
    plant.end()


def load_under_kills(plant: Plant, count: int, kill_every: int) -> None:
    dice = random.Random(7)
    for number in range(count):
        plant.submit(number)
        if number % kill_every == kill_every - 1:
            name = dice.choice(["worker-1", "worker-2"])
            plant.fleet.kill(name)
            plant.fleet.start(name, QUICK)
        time.sleep(0.01)


def test_killing_workers_in_mid_batch_loses_nothing(postgres_plant: Plant) -> None:
    plant = postgres_plant
    plant.start_workers("worker-1", "worker-2", module=QUICK)
    plant.fleet.start("sweeper", "workers", "sweep")

    load_under_kills(plant, count=180, kill_every=60)

    plant.assert_each_is_decided_once(180, within_s=90)


def test_killing_the_queue_server_with_its_data_loses_nothing(plant: Plant) -> None:
    plant.start_workers("worker-1")
    plant.fleet.start("sweeper", "workers", "sweep")
    for number in range(150):
        plant.submit(number)

    plant.server.process.send_signal(signal.SIGKILL)
    plant.server.process.wait()
    for number in range(150, 200):
        plant.submit(number)  # taken all the same
    empty = plant.folder / "queue-after"
    plant.server = queue_server.start(empty, plant.queue_port)
    for number in range(200, 250):
        plant.submit(number)
    eventually(
        lambda: plant.fleet.restart_dead("workers") == 0 and not plant.statuses()["waiting"],
        within_s=90,
        says=plant.statuses,
    )

    plant.assert_each_is_decided_once(250, within_s=10)


def test_rolling_stops_under_load_lose_nothing_and_exit_cleanly(plant: Plant) -> None:
    plant.start_workers("worker-1", "worker-2")
    codes = []

    for number in range(120):
        plant.submit(number)
        if number % 60 == 59:
            name = f"worker-{1 + number // 60 % 2}"
            codes.append(plant.fleet.stop(name))
            plant.start_workers(name)

    plant.assert_each_is_decided_once(120, within_s=60)  # and no sweeper runs
    assert codes == [0, 0]


def test_a_comment_that_crashes_the_worker_goes_to_a_person_and_takes_no_neighbour(plant: Plant) -> None:
    for number in range(20):
        plant.submit(number)
    plant.submit(20, f"Sorry, but {POISON}.")
    for number in range(21, 40):
        plant.submit(number)
    plant.fleet.start("worker-1", "tests.chaos.poisoned_worker")
    plant.fleet.start("sweeper", "workers", "sweep")

    def all_decided() -> bool:
        if plant.fleet.running["worker-1"].poll() is not None:
            plant.fleet.start("worker-1", "tests.chaos.poisoned_worker")
        return not plant.statuses()["waiting"]

    eventually(all_decided, within_s=150, says=lambda: (plant.statuses(), plant.fleet.log("worker-1")[-3000:]))

    plant.assert_each_is_decided_once(40, within_s=5)
    with plant.database.read() as conn:
        rows = conn.execute(
            sa.select(comments.c.external_id, comments.c.status, decisions.c.reasons)
            .join(decisions, decisions.c.comment_id == comments.c.id)
            .where(decisions.c.decided_by == DecidedBy.SYSTEM)
        ).all()
    assert [(row.external_id, row.status) for row in rows] == [("n-20", "flagged")]
    assert rows[0].reasons[0]["code"] == "scoring_failed"
