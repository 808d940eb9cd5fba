"""The site, and its webhook."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from moderation.sites import rows as store
from moderation.sites import sites
from moderation.sites import webhook as webhooks
from moderation.sites import webhook_rows as webhook_failures
from moderation.sites.keys import Scope
from moderation.sites.settings.values import SiteSettings
from service.api import responses, views
from service.api.fields import Query
from service.api.schemas import site_schemas
from service.api.sites import own_settings
from service.auth import caller, current_key, needs
from service.context import gavel, utc_now
from service.web.webhook_tests import held

MOST_OVERLAP_H = 24 * 90


class Renewal(Query):
    overlap_hours: Annotated[
        float, Field(ge=0, le=MOST_OVERLAP_H, description="How long the old secret signs deliveries too")
    ] = 24


site = APIBlueprint("site", __name__, url_prefix="/v1", abp_tags=[Tag(name="Site")])


@site.get("/site", operation_id="getSite", responses={200: site_schemas.Site, **responses.problems()})
@needs(Scope.MODERATE)
def get_site() -> Response:
    """Read the site's settings"""
    return _shown()


@site.put("/site", operation_id="putSite", responses={200: site_schemas.Site, **responses.problems(400, 413, 415, 422)})
@needs(Scope.MODERATE)
def put_site(body: site_schemas.SiteSettings) -> Response:
    """Set or clear the webhook

    The first webhook creates the secret. An address inside a private network is refused.
    """
    own_settings.change(webhook_url=body.webhook_url)
    return _shown()


@site.post(
    "/site/webhook-secret",
    operation_id="renewWebhookSecret",
    responses={200: site_schemas.Site, **responses.problems(422)},
)
@needs(Scope.MODERATE)
def renew_secret(query: Renewal) -> Response:
    """Replace the webhook's secret

    The new secret signs every delivery from now on. For another 24 hours, or `overlap_hours`, the old one signs it too:
    `webhook-signature` holds both signatures, with a space in between.
    """
    overlap = timedelta(hours=query.overlap_hours)
    sites.renew_secret(gavel().database, current_key().site_id, overlap=overlap, by=caller(), now=utc_now())
    return _shown()


@site.post(
    "/site/webhook-test",
    operation_id="testWebhook",
    responses={200: site_schemas.WebhookTest, **responses.problems(422)},
)
@needs(Scope.MODERATE)
def test_webhook() -> Response:
    """Send a test event and say what came back

    The answer comes within 15 seconds, or within `WEBHOOK_TIMEOUT_S` where that is less. It is 200 whatever the webhook
    answers, and 422 where the site has none.
    """
    db, site_id = gavel().database, current_key().site_id
    tested = held(site_id, lambda sender: webhooks.send_test(db, site_id, sender, by=caller(), now=utc_now()))
    return views.reply(
        site_schemas.WebhookTest(
            event_id=tested.event_id,
            delivered=tested.error is None,
            status=tested.status,
            duration_ms=tested.duration_ms,
            error=tested.error,
        )
    )


def _until(settings: SiteSettings) -> datetime | None:
    """Null once the old secret has ended."""
    former = settings.former_webhook_secret
    return former.until if former is not None and utc_now() < former.until else None


def _shown() -> Response:
    with gavel().database.read() as conn:
        site = store.get_site(conn, current_key().site_id)
        failure = webhook_failures.find(conn, site.id)
    settings = site.settings
    body = site_schemas.Site(
        id=site.id,
        name=site.name,
        webhook_url=settings.webhook_url,
        webhook_secret=settings.webhook_secret,
        former_webhook_secret_until=_until(settings),
        webhook_last_error=failure.error if failure else None,
        webhook_last_error_at=failure.failed_at if failure else None,
    )
    return views.reply(body)
