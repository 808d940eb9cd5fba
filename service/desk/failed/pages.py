"""What was given up, for admins: comments that could not be scored, events that no webhook took. To be tried again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from redis.exceptions import RedisError
from werkzeug.wrappers import Response

from moderation.errors import NotFound
from moderation.monitoring import logs
from moderation.operating import dead_letters
from moderation.operating.dead_letters import error_line
from moderation.people import roles
from moderation.people.roles import Role
from moderation.store import dead_letters as store
from moderation.store import decisions, queue
from moderation.store.dead_letters import DeadComment, DeadEvent
from moderation.store.decisions import Decision
from service.context import gavel, utc_now
from service.desk.frame.rendering import me, page, site_where

LINES = 100


def register(desk: Blueprint) -> None:
    desk.add_url_rule("/given-up", "given_up", show)
    desk.add_url_rule("/given-up", "try_again", try_again, methods=["POST"])
    desk.add_url_rule("/given-up/comments/<uuid:comment_id>", "dead_comment", show_comment)
    desk.add_url_rule("/given-up/events/<uuid:event_id>", "dead_event", show_event)


def show() -> Response:
    site_id = site_where(Role.ADMIN)
    found = dead_letters.read(gavel().database, site_id=site_id, limit=LINES + 1)
    with gavel().database.read() as conn:
        names = queue.site_names(conn, roles.sites_where(me(), Role.ADMIN))
        why = decisions.latest_by_comment(conn, [comment.id for comment in found.comments])
    return page(
        "desk/given_up.html",
        site_id=site_id,
        site_names=names,
        comments=found.comments[:LINES],
        events=found.events[:LINES],
        is_more=max(len(found.comments), len(found.events)) > LINES,
        most=dead_letters.MOST,
        errors={**_errors(found.comments[:LINES], why), **{e.id: _error(e) for e in found.events}},
        tried=request.args.get("tried"),
    )


def show_comment(comment_id: UUID) -> Response:
    site_id, found_id = site_where(Role.ADMIN), str(comment_id)
    every = dead_letters.read(gavel().database, site_id=site_id).comments
    comment = next((c for c in every if c.id == found_id), None)
    if comment is None:
        raise NotFound("dead letter", found_id)
    try:
        failure = dead_letters.last_failure(gavel().queues.redis, found_id)
        told = logs.clean(failure) if failure else "The queue keeps nothing of the last attempt any more."
    except RedisError:
        told = "The queue server does not answer, so what the last attempt died of cannot be shown."
    return page("desk/dead_letter.html", site_id=site_id, comment=comment, event=None, told=told)


def show_event(event_id: UUID) -> Response:
    site_id, found_id = site_where(Role.ADMIN), str(event_id)
    with gavel().database.read() as conn:
        found = store.dead_events(conn, site_id=site_id, event_id=found_id, limit=1)
        payload = store.payload_of(conn, found_id) if found else {}
    if not found:
        raise NotFound("dead letter", found_id)
    told = f"{logs.clean(found[0].last_error or '')}\n\n{json.dumps(payload, indent=2, ensure_ascii=False)}"
    return page("desk/dead_letter.html", site_id=site_id, comment=None, event=found[0], told=told)


def try_again() -> Response:
    site_id, only = site_where(Role.ADMIN), request.form.get("id") or None
    tried = dead_letters.try_again_at_desk(gavel().database, me(), site_id, now=utc_now(), only=only)
    return redirect(
        url_for("desk.given_up", site=site_id, tried=f"{tried.comments} to score, {tried.events} to send"),
        HTTPStatus.SEE_OTHER,
    )


def _errors(comments: Sequence[DeadComment], why: dict[str, Decision]) -> dict[str, str]:
    """What each comment's last attempt died of, as long as the queue server knows; else what its decision says."""
    found = {c.id: str(why[c.id].reasons[0].get("detail", "")) for c in comments if c.id in why and why[c.id].reasons}
    try:
        for comment in comments:
            if failure := dead_letters.last_failure(gavel().queues.redis, comment.id):
                found[comment.id] = error_line(failure)
    except RedisError:
        pass  # it is away: the others would wait for nothing
    return found


def _error(event: DeadEvent) -> str:
    return f"{event.attempts} attempts, then: {error_line(event.last_error or 'no answer')}"
