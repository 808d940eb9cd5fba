"""The site's own settings: where it hears of events, what happens while scoring is down, how long comments stay."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from moderation.deciding import outages
from moderation.model import CommentStatus
from moderation.operating import retention
from moderation.people import webhooks
from moderation.people.keys import Scope
from moderation.store import sites as store
from service.api import responses, site_schemas, views
from service.auth import current_key, needs
from service.context import gavel, utc_now

site = APIBlueprint("site", __name__, url_prefix="/v1", abp_tags=[Tag(name="Site")], abp_security=responses.KEY)


@site.get("/site", operation_id="getSite", responses={200: site_schemas.Site, **responses.problems()})
@needs(Scope.MODERATE)
def get_site() -> Response:
    """Read the site's settings"""
    with gavel().database.read() as conn:
        return views.reply(_shown(store.get_site(conn, current_key().site_id)))


@site.put("/site", operation_id="putSite", responses={200: site_schemas.Site, **responses.problems(400, 413, 415, 422)})
@needs(Scope.MODERATE)
def put_site(body: site_schemas.SiteSettings) -> Response:
    """Set or clear the webhook

    The first webhook brings the secret with it.
    """
    return views.reply(_shown(webhooks.set_webhook(gavel().database, current_key().site_id, body.webhook_url)))


@site.post(
    "/site/webhook-secret",
    operation_id="renewWebhookSecret",
    responses={200: site_schemas.Site, **responses.problems()},
)
@needs(Scope.MODERATE)
def renew_secret() -> Response:
    """Replace the webhook's secret

    What is sent from now on is signed with the new one.
    """
    return views.reply(_shown(webhooks.renew_secret(gavel().database, current_key().site_id)))


@site.get(
    "/site/failure-policy",
    operation_id="getFailurePolicy",
    responses={200: site_schemas.FailurePolicy, **responses.problems()},
)
@needs(Scope.MODERATE)
def get_failure_policy() -> Response:
    """Read what happens while scoring is down"""
    with gavel().database.read() as conn:
        found = store.get_site(conn, current_key().site_id)
    return views.reply(_failure_policy(outages.failure_policy(found)))


@site.put(
    "/site/failure-policy",
    operation_id="putFailurePolicy",
    responses={200: site_schemas.FailurePolicy, **responses.problems(400, 413, 415, 422)},
)
@needs(Scope.MODERATE)
def put_failure_policy(body: site_schemas.FailurePolicy) -> Response:
    """Set what happens while scoring is down

    It holds from the sweeper's next round. The audit log keeps the change.
    """
    chosen = outages.set_failure_policy(
        gavel().database,
        current_key().site_id,
        patience_s=body.patience_s,
        when_down=body.when_down,
        by=_by(),
        now=utc_now(),
    )
    return views.reply(_failure_policy(chosen))


@site.get(
    "/site/retention", operation_id="getRetention", responses={200: site_schemas.Retention, **responses.problems()}
)
@needs(Scope.MODERATE)
def get_retention() -> Response:
    """Read how long comments are kept"""
    with gavel().database.read() as conn:
        found = store.get_site(conn, current_key().site_id)
    return views.reply(_retention(retention.keeping(found)))


@site.put(
    "/site/retention",
    operation_id="putRetention",
    responses={200: site_schemas.Retention, **responses.problems(400, 413, 415, 422)},
)
@needs(Scope.MODERATE)
def put_retention(body: site_schemas.Retention) -> Response:
    """Set how long comments are kept

    What is older goes for good when the operators' daily `retain` runs next. The audit log keeps the change.
    """
    days = {status: getattr(body, _days_of(status)) for status in retention.PURGED}
    kept = retention.set_keeping(gavel().database, current_key().site_id, days, by=_by(), now=utc_now())
    return views.reply(_retention(kept))


def _by() -> str:
    return f"key {current_key().id}"


def _failure_policy(chosen: outages.FailurePolicy) -> site_schemas.FailurePolicy:
    return site_schemas.FailurePolicy(patience_s=chosen.patience_s, when_down=chosen.when_down)


def _retention(kept: Mapping[CommentStatus, int]) -> site_schemas.Retention:
    return site_schemas.Retention(**{_days_of(status): kept.get(status) for status in retention.PURGED})


def _days_of(status: CommentStatus) -> str:
    return f"{status}_days"


def _shown(found: store.Site) -> site_schemas.Site:
    settings = found.settings
    return site_schemas.Site(
        id=found.id,
        name=found.name,
        webhook_url=settings.get("webhook_url"),
        webhook_secret=settings.get("webhook_secret"),
    )
