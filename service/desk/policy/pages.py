"""The policy: its limits over the site's own comments, the effect of a change, and all earlier versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.errors import FieldProblem, InvalidInput, StalePolicy
from moderation.learning import shadows
from moderation.people import actors, policy_versions, roles
from moderation.people.roles import Role
from moderation.policy import documents
from moderation.policy.wording import OVERRIDES, changes, override_in_words
from moderation.signals.registry import RULED
from moderation.store import queue, sites
from moderation.store.sites import PolicyRow
from service.context import gavel, utc_now
from service.desk.frame.numbers import whole
from service.desk.frame.rendering import me, page, site_asked
from service.desk.frame.routes import Routes
from service.desk.policy import replays, shown_rules
from service.desk.policy.form import NEW_CONDITIONS, candidate_from
from service.languages.wording import N_

routes = Routes(under="policy")

VERSIONS = 50
VERSION = "/policy/versions/<int(max=999999999):version>"


@routes.get("/policy", role=Role.MODERATOR, title=N_("Policy"), place=70, endpoint="policy")
def show() -> Response:
    site_id = site_asked()
    row = current_row(site_id)
    return _screen(site_id, row, row.document)


@routes.post("/policy/try", role=Role.MODERATOR)
def try_policy() -> Response:
    """The form as filled in, with its effect on recent comments. Nothing is saved."""
    site_id = site_asked()
    row = current_row(site_id)
    document = candidate_from(row.document, request.form)
    try:
        documents.parse(document, row.version + 1)
    except InvalidInput as e:
        return _screen(site_id, row, row.document, problems=e.problems, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _screen(site_id, row, document)


@routes.post("/policy", role=Role.LEAD, endpoint="save_policy")
def save() -> Response:
    """Saves the form as a new version, unless somebody else saved one since the page was made."""
    site_id = site_asked()
    row = current_row(site_id)
    document = candidate_from(row.document, request.form)
    expected = whole(request.form.get("version", "")) or 0
    try:
        replace_policy(site_id, document, expected, request.form.get("note", ""))
    except InvalidInput as e:
        return _screen(site_id, row, row.document, problems=e.problems, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except StalePolicy as e:
        notice = f"Nothing was saved: somebody else saved version {e.current} first. This page shows that version."
        newer = current_row(site_id)
        return _screen(site_id, newer, newer.document, notice=notice, status=HTTPStatus.CONFLICT)
    return redirect(url_for("desk.policy", site=site_id, saved=1), HTTPStatus.SEE_OTHER)


@routes.post("/policy/shadow", role=Role.LEAD)
def shadow_policy() -> Response:
    """Runs the form as filled in in the shadow. The policy stays as it is."""
    site_id, now = site_asked(), utc_now()
    row = current_row(site_id)
    document = candidate_from(row.document, request.form)
    name = request.form.get("shadow_name", "").strip() or f"Tried on {now:%-d %b %Y, %H:%M}"
    try:
        started = shadows.start(gavel().database, site_id, name, document, by=actors.person(me()), now=now)
    except InvalidInput as e:
        return _screen(site_id, row, row.document, problems=e.problems, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect(url_for("desk.shadow", shadow_id=started.id), HTTPStatus.SEE_OTHER)


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
        changed=changes(row.document, beside.document),
        may_save=site_id in roles.sites_where(me(), Role.LEAD),
    )


@routes.post(f"{VERSION}/restore", role=Role.LEAD, endpoint="restore_policy")
def restore(version: int) -> Response:
    """Saves an old version as the newest. The versions between stay."""
    site_id = site_asked()
    with gavel().database.read() as conn:
        row = sites.get_policy(conn, site_id, version)
        current = sites.current_policy(conn, site_id)
    replace_policy(site_id, row.document, current.version, f"Version {version} again")
    return redirect(url_for("desk.policy", site=site_id, saved=1), HTTPStatus.SEE_OTHER)


def replace_policy(site_id: str, document: Mapping[str, Any], expected: int, note: str) -> None:
    """Saves the document as the version after ``expected``. Raises StalePolicy and InvalidInput."""
    by, said = actors.person(me()), note.strip()[:500] or None
    policy_versions.replace(gavel().database, site_id, document, expected=expected, by=by, now=utc_now(), note=said)


def _screen(
    site_id: str,
    row: PolicyRow,
    document: Mapping[str, Any],
    *,
    problems: Sequence[FieldProblem] = (),
    notice: str | None = None,
    status: int = 200,
) -> Response:
    scored = replays.recent(site_id).scored
    current = documents.parse(row.document, row.version)
    candidate = documents.parse(document, row.version + 1)
    replayed = replays.tried(site_id, row, document)
    with gavel().database.read() as conn:
        saved = sites.policy_versions(conn, site_id, limit=VERSIONS)
        site_names = queue.site_names(conn, tuple(me().roles))
    return page(
        "desk/policy/policy.html",
        status=status,
        site_id=site_id,
        site_names=site_names,
        row=row,
        rules=shown_rules.shown(row.document, document, scored),
        candidate=candidate,
        changed=changes(row.document, documents.dump(candidate)),
        replayed=replayed,
        begun=replays.examples(replayed, document),
        newest=replays.NEWEST,
        versions=saved,
        problems=problems,
        notice=notice,
        is_saved="saved" in request.args,
        may_save=site_id in roles.sites_where(me(), Role.LEAD),
        unused=[spec for name, spec in RULED.items() if not any(r.signals == {name} for r in current.rules)],
        ruled=list(RULED.values()),
        new_conditions=NEW_CONDITIONS,
        offers=shown_rules.offers(current),
        overrides=[
            (key, kind, name, override_in_words(override))
            for key, kind in OVERRIDES.items()
            for name, override in sorted(row.document.get(key, {}).items())
        ],
    )


def current_row(site_id: str) -> PolicyRow:
    """The site's policy in force."""
    with gavel().database.read() as conn:
        return sites.current_policy(conn, site_id)
