"""Keeps the queue on a page current: an event, or else a clock, makes the page fetch the changes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

from flask import current_app, jsonify, request
from werkzeug.wrappers import Response

from moderation.ground.database.engine import Database, first_id_at
from moderation.ground.values.decisions import Decision
from moderation.moderators.queue import change_rows as queue_changes
from moderation.moderators.queue import rows as queue
from moderation.moderators.queue.change_rows import Change
from moderation.moderators.queue.desk import arrival_rows as arrivals
from moderation.sites.people.accounts import SESSION_HOURS
from moderation.sites.people.roles import Role
from moderation.spine.comments import decision_rows as decisions
from service.context import gavel, utc_now
from service.desk.frame.blind import blind_among
from service.desk.frame.rendering import me
from service.desk.frame.routes import Routes
from service.desk.frame.sentences import wording
from service.desk.frame.sentences.numbers import in_figures
from service.desk.queue import hints
from service.desk.queue.query import parse
from service.desk.review.screen import COUNTED
from service.languages.wording import N_, gettext, ngettext
from service.web import stopping

routes = Routes(under="review")

CHECK_BEGAN = N_("This comment is decided. A second moderator checks it blind.")
EXTENSION = "gavel.desk.streams"
LOOK_S = 1.0
BEAT_S = 15.0  # a failed beat shows that the browser has left, and frees its thread
LONGEST_S = 300.0
MAX_LINES = 60


@routes.get("/queue-changes", role=Role.MODERATOR, endpoint="queue_changes")
def show_changes() -> Response:
    """JSON: what happened to the lines of a page, and how many comments have come since it was made."""
    now, view = utc_now(), parse(request.args, me(), now=utc_now()).queue
    ids = [id for id in request.args.get("lines", "").split(",")[:MAX_LINES] if _is_id(id)]
    # A page that was open all night gets the changes of one shift
    since = max(request.args.get("since", ""), first_id_at(now - timedelta(hours=SESSION_HOURS)))
    with gavel().database.read() as conn:
        waiting = queue.count(conn, view, at_most=COUNTED)
        changed = queue_changes.changes(conn, view, ids, reader_id=me().id, now=now)
        gone = {c.comment_id for c in changed if not c.is_waiting}
        blind = blind_among(conn, list(gone))  # words about these would show the policy's verdict
        by = decisions.latest_by_comment(conn, list(gone - blind))
        arrived = queue_changes.count_new(conn, view, since) if _is_id(since) else 0
        seen = hints.digest(conn, view.site_ids, now=now)
    return jsonify(
        waiting=in_figures(waiting, COUNTED),
        arrived=arrived if arrived < queue_changes.MAX_COUNTED else f"{arrived}+",
        fresh=_fresh(arrived) if arrived else "",
        lines={c.comment_id: _line(c, by.get(c.comment_id)) for c in changed},
        hints=seen,
    )


def _fresh(arrived: int) -> str:
    return ngettext("%(count)s new", "%(count)s new", arrived, count=in_figures(arrived, queue_changes.MAX_COUNTED))


def _line(change: Change, decision: Decision | None) -> dict[str, object]:
    """``words`` stand in the line of the queue, and ``notice`` under the comment where it is open."""
    if decision is not None:
        return {"gone": True, "words": wording.done_by(decision), "notice": wording.decided_notice(decision)}
    if not change.is_waiting:  # and a check that says nothing about the decision
        return {"gone": True, "words": gettext("Check"), "notice": gettext(CHECK_BEGAN)}
    words, notice = gettext("%(name)s is reading", name=change.reader), wording.reading_notice(change.reader or "")
    return {"gone": False, "words": words, "notice": notice}


@routes.get("/live", role=Role.MODERATOR)
def live() -> Response:
    """An event each time somebody decides a comment on the moderator's sites, which an escalation is too, or asks or
    answers the moderator.

    Each stream occupies a thread, so there are few. When none is left, 204 ends the EventSource and the page polls.
    """
    places: threading.BoundedSemaphore = current_app.extensions.setdefault(EXTENSION, _places())
    if not places.acquire(blocking=False):
        return Response(status=HTTPStatus.NO_CONTENT)
    stream = _Stream(gavel().database, me().id, tuple(me().roles), places)
    response = Response(stream, mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})
    response.call_on_close(stream.close)
    return response


class _Stream:
    """Looks for new decisions and questions until it is closed. It returns its place exactly once, however it ends."""

    def __init__(
        self, database: Database, moderator_id: str, site_ids: tuple[str, ...], places: threading.BoundedSemaphore
    ) -> None:
        self._database, self._moderator_id, self._site_ids, self._places = database, moderator_id, site_ids, places
        self._is_open = True

    def __iter__(self) -> Iterator[str]:
        started = beat = time.monotonic()
        seen = self._look()
        yield "retry: 3000\n\n"
        while self._is_open and time.monotonic() - started < LONGEST_S and not stopping.has_begun():
            time.sleep(LOOK_S)
            newest = self._look()
            if newest != seen:
                seen, beat = newest, time.monotonic()
                yield f"data: {newest}\n\n"
            elif time.monotonic() - beat > BEAT_S:
                beat = time.monotonic()
                yield ": still here\n\n"

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self._places.release()

    def _look(self) -> str:
        with self._database.read() as conn:
            asked, answered = arrivals.handed_to(conn, self._moderator_id)
            return f"{queue_changes.newest_decision(conn, self._site_ids)} {asked} {answered}"


def _places() -> threading.BoundedSemaphore:
    """The places for those who wait: at most a quarter of the threads: the others answer."""
    return threading.BoundedSemaphore(max(1, gavel().settings.web_threads // 4))


def _is_id(value: str) -> bool:
    try:
        return str(UUID(value)) == value
    except ValueError:
        return False
