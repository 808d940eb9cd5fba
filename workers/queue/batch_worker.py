"""A worker that takes jobs from its queues in batches: one RQ job per comment, one model call per batch, one process.

It differs from RQ's SimpleWorker where that loses jobs or time (measured on RQ 3.0.0): every pop is an LMOVE into RQ's
own intermediate list, SIGTERM only sets a flag, and each job has its own result, so that one bad comment does not use
up the retries of its neighbours. It deliberately does not support job dependencies, repeats, groups, rate limits and
callbacks.
"""

from __future__ import annotations

import logging
import math
import os
import secrets
import time
from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

import redis.exceptions
from redis.client import Pipeline
from rq import Queue
from rq.exceptions import NoSuchJobError, StopRequested
from rq.executions import Execution
from rq.job import Job
from rq.timeouts import JobTimeoutException
from rq.utils import as_text, now
from rq.worker import SimpleWorker, WorkerStatus

from moderation.ground.monitoring.instruments import instruments
from workers.queue import running
from workers.queue.allowed_job import AllowedJob
from workers.queue.lane_turns import LaneTurns

BatchResult = list[BaseException | None]

HEARTBEAT_S = 5.0
LOWER_LANE_POLL_S = 0.05  # an idle worker looks at the lower lanes this often
IDLE_WAIT_S = 1.0
MAX_RECONNECT_WAIT_S = 15.0
AWAY_PAUSE_S = 1.0
EXECUTION_MARGIN_S = 10  # after the batch timeout, before RQ calls an execution abandoned

log = logging.getLogger(__name__)


class BatchWorker(SimpleWorker):
    """``run_batch`` takes job ids and returns, for each, None when it is done or the exception with which it failed.

    An exception for which ``is_away`` is true is not about the job: a service that it needs does not answer for now.
    """

    job_class = AllowedJob
    log_result_lifespan = False

    def __init__(
        self,
        queues: Sequence[Queue],
        *,
        run_batch: Callable[[list[str]], BatchResult],
        max_batch: int,
        batch_timeout_s: int,
        is_away: Callable[[BaseException], bool] = lambda _error: False,
        **kwargs: Any,
    ) -> None:
        super().__init__(queues, **kwargs)
        self.run_batch = run_batch
        self.max_batch = max_batch
        self.batch_timeout_s = batch_timeout_s
        self.is_away = is_away
        self._batch: list[Job] = []
        self._beat_at = -math.inf
        self._turns = LaneTurns()

    def register_birth(self) -> None:
        """RQ refuses a name for two minutes after its worker was killed. One whose process is gone from this machine is
        taken over, and beside one that may live elsewhere this worker gets a name of its own.
        """
        hostname, pid = (
            as_text(value) if value else "" for value in self.connection.hmget(self.key, "hostname", "pid")
        )
        if hostname == self.hostname and not _is_another(pid):
            self.connection.delete(self.key)
        try:
            super().register_birth()  # type: ignore[no-untyped-call]
        except ValueError:
            taken, self.name = self.name, f"{self.name}-{secrets.token_hex(3)}"
            log.warning("a worker on %s is called %s: this one is %s", hostname, taken, self.name)
            super().register_birth()  # type: ignore[no-untyped-call]

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0.0) -> int:  # noqa: ARG002
        """Seconds until RQ calls an execution abandoned."""
        return self.batch_timeout_s + EXECUTION_MARGIN_S

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """RQ beats between any two steps. A beat of its own that follows another within ``HEARTBEAT_S`` is left out."""
        if timeout is None and pipeline is None and time.monotonic() - self._beat_at <= HEARTBEAT_S:
            return
        super().heartbeat(timeout, pipeline)
        self._beat_at = time.monotonic()

    def _shutdown(self) -> None:
        """The signal handler calls this. RQ's own raises, possibly in the middle of a pipeline, and loses the jobs that
        it has popped."""
        self._stop_requested = True

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, Queue] | None:
        """The first job of a batch and its queue; None if burst mode finds no job, or after ``max_idle_time``."""
        if self.get_state() != WorkerStatus.IDLE:
            self.set_state(WorkerStatus.IDLE)
        reconnect_wait_s, idle_since = 1.0, time.monotonic()
        while not self._stop_requested:
            try:
                self.heartbeat()
                if self.should_run_maintenance_tasks:
                    self.run_maintenance_tasks()  # type: ignore[no-untyped-call]
                popped = self._pop(waits=timeout is not None)
                if popped is not None:
                    self._batch, queue = popped
                    self.reorder_queues(reference_queue=queue)
                    return self._batch[0], queue
                idle_s = time.monotonic() - idle_since
                if timeout is None or (max_idle_time is not None and idle_s > max_idle_time):
                    return None
                reconnect_wait_s = 1.0
            except (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError) as e:
                log.error("redis: %s; trying again in %.0f s", e, reconnect_wait_s)
                self._pause(reconnect_wait_s)
                reconnect_wait_s = min(reconnect_wait_s * 2, MAX_RECONNECT_WAIT_S)
        raise StopRequested

    def _pause(self, seconds: float) -> None:
        """Sleeps, but wakes for a request to stop."""
        until = time.monotonic() + seconds
        while not self._stop_requested and time.monotonic() < until:
            time.sleep(0.1)

    def _pop(self, *, waits: bool) -> tuple[list[Job], Queue] | None:
        """A batch from the first queue that has jobs, by their urgency and turns. It waits on the most urgent only."""
        if popped := self._take(self._turns.order(self._ordered_queues), None):
            return popped
        if not waits:
            return None
        queue = self._ordered_queues[0]
        wait_s = IDLE_WAIT_S if len(self._ordered_queues) == 1 else LOWER_LANE_POLL_S
        first = self.connection.blmove(queue.key, running.intermediate(queue), wait_s)  # type: ignore[arg-type]
        return self._take([queue], as_text(first)) if first else None

    def _take(self, queues: Sequence[Queue], first: str | None) -> tuple[list[Job], Queue] | None:
        """A batch of the first queue that has jobs. The id ``first``, if one is given, is already in the intermediate
        list of the first."""
        is_quiet = self._turns.is_quiet
        while taken := running.take(self.connection, queues, first, most=self.max_batch, is_quiet=is_quiet):
            queue, entries = taken
            if jobs := self._kept(queue, entries):
                self._turns.count(queue)
                return jobs, queue
            first = None  # all of these were gone
        return None

    def _kept(self, queue: Queue, taken: Sequence[running.Taken]) -> list[Job]:
        """A job that was started before has failed or taken its worker down, so it runs alone."""
        jobs: dict[str, Job] = {}
        back: list[str] = []
        for job_id, fields in taken:
            if "data" not in fields:
                self.connection.lrem(running.intermediate(queue), 0, job_id)  # expired or deleted
            elif jobs and ("started_at" in fields or next(iter(jobs.values())).started_at):
                back.append(job_id)
            elif job_id not in jobs:  # the sweeper may have pushed an id twice
                jobs[job_id] = AllowedJob.of(job_id, fields, self.connection, self.serializer)
        self._push_back(queue, back)
        return list(jobs.values())

    def _push_back(self, queue: Queue, ids: list[str]) -> None:
        if not ids:
            return
        with self.connection.pipeline() as pipeline:
            for job_id in reversed(ids):
                pipeline.lpush(queue.key, job_id)
                pipeline.lrem(running.intermediate(queue), 1, job_id)
            pipeline.execute()

    def execute_job(self, job: Job, queue: Queue) -> None:  # noqa: ARG002
        """Scores the batch that ``dequeue_job_and_maintain_ttl`` took, and reports the result of each job to RQ."""
        jobs, self._batch = self._batch, []
        executions = self._register(jobs, queue)
        results = self._run(jobs)
        self._acknowledge([j for j, error in zip(jobs, results, strict=True) if error is None], executions, queue)
        for j, error in zip(jobs, results, strict=True):
            if error is not None:  # Retry and FailedJobRegistry, job by job
                self._fail(j, queue, executions[j.id], error)
        if any(error is not None and self.is_away(error) for error in results):
            self._pause(AWAY_PAUSE_S)

    def _register(self, jobs: list[Job], queue: Queue) -> dict[str, Execution]:
        """In one MULTI: every job is in the registry of started jobs and off the intermediate list, or nothing has
        changed."""
        executions = {job.id: Execution(uuid4().hex, job.id, self.connection, self.name) for job in jobs}
        self.executions |= {execution.id: execution for execution in executions.values()}
        with self.connection.pipeline() as pipeline:
            running.begin(pipeline, jobs, executions, queue, ttl_s=self.get_heartbeat_ttl(jobs[0]))
            self.set_state(WorkerStatus.BUSY, pipeline=pipeline)
            self.heartbeat(self.batch_timeout_s + 60, pipeline=pipeline)
            pipeline.execute()
        return executions

    def _run(self, jobs: list[Job]) -> BatchResult:
        refused = {job.id: error for job in jobs if (error := _refusal(job))}
        ours = [job.id for job in jobs if job.id not in refused]
        try:
            with self.death_penalty_class(self.batch_timeout_s, JobTimeoutException, job_id=jobs[0].id):
                outcome = dict(zip(ours, self.run_batch(ours) if ours else [], strict=True))
        except Exception as e:
            log.exception("a batch of %d failed", len(ours))
            outcome = dict.fromkeys(ours, e)
        return [refused.get(job.id) or outcome[job.id] for job in jobs]

    def _acknowledge(self, done: list[Job], executions: dict[str, Execution], queue: Queue) -> None:
        with self.connection.pipeline() as pipeline:
            if done:
                running.end(pipeline, done, executions, queue, default_ttl_s=self.default_result_ttl)
                pipeline.hincrby(self.key, "successful_job_count", len(done))
                self.increment_total_working_time(now() - done[0].started_at, pipeline)  # type: ignore[operator]
            self.set_state(WorkerStatus.IDLE, pipeline=pipeline)
            pipeline.execute()
        for job in done:
            self.executions.pop(executions[job.id].id, None)

    def _fail(self, job: Job, queue: Queue, execution: Execution, error: BaseException) -> None:
        try:
            job.refresh()
        except NoSuchJobError:
            log.warning("job %s is gone from Redis and cannot be tried again", job.id)
            with self.connection.pipeline() as pipeline:
                self.cleanup_execution(job, pipeline, execution)
                pipeline.delete(job.key)  # the little that was written since
                pipeline.execute()
            return
        if self.is_away(error):
            job.retries_left = (job.retries_left or 0) + 1  # nothing was tried, so no attempt is used up
        instruments().scoring_failures.labels("retried" if job.retries_left else "failed").inc()
        self._finalize_failure(job, queue, execution, (type(error), error, error.__traceback__))


def _refusal(job: Job) -> Exception | None:
    try:
        assert isinstance(job, AllowedJob)
        job.function_path()
    except Exception as e:  # noqa: BLE001 - also a hash whose data cannot be read
        return e
    return None


def _is_another(pid: str) -> bool:
    """Whether another process of this machine has the number. In a container it is the same at each start."""
    if not pid.isdecimal() or int(pid) == os.getpid():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
