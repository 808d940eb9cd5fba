"""Finding things: search, one comment's whole story, and one author's record."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.deciding import review
from moderation.errors import FieldProblem, InvalidInput
from moderation.people import author_marks
from moderation.people.author_marks import Mark, Standing
from moderation.store import articles, review_context, search, timeline
from service.context import gavel, utc_now
from service.desk.frame import marking
from service.desk.frame.excerpts import NEAR_CHARS, excerpts
from service.desk.frame.rendering import me, page
from service.desk.review import reasons

LINES = 30
FEW = 5
REPLIES = 50


def register(desk: Blueprint) -> None:
    desk.add_url_rule("/search", "search", find)
    desk.add_url_rule("/comments/<uuid:comment_id>", "story", comment)
    desk.add_url_rule("/authors/<uuid:author_id>", "author", author)
    desk.add_url_rule("/authors/<uuid:author_id>/mark", "mark_author", mark_author, methods=["POST"])


def find() -> Response:
    typed = request.args.get("q", "").strip()[:200]
    before = _id(request.args.get("before"))
    sites = tuple(me().roles)
    with gavel().database.read() as conn:
        by_id = search.comment_by_id(conn, sites, typed) if typed and not before else []
        authors = search.authors_named(conn, sites, typed, limit=FEW) if typed and not before else []
        found_articles = search.articles_named(conn, sites, typed, limit=FEW) if typed and not before else []
        found = search.comments_with(conn, sites, typed, before=before, limit=LINES + 1)
        begun = excerpts(conn, [*by_id, *found[:LINES]])
    return page(
        "desk/search.html",
        typed=typed,
        by_id=by_id,
        authors=authors,
        articles=found_articles,
        found=found[:LINES],
        excerpts=begun,
        older=found[LINES - 1].id if len(found) > LINES else None,
    )


def comment(comment_id: UUID) -> Response:
    context = review.open_comment(gavel().database, me(), str(comment_id))
    with gavel().database.read() as conn:
        steps = timeline.steps(conn, context)
        after = _id(request.args.get("after"))
        replies = review_context.replies_to(conn, context.comment.id, after=after, limit=REPLIES + 1)
        near = excerpts(conn, replies, chars=NEAR_CHARS)
    return page(
        "desk/story.html",
        d=context,
        text=marking.marked_text(context),
        earlier=marking.earlier_texts(context),
        near=near,
        steps=steps,
        replies=replies[:REPLIES],
        further=replies[REPLIES - 1].id if len(replies) > REPLIES else None,
        signal_titles=reasons.SIGNAL_TITLES,
        reasons_of=reasons.reasons_of,
    )


def author(author_id: UUID) -> Response:
    found = author_marks.find_author(gavel().database, me(), str(author_id))
    with gavel().database.read() as conn:
        recent = search.comments_of(conn, author_id=found.id, limit=LINES)
        reason = articles.standing_reason(conn, found.id)
        begun = excerpts(conn, recent)
    return page("desk/author.html", author=found, reason=reason, recent=recent, excerpts=begun, now=utc_now())


def mark_author(author_id: UUID) -> Response:
    wanted, days = request.form.get("standing", ""), request.form.get("days", "").strip()
    if wanted not in set(Standing):
        raise InvalidInput(FieldProblem("standing", "is not a mark"))
    if days and not days.isdecimal():
        raise InvalidInput(FieldProblem("days", "is not a number of days"))
    mark = Mark(Standing(wanted), request.form.get("reason", ""), int(days) if days else None)
    author_marks.set_mark(gavel().database, me(), str(author_id), mark, now=utc_now())
    return redirect(url_for("desk.author", author_id=author_id), HTTPStatus.SEE_OTHER)


def _id(value: str | None) -> str | None:
    try:
        return str(UUID(value)) if value else None
    except ValueError:
        return None
