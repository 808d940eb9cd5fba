"""The API keys of a site, for admins: made, replaced and revoked. A key is shown once, on the page that answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID

from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.ground.errors import FieldProblem, InvalidInput, NotFound
from moderation.moderators.queue import rows as queue
from moderation.sites import keys
from moderation.sites import rows as sites
from moderation.sites.audit import actors
from moderation.sites.keys import NewKey, Scope
from moderation.sites.names import MAX_NAME_CHARS
from moderation.sites.people.roles import Role
from moderation.sites.rows import KeyRow
from service.context import gavel, utc_now
from service.desk.frame.refusals import translated
from service.desk.frame.rendering import me, my_sites, page, site_asked
from service.desk.frame.routes import Routes
from service.languages.wording import N_, gettext

routes = Routes(under="keys")

OVERLAPS: Mapping[int, str] = {
    0: N_("ends at once"),
    1: N_("works for another hour"),
    24: N_("works for another day"),
    24 * 7: N_("works for another week"),
}
"""How long the old key works beside the new one, by hours."""
USUAL_OVERLAP = 24
SCOPES: Mapping[Scope, str] = {
    Scope.POST: N_("Send articles, comments and reports"),
    Scope.READ: N_("Read comments, lists, the feed and the policy"),
    Scope.MODERATE: N_("Decide, change policy and settings, export and erase readers’ data"),
    Scope.SCORE: N_("Score texts that are not stored"),
    Scope.PUBLIC: N_("Read what readers see anyway, in a page"),
    Scope.TRUSTED_FLAGGER: N_("Give notices that come first, for a trusted flagger"),
}


@routes.get("/keys", role=Role.ADMIN, title=N_("API keys"), place=78, is_folded=True, endpoint="keys")
def show() -> Response:
    return _page(site_asked())


@routes.post("/keys", role=Role.ADMIN)
def create_key() -> Response:
    site_id, name = site_asked(), request.form.get("name", "").strip()
    try:
        scopes, by = _scopes(), actors.person(me())
        return _page(
            site_id, new_key=keys.create_key(gavel().database, site_id, name=name, scopes=scopes, by=by, now=utc_now())
        )
    except InvalidInput as e:
        return _page(site_id, e.problems)


@routes.post("/keys/<uuid:key_id>/rotate", role=Role.ADMIN)
def rotate_key(key_id: UUID) -> Response:
    site_id, hours = site_asked(), request.form.get("hours", "")
    if hours not in map(str, OVERLAPS):
        raise InvalidInput(FieldProblem("hours", N_("choose one of these")))
    key, overlap = _key_of(site_id, key_id), timedelta(hours=int(hours))
    new_key = keys.rotate_key(gavel().database, key.id, overlap=overlap, by=actors.person(me()), now=utc_now())
    return _page(site_id, new_key=new_key)


@routes.post("/keys/<uuid:key_id>/revoke", role=Role.ADMIN)
def revoke_key(key_id: UUID) -> Response:
    site_id = site_asked()
    keys.revoke_key(gavel().database, _key_of(site_id, key_id).id, by=actors.person(me()), now=utc_now())
    return redirect(url_for("desk.keys", site=site_id), HTTPStatus.SEE_OTHER)


def _page(site_id: str, problems: Sequence[FieldProblem] = (), *, new_key: NewKey | None = None) -> Response:
    """``new_key`` is one that was just made."""
    with gavel().database.read() as conn:
        names, every = queue.site_names(conn, my_sites()), sites.keys_of(conn, site_id)
    now = utc_now()
    return page(
        "desk/people/keys.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK,
        site_id=site_id,
        site_names=names,
        new_key=new_key,
        live=[key for key in every if not _is_over(key, now)],
        ended=[key for key in every if _is_over(key, now)],
        scopes={scope: gettext(words) for scope, words in SCOPES.items()},
        overlaps={hours: gettext(words) for hours, words in OVERLAPS.items()},
        usual_overlap=USUAL_OVERLAP,
        most_name=MAX_NAME_CHARS,
        typed_name=request.form.get("name", "") if problems else "",
        ticked=request.form.getlist("scopes") if problems else keys.OF_SITES,
        wrong={problem.field: translated(problem.message) for problem in problems},
    )


def _is_over(key: KeyRow, now: datetime) -> bool:
    return key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now)


def _key_of(site_id: str, key_id: UUID) -> KeyRow:
    """Raises NotFound, also for a key of another site."""
    with gavel().database.read() as conn:
        owner, key = sites.get_key(conn, str(key_id))
    if owner != site_id:
        raise NotFound("key", str(key_id))
    return key


def _scopes() -> list[Scope]:
    """Raises InvalidInput."""
    given = request.form.getlist("scopes")
    if not given or not set(given) <= set(Scope):
        raise InvalidInput(FieldProblem("scopes", N_("choose what the key may do")))
    return sorted(map(Scope, given))
