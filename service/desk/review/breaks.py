"""Looking after whoever reads four hundred of these in a shift: a break now and then."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from moderation.store.sites import Moderator, set_preferences
from service.context import gavel, utc_now
from service.desk.frame.rendering import me

STRETCH = timedelta(minutes=50)
FORGOTTEN = timedelta(hours=12)  # a mark of yesterday says nothing about today


def register(desk: Blueprint) -> None:
    desk.add_url_rule("/break", "take_break", take_break, methods=["POST"])


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
