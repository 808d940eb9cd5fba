"""Limits on access to a site: how fast one reader may write, and which pages may read public comments."""

from __future__ import annotations

from typing import Annotated

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import ConfigDict, Field, StrictInt

from moderation.sites.keys import Scope
from moderation.sites.settings.limits import MAX_COMMENTS_PER_MINUTE, MAX_EDIT_MINUTES, MAX_ORIGIN_CHARS, MAX_ORIGINS
from moderation.sites.settings.values import SiteSettings
from service.api import responses, views
from service.api.fields import Strict
from service.api.sites import own_settings
from service.auth import needs

site_access = APIBlueprint("site_access", __name__, url_prefix="/v1", abp_tags=[Tag(name="Site")])


class AuthorLimits(Strict):
    """How fast one reader may write."""

    model_config = ConfigDict(json_schema_extra={"example": {"comments_per_author_per_minute": 5}})

    comments_per_author_per_minute: Annotated[
        StrictInt | None,
        Field(ge=1, le=MAX_COMMENTS_PER_MINUTE, description="New comments; null limits nobody"),
    ]
    reader_edit_minutes: Annotated[
        StrictInt | None,
        Field(ge=0, le=MAX_EDIT_MINUTES, description="In which a signed reader may edit; left out, it stays as it is"),
    ] = None


class Origins(Strict):
    """The origins whose pages may read what is public, with a key for browsers."""

    model_config = ConfigDict(json_schema_extra={"example": {"origins": ["https://news.example"]}})

    origins: Annotated[
        list[Annotated[str, Field(max_length=MAX_ORIGIN_CHARS)]],
        Field(max_length=MAX_ORIGINS, description="Each as browsers send it: scheme, host, and a port unless usual"),
    ]


@site_access.get(
    "/site/author-limits", operation_id="getAuthorLimits", responses={200: AuthorLimits, **responses.problems()}
)
@needs(Scope.MODERATE)
def get_author_limits() -> Response:
    """Read how fast one reader may write"""
    return views.reply(_author_limits(own_settings.read()))


@site_access.put(
    "/site/author-limits",
    operation_id="putAuthorLimits",
    responses={200: AuthorLimits, **responses.problems(400, 413, 415, 422)},
)
@needs(Scope.MODERATE)
def put_author_limits(body: AuthorLimits) -> Response:
    """Set how fast one reader may write

    It holds from the next comment on. Batches are not counted.
    """
    minutes = body.reader_edit_minutes
    changes = {} if minutes is None else {"reader_edit_minutes": minutes}
    per_minute = body.comments_per_author_per_minute
    return views.reply(_author_limits(own_settings.change(comments_per_author_per_minute=per_minute, **changes)))


@site_access.get("/site/origins", operation_id="getOrigins", responses={200: Origins, **responses.problems()})
@needs(Scope.MODERATE)
def get_origins() -> Response:
    """Read which pages may read what is public"""
    return views.reply(_origins(own_settings.read()))


@site_access.put(
    "/site/origins", operation_id="putOrigins", responses={200: Origins, **responses.problems(400, 413, 415, 422)}
)
@needs(Scope.MODERATE)
def put_origins(body: Origins) -> Response:
    """Set which pages may read what is public

    Browsers hear of it within five seconds.
    """
    return views.reply(_origins(own_settings.change(origins=tuple(body.origins))))


def _author_limits(settings: SiteSettings) -> AuthorLimits:
    return AuthorLimits(
        comments_per_author_per_minute=settings.comments_per_author_per_minute,
        reader_edit_minutes=settings.reader_edit_minutes,
    )


def _origins(settings: SiteSettings) -> Origins:
    return Origins(origins=list(settings.origins))
