"""A site's policy in its versions: the one in force, a new one, and the earlier ones to compare and to restore."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.judging.policy.wording import changes
from moderation.sites import rows as sites
from moderation.sites.audit import actors
from moderation.sites.people import roles
from moderation.sites.people.roles import Role
from moderation.sites.rows import PolicyRow
from service.checking import policy_trials
from service.context import gavel
from service.desk.frame.rendering import me, page, site_asked
from service.desk.frame.routes import Routes
from service.desk.frame.sentences.numbers import whole
from service.desk.frame.sentences.phrases import in_words
from service.languages.wording import gettext

routes = Routes(under="policy")

VERSION = "/policy/versions/<int(max=999999999):version>"


def current_row(site_id: str) -> PolicyRow:
    """The site's policy in force."""
    with gavel().database.read() as conn:
        return sites.current_policy(conn, site_id)


def replace_policy(site_id: str, document: Mapping[str, Any], expected: int, note: str) -> None:
    """Saves the document as the version after ``expected``. Raises WorseByRuleBook, StalePolicy and InvalidInput."""
    although = request.form.get("although")
    policy_trials.replace(site_id, document, expected=expected, by=actors.person(me()), note=note, although=although)


@routes.get(VERSION, role=Role.MODERATOR, endpoint="policy_version")
def show_version(version: int) -> Response:
    """Compared with the version ``with``, or with the current one."""
    site_id, other = site_asked(), whole(request.args.get("with", ""))
    with gavel().database.read() as conn:
        row = sites.get_policy(conn, site_id, version)
        current = sites.current_policy(conn, site_id)
        beside = sites.get_policy(conn, site_id, other) if other is not None else current
    return page(
        "desk/policy/version.html",
        site_id=site_id,
        row=row,
        current=current,
        beside=beside,
        changed=changes(row.document, beside.document, in_words),
        may_save=site_id in roles.sites_where(me(), Role.LEAD),
    )


@routes.post(f"{VERSION}/restore", role=Role.LEAD, endpoint="restore_policy")
def restore(version: int) -> Response:
    """Saves an old version as the newest. The versions between stay."""
    site_id = site_asked()
    with gavel().database.read() as conn:
        row = sites.get_policy(conn, site_id, version)
        current = sites.current_policy(conn, site_id)
    replace_policy(site_id, row.document, current.version, gettext("Version %(version)s again", version=version))
    return redirect(url_for("desk.policy", site=site_id, saved=1), HTTPStatus.SEE_OTHER)
