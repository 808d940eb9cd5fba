"""How far a site trusts the scores in each language."""

from __future__ import annotations

from typing import Annotated

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import ConfigDict, Field

from moderation.people import sites
from moderation.people.keys import Scope
from moderation.site_settings.limits import MAX_LANGUAGE_CHARS, MAX_LANGUAGES
from moderation.site_settings.values import SiteSettings
from moderation.store import sites as store
from service.api import responses, views
from service.api.fields import Strict
from service.auth import caller, current_key, needs
from service.context import gavel, utc_now

site_languages = APIBlueprint("site_languages", __name__, url_prefix="/v1", abp_tags=[Tag(name="Site")])

Codes = list[Annotated[str, Field(max_length=MAX_LANGUAGE_CHARS)]]


class Languages(Strict):
    """ISO 639 codes in lower case, without region."""

    model_config = ConfigDict(json_schema_extra={"example": {"trusted_languages": ["fr"], "held_languages": ["tr"]}})

    trusted_languages: Annotated[
        Codes,
        Field(
            max_length=MAX_LANGUAGES,
            description="Their comments are published without a person, although the scores only advise there",
        ),
    ]
    held_languages: Annotated[Codes, Field(max_length=MAX_LANGUAGES, description="Their comments all go to a person")]


@site_languages.get("/site/languages", operation_id="getLanguages", responses={200: Languages, **responses.problems()})
@needs(Scope.MODERATE)
def get_languages() -> Response:
    """Read how far the site trusts the scores by language"""
    with gavel().database.read() as conn:
        return views.reply(_languages(store.get_site(conn, current_key().site_id).settings))


@site_languages.put(
    "/site/languages",
    operation_id="putLanguages",
    responses={200: Languages, **responses.problems(400, 413, 415, 422)},
)
@needs(Scope.MODERATE)
def put_languages(body: Languages) -> Response:
    """Set how far the site trusts the scores by language

    It holds from the next scored comment on. A language that no model knows goes to a person even if it is trusted.
    """
    changed = sites.change_settings(
        gavel().database,
        current_key().site_id,
        by=caller(),
        now=utc_now(),
        trusted_languages=tuple(body.trusted_languages),
        held_languages=tuple(body.held_languages),
    )
    return views.reply(_languages(changed.settings))


def _languages(settings: SiteSettings) -> Languages:
    return Languages(trusted_languages=list(settings.trusted_languages), held_languages=list(settings.held_languages))
