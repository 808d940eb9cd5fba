"""Articles: their descriptions, and the comments that a site can show under them."""

from __future__ import annotations

from typing import Annotated

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from moderation.deciding import article_states
from moderation.errors import FieldProblem, InvalidInput
from moderation.model import CommentStatus
from moderation.people.keys import Scope
from moderation.store import articles as store
from moderation.store import comments
from service.api import responses, schemas, views
from service.api.fields import Query, SiteOwnId, Strict
from service.auth import caller, current_key, needs
from service.context import gavel, utc_now

articles = APIBlueprint("articles", __name__, url_prefix="/v1", abp_tags=[Tag(name="Articles")])


class ArticlePath(Strict):
    id: SiteOwnId


class PageQuery(Query):
    status: CommentStatus = CommentStatus.PUBLISHED
    after: Annotated[str | None, Field(description="`next` of the previous page", max_length=100)] = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


@articles.put(
    "/articles/<id>",
    operation_id="putArticle",
    responses={200: schemas.Article, 201: schemas.Article, **responses.problems(400, 413, 415, 422)},
)
@needs(Scope.POST)
def put_article(path: ArticlePath, body: schemas.NewArticle) -> Response:
    """Describe an article

    201 for a new article, 200 if this replaces an earlier description. Gavel compares comments with the title, summary,
    text, section and tags. `state` decides whether the article accepts comments (`open`), sends each one to a person
    (`premoderated`) or accepts none (`closed`).
    """
    values = {**body.model_dump(), "tags": list(body.tags)}
    described = article_states.describe(
        gavel().database, current_key().site_id, path.id, values, by=caller(), now=utc_now()
    )
    return views.reply(views.article(described.article), 201 if described.is_new else 200)


@articles.get(
    "/articles/<id>", operation_id="getArticle", responses={200: schemas.Article, **responses.problems(404, 422)}
)
@needs(Scope.READ)
def get_article(path: ArticlePath) -> Response:
    """Read an article"""
    with gavel().database.read() as conn:
        return views.reply(views.article(store.get_article(conn, current_key().site_id, path.id)))


@articles.get(
    "/articles/<id>/comments",
    operation_id="listComments",
    responses={200: schemas.CommentPage, **responses.problems(404, 422)},
)
@needs(Scope.READ)
def list_comments(path: ArticlePath, query: PageQuery) -> Response:
    """List an article's comments

    Oldest first, and only published comments unless `status` says otherwise. `next` is null on the last page.
    """
    with gavel().database.read() as conn:
        article = store.get_article(conn, current_key().site_id, path.id)
        try:
            found = comments.list_for_article(conn, article.id, query.status, after=query.after, limit=query.limit + 1)
        except ValueError as e:
            raise InvalidInput(FieldProblem("after", "must be the `next` of a page")) from e
    page = found[: query.limit]
    more = len(found) > query.limit
    shown = [views.listed_comment(listed) for listed in page]
    return views.reply(schemas.CommentPage(comments=shown, next=page[-1].cursor if more else None))
