"""The names of jobs and how to enqueue them. Redis is a hint: a failed enqueue is reported, never raised."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import cast

from redis import Redis
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry as RedisRetry
from rq import Queue, Retry
from rq.registry import FailedJobRegistry, ScheduledJobRegistry, StartedJobRegistry
from rq.serializers import JSONSerializer
from rq.utils import as_text

from moderation.ground.jobs.comment_jobs import CommentJobs
from moderation.ground.jobs.redis_url import connect
from moderation.ground.monitoring.instruments import instruments
from moderation.ground.values.comments import Lane
from moderation.ground.values.costs import is_slow

SCORE = "workers.tasks.score"
DELIVER = "workers.tasks.deliver"
READ = "workers.tasks.read"
# The place of each job's function. The name stays when the function moves, so that processes of two versions can share
# a queue during an upgrade.
FUNCTIONS: Mapping[str, str] = MappingProxyType(
    {
        SCORE: "workers.queue.tasks.score",
        DELIVER: "workers.queue.tasks.deliver",
        READ: "workers.queue.tasks.read",
    }
)
DELIVER_QUEUE = "deliver"
READ_QUEUE = "second"
COST = "cost"
SLOW = "slow"
"""The queue of what is slow to read and came in ``interactive`` or ``live``: the rest of both is read before it,
whichever site it is of."""

LANES: tuple[str, ...] = (Lane.INTERACTIVE, Lane.LIVE, SLOW, Lane.BULK)  # the queues of comments, by urgency

MAX_RETRIES = 3
RESULT_TTL_S = 60  # RQ 3.0.0 fails a finished job on its re-run when this is 0
FAILURE_TTL_S = 7 * 86_400
DELIVER_TIMEOUT_S = 600

log = logging.getLogger(__name__)


def connect_for_web(url: str) -> Redis:
    """A client that fails at once: the web process does not need Redis to accept a comment."""
    return connect(url, retry=RedisRetry(NoBackoff(), 0), socket_connect_timeout=0.25, socket_timeout=0.5)


def connect_for_worker(url: str) -> Redis:
    """A client that retries with growing pauses of at most 2 seconds, since a worker can wait."""
    return connect(url, retry=RedisRetry(ExponentialBackoff(cap=2, base=0.1), 8), socket_connect_timeout=5)


class Queues:
    """The lanes of comments to score, and the queues of sites with deliveries and with comments for their second
    readers, in one Redis."""

    def __init__(self, redis: Redis, *, job_timeout_s: int = 60) -> None:
        self.redis = redis
        self.job_timeout_s = job_timeout_s
        self._queues = {name: _queue(name, redis) for name in (*LANES, DELIVER_QUEUE, READ_QUEUE)}
        self._comment_jobs = {lane: self._jobs_of(self._queues[lane]) for lane in LANES}

    def score(self, comment_id: str, lane: str, cost: int | None = None) -> bool:
        """Enqueues one comment, as ``score_all`` does. False if Redis did not take it; the sweeper will enqueue it."""
        return self.score_all(lane, {comment_id: cost}) == 1

    def score_all(self, lane: str, costs: Mapping[str, int | None]) -> int:
        """Enqueues comments of one lane and returns how many Redis took.

        ``costs`` has, by the comment's id, the cost of reading it in pieces, because a batch has a limited cost, and
        what is slow to read waits behind the rest. None counts as the dearest. No text ever reaches Redis.
        """
        by_queue: dict[str, dict[str, int | None]] = {}
        for comment_id, cost in costs.items():
            by_queue.setdefault(queue_of(lane, cost), {})[comment_id] = cost
        return sum(self._enqueue(queue, some) for queue, some in by_queue.items())

    def _enqueue(self, queue: str, costs: Mapping[str, int | None]) -> int:
        try:
            jobs = [(comment_id, {} if cost is None else {COST: cost}) for comment_id, cost in costs.items()]
            self._comment_jobs[queue].enqueue(jobs)
        except RedisError as e:
            instruments().queue_errors.labels("score").inc()
            log.warning("could not enqueue %d comments, the sweeper will: %s", len(costs), e)
            return 0
        return len(costs)

    def deliver(self, site_id: str) -> bool:
        """Asks for a delivery of the site's due events, unless one that is asked for waits already.

        False when Redis did not take it: the sweeper will ask again.
        """
        return self._hint(DELIVER, DELIVER_QUEUE, site_id)

    def read(self, site_id: str) -> bool:
        """As ``deliver``, of comments that the site's second readers are asked about."""
        return self._hint(READ, READ_QUEUE, site_id)

    def _hint(self, function: str, name: str, site_id: str) -> bool:
        queue, job_id = self._queues[name], f"{name}-{site_id}"
        try:
            if self.redis.lpos(queue.key, job_id) is not None:
                return True
            queue.enqueue(
                function,
                site_id,
                job_id=job_id,
                job_timeout=DELIVER_TIMEOUT_S,
                result_ttl=RESULT_TTL_S,
                failure_ttl=FAILURE_TTL_S,
                description=site_id,
            )
        except RedisError as e:
            instruments().queue_errors.labels(name).inc()
            log.warning("could not enqueue a turn of %s, the sweeper will: %s", name, e)
            return False
        return True

    def depths(self) -> dict[str, int]:
        """The number of waiting jobs in each queue. Raises RedisError."""
        return {name: int(self.redis.llen(queue.key)) for name, queue in self._queues.items()}

    def known_ids(self) -> set[str]:
        """Ids of comments in any queue, worker or schedule. Raises RedisError.

        The intermediate list is left out on purpose: an id stays there only when its worker died within
        milliseconds of taking it, and a second entry is harmless.
        """
        known: set[str] = set()
        for lane in LANES:
            queue = self._queues[lane]
            known.update(queue.job_ids)
            known.update(StartedJobRegistry(queue=queue).get_job_ids(cleanup=False))
            known.update(ScheduledJobRegistry(queue=queue).get_job_ids(cleanup=False))
        return known

    def failed_ids(self) -> set[str]:
        """Comments whose retries are exhausted. Raises RedisError."""
        failed: set[str] = set()
        for lane in LANES:
            failed.update(FailedJobRegistry(queue=self._queues[lane]).get_job_ids(cleanup=False))
        return failed

    def failed_at(self) -> dict[str, datetime]:
        """When the last attempt failed, for each comment whose retries are exhausted. Raises RedisError."""
        moments: dict[str, datetime] = {}
        for lane in LANES:
            registry = FailedJobRegistry(queue=self._queues[lane])
            entries = cast(list[tuple[bytes, float]], self.redis.zrange(registry.key, 0, -1, withscores=True))
            for job_id, expires_at in entries:
                moments[as_text(job_id)] = datetime.fromtimestamp(expires_at - FAILURE_TTL_S, UTC)
        return moments

    def forget_failed(self, comment_id: str) -> bool:
        """Forgets old failures, because an edited comment starts again. False if Redis does not answer."""
        try:
            for lane in LANES:
                FailedJobRegistry(queue=self._queues[lane]).remove(comment_id)
        except RedisError as e:
            instruments().queue_errors.labels("forget").inc()
            log.warning("could not clear the failures of %s: %s", comment_id, e)
            return False
        return True

    def _jobs_of(self, lane: Queue) -> CommentJobs:
        model = lane.create_job(
            SCORE,
            timeout=self.job_timeout_s,
            result_ttl=RESULT_TTL_S,
            failure_ttl=FAILURE_TTL_S,
            retry=Retry(max=MAX_RETRIES),
        )
        return CommentJobs(lane, model)


def queue_of(lane: str, cost: int | None) -> str:
    """The queue of a comment of this lane and cost. Nobody waits for what is in ``bulk``, so all of it stays there."""
    return SLOW if lane != Lane.BULK and is_slow(cost) else lane


def _queue(name: str, redis: Redis) -> Queue:
    return Queue(name, connection=redis, serializer=JSONSerializer)
