"""Saved views: names for parts of the queue, with the number of comments that wait in each."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qsl
from uuid import UUID

from flask import redirect, request, url_for
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.moderators.queue import rows as queue
from moderation.moderators.queue.desk import saved_views
from moderation.moderators.queue.desk.saved_view_rows import SavedView
from moderation.sites.people.roles import Role, sites_where
from service import cached
from service.context import gavel, utc_now
from service.desk.frame.addresses import id_in
from service.desk.frame.rendering import me, page
from service.desk.frame.routes import Routes
from service.desk.frame.sentences.numbers import in_figures
from service.desk.queue.query import View, parse, parse_query
from service.languages.wording import N_

routes = Routes(under="review")

KEPT_S = 20.0  # a count may be so old
COUNTED = 100  # beyond that the page says "100+"


@dataclass(frozen=True, slots=True)
class Shown:
    """A view in the navigation."""

    id: str
    name: str
    address: str
    count: str
    is_current: bool
    is_shared: bool


def shown() -> list[Shown]:
    """The moderator's views and those of their desks. None when the database is down: the page that reports that must
    not fail here."""
    try:
        with gavel().database.read() as conn:
            return shown_in(conn)
    except SQLAlchemyError:
        return []


def shown_in(conn: Connection) -> list[Shown]:
    """As ``shown``, for a page that reads more. It lets the database's errors through."""
    here = _here()
    return [_shown(conn, view, here) for view in saved_views.all_for(conn, me())]


@routes.get("/views", role=Role.MODERATOR, title=N_("Saved views"), endpoint="views")
def show() -> Response:
    """The views to rename, share and delete. ``deleted`` is the one that was just deleted."""
    with gavel().database.read() as conn:
        deleted = saved_views.find(conn, me(), view_id) if (view_id := id_in(request.args.get("deleted"))) else None
        views = [(view, parse_query(view.query, me(), now=utc_now())) for view in saved_views.all_for(conn, me())]
        names = queue.site_names(conn, tuple(me().roles))
    leads = sites_where(me(), Role.LEAD)
    return page(
        "desk/queue/views.html",
        found=views,
        deleted=deleted if deleted and deleted.deleted_at else None,
        site_names=names,
        leads=leads,
        max_chars=saved_views.MAX_NAME_CHARS,
        most=saved_views.MOST,
    )


@routes.post("/views", role=Role.MODERATOR)
def save_view() -> Response:
    """Saves the view that the page shows, and goes on with it."""
    now = utc_now()
    view = parse_query(request.form.get("view", ""), me(), now=now)
    saved = saved_views.save(gavel().database, me(), name=request.form.get("name", ""), query=view.query, now=now)
    return redirect(view.under(url_for("desk.review"), done=saved.id), HTTPStatus.SEE_OTHER)


@routes.post("/views/<uuid:view_id>/rename", role=Role.MODERATOR)
def rename_view(view_id: UUID) -> Response:
    saved_views.rename(gavel().database, me(), str(view_id), request.form.get("name", ""), now=utc_now())
    return _back()


@routes.post("/views/<uuid:view_id>/share", role=Role.LEAD)
def share_view(view_id: UUID) -> Response:
    """With everybody at the desk of one site, for whom the view is limited to that site."""
    now = utc_now()
    with gavel().database.read() as conn:
        view = parse_query(saved_views.find(conn, me(), str(view_id)).query, me(), now=now)
    site_id = view.given.get("site") or request.form.get("site", "")
    if site_id not in me().roles:
        raise InvalidInput(FieldProblem("site", "choose a site"))
    saved_views.share(gavel().database, me(), str(view_id), site_id, view.link(site=site_id), now=now)
    return _back()


@routes.post("/views/<uuid:view_id>/delete", role=Role.MODERATOR)
def delete_view(view_id: UUID) -> Response:
    """The page that follows offers to undo it."""
    deleted = saved_views.delete(gavel().database, me(), str(view_id), now=utc_now())
    return redirect(url_for("desk.views", deleted=deleted.id), HTTPStatus.SEE_OTHER)


@routes.post("/views/<uuid:view_id>/restore", role=Role.MODERATOR)
def restore_view(view_id: UUID) -> Response:
    saved_views.restore(gavel().database, me(), str(view_id), now=utc_now())
    return _back()


def _shown(conn: Connection, saved: SavedView, here: View | None) -> Shown:
    view = parse_query(saved.query, me(), now=utc_now())
    key = ("saved_view", view.queue.site_ids, tuple(sorted(view.given.items())))
    count = cached.value(key, KEPT_S, lambda: queue.count(conn, view.queue, at_most=COUNTED))
    return Shown(
        saved.id,
        saved.name,
        view.under(url_for("desk.review")),
        in_figures(count, COUNTED) if count else "",
        is_current=here is not None and here.given == view.given,
        is_shared=saved.site_id is not None,
    )


def _here() -> View | None:
    """The view of the queue that this page shows, if it shows one: in its address, or in the form that led to it."""
    if not (request.endpoint or "").startswith(
        ("desk.review", "desk.comment", "desk.decide", "desk.undo", "desk.skip")
    ):
        return None
    given = request.args.to_dict() if request.method == "GET" else dict(parse_qsl(request.form.get("view", "")[:4000]))
    return parse(given, me(), now=utc_now())


def _back() -> Response:
    return redirect(url_for("desk.views"), HTTPStatus.SEE_OTHER)
