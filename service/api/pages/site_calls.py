"""The calls by which any page of a site reads: the newest comments, counts beside links, and the words of the box."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from moderation.ground.wording import sentences
from moderation.readers.pages import site_rows as store
from moderation.sites import own_texts
from service.api import responses
from service.api.fields import ArticleId, Language, Query, Strict
from service.api.pages import bodies, kept
from service.api.pages.admission import current_site
from service.auth import open_to_all
from service.context import gavel

MAX_COUNTED = 100
_LATER = (
    "problem_",
    "advice_",
    "report_",
    "reported",
    "receipt",
    "think_again",
    "notice_",
    "edit_until",
    "too_long",
    "moderate_",
)
A_WHILE, LONG = 30, 300  # seconds: counts and the newest; texts

site_pages = APIBlueprint("site_pages", __name__, url_prefix="/v1/pages", abp_tags=[Tag(name="Pages")])


class SitePath(Strict):
    site: Annotated[str, Field(description="The site's id")]


class NewestQuery(Query):
    limit: Annotated[int, Field(ge=1, le=50)] = 10


class CountsQuery(Query):
    article: Annotated[
        list[ArticleId], Field(min_length=1, max_length=MAX_COUNTED, description="Once for each article")
    ]


class TextsPart(StrEnum):
    """Three fifths of the words are for what few readers do: the box asks for them when it is drawn."""

    FIRST = "first"
    LATER = "later"


class TextsQuery(Query):
    language: Annotated[Language, Field(description="`de-AT` gets `de`; a language without texts gets English")] = "en"
    part: Annotated[
        TextsPart | None, Field(description="`first`: before anybody writes, reports or is refused; `later`: the rest")
    ] = None


@site_pages.get(
    "/<site>/newest",
    operation_id="listNewestOnPages",
    responses={200: bodies.NewestComments, **responses.open_problems(400, 404, 422)},
)
@open_to_all
def list_newest(path: SitePath, query: NewestQuery) -> Response:  # noqa: ARG001  (the framework checks the path)
    """List the newest comments of the site"""
    site = current_site()
    with gavel().database.read() as conn:
        versions = store.newest_versions(conn, site.id, limit=query.limit)
    tag = kept.tag_of(*versions)
    if answer := kept.unchanged(tag, seconds=A_WHILE):
        return answer
    with gavel().database.read() as conn:
        comments = store.newest(conn, [id for id, _version in versions])
    return kept.reply(bodies.NewestComments(comments=[_newest(comment) for comment in comments]), tag, seconds=A_WHILE)


@site_pages.get(
    "/<site>/counts",
    operation_id="countOnPages",
    responses={200: bodies.PageCounts, **responses.open_problems(400, 404, 422)},
)
@open_to_all
def count(path: SitePath, query: CountsQuery) -> Response:  # noqa: ARG001
    """Count the comments of up to 100 articles

    An article that Gavel does not know counts as 0. The address may have 8,000 characters: send long ids in parts.
    """
    with gavel().database.read() as conn:
        counts = store.counts(conn, current_site().id, query.article)
    tag = kept.tag_of(counts)
    return kept.unchanged(tag, seconds=A_WHILE) or kept.reply(bodies.PageCounts(counts=counts), tag, seconds=A_WHILE)


@site_pages.get(
    "/<site>/texts",
    operation_id="getBoxTexts",
    responses={200: bodies.BoxTexts, **responses.open_problems(400, 404, 422)},
)
@open_to_all
def get_texts(path: SitePath, query: TextsQuery) -> Response:  # noqa: ARG001
    """Read the words of the comment box

    By code, with those that the site words itself. Words in braces are filled in by the box.
    """
    language = sentences.nearest(query.language)
    ours = sentences.of_box(language)
    own = own_texts.of(gavel().database, current_site().id, language)
    words = of_part(query.part, ours | {id: text for id, text in own.items() if id in ours})
    tag = kept.tag_of(words)
    answer = bodies.BoxTexts(language=language, texts=words)
    return kept.unchanged(tag, seconds=LONG) or kept.reply(answer, tag, seconds=LONG)


def of_part(part: TextsPart | None, texts: Mapping[str, str]) -> dict[str, str]:
    """All without a part."""
    is_late = part is TextsPart.LATER
    return {id: text for id, text in texts.items() if part is None or id.startswith(_LATER) == is_late}


def _newest(comment: store.Newest) -> bodies.NewestComment:
    return bodies.NewestComment(
        id=comment.external_id,
        article=bodies.NewestArticle(
            id=comment.article_external_id, title=comment.article_title, url=comment.article_url
        ),
        text=comment.text,
        author=bodies.PageAuthor(name=comment.author_name, staff=comment.is_staff),
        posted_at=comment.posted_at,
        featured=comment.is_featured,
    )
