"""``deliver``: send webhooks."""

from __future__ import annotations

from contextlib import closing

import click
from rq import Queue
from rq.serializers import JSONSerializer
from rq.worker import SimpleWorker

from moderation.ground.jobs import jobs
from moderation.operations.operating.command_line import Operated
from workers.commands.process import MAINTENANCE_INTERVAL_S, WORKER_TTL_S, begin
from workers.queue import tasks
from workers.queue.deliverer import Deliverer, job_class


@click.command()
@click.pass_obj
def deliver(context: Operated) -> None:
    """Send webhooks until SIGTERM."""
    settings = context.settings
    begin(settings)
    queues = jobs.Queues(jobs.connect_for_worker(settings.resolved_redis_url))
    threads = settings.webhook_threads
    courier = tasks.build_courier(settings, pool_size=max(2, threads // 2))
    deliverer = Deliverer(courier, threads=threads, again=queues.deliver)
    kind = job_class(deliverer)
    worker = SimpleWorker(
        [Queue(jobs.DELIVER_QUEUE, connection=queues.redis, serializer=JSONSerializer, job_class=kind)],
        connection=queues.redis,
        serializer=JSONSerializer,
        job_class=kind,
        maintenance_interval=MAINTENANCE_INTERVAL_S,
        worker_ttl=WORKER_TTL_S,
        log_job_description=False,
    )
    with closing(deliverer):
        worker.work(logging_level=settings.log_level)
