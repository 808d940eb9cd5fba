"""Whether this machine's process of a kind is well, for probes: ``gavel health KIND``.

A Redis that is away is no reason to restart a worker: it comes back by itself.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from redis.exceptions import RedisError

from moderation.operating import beats
from moderation.operating.vitals import Worker, workers
from moderation.queueing.jobs import DELIVER_QUEUE, LANES, connect_for_web
from moderation.settings import Settings

SWEEPER_SILENT_S = 60.0
MARGIN_S = 60.0
QUEUE_OF = {"work": LANES[0], "deliver": DELIVER_QUEUE}
KINDS = (*QUEUE_OF, "sweep")


def check(kind: str, settings: Settings) -> str | None:
    """None when well, else what is wrong."""
    if kind == "sweep":
        return wrong_with_sweeper(beats.file_of(settings.gavel_home, kind), now=time.time())
    try:
        known = workers(connect_for_web(settings.resolved_redis_url))
    except RedisError:
        return None
    silent_after_s = settings.batch_timeout_s + MARGIN_S  # RQ hears nothing of a worker while it scores a batch
    return wrong_with_worker(known, QUEUE_OF[kind], socket.gethostname(), silent_after_s, now=datetime.now(UTC))


def wrong_with_sweeper(path: Path, *, now: float) -> str | None:
    try:
        age_s = now - path.stat().st_mtime
    except FileNotFoundError:
        return "the sweeper has not gone round once"
    return f"the sweeper last went round {age_s:.0f} s ago" if age_s > SWEEPER_SILENT_S else None


def wrong_with_worker(
    known: Iterable[Worker], queue: str, hostname: str, silent_after_s: float, *, now: datetime
) -> str | None:
    """Well as long as the youngest heartbeat of this machine's workers on the queue is."""
    ages = [w.age_s(now) for w in known if w.hostname == hostname and queue in w.queues]
    if not ages:
        return f"no worker on the queue {queue} runs here"
    return f"the worker last told of itself {min(ages):.0f} s ago" if min(ages) > silent_after_s else None
