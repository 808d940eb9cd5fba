"""Policies in the shadow: a list, a page of figures for each, and starting, stopping and switching on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, FiguresChanged, InvalidInput, NameTaken, NotFound, StalePolicy
from moderation.ground.values.statuses import Action
from moderation.insight.learning import rows as learning
from moderation.insight.learning.shadows import figures as shadow_figures
from moderation.insight.learning.shadows import rows as store
from moderation.insight.learning.shadows import switching as shadows
from moderation.insight.learning.shadows.rows import ShadowRow
from moderation.judging.policy.wording import changes
from moderation.judging.signals.house import HOUSE
from moderation.judging.signals.model_signals import TOXICITY
from moderation.judging.signals.registry import FOR_RULES
from moderation.moderators.queue import rows as queue
from moderation.sites import rows as sites
from moderation.sites.audit import actors
from moderation.sites.people.roles import Role
from service.checking import policy_trials
from service.context import gavel, utc_now
from service.desk.frame.rendering import me, my_sites, page, site_asked
from service.desk.frame.routes import Routes
from service.desk.frame.sentences.numbers import whole
from service.desk.frame.sentences.phrases import in_words
from service.languages.wording import N_, gettext

routes = Routes(under="learning")

LISTED = 20
OVERTAKEN = N_("Nothing was saved: somebody else saved version %(number)s first. This page compares with it.")
COUNTED_AGAIN = N_("Nothing was saved: the figures were counted again meanwhile. Look at them, then press again.")
ONE = "/learning/shadow/<uuid:shadow_id>"


@routes.get("/learning/shadow", role=Role.LEAD, title=N_("Shadow"), part=30, endpoint="shadows")
def show_all() -> Response:
    return _list(site_asked())


@routes.post("/learning/shadow", role=Role.LEAD, title=N_("Shadow"))
def start_shadow() -> Response:
    """Starts the policy in force with one more rule."""
    site_id, form = site_asked(), request.form
    try:
        started = _start(site_id, form)
    except InvalidInput as e:
        return _list(site_id, e.problems, HTTPStatus.UNPROCESSABLE_ENTITY)
    except NameTaken:
        return _list(
            site_id, [FieldProblem("name", N_("is the name of a shadow that is running"))], HTTPStatus.CONFLICT
        )
    return redirect(url_for("desk.shadow", shadow_id=started.id), HTTPStatus.SEE_OTHER)


@routes.get(ONE, role=Role.LEAD, title=N_("Shadow"), endpoint="shadow")
def show(shadow_id: UUID) -> Response:
    return _page(mine(shadow_id))


@routes.get(f"{ONE}/counting", role=Role.LEAD, endpoint="shadow_counting")
def show_counting(shadow_id: UUID) -> Response:
    """The line of a page without figures, which asks again every few seconds. With the first figures the page loads
    anew."""
    row = mine(shadow_id)
    counted = shadows.counted(gavel().database, row.site_id, row.id, now=utc_now())
    if counted.has_figures or not counted.is_running:
        return Response(headers={"HX-Refresh": "true"})
    return Response(render_template("desk/learning/counting.html", shadow=counted), mimetype="text/html")


@routes.post(f"{ONE}/stop", role=Role.LEAD)
def stop_shadow(shadow_id: UUID) -> Response:
    row = mine(shadow_id)
    shadows.stop(gavel().database, row.site_id, row.id, by=actors.person(me()), now=utc_now())
    return redirect(url_for("desk.shadow", shadow_id=row.id), HTTPStatus.SEE_OTHER)


@routes.post(f"{ONE}/switch-on", role=Role.LEAD, title=N_("Shadow"))
def switch_on_shadow(shadow_id: UUID) -> Response:
    """Saves it as the next version of the policy, unless the policy or the figures are no longer those of the page."""
    row, form = mine(shadow_id), request.form
    expected = whole(form.get("version", "")) or 0
    by, now = actors.person(me()), utc_now()
    try:
        overruled = policy_trials.agreed(row.site_id, row.document, expected=expected, although=form.get("although"))
        why = policy_trials.note_of(form.get("note"), overruled)
        shadows.switch_on(
            gavel().database, row.site_id, row.id, expected=expected, counted_at=_moment(), by=by, now=now, why=why
        )
    except StalePolicy as e:
        notice = gettext(OVERTAKEN, number=e.current)
        return _page(row, notice, HTTPStatus.CONFLICT)
    except FiguresChanged:
        notice = gettext(COUNTED_AGAIN)
        return _page(row, notice, HTTPStatus.CONFLICT)
    return redirect(url_for("desk.policy", site=row.site_id, saved=1), HTTPStatus.SEE_OTHER)


def mine(shadow_id: UUID) -> ShadowRow:
    """Raises NotFound unless it is at a site that the moderator leads."""
    with gavel().database.read() as conn:
        row = store.get(conn, str(shadow_id))
    if row.site_id not in my_sites():
        raise NotFound("shadow", str(shadow_id))
    return row


def _start(site_id: str, form: Mapping[str, str]) -> ShadowRow:
    action = form.get("action", "")
    if action not in (Action.FLAG, Action.REJECT):
        raise InvalidInput(FieldProblem("action", N_("must be flag or reject")))
    try:
        limit = float(form.get("limit", ""))
    except ValueError:
        raise InvalidInput(FieldProblem("limit", N_("must be a number"))) from None
    with gavel().database.read() as conn:
        current = sites.current_policy(conn, site_id)
    document = shadows.with_rule(current.document, form.get("signal", ""), limit, Action(action))
    by, now = actors.person(me()), utc_now()
    return shadows.start(gavel().database, site_id, form.get("name", ""), document, by=by, now=now)


def _moment() -> datetime:
    try:
        return datetime.fromisoformat(request.form.get("counted_at", ""))
    except ValueError:
        raise InvalidInput(FieldProblem("counted_at", N_("must be the one of the page"))) from None


def _list(site_id: str, problems: Sequence[FieldProblem] = (), status: int = HTTPStatus.OK) -> Response:
    with gavel().database.read() as conn:
        rows = store.of_site(conn, site_id, limit=LISTED)
        has_learnt = learning.current_version(conn, site_id, HOUSE.name) is not None
        site_names = queue.site_names(conn, my_sites())
    return page(
        "desk/learning/shadows.html",
        status=status,
        site_id=site_id,
        site_names=site_names,
        running=[row for row in rows if row.is_running],
        stopped=[row for row in rows if not row.is_running],
        signals=list(FOR_RULES.values()),
        usual=HOUSE.name if has_learnt else TOXICITY.name,
        most=shadows.MOST_RUNNING,
        problems=problems,
        typed=request.form,
    )


def _page(row: ShadowRow, notice: str | None = None, status: int = HTTPStatus.OK) -> Response:
    counted = shadows.counted(gavel().database, row.site_id, row.id, now=utc_now())
    with gavel().database.read() as conn:
        current = sites.current_policy(conn, row.site_id)
    figures: Mapping[str, Any] = counted.figures or {}
    return page(
        "desk/learning/shadow.html",
        status=status,
        notice=notice,
        site_id=row.site_id,
        shadow=counted,
        figures=figures,
        current=current,
        changed=changes(current.document, row.document, in_words),
        most_comments=shadow_figures.MOST_COMMENTS,
        as_it_is=str,
    )
