"""Shows on every page how long scoring has been down, and what happens to comments meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from moderation.pipeline import outages
from moderation.pipeline.outages import Outage
from moderation.pipeline.waiting.settings import WhenDown
from moderation.sites.rows import Moderator
from moderation.sites.settings.values import SiteSettings
from service import cached
from service.context import gavel
from service.languages.wording import gettext, ngettext, ngettext_noop

LOOK_S = 10.0  # one look serves every page of this process for so long

UNITS = {
    86_400: ngettext_noop("%(count)s day", "%(count)s days"),
    3600: ngettext_noop("%(count)s hour", "%(count)s hours"),
    60: ngettext_noop("%(count)s minute", "%(count)s minutes"),
    1: ngettext_noop("%(count)s second", "%(count)s seconds"),
}


def outages_of(moderator: Moderator, now: datetime) -> list[Outage]:
    """The outages on the moderator's sites. Empty when the database is down too: the page that reports that must not
    fail here."""
    site_ids = tuple(sorted(moderator.roles))
    try:
        return cached.value(("outages", site_ids), LOOK_S, lambda: _look(site_ids, now))
    except SQLAlchemyError:
        return []


def meanwhile(settings: SiteSettings) -> str:
    """The site's choice, as a sentence."""
    if settings.patience is None:
        return gettext("Comments wait until it is back, and none is published meanwhile.")
    patience = in_words(settings.patience)
    if settings.when_scoring_is_down is WhenDown.HOLD:
        return gettext(
            "A comment that has waited for %(time)s goes to a moderator, and is scored once scoring is back.",
            time=patience,
        )
    return gettext(
        "After %(time)s the rules that need no scores decide about a comment, and it is scored once scoring is back.",
        time=patience,
    )


def in_words(span: timedelta) -> str:
    """In the largest unit that divides it: ``10 minutes``, not ``600 seconds``."""
    seconds = span.total_seconds()
    unit_s = next((unit_s for unit_s in (86_400, 3600, 60) if seconds >= unit_s and seconds % unit_s == 0), 1)
    count = int(seconds // unit_s) if seconds % unit_s == 0 else seconds
    singular, plural = UNITS[unit_s]
    return ngettext(singular, plural, int(count), count=f"{count:g}")


def _look(site_ids: tuple[str, ...], now: datetime) -> list[Outage]:
    with gavel().database.read() as conn:
        return outages.outages(conn, site_ids, now=now)
