"""Where the status filter leads beyond the queue: published and rejected comments, by the same filters."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from moderation.model import CommentStatus
from moderation.store import decided, queue
from service.context import gavel, utc_now
from service.desk.frame.excerpts import excerpts
from service.desk.frame.rendering import me, page
from service.desk.queue import filters
from service.desk.queue.query import parse

LINES = 30


def register(desk: Blueprint) -> None:
    desk.add_url_rule("/decided", "decided", show)


def show() -> Response:
    asked = request.args.get("status", "")
    view = parse(request.args, me(), now=utc_now())
    if asked not in filters.DECIDED:
        return redirect(view.under(url_for("desk.review")))
    with gavel().database.read() as conn:
        listing = decided.listing(
            conn, view.queue, CommentStatus(asked), before=_id(request.args.get("before")), limit=LINES
        )
        named = filters.named(conn, view, url_for("desk.decided"), status=asked)
        site_names = queue.site_names(conn, tuple(me().roles))
        begun = excerpts(conn, listing.found)
    return page(
        "desk/decided.html",
        title=filters.DECIDED[asked],
        status_asked=asked,
        view=view,
        listing=listing,
        looked_at=decided.LOOKED_AT,
        named=named,
        statuses=filters.STATUSES,
        site_names=site_names,
        excerpts=begun,
    )


def _id(value: str | None) -> str | None:
    try:
        return str(UUID(value)) if value else None
    except ValueError:
        return None
