"""Saved views of the queue. Anybody keeps some for themselves; a lead shares them with a site's desk and changes those.
Changes of shared ones are in the audit trail."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from moderation.ground.database.engine import Database, new_id
from moderation.ground.errors import FieldProblem, InvalidInput, NotFound
from moderation.moderators.queue.desk import saved_view_rows as store
from moderation.moderators.queue.desk.saved_view_rows import SavedView
from moderation.sites.audit import actors
from moderation.sites.audit import writing as audit_writing
from moderation.sites.people.roles import Role, allow
from moderation.sites.rows import Moderator

MAX_NAME_CHARS = 40
MAX_QUERY_CHARS = 1_000
MOST = 12  # of one person, and shared with one desk: their counts are on every page
KEPT_DELETED = timedelta(days=1)


def all_for(conn: Connection, moderator: Moderator) -> list[SavedView]:
    """The moderator's own, and then those of their desks: of several desks, the oldest."""
    return store.seen_by(conn, moderator.id, tuple(moderator.roles), own=MOST, shared=2 * MOST)


def save(db: Database, moderator: Moderator, *, name: str, query: str, now: datetime) -> SavedView:
    """Saves a view for the moderator alone. Raises InvalidInput."""
    _check_query(query)
    view = SavedView(new_id(), moderator.id, None, _checked(name), query)
    with db.write() as conn:
        store.forget_deleted(conn, moderator.id, before=now - KEPT_DELETED)
        _check_room(store.own(conn, moderator.id, limit=MOST + 1), view)
        store.insert_view(conn, view, now=now)
    return view


def rename(db: Database, moderator: Moderator, view_id: str, name: str, *, now: datetime) -> None:
    """Raises NotFound, NotAllowed and InvalidInput."""
    named = _checked(name)
    with db.write() as conn:
        view = _changeable(conn, moderator, view_id)
        store.change_view(conn, view.id, name=named, site_id=view.site_id, query=view.query)
        if named != view.name:
            _note(conn, "view.renamed", moderator, view, now, named)


def share(db: Database, moderator: Moderator, view_id: str, site_id: str, query: str, *, now: datetime) -> None:
    """Shares a view with the desk of a site that the moderator leads; ``query`` is the view limited to that site.

    Raises NotFound, NotAllowed and InvalidInput.
    """
    allow(moderator, site_id, Role.LEAD)
    _check_query(query)
    with db.write() as conn:
        view = replace(_changeable(conn, moderator, view_id), site_id=site_id)
        _check_room(store.shared(conn, [site_id], limit=MOST + 1), view)
        store.change_view(conn, view.id, name=view.name, site_id=site_id, query=query)
        _note(conn, "view.shared", moderator, view, now)


def delete(db: Database, moderator: Moderator, view_id: str, *, now: datetime) -> SavedView:
    """It can be brought back for a day. Raises NotFound and NotAllowed."""
    with db.write() as conn:
        view = _changeable(conn, moderator, view_id)
        if store.set_deleted(conn, view.id, now):
            _note(conn, "view.deleted", moderator, view, now)
    return view


def restore(db: Database, moderator: Moderator, view_id: str, *, now: datetime) -> SavedView:
    """Raises NotFound, NotAllowed, and InvalidInput where others have taken its place meanwhile."""
    with db.write() as conn:
        view = _changeable(conn, moderator, view_id)
        others = store.own(conn, view.moderator_id, limit=MOST + 1)
        _check_room(others if view.site_id is None else store.shared(conn, [view.site_id], limit=MOST + 1), view)
        if store.set_deleted(conn, view.id, None):
            _note(conn, "view.restored", moderator, view, now)
    return view


def find(conn: Connection, moderator: Moderator, view_id: str) -> SavedView:
    """One that the moderator sees, or saw until it was deleted. Raises NotFound."""
    view = store.get_view(conn, view_id)
    is_seen = view.moderator_id == moderator.id if view.site_id is None else view.site_id in moderator.roles
    if not is_seen:
        raise NotFound("saved view", view_id)
    return view


def _changeable(conn: Connection, moderator: Moderator, view_id: str) -> SavedView:
    view = find(conn, moderator, view_id)
    if view.site_id is not None:
        allow(moderator, view.site_id, Role.LEAD)
    return view


def _checked(name: str) -> str:
    given = name.strip()
    if not given.isprintable() or not 0 < len(given) <= MAX_NAME_CHARS:
        raise InvalidInput(FieldProblem("name", f"must be 1 to {MAX_NAME_CHARS} printable characters"))
    return given


def _check_query(query: str) -> None:
    if len(query) > MAX_QUERY_CHARS:
        raise InvalidInput(FieldProblem("view", f"must have at most {MAX_QUERY_CHARS:,} characters"))


def _check_room(others: list[SavedView], view: SavedView) -> None:
    if sum(other.id != view.id for other in others) >= MOST:
        raise InvalidInput(FieldProblem("name", f"there are {MOST} views already: delete one first"))


def _note(
    conn: Connection, action: str, by: Moderator, view: SavedView, now: datetime, renamed: str | None = None
) -> None:
    """A person's own views are nobody else's business."""
    if view.site_id is None:
        return
    after = {"name": renamed} if renamed else None
    audit_writing.note(conn, actors.person(by), action, site_id=view.site_id, subject=view.name, after=after, now=now)
