"""Whether this machine's process of a kind is well, for probes: ``gavel health KIND``.

When Redis does not answer, restarting a worker does not help, so the worker counts as healthy.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from redis.exceptions import RedisError

from moderation.ground.environment.network import own_address
from moderation.ground.environment.settings import Settings
from moderation.ground.errors import ScoringAway
from moderation.ground.jobs.jobs import DELIVER_QUEUE, LANES, connect_for_web
from moderation.operations.operating import heartbeats
from moderation.operations.operating.vitals import Worker, workers
from moderation.pipeline.drafts.scoring_process import ScoringProcess

SWEEPER_SILENT_S = 60.0
MARGIN_S = 60.0
QUEUE_OF = {"work": LANES[0], "deliver": DELIVER_QUEUE}
KINDS = (*QUEUE_OF, "sweep", "answer")


def check(kind: str, settings: Settings) -> str | None:
    """None if the process is well, else the reason."""
    if kind == "sweep":
        return wrong_with_sweeper(heartbeats.file_of(settings.gavel_home, kind), now=time.time())
    if kind == "answer":
        return wrong_with_answers(settings)
    try:
        known = workers(connect_for_web(settings.resolved_redis_url))
    except RedisError:
        return None
    silent_after_s = settings.batch_timeout_s + MARGIN_S  # RQ gets no heartbeat from a worker while it scores a batch
    return wrong_with_worker(known, QUEUE_OF[kind], socket.gethostname(), silent_after_s, now=datetime.now(UTC))


def wrong_with_answers(settings: Settings) -> str | None:
    """None if the scoring process of this machine answers, else the reason."""
    here = replace(settings, scoring_url=f"http://{own_address(settings.scoring_host)}:{settings.scoring_port}")
    try:
        ScoringProcess.of(here).state()
    except ScoringAway as e:
        return str(e)
    return None


def wrong_with_sweeper(path: Path, *, now: float) -> str | None:
    """None if the sweeper is well, else the reason."""
    try:
        age_s = now - path.stat().st_mtime
    except FileNotFoundError:
        return "the sweeper has not gone round once"
    return f"the sweeper last went round {age_s:.0f} s ago" if age_s > SWEEPER_SILENT_S else None


def wrong_with_worker(
    known: Iterable[Worker], queue: str, hostname: str, silent_after_s: float, *, now: datetime
) -> str | None:
    """None if a worker of this machine on the queue has sent a heartbeat recently, else the reason."""
    ages = [w.age_s(now) for w in known if w.hostname == hostname and queue in w.queues]
    if not ages:
        return f"no worker on the queue {queue} runs here"
    return f"the worker's last heartbeat was {min(ages):.0f} s ago" if min(ages) > silent_after_s else None
