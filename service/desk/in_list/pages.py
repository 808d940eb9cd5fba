"""Decides comments in the list: each row has the whole text and the buttons of the review screen."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.errors import LeadsDecide, MoveNotAllowed, PersonDecided, StaleVersion
from moderation.moderators.queue import rows as queue
from moderation.moderators.queue.desk import duties as on_duty
from moderation.moderators.review import reviewing as review
from moderation.sites import rows as sites
from moderation.sites.people.roles import Role
from service.context import gavel, utc_now
from service.desk.frame import tallies
from service.desk.frame.addresses import id_in
from service.desk.frame.excerpts import excerpts_of, known
from service.desk.frame.rendering import is_partial, me, page
from service.desk.frame.routes import Routes
from service.desk.frame.sentences.numbers import in_figures, whole
from service.desk.frame.texts.marking import LONG_CHARS
from service.desk.in_list.rows import rows
from service.desk.queue import tags
from service.desk.queue.query import View, parse, parse_query
from service.desk.review import pages as review_pages
from service.desk.review.status_line import status_line
from service.languages.wording import N_

routes = Routes(under="review")

LINES = 20


@routes.get("/list", role=Role.MODERATOR, title=N_("Decide in the list"), endpoint="in_list")
def show() -> Response:
    """``row`` is the number of the row that the keys are for, from 0."""
    return _list(parse(request.args, me(), now=utc_now()), done=id_in(request.args.get("done")))


@routes.post("/list/<uuid:comment_id>", role=Role.MODERATOR)
def decide_in_list(comment_id: UUID) -> Response:
    """Decides the comment at the version that the list showed, and shows the list again: the next row takes its
    place."""
    now = utc_now()
    view = parse_query(request.form.get("view", ""), me(), now=now)
    hold_s = gavel().settings.event_hold_s
    try:
        decision = review.decide(gavel().database, me(), str(comment_id), review_pages.chosen(), now=now, hold_s=hold_s)
    except (StaleVersion, LeadsDecide, PersonDecided, MoveNotAllowed) as e:
        return _list(view, notice=review_pages.refusal(e), about=str(comment_id), status=HTTPStatus.CONFLICT)
    if is_partial():
        return _list(view, done=decision.id)
    return redirect(view.under(url_for("desk.in_list"), done=decision.id, row=str(_row())), HTTPStatus.SEE_OTHER)


def _list(
    view: View, *, done: str | None = None, notice: str = "", about: str | None = None, status: int = HTTPStatus.OK
) -> Response:
    now = utc_now()
    with gavel().database.read() as conn:
        duties = on_duty.of_person(conn, me(), now=now)
        lines = on_duty.first_page(conn, view.queue, duties, now=now, limit=LINES)
        read = known(conn, lines)
        waiting, *in_views = queue.counts_to(conn, [(view.queue, tallies.MOST_WAITING), *tallies.views(me())])
        context = {
            "blind": read.blind,
            "rows": rows(conn, lines, read, duties, escalated=view.queue.escalated),
            "duties": duties,
            "texts": excerpts_of(lines, read, chars=LONG_CHARS),
            "tags": tags.titles(lines, read.why),
            "settings": {id: sites.get_site(conn, id).settings for id in {line.site_id for line in lines}},
            **status_line(conn, done=done, current=None),
        }
    on_duty.attend(gavel().database, me(), duties, now=now)
    return page(
        "desk/in_list/list.html",
        status=status,
        view=view,
        notice=notice,
        about=about,
        at=min(_row(), max(0, len(lines) - 1)),
        waiting=in_figures(waiting, tallies.MOST_WAITING),
        beside_tabs=tallies.counted(me(), in_views),
        **context,
    )


def _row() -> int:
    return whole(request.values.get("row", "")) or 0
