"""The calls of a page for the reader whom its site's server has signed: whether they may comment, their own comments
and reports; ``redress`` has their appeals. Nobody else's comment can be changed here, and no signal or limit shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import Field
from sqlalchemy.engine import Connection

from moderation.ground.values.statuses import CommentStatus
from moderation.moderators.finding import list_rows as lists
from moderation.moderators.finding.list_rows import CommentsWanted, ListOrder
from moderation.moderators.review import signed_moderators
from moderation.pipeline.arriving import by_reader as rights
from moderation.pipeline.arriving import intake
from moderation.pipeline.arriving.page_articles import CommentedPage
from moderation.pipeline.arriving.submission import Submission
from moderation.readers.reports.reporting import Report
from moderation.sites import rows as sites
from moderation.spine.articles import rows as articles
from moderation.spine.comments import rows as comments
from moderation.spine.comments.rows import Listed
from service.api import responses, views
from service.api.comments import held, listing
from service.api.comments.held import StoredComment
from service.api.fields import ArticleId, Query, SiteOwnId, Strict
from service.api.notices.calls import receipt
from service.api.readers import bodies, statement_paths
from service.api.readers.admission import by_reader, current_reader
from service.api.schemas import submission_schemas
from service.api.schemas.measure_schemas import AuthorMessage
from service.context import gavel, utc_now
from service.web import webhook_notices

reader = APIBlueprint("reader", __name__, url_prefix="/v1/reader", abp_tags=[Tag(name="Readers")])


class OwnCommentPath(Strict):
    id: SiteOwnId


class OwnQuery(Query):
    """A list of the reader's own comments."""

    article: Annotated[ArticleId | None, Field(description="The site's id of an article")] = None
    after: listing.After = None
    limit: listing.Limit = 50


@reader.get("", operation_id="getReader", responses={200: bodies.Reader, **responses.problems()})
@by_reader
def get_reader() -> Response:
    """Read whether the reader may comment

    For the reader of the token. `until` and `message` are about a suspension or a ban.
    """
    who, now = current_reader(), utc_now()
    permission = rights.may_comment(gavel().database, who.site_id, who.id, now=now)
    with gavel().database.read() as conn:
        moderator = signed_moderators.find(conn, who.site_id, who.moderator)
        minutes = _edit_minutes(conn, who.site_id)
    return views.reply(
        bodies.Reader(
            id=who.id,
            name=who.name,
            staff=who.is_staff or False,
            moderates=moderator is not None,
            may_comment=permission.may,
            until=permission.until,
            message=AuthorMessage(**permission.message) if permission.message else None,
            statement_path=permission.statement_path,
            edit_minutes=minutes,
            token_until=who.until,
        )
    )


@reader.get("/comments", operation_id="listOwnComments", responses={200: bodies.OwnComments, **responses.problems(422)})
@by_reader
def list_own_comments(query: OwnQuery) -> Response:
    """List the reader's own comments

    In every status, newest first.
    """
    who = current_reader()
    with gavel().database.read() as conn:
        author = articles.find_author(conn, who.site_id, who.id)
        article = articles.find_article(conn, who.site_id, query.article) if query.article else None
    if author is None or (query.article and article is None):
        return views.reply(bodies.OwnComments(comments=[], next=None))
    wanted = CommentsWanted(who.site_id, author_id=author.id, article_id=article.id if article else None)
    try:
        with gavel().database.read() as conn:
            page = lists.page(conn, wanted, ListOrder.NEWEST, after=query.after, limit=query.limit + 1)
    except ValueError as e:
        raise listing.not_a_cursor() from e
    shown = page[: query.limit]
    following = lists.cursor_of(shown[-1], ListOrder.NEWEST) if len(page) > query.limit else None
    return views.reply(bodies.OwnComments(comments=_own(shown), next=following))


@reader.post(
    "/comments",
    operation_id="postAsReader",
    responses={
        200: bodies.OwnComment,
        202: bodies.OwnComment,
        **responses.problems(400, 404, 409, 413, 415, 422, 503),
    },
)
@by_reader
def post_comment(body: bodies.NewOwnComment) -> Response:
    """Post a comment as the reader

    The name and the facts about the author come from the token. The answer is 202 while the comment waits, and
    `Prefer: wait=3` works as for a site's own call. A reader who is suspended or banned gets 403 `author-suspended`.
    """
    who = current_reader()
    wish = Submission(
        article_id=body.article_id,
        author_id=who.id,
        text=body.text,
        id=str(body.id) if body.id else None,
        author_name=who.name,
        parent_id=body.parent_id,
        language=body.language,
        author_registered_at=who.registered_at,
        author_email_domain=who.email_domain,
        author_is_staff=who.is_staff,
        typed_s=body.typed_s,
    )
    page = CommentedPage(body.article_url, body.article_title) if body.article_url else None
    return _answer(held.submit(who.site_id, rights.checked(gavel().database, who.site_id, wish, page, now=utc_now())))


@reader.patch(
    "/comments/<id>",
    operation_id="editOwnComment",
    responses={
        200: bodies.OwnComment,
        202: bodies.OwnComment,
        **responses.problems(400, 404, 409, 413, 415, 422),
    },
)
@by_reader
def edit_comment(path: OwnCommentPath, body: submission_schemas.Edit) -> Response:
    """Edit the reader's own comment

    Within the site's `reader_edit_minutes`, after that 409 `edit-time-over`. The new text waits for a decision.
    """
    who = current_reader()
    rights.check_edit(gavel().database, who.site_id, who.id, path.id, now=utc_now())
    return _answer(held.edit(who.site_id, path.id, body.text, body.version))


@reader.delete(
    "/comments/<id>",
    operation_id="withdrawOwnComment",
    responses={200: bodies.OwnComment, **responses.problems(404, 422)},
)
@by_reader
def withdraw_comment(path: OwnCommentPath) -> Response:
    """Withdraw the reader's own comment for good

    Also for a reader who is suspended or banned. Withdrawing it again is no error.
    """
    who = current_reader()
    with gavel().database.read() as conn:
        rights.own(conn, who.site_id, who.id, path.id)
    intake.withdraw(gavel().database, who.site_id, path.id, now=utc_now())
    webhook_notices.tell(who.site_id)
    return views.reply(_own([_listed(path.id)])[0])


@reader.post(
    "/reports",
    operation_id="reportAsReader",
    responses={
        200: bodies.ReportCounted,
        201: bodies.ReportCounted,
        **responses.problems(400, 404, 409, 413, 415, 422),
    },
)
@by_reader
def report_comment(body: bodies.OwnReport) -> Response:
    """Report a published comment as the reader

    201 for the first report, 200 if this reader had reported the comment before. With the reason `illegal` and a
    `notice` it is a notice of illegal content (Regulation (EU) 2022/2065, Article 16): the comment goes to a person,
    and the answer has the receipt. Readers who may not comment may give one, too.
    """
    who = current_reader()
    report = Report(who.id, body.reason, body.note)
    if body.notice is not None:
        new = body.notice.new(body.comment_id, reader_id=who.id)
        counted, given = rights.give_notice(gavel().database, who.site_id, report, new, now=utc_now())
        webhook_notices.tell(who.site_id)
        shown = bodies.ReportCounted(counted=counted, notice=receipt(given.notice, given.path))
        return views.reply(shown, 201 if given.is_new else 200)
    is_new = rights.report(gavel().database, who.site_id, body.comment_id, report, now=utc_now())
    if is_new:
        webhook_notices.tell(who.site_id)
    return views.reply(bodies.ReportCounted(counted=is_new), 201 if is_new else 200)


def _answer(kept: StoredComment) -> Response:
    listed = _listed(kept.comment.external_id)
    status = 202 if listed.comment.status is CommentStatus.WAITING else 200
    return views.reply(_own([listed])[0], status, kept.headers)


def _listed(external_id: str) -> Listed:
    with gavel().database.read() as conn:
        return comments.get_listed(conn, current_reader().site_id, external_id)


def _edit_minutes(conn: Connection, site_id: str) -> int:
    return sites.get_site(conn, site_id).settings.reader_edit_minutes


def _own(listed: Sequence[Listed]) -> list[bodies.OwnComment]:
    site_id, now = current_reader().site_id, utc_now()
    with gavel().database.read() as conn:
        minutes = _edit_minutes(conn, site_id)
        paths = statement_paths.paths(conn, site_id, listed, now=now)
    return [_shown(comment, rights.editable_until(comment, minutes, now=now), paths) for comment in listed]


def _shown(listed: Listed, editable_until: datetime | None, paths: Mapping[str, str]) -> bodies.OwnComment:
    comment = listed.comment
    return bodies.OwnComment(
        id=comment.external_id,
        article_id=listed.article_external_id,
        parent_id=listed.parent_external_id,
        text=comment.text,
        status=comment.status,
        version=comment.version,
        replies=listed.replies,
        featured=comment.is_featured,
        posted_at=comment.posted_at,
        updated_at=comment.updated_at,
        editable_until=editable_until,
        statement_path=paths.get(comment.external_id),
    )
