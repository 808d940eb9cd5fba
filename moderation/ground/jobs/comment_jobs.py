"""Enqueues jobs for comments as RQ does, but with one command: a script that runs in the server. RQ sends six, and the
web process would spend most of its time for Redis on writing them and reading the answers."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence

from rq import Queue
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.utils import now, utcformat

OWN = frozenset({"created_at", "enqueued_at", "description", "data", "meta"})
"""Fields by which the jobs of one lane differ. RQ names the rest, once for the lane."""

_ENQUEUE = """
local shared, moment = cjson.decode(ARGV[1]), ARGV[2]
redis.call('SADD', KEYS[1], KEYS[2])
for place = 3, #ARGV, 3 do
  local id, data, meta = ARGV[place], ARGV[place + 1], ARGV[place + 2]
  local job = 'rq:job:' .. id
  redis.call('HSET', job, 'created_at', moment, 'enqueued_at', moment, 'description', id, 'data', data, unpack(shared))
  redis.call('PERSIST', job) -- one that was done before would expire in the queue
  if meta ~= '' then redis.call('HSET', job, 'meta', meta) else redis.call('HDEL', job, 'meta') end
  redis.call('RPUSH', KEYS[2], id)
end
"""


class CommentJobs:
    """The jobs of one lane, each with a comment's id as its own id and its only argument."""

    def __init__(self, queue: Queue, model: Job) -> None:
        """``model`` is a job of the queue as RQ makes it. The others differ from it by their comment only."""
        self._queue, self._function = queue, model.func_name
        written = {name: value for name, value in model.to_dict().items() if name not in OWN}
        self._shared = json.dumps([part for field in written.items() for part in field])

    def enqueue(self, jobs: Sequence[tuple[str, Mapping[str, int]]]) -> None:
        """Each job is a comment's id and what its job says beside the id. Raises RedisError."""
        queue, named = self._queue, []
        for comment_id, meta in jobs:
            call = JSONSerializer.dumps((self._function, None, (comment_id,), {}))
            named += [comment_id, zlib.compress(call), JSONSerializer.dumps(meta) if meta else b""]
        keys = (queue.redis_queues_keys, queue.key)
        queue.connection.eval(_ENQUEUE, len(keys), *keys, self._shared, utcformat(now()), *named)
