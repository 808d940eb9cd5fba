"""Campaigns: to list, to read, to decide at once, and to decide for the week."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from moderation.ground.errors import FieldProblem, InvalidInput, NotFound
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.moderators.campaigns import by_api as campaign_by_api
from moderation.moderators.campaigns import listing_rows, opening
from moderation.moderators.campaigns import reviewing as campaign_review
from moderation.moderators.campaigns.by_api import CampaignWish, SeenComment
from moderation.moderators.campaigns.rows import Campaign
from moderation.sites.keys import Scope
from moderation.spine.comments import rows as comments
from service.api import responses, views
from service.api.comments import listing
from service.api.fields import Query, Strict
from service.api.schemas import campaign_schemas as schemas
from service.auth import caller, current_key, needs
from service.context import gavel, utc_now
from service.web import reading_time, webhook_notices

campaigns = APIBlueprint("campaigns", __name__, url_prefix="/v1", abp_tags=[Tag(name="Campaigns")])


class CampaignPath(Strict):
    id: Annotated[str, Field(description="Gavel's own id", min_length=1, max_length=100)]


class CampaignQuery(Query):
    after: listing.After = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


@campaigns.get(
    "/campaigns", operation_id="listCampaigns", responses={200: schemas.CampaignPage, **responses.problems(422)}
)
@needs(Scope.READ)
def list_campaigns(query: CampaignQuery) -> Response:
    """List campaigns

    Those with the newest copies first, from three copies on.
    """
    before = _cursor(query.after)
    with gavel().database.read() as conn:
        listed = listing_rows.page(conn, (current_key().site_id,), after=before, limit=query.limit + 1)
        shown = [_shown(campaign_review.card(conn, campaign)) for campaign in listed[: query.limit]]
    last = listed[query.limit - 1] if len(listed) > query.limit else None
    following = f"{last.last_at.isoformat()}~{last.id}" if last else None
    return views.reply(schemas.CampaignPage(campaigns=shown, next=following))


@campaigns.get(
    "/campaigns/<id>", operation_id="getCampaign", responses={200: schemas.OpenCampaign, **responses.problems(404, 422)}
)
@needs(Scope.READ)
def get_campaign(path: CampaignPath) -> Response:
    """Read a campaign

    With the copies that differ most among its newest.
    """
    opened = opening.open_campaign(gavel().database, {current_key().site_id}, _id(path), reading_time.of_page())
    with gavel().database.read() as conn:
        listed = comments.listed_by_ids(conn, [sample.id for sample in opened.samples])
    samples = [views.listed_comment(listed[sample.id]) for sample in opened.samples if sample.id in listed]
    return views.reply(schemas.OpenCampaign(campaign=_shown(opened.card), samples=samples))


@campaigns.post(
    "/campaigns/<id>/decisions",
    operation_id="decideCampaign",
    responses={200: schemas.CampaignDecided, **responses.problems(400, 404, 409, 413, 415, 422)},
)
@needs(Scope.MODERATE)
def decide_campaign(path: CampaignPath, body: schemas.CampaignDecision) -> Response:
    """Decide the copies of a campaign

    Those that `seen` names, and near copies of their texts. Without `seen`, a campaign with texts unlike each other is
    refused with 422. Up to a thousand at once; while `next` is not null, send the same again with it as `after`. Copies
    that arrive after the first call are left alone. So are near copies with words of their own, because they may warn,
    unless `mentions` is true. At the desk one press undoes the whole batch.
    """
    site_id = current_key().site_id
    action = Action(body.action)
    wish = CampaignWish(action, body.rejected_for, body.note, body.overturn, body.mentions, _seen(body.seen))
    batch = campaign_by_api.decide(
        gavel().database, site_id, _id(path), wish, now=utc_now(), going_on=_going_on(body.after)
    )
    webhook_notices.tell(site_id)
    following = f"{batch.after}~{batch.until}~{batch.batch_id}" if batch.after else None
    return views.reply(
        schemas.CampaignDecided(batch_id=batch.batch_id, decided=batch.decided, left_out=batch.left_out, next=following)
    )


@campaigns.put(
    "/campaigns/<id>/treatment",
    operation_id="treatCampaign",
    responses={200: schemas.Campaign, **responses.problems(400, 404, 409, 413, 415, 422)},
)
@needs(Scope.MODERATE)
def treat_campaign(path: CampaignPath, body: schemas.NewTreatment) -> Response:
    """Decide for seven days what comes like a campaign

    Near copies of the texts that `seen` names. Without it, a campaign with texts unlike each other is refused with 422.
    """
    site_id, now = current_key().site_id, utc_now()
    if body.rejected_for is not None and body.action is not Action.REJECT:
        raise InvalidInput(FieldProblem("reason" if body.reason is not None else "category", "is only for reject"))
    changed = campaign_by_api.treat(
        gavel().database,
        site_id,
        _id(path),
        body.action,
        body.rejected_for,
        by=caller(),
        now=now,
        seen=_seen(body.seen),
    )
    return _reply(changed)


@campaigns.delete(
    "/campaigns/<id>/treatment",
    operation_id="endCampaignTreatment",
    responses={200: schemas.Campaign, **responses.problems(404, 422)},
)
@needs(Scope.MODERATE)
def end_campaign_treatment(path: CampaignPath) -> Response:
    """End what was decided for the week

    Again is no error.
    """
    site_id, now = current_key().site_id, utc_now()
    return _reply(campaign_by_api.end_treatment(gavel().database, site_id, _id(path), by=caller(), now=now))


def _seen(named: list[schemas.SeenText] | None) -> tuple[SeenComment, ...] | None:
    return None if named is None else tuple(SeenComment(text.id, text.version) for text in named)


def _reply(campaign: Campaign) -> Response:
    with gavel().database.read() as conn:
        return views.reply(_shown(campaign_review.card(conn, campaign)))


def _shown(card: campaign_review.Card) -> schemas.Campaign:
    campaign = card.campaign
    return schemas.Campaign(
        id=campaign.id,
        copies=campaign.copies,
        authors=campaign.authors,
        published=card.counts[CommentStatus.PUBLISHED],
        flagged=card.counts[CommentStatus.FLAGGED],
        rejected=card.counts[CommentStatus.REJECTED],
        first_at=campaign.first_at,
        last_at=campaign.last_at,
        treatment=_treatment(campaign),
    )


def _treatment(campaign: Campaign) -> schemas.Treatment | None:
    held = campaign.treatment
    if held is None or held.until <= utc_now():
        return None
    return schemas.Treatment(action=held.action, reason=held.reason, category=held.reason, by=held.by, until=held.until)


def _id(path: CampaignPath) -> str:
    """Raises NotFound for what is no id of ours."""
    try:
        return str(UUID(path.id))
    except ValueError as e:
        raise NotFound("campaign", path.id) from e


def _cursor(written: str | None) -> listing_rows.After | None:
    if written is None:
        return None
    moment, _tilde, id = written.partition("~")
    try:
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None:
            raise ValueError(moment)
        return listing_rows.After(at, str(UUID(id)))
    except ValueError as e:
        raise listing.not_a_cursor() from e


def _going_on(written: str | None) -> tuple[str, str, str] | None:
    if written is None:
        return None
    try:
        after, until, batch_id = (str(UUID(part)) for part in written.split("~"))
    except ValueError as e:
        raise InvalidInput(FieldProblem("after", "must be the `next` of the answer before")) from e
    return after, until, batch_id
