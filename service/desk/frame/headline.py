"""The headline of the desk: how much is decided without a person, and how much of that wrongly, with the interval."""

from __future__ import annotations

from moderation.estimates import Share
from service.desk.frame.numbers import figures, percent
from service.languages.wording import gettext


def headline(automated: float | None, wrong: Share | None) -> str:
    """``71% decided without a person, 0.8% of what was published wrongly so (0.5% to 1.3%, from 1,204 checked at
    random)``. Of each half only what is known; empty while nothing is."""
    if automated is None:
        return ""
    share = percent(automated)
    if wrong is None:
        return gettext("%(share)s decided without a person; none of it checked at random yet", share=share)
    return gettext(
        "%(share)s decided without a person, %(wrong)s of what was published wrongly so"
        " (%(low)s to %(high)s, from %(count)s checked at random)",
        share=share,
        wrong=percent(wrong.share, 1),
        low=percent(wrong.low, 1),
        high=percent(wrong.high, 1),
        count=figures(wrong.count),
    )
