"""Takes a batch of jobs from Redis, and writes that it begins and that it is done, as RQ does for one job but with one
command each: a script that runs in the server. To make and read a command costs a worker more than the server.

A job that is done leaves no result behind, since nobody reads one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from redis import Redis
from redis.client import Pipeline
from rq import Queue
from rq.executions import Execution, ExecutionRegistry
from rq.intermediate_queue import IntermediateQueue
from rq.job import Job, JobStatus
from rq.registry import FinishedJobRegistry, StartedJobRegistry
from rq.results import Result
from rq.utils import as_text, current_timestamp, now, utcformat

from moderation.ground.jobs.jobs import COST, SLOW
from moderation.ground.values.comments import Lane
from moderation.judging.text.reading_cost import MOST_PIECES, UNKNOWN

MARGIN_S = 60  # as RQ has it: an execution's entries outlast the execution
FIELDS = ("data", "origin", "started_at", "result_ttl")
"""All that a job needs that succeeds. Before anything else is done with one, it must be read whole."""

MOST_COST = 2 * MOST_PIECES
"""Of one batch, in pieces: some 64 comments as most are, and one or two of the dearest. Comments that come meanwhile
wait that long, about half a second of a core."""

MOST_COST_IN_BULK = MOST_PIECES
"""Floods end up in that lane and in ``slow``, and while readers are about, their comments come while a batch of these
is read: they wait half as long."""

Taken = tuple[str, Mapping[str, bytes]]

_TAKE = """
local most, unknown, lanes = tonumber(ARGV[1]), tonumber(ARGV[2]), #KEYS / 2
local function cost(job)
  local is_json, meta = pcall(cjson.decode, redis.call('HGET', job, 'meta') or '{}')
  return is_json and type(meta) == 'table' and tonumber(meta[ARGV[3]]) or unknown
end
local function batch(list, intermediate, most_cost)
  local function moved() return redis.call('LMOVE', list, intermediate, 'LEFT', 'RIGHT') end
  local found, taken, id = {}, 0, ARGV[4] ~= '' and ARGV[4] or moved()
  while id do
    local job = 'rq:job:' .. id
    if redis.call('HEXISTS', job, 'data') == 1 then taken = taken + cost(job) end
    if #found > 0 and taken > most_cost then
      redis.call('LMOVE', intermediate, list, 'RIGHT', 'LEFT')
      break
    end
    found[#found + 1] = {id, redis.call('HMGET', job, unpack(ARGV, 5 + lanes))}
    id = #found < most and moved()
  end
  return found
end
for lane = 1, lanes do
  local found = batch(KEYS[2 * lane - 1], KEYS[2 * lane], tonumber(ARGV[4 + lane]))
  if #found > 0 then return {lane, found} end
end
return {}
"""

_BEGIN = """
local worker, ttl, started, moment, ends = ARGV[1], ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
for place = 7, #ARGV, 2 do
  local job, id = ARGV[place], ARGV[place + 1]
  local both, own = job .. ':' .. id, 'rq:executions:' .. job
  local execution = 'rq:execution:' .. both
  redis.call('HSET', execution, 'id', id, 'job_id', job, 'created_at', moment, 'last_heartbeat', moment,
             'worker_name', worker)
  redis.call('EXPIRE', execution, ttl)
  redis.call('ZADD', own, ends + ARGV[6], id)
  redis.call('EXPIRE', own, ttl + ARGV[6])
  if redis.call('EXISTS', 'rq:job:' .. job) == 1 then
    redis.call('HSET', 'rq:job:' .. job, 'last_heartbeat', started, 'status', 'started', 'started_at', started,
               'worker_name', worker)
    redis.call('PERSIST', 'rq:job:' .. job)
  end
  redis.call('ZADD', KEYS[1], ends, both)
  redis.call('SADD', KEYS[2], both)
  redis.call('LREM', KEYS[3], 0, job)
end
redis.call('EXPIRE', KEYS[2], ttl + ARGV[6])
"""

_END = """
local ended, now = ARGV[1], tonumber(ARGV[2])
for place = 3, #ARGV, 3 do
  local job, id, ttl = ARGV[place], ARGV[place + 1], tonumber(ARGV[place + 2])
  local both = job .. ':' .. id
  redis.call('DEL', 'rq:execution:' .. both)
  redis.call('ZREM', KEYS[1], both)
  redis.call('SREM', KEYS[2], both)
  redis.call('ZREM', 'rq:executions:' .. job, id)
  if ttl ~= 0 and redis.call('EXISTS', 'rq:job:' .. job) == 1 then
    redis.call('HSET', 'rq:job:' .. job, 'status', 'finished', 'ended_at', ended)
  end
  if ttl > 0 then
    redis.call('EXPIRE', 'rq:job:' .. job, ttl)
    redis.call('ZADD', KEYS[3], now + ttl, job)
  end
end
"""


def take(
    connection: Redis, queues: Sequence[Queue], first: str | None, *, most: int, is_quiet: bool = False
) -> tuple[Queue, list[Taken]] | None:
    """A batch of the first queue that has jobs, in one command. It moves their ids to the queue's intermediate list
    until they are ``most`` or their comments would cost more than a batch of that lane may, and reads ``FIELDS`` of
    each job. One that finds no room goes back to the head of the queue.

    ``is_quiet`` says that no reader's comment came of late. ``first`` is in the intermediate list of the first queue
    already. There is always one, however dear. Of a job that is gone there is no ``data``. None if all queues are
    empty.
    """
    keys = [key for queue in queues for key in (queue.key, intermediate(queue))]
    most_costs = (_most_cost(queue, is_quiet) for queue in queues)
    limits: tuple[str | int, ...] = (most, UNKNOWN, COST, first or "", *most_costs)
    answer = cast(list[Any], connection.eval(_TAKE, len(keys), *keys, *limits, *FIELDS))
    if not answer:
        return None
    lane, taken = answer
    return queues[lane - 1], [
        (as_text(job_id), {name: value for name, value in zip(FIELDS, values, strict=True) if value})
        for job_id, values in taken
    ]


def _most_cost(queue: Queue, is_quiet: bool) -> int:
    return MOST_COST_IN_BULK if queue.name == SLOW or (queue.name == Lane.BULK and not is_quiet) else MOST_COST


def begin(
    pipeline: Pipeline, jobs: Sequence[Job], executions: Mapping[str, Execution], queue: Queue, *, ttl_s: int
) -> None:
    """The jobs are in the registry of started jobs and off the intermediate list. ``executions`` are by the job's id,
    and abandoned ``ttl_s`` seconds from now."""
    started, worker = now(), executions[jobs[0].id].worker_name
    for job in jobs:
        job.worker_name, job.last_heartbeat, job.started_at, job._status = worker, started, started, JobStatus.STARTED
    pairs = [part for job in jobs for part in (job.id, executions[job.id].id)]
    keys = (_started(queue), executions[jobs[0].id].worker_executions_key, intermediate(queue))
    moments = (utcformat(started), started.timestamp(), current_timestamp() + ttl_s)
    pipeline.eval(_BEGIN, len(keys), *keys, worker, ttl_s, *moments, MARGIN_S, *pairs)


def end(
    pipeline: Pipeline, jobs: Sequence[Job], executions: Mapping[str, Execution], queue: Queue, *, default_ttl_s: int
) -> None:
    """The jobs have succeeded. Each is kept as long as it asks for, or else ``default_ttl_s`` seconds."""
    ended, parts = now(), list[str | int]()
    for job in jobs:
        ttl_s = job.get_result_ttl(default_ttl_s)
        job.ended_at, job._status = ended, JobStatus.FINISHED
        parts += [job.id, executions[job.id].id, ttl_s]
        if ttl_s == 0:
            _forget(pipeline, job)
    finished = FinishedJobRegistry.key_template.format(queue.name)
    keys = (_started(queue), executions[jobs[0].id].worker_executions_key, finished)
    pipeline.eval(_END, len(keys), *keys, utcformat(ended), current_timestamp(), *parts)


def intermediate(queue: Queue) -> str:
    """The key of the list in which an id waits until its execution is registered."""
    return IntermediateQueue.get_intermediate_queue_key(queue.key)


def _forget(pipeline: Pipeline, job: Job) -> None:
    """Not job.cleanup(0): it reads executions back and raises on an expired one (RQ 3.0.0)."""
    own = ExecutionRegistry(job.id, connection=job.connection).key
    pipeline.delete(job.key, job.dependents_key, job.dependencies_key, Result.get_key(job.id), own)


def _started(queue: Queue) -> str:
    return StartedJobRegistry.key_template.format(queue.name)
