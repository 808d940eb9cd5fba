"""Numbers for Prometheus: requests of all web processes, and the queues and the backlog as they stand.

Labels are routes, never paths: those hold ids.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from pathlib import Path

from flask import Blueprint, Flask, Response, current_app, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from moderation.store.comments import backlog_age, count_waiting
from service.context import Gavel, gavel, utc_now

EXTENSION = "gavel.metrics"
BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

log = logging.getLogger(__name__)

metrics = Blueprint("metrics", __name__)


class Requests:
    """What this process counts. With a folder the counts of all processes are added up from it."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self.registry = CollectorRegistry()
        self.seconds = Histogram(
            "gavel_request_seconds",
            "Time to answer, waiting included",
            ("route", "method"),
            buckets=BUCKETS_S,
            registry=self.registry,
        )
        self.answers = Counter(
            "gavel_requests_total", "Requests by answer", ("route", "method", "status"), registry=self.registry
        )

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        self.seconds.labels(route, method).observe(seconds)
        self.answers.labels(route, method, str(status)).inc()

    def collected(self) -> CollectorRegistry:
        if self.folder is None:
            return self.registry
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry, path=str(self.folder))  # type: ignore[no-untyped-call]
        return registry


class Pipeline(Collector):
    """Read when asked for, so that every process tells the same."""

    def __init__(self, context: Gavel) -> None:
        self.context = context

    def collect(self) -> Iterator[Metric]:
        yield from self._backlog()
        yield from self._queues()

    def _backlog(self) -> Iterator[Metric]:
        waiting, age_s = None, 0.0
        try:
            with self.context.database.read() as conn:
                waiting = count_waiting(conn, at_most=10 * self.context.settings.backlog_limit)
                age_s = backlog_age(conn, now=utc_now())
        except SQLAlchemyError:
            log.exception("the database does not answer")
        yield GaugeMetricFamily("gavel_database_up", "Whether the database answers", float(waiting is not None))
        if waiting is not None:
            yield GaugeMetricFamily("gavel_comments_waiting", "Comments that wait to be decided", waiting)
            yield GaugeMetricFamily("gavel_oldest_waiting_seconds", "How long the oldest has waited", age_s)

    def _queues(self) -> Iterator[Metric]:
        try:
            depths = self.context.queues.depths()
        except RedisError:
            depths = None
        yield GaugeMetricFamily("gavel_redis_up", "Whether Redis answers", float(depths is not None))
        jobs = GaugeMetricFamily("gavel_queue_jobs", "Jobs that wait in a queue", labels=("queue",))
        for name, depth in (depths or {}).items():
            jobs.add_metric((name,), depth)
        yield jobs


def register(app: Flask, folder: Path | None) -> None:
    """``folder`` is where the processes of one server keep their counts; None for a server of one process."""
    app.extensions[EXTENSION] = Requests(folder)
    app.register_blueprint(metrics)
    app.before_request(_start)
    app.after_request(_count)


@metrics.get("/metrics")
def show() -> Response:
    requests: Requests = current_app.extensions[EXTENSION]
    registry = CollectorRegistry()
    registry.register(Pipeline(gavel()))
    text = generate_latest(requests.collected()) + generate_latest(registry)
    return Response(text, content_type=CONTENT_TYPE_LATEST)


def _start() -> None:
    g.started = time.perf_counter()


def _count(response: Response) -> Response:
    requests: Requests = current_app.extensions[EXTENSION]
    route = request.url_rule.rule if request.url_rule else "unknown"
    requests.count(route, request.method, response.status_code, time.perf_counter() - g.started)
    return response
