"""The sentences to readers that the site words itself."""

from __future__ import annotations

from typing import Annotated

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from moderation.ground.wording import sentences
from moderation.sites import own_text_problems as problems
from moderation.sites import own_texts as store
from moderation.sites.keys import Scope
from service.api import responses, views
from service.api.fields import Language, Query, Strict, without_controls
from service.auth import caller, current_key, needs
from service.context import gavel, utc_now

site_texts = APIBlueprint("site_texts", __name__, url_prefix="/v1", abp_tags=[Tag(name="Site")])

Text = Annotated[str, StringConstraints(min_length=1, max_length=problems.MAX_CHARS), AfterValidator(without_controls)]


class SiteTextsQuery(Query):
    language: Annotated[Language, Field(description="One that the box speaks, such as `de`")]


class SiteTexts(Strict):
    """Texts to readers in one language, by id. All others stay as they come with Gavel."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"language": "en", "texts": {"write_first": "Be the first to write"}}}
    )

    language: Language
    texts: Annotated[dict[str, Text], Field(description="Replaces all of this language: `{}` goes back to ours")]


class KnownTexts(BaseModel):
    """The site's own texts in one language, and ours."""

    language: str
    texts: dict[str, str]
    ours: dict[str, str]
    kept: Annotated[list[str], Field(description="Ids of sentences that keep the law: a text may only add to ours")]


@site_texts.get("/site/texts", operation_id="getSiteTexts", responses={200: KnownTexts, **responses.problems(422)})
@needs(Scope.MODERATE)
def get_site_texts(query: SiteTextsQuery) -> Response:
    """Read the texts to readers in one language"""
    problems.check(query.language, {})
    return _shown(query.language)


@site_texts.put(
    "/site/texts",
    operation_id="putSiteTexts",
    responses={200: KnownTexts, **responses.problems(400, 413, 415, 422)},
)
@needs(Scope.MODERATE)
def put_site_texts(body: SiteTexts) -> Response:
    """Word texts to readers yourself

    Each id must be one of ours. A text may use the placeholders of ours, such as `{until}`; those of letters and
    messages must stay. A sentence by which the law is kept must stay in it word for word.
    """
    store.put(gavel().database, current_key().site_id, body.language, body.texts, by=caller(), now=utc_now())
    return _shown(body.language)


def _shown(language: str) -> Response:
    own = store.of(gavel().database, current_key().site_id, language)
    ours, kept = sentences.of_sites(language), sorted(problems.KEPT)
    return views.reply(KnownTexts(language=language, texts=dict(own), ours=ours, kept=kept))
