"""Comments: to send, read, edit and withdraw. A 202 means that the comment is stored, even if the queue is lost."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import ValidationError

from moderation.ground.errors import GavelError, InvalidInput
from moderation.ground.monitoring.instruments import instruments
from moderation.ground.values.comments import Comment
from moderation.ground.values.statuses import CommentStatus
from moderation.moderators.finding.list_rows import CommentsWanted, ListOrder
from moderation.pipeline.arriving import intake
from moderation.pipeline.arriving.submission import Submission
from moderation.readers.reports.rows import count_reports
from moderation.sites.keys import Scope
from moderation.spine.comments import rows as store
from service.api import responses, views
from service.api.comments import held, listing
from service.api.comments.held import StoredComment
from service.api.fields import CommentPath
from service.api.schemas import comment_schemas, problem_schemas, submission_schemas
from service.auth import current_key, needs
from service.context import gavel, utc_now
from service.errors import field_problems, kind_of, problem_of
from service.web import webhook_notices

MAX_BATCH_BYTES = 4 * 1024 * 1024  # 500 comments of a few thousand characters

comments = APIBlueprint("comments", __name__, url_prefix="/v1", abp_tags=[Tag(name="Comments")])


@comments.post(
    "/comments",
    operation_id="submitComment",
    responses={
        200: comment_schemas.Comment,
        202: submission_schemas.Accepted,
        **responses.problems(400, 409, 413, 415, 422, 503),
    },
)
@needs(Scope.POST)
def submit_comment(body: submission_schemas.NewComment) -> Response:
    """Send a comment

    The comment is stored at once and decided soon: 202 while it waits. With `Prefer: wait=3` the answer waits up to 3
    seconds for the decision (at most 10) and is 200 if there is one. If no decision is likely in time, the answer comes
    at once. The same `id` and body again return the comment's current state; the same `id` with another body is a 409.
    A new comment by a reader who is suspended or banned is refused with 403 `author-suspended`; `author` in the answer
    has the end and the message for them.
    """
    return _answer(held.submit(current_key().site_id, submission(body)), body.article.id)


@comments.post(
    "/comments:batch",
    operation_id="submitComments",
    responses={200: submission_schemas.BatchResults, **responses.problems(400, 413, 415, 422, 503)},
)
@needs(Scope.POST, max_bytes=MAX_BATCH_BYTES)
def submit_comments(body: submission_schemas.CommentBatch) -> Response:
    """Send up to 500 comments

    For imports and for catching up: comments that readers write now are decided first. The answer has one result per
    comment, in order, with the status that it would have had alone. A refused comment does not affect the others.
    """
    gavel().backlog.check(current_key().site_id, len(body.comments), now=utc_now())
    read = [_read(item) for item in body.comments]
    ready = [item for item in read if isinstance(item, Submission)]
    context = gavel()
    kept = (
        intake.submit_many(context.database, context.queues, current_key().site_id, ready, now=utc_now())
        if ready
        else ()
    )
    done = iter([_result(outcome, submission.article_id) for submission, outcome in zip(ready, kept, strict=True)])
    results = [next(done) if isinstance(item, Submission) else _refused(item) for item in read]
    return views.reply(submission_schemas.BatchResults(results=results), exclude_none=True)


@comments.get(
    "/comments",
    operation_id="listSiteComments",
    responses={200: comment_schemas.CommentPage, **responses.problems(422)},
)
@needs(Scope.READ)
def list_site_comments(query: listing.SiteQuery) -> Response:
    """List the site's comments

    Of all articles, oldest first unless `order` says otherwise. Each parameter narrows the list. An article or an
    author that Gavel does not know has no comments.
    """
    wanted = listing.of_site(query)
    if wanted is None:
        return views.reply(comment_schemas.CommentPage(comments=[], next=None))
    return listing.answer(wanted, ListOrder(query.order), after=query.after, limit=query.limit)


@comments.get(
    "/comments/<id>/replies",
    operation_id="listReplies",
    responses={200: comment_schemas.CommentPage, **responses.problems(404, 422)},
)
@needs(Scope.READ, public=True)
def list_replies(path: CommentPath, query: listing.ListedRepliesQuery) -> Response:
    """List the replies to a comment

    Direct replies only, and only published ones unless `status` says otherwise.
    """
    listing.check_public(query.status)
    with gavel().database.read() as conn:
        parent = store.get_comment(conn, current_key().site_id, path.id)
    wanted = CommentsWanted(parent.site_id, query.status, parent_id=parent.id)
    return listing.answer(wanted, ListOrder(query.order), after=query.after, limit=query.limit)


@comments.get(
    "/comments/<id>",
    operation_id="getComment",
    responses={200: comment_schemas.Comment, **responses.problems(404, 422)},
)
@needs(Scope.READ)
def get_comment(path: CommentPath) -> Response:
    """Read a comment with its signals and the decision"""
    return views.reply(_full(current_key().site_id, path.id))


@comments.patch(
    "/comments/<id>",
    operation_id="editComment",
    responses={
        200: comment_schemas.Comment,
        202: submission_schemas.Accepted,
        **responses.problems(400, 404, 409, 413, 415, 422),
    },
)
@needs(Scope.POST)
def edit_comment(path: CommentPath, body: submission_schemas.Edit) -> Response:
    """Edit a comment's text

    The new text waits for a decision like a new comment. With `version`, the edit is refused if the comment has changed
    since that version. `Prefer: wait` works as for a new comment.
    """
    kept = held.edit(current_key().site_id, path.id, body.text, body.version)
    with gavel().database.read() as conn:
        article_id, _ = store.article_and_author_ids(conn, [kept.comment.id])[kept.comment.id]
    return _answer(kept, article_id)


@comments.delete(
    "/comments/<id>",
    operation_id="withdrawComment",
    responses={200: comment_schemas.Comment, **responses.problems(404, 422)},
)
@needs(Scope.POST)
def withdraw_comment(path: CommentPath) -> Response:
    """Withdraw a comment for good

    Withdrawing it again is no error.
    """
    site_id = current_key().site_id
    intake.withdraw(gavel().database, site_id, path.id, now=utc_now())
    webhook_notices.tell(site_id)
    return views.reply(_full(site_id, path.id))


def submission(body: submission_schemas.NewComment) -> Submission:
    """The body as the core's value. Only the article's fields that were sent go with it."""
    described = body.article.model_dump(exclude={"id"}, exclude_none=True)
    return Submission(
        article_id=body.article.id,
        author_id=body.author.id,
        text=body.text,
        id=body.id,
        article=tuple(sorted(described.items())),
        author_name=body.author.name,
        parent_id=body.parent_id,
        posted_at=body.posted_at,
        language=body.language,
        author_registered_at=body.author.created_at,
        author_email_domain=body.author.email_domain,
        author_url=body.author.url,
        author_address=body.author.address,
        typed_s=body.typed_s,
    )


def _answer(kept: StoredComment, article_id: str) -> Response:
    comment, headers = kept.comment, kept.headers
    if comment.status is CommentStatus.WAITING:
        location = views.comment_path(comment.external_id)
        return views.reply(views.accepted(comment, article_id), 202, {"Location": location, **headers})
    return views.reply(_full(comment.site_id, comment.external_id), 200, headers)


def _full(site_id: str, external_id: str) -> comment_schemas.Comment:
    with gavel().database.read() as conn:
        listed = store.get_listed(conn, site_id, external_id)
        return views.full_comment(conn, listed, count_reports(conn, listed.comment.id))


def _read(item: object) -> Submission | GavelError:
    try:
        return submission(submission_schemas.NewComment.model_validate(item))
    except ValidationError as e:
        return InvalidInput(*field_problems(e))


def _result(outcome: Comment | GavelError, article_id: str) -> submission_schemas.BatchResult:
    if isinstance(outcome, GavelError):
        return _refused(outcome)
    status = 202 if outcome.status is CommentStatus.WAITING else 200
    return submission_schemas.BatchResult(status=status, comment=views.accepted(outcome, article_id))


def _refused(error: GavelError) -> submission_schemas.BatchResult:
    problem = problem_schemas.Problem(**problem_of(error))
    instruments().refused.labels(kind_of(error).name).inc()
    return submission_schemas.BatchResult(status=problem.status, problem=problem)
