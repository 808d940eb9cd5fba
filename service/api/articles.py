"""Articles: their descriptions, and the comments that a site can show under them."""

from __future__ import annotations

from typing import Annotated

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field

from moderation.moderators.finding import list_rows as lists
from moderation.moderators.finding.list_rows import CommentsWanted
from moderation.sites.keys import Scope
from moderation.spine.articles import rows as store
from moderation.spine.articles import states as article_states
from service.api import responses, views
from service.api.comments import listing
from service.api.fields import ArticleId, Query, Strict
from service.api.schemas import article_schemas, comment_schemas, reading_schemas
from service.auth import caller, current_key, needs
from service.context import gavel, utc_now

MAX_IN_ADDRESS = 50  # ids: 50 long ones still fit into an address that proxies accept
MAX_STATES = 1_000

articles = APIBlueprint("articles", __name__, url_prefix="/v1", abp_tags=[Tag(name="Articles")])


class ArticlePath(Strict):
    id: ArticleId


class ArticleCountsQuery(Query):
    id: Annotated[list[ArticleId], Field(min_length=1, max_length=MAX_IN_ADDRESS, description="Once for each article")]


class StateQuery(Query):
    after: listing.After = None
    limit: Annotated[int, Field(ge=1, le=MAX_STATES)] = MAX_STATES


@articles.put(
    "/articles/<id>",
    operation_id="putArticle",
    responses={200: article_schemas.Article, 201: article_schemas.Article, **responses.problems(400, 413, 415, 422)},
)
@needs(Scope.POST)
def put_article(path: ArticlePath, body: article_schemas.NewArticle) -> Response:
    """Describe an article

    201 for a new article, 200 if this replaces an earlier description. Gavel compares comments with the title, summary,
    text, section and tags. `state` decides whether the article accepts comments (`open`), sends each one to a person
    (`premoderated`) or accepts none (`closed`). Where the desk has set another state, that one stays and is in the
    answer, until you send a state that differs from your last one.
    """
    values, now = {**body.model_dump(), "tags": list(body.tags)}, utc_now()
    described = article_states.describe(gavel().database, current_key().site_id, path.id, values, by=caller(), now=now)
    with gavel().database.read() as conn:
        shown = views.article(conn, described.article, now)
    return views.reply(shown, 201 if described.is_new else 200)


@articles.get(
    "/articles/<id>",
    operation_id="getArticle",
    responses={200: article_schemas.Article, **responses.problems(404, 422)},
)
@needs(Scope.READ)
def get_article(path: ArticlePath) -> Response:
    """Read an article

    `mode` is the strictest mode for breaking news that holds for it now: tell your readers.
    """
    with gavel().database.read() as conn:
        article = store.get_article(conn, current_key().site_id, path.id)
        return views.reply(views.article(conn, article, utc_now()))


@articles.get(
    "/articles/<id>/comments",
    operation_id="listComments",
    responses={200: comment_schemas.CommentPage, **responses.problems(422)},
)
@needs(Scope.READ, public=True)
def list_comments(path: ArticlePath, query: listing.ArticleQuery) -> Response:
    """List an article's comments

    Oldest first unless `order` says otherwise, and only published comments unless `status` says otherwise. `next` is
    null on the last page. An article without a description and comments has an empty list.
    """
    listing.check_public(query.status)
    article_id = _known(path.id)
    if article_id is None:
        return views.reply(comment_schemas.CommentPage(comments=[], next=None))
    wanted = CommentsWanted(current_key().site_id, query.status, article_id=article_id, featured=query.featured)
    return listing.answer(wanted, query.order, after=query.after, limit=query.limit)


@articles.get(
    "/articles/<id>/state",
    operation_id="getArticleState",
    responses={200: reading_schemas.StatePage, **responses.problems(422)},
)
@needs(Scope.READ)
def get_state(path: ArticlePath, query: StateQuery) -> Response:
    """List the versions of an article's comments

    For a site that compares its copy with Gavel: every comment in every status, oldest first, without its text.
    """
    article_id = _known(path.id)
    if article_id is None:
        return views.reply(reading_schemas.StatePage(comments=[], next=None))
    try:
        with gavel().database.read() as conn:
            states = lists.states(conn, article_id, after=query.after, limit=query.limit + 1)
    except ValueError as e:
        raise listing.not_a_cursor() from e
    page = states[: query.limit]
    shown = [reading_schemas.CommentState(id=s.external_id, version=s.version, status=s.status) for s in page]
    return views.reply(
        reading_schemas.StatePage(comments=shown, next=page[-1].cursor if len(states) > query.limit else None)
    )


@articles.get(
    "/articles:counts", operation_id="countComments", responses={200: reading_schemas.Counts, **responses.problems(422)}
)
@needs(Scope.READ, public=True)
def count_comments(query: ArticleCountsQuery) -> Response:
    """Count the published comments of up to 50 articles

    Send `id` once for each article. An article without a description and comments counts as 0.
    """
    return _counts(query.id)


@articles.post(
    "/articles:counts",
    operation_id="countManyComments",
    responses={200: reading_schemas.Counts, **responses.problems(400, 413, 415, 422)},
)
@needs(Scope.READ, public=True)
def count_many_comments(body: reading_schemas.CountedArticles) -> Response:
    """Count the published comments of up to 500 articles

    For more articles than fit into an address. It changes nothing.
    """
    return _counts(body.ids)


def _known(external_id: str) -> str | None:
    """Our id of the article, if the site has ever named it."""
    with gavel().database.read() as conn:
        article = store.find_article(conn, current_key().site_id, external_id)
    return article.id if article else None


def _counts(ids: list[str]) -> Response:
    with gavel().database.read() as conn:
        return views.reply(reading_schemas.Counts(counts=lists.published_counts(conn, current_key().site_id, ids)))
