"""How far a site trusts the scores in each language."""

from __future__ import annotations

from typing import Annotated

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import ConfigDict, Field

from moderation.sites.keys import Scope
from moderation.sites.settings.limits import MAX_LANGUAGE_CHARS, MAX_LANGUAGES
from moderation.sites.settings.values import SiteSettings
from service.api import responses, views
from service.api.fields import Strict
from service.api.sites import own_settings
from service.auth import needs

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
    return views.reply(_languages(own_settings.read()))


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
    changed = own_settings.change(
        trusted_languages=tuple(body.trusted_languages), held_languages=tuple(body.held_languages)
    )
    return views.reply(_languages(changed))


def _languages(settings: SiteSettings) -> Languages:
    return Languages(trusted_languages=list(settings.trusted_languages), held_languages=list(settings.held_languages))
