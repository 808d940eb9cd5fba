"""``deliver``: send webhooks, and ask second readers."""

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

READER_THREADS = 8  # sites whose second readers are asked at once


@click.command()
@click.pass_obj
def deliver(context: Operated) -> None:
    """Send webhooks and ask second readers until SIGTERM."""
    settings = context.settings
    begin(settings)
    queues = jobs.Queues(jobs.connect_for_worker(settings.resolved_redis_url))
    threads = settings.webhook_threads
    courier = tasks.build_courier(settings, pool_size=max(2, (threads + READER_THREADS) // 2))
    deliverer = Deliverer(courier, threads=threads, again=queues.deliver)
    reading = tasks.reading_courier(settings, courier.database, queues)
    # Where no thread is free, the sweeper asks again: webhooks do not wait for second readers
    reader = Deliverer(reading, threads=READER_THREADS, again=queues.read, name="read", free_within_s=0)
    kind = job_class({jobs.DELIVER: deliverer, jobs.READ: reader})
    worker = SimpleWorker(
        [
            Queue(name, connection=queues.redis, serializer=JSONSerializer, job_class=kind)
            for name in (jobs.DELIVER_QUEUE, jobs.READ_QUEUE)
        ],
        connection=queues.redis,
        serializer=JSONSerializer,
        job_class=kind,
        maintenance_interval=MAINTENANCE_INTERVAL_S,
        worker_ttl=WORKER_TTL_S,
        log_job_description=False,
    )
    with closing(deliverer), closing(reader):
        worker.work(logging_level=settings.log_level)
