"""A comment's job is what RQ itself would write."""

from __future__ import annotations

import uuid

import pytest
from redis import Redis
from rq import Queue, Retry
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer

from moderation.ground.jobs.jobs import FAILURE_TTL_S, MAX_RETRIES, RESULT_TTL_S, SCORE, SLOW, Queues
from moderation.ground.values.costs import CHEAP

TIMES = {b"created_at", b"enqueued_at"}


def by_rq(redis: Redis, comment_id: str, lane: str, meta: dict[str, int], timeout_s: int) -> None:
    wanted = Queue.prepare_data(
        SCORE,
        (comment_id,),
        timeout=timeout_s,
        result_ttl=RESULT_TTL_S,
        failure_ttl=FAILURE_TTL_S,
        job_id=comment_id,
        description=comment_id,
        retry=Retry(max=MAX_RETRIES),
        meta=meta,
    )
    Queue(lane, connection=redis, serializer=JSONSerializer).enqueue_many([wanted])


def all_in(redis: Redis) -> dict[object, object]:
    found: dict[object, object] = {}
    for key in redis.keys("rq:*"):
        kind = redis.type(key)
        if kind == b"hash":
            found[key] = {name: value for name, value in redis.hgetall(key).items() if name not in TIMES}
        else:
            found[key] = redis.smembers(key) if kind == b"set" else redis.lrange(key, 0, -1)
        assert redis.ttl(key) == -1
    return found


@pytest.mark.parametrize(
    ("lane", "cost", "queue"),
    [
        ("interactive", 0, "interactive"),
        ("interactive", CHEAP, "interactive"),
        ("interactive", CHEAP + 1, SLOW),
        ("live", CHEAP, "live"),
        ("live", 20_000, SLOW),
        ("live", None, SLOW),
        ("bulk", 20_000, "bulk"),
        ("bulk", None, "bulk"),
    ],
)
def test_it_is_the_job_that_rq_writes_in_the_queue_of_its_lane_and_cost(
    redis: Redis, lane: str, cost: int | None, queue: str
) -> None:
    one = str(uuid.uuid4())
    by_rq(redis, one, queue, {} if cost is None else {"cost": cost}, timeout_s=45)
    expected = all_in(redis)
    redis.flushdb()

    assert Queues(redis, job_timeout_s=45).score(one, lane, cost)

    assert all_in(redis) == expected


def test_rq_reads_it(redis: Redis) -> None:
    one = str(uuid.uuid4())

    Queues(redis).score(one, "live", 7)

    job = Job.fetch(one, connection=redis, serializer=JSONSerializer)
    assert (job.func_name, job.args, job.kwargs, job.meta) == (SCORE, [one], {}, {"cost": 7})
    assert (job.origin, job.retries_left, job.get_status()) == ("live", MAX_RETRIES, JobStatus.QUEUED)
    assert job.created_at == job.enqueued_at


def test_each_lane_keeps_the_order_in_which_comments_came(redis: Redis) -> None:
    queues = Queues(redis)
    sent = {lane: [f"{lane}-{n}" for n in range(250)] for lane in ("live", "bulk")}

    for lane, ids in sent.items():
        assert queues.score_all(lane, dict.fromkeys(ids, CHEAP)) == 250

    for lane, ids in sent.items():
        assert queues._queues[lane].job_ids == ids


def test_a_job_that_was_done_does_not_expire_in_the_queue(redis: Redis) -> None:
    queues = Queues(redis)
    queues.score("c-1", "live", 7)
    redis.expire("rq:job:c-1", RESULT_TTL_S)

    queues.score("c-1", "live", 9)

    assert redis.ttl("rq:job:c-1") == -1


def test_a_job_that_failed_before_is_queued_again(redis: Redis) -> None:
    queues = Queues(redis)
    queues.score("c-1", "live", 7)
    redis.hset("rq:job:c-1", mapping={"status": "failed", "retries_left": 0, "started_at": "2026-03-02T14:05:00Z"})

    queues.score("c-1", "live", None)

    job = Job.fetch("c-1", connection=redis, serializer=JSONSerializer)
    assert (job.get_status(), job.retries_left, job.started_at) == (JobStatus.QUEUED, MAX_RETRIES, None)
    assert job.meta == {}, "the comment may have another text by now"
