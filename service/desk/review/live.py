"""Together: a page hears of changes by server-sent events, or asks every few seconds, and then fetches what changed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, current_app, jsonify, request
from flask.sansio.app import App
from werkzeug.wrappers import Response

from moderation.people.accounts import SESSION_HOURS
from moderation.store import decisions, queue, queue_changes
from moderation.store.database import Database, first_id_at
from service.context import EXTENSION as GAVEL
from service.context import Gavel, gavel, utc_now
from service.desk.frame import wording
from service.desk.frame.rendering import me
from service.desk.queue.filters import in_figures
from service.desk.queue.query import parse
from service.desk.review.screen import COUNTED
from service.web import stopping

EXTENSION = "gavel.desk.streams"
LOOK_S = 1.0
BEAT_S = 15.0  # so that a browser that left is noticed and its thread freed
LONGEST_S = 300.0
MAX_LINES = 60


def register(desk: Blueprint) -> None:
    desk.add_url_rule("/news", "news", show_news)
    desk.add_url_rule("/live", "live", live)
    desk.record(lambda state: state.app.extensions.setdefault(EXTENSION, _places(state.app)))


def show_news() -> Response:
    """JSON: what the lines of a page have become, and how many comments came since it was made."""
    now, view = utc_now(), parse(request.args, me(), now=utc_now()).queue
    ids = [id for id in request.args.get("lines", "").split(",")[:MAX_LINES] if _is_id(id)]
    # A page that lay open over night asks what came since it was made; a shift's worth is told
    since = max(request.args.get("since", ""), first_id_at(now - timedelta(hours=SESSION_HOURS)))
    with gavel().database.read() as conn:
        waiting = queue.count(conn, view, at_most=COUNTED)
        changed = queue_changes.changes(conn, view, ids, reader_id=me().id, now=now)
        by = decisions.latest_by_comment(conn, [c.comment_id for c in changed if not c.is_waiting])
        arrived = queue_changes.count_new(conn, view, since) if _is_id(since) else 0
    return jsonify(
        waiting=in_figures(waiting, COUNTED),
        arrived=arrived if arrived < queue_changes.MAX_COUNTED else f"{arrived}+",
        lines={
            c.comment_id: {
                "gone": not c.is_waiting,
                "words": f"{wording.what_was_done(d)} by {wording.by_whom(d)}"
                if (d := by.get(c.comment_id))
                else f"{c.reader} is reading",
            }
            for c in changed
        },
    )


def live() -> Response:
    """A doorbell: one event whenever anybody decides anything on the moderator's sites.

    Each stream keeps a thread, so there are few; whoever finds none left is told to poll (204 ends an EventSource).
    """
    places: threading.BoundedSemaphore = current_app.extensions[EXTENSION]
    if not places.acquire(blocking=False):
        return Response(status=HTTPStatus.NO_CONTENT)
    stream = _Stream(gavel().database, tuple(me().roles), places)
    response = Response(stream, mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})
    response.call_on_close(stream.close)
    return response


class _Stream:
    """Gives its place back exactly once, whichever way it ends."""

    def __init__(self, database: Database, site_ids: tuple[str, ...], places: threading.BoundedSemaphore) -> None:
        self._database, self._site_ids, self._places = database, site_ids, places
        self._is_open = True

    def __iter__(self) -> Iterator[str]:
        started = beat = time.monotonic()
        seen = self._look()
        yield "retry: 3000\n\n"
        while self._is_open and time.monotonic() - started < LONGEST_S and not stopping.is_told():
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

    def _look(self) -> str | None:
        with self._database.read() as conn:
            return queue_changes.newest_decision(conn, self._site_ids)


def _places(app: App) -> threading.BoundedSemaphore:
    """A quarter of the threads at most: the others answer."""
    context: Gavel = app.extensions[GAVEL]
    return threading.BoundedSemaphore(max(1, context.settings.web_threads // 4))


def _is_id(value: str) -> bool:
    try:
        return str(UUID(value)) == value
    except ValueError:
        return False
