"""The start list: the steps of setting a site up, ticked off by what is in the database. Leads see a notice at the
queue until all are done or they put it away; the page stays among the settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from flask import redirect, request, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from moderation.moderators.queue import rows as queue
from moderation.operations.operating import start_rows
from moderation.operations.operating.start_rows import Start, StartStep
from moderation.sites.people.roles import Role, sites_where
from moderation.sites.rows import set_preferences
from service import cached
from service.context import gavel, utc_now
from service.desk.frame import routes as frame_routes
from service.desk.frame.rendering import is_partial, me, my_sites, page, site_asked
from service.desk.frame.routes import Routes
from service.languages.wording import N_, gettext

routes = Routes(under="start_list")

KEPT_S = 20.0  # the notice may be so old
NEW_FOR = timedelta(days=30)  # after which the queue no longer shows it
PUT_AWAY = "start_put_away"  # a person's preference: the sites whose list they put away
STEPS = {
    StartStep.KEY: (
        N_("A key for your website"),
        N_("Your website posts comments with it. An admin makes one, and sees it once."),
    ),
    StartStep.COMMENT: (
        N_("The first comment"),
        N_("Your website posts it, or an operator imports past comments with “gavel import”."),
    ),
    StartStep.WEBHOOK: (
        N_("A webhook"),
        N_("Gavel reports each decision to your website. An operator sets the address with “gavel site set”."),
    ),
    StartStep.REASONS: (
        N_("Your reasons for rejection"),
        N_("Write your own, with a message to the author, or use those that come with Gavel."),
    ),
    StartStep.LANGUAGES: (
        N_("Your languages"),
        N_("Say for each language whether the policy may decide by the scores."),
    ),
    StartStep.LIMITS: (
        N_("Your limits"),
        N_("See what they hold among your comments, and save your own or try them in the shadow."),
    ),
    StartStep.COLLEAGUES: (
        N_("Your colleagues"),
        N_("An admin invites them with a link."),
    ),
}
PLACES = {
    StartStep.KEY: ("keys", Role.ADMIN),
    StartStep.REASONS: ("reasons", Role.LEAD),
    StartStep.LANGUAGES: ("languages", Role.LEAD),
    StartStep.LIMITS: ("policy", Role.LEAD),
    StartStep.COLLEAGUES: ("people", Role.ADMIN),
}
"""The pages on which a step is taken, each with the role that it needs. Others are taken outside the desk."""


@dataclass(frozen=True, slots=True)
class StartLine:
    """A step in words."""

    title: str
    how: str
    is_done: bool
    address: str  # empty for a step that is taken outside the desk, or by others


def notices() -> Sequence[Start]:
    """The lists that the queue shows to this person: of new sites that they lead, not done and not put away. None when
    the database is down: the page that reports that must not fail here."""
    if is_partial() or request.method != "GET" or frame_routes.here().under != "review":
        return ()
    leads = tuple(site for site in sites_where(me(), Role.LEAD) if site not in me().preferences.get(PUT_AWAY, ()))
    try:
        starts = cached.value(("starts", leads), KEPT_S, lambda: _starts(leads))
    except SQLAlchemyError:
        return ()
    return [start for start in starts if not start.is_over and utc_now() - start.created_at < NEW_FOR]


@routes.get("/start", role=Role.LEAD, title=N_("Start list"), place=110, is_folded=True, endpoint="start_list")
def show() -> Response:
    site_id = site_asked()
    with gavel().database.read() as conn:
        site_names = queue.site_names(conn, my_sites())
    (start,) = _starts((site_id,))
    return page(
        "desk/people/start_list.html",
        site_id=site_id,
        site_names=site_names,
        start=start,
        lines=[_line(step, start) for step in StartStep],
        is_put_away=site_id in me().preferences.get(PUT_AWAY, ()),
    )


@routes.post("/start", role=Role.LEAD)
def put_away() -> Response:
    """Puts the notice at the queue away for this person, or with ``back`` brings it back."""
    site_id, back = site_asked(), bool(request.form.get("back"))
    kept = [site for site in me().preferences.get(PUT_AWAY, ()) if site != site_id]
    preferences = {**me().preferences, PUT_AWAY: kept if back else [*kept, site_id]}
    with gavel().database.write() as conn:
        set_preferences(conn, me().id, preferences)
    return redirect(url_for("desk.start_list", site=site_id), HTTPStatus.SEE_OTHER)


def _starts(site_ids: tuple[str, ...]) -> list[Start]:
    with gavel().database.read() as conn:
        return start_rows.starts(conn, site_ids, now=utc_now())


def _line(step: StartStep, start: Start) -> StartLine:
    title, how = STEPS[step]
    endpoint, role = PLACES.get(step, ("", Role.ADMIN))
    is_mine = bool(endpoint) and start.site_id in sites_where(me(), role)
    address = url_for(f"desk.{endpoint}", site=start.site_id) if is_mine else ""
    return StartLine(gettext(title), gettext(how), step in start.done, address)
