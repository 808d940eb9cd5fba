"""The site's own settings: its webhook, what happens while scoring is down, how long comments are kept, and the reasons
for rejections."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from moderation.model import CommentStatus
from moderation.people import sites
from moderation.people.keys import Scope
from moderation.site_settings import DEFAULT_REASONS, KEPT, SiteSettings
from moderation.store import sites as store
from service.api import responses, site_schemas, views
from service.auth import caller, current_key, needs
from service.context import gavel, utc_now

site = APIBlueprint("site", __name__, url_prefix="/v1", abp_tags=[Tag(name="Site")])


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

    The first webhook creates the secret.
    """
    db, site_id = gavel().database, current_key().site_id
    return views.reply(
        _shown(sites.change_settings(db, site_id, by=caller(), now=utc_now(), webhook_url=body.webhook_url))
    )


@site.post(
    "/site/webhook-secret",
    operation_id="renewWebhookSecret",
    responses={200: site_schemas.Site, **responses.problems()},
)
@needs(Scope.MODERATE)
def renew_secret() -> Response:
    """Replace the webhook's secret

    The new secret signs every delivery from now on.
    """
    db, site_id = gavel().database, current_key().site_id
    return views.reply(_shown(sites.renew_secret(db, site_id, by=caller(), now=utc_now())))


@site.get(
    "/site/failure-policy",
    operation_id="getFailurePolicy",
    responses={200: site_schemas.FailurePolicy, **responses.problems()},
)
@needs(Scope.MODERATE)
def get_failure_policy() -> Response:
    """Read what happens while scoring is down"""
    return views.reply(_failure_policy(_settings()))


@site.put(
    "/site/failure-policy",
    operation_id="putFailurePolicy",
    responses={200: site_schemas.FailurePolicy, **responses.problems(400, 413, 415, 422)},
)
@needs(Scope.MODERATE)
def put_failure_policy(body: site_schemas.FailurePolicy) -> Response:
    """Set what happens while scoring is down

    The change takes effect at the next sweep. The audit trail records it.
    """
    chosen = _changed(patience_s=body.patience_s, when_scoring_is_down=body.when_down)
    return views.reply(_failure_policy(chosen))


@site.get(
    "/site/retention", operation_id="getRetention", responses={200: site_schemas.Retention, **responses.problems()}
)
@needs(Scope.MODERATE)
def get_retention() -> Response:
    """Read how long comments are kept"""
    return views.reply(_retention(_settings()))


@site.put(
    "/site/retention",
    operation_id="putRetention",
    responses={200: site_schemas.Retention, **responses.problems(400, 413, 415, 422)},
)
@needs(Scope.MODERATE)
def put_retention(body: site_schemas.Retention) -> Response:
    """Set how long comments are kept

    Older comments are deleted for good at the next daily `retain`. The audit trail records the change.
    """
    days = {field: getattr(body, _days_of(status)) for status, field in KEPT.items()}
    return views.reply(_retention(_changed(**days)))


@site.get(
    "/site/rejection-reasons",
    operation_id="getRejectionReasons",
    responses={200: site_schemas.RejectionReasons, **responses.problems()},
)
@needs(Scope.MODERATE)
def get_rejection_reasons() -> Response:
    """Read the reasons that moderators choose from"""
    return views.reply(_rejection_reasons(_settings()))


@site.put(
    "/site/rejection-reasons",
    operation_id="putRejectionReasons",
    responses={200: site_schemas.RejectionReasons, **responses.problems(400, 413, 415, 422)},
)
@needs(Scope.MODERATE)
def put_rejection_reasons(body: site_schemas.NewRejectionReasons) -> Response:
    """Set the reasons that moderators choose from

    The desk shows a button for each, in this order. Earlier decisions keep their reasons.
    """
    reasons = DEFAULT_REASONS if body.rejection_reasons is None else tuple(body.rejection_reasons)
    return views.reply(_rejection_reasons(_changed(rejection_reasons=reasons)))


def _settings() -> SiteSettings:
    with gavel().database.read() as conn:
        return store.get_site(conn, current_key().site_id).settings


def _changed(**changes: Any) -> SiteSettings:
    site_id, now = current_key().site_id, utc_now()
    return sites.change_settings(gavel().database, site_id, by=caller(), now=now, **changes).settings


def _failure_policy(settings: SiteSettings) -> site_schemas.FailurePolicy:
    return site_schemas.FailurePolicy(patience_s=settings.patience_s, when_down=settings.when_scoring_is_down)


def _retention(settings: SiteSettings) -> site_schemas.Retention:
    return site_schemas.Retention(**{_days_of(status): settings.keep_days.get(status) for status in KEPT})


def _rejection_reasons(settings: SiteSettings) -> site_schemas.RejectionReasons:
    reasons = settings.rejection_reasons
    return site_schemas.RejectionReasons(rejection_reasons=list(reasons), are_default=reasons == DEFAULT_REASONS)


def _days_of(status: CommentStatus) -> str:
    return f"{status}_days"


def _shown(found: store.Site) -> site_schemas.Site:
    settings = found.settings
    return site_schemas.Site(
        id=found.id,
        name=found.name,
        webhook_url=settings.webhook_url,
        webhook_secret=settings.webhook_secret,
    )
