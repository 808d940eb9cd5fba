"""The contract with RQ's internals that BatchWorker builds on: real jobs in a real Redis, drained in burst mode."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from redis import Redis
from rq import Queue, Retry, Worker
from rq.intermediate_queue import IntermediateQueue
from rq.job import Job, JobStatus
from rq.registry import FailedJobRegistry, FinishedJobRegistry, StartedJobRegistry
from rq.serializers import JSONSerializer
from rq.utils import as_text, now
from rq.worker import WorkerStatus

from moderation.ground.jobs.jobs import LANES, RESULT_TTL_S, Queues
from moderation.ground.values.costs import CHEAP, EACH
from moderation.judging.text.reading_cost import MOST_PIECES, UNKNOWN
from moderation.operations.operating import vitals
from workers.queue import running
from workers.queue.allowed_job import AllowedJob, JobNotAllowed
from workers.queue.batch_worker import HEARTBEAT_S, BatchResult, BatchWorker
from workers.queue.lane_turns import BULK_EVERY, EVERY, QUIET_AFTER, LaneTurns


def a_worker(redis: Redis, run_batch: Callable[[list[str]], BatchResult], **overrides: int) -> BatchWorker:
    limits = {"max_batch": 8, "batch_timeout_s": 5, **overrides}
    queues = [Queue(lane, connection=redis, serializer=JSONSerializer) for lane in LANES]
    return BatchWorker(
        queues,
        run_batch=run_batch,
        connection=redis,
        serializer=JSONSerializer,
        log_job_description=False,
        max_batch=limits["max_batch"],
        batch_timeout_s=limits["batch_timeout_s"],
    )


class Ledger:
    """Remembers the batches that it ran, and fails the jobs that a test names."""

    def __init__(self, fails: tuple[str, ...] = ()) -> None:
        self.batches: list[list[str]] = []
        self.fails = fails

    def __call__(self, ids: list[str]) -> BatchResult:
        self.batches.append(ids)
        return [RuntimeError("cannot score this") if job_id in self.fails else None for job_id in ids]

    @property
    def ids(self) -> list[str]:
        return [job_id for batch in self.batches for job_id in batch]


def enqueue(queues: Queues, count: int, lane: str = "live", cost: int = EACH) -> list[str]:
    ids = [str(uuid.uuid4()) for _ in range(count)]
    assert queues.score_all(lane, dict.fromkeys(ids, cost)) == count
    return ids


def leftovers(redis: Redis) -> dict[str, int]:
    """The jobs that RQ still has in any lane, except finished ones, which expire by themselves."""
    found = {}
    for lane in LANES:
        queue = Queue(lane, connection=redis, serializer=JSONSerializer)
        found[f"{lane} queued"] = int(redis.llen(queue.key))
        found[f"{lane} taken"] = int(redis.llen(IntermediateQueue.get_intermediate_queue_key(queue.key)))
        found[f"{lane} started"] = StartedJobRegistry(queue=queue).get_job_count(cleanup=False)
    return {name: count for name, count in found.items() if count}


def test_a_backlog_is_drained_in_full_batches(redis: Redis, queues: Queues) -> None:
    ids = enqueue(queues, 20)
    ledger = Ledger()

    a_worker(redis, ledger).work(burst=True)

    assert [len(batch) for batch in ledger.batches] == [8, 8, 4]
    assert ledger.ids == ids
    assert leftovers(redis) == {}
    live = Queue("live", connection=redis, serializer=JSONSerializer)
    assert FinishedJobRegistry(queue=live).get_job_count(cleanup=False) == 20
    assert {Job.fetch(i, redis, JSONSerializer).get_status() for i in ids} == {JobStatus.FINISHED}


def enqueue_dear(queues: Queues, *costs: int | None) -> list[str]:
    """All in one queue, as a web process of an earlier version has them."""
    ids = [str(uuid.uuid4()) for _ in costs]
    assert queues._enqueue("live", dict(zip(ids, costs, strict=True))) == len(ids)
    return ids


def test_a_batch_may_cost_so_much_and_the_next_one_begins_with_what_found_no_room(redis: Redis, queues: Queues) -> None:
    a, b, c, d, e, f = enqueue_dear(queues, running.MOST_COST - 10, 10, running.MOST_COST + 1, running.MOST_COST, 1, 1)
    ledger = Ledger()

    a_worker(redis, ledger).work(burst=True)

    assert ledger.batches == [[a, b], [c], [d], [e, f]]  # one is always taken, however dear
    assert leftovers(redis) == {}


@pytest.mark.parametrize("meta", [None, "", "no JSON", "[1]", '{"cost": "much"}', '{"cost": null}', "{}"])
def test_a_comment_of_unknown_cost_counts_as_the_dearest(redis: Redis, queues: Queues, meta: str | None) -> None:
    first, unknown, last = enqueue_dear(queues, running.MOST_COST - UNKNOWN, None, 1)
    if meta is not None:
        redis.hset(f"rq:job:{unknown}", "meta", meta)
    ledger = Ledger()

    a_worker(redis, ledger).work(burst=True)

    assert ledger.batches == [[first, unknown], [last]]


def test_ids_whose_jobs_are_gone_take_no_room(redis: Redis, queues: Queues) -> None:
    *gone, last = enqueue_dear(queues, *[None] * 40, 1)
    redis.delete(*(f"rq:job:{id}" for id in gone))
    ledger = Ledger()

    a_worker(redis, ledger, max_batch=64).work(burst=True)

    assert ledger.batches == [[last]]


def test_a_job_tried_again_still_says_what_its_comment_costs(redis: Redis, queues: Queues) -> None:
    (failing,) = enqueue_dear(queues, 7)

    a_worker(redis, Ledger(fails=(failing,))).work(burst=True, max_jobs=1)

    assert Job.fetch(failing, redis, JSONSerializer).meta == {"cost": 7}


def test_of_a_batch_that_is_done_only_its_jobs_stay_for_a_while(redis: Redis, queues: Queues) -> None:
    ids = enqueue(queues, 3)
    began: list[str] = []

    def looks(batch: list[str]) -> BatchResult:
        began.extend(as_text(key) for key in redis.scan_iter("rq:execution*"))
        return [None] * len(batch)

    a_worker(redis, looks).work(burst=True)

    assert len(began) == 6  # one of each job, and the job's list of them
    assert list(redis.scan_iter("rq:execution*")) == []
    assert list(redis.scan_iter("rq:worker:*:executions")) == []
    assert all(0 < int(redis.ttl(Job.key_for(job_id))) <= RESULT_TTL_S for job_id in ids)


def test_a_batch_that_runs_reads_to_rq_as_its_own_jobs_do(redis: Redis, queues: Queues) -> None:
    ids = enqueue(queues, 2)
    live = Queue("live", connection=redis, serializer=JSONSerializer)
    seen: dict[str, Any] = {}

    def looks(batch: list[str]) -> BatchResult:
        (seen["worker"],) = Worker.all(redis, serializer=JSONSerializer)
        seen["state"] = seen["worker"].get_state()
        seen["jobs"] = [Job.fetch(id, redis, JSONSerializer) for id in batch]
        seen["executions"] = [job.get_executions() for job in seen["jobs"]]
        seen["started"] = StartedJobRegistry(queue=live).get_job_ids(cleanup=False)
        seen["persist"] = [redis.ttl(Job.key_for(id)) for id in batch]
        seen["expire"] = [redis.ttl(each.key) for (each,) in seen["executions"]]
        return [None] * len(batch)

    worker = a_worker(redis, looks)
    worker.work(burst=True)

    assert seen["state"] == WorkerStatus.BUSY
    assert sorted(seen["started"]) == sorted(ids)
    assert [job.get_status(refresh=False) for job in seen["jobs"]] == [JobStatus.STARTED] * 2
    assert {job.worker_name for job in seen["jobs"]} == {worker.name}
    assert all(job.started_at is not None and job.started_at == job.last_heartbeat for job in seen["jobs"])
    assert [(each.job_id, each.worker_name) for (each,) in seen["executions"]] == [(id, worker.name) for id in ids]
    assert all(abs((now() - each.created_at).total_seconds()) < 60 for (each,) in seen["executions"])
    assert seen["persist"] == [-1, -1]
    assert all(0 < ttl <= worker.get_heartbeat_ttl(seen["jobs"][0]) for ttl in seen["expire"])


def test_a_job_that_asks_for_no_time_after_it_is_done_is_gone_at_once(redis: Redis, queues: Queues) -> None:
    at_once, later = enqueue(queues, 2)
    redis.hset(Job.key_for(at_once), "result_ttl", 0)

    a_worker(redis, Ledger()).work(burst=True)

    assert not Job.exists(at_once, redis)
    assert Job.exists(later, redis)
    assert leftovers(redis) == {}


def test_a_job_that_fails_and_is_gone_from_redis_costs_its_neighbours_nothing(redis: Redis, queues: Queues) -> None:
    ids = enqueue(queues, 3)

    def loses(batch: list[str]) -> BatchResult:
        redis.delete(Job.key_for(ids[1]))
        return [RuntimeError("cannot score this") if id == ids[1] else None for id in batch]

    a_worker(redis, loses).work(burst=True)

    assert [Job.exists(id, redis) for id in ids] == [True, False, True]
    assert queues.failed_ids() == set()
    assert leftovers(redis) == {}
    assert ids[1] not in queues.known_ids()


def test_a_job_that_vanishes_before_it_begins_leaves_nothing(
    redis: Redis, queues: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids, begin = enqueue(queues, 2), running.begin

    def late(*args: Any, **kwargs: Any) -> None:
        redis.delete(Job.key_for(ids[0]))
        begin(*args, **kwargs)

    monkeypatch.setattr(running, "begin", late)
    a_worker(redis, Ledger()).work(burst=True)

    assert [Job.exists(id, redis) for id in ids] == [False, True]
    assert leftovers(redis) == {}


def test_beats_that_follow_each_other_are_one(redis: Redis) -> None:
    worker = a_worker(redis, Ledger())
    worker.register_birth()
    worker.heartbeat()
    redis.hset(worker.key, "last_heartbeat", "long ago")

    worker.heartbeat()
    assert redis.hget(worker.key, "last_heartbeat") == b"long ago"
    worker._beat_at -= HEARTBEAT_S + 1
    worker.heartbeat()

    assert redis.hget(worker.key, "last_heartbeat") != b"long ago"


def test_more_urgent_lanes_are_drained_first_and_never_mixed(redis: Redis, queues: Queues) -> None:
    slow, bulk, live, interactive = (
        enqueue(queues, 3, lane, cost)
        for lane, cost in (("live", CHEAP + 1), ("bulk", EACH), ("live", CHEAP), ("interactive", CHEAP))
    )
    ledger = Ledger()

    a_worker(redis, ledger).work(burst=True)

    assert ledger.batches == [interactive, live, slow, bulk]


@pytest.mark.parametrize("lane", ["interactive", "live"])
def test_a_cheap_comment_is_read_before_all_dear_ones_that_came_first(redis: Redis, queues: Queues, lane: str) -> None:
    dear = [enqueue(queues, 1, sent_to, MOST_PIECES) for sent_to in (lane, "interactive", "live") for _ in range(10)]
    (cheap,) = enqueue(queues, 1, lane, CHEAP)
    ledger = Ledger()

    a_worker(redis, ledger).work(burst=True)

    assert ledger.batches == [[cheap], *dear], "each in a batch of its own, in the order in which they came"


@pytest.mark.parametrize("cost", [EACH, CHEAP])
def test_dear_comments_and_imports_do_not_wait_for_ever_behind_cheap_ones(
    redis: Redis, queues: Queues, cost: int
) -> None:
    slow = [*enqueue(queues, 1, "live", MOST_PIECES), *enqueue(queues, 1, "interactive", MOST_PIECES)]
    bulk = enqueue(queues, 2, "bulk", MOST_PIECES)
    batches: list[list[str]] = []

    def never_ends(ids: list[str]) -> BatchResult:
        batches.append(ids)
        enqueue(queues, 8, "live", cost)
        return [None] * len(ids)

    enqueue(queues, 8, "live", cost)
    a_worker(redis, never_ends).work(burst=True, max_jobs=BULK_EVERY * EVERY)

    places = {id: place for place, ids in enumerate(batches) for id in ids}
    turns = [EVERY * number + EVERY - 1 for number in range(BULK_EVERY)]
    assert [places[id] for id in slow + bulk] == turns, "seven batches of others, and then one of theirs"


def test_an_import_does_not_wait_for_ever_behind_slow_comments(redis: Redis, queues: Queues) -> None:
    slow, (bulk,) = enqueue(queues, 10, "live", MOST_PIECES), enqueue(queues, 1, "bulk", MOST_PIECES)
    ledger = Ledger()

    a_worker(redis, ledger).work(burst=True)

    assert ledger.ids == [*slow[: BULK_EVERY - 1], bulk, *slow[BULK_EVERY - 1 :]]


def test_a_worker_that_comes_to_the_slow_ones_anyway_never_puts_one_before_a_readers_comment(
    redis: Redis, queues: Queues
) -> None:
    enqueue(queues, 20, "live", MOST_PIECES)
    enqueue(queues, 20, "bulk", MOST_PIECES)
    expected, batches = list[str](), list[list[str]]()

    def readers_come(ids: list[str]) -> BatchResult:
        batches.append(ids)
        if len(batches) % 2:
            expected.extend(enqueue(queues, 1, "live"))
        return [None] * len(ids)

    a_worker(redis, readers_come).work(burst=True, max_jobs=40)

    assert [ids[0] for ids in batches[1::2]] == expected[: len(batches) // 2]


def test_a_batch_of_any_lane_costs_one_command_to_take(redis: Redis, queues: Queues) -> None:
    for lane in ("interactive", "live", "bulk"):
        enqueue(queues, 1, lane)
    enqueue(queues, 1, "live", MOST_PIECES)
    worker, asked = a_worker(redis, Ledger()), list[int]()

    for _ in range(4):
        before = int(redis.info("commandstats")["cmdstat_eval"]["calls"])
        assert worker._pop(waits=False) is not None
        asked.append(int(redis.info("commandstats")["cmdstat_eval"]["calls"]) - before)

    assert asked == [1] * 4


def test_more_vanished_jobs_than_a_batch_has_hide_nothing_behind_them(redis: Redis, queues: Queues) -> None:
    *gone, last = enqueue(queues, 20)
    redis.delete(*(f"rq:job:{id}" for id in gone))
    (bulk,) = enqueue(queues, 1, "bulk")
    ledger = Ledger()

    a_worker(redis, ledger, max_batch=4).work(burst=True)

    assert ledger.batches == [[last], [bulk]]
    assert leftovers(redis) == {}


def test_a_failing_job_is_retried_alone_and_its_neighbours_once(redis: Redis, queues: Queues) -> None:
    ids = enqueue(queues, 5)
    ledger = Ledger(fails=(ids[2],))

    a_worker(redis, ledger).work(burst=True)

    assert ledger.batches == [ids, [ids[2]], [ids[2]], [ids[2]]]
    assert queues.failed_ids() == {ids[2]}
    assert leftovers(redis) == {}


def test_a_batch_that_raises_is_retried_job_by_job(redis: Redis, queues: Queues) -> None:
    ids = enqueue(queues, 3)
    batches: list[list[str]] = []

    def breaks_on_more_than_one(batch: list[str]) -> BatchResult:
        batches.append(batch)
        if len(batch) > 1:
            raise MemoryError("too much at once")
        return [None]

    a_worker(redis, breaks_on_more_than_one).work(burst=True)

    assert sorted(batches, key=len) == [*([job_id] for job_id in ids), ids]
    assert queues.failed_ids() == set()
    assert leftovers(redis) == {}


def test_a_batch_that_takes_too_long_is_interrupted(redis: Redis, queues: Queues) -> None:
    (slow,) = enqueue(queues, 1)

    def loops(_: list[str]) -> BatchResult:
        while True:
            pass

    a_worker(redis, loops, batch_timeout_s=1).work(burst=True, max_jobs=1)

    assert Job.fetch(slow, redis, JSONSerializer).get_status() == JobStatus.QUEUED  # retries left


def test_an_id_that_is_queued_twice_is_scored_once(redis: Redis, queues: Queues) -> None:
    (twice,) = enqueue(queues, 1)
    queues.score(twice, "live", EACH)
    ledger = Ledger()

    a_worker(redis, ledger).work(burst=True)

    assert ledger.ids == [twice]
    assert leftovers(redis) == {}


def test_a_job_whose_data_is_gone_is_dropped(redis: Redis, queues: Queues) -> None:
    gone, here = enqueue(queues, 2)
    redis.delete(f"rq:job:{gone}")
    ledger = Ledger()

    a_worker(redis, ledger).work(burst=True)

    assert ledger.ids == [here]
    assert leftovers(redis) == {}


@pytest.mark.parametrize("function", ["os.system", "subprocess.call", "builtins.print", "workers.queue.tasks.score"])
def test_a_job_that_is_not_ours_is_refused(redis: Redis, queues: Queues, function: str) -> None:
    (ours,) = enqueue(queues, 1)
    live = Queue("live", connection=redis, serializer=JSONSerializer)
    foreign = live.enqueue(function, "touch /tmp/never", retry=Retry(max=1))
    ledger = Ledger()

    a_worker(redis, ledger).work(burst=True)

    assert ledger.ids == [ours]
    assert FailedJobRegistry(queue=live).get_job_ids(cleanup=False) == [foreign.id]
    with pytest.raises(JobNotAllowed, match="is not one of ours"):
        AllowedJob.fetch(foreign.id, redis, JSONSerializer).perform()


def test_callbacks_and_webhooks_in_a_job_are_ignored(redis: Redis, queues: Queues) -> None:
    (job_id,) = enqueue(queues, 1)
    redis.hset(f"rq:job:{job_id}", mapping={"success_callback_name": "os.abort", "failure_callback_name": "os.abort"})
    ledger = Ledger()

    a_worker(redis, ledger).work(burst=True)

    assert ledger.ids == [job_id]
    job = AllowedJob.fetch(job_id, redis, JSONSerializer)
    assert (job.success_callback, job.failure_callback, job.stopped_callback) == (None, None, None)


def test_a_worker_that_died_with_a_batch_leaves_it_to_the_next(redis: Redis, queues: Queues) -> None:
    ids = enqueue(queues, 3)
    dying = a_worker(redis, Ledger(), batch_timeout_s=-9)  # executions expire after a second
    dying.register_birth()
    job, queue = dying.dequeue_job_and_maintain_ttl(None)  # type: ignore[misc]
    jobs, dying._batch = dying._batch, []
    dying._register(jobs, queue)
    started = StartedJobRegistry(queue=queue)
    for execution in redis.zrange(started.key, 0, -1):
        redis.zadd(started.key, {as_text(execution): 1})  # type: ignore[arg-type]  # long expired
    ledger = Ledger()

    a_worker(redis, ledger).work(burst=True)

    assert sorted(ledger.batches) == sorted([job_id] for job_id in ids)  # alone: one of them may have killed it
    assert leftovers(redis) == {}
    assert job.id == ids[0]


def test_the_name_of_a_worker_that_was_killed_is_free_for_the_next(redis: Redis) -> None:
    killed = subprocess.Popen([sys.executable, "-c", "pass"])
    killed.wait()
    first = a_worker(redis, Ledger())
    first.name, first.pid = "w1", killed.pid  # as it reported to Redis before somebody killed it
    first.register_birth()

    second = a_worker(redis, Ledger())
    second.name = "w1"
    second.register_birth()

    assert second.name == "w1"
    assert redis.hget(second.key, "pid") == str(os.getpid()).encode()


@pytest.mark.parametrize("place", ["here", "elsewhere"])
def test_beside_a_worker_that_may_live_the_next_gets_a_name_of_its_own(redis: Redis, place: str) -> None:
    first, second = a_worker(redis, Ledger()), a_worker(redis, Ledger())
    first.name, first.pid = "w1", os.getppid()
    first.hostname = socket.gethostname() if place == "here" else "another"
    first.register_birth()

    second.name = "w1"
    second.register_birth()

    assert re.fullmatch("w1-[0-9a-f]{6}", second.name)
    assert {worker.name for worker in vitals.workers(redis)} == {"w1", second.name}


def test_a_batch_of_bulk_may_cost_half_while_readers_are_about(redis: Redis, queues: Queues) -> None:
    half = running.MOST_COST_IN_BULK
    reader, first, second, third = (str(uuid.uuid4()) for _ in range(4))
    queues.score_all("live", {reader: 1})
    queues.score_all("bulk", {first: half - 1, second: 1, third: 1})
    ledger = Ledger()

    a_worker(redis, ledger).work(burst=True)

    assert half == running.MOST_COST // 2
    assert ledger.batches == [[reader], [first, second], [third]]


def test_a_batch_of_bulk_may_cost_as_much_as_any_when_nobody_else_came_of_late(redis: Redis, queues: Queues) -> None:
    most = running.MOST_COST
    first, second, third = (str(uuid.uuid4()) for _ in range(3))
    queues.score_all("bulk", {first: most - 1, second: 1, third: 1})
    ledger = Ledger()

    a_worker(redis, ledger).work(burst=True)

    assert ledger.batches == [[first, second], [third]]


def test_readers_are_about_until_so_many_batches_had_none_of_them(redis: Redis) -> None:
    turns, live, bulk = LaneTurns(), Queue("live", connection=redis), Queue("bulk", connection=redis)
    quiet = [turns.is_quiet]
    for queue in (live, *[bulk] * QUIET_AFTER):
        turns.count(queue)
        quiet.append(turns.is_quiet)

    assert quiet == [True, *[False] * QUIET_AFTER, True]
