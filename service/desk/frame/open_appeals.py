"""Shows beside the tab how many appeals this person may decide."""

from __future__ import annotations

from sqlalchemy.exc import SQLAlchemyError

from moderation.law.appeals import waiting
from moderation.sites.rows import Moderator
from service.context import gavel
from service.desk.frame import cached
from service.desk.frame.sentences.numbers import in_figures

COUNTED = 100
KEPT_S = 20.0  # the number may be so old, but for the person who has just decided one


def open_appeals_to(moderator: Moderator, *, anew: bool = False) -> str:
    """In figures; empty for none, and when the database is down: the page that reports that must not fail here."""
    keep = cached.renewed if anew else cached.value
    return keep(("open appeals", moderator.id), KEPT_S, lambda: _count(moderator))


def _count(moderator: Moderator) -> str:
    try:
        with gavel().database.read() as conn:
            count = waiting.count_for(conn, moderator)
    except SQLAlchemyError:
        return ""
    return in_figures(count, COUNTED) if count else ""
