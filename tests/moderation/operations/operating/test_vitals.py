from __future__ import annotations

import time
from datetime import timedelta

from redis import Redis
from rq import Queue, SimpleWorker
from rq.registry import FailedJobRegistry, StartedJobRegistry
from rq.serializers import JSONSerializer

from moderation.ground.database import lease_rows as leases
from moderation.ground.database.engine import Database
from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.comments import Lane
from moderation.operations.operating import vitals
from tests.builders import NOON
from tests.moderation.conftest import Newsroom


def contents(redis: Redis) -> dict[bytes, bytes]:
    return {key: redis.dump(key) for key in redis.scan_iter()}  # type: ignore[misc]


def test_reading_the_queues_changes_nothing_in_redis(queues: Queues, redis: Redis) -> None:
    live = Queue("live", connection=redis, serializer=JSONSerializer)
    queues.score("c-1", Lane.LIVE, 7)
    queues.score("c-2", Lane.LIVE, 7)
    redis.zadd(
        StartedJobRegistry(queue=live).key, {"c-1:gone": time.time() - 3600}
    )  # abandoned: RQ's readers act on it
    redis.zadd(FailedJobRegistry(queue=live).key, {"c-3": time.time() - 3600})  # expired: RQ's readers drop it
    redis.sadd("rq:workers", "rq:worker:vanished")
    before = contents(redis)

    found = vitals.queued(queues)

    assert contents(redis) == before
    assert found.jobs["live"] == {"queued": 2, "started": 1, "scheduled": 0, "failed": 1, "between": 0}
    assert found.workers == ()


def test_a_worker_is_listed_with_the_age_of_its_heartbeat(queues: Queues, redis: Redis) -> None:
    worker = SimpleWorker(["live"], connection=redis, serializer=JSONSerializer, name="worker-1")
    worker.register_birth()

    (found,) = vitals.queued(queues).workers

    assert (found.name, found.queues) == ("worker-1", ("live",))
    assert found.last_heartbeat is not None
    assert found.age_s(found.last_heartbeat + timedelta(seconds=7)) == 7


def test_waiting_comments_are_counted_by_lane_with_the_oldest(newsroom: Newsroom, database: Database) -> None:
    newsroom.post("One.", now=NOON - timedelta(minutes=5))
    newsroom.post("Two.", now=NOON)

    found = vitals.stored(database, now=NOON)

    assert found.by_lane() == {"interactive": (0, None), "live": (2, NOON - timedelta(minutes=5)), "bulk": (0, None)}
    assert found.policies == {"The Herald": 1}


def test_one_holder_has_a_lease_until_it_runs_out(database: Database) -> None:
    later, until = NOON + timedelta(seconds=30), NOON + timedelta(seconds=15)

    with database.write() as conn:
        first = leases.take(conn, "sweeper", "host-a:1", until=until, now=NOON)
        second = leases.take(conn, "sweeper", "host-b:1", until=until, now=NOON)
        renewed = leases.take(conn, "sweeper", "host-a:1", until=until, now=NOON)
        taken_over = leases.take(conn, "sweeper", "host-b:1", until=later + timedelta(seconds=15), now=later)
        leases.note(conn, "sweeper", "host-a:1", {"looked_at": 9}, now=later)  # too late: no longer its

    assert (first, second, renewed, taken_over) == (True, False, True, True)
    assert vitals.stored(database, now=later).sweeper == leases.Lease(
        "host-b:1", later + timedelta(seconds=15), {}, None
    )
