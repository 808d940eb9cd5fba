"""Duties of a site at the desk: for a reason why comments are held, a lead names the people whose queue begins with
them."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.judging.policy import documents
from moderation.moderators.queue import rows as queue
from moderation.moderators.queue.desk import duties, duty_rows
from moderation.moderators.queue.desk.duty_rows import Duty
from moderation.sites import rows as sites
from moderation.sites.audit import actors
from moderation.sites.people import rows as people
from moderation.sites.people.roles import Role
from service.context import gavel, utc_now
from service.desk.frame.rendering import me, my_sites, page, site_asked
from service.desk.frame.routes import Routes
from service.desk.frame.sentences.wording import reason_title
from service.languages.wording import N_

routes = Routes(under="duties")


@dataclass(frozen=True, slots=True)
class ShownDuty:
    """``is_absent``: nobody of the people is at the desk, so that all decide for them."""

    duty: Duty
    title: str
    is_absent: bool


@routes.get("/duties", role=Role.LEAD, title=N_("Duties"), place=73, endpoint="duties")
def show() -> Response:
    site_id, now = site_asked(), utc_now()
    with gavel().database.read() as conn:
        site = sites.get_site(conn, site_id)
        named = [
            ShownDuty(duty, reason_title(duty.reason), duties.is_absent(conn, duty, now=now))
            for duty in duty_rows.duties_of(conn, [site_id])
        ]
        everybody, names = people.people_of(conn, site_id), queue.site_names(conn, my_sites())
        current = sites.current_policy(conn, site_id)
    policy = documents.parse(current.document, current.version)
    taken = {shown.duty.reason for shown in named}
    free = sorted(duties.reasons_of(policy) - taken, key=lambda reason: reason_title(reason).lower())
    return page(
        "desk/people/duties.html",
        site_id=site_id,
        site_names=names,
        duties=sorted(named, key=lambda shown: shown.title.lower()),
        people=everybody,
        reasons={reason: reason_title(reason) for reason in free},
        minutes=site.settings.duty_minutes,
    )


@routes.post("/duties", role=Role.LEAD)
def name_people() -> Response:
    """Names the ticked people for a reason. Without any the duty ends."""
    site_id, ticked = site_asked(), request.form.getlist("people")
    reason, by = request.form.get("reason", ""), actors.person(me())
    duties.name_people(gavel().database, site_id, reason, ticked, by=by, now=utc_now())
    return redirect(url_for("desk.duties", site=site_id), HTTPStatus.SEE_OTHER)
