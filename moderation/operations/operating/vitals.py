"""Gavel's state, for ``/metrics``, ``/readyz`` and operators' commands. Reading changes nothing: RQ's own readers of
its registries clean them up, and thereby run retries and callbacks, so this module uses none of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from redis import Redis
from rq import Queue
from rq.intermediate_queue import IntermediateQueue
from rq.registry import FailedJobRegistry, ScheduledJobRegistry, StartedJobRegistry
from rq.serializers import JSONSerializer
from rq.worker_registration import REDIS_WORKER_KEYS

from moderation.ground.database import lease_rows as leases
from moderation.ground.database.engine import Database
from moderation.ground.jobs.jobs import DELIVER_QUEUE, LANES, Queues
from moderation.ground.values.comments import Lane
from moderation.operations.operating.deleting import retention
from moderation.pipeline.waiting import vitals_rows as vitals
from moderation.pipeline.waiting.vitals_rows import LaneWaiting, Pace, Undelivered, oldest

QUEUES = (*LANES, DELIVER_QUEUE)
STATES = ("queued", "started", "scheduled", "failed", "between")
SWEEPER = "sweeper"


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker, by its last heartbeat in Redis."""

    name: str
    hostname: str
    state: str
    queues: tuple[str, ...]
    last_heartbeat: datetime | None
    jobs_done: int = 0

    def age_s(self, now: datetime) -> float:
        """Seconds since the last heartbeat; infinite without one."""
        return max(0.0, (now - self.last_heartbeat).total_seconds()) if self.last_heartbeat else float("inf")

    @property
    def kind(self) -> str:
        """``deliver`` if it sends webhooks, ``work`` if it scores."""
        return "deliver" if DELIVER_QUEUE in self.queues else "work"


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """State read from the database."""

    waiting: tuple[LaneWaiting, ...]
    undelivered: Undelivered
    flagged: Mapping[str, int]
    policies: Mapping[str, int]
    models: Mapping[str, str]
    pace: Pace
    sweeper: leases.Lease | None
    retention: leases.Lease | None = None

    def by_lane(self) -> dict[str, tuple[int, datetime | None]]:
        """The number waiting in each lane, and since when the oldest waits."""
        lanes = {lane: [w for w in self.waiting if w.lane == lane] for lane in Lane}
        return {lane: (sum(w.count for w in waiting), oldest(waiting)) for lane, waiting in lanes.items()}


@dataclass(frozen=True, slots=True)
class RedisState:
    """State read from Redis: jobs by queue and state, and workers."""

    jobs: Mapping[str, Mapping[str, int]]
    workers: tuple[Worker, ...] = field(default=())


def stored(db: Database, *, now: datetime, window: timedelta = timedelta(minutes=5)) -> DatabaseState:
    """The database's part of the numbers; ``window`` is the time over which speeds are measured."""
    with db.read() as conn:
        return DatabaseState(
            waiting=tuple(vitals.waiting(conn)),
            undelivered=vitals.undelivered(conn),
            flagged=vitals.flagged_by_site(conn),
            policies=vitals.policy_versions(conn),
            models=vitals.newest_models(conn),
            pace=vitals.pace(conn, now=now, window=window),
            sweeper=leases.find(conn, SWEEPER),
            retention=leases.find(conn, retention.LEASE),
        )


def queued(queues: Queues) -> RedisState:
    """Raises RedisError."""
    return RedisState({name: _counts(name, queues.redis) for name in QUEUES}, tuple(workers(queues.redis)))


def workers(redis: Redis) -> list[Worker]:
    """Registered workers that Redis still remembers. Raises RedisError."""
    keys = sorted(_text(key) for key in redis.smembers(REDIS_WORKER_KEYS))
    with redis.pipeline(transaction=False) as pipeline:
        for key in keys:
            pipeline.hgetall(key)
        hashes = pipeline.execute()
    return [_worker(key, _decoded(fields)) for key, fields in zip(keys, hashes, strict=True) if fields]


def _counts(name: str, redis: Redis) -> dict[str, int]:
    queue = Queue(name, connection=redis, serializer=JSONSerializer)
    registries = {"started": StartedJobRegistry, "scheduled": ScheduledJobRegistry, "failed": FailedJobRegistry}
    between = IntermediateQueue.get_intermediate_queue_key(queue.key)
    with redis.pipeline(transaction=False) as pipeline:
        pipeline.llen(queue.key)
        for registry in registries.values():
            pipeline.zcard(registry(queue=queue).key)
        pipeline.llen(between)
        counts = pipeline.execute()
    return dict(zip(("queued", *registries, "between"), map(int, counts), strict=True))


def _worker(key: str, fields: Mapping[str, str]) -> Worker:
    return Worker(
        name=key.rpartition(":")[2],
        hostname=fields.get("hostname", ""),
        state=fields.get("state", "unknown"),
        queues=tuple(filter(None, fields.get("queues", "").split(","))),
        last_heartbeat=_moment(fields.get("last_heartbeat")),
        jobs_done=int(fields.get("successful_job_count", 0)),
    )


def _moment(written: str | None) -> datetime | None:
    if not written:
        return None
    moment = datetime.fromisoformat(written)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _decoded(fields: Mapping[bytes, bytes]) -> dict[str, str]:
    return {_text(name): value.decode("utf-8", "replace") for name, value in fields.items()}


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
