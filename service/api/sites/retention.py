"""How long the site keeps comments: read and set, with the daily deletion beside it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from flask import Response, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from moderation.operations.operating.deleting import retention
from moderation.operations.operating.deleting.settings import RetentionSettings
from moderation.sites.keys import Scope
from moderation.sites.settings.values import DECLARED, SiteSettings
from service.api import responses, views
from service.api.sites import own_settings
from service.api.sites.setting_bodies import answer, body
from service.auth import needs
from service.context import gavel, utc_now
from service.errors import fields_named

site_retention = APIBlueprint("site_retention", __name__, url_prefix="/v1", abp_tags=[Tag(name="Site")])

DAYS = {name: DECLARED[name] for name in RetentionSettings.model_fields}
FORMER_DAYS = {name: setting.setting.former for name, setting in DAYS.items() if setting.setting.former}
"""The API's names of these settings before 1.0, which it accepts and sends until 1.1."""
_EXAMPLE = {"keep_published_days": None, "keep_rejected_days": 90, "keep_withdrawn_days": 7}


_Days = body("Days", "", DAYS.values(), required=_EXAMPLE, example=_EXAMPLE)
_DaysInForce = answer(DAYS.values())


class Retention(_Days):  # type: ignore[misc, valid-type]
    """How many days the site keeps comments, by status. Comments that wait for a decision are always kept."""


class RetentionInForce(_DaysInForce):  # type: ignore[misc, valid-type]
    """How many days the site keeps comments, and when the sweeper acts on it."""

    last_run_at: Annotated[datetime | None, Field(description="When the last daily deletion began")]
    next_run_at: Annotated[datetime, Field(description="When the next one is due. In the past: no sweeper runs")]


@site_retention.get(
    "/site/retention",
    operation_id="getRetention",
    responses={200: RetentionInForce, **responses.problems()},
)
@needs(Scope.MODERATE)
def get_retention() -> Response:
    """Read how long comments are kept"""
    return views.reply(_retention(own_settings.read()))


@site_retention.put(
    "/site/retention",
    operation_id="putRetention",
    responses={200: RetentionInForce, **responses.problems(400, 413, 415, 422)},
)
@needs(Scope.MODERATE)
def put_retention(body: Retention) -> Response:
    """Set how long comments are kept

    The sweeper deletes older comments for good, once a day. The audit trail records the change.
    """
    days = {name: getattr(body, name) for name in DAYS if name in body.model_fields_set}
    with fields_named({name: old for name, old in FORMER_DAYS.items() if old in request.json}):
        return views.reply(_retention(own_settings.change(**days)))


def _retention(settings: SiteSettings) -> RetentionInForce:
    with gavel().database.read() as conn:
        planned = retention.schedule(conn, hour=gavel().settings.retain_hour, now=utc_now())
    return RetentionInForce(
        **{name: getattr(settings, name) for name in DAYS},
        **{old: getattr(settings, name) for name, old in FORMER_DAYS.items()},
        last_run_at=planned.last_at,
        next_run_at=planned.next_at,
    )
