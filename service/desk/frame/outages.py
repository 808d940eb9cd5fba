"""Shows on every page how long scoring has been down, and what happens to comments meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from moderation.deciding import outages
from moderation.deciding.outages import Outage
from moderation.site_settings import SiteSettings, WhenDown
from moderation.store.sites import Moderator
from service.context import gavel
from service.desk.frame import cached

LOOK_S = 10.0  # one look serves every page of this process for so long


def outages_of(moderator: Moderator, now: datetime) -> list[Outage]:
    """On the moderator's sites. Empty when the database is down too: the page that reports that must not fail here."""
    site_ids = tuple(sorted(moderator.roles))
    try:
        return cached.value(("outages", site_ids), LOOK_S, lambda: _look(site_ids, now))
    except SQLAlchemyError:
        return []


def meanwhile(settings: SiteSettings) -> str:
    """The site's choice, as a sentence."""
    if settings.patience is None:
        return "Comments wait until it is back, and none is published meanwhile."
    patience = in_words(settings.patience)
    if settings.when_scoring_is_down is WhenDown.HOLD:
        return f"A comment that has waited for {patience} goes to a person, and is scored once scoring is back."
    return (
        f"After {patience} the rules that need no scores decide about a comment, and it is scored once scoring is back."
    )


def in_words(span: timedelta) -> str:
    """In the largest unit that divides it: ``10 minutes``, not ``600 seconds``."""
    seconds = span.total_seconds()
    for unit_s, unit in ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= unit_s and seconds % unit_s == 0:
            count = int(seconds // unit_s)
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return f"{seconds:g} seconds"


def _look(site_ids: tuple[str, ...], now: datetime) -> list[Outage]:
    with gavel().database.read() as conn:
        return outages.outages(conn, site_ids, now=now)
