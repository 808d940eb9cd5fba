"""Failed items, for admins: comments that could not be scored, events that could not be delivered, and the webhook."""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import redirect, request, url_for
from redis.exceptions import RedisError
from werkzeug.wrappers import Response

from moderation.ground.errors import NotFound
from moderation.ground.monitoring import logs
from moderation.ground.values.decisions import Decision
from moderation.moderators.queue import rows as queue
from moderation.operations.operating import failed_item_rows as store
from moderation.operations.operating import failed_items as dead_letters
from moderation.operations.operating.failed_item_rows import DeadComment, DeadEvent
from moderation.operations.operating.failed_items import error_line
from moderation.sites import rows as sites
from moderation.sites import webhook as webhooks
from moderation.sites import webhook_rows as webhook_failures
from moderation.sites.people.roles import Role
from moderation.spine.comments import decision_rows as decisions
from service.context import gavel, utc_now
from service.desk.frame.rendering import me, my_sites, page, site_asked
from service.desk.frame.routes import Routes
from service.desk.frame.sentences.numbers import figures
from service.languages.wording import N_, gettext, ngettext
from service.web.webhook_tests import held

routes = Routes(under="failed_items")

LINES = 100


@routes.get("/failed", role=Role.ADMIN, title=N_("Failed items"), place=100, is_folded=True, endpoint="failed_items")
def show() -> Response:
    """The newest failed comments and events, each with its error."""
    site_id = site_asked()
    letters = dead_letters.read(gavel().database, site_id=site_id, limit=LINES + 1)
    with gavel().database.read() as conn:
        names = queue.site_names(conn, my_sites())
        settings = sites.get_site(conn, site_id).settings
        failure = webhook_failures.find(conn, site_id)
        why = decisions.latest_by_comment(conn, [comment.id for comment in letters.comments])
    return page(
        "desk/failed/failed_items.html",
        site_id=site_id,
        site_names=names,
        comments=letters.comments[:LINES],
        events=letters.events[:LINES],
        is_more=max(len(letters.comments), len(letters.events)) > LINES,
        most=dead_letters.MOST,
        errors={**_errors(letters.comments[:LINES], why), **{e.id: _error(e) for e in letters.events}},
        tried=request.args.get("tried"),
        webhook_url=logs.clean(settings.webhook_url) if settings.webhook_url else None,
        failure=failure,
        answered=request.args.get("answered", type=int),
        duration_ms=request.args.get("duration_ms", type=int),
    )


@routes.get(
    "/failed/comments/<uuid:comment_id>", role=Role.ADMIN, title=N_("Failed comment"), endpoint="failed_comment"
)
def show_comment(comment_id: UUID) -> Response:
    """One comment, with the whole error of its last attempt."""
    site_id, found_id = site_asked(), str(comment_id)
    every = dead_letters.read(gavel().database, site_id=site_id).comments
    comment = next((c for c in every if c.id == found_id), None)
    if comment is None:
        raise NotFound("dead letter", found_id)
    try:
        failure = dead_letters.last_failure(gavel().queues.redis, found_id)
        error = logs.clean(failure) if failure else gettext("The queue no longer has the error of the last attempt.")
    except RedisError:
        error = gettext("The queue server does not answer, so the error of the last attempt cannot be shown.")
    return page("desk/failed/failed_item.html", site_id=site_id, comment=comment, event=None, error=error)


@routes.get("/failed/events/<uuid:event_id>", role=Role.ADMIN, title=N_("Failed event"), endpoint="failed_event")
def show_event(event_id: UUID) -> Response:
    """One event, with the webhook's answer and the event as it was sent."""
    site_id, found_id = site_asked(), str(event_id)
    with gavel().database.read() as conn:
        events = store.dead_events(conn, site_id=site_id, event_id=found_id, limit=1)
        payload = store.payload_of(conn, found_id) if events else {}
    if not events:
        raise NotFound("dead letter", found_id)
    error = f"{logs.clean(events[0].last_error or '')}\n\n{json.dumps(payload, indent=2, ensure_ascii=False)}"
    return page("desk/failed/failed_item.html", site_id=site_id, comment=None, event=events[0], error=error)


@routes.get("/given-up", role=Role.ADMIN)
@routes.get("/given-up/<path:rest>", role=Role.ADMIN, endpoint="given_up_item")
def given_up(rest: str = "") -> Response:
    """The address that these pages had once: bookmarks go on working."""
    address = url_for("desk.failed_items") + (f"/{rest}" if rest else "")
    query = request.query_string.decode()
    return redirect(f"{address}?{query}" if query else address, HTTPStatus.MOVED_PERMANENTLY)


@routes.post("/failed", role=Role.ADMIN)
def try_again() -> Response:
    """Tries the item with the form's ``id`` again, or all of them without one."""
    site_id, only = site_asked(), request.form.get("id") or None
    tried = dead_letters.try_again_at_desk(gavel().database, me(), site_id, now=utc_now(), only=only)
    words = gettext("%(comments)s to score, %(events)s to send", comments=tried.comments, events=tried.events)
    return redirect(url_for("desk.failed_items", site=site_id, tried=words), HTTPStatus.SEE_OTHER)


@routes.post("/failed/webhook-test", role=Role.ADMIN)
def test_webhook() -> Response:
    """Sends a test event and shows the outcome on the page of failed items."""
    site_id, db = site_asked(), gavel().database
    tested = held(site_id, lambda sender: webhooks.send_test_at_desk(db, me(), site_id, sender, now=utc_now()))
    outcome: dict[str, Any] = {} if tested.error else {"answered": tested.status, "duration_ms": tested.duration_ms}
    return redirect(url_for("desk.failed_items", site=site_id, _anchor="webhook", **outcome), HTTPStatus.SEE_OTHER)


def _errors(comments: Sequence[DeadComment], why: dict[str, Decision]) -> dict[str, str]:
    """The error of each comment's last attempt, while the queue server keeps it; later the detail of its decision."""
    errors = {c.id: str(why[c.id].reasons[0].get("detail", "")) for c in comments if c.id in why and why[c.id].reasons}
    try:
        for comment in comments:
            if failure := dead_letters.last_failure(gavel().queues.redis, comment.id):
                errors[comment.id] = error_line(failure)
    except RedisError:
        pass  # it is down: asking for the others would only take time
    return errors


def _error(event: DeadEvent) -> str:
    return ngettext(
        "%(count)s attempt failed: %(error)s",
        "%(count)s attempts; the last failed: %(error)s",
        event.attempts,
        count=figures(event.attempts),
        error=error_line(event.last_error or gettext("no answer")),
    )
