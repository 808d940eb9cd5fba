"""Search, and the timeline of one comment."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.values.statuses import CommentStatus
from moderation.law.notices import list_rows as notices
from moderation.moderators.finding import context_rows as review_context
from moderation.moderators.finding import search_page_rows as search_results
from moderation.moderators.finding import search_rows as search
from moderation.moderators.finding import timeline_rows as timeline
from moderation.moderators.finding.search_page_rows import Filters
from moderation.moderators.queue import rows as queue
from moderation.moderators.review import reviewing as review
from moderation.sites.people.roles import Role
from service.context import gavel, utc_now
from service.desk.frame.addresses import id_in
from service.desk.frame.blind import blind_among, is_blind
from service.desk.frame.excerpts import NEAR_CHARS, excerpts
from service.desk.frame.rendering import me, page
from service.desk.frame.routes import Routes
from service.desk.frame.texts import marking
from service.desk.review import reasons
from service.languages.wording import N_

routes = Routes(under="search")

STATUSES = {
    "flagged": N_("Flagged"),
    "published": N_("Published"),
    "rejected": N_("Rejected"),
    "waiting": N_("Waiting for scores"),
    "withdrawn": N_("Withdrawn"),
}
SPANS = {"1": N_("The last day"), "7": N_("The last week"), "31": N_("The last month"), "366": N_("The last year")}
LINES = 30
FEW = 5
REPLIES = 50


@routes.get("/search", role=Role.MODERATOR, title=N_("Search"), endpoint="search")
def find() -> Response:
    """By id, by a notice's number, by words of comments and of names, and by the beginnings of names and titles. The
    filters are for the comments."""
    typed = request.args.get("q", "").strip()[:200]
    before = id_in(request.args.get("before"))
    sites = tuple(me().roles)
    asked, filters = _filters()
    within = (asked["site"],) if asked["site"] else sites
    with gavel().database.read() as conn:
        by_id = search.comment_by_id(conn, sites, typed) if typed and not before else []
        number = id_in(typed) if not before else None
        notice = notices.find(conn, sites, number) if number else None
        authors = search.authors_named(conn, sites, typed, limit=FEW) if typed and not before else []
        found_articles = search.articles_named(conn, sites, typed, limit=FEW) if typed and not before else []
        results = search_results.page(conn, within, typed, filters, before=before, limit=LINES)
        begun = excerpts(conn, [*by_id, *results.found])
        concealed = blind_among(conn, list(begun))
        if filters.status is not None:  # to be among them would show the verdict
            results = replace(results, found=tuple(comment for comment in results.found if comment.id not in concealed))
        site_names = queue.site_names(conn, sites)
    return page(
        "desk/search/search.html",
        typed=typed,
        by_id=by_id,
        notice=notice,
        authors=authors,
        articles=found_articles,
        results=results,
        looked_at=search_results.LOOKED_AT,
        excerpts=begun,
        concealed=concealed,
        asked={name: value for name, value in asked.items() if value},
        statuses=STATUSES,
        spans=SPANS,
        site_names=site_names,
    )


@routes.get("/comments/<uuid:comment_id>", role=Role.MODERATOR, title=N_("Timeline"), endpoint="timeline")
def comment(comment_id: UUID) -> Response:
    """The timeline of one comment, with its replies."""
    context = review.open_comment(gavel().database, me(), str(comment_id))
    with gavel().database.read() as conn:
        if is_blind(conn, context.comment.id):
            return redirect(url_for("desk.check", comment_id=context.comment.id), HTTPStatus.SEE_OTHER)
        steps = timeline.steps(conn, context)
        after = id_in(request.args.get("after"))
        replies = review_context.replies_to(conn, context.comment.id, after=after, limit=REPLIES + 1)
        near = excerpts(conn, replies, chars=NEAR_CHARS)
        concealed = blind_among(conn, list(near))
    return page(
        "desk/search/timeline.html",
        context=context,
        text=marking.marked_text(context),
        earlier=marking.earlier_texts(context),
        near=near,
        concealed=concealed,
        steps=steps,
        replies=replies[:REPLIES],
        further=replies[REPLIES - 1].id if len(replies) > REPLIES else None,
        signals_in_words=reasons.signals_in_words,
        reasons_of=reasons.reasons_of,
    )


def _filters() -> tuple[dict[str, str], Filters]:
    """As the address has them; what is not valid is dropped, as in the queue."""
    asked = {name: request.args.get(name, "") for name in ("status", "days", "site")}
    valid = {"status": STATUSES, "days": SPANS, "site": me().roles}
    asked = {name: value if value in valid[name] else "" for name, value in asked.items()}
    status = CommentStatus(asked["status"]) if asked["status"] else None
    since = utc_now() - timedelta(days=int(asked["days"])) if asked["days"] else None
    return asked, Filters(status, since)
