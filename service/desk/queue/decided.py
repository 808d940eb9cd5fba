"""Published and rejected comments, by the filters of the queue."""

from __future__ import annotations

from dataclasses import replace

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.values.statuses import CommentStatus
from moderation.moderators.finding import decided_rows as decided
from moderation.moderators.queue import rows as queue
from moderation.sites.people.roles import Role
from service.context import gavel, utc_now
from service.desk.frame.addresses import id_in
from service.desk.frame.blind import blind_among
from service.desk.frame.excerpts import excerpts
from service.desk.frame.rendering import me, page
from service.desk.frame.routes import Routes
from service.desk.queue import choices, filters
from service.desk.queue.query import parse
from service.languages.wording import gettext

routes = Routes(under="review")

LINES = 30


@routes.get("/decided", role=Role.MODERATOR, endpoint="decided")
def show() -> Response:
    """Newest first. Filters look only at a limited number of comments per page."""
    asked = request.args.get("status", "")
    view = parse(request.args, me(), now=utc_now())
    if asked not in filters.DECIDED:
        return redirect(view.under(url_for("desk.review")))
    with gavel().database.read() as conn:
        listing = decided.listing(
            conn, view.queue, CommentStatus(asked), before=id_in(request.args.get("before")), limit=LINES
        )
        named = filters.named(conn, view, url_for("desk.decided"), status=asked)
        sections = choices.sections(conn, view.queue.site_ids, view.queue.section)
        languages = choices.languages(conn, view.queue.site_ids, view.queue.language)
        site_names = queue.site_names(conn, tuple(me().roles))
        blind = blind_among(conn, [comment.id for comment in listing.found])  # to be found here would show the verdict
        listing = replace(listing, found=tuple(comment for comment in listing.found if comment.id not in blind))
        begun = excerpts(conn, listing.found)
    return page(
        "desk/queue/decided.html",
        title=gettext(filters.DECIDED[asked]),
        status_asked=asked,
        view=view,
        listing=listing,
        looked_at=decided.LOOKED_AT,
        named=named,
        statuses=filters.STATUSES,
        site_names=site_names,
        sections=sections,
        languages=languages,
        excerpts=begun,
        concealed=blind,
    )
