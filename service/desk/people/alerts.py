"""Alerts of a site at the desk: a lead adds, tests and removes the places that they go to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from uuid import UUID

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.moderators.queue import rows as queue
from moderation.operations.alerts import choosing, rows
from moderation.operations.alerts.values import AlertKind, AlertWish, Channel
from moderation.sites import webhook_rows
from moderation.sites.audit import actors
from moderation.sites.people.roles import Role, allow
from service.context import gavel, utc_now
from service.desk.frame.refusals import translated
from service.desk.frame.rendering import me, my_sites, page, site_asked
from service.desk.frame.routes import Routes
from service.desk.frame.sentences.numbers import whole
from service.languages.wording import N_, gettext
from service.web.webhook_tests import alert_error

routes = Routes(under="alerts")

KINDS: Mapping[AlertKind, str] = {
    AlertKind.THREAT: N_("A comment is held for a threat"),
    AlertKind.FLAGGER: N_("A trusted flagger gives a notice"),
    AlertKind.QUEUE_SIZE: N_("Many comments wait in the queue"),
    AlertKind.QUEUE_AGE: N_("A comment waits too long in the queue"),
    AlertKind.SURGE: N_("An article or author gets far more comments than usual"),
    AlertKind.PROMISE: N_("The site’s own model is wrong too often"),
    AlertKind.SECOND_READER: N_("A second reader goes back into the shadow or does not answer"),
    AlertKind.WEBHOOK: N_("The webhook fails a second time"),
}
CHANNELS: Mapping[Channel, str] = {
    Channel.SLACK: "Slack",
    Channel.TEAMS: "Microsoft Teams",
    Channel.MATTERMOST: "Mattermost",
    Channel.MAIL: N_("E-mail"),
}
LANGUAGES = {"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español"}


@routes.get("/alerts", role=Role.LEAD, title=N_("Alerts"), place=84, is_folded=True, endpoint="alerts")
def show() -> Response:
    return _page(site_asked())


@routes.post("/alerts", role=Role.LEAD)
def add_alerts() -> Response:
    site_id, by = _led_site(), actors.person(me())
    try:
        private = gavel().settings.private_webhooks
        choosing.add(gavel().database, site_id, _wish(), by=by, private_webhooks=private, now=utc_now())
    except InvalidInput as e:
        return _page(site_id, e.problems)
    return redirect(url_for("desk.alerts", site=site_id), HTTPStatus.SEE_OTHER)


@routes.post("/alerts/<uuid:target_id>/remove", role=Role.LEAD)
def remove_alerts(target_id: UUID) -> Response:
    site_id = _led_site()
    choosing.remove(gavel().database, site_id, str(target_id), by=actors.person(me()), now=utc_now())
    return redirect(url_for("desk.alerts", site=site_id), HTTPStatus.SEE_OTHER)


@routes.post("/alerts/<uuid:target_id>/test", role=Role.LEAD)
def test_alerts(target_id: UUID) -> Response:
    """Sends a test and shows the outcome."""
    site_id = _led_site()
    target = choosing.tested(gavel().database, site_id, str(target_id), by=actors.person(me()), now=utc_now())
    return _page(site_id, outcome=alert_error(site_id, target) or "")


def _led_site() -> str:
    """The site that the page is about. Raises NotAllowed where the person leads another one only."""
    site_id = site_asked()
    allow(me(), site_id, Role.LEAD)
    return site_id


def _page(site_id: str, problems: Sequence[FieldProblem] = (), *, outcome: str | None = None) -> Response:
    with gavel().database.read() as conn:
        names, targets = queue.site_names(conn, my_sites()), rows.targets(conn, site_id)
        failure = webhook_rows.find(conn, site_id)
    return page(
        "desk/people/alerts.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK,
        site_id=site_id,
        site_names=names,
        targets=targets,
        place_of=choosing.place,
        kinds={kind: gettext(words) for kind, words in KINDS.items()},
        channels={channel: gettext(words) for channel, words in CHANNELS.items()},
        languages=LANGUAGES,
        hours=choosing.HOURS,
        typed=request.form if problems else {},
        typed_kinds=request.form.getlist("kinds") if problems else list(AlertKind),
        wrong={problem.field: translated(problem.message) for problem in problems},
        outcome=outcome,
        webhook_failure=failure,
        may_retry=me().roles.get(site_id) == Role.ADMIN,
    )


def _wish() -> AlertWish:
    """Raises InvalidInput."""
    form = request.form
    if form.get("channel", "") not in set(Channel):
        raise InvalidInput(FieldProblem("channel", N_("choose one of these")))
    numbers = {name: _number(name) for name in ("queue_size", "queue_hours", "pause_minutes")}
    return AlertWish(
        channel=Channel(form["channel"]),
        address=form.get("address", "").strip(),
        kinds=tuple(AlertKind(kind) for kind in form.getlist("kinds") if kind in set(AlertKind)),
        language=form.get("language", ""),
        zone=form.get("zone", "").strip(),
        quiet_from=_hour("quiet_from"),
        quiet_until=_hour("quiet_until"),
        shows_text="shows_text" in form,
        **numbers,
    )


def _number(name: str) -> int:
    number = whole(request.form.get(name, ""))
    if number is None:
        raise InvalidInput(FieldProblem(name, N_("must be a whole number")))
    return number


def _hour(name: str) -> int | None:
    return _number(name) if request.form.get(name) else None
