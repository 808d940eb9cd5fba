"""Writes into Redis that a batch of jobs begins and that it is done, as RQ does for one job but with fewer commands.

A job that is done leaves no result behind, since nobody reads one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from redis.client import Pipeline
from rq.executions import Execution, ExecutionRegistry
from rq.job import Job, JobStatus
from rq.results import Result
from rq.utils import current_timestamp, now, utcformat

MARGIN_S = 60  # as RQ has it: an execution's entries outlast the execution


def begin(pipeline: Pipeline, jobs: Sequence[Job], executions: Mapping[str, Execution], *, ttl_s: int) -> None:
    """All jobs are of one queue; ``executions`` are by the job's id, and abandoned ``ttl_s`` seconds from now."""
    ends_at = current_timestamp() + ttl_s
    for job in jobs:
        execution = executions[job.id]
        own = _own_registry(job)
        pipeline.hset(execution.key, mapping=execution.serialize())
        pipeline.expire(execution.key, ttl_s)
        pipeline.zadd(own.key, {execution.id: ends_at + MARGIN_S})
        pipeline.expire(own.key, ttl_s + MARGIN_S)
        job.prepare_for_execution(execution.worker_name, pipeline=pipeline)
        pipeline.persist(job.key)
    entries = {executions[job.id].composite_key: ends_at for job in jobs}
    of_worker = executions[jobs[0].id].worker_executions_key
    pipeline.zadd(jobs[0].started_job_registry.key, entries)
    pipeline.sadd(of_worker, *entries)
    pipeline.expire(of_worker, ttl_s + MARGIN_S)


def end(pipeline: Pipeline, jobs: Sequence[Job], executions: Mapping[str, Execution], *, default_ttl_s: int) -> None:
    """The jobs have succeeded. Each is kept as long as it asks for, or else ``default_ttl_s`` seconds."""
    ended = [executions[job.id] for job in jobs]
    entries = [execution.composite_key for execution in ended]
    pipeline.delete(*(execution.key for execution in ended))
    pipeline.zrem(jobs[0].started_job_registry.key, *entries)
    pipeline.srem(ended[0].worker_executions_key, *entries)
    for job, execution in zip(jobs, ended, strict=True):
        pipeline.zrem(_own_registry(job).key, execution.id)
        _finish(pipeline, job, job.get_result_ttl(default_ttl_s))


def _finish(pipeline: Pipeline, job: Job, ttl_s: int) -> None:
    job.ended_at = now()
    job._status = JobStatus.FINISHED
    if ttl_s == 0:  # not job.cleanup(0): it reads executions back and raises on an expired one (RQ 3.0.0)
        pipeline.delete(
            job.key, job.dependents_key, job.dependencies_key, Result.get_key(job.id), _own_registry(job).key
        )
        return
    pipeline.hset(job.key, mapping={"status": JobStatus.FINISHED, "ended_at": utcformat(job.ended_at)})
    if ttl_s > 0:
        pipeline.expire(job.key, ttl_s)
        pipeline.zadd(job.finished_job_registry.key, {job.id: current_timestamp() + ttl_s})


def _own_registry(job: Job) -> ExecutionRegistry:
    return ExecutionRegistry(job.id, connection=job.connection)
