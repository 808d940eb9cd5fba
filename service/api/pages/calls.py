"""The calls by which a page reads an article's comments: nothing but what every reader sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from flask import Response, url_for
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field
from sqlalchemy.engine import Connection

from moderation.ground.errors import NotFound
from moderation.pipeline.arriving.comment_text import MAX_CHARS
from moderation.readers.pages import article_rows
from moderation.readers.pages import line_rows as lines
from moderation.readers.pages import page_rows as store
from moderation.readers.pages import thread_rows as threads
from moderation.readers.pages.page_rows import PageOrder, PageThread, ShownArticle
from moderation.readers.reports import reasons
from service.api import responses
from service.api.comments import listing
from service.api.fields import ArticleId, Query, SiteOwnId, Strict
from service.api.pages import bodies, kept, shown
from service.api.pages.admission import current_site
from service.auth import open_to_all
from service.context import gavel, utc_now

MAX_LOOKED_AT = 100
MOST_PICKS = 50

pages = APIBlueprint("pages", __name__, url_prefix="/v1/pages", abp_tags=[Tag(name="Pages")])


class PagePath(Strict):
    site: Annotated[str, Field(description="The site's id")]
    article: ArticleId


class PageQuery(Query):
    order: PageOrder = PageOrder.NEWEST
    limit: Annotated[int, Field(ge=1, le=50)] = 20
    replies: Annotated[int, Field(ge=0, le=10, description="Below each comment")] = 3
    after: listing.After = None


class ShownQuery(Query):
    id: Annotated[
        list[SiteOwnId],
        Field(default_factory=list, max_length=MAX_LOOKED_AT, description="Of comments on an open page, once for each"),
    ]


class PageCommentPath(PagePath):
    id: SiteOwnId


class RepliesQuery(Query):
    after: listing.After = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20


@pages.get(
    "/<site>/articles/<article>",
    operation_id="getArticlePage",
    responses={200: bodies.ArticlePage, **responses.open_problems(400, 404, 422)},
)
@open_to_all
def get_article_page(path: PagePath, query: PageQuery) -> Response:
    """Read a page of an article's comments

    Threads in an order, each with its first replies. An article that Gavel does not know yet has none, and is open.
    """
    with gavel().database.read() as conn:
        article = _find(conn, path)
        version = version_of(article)
        if answer := kept.unchanged(version):
            return answer
        threads = _threads(conn, article, query) if article else []
        picks = _picks(conn, article)
    page = threads[: query.limit]
    following = store.cursor_below(page[-1], query.order) if len(threads) > query.limit else None
    return kept.reply(_page(path, article, version, picks, page, query.order, following), version)


@pages.get(
    "/<site>/articles/<article>/version",
    operation_id="getArticleVersion",
    responses={200: bodies.ArticleVersion, **responses.open_problems(400, 404, 422)},
)
@open_to_all
def get_version(path: PagePath) -> Response:
    """Ask whether an article's comments have changed

    The cheap call for open pages: `version` is another one after any change that readers see.
    """
    with gavel().database.read() as conn:
        article = _find(conn, path)
    version = version_of(article)
    if answer := kept.unchanged(version):
        return answer
    return kept.reply(bodies.ArticleVersion(version=version, comments=article.comments if article else 0), version)


@pages.get(
    "/<site>/articles/<article>/shown",
    operation_id="listShownOnPage",
    responses={200: bodies.ShownNow, **responses.open_problems(400, 404, 422)},
)
@open_to_all
def list_shown(path: PagePath, query: ShownQuery) -> Response:
    """Ask which of up to 100 comments are still shown

    For an open page, once `version` is another one: comments that are missing were taken down, and those with another
    mark were edited or picked. It also says whether the article is open and how many comments it has.
    """
    with gavel().database.read() as conn:
        article = _find(conn, path)
        version = version_of(article)
        if answer := kept.unchanged(version):
            return answer
        marks = lines.marks(conn, current_site().id, article.id, query.id) if article else {}
        picks = _picks(conn, article)
    now = bodies.ShownNow(
        article=shown.article_shown(path.article, article, picks, current_site().mode_of(article, utc_now())),
        version=version,
        shown={id: bodies.ShownMark(edited_at=mark.edited_at, featured=mark.is_featured) for id, mark in marks.items()},
    )
    return kept.reply(now, version)


@pages.get(
    "/<site>/articles/<article>/picks",
    operation_id="listPicksOnPage",
    responses={200: bodies.Picks, **responses.open_problems(400, 404, 422)},
)
@open_to_all
def list_picks(path: PagePath) -> Response:
    """List an article's editor's picks

    Up to 50, the newest first, wherever in its threads they are.
    """
    with gavel().database.read() as conn:
        article = _find(conn, path)
        version = version_of(article)
        if answer := kept.unchanged(version):
            return answer
        picked = article_rows.picked(conn, article.id, limit=MOST_PICKS) if article else []
    return kept.reply(bodies.Picks(version=version, picks=[shown.reply_shown(line) for line in picked]), version)


@pages.get(
    "/<site>/articles/<article>/comments/<id>",
    operation_id="getCommentOnPage",
    responses={200: bodies.ArticlePage, **responses.open_problems(400, 404, 422)},
)
@open_to_all
def get_comment(path: PageCommentPath) -> Response:
    """Read one comment in its thread

    For a link to a comment: a page with the thread alone, and of its replies those around the comment.
    """
    with gavel().database.read() as conn:
        article = _known(conn, path)
        version = version_of(article)
        if answer := kept.unchanged(version):
            return answer
        thread = threads.around(conn, current_site().id, article.id, path.id)
        picks = _picks(conn, article)
    if thread is None:
        raise NotFound("comment", path.id)
    return kept.reply(_page(path, article, version, picks, [thread], PageOrder.OLDEST, None), version)


@pages.get(
    "/<site>/articles/<article>/comments/<id>/replies",
    operation_id="listRepliesOnPage",
    responses={200: bodies.ReplyPage, **responses.open_problems(400, 404, 422)},
)
@open_to_all
def list_replies(path: PageCommentPath, query: RepliesQuery) -> Response:
    """List the replies of a thread

    All below the comment that began it, the oldest first. `id` may be that comment or any of its replies.
    """
    with gavel().database.read() as conn:
        article = _known(conn, path)
        version = version_of(article)
        if answer := kept.unchanged(version):
            return answer
        try:
            page = threads.replies(conn, current_site().id, article.id, path.id, after=query.after, limit=query.limit)
        except ValueError as e:
            raise listing.not_a_cursor() from e
    if page is None:
        raise NotFound("comment", path.id)
    lines, following = page
    return kept.reply(
        bodies.ReplyPage(version=version, replies=[shown.reply_shown(line) for line in lines], next=following), version
    )


def _find(conn: Connection, path: PagePath) -> ShownArticle | None:
    return store.find_article(conn, current_site().id, path.article)


def _known(conn: Connection, path: PagePath) -> ShownArticle:
    article = _find(conn, path)
    if article is None:
        raise NotFound("article", path.article)
    return article


def _picks(conn: Connection, article: ShownArticle | None) -> int:
    return store.picks(conn, article.id) if article else 0


def _page(
    path: PagePath,
    article: ShownArticle | None,
    version: str,
    picks: int,
    threads: Sequence[PageThread],
    order: PageOrder,
    following: str | None,
) -> bodies.ArticlePage:
    return bodies.ArticlePage(
        article=shown.article_shown(path.article, article, picks, current_site().mode_of(article, utc_now())),
        order=order,
        version=version,
        edit_minutes=current_site().edit_minutes,
        longest=MAX_CHARS,
        report_reasons=list(reasons.LISTED),
        links=current_site().has_links,
        rules=url_for("embed.show_rules", site=current_site().id, language="")
        if current_site().has_rules_page
        else None,
        comments=[shown.thread_shown(thread) for thread in threads],
        next=following,
    )


def version_of(article: ShownArticle | None) -> str:
    """Another one for anything that readers see of the article."""
    mode = current_site().mode_of(article, utc_now())
    if article is None:
        return kept.tag_of(current_site().digest, mode)
    return kept.tag_of(current_site().digest, article.version, article.updated_at, article.state, mode)


def _threads(conn: Connection, article: ShownArticle, query: PageQuery) -> list[PageThread]:
    """One more than are shown, where there are more. Raises InvalidInput for a cursor that is none."""
    try:
        return store.threads(
            conn, article.id, query.order, after=query.after, limit=query.limit + 1, replies=query.replies
        )
    except ValueError as e:
        raise listing.not_a_cursor() from e
