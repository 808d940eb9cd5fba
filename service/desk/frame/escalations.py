"""Shows beside the tab how many comments wait for a lead."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from moderation.store import queue
from moderation.store.queue_view import QueueView
from moderation.store.sites import Moderator
from service.context import gavel
from service.desk.frame.numbers import in_figures

COUNTED = 100


def escalated_to(moderator: Moderator) -> str:
    """In figures; empty for none, and when the database is down: the page that reports that must not fail here."""
    try:
        with gavel().database.read() as conn:
            count = queue.count(conn, QueueView(tuple(moderator.roles), escalated=True), at_most=COUNTED)
    except SQLAlchemyError:
        return ""
    return in_figures(count, COUNTED) if count else ""
