"""The site's own settings: where it wants to hear of events, and the secret that signs them."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from moderation import sites
from moderation.sites import Scope
from moderation.store import sites as store
from service.api import responses, schemas, views
from service.auth import current_key, needs
from service.context import gavel

site = APIBlueprint("site", __name__, url_prefix="/v1", abp_tags=[Tag(name="Site")], abp_security=responses.KEY)


@site.get("/site", operation_id="getSite", responses={200: schemas.Site, **responses.problems()})
@needs(Scope.MODERATE)
def get_site() -> Response:
    """Read the site's settings"""
    with gavel().database.read() as conn:
        return views.reply(_shown(store.get_site(conn, current_key().site_id)))


@site.put("/site", operation_id="putSite", responses={200: schemas.Site, **responses.problems(400, 413, 415, 422)})
@needs(Scope.MODERATE)
def put_site(body: schemas.SiteSettings) -> Response:
    """Set or clear the webhook

    The first webhook brings the secret with it.
    """
    return views.reply(_shown(sites.set_webhook(gavel().database, current_key().site_id, body.webhook_url)))


@site.post(
    "/site/webhook-secret", operation_id="renewWebhookSecret", responses={200: schemas.Site, **responses.problems()}
)
@needs(Scope.MODERATE)
def renew_secret() -> Response:
    """Replace the webhook's secret

    What is sent from now on is signed with the new one.
    """
    return views.reply(_shown(sites.renew_secret(gavel().database, current_key().site_id)))


def _shown(found: store.Site) -> schemas.Site:
    settings = found.settings
    return schemas.Site(
        id=found.id,
        name=found.name,
        webhook_url=settings.get("webhook_url"),
        webhook_secret=settings.get("webhook_secret"),
    )
