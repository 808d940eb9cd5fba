"""Modes for breaking news: what holds now, and how the site's own program starts and ends one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, ConfigDict, Field, StrictInt

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.ground.values import modes as values
from moderation.ground.values.modes import REGULAR_FROM, SLOW_MINUTES, ModeName
from moderation.law.modes import rows as store
from moderation.law.modes import starting
from moderation.law.modes.starting import LONGEST, MOST_MINUTES, MOST_REGULAR_FROM, ModeWish
from moderation.sites.keys import Scope
from service.api import responses, views
from service.api.fields import ArticleId, Moment, ShortLine, Strict
from service.auth import caller, current_key, needs
from service.context import gavel, utc_now

site_modes = APIBlueprint("site_modes", __name__, url_prefix="/v1", abp_tags=[Tag(name="Site")])


class ModePath(Strict):
    id: UUID


class NewMode(Strict):
    """Without `article` and `section` it is for the whole site. It needs an end: `hours` or `until`."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"mode": "everything_waits", "hours": 3, "article": "a-42"}}
    )

    mode: ModeName
    hours: Annotated[StrictInt | None, Field(ge=1, le=LONGEST.days * 24)] = None
    until: Annotated[Moment | None, Field(description=f"In the next {LONGEST.days} days")] = None
    article: ArticleId | None = None
    section: ShortLine | None = None
    regular_from: Annotated[
        StrictInt,
        Field(ge=1, le=MOST_REGULAR_FROM, description="Published comments from which an author is a regular"),
    ] = REGULAR_FROM
    minutes: Annotated[
        StrictInt, Field(ge=1, le=MOST_MINUTES, description="In which `slow` lets each reader send one comment")
    ] = SLOW_MINUTES


class Mode(BaseModel):
    """`until` is in the past once somebody ended it."""

    id: str
    mode: ModeName
    article: str | None
    section: str | None
    regular_from: int
    minutes: int
    began_at: datetime
    until: datetime


class Modes(BaseModel):
    """Those that hold now, in the order in which they began."""

    modes: list[Mode]


@site_modes.get("/site/modes", operation_id="getModes", responses={200: Modes, **responses.problems()})
@needs(Scope.MODERATE)
def get_modes() -> Response:
    """Read the modes for breaking news that hold now"""
    with gavel().database.read() as conn:
        modes = store.ending_after(conn, [current_key().site_id], utc_now())
    return views.reply(Modes(modes=_shown(modes)))


@site_modes.post(
    "/site/modes",
    operation_id="startMode",
    responses={201: Mode, **responses.problems(400, 404, 413, 415, 422)},
)
@needs(Scope.MODERATE)
def start_mode(body: NewMode) -> Response:
    """Put an article, a section or the site into a mode for breaking news

    `everything_waits`: a person reads every comment first. `regulars_only`: a person reads those of all but regulars.
    `slow`: each reader may send one comment in some minutes, then 429 `author-rate-limited`. `closed`: new comments get
    409 `article-closed`. It ends by itself, and takes the place of a mode that holds in the same place.
    """
    now = utc_now()
    wish = ModeWish(body.mode, _end(body, now), body.article, body.section, body.regular_from, body.minutes)
    mode = starting.start(gavel().database, current_key().site_id, wish, by=caller(), now=now)
    return views.reply(_shown([mode])[0], 201)


@site_modes.delete("/site/modes/<id>", operation_id="endMode", responses={200: Mode, **responses.problems(404, 422)})
@needs(Scope.MODERATE)
def end_mode(path: ModePath) -> Response:
    """End a mode for breaking news

    Also when repeated. Comments that came while it held go on waiting for a person.
    """
    ended = starting.end(gavel().database, current_key().site_id, str(path.id), by=caller(), now=utc_now())
    return views.reply(_shown([ended])[0])


def _end(body: NewMode, now: datetime) -> datetime:
    """Raises InvalidInput."""
    if body.hours is not None and body.until is None:
        return now + timedelta(hours=body.hours)
    if body.until is not None and body.hours is None:
        return body.until
    raise InvalidInput(FieldProblem("until", "a mode needs an end: either hours or until"))


def _shown(modes: Sequence[values.Mode]) -> list[Mode]:
    with gavel().database.read() as conn:
        names = store.article_names(conn, modes)
    return [
        Mode(
            id=mode.id,
            mode=mode.name,
            article=names[mode.article_id][0] if mode.article_id is not None else None,
            section=mode.section,
            regular_from=mode.regular_from,
            minutes=mode.minutes,
            began_at=mode.began_at,
            until=mode.ends_at,
        )
        for mode in modes
    ]
