"""The numbers beside the tabs: what waits on each page of the desk for this person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from moderation.law.appeals import waiting
from moderation.moderators.queue import notice_rows as notices
from moderation.moderators.queue import rows as queue
from moderation.moderators.queue.view_rows import QueueView
from moderation.sites.rows import Moderator
from service import cached
from service.context import gavel
from service.desk.frame.sentences.numbers import in_figures

MOST_WAITING = 1000  # beyond that the tab says "1,000+"
MOST = 100  # and so for the others
KEPT_S = 20.0  # the number of appeals and notices may be so old, but for the person who has just decided one


@dataclass(frozen=True, slots=True)
class Tallies:
    """In figures, by the page's endpoint. Empty for none."""

    review: str = ""
    escalated: str = ""
    appeals: str = ""
    notices: str = ""

    @property
    def by_page(self) -> Mapping[str, str]:
        return asdict(self)


def views(moderator: Moderator) -> list[tuple[QueueView, int]]:
    """The views of the queue to count, and how far."""
    whole = QueueView(tuple(moderator.roles))
    return [(whole, MOST_WAITING), (replace(whole, escalated=True), MOST)]


def counted(moderator: Moderator, in_views: list[int], *, anew: bool = False) -> Tallies:
    """``in_views`` are the numbers of ``views``. The rest is kept for a while, unless ``anew``."""
    review, escalated = in_views
    keep = cached.renewed if anew else cached.value
    appeals, noticed = keep(("tallies of law", moderator.id), KEPT_S, lambda: _of_law(moderator))
    return Tallies(_words(review, MOST_WAITING), _words(escalated, MOST), _words(appeals, MOST), _words(noticed, MOST))


def of_person(moderator: Moderator, *, anew: bool = False) -> Tallies:
    """All empty when the database is down: the page that reports that must not fail here."""
    try:
        with gavel().database.read() as conn:
            return in_transaction(conn, moderator, anew=anew)
    except SQLAlchemyError:
        return Tallies()


def in_transaction(conn: Connection, moderator: Moderator, *, anew: bool = False) -> Tallies:
    return counted(moderator, queue.counts_to(conn, views(moderator)), anew=anew)


def _of_law(moderator: Moderator) -> tuple[int, int]:
    """The appeals that this person may decide, and the notices that nobody has answered."""
    with gavel().database.read() as conn:
        return waiting.count_for(conn, moderator), notices.count_open(conn, tuple(moderator.roles), at_most=MOST + 1)


def _words(count: int, most: int) -> str:
    return in_figures(count, most) if count else ""
