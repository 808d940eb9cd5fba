"""``deliver``: send webhooks."""

from __future__ import annotations

import click
from rq import Queue
from rq.serializers import JSONSerializer
from rq.worker import SimpleWorker

from moderation.operating.command_line import Operated
from moderation.queueing import jobs
from workers.commands.process import MAINTENANCE_INTERVAL_S, WORKER_TTL_S, begin
from workers.queue.job import AllowedJob


@click.command()
@click.pass_obj
def deliver(context: Operated) -> None:
    """Send webhooks until SIGTERM."""
    settings = context.settings
    begin(settings)
    redis = jobs.connect_for_worker(settings.resolved_redis_url)
    worker = SimpleWorker(
        [Queue(jobs.DELIVER_QUEUE, connection=redis, serializer=JSONSerializer, job_class=AllowedJob)],
        connection=redis,
        serializer=JSONSerializer,
        job_class=AllowedJob,
        maintenance_interval=MAINTENANCE_INTERVAL_S,
        worker_ttl=WORKER_TTL_S,
        log_job_description=False,
    )
    worker.work(logging_level=settings.log_level)
