"""Numbers for Prometheus: the counters of all processes on this machine, and the state of queues and backlog.

Labels are routes, never paths, which contain ids.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, abort, g, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from moderation.ground.errors import ScoringAway
from moderation.ground.monitoring import instruments
from moderation.insight.checks import vitals as check_vitals
from moderation.insight.learning import rows as learning
from moderation.insight.learning.limits import wished_limits
from moderation.insight.learning.rows import LearntVersion
from moderation.insight.trends import figure_rows as figures
from moderation.judging.signals.house import HOUSE
from moderation.operations.operating import vitals
from moderation.operations.operating.deleting import retention
from moderation.sites import rows as sites
from service.auth import open_to_all
from service.context import Gavel, gavel, utc_now
from service.errors import MEDIA_TYPE, TYPE_PREFIX
from service.limit_metrics import limit_metrics

PATH = "/metrics"
SCORING_WITHIN_S = 1.0

log = logging.getLogger(__name__)

metrics = Blueprint("metrics", __name__)


class CurrentState(Collector):
    """Reads database and Redis on request, so that every process reports the same."""

    def __init__(self, context: Gavel) -> None:
        self.context = context

    def collect(self) -> Iterator[Metric]:
        """Those of the database, of Redis and of the scoring process. A part that does not answer is named in one."""
        yield from self._database()
        yield from self._redis()
        yield from self._scoring()

    def _database(self) -> Iterator[Metric]:
        now = utc_now()
        try:
            state = vitals.stored(self.context.database, now=now)
        except SQLAlchemyError as e:
            log.warning("the database does not answer: %s", type(e).__name__)
            yield GaugeMetricFamily("gavel_database_up", "Whether the database answers", 0)
            return
        yield GaugeMetricFamily("gavel_database_up", "Whether the database answers", 1)
        lanes = {
            lane: (count, (now - since).total_seconds() if since else 0.0)
            for lane, (count, since) in state.by_lane().items()
        }
        yield _gauge(
            "gavel_comments_waiting",
            "Comments waiting for a decision",
            "lane",
            {lane: count for lane, (count, _) in lanes.items()},
        )
        yield _gauge(
            "gavel_oldest_waiting_seconds",
            "How long the oldest comment of a lane has waited",
            "lane",
            {lane: age for lane, (_, age) in lanes.items()},
        )
        yield _gauge("gavel_comments_flagged", "Flagged comments waiting for a person", "site", state.flagged)
        yield _gauge("gavel_policy_version", "The site's newest policy", "site", state.policies)
        late = state.undelivered
        yield GaugeMetricFamily("gavel_events_undelivered", "Events that no webhook has accepted yet", late.count)
        yield GaugeMetricFamily("gavel_events_failing", "Undelivered events with a failed attempt", late.failing)
        age_s = (now - late.since).total_seconds() if late.since else 0.0
        yield GaugeMetricFamily("gavel_oldest_undelivered_seconds", "Age of the oldest undelivered event", age_s)
        yield from self._maintenance(state, now)
        yield from self._checks(now)
        yield from self._learning()

    def _learning(self) -> Iterator[Metric]:
        """The house model of each site, by the report of the version in use, and its limits by wish."""
        with self.context.database.read() as conn:
            versions = learning.current_reports(conn, HOUSE.name)
            counted = figures.of_sites(conn, wished_limits.KIND)
            names = {site.id: site.name for site in sites.all_sites(conn)} if versions or counted else {}
        yield from house_metrics({names[site_id]: version for site_id, version in versions.items()})
        yield from limit_metrics({names[site_id]: limits for site_id, limits in counted.items()})

    def _maintenance(self, state: vitals.DatabaseState, now: datetime) -> Iterator[Metric]:
        if state.sweeper and state.sweeper.noted_at:
            yield GaugeMetricFamily(
                "gavel_last_sweep_timestamp_seconds", "When the last sweep ended", state.sweeper.noted_at.timestamp()
            )
        planned = retention.schedule_after(state.retention, hour=self.context.settings.retain_hour, now=now)
        last_s = planned.last_at.timestamp() if planned.last_at else 0.0
        due_s = planned.next_at.timestamp()
        yield GaugeMetricFamily("gavel_last_retention_timestamp_seconds", "When the last retention began", last_s)
        yield GaugeMetricFamily("gavel_next_retention_timestamp_seconds", "When the next retention is due", due_s)

    def _checks(self, now: datetime) -> Iterator[Metric]:
        with self.context.database.read() as conn:
            states = check_vitals.of_sites(conn, now=now)
        waiting = {state.site: state.waiting for state in states}
        yield _gauge("gavel_checks_waiting", "Comments drawn at random that wait for a person", "site", waiting)
        put_back = {state.site: float(state.is_put_back) for state in states}
        yield _gauge("gavel_house_put_back", "Whether the house model went back into the shadow", "site", put_back)
        labels = ("site", "verdict", "bound")
        error = GaugeMetricFamily("gavel_check_error", "Share that people decided otherwise", labels=labels)
        wish = GaugeMetricFamily("gavel_check_wish", "The share that the site accepts", labels=labels[:2])
        for state in states:
            for verdict, share in state.errors.items():
                for bound, value in (("low", share.low), ("estimate", share.share), ("high", share.high)):
                    error.add_metric((state.site, verdict, bound), value)
            for verdict, accepted in state.wishes.items():
                wish.add_metric((state.site, verdict), accepted)
        yield error
        yield wish

    def _redis(self) -> Iterator[Metric]:
        try:
            queued = vitals.queued(self.context.queues)
        except RedisError as e:
            log.warning("Redis does not answer: %s", type(e).__name__)
            yield GaugeMetricFamily("gavel_redis_up", "Whether Redis answers", 0)
            return
        yield GaugeMetricFamily("gavel_redis_up", "Whether Redis answers", 1)
        jobs = GaugeMetricFamily("gavel_queue_jobs", "Jobs by queue and state", labels=("queue", "state"))
        for name, counts in queued.jobs.items():
            for state, count in counts.items():
                jobs.add_metric((name, state), count)
        yield jobs
        now = utc_now()
        ages = GaugeMetricFamily(
            "gavel_worker_heartbeat_age_seconds", "Time since a worker's last heartbeat", labels=("worker", "kind")
        )
        for worker in queued.workers:
            ages.add_metric((worker.name, worker.kind), worker.age_s(now))
        yield ages

    def _scoring(self) -> Iterator[Metric]:
        if self.context.scoring.is_off:
            return
        try:
            self.context.scoring.state(within_s=SCORING_WITHIN_S)
        except ScoringAway:
            yield GaugeMetricFamily("gavel_scoring_up", "Whether the scoring process answers", 0)
            return
        yield GaugeMetricFamily("gavel_scoring_up", "Whether the scoring process answers", 1)


def register(app: Flask) -> None:
    """Counts and times every request."""
    app.register_blueprint(metrics)
    app.before_request(_start)
    app.after_request(_count)


@metrics.get(PATH, strict_slashes=True)
@open_to_all
def show() -> Response:
    """All numbers in the text format of Prometheus, under one spelling of the path: a proxy that refuses it refuses all
    that there is. A program that runs us without the raw path is trusted to have read it."""
    if urlsplit(request.environ.get("RAW_URI", PATH)).path != PATH:
        abort(HTTPStatus.NOT_FOUND)
    current = CollectorRegistry()
    current.register(CurrentState(gavel()))
    with instruments.counted() as registry:
        text = generate_latest(registry)
    return Response(text + generate_latest(current), content_type=CONTENT_TYPE_LATEST)


def house_metrics(versions: Mapping[str, LearntVersion]) -> Iterator[Metric]:
    """The house models' figures, by the site's name."""
    numbers = {site: float(version.version) for site, version in versions.items()}
    yield _gauge("gavel_house_model_version", "The site's house model in use", "site", numbers)
    learnt = {site: version.created_at.timestamp() for site, version in versions.items()}
    yield _gauge("gavel_house_model_learnt_timestamp_seconds", "When it was learnt", "site", learnt)
    decided = {site: float(version.report["decided"]) for site, version in versions.items()}
    yield _gauge("gavel_house_model_decisions", "Decisions by people that it has learnt from", "site", decided)
    order = GaugeMetricFamily(
        "gavel_house_model_auc", "How well scores order the newest decisions", labels=("site", "scored_by")
    )
    shares = GaugeMetricFamily(
        "gavel_house_model_decided_share",
        "Newest comments that could be decided without a person",
        labels=("site", "scored_by", "error"),
    )
    for site, version in versions.items():
        for name in ("general", "house", "both"):
            if (judged := version.report[name]) is None:
                continue
            order.add_metric((site, name), judged["auc"])
            for point in judged["automated"]:
                shares.add_metric((site, name, f"{point['error']:g}"), point["share"])
    yield order
    yield shares


def _gauge(name: str, meaning: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, meaning, labels=(label,))
    for value_of, value in values.items():
        family.add_metric((value_of,), value)
    return family


def _start() -> None:
    g.started = time.perf_counter()


def _count(response: Response) -> Response:
    counted = instruments.instruments()
    route = request.url_rule.rule if request.url_rule else "unknown"
    counted.requests.labels(route, request.method, str(response.status_code)).inc()
    if response.mimetype == MEDIA_TYPE:
        counted.refused.labels(_reason(response)).inc()
    if "started" in g:
        counted.request_seconds.labels(route).observe(time.perf_counter() - g.started)
    return response


def _reason(response: Response) -> str:
    """The last part of the problem's type, such as ``backlog-full``."""
    return str((response.get_json() or {}).get("type", "unknown")).removeprefix(TYPE_PREFIX)
