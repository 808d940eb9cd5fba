"""``work``, or ``gavel worker``: scores comments from the queues."""

from __future__ import annotations

import logging
import os

import click
from rq import Queue
from rq.serializers import JSONSerializer

from moderation.ground.database.engine import storage_is_away
from moderation.ground.environment.settings import Settings
from moderation.ground.jobs import jobs
from moderation.operations.operating import heartbeats
from moderation.operations.operating.command_line import Operated
from workers.commands.process import MAINTENANCE_INTERVAL_S, WORKER_TTL_S, begin
from workers.machine import one_machine
from workers.queue import metrics, tasks
from workers.queue.batch_worker import BatchWorker

GIVES_WAY = 10  # to `answer`, whose callers have a deadline, and to the web service: a backlog can wait

log = logging.getLogger("workers")


@click.command()
@click.option("--burst", is_flag=True, help="Stop when the queues are empty.")
@click.option("--name", help="The worker's name in `rq info`.")
@click.option("--keep-up", is_flag=True, help="Run beside `gavel up`: restart it when it ends, log in GAVEL_HOME.")
@click.pass_obj
def work(context: Operated, burst: bool, name: str | None, keep_up: bool) -> None:
    """Load the models once, then score comments until SIGTERM."""
    if keep_up and (burst or name):
        raise click.UsageError("--keep-up cannot be used with --burst or --name")
    if keep_up:
        one_machine.attended(one_machine.one_worker)
        return
    settings = context.settings
    begin(settings)
    os.nice(GIVES_WAY)
    worker(settings, name).work(burst=burst, logging_level=settings.log_level)


def worker(settings: Settings, name: str | None) -> BatchWorker:
    """Loads the models. Raises ModelUnavailable."""
    pipeline = tasks.build_pipeline(settings)
    heartbeats.beat(settings.gavel_home, heartbeats.MODELS)
    metrics.tell_models(pipeline.scorer.models)
    log.info("models loaded: %s", ", ".join(f"{k} {v}" for k, v in pipeline.scorer.models.items()))
    return BatchWorker(
        [Queue(lane, connection=pipeline.queues.redis, serializer=JSONSerializer) for lane in jobs.LANES],
        run_batch=pipeline.score,
        max_batch=settings.batch_size,
        batch_timeout_s=settings.batch_timeout_s,
        is_away=storage_is_away,
        connection=pipeline.queues.redis,
        serializer=JSONSerializer,
        name=name,
        maintenance_interval=min(MAINTENANCE_INTERVAL_S, settings.batch_timeout_s),
        worker_ttl=WORKER_TTL_S,
        log_job_description=False,
    )
