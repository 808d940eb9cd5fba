"""The targets of a site's alerts: which there are, and how the site's own program adds, tests and removes one."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from moderation.operations.alerts import choosing, rows
from moderation.operations.alerts.values import AlertKind, AlertWish, Channel, Target
from moderation.sites.keys import Scope
from service.api import responses, views
from service.api.fields import Strict
from service.auth import caller, current_key, needs
from service.context import gavel, utc_now
from service.web.webhook_tests import alert_error

site_alerts = APIBlueprint("site_alerts", __name__, url_prefix="/v1", abp_tags=[Tag(name="Site")])

Hour = Annotated[StrictInt | None, Field(ge=0, le=23)]


class TargetPath(Strict):
    id: UUID


class NewTarget(Strict):
    """`address` is an incoming webhook's URL or, for `mail`, an e-mail address. Quiet hours are of the `zone`'s day."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"channel": "mail", "address": "desk@paper.example", "kinds": ["threat", "queue_size"]}
        }
    )

    channel: Channel
    address: Annotated[str, Field(min_length=1, max_length=2_000)]
    kinds: Annotated[tuple[AlertKind, ...], Field(description="Without it all", max_length=50)] = tuple(AlertKind)
    language: Annotated[str, Field(description="`en`, `de`, `fr` or `es`", max_length=2)] = "en"
    zone: Annotated[str, Field(description="Such as Europe/Berlin", max_length=100)] = "UTC"
    quiet_from: Hour = None
    quiet_until: Hour = None
    queue_size: Annotated[StrictInt, Field(ge=1, le=9_999, description="`queue_size` is alerted above it")] = 100
    queue_hours: Annotated[StrictInt, Field(ge=1, le=720, description="`queue_age` is alerted above them")] = 24
    pause_minutes: Annotated[StrictInt, Field(ge=1, le=1_440, description="Between two messages")] = 10
    shows_text: Annotated[StrictBool, Field(description="Quote comments that are held for a threat")] = False


class AlertTarget(BaseModel):
    """Of an incoming webhook `place` is the host alone, since its URL is a secret."""

    id: str
    channel: Channel
    place: str
    kinds: list[AlertKind]
    language: str
    zone: str
    quiet_from: int | None
    quiet_until: int | None
    queue_size: int
    queue_hours: int
    pause_minutes: int
    shows_text: bool
    error: str | None = Field(description="Why the last message failed")


class AlertTargets(BaseModel):
    """In the order in which they were added."""

    targets: list[AlertTarget]


class AlertTest(BaseModel):
    sent: bool
    error: str | None


@site_alerts.get("/site/alerts", operation_id="getAlerts", responses={200: AlertTargets, **responses.problems()})
@needs(Scope.MODERATE)
def get_alerts() -> Response:
    """Read where the site's alerts go"""
    with gavel().database.read() as conn:
        targets = rows.targets(conn, current_key().site_id)
    return views.reply(AlertTargets(targets=[_shown(target) for target in targets]))


@site_alerts.post(
    "/site/alerts",
    operation_id="addAlerts",
    responses={201: AlertTarget, **responses.problems(400, 413, 415, 422)},
)
@needs(Scope.MODERATE)
def add_alerts(body: NewTarget) -> Response:
    """Send alerts to Slack, Teams, Mattermost or by mail

    At most ten for a site. An address inside a private network is refused.
    """
    wish = AlertWish(**body.model_dump() | {"address": body.address.strip()})
    private = gavel().settings.private_webhooks
    database, site_id = gavel().database, current_key().site_id
    target = choosing.add(database, site_id, wish, by=caller(), private_webhooks=private, now=utc_now())
    return views.reply(_shown(target), 201)


@site_alerts.delete(
    "/site/alerts/<id>", operation_id="removeAlerts", responses={200: AlertTarget, **responses.problems(404, 422)}
)
@needs(Scope.MODERATE)
def remove_alerts(path: TargetPath) -> Response:
    """Send no more alerts there"""
    target = choosing.remove(gavel().database, current_key().site_id, str(path.id), by=caller(), now=utc_now())
    return views.reply(_shown(target))


@site_alerts.post(
    "/site/alerts/<id>/test", operation_id="testAlerts", responses={200: AlertTest, **responses.problems(404, 422, 503)}
)
@needs(Scope.MODERATE)
def test_alerts(path: TargetPath) -> Response:
    """Send a test there

    The answer is 200 whether it was sent or not.
    """
    site_id = current_key().site_id
    target = choosing.tested(gavel().database, site_id, str(path.id), by=caller(), now=utc_now())
    error = alert_error(site_id, target)
    return views.reply(AlertTest(sent=error is None, error=error))


def _shown(target: Target) -> AlertTarget:
    wish = target.wish
    return AlertTarget(
        id=target.id,
        channel=wish.channel,
        place=choosing.place(wish),
        kinds=list(wish.kinds),
        language=wish.language,
        zone=wish.zone,
        quiet_from=wish.quiet_from,
        quiet_until=wish.quiet_until,
        queue_size=wish.queue_size,
        queue_hours=wish.queue_hours,
        pause_minutes=wish.pause_minutes,
        shows_text=wish.shows_text,
        error=target.last_error,
    )
