"""The calls by which a moderator whom the site's server has signed decides about a comment in the box. Its decisions
are those of the desk: by the same person, through the same door, with the same undo."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from flask import Response, url_for
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field, model_validator
from sqlalchemy.engine import Connection

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.ground.values.comments import Comment
from moderation.ground.values.statuses import CommentStatus
from moderation.moderators.review import featuring, reviewing, signed_moderators
from moderation.moderators.review.featuring import Pick
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from moderation.sites import rows as sites
from moderation.sites.rows import Moderator
from moderation.sites.settings.rejection_reasons import wording
from moderation.spine.comments import rows as comments
from service.api import responses, views
from service.api.fields import Language, Query, ShortReason, SiteOwnId, Strict
from service.api.readers.admission import by_reader, current_reader
from service.context import gavel, utc_now
from service.web import webhook_notices

moderated = APIBlueprint("moderated", __name__, url_prefix="/v1/reader/moderated", abp_tags=[Tag(name="Readers")])


class ModeratedPath(Strict):
    id: SiteOwnId


class ModeratedQuery(Query):
    language: Annotated[Language | None, Field(description="Of the reasons' wordings")] = None


class OfferedReason(BaseModel):
    name: str
    wording: str


class Moderated(BaseModel):
    """A comment as its moderator may decide about it."""

    id: str
    text: Annotated[str, Field(description="As the reader wrote it: escape it wherever you show it")]
    status: CommentStatus
    version: int
    featured: bool
    reasons: Annotated[list[OfferedReason], Field(description="The site’s, of which a rejection names one")]
    desk_path: Annotated[str, Field(description="The comment’s page at the desk, behind the address of this Gavel")]


class BoxAction(StrEnum):
    REJECT = "reject"
    FEATURE = "feature"
    UNFEATURE = "unfeature"


class BoxDecision(Strict):
    """A decision about the comment that the moderator saw at `version`."""

    action: BoxAction
    version: Annotated[int, Field(ge=1, strict=True)]
    reason: Annotated[ShortReason | None, Field(description="Of a rejection: one of the site’s reasons")] = None

    @model_validator(mode="after")
    def _reason_goes_with_a_rejection(self) -> Self:
        if (self.action is BoxAction.REJECT) != (self.reason is not None):
            raise ValueError("reason goes with a rejection, and a rejection needs one")
        return self


@moderated.get("/<id>", operation_id="getModerated", responses={200: Moderated, **responses.problems(404, 422)})
@by_reader
def get_moderated(path: ModeratedPath, query: ModeratedQuery) -> Response:
    """Read a comment as its moderator

    For a token with `moderator`, the e-mail address of somebody with a role at the site, whose setting
    `moderators_in_box` is on.
    """
    with gavel().database.read() as conn:
        _moderator(conn)
        return _moderated(conn, _comment(conn, path.id), query.language)


@moderated.post(
    "/<id>",
    operation_id="decideInBox",
    responses={200: Moderated, **responses.problems(400, 404, 409, 413, 415, 422)},
)
@by_reader
def decide(path: ModeratedPath, body: BoxDecision) -> Response:
    """Decide about a comment as its moderator

    Rejects it with a reason, features it as an editor's pick, or ends that. As at the desk, the event waits.
    """
    now, hold_s, database = utc_now(), gavel().settings.event_hold_s, gavel().database
    with database.read() as conn:
        moderator, comment = _moderator(conn), _comment(conn, path.id)
    if body.action is BoxAction.REJECT:
        _check_reason(comment.site_id, body.reason)
        choice = ModeratorChoice(Choice.REJECT, body.version, body.reason)
        reviewing.decide(database, moderator, comment.id, choice, now=now, hold_s=hold_s)
    else:
        wish = Pick(comment.id, body.version, body.action is BoxAction.FEATURE)
        featuring.pick(database, moderator, wish, now=now, hold_s=hold_s)
    webhook_notices.tell(comment.site_id)
    with database.read() as conn:
        return _moderated(conn, _comment(conn, path.id), None)


def _check_reason(site_id: str, reason: str | None) -> None:
    with gavel().database.read() as conn:
        offered = sites.get_site(conn, site_id).settings.offered_reasons
    if reason not in offered:
        raise InvalidInput(FieldProblem("reason", f"must be one of the site's: {', '.join(offered)}"[:300]))


def _moderator(conn: Connection) -> Moderator:
    return signed_moderators.get(conn, current_reader().site_id, current_reader().moderator)


def _comment(conn: Connection, external_id: str) -> Comment:
    return comments.get_comment(conn, current_reader().site_id, external_id)


def _moderated(conn: Connection, comment: Comment, language: str | None) -> Response:
    settings = sites.get_site(conn, comment.site_id).settings
    reasons = settings.offered_reasons
    return views.reply(
        Moderated(
            id=comment.external_id,
            text=comment.text,
            status=comment.status,
            version=comment.version,
            featured=comment.is_featured,
            reasons=[OfferedReason(name=r, wording=wording(settings.reason_details, r, language)) for r in reasons],
            desk_path=url_for("desk.comment", comment_id=comment.id),
        )
    )
