"""Whether the service lives, and whether it can do its work. Neither needs a key and neither says more than that."""

from __future__ import annotations

import logging
from typing import Literal

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from moderation import migrating
from moderation.errors import StorageNotReady
from service.api import views
from service.context import gavel

log = logging.getLogger(__name__)

health = APIBlueprint("health", __name__, abp_tags=[Tag(name="Service")])


class Alive(BaseModel):
    status: Literal["alive"] = "alive"


class Readiness(BaseModel):
    """Without Redis comments are still taken and kept, and decided later: that is degraded, not down."""

    status: Literal["ready", "degraded", "unavailable"]
    database: Literal["ok", "away", "not migrated"]
    redis: Literal["ok", "away"]


@health.get("/healthz", operation_id="healthz", responses={200: Alive})
def healthz() -> Response:
    """The process answers"""
    return views.reply(Alive())


@health.get("/readyz", operation_id="readyz", responses={200: Readiness, 503: Readiness})
def readyz() -> Response:
    """The database is there and migrated

    503 without it. Redis away is named, with 200: the service still takes comments.
    """
    database, redis = _database(), _redis()
    if database != "ok":
        return views.reply(Readiness(status="unavailable", database=database, redis=redis), 503)
    return views.reply(Readiness(status="ready" if redis == "ok" else "degraded", database=database, redis=redis))


def _database() -> Literal["ok", "away", "not migrated"]:
    try:
        migrating.check(gavel().database)
    except StorageNotReady as e:
        log.warning("not ready: %s", e)
        return "not migrated"
    except SQLAlchemyError as e:
        log.warning("not ready: the database does not answer: %s", e)
        return "away"
    return "ok"


def _redis() -> Literal["ok", "away"]:
    try:
        gavel().queues.redis.ping()
    except RedisError as e:
        log.warning("degraded: Redis does not answer: %s", e)
        return "away"
    return "ok"
