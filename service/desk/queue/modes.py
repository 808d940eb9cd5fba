"""Modes for breaking news at the desk: what holds where, and how a lead starts and ends one."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.ground.values.modes import ModeName
from moderation.law.modes import rows as store
from moderation.law.modes import starting
from moderation.law.modes.starting import ModeWish
from moderation.moderators.queue import rows as queue
from moderation.sites.audit import actors
from moderation.sites.people.roles import Role, allow
from moderation.spine.articles import section_rows as sections
from moderation.spine.articles import states as article_states
from service.context import gavel, utc_now
from service.desk.frame.modes_in_force import lines, modes_for
from service.desk.frame.rendering import me, my_sites, page, site_asked
from service.desk.frame.routes import Routes
from service.languages.wording import N_

routes = Routes(under="modes")

HOURS = (1, 3, 6, 12, 24, 72)
USUAL_HOURS = 3
SECTIONS = 200
CHOICES = {
    ModeName.EVERYTHING_WAITS: N_("Everything waits: a moderator reads each comment first"),
    ModeName.REGULARS_ONLY: N_("Regulars only: a moderator reads comments by anybody else first"),
    ModeName.SLOW: N_("Slow: each reader may send one comment in five minutes"),
    ModeName.CLOSED: N_("Closed: no new comments"),
}


@routes.get("/modes", role=Role.LEAD, title=N_("Breaking news"), place=28, endpoint="modes")
def show() -> Response:
    site_id = site_asked()
    with gavel().database.read() as conn:
        held = lines(conn, store.ending_after(conn, [site_id], utc_now()), me())
        names = sections.sections(conn, site_id, limit=SECTIONS)
    return page(
        "desk/queue/modes.html",
        site_id=site_id,
        site_names=_site_names(),
        lines=held,
        sections=names,
        choices=CHOICES,
        hours=HOURS,
        usual=USUAL_HOURS,
    )


@routes.post("/modes", role=Role.LEAD)
def start_mode() -> Response:
    """For an article, by our id, for a section, or else for the whole site. Before it closes that, it asks."""
    now, article = utc_now(), None
    if asked := request.form.get("article"):
        with gavel().database.read() as conn:
            article = article_states.find_article(conn, me(), _article_id(asked))
        allow(me(), article.site_id, Role.LEAD)
    site_id = article.site_id if article is not None else site_asked()
    name, hours, section = _mode_asked(), _hours_asked(), request.form.get("section") or None
    if name is ModeName.CLOSED and article is None and section is None and "sure" not in request.form:
        return page("desk/queue/close_site.html", site_id=site_id, hours=hours, site_names=_site_names())
    wish = ModeWish(
        name,
        now + timedelta(hours=hours),
        article=article.external_id if article is not None else None,
        section=section,
    )
    starting.start(gavel().database, site_id, wish, by=actors.person(me()), now=now)
    modes_for(me(), now, anew=True)
    return _back(site_id)


@routes.post("/modes/<uuid:mode_id>/end", role=Role.LEAD)
def end_mode(mode_id: UUID) -> Response:
    site_id, now = site_asked(), utc_now()
    starting.end(gavel().database, site_id, str(mode_id), by=actors.person(me()), now=now)
    modes_for(me(), now, anew=True)
    return _back(site_id)


def _back(site_id: str) -> Response:
    if asked := request.form.get("article"):
        return redirect(url_for("desk.article", article_id=_article_id(asked)), HTTPStatus.SEE_OTHER)
    if "here" in request.form and request.referrer:
        return redirect(request.referrer, HTTPStatus.SEE_OTHER)
    return redirect(url_for("desk.modes", site=site_id), HTTPStatus.SEE_OTHER)


def _site_names() -> dict[str, str]:
    with gavel().database.read() as conn:
        return queue.site_names(conn, my_sites())


def _mode_asked() -> ModeName:
    asked = request.form.get("mode", "")
    if asked not in set(ModeName):
        raise InvalidInput(FieldProblem("mode", N_("choose a mode")))
    return ModeName(asked)


def _hours_asked() -> int:
    asked = request.form.get("hours", "")
    if asked not in map(str, HOURS):
        raise InvalidInput(FieldProblem("hours", N_("choose for how long")))
    return int(asked)


def _article_id(asked: str) -> str:
    try:
        return str(UUID(asked))
    except ValueError:
        raise InvalidInput(FieldProblem("article", N_("choose an article"))) from None
