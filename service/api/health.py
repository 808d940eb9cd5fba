"""Whether the service is alive, and whether it can do its work. Neither call needs a key or reveals more."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Literal

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from moderation.ground.database import lease_rows as leases
from moderation.ground.errors import ScoringAway, StorageNotReady
from moderation.ground.values.comments import Lane
from moderation.operations.operating import migrating, vitals
from service.api import views
from service.auth import open_to_all
from service.context import gavel, utc_now

MARGIN_S = 30
SCORING_WITHIN_S = 1.0
WRONG = {
    ("database", "away"): "the database does not answer",
    ("database", "not migrated"): "the database lacks migrations that this version needs",
    ("database", "newer"): "a newer version has migrated the database: replace this process soon",
    ("redis", "away"): "Redis does not answer: comments are stored, and decided once it is back",
    ("workers", "none"): "no worker serves the queues: comments are stored and wait",
    (
        "scoring",
        "away",
    ): "no scoring process answers: texts that are not stored get no scores, and comments are accepted",
    ("sweeper", "late"): "no recent sweep: comments that the queue has lost are not found",
}

log = logging.getLogger(__name__)

health = APIBlueprint("health", __name__, abp_tags=[Tag(name="Service")])


class Asked(BaseModel):
    """How the request reached the service, so that a proxy's headers can be checked from outside."""

    scheme: str
    host: str
    address: str


class Alive(BaseModel):
    status: Literal["alive"] = "alive"
    asked: Asked


class Readiness(BaseModel):
    """Without Redis or workers, comments are still accepted and stored, and decided later: degraded, but not down.

    `scoring` is the process that scores texts without storing them.
    """

    status: Literal["ready", "degraded", "unavailable"]
    database: Literal["ok", "newer", "away", "not migrated"]
    redis: Literal["ok", "away"]
    workers: Literal["ok", "none", "unknown"]
    sweeper: Literal["ok", "late", "unknown"]
    scoring: Literal["ok", "away", "off"]
    wrong: list[str]


@health.get("/healthz", operation_id="healthz", responses={200: Alive})
@open_to_all
def healthz() -> Response:
    """Check that the process answers

    `asked` is your own request as the service saw it, so that you can check a proxy's headers.
    """
    asked = Asked(scheme=request.scheme, host=request.host, address=request.remote_addr or "")
    return views.reply(Alive(asked=asked))


@health.get("/readyz", operation_id="readyz", responses={200: Readiness, 503: Readiness})
@open_to_all
def readyz() -> Response:
    """Check that the service can do its work

    503 without a migrated database. With any other fault the answer is 200 and names it: comments are still accepted.
    """
    now = utc_now()
    database, redis = _database(), _redis()
    workers = _workers(now) if redis == "ok" else "unknown"
    is_usable = database in ("ok", "newer")
    sweeper = _sweeper(now) if is_usable else "unknown"
    scoring = _scoring()
    states = {"database": database, "redis": redis, "workers": workers, "sweeper": sweeper, "scoring": scoring}
    wrong = [WRONG[name, state] for name, state in states.items() if (name, state) in WRONG]
    status: Literal["ready", "degraded", "unavailable"]
    status = "unavailable" if not is_usable else "degraded" if wrong else "ready"
    if wrong:
        log.warning("%s: %s", status, "; ".join(wrong))
    body = Readiness(
        status=status,
        database=database,
        redis=redis,
        workers=workers,
        sweeper=sweeper,
        scoring=scoring,
        wrong=wrong,
    )
    return views.reply(body, 200 if is_usable else 503)


def _database() -> Literal["ok", "newer", "away", "not migrated"]:
    try:
        migrating.check(gavel().database)
        return "newer" if migrating.is_newer(gavel().database) else "ok"
    except StorageNotReady:
        return "not migrated"
    except SQLAlchemyError:
        return "away"


def _redis() -> Literal["ok", "away"]:
    try:
        gavel().queues.redis.ping()
    except RedisError:
        return "away"
    return "ok"


def _workers(now: datetime) -> Literal["ok", "none", "unknown"]:
    silent_after_s = gavel().settings.batch_timeout_s + MARGIN_S
    try:
        known = vitals.workers(gavel().queues.redis)
    except RedisError:
        return "unknown"
    scoring = [w for w in known if set(Lane) <= set(w.queues) and w.age_s(now) <= silent_after_s]
    return "ok" if scoring else "none"


def _sweeper(now: datetime) -> Literal["ok", "late", "unknown"]:
    late_after = timedelta(seconds=3 * gavel().settings.sweep_interval_s + MARGIN_S)
    with gavel().database.read() as conn:
        lease = leases.find(conn, vitals.SWEEPER)
    return "ok" if lease and lease.noted_at and now - lease.noted_at <= late_after else "late"


def _scoring() -> Literal["ok", "away", "off"]:
    if gavel().scoring.is_off:
        return "off"
    try:
        gavel().scoring.state(within_s=SCORING_WITHIN_S)
    except ScoringAway:
        return "away"
    return "ok"
