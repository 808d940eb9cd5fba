"""The headline of the desk: how much is decided automatically, and how much of that wrongly, with the interval."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from moderation.ground.estimates import Share
from moderation.ground.values.statuses import CommentStatus
from moderation.insight.checks import error_rates
from moderation.insight.checks.error_rates import Rates
from moderation.insight.trends import sum_rows as period_sums
from moderation.insight.trends.rows import Period
from service import cached
from service.context import gavel, utc_now
from service.desk.frame.sentences.numbers import figures, percent
from service.languages.wording import gettext

DAYS = 30
AUTOMATED_KEPT_S = 300.0
RATES_KEPT_S = 60.0


@dataclass(frozen=True, slots=True)
class FirstDecisions:
    """First decisions about the comments that arrived lately."""

    published: int
    rejected: int
    held: int  # for a person

    @property
    def decided(self) -> int:
        return self.published + self.rejected + self.held

    @property
    def share(self) -> float | None:
        """Decided automatically; None while nothing was decided."""
        return (self.published + self.rejected) / self.decided if self.decided else None


def headline_of(site_id: str) -> str:
    """The same sentence on every page."""
    return headline(automated_at(site_id).share, rates_at(site_id).wrong_published)


def automated_at(site_id: str) -> FirstDecisions:
    """Of the last thirty days, at most five minutes old. The first comments of a site count at once."""
    automated = cached.value(("automated", site_id), AUTOMATED_KEPT_S, lambda: _automated(site_id))
    return automated if automated.decided else _automated(site_id)


def rates_at(site_id: str) -> Rates:
    """Of the last ninety days, at most a minute old."""
    return cached.value(("error_rates", site_id), RATES_KEPT_S, lambda: _rates(site_id))


def headline(automated: float | None, wrong: Share | None) -> str:
    """``71% decided automatically; 0.8% of what was published should not have been (0.5% to 1.3%, from 1,204 random
    checks)``. Of each half only what is known; empty while nothing is."""
    if automated is None:
        return ""
    share = percent(automated)
    if wrong is None:
        return gettext("%(share)s decided automatically; none checked at random yet", share=share)
    return gettext(
        "%(share)s decided automatically; %(wrong)s of what was published should not have been"
        " (%(low)s to %(high)s, from %(count)s random checks)",
        share=share,
        wrong=percent(wrong.share, 1),
        low=percent(wrong.low, 1),
        high=percent(wrong.high, 1),
        count=figures(wrong.count),
    )


def _automated(site_id: str) -> FirstDecisions:
    now = utc_now()
    with gavel().database.read() as conn:
        verdicts = period_sums.first_verdicts(
            conn, Period((site_id,), now - timedelta(days=DAYS), now + timedelta(days=1))
        )
    counts = (CommentStatus.PUBLISHED, CommentStatus.REJECTED, CommentStatus.FLAGGED)
    return FirstDecisions(*(verdicts.get(status, 0) for status in counts))


def _rates(site_id: str) -> Rates:
    with gavel().database.read() as conn:
        return error_rates.of_site(conn, site_id, now=utc_now())
