"""All settings of a site that people may change, a form for each group, made of the settings' declarations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput
from moderation.moderators.queue import rows as queue
from moderation.sites import rows as sites
from moderation.sites import sites as site_changes
from moderation.sites.audit import actors
from moderation.sites.people.roles import Role
from moderation.sites.settings.declarations import Declaration
from moderation.sites.settings.values import DECLARED
from service.context import gavel, utc_now
from service.desk.frame import setting_fields
from service.desk.frame.rendering import me, my_sites, page, site_asked
from service.desk.frame.routes import Routes
from service.desk.frame.setting_fields import SettingField
from service.languages.wording import N_, gettext

routes = Routes(under="site_settings")


@dataclass(frozen=True, slots=True)
class SettingForm:
    """The form of one group. ``name`` is the group's."""

    name: str
    title: str
    fields: Sequence[SettingField]


@routes.get("/settings", role=Role.ADMIN, title=N_("Site settings"), place=76, endpoint="site_settings")
def show_settings() -> Response:
    return _settings(site_asked())


@routes.post("/settings", role=Role.ADMIN, title=N_("Site settings"))
def set_settings() -> Response:
    """Sets the settings of one group, all of them or none."""
    site_id, db, group = site_asked(), gavel().database, _group_asked()
    private = gavel().settings.private_webhooks
    try:
        given = setting_fields.given(request.form, _open_groups()[group])
        site_changes.change_settings(
            db, site_id, by=actors.person(me()), now=utc_now(), private_webhooks=private, **given
        )
    except InvalidInput as e:
        return _settings(site_id, group, e.problems)
    return redirect(url_for("desk.site_settings", site=site_id, saved=group, _anchor=group), HTTPStatus.SEE_OTHER)


def _settings(site_id: str, sent: str | None = None, problems: Sequence[FieldProblem] = ()) -> Response:
    with gavel().database.read() as conn:
        site_names = queue.site_names(conn, my_sites())
        settings = sites.get_site(conn, site_id).settings
    forms = [
        SettingForm(
            name,
            gettext(declarations[0].group.about.title),
            setting_fields.fields(declarations, settings, request.form if name == sent else {}, problems),
        )
        for name, declarations in _open_groups().items()
    ]
    return page(
        "desk/people/settings.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK,
        site_id=site_id,
        site_names=site_names,
        forms=forms,
        saved=request.args.get("saved", ""),
    )


def _open_groups() -> dict[str, list[Declaration]]:
    """The settings that people may change, by the name of their group."""
    groups = dict[str, list[Declaration]]()
    for setting in DECLARED.values():
        if setting.is_open:
            groups.setdefault(setting.group.__name__, []).append(setting)
    return groups


def _group_asked() -> str:
    group = request.form.get("group", "")
    if group not in _open_groups():
        raise InvalidInput(FieldProblem("group", N_("choose one of these")))
    return group
