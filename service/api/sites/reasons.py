"""The site's reasons for rejection, and the ladder on which rejections lead authors to measures."""

from __future__ import annotations

from typing import Annotated

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.ground.values.measures import MAX_DAYS, Measure
from moderation.sites.keys import Scope
from moderation.sites.settings import rejection_reasons
from moderation.sites.settings.ladder import MAX_REJECTIONS, MAX_STEPS, Climb, Ladder, Step
from moderation.sites.settings.rejection_reasons import (
    DEFAULT_REASONS,
    MAX_MESSAGE_CHARS,
    MAX_REASONS,
    MAX_WORDING_CHARS,
    ReasonDetails,
)
from moderation.sites.settings.values import SiteSettings
from service.api import responses, views
from service.api.fields import ShortReason, Strict
from service.api.schemas.statement_schemas import ReasonGround
from service.api.sites import own_settings
from service.auth import needs

site_reasons = APIBlueprint("site_reasons", __name__, url_prefix="/v1", abp_tags=[Tag(name="Site")])

Wordings = dict[str, Annotated[str, Field(min_length=1, max_length=MAX_WORDING_CHARS)]]
Messages = dict[str, Annotated[str, Field(min_length=1, max_length=MAX_MESSAGE_CHARS)]]


class DescribedReason(Strict):
    """A reason for rejection. `name` is what decisions and events carry."""

    name: ShortReason
    wordings: Annotated[
        Wordings, Field(description="The reason in other languages, by ISO 639 code", default_factory=dict)
    ]
    counts_against_author: Annotated[StrictBool, Field(description="Whether it counts on the author ladder")] = False
    messages: Annotated[
        Messages,
        Field(
            description="By language, a template for authors; {name}, {reason}, {measure}, {until} are filled in",
            default_factory=dict,
        ),
    ]
    ground: Annotated[
        ReasonGround | None, Field(description="The rule or law behind it. Null is the one that comes with Gavel")
    ] = None


class NewRejectionReasons(Strict):
    """The reasons that moderators choose from when they reject a comment, in the order of the buttons: as names, or
    with all about each. Send one of the two lists."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"rejection_reasons": ["Insult", "Off topic", "Advertising"]}}
    )

    rejection_reasons: Annotated[
        list[ShortReason] | None,
        Field(
            min_length=1,
            max_length=MAX_REASONS,
            description="Names only: what was said about those that stay, stays. Null goes back to the default: "
            + "; ".join(DEFAULT_REASONS),
        ),
    ] = None
    reasons: Annotated[list[DescribedReason] | None, Field(min_length=1, max_length=MAX_REASONS)] = None


class RejectionReasons(BaseModel):
    """The reasons in force at the site: their names, and all about each."""

    rejection_reasons: list[str]
    are_default: bool
    reasons: list[DescribedReason]


class LadderStep(Strict):
    """A measure of the ladder. `suspend` needs `days`, `hold` may have them."""

    measure: Annotated[Measure, Field(description="`warn`, `hold`, `suspend` or `ban`")]
    days: Annotated[StrictInt | None, Field(ge=1, le=MAX_DAYS)] = None


class AuthorLadder(Strict):
    """After so many rejections that count against an author, the next step is due: the mildest that is more severe than
    every sanction of the last year. The count begins anew after each sanction."""

    rejections: Annotated[StrictInt, Field(ge=1, le=MAX_REJECTIONS)]
    within_days: Annotated[StrictInt, Field(ge=1, le=MAX_DAYS)]
    steps: Annotated[list[LadderStep], Field(min_length=1, max_length=MAX_STEPS)]
    climb: Annotated[Climb, Field(description="`proposed` shows it to moderators, `applied` lets Gavel do it")] = (
        Climb.PROPOSED
    )


class Ladders(Strict):
    """The ladder of the site; null has none."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "author_ladder": {
                    "rejections": 3,
                    "within_days": 30,
                    "steps": [{"measure": "hold", "days": 7}, {"measure": "suspend", "days": 7}, {"measure": "ban"}],
                    "climb": "proposed",
                }
            }
        }
    )

    author_ladder: AuthorLadder | None


@site_reasons.get(
    "/site/rejection-reasons",
    operation_id="getRejectionReasons",
    responses={200: RejectionReasons, **responses.problems()},
)
@needs(Scope.MODERATE)
def get_rejection_reasons() -> Response:
    """Read the reasons that moderators choose from"""
    return views.reply(_reasons(own_settings.read()))


@site_reasons.put(
    "/site/rejection-reasons",
    operation_id="putRejectionReasons",
    responses={200: RejectionReasons, **responses.problems(400, 413, 415, 422)},
)
@needs(Scope.MODERATE)
def put_rejection_reasons(body: NewRejectionReasons) -> Response:
    """Set the reasons that moderators choose from

    The desk shows a button for each, in this order and in the moderator's language. Earlier decisions keep their
    reasons.
    """
    if len(body.model_fields_set) != 1:
        raise InvalidInput(FieldProblem("reasons", "replaces rejection_reasons: send one of them"))
    if body.reasons is None:
        names = DEFAULT_REASONS if body.rejection_reasons is None else tuple(body.rejection_reasons)
        return views.reply(_reasons(own_settings.change(rejection_reasons=names)))
    names = tuple(reason.name for reason in body.reasons)
    details = {reason.name: _described(reason) for reason in body.reasons}
    return views.reply(_reasons(own_settings.change(rejection_reasons=names, reason_details=details)))


@site_reasons.get(
    "/site/author-ladder", operation_id="getAuthorLadder", responses={200: Ladders, **responses.problems()}
)
@needs(Scope.MODERATE)
def get_ladder() -> Response:
    """Read the ladder of measures about authors"""
    return views.reply(_ladder(own_settings.read()))


@site_reasons.put(
    "/site/author-ladder",
    operation_id="putAuthorLadder",
    responses={200: Ladders, **responses.problems(400, 413, 415, 422)},
)
@needs(Scope.MODERATE)
def put_ladder(body: Ladders) -> Response:
    """Set the ladder of measures about authors

    It counts rejections from the past, too, and acts from the next rejection on.
    """
    given = body.author_ladder
    if given is None:
        return views.reply(_ladder(own_settings.change(author_ladder=None)))
    steps = tuple(Step(step.measure, step.days) for step in given.steps)
    ladder = Ladder(given.rejections, given.within_days, steps, given.climb)
    return views.reply(_ladder(own_settings.change(author_ladder=ladder)))


def _described(reason: DescribedReason) -> ReasonDetails:
    ground = reason.ground.ground if reason.ground else None
    return ReasonDetails(reason.wordings, reason.counts_against_author, reason.messages, ground)


def _reasons(settings: SiteSettings) -> RejectionReasons:
    names = settings.rejection_reasons
    details = [(name, rejection_reasons.details_of(settings.reason_details, name)) for name in names]
    return RejectionReasons(
        rejection_reasons=list(names),
        are_default=names == DEFAULT_REASONS and not settings.reason_details,
        reasons=[
            DescribedReason(
                name=name,
                wordings=dict(said.wordings),
                counts_against_author=said.counts_against_author,
                messages=dict(said.messages),
                ground=ReasonGround.of(rejection_reasons.ground_of(settings.reason_details, name)),
            )
            for name, said in details
        ],
    )


def _ladder(settings: SiteSettings) -> Ladders:
    ladder = settings.author_ladder
    if ladder is None:
        return Ladders(author_ladder=None)
    steps = [LadderStep(measure=step.measure, days=step.days) for step in ladder.steps]
    return Ladders(
        author_ladder=AuthorLadder(
            rejections=ladder.rejections, within_days=ladder.within_days, steps=steps, climb=ladder.climb
        )
    )
