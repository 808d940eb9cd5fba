"""The limits of one section or article: to see, try, save or remove. Each change is a new version of the policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput, NotFound, StalePolicy
from moderation.judging.policy import documents
from moderation.judging.policy.wording import OVERRIDES, changes
from moderation.sites.people import roles
from moderation.sites.people.roles import Role
from moderation.sites.rows import PolicyRow
from service.context import gavel
from service.desk.frame.rendering import me, page, site_asked
from service.desk.frame.routes import Routes
from service.desk.frame.sentences.formats import sentence
from service.desk.frame.sentences.numbers import whole
from service.desk.frame.sentences.phrases import in_words
from service.desk.policy import override_places, replays
from service.desk.policy.override_form import combined, lines, override_from, with_override
from service.desk.policy.pages import OUTPACED
from service.desk.policy.versions import current_row, replace_policy
from service.languages.wording import N_, gettext

TITLE = N_("Limits for a section or an article")

routes = Routes(under="policy")


@routes.get("/policy/override", role=Role.MODERATOR, title=TITLE, endpoint="override")
def show() -> Response:
    """The override with this name, or an empty form if no name is given."""
    site_id, name = site_asked(), request.args.get("name")
    kind = request.args.get("kind", "sections")
    row = current_row(site_id)
    if name is not None and name not in _known(row, kind):
        raise NotFound("limits of", name)
    replays.renew(site_id)
    return _screen(site_id, row, row.document, kind=kind, name=name, was=name)


@routes.post("/policy/override/try", role=Role.MODERATOR, title=TITLE)
def try_override() -> Response:
    """The form as filled in, with its effect on recent comments. Nothing is saved."""
    site_id = site_asked()
    row = current_row(site_id)
    try:
        return _screen(site_id, row, _candidate(row, _asked()), **_asked())
    except InvalidInput as e:
        return _refused(site_id, row, e)


@routes.post("/policy/override", role=Role.LEAD, title=TITLE, endpoint="save_override")
def save() -> Response:
    """Saves the form as a new version of the policy."""
    site_id = site_asked()
    row = current_row(site_id)
    try:
        return _saved(site_id, _candidate(row, _asked()), _asked())
    except InvalidInput as e:
        return _refused(site_id, row, e)


@routes.post("/policy/override/remove", role=Role.LEAD, endpoint="remove_override")
def remove() -> Response:
    """Saves a new version of the policy without this override."""
    site_id, asked = site_asked(), _asked()
    row = current_row(site_id)
    return _saved(site_id, with_override(row.document, asked["kind"], asked["name"], None), asked)


def _asked() -> dict[str, Any]:
    """The place that the form is about, and its name when the form was made."""
    form = request.form
    return {"kind": form.get("kind", ""), "name": form.get("name", "").strip(), "was": form.get("was") or None}


def _known(row: PolicyRow, kind: str) -> Mapping[str, Any]:
    """The overrides of this kind by name. An unknown kind has none."""
    overrides: Mapping[str, Any] = row.document.get(kind, {}) if kind in OVERRIDES else {}
    return overrides


def _candidate(row: PolicyRow, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Raises InvalidInput for a document that is no valid policy."""
    old = _known(row, asked["kind"]).get(asked["was"] or "", {})
    candidate = with_override(
        row.document, asked["kind"], asked["name"], override_from(request.form, old), was=asked["was"]
    )
    documents.parse(candidate, row.version + 1)
    return candidate


def _saved(site_id: str, document: Mapping[str, Any], asked: Mapping[str, Any]) -> Response:
    expected = whole(request.form.get("version", "")) or 0
    note = request.form.get("note", "")
    try:
        replace_policy(site_id, document, expected, note)
    except StalePolicy as e:
        notice = gettext(OUTPACED, version=e.current)
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
    with gavel().database.read() as conn:
        offered = override_places.offered(conn, site_id)
        warning = override_places.warnings(conn, site_id, kind, [name])[name] if name else ""
    return page(
        "desk/policy/override.html",
        status=status,
        site_id=site_id,
        row=row,
        kinds=OVERRIDES,
        place={"kind": kind, "name": name or "", "was": was},
        offered=offered,
        warning=warning,
        lines=lines(row.document, override),
        combined=[(words, rule in override.get("rules", ())) for words, rule in combined(old)],
        changed=changes(row.document, document, in_words),
        replayed=replayed,
        begun=replays.examples(replayed, document),
        newest=replays.NEWEST,
        problems={problem.field: sentence(f"{problem.field} {problem.message}") for problem in problems},
        notice=notice,
        note=request.form.get("note", ""),
        may_save=site_id in roles.sites_where(me(), Role.LEAD),
    )
