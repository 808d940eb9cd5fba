"""Limits of one section or article: seen, tried, saved and removed, each as a new version of the policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.errors import FieldProblem, InvalidInput, NotFound, StalePolicy
from moderation.people import roles
from moderation.people.roles import Role
from moderation.policy import documents
from moderation.policy.wording import OVERRIDES, changes
from moderation.store.sites import PolicyRow
from service.desk.frame.rendering import me, page
from service.desk.policy import replays
from service.desk.policy.override_form import lines, override_from, with_override
from service.desk.policy.pages import asked_site, current_row, replace_policy


def register(desk: Blueprint) -> None:
    desk.add_url_rule("/policy/override", "override", show)
    desk.add_url_rule("/policy/override/try", "try_override", try_override, methods=["POST"])
    desk.add_url_rule("/policy/override", "save_override", save, methods=["POST"])
    desk.add_url_rule("/policy/override/remove", "remove_override", remove, methods=["POST"])


def show() -> Response:
    """An override as it is, or an empty form where no name is given."""
    site_id, name = asked_site(request.args), request.args.get("name")
    kind = request.args.get("kind", "sections")
    row = current_row(site_id)
    if name is not None and name not in _known(row, kind):
        raise NotFound("limits of", name)
    return _screen(site_id, row, row.document, kind=kind, name=name, was=name)


def try_override() -> Response:
    """The form as filled in, with what it would have done. Nothing is saved."""
    site_id = asked_site(request.form)
    row = current_row(site_id)
    try:
        return _screen(site_id, row, _candidate(row, _asked()), **_asked())
    except InvalidInput as e:
        return _refused(site_id, row, e)


def save() -> Response:
    site_id = asked_site(request.form)
    roles.allow(me(), site_id, Role.LEAD)
    row = current_row(site_id)
    try:
        return _saved(site_id, _candidate(row, _asked()), _asked())
    except InvalidInput as e:
        return _refused(site_id, row, e)


def remove() -> Response:
    site_id, asked = asked_site(request.form), _asked()
    roles.allow(me(), site_id, Role.LEAD)
    row = current_row(site_id)
    return _saved(site_id, with_override(row.document, asked["kind"], asked["name"], None), asked)


def _asked() -> dict[str, Any]:
    """Which place the form is about, and what it was called when the form was made."""
    form = request.form
    return {"kind": form.get("kind", ""), "name": form.get("name", "").strip(), "was": form.get("was") or None}


def _known(row: PolicyRow, kind: str) -> Mapping[str, Any]:
    """The overrides of this kind by name; none of what is no kind."""
    found: Mapping[str, Any] = row.document.get(kind, {}) if kind in OVERRIDES else {}
    return found


def _candidate(row: PolicyRow, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Raises InvalidInput for what could not be a policy."""
    old = _known(row, asked["kind"]).get(asked["was"] or "", {})
    made = with_override(row.document, asked["kind"], asked["name"], override_from(request.form, old), was=asked["was"])
    documents.parse(made, row.version + 1)
    return made


def _saved(site_id: str, document: Mapping[str, Any], asked: Mapping[str, Any]) -> Response:
    expected = request.form.get("version", "")
    note = request.form.get("note", "")
    try:
        replace_policy(site_id, document, int(expected) if expected.isdecimal() else 0, note)
    except StalePolicy as e:
        notice = f"Nothing was saved: somebody saved version {e.current} meanwhile. This is how it is now."
        newer = current_row(site_id)
        known = asked["was"] if asked["was"] in _known(newer, asked["kind"]) else None
        shown = {**asked, "was": known}
        return _screen(site_id, newer, newer.document, **shown, notice=notice, status=HTTPStatus.CONFLICT)
    return redirect(url_for("desk.policy", site=site_id, saved=1), HTTPStatus.SEE_OTHER)


def _refused(site_id: str, row: PolicyRow, error: InvalidInput) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return _screen(site_id, row, row.document, **_asked(), problems=error.problems, status=status)


def _screen(
    site_id: str,
    row: PolicyRow,
    document: Mapping[str, Any],
    *,
    kind: str,
    name: str | None,
    was: str | None,
    problems: Sequence[FieldProblem] = (),
    notice: str | None = None,
    status: int = 200,
) -> Response:
    old = _known(row, kind).get(was or "", {})
    override = override_from(request.form, old) if request.method == "POST" and notice is None else old
    replayed = replays.tried(site_id, row, document)
    return page(
        "desk/override.html",
        status=status,
        site_id=site_id,
        row=row,
        kinds=OVERRIDES,
        place={"kind": kind, "name": name or "", "was": was},
        lines=lines(row.document, override),
        changed=changes(row.document, document),
        replayed=replayed,
        begun=replays.examples(replayed, document),
        newest=replays.NEWEST,
        problems=problems,
        notice=notice,
        may_save=site_id in roles.sites_where(me(), Role.LEAD),
    )
