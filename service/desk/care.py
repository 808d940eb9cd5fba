"""Looking after whoever reads four hundred of these in a shift: a break now and then, and something lighter next."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from http import HTTPStatus

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from moderation import review
from moderation.store.queue import Order
from moderation.store.sites import Moderator, set_preferences
from service.context import gavel, utc_now
from service.desk.rendering import me
from service.desk.views import parse_query

STRETCH = timedelta(minutes=50)
FORGOTTEN = timedelta(hours=12)  # a mark of yesterday says nothing about today


def register(desk: Blueprint) -> None:
    desk.add_url_rule("/break", "take_break", take_break, methods=["POST"])
    desk.add_url_rule("/comments/<uuid:comment_id>/lighter", "lighter", lighter, methods=["POST"])


def minutes_without_break(moderator: Moderator, now: datetime) -> int | None:
    """How long somebody has been reading, once that is worth a word; None before, and for who wants none."""
    if moderator.preferences.get("no_breaks") or not (rested := moderator.preferences.get("rested_at")):
        return None
    since = now - datetime.fromisoformat(rested)
    return int(since.total_seconds() // 60) if STRETCH <= since < FORGOTTEN else None


def rested(moderator: Moderator, now: datetime) -> None:
    with gavel().database.write() as conn:
        set_preferences(conn, moderator.id, {**moderator.preferences, "rested_at": now.isoformat()})


def take_break() -> Response:
    rested(me(), utc_now())
    return redirect(url_for("desk.review"), HTTPStatus.SEE_OTHER)


def lighter(comment_id: object) -> Response:
    """Puts this one off and opens the least toxic of the view instead; the order of the view stays as it was."""
    now = utc_now()
    view = parse_query(request.form.get("view", ""), me(), now=now)
    review.skip(gavel().database, me(), str(comment_id), now=now)
    found = review.next_comment(gavel().database, me(), replace(view.queue, order=Order.LIGHTEST), now=now)
    path = url_for("desk.comment", comment_id=found) if found else url_for("desk.review")
    return redirect(view.under(path), HTTPStatus.SEE_OTHER)
