"""Reminds moderators, who read hundreds of comments in a shift, to take a break."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus

from flask import redirect, url_for
from werkzeug.wrappers import Response

from moderation.sites.people.roles import Role
from moderation.sites.rows import Moderator, set_preferences
from service.context import gavel, utc_now
from service.desk.frame.rendering import me
from service.desk.frame.routes import Routes

routes = Routes(under="review")

STRETCH = timedelta(minutes=50)
FORGOTTEN = timedelta(hours=12)  # a break of yesterday means nothing today


def minutes_without_break(moderator: Moderator, now: datetime) -> int | None:
    """How long somebody has been reading. None before it is time for a break, and if they want no reminders."""
    if moderator.preferences.get("no_breaks") or not (rested := moderator.preferences.get("rested_at")):
        return None
    since = now - datetime.fromisoformat(rested)
    return int(since.total_seconds() // 60) if STRETCH <= since < FORGOTTEN else None


def rested(moderator: Moderator, now: datetime) -> None:
    """Notes that a stretch of reading begins now: after a break or a login."""
    with gavel().database.write() as conn:
        set_preferences(conn, moderator.id, {**moderator.preferences, "rested_at": now.isoformat()})


@routes.post("/break", role=Role.MODERATOR)
def take_break() -> Response:
    rested(me(), utc_now())
    return redirect(url_for("desk.review"), HTTPStatus.SEE_OTHER)
