"""Words for an author and for measures about them, on the review screen and on the author's page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from moderation.ground.values.authors import Author
from moderation.ground.values.measures import Measure, Standing
from moderation.moderators.authors import climbing as author_climbing
from moderation.moderators.authors.climbing import DueStep
from moderation.moderators.authors.measure_rows import TakenMeasure
from moderation.sites.settings.ladder import Climb
from moderation.sites.settings.values import SiteSettings
from service.desk.frame.sentences.numbers import figures
from service.desk.frame.sentences.wording import spared_limits
from service.languages.wording import gettext, ngettext


@dataclass(frozen=True, slots=True)
class Proposal:
    """The next step of the site's ladder, with the words for it."""

    measure: Measure
    days: int | None
    rejection_reason: str | None
    why: str
    button: str


def around(conn: Connection, author: Author, settings: SiteSettings, *, now: datetime) -> dict[str, Any]:
    """The author's card for the review screen."""
    ladder = settings.author_ladder
    due = author_climbing.due(conn, author, settings, now=now) if ladder else None
    return {
        "standing": author.standing_at(now),
        "standings": standings(),
        "measures": measures(author, now),
        "proposed": proposal(due) if ladder and ladder.climb is Climb.PROPOSED else None,
        "problems": {},
        "filled": {},
    }


def proposal(due: DueStep | None) -> Proposal | None:
    if due is None:
        return None
    why = ngettext(
        "%(count)s rejection in %(days)s days counts against this author.",
        "%(count)s rejections in %(days)s days count against this author.",
        due.rejections,
        count=figures(due.rejections),
        days=figures(due.within_days),
    )
    return Proposal(due.step.measure, due.step.days, due.reason, why, step_in_words(due.step.measure, due.step.days))


def step_in_words(measure: Measure, days: int | None) -> str:
    """``Suspend for 7 days``"""
    if days is None:
        return measure_words()[measure]
    if measure is Measure.HOLD:
        return ngettext("Hold for %(count)s day", "Hold for %(count)s days", days, count=figures(days))
    return ngettext("Suspend for %(count)s day", "Suspend for %(count)s days", days, count=figures(days))


def measures(author: Author, now: datetime) -> dict[Measure, str]:
    """The measures that one may take now. There is nothing to end where no mark holds."""
    is_normal = author.standing_at(now) is Standing.NORMAL
    titles = {
        Measure.WARN: gettext("Warn"),
        Measure.HOLD: gettext("Hold: a moderator reads every comment first"),
        Measure.SUSPEND: gettext("Suspend: refuse new comments for some days"),
        Measure.BAN: gettext("Ban: refuse new comments for good"),
        Measure.TRUST: gettext("Trust: the limits on %(limits)s do not hold their comments", limits=spared_limits()),
        Measure.RESTORE: gettext("Lift the measure in force"),
    }
    return {measure: words for measure, words in titles.items() if measure is not Measure.RESTORE or not is_normal}


def measure_words() -> dict[Measure, str]:
    return {
        Measure.WARN: gettext("Warn"),
        Measure.HOLD: gettext("Hold"),
        Measure.SUSPEND: gettext("Suspend"),
        Measure.BAN: gettext("Ban"),
        Measure.TRUST: gettext("Trust"),
        Measure.RESTORE: gettext("Lift the measure"),
    }


def standings() -> dict[Standing, str]:
    """The marks as the pages name them."""
    return {
        Standing.NORMAL: "",
        Standing.HOLD: gettext("on hold"),
        Standing.TRUSTED: gettext("trusted"),
        Standing.SUSPENDED: gettext("suspended"),
        Standing.BANNED: gettext("banned"),
    }


def done_words(taken: TakenMeasure) -> str:
    """``Suspended until 2026-12-03``; of one that was undone, ``Undone: suspended``."""
    words = {
        Measure.WARN: gettext("Warned"),
        Measure.HOLD: gettext("Put on hold"),
        Measure.SUSPEND: gettext("Suspended"),
        Measure.BAN: gettext("Banned"),
        Measure.TRUST: gettext("Trusted"),
        Measure.RESTORE: gettext("Measure lifted"),
    }[taken.measure]
    return gettext("Undone: %(measure)s", measure=words.lower()) if taken.undone_at else words
