"""History: the decisions that people made, newest first, each with an undo."""

from __future__ import annotations

from uuid import UUID

from flask import request
from werkzeug.wrappers import Response

from moderation.deciding import reserved_for_leads
from moderation.people.roles import Role
from moderation.store import history as store
from moderation.store import queue
from service.context import gavel
from service.desk.frame.excerpts import Begun, excerpts
from service.desk.frame.rendering import me, page
from service.desk.frame.routes import Routes
from service.languages.wording import N_

routes = Routes(under="history")

LINES = 50


@routes.get("/history", role=Role.MODERATOR, title=N_("History"), place=40)
def history() -> Response:
    """One page across the moderator's sites: each site's index gives its newest, and ids grow with time."""
    before, mine = _id(request.args.get("before")), "mine" in request.args
    reads, by = tuple(me().roles), me().id if mine else None
    with gavel().database.read() as conn:
        found = [
            entry
            for site_id in reads
            for entry in store.entries(conn, site_id, reads=reads, before=before, limit=LINES + 1, moderator_id=by)
        ]
        site_names = queue.site_names(conn, reads)
        entries = sorted(found, key=lambda entry: entry.decision.id, reverse=True)
        batches = [e.decision.batch_id for e in entries[:LINES] if e.decision.batch_id]
        tallies = store.tallies(conn, batches, reads=reads)
        barred = reserved_for_leads.many_reserved_to_undo(conn, me(), [e.decision for e in entries[:LINES]])
        begun = excerpts(conn, [Begun(e.decision.comment_id, e.text) for e in entries[:LINES]])
    return page(
        "desk/history/history.html",
        entries=entries[:LINES],
        tallies=tallies,
        barred=barred,
        excerpts=begun,
        older=entries[LINES - 1].decision.id if len(entries) > LINES else None,
        mine=mine,
        done=next((e for e in entries if e.decision.id == request.args.get("done")), None),
        site_names=site_names,
    )


def _id(value: str | None) -> str | None:
    try:
        return str(UUID(value)) if value else None
    except ValueError:
        return None
