"""Shows beside the tab how many comments wait for a lead."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from moderation.moderators.queue import rows as queue
from moderation.moderators.queue.view_rows import QueueView
from moderation.sites.rows import Moderator
from service.context import gavel
from service.desk.frame.sentences.numbers import in_figures

COUNTED = 100


def escalated(moderator: Moderator) -> tuple[QueueView, int]:
    """The view to count, and how far."""
    return QueueView(tuple(moderator.roles), escalated=True), COUNTED


def escalated_in_figures(count: int) -> str:
    """Empty for none."""
    return in_figures(count, COUNTED) if count else ""


def escalated_to(moderator: Moderator) -> str:
    """In figures; empty for none, and when the database is down: the page that reports that must not fail here."""
    try:
        with gavel().database.read() as conn:
            (count,) = queue.counts_to(conn, [escalated(moderator)])
    except SQLAlchemyError:
        return ""
    return escalated_in_figures(count)
