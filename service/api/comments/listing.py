"""The parameters that all lists of comments take, and the page that they answer with."""

from __future__ import annotations

from typing import Annotated, Literal

from flask import Response
from pydantic import Field

from moderation.ground.errors import FieldProblem, InvalidInput, NotAllowed
from moderation.ground.values.statuses import CommentStatus
from moderation.moderators.finding import list_rows as lists
from moderation.moderators.finding.list_rows import CommentsWanted, ListOrder
from moderation.spine.articles import rows as articles
from service import auth
from service.api import views
from service.api.fields import ArticleId, Moment, PersonId, Query
from service.api.schemas import comment_schemas
from service.context import gavel

MAX_PAGE = 200

ByTime = Literal["oldest", "newest"]
After = Annotated[str | None, Field(description="`next` of the previous page", max_length=100)]
Limit = Annotated[int, Field(ge=1, le=MAX_PAGE)]


class ArticleQuery(Query):
    """A list of one article."""

    status: CommentStatus = CommentStatus.PUBLISHED
    order: Annotated[
        ListOrder, Field(description="`most_replied` is by published replies, and among equals the newest first")
    ] = ListOrder.OLDEST
    featured: Annotated[bool | None, Field(description="Only editor's picks, or with `false` only the others")] = None
    after: After = None
    limit: Limit = 50


class ListedRepliesQuery(Query):
    """A list of one comment's replies."""

    status: CommentStatus = CommentStatus.PUBLISHED
    order: ByTime = "oldest"
    after: After = None
    limit: Limit = 50


class SiteQuery(Query):
    """A list over the whole site."""

    status: CommentStatus | None = None
    article: Annotated[ArticleId | None, Field(description="The site's id of an article")] = None
    author: Annotated[PersonId | None, Field(description="The site's id of a reader")] = None
    since: Annotated[Moment | None, Field(description="The earliest `posted_at`")] = None
    featured: Annotated[bool | None, Field(description="Only editor's picks, or with `false` only the others")] = None
    order: ByTime = "oldest"
    after: After = None
    limit: Limit = 50


def answer(wanted: CommentsWanted, order: ListOrder, *, after: str | None, limit: int) -> Response:
    shown, following = found(wanted, order, after=after, limit=limit)
    return views.reply(comment_schemas.CommentPage(comments=shown, next=following))


def found(
    wanted: CommentsWanted, order: ListOrder, *, after: str | None, limit: int
) -> tuple[list[comment_schemas.ListedComment], str | None]:
    """The page's comments and the cursor of the next one. Raises InvalidInput for a cursor that is none."""
    try:
        with gavel().database.read() as conn:
            page = lists.page(conn, wanted, order, after=after, limit=limit + 1)
    except ValueError as e:
        raise not_a_cursor() from e
    following = lists.cursor_of(page[limit - 1], order) if len(page) > limit else None
    return [views.listed_comment(listed) for listed in page[:limit]], following


def not_a_cursor() -> InvalidInput:
    return InvalidInput(FieldProblem("after", "must be the `next` of a page"))


def check_public(status: CommentStatus) -> None:
    """A key for browsers reads what readers see anyway. Raises NotAllowed."""
    if auth.reads_only_what_is_public() and status is not CommentStatus.PUBLISHED:
        raise NotAllowed("a key with the scope public lists published comments only")


def of_site(query: SiteQuery) -> CommentsWanted | None:
    """None where nothing can be found: the site never named the article or the author."""
    site_id = auth.current_key().site_id
    with gavel().database.read() as conn:
        article = articles.find_article(conn, site_id, query.article) if query.article else None
        author = articles.find_author(conn, site_id, query.author) if query.author else None
    if (query.article and article is None) or (query.author and author is None):
        return None
    return CommentsWanted(
        site_id,
        query.status,
        article_id=article.id if article else None,
        author_id=author.id if author else None,
        since=query.since,
        featured=query.featured,
    )
