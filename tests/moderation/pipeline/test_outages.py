"""Moderators are informed while scoring is down."""

from __future__ import annotations

from datetime import timedelta

import pytest

from moderation.ground.database.engine import Database
from moderation.judging.policy import verdicts
from moderation.judging.signals.scoring import Scoring
from moderation.operations.operating import failed_items as dead_letters
from moderation.pipeline import outages
from moderation.pipeline.arriving import intake
from moderation.pipeline.arriving.submission import Submission
from moderation.pipeline.loading import rows as loading
from moderation.pipeline.outages import Outage
from moderation.pipeline.settling import judgements as settling
from moderation.pipeline.settling.judgements import settle
from moderation.pipeline.waiting.settings import WhenDown
from moderation.sites import rows as sites
from moderation.sites.rows import Site
from moderation.sites.settings.values import SiteSettings
from moderation.spine.comments.moves import Judgement
from moderation.spine.comments.rows import Listed
from tests.builders import NOON, OPERATOR, a_signal
from tests.moderation.conftest import Newsroom

MINUTE = timedelta(minutes=1)


def chooses(database: Database, site: Site, patience_s: float | None, when_down: WhenDown = WhenDown.HOLD) -> None:
    with database.write() as conn:
        sites.update_site_settings(conn, site.id, SiteSettings(patience_s=patience_s, when_scoring_is_down=when_down))


def outages_seen(database: Database, *sites_of_mine: Site, after: timedelta) -> list[Outage]:
    with database.read() as conn:
        return outages.outages(conn, [site.id for site in sites_of_mine], now=NOON + after)


def scored(database: Database, listed: Listed, after: timedelta) -> None:
    with database.read() as conn:
        (loaded,) = loading.load_waiting(conn, [listed.comment.id])
    signals = (a_signal("toxicity", 0.1), a_signal("relevance", 0.9))
    verdict = verdicts.decide(signals, loaded.policy, loaded.circumstances(NOON))
    made = Scoring(signals, {}, "en", 0.01)
    settle(database, [Judgement(loaded, made, verdict)], now=NOON + after)


@pytest.mark.parametrize(
    ("patience_s", "seconds", "count"), [(None, 120, 0), (None, 121, 1), (30, 30, 0), (30, 31, 1), (600, 121, 1)]
)
def test_the_outage_begins_once_a_comment_has_waited_too_long(
    newsroom: Newsroom, patience_s: float | None, seconds: float, count: int
) -> None:
    chooses(newsroom.database, newsroom.site, patience_s)
    newsroom.post()

    found = outages_seen(newsroom.database, newsroom.site, after=timedelta(seconds=seconds))

    assert [(o.site, o.since, o.waiting) for o in found] == [("The Herald", NOON, 1)] * count


def test_other_sites_and_imports_are_left_out(newsroom: Newsroom, other_site: Site) -> None:
    newsroom.post()
    submission = Submission("a", "u", "An old comment.")
    intake.submit_many(newsroom.database, newsroom.queues, other_site.id, [submission], now=NOON)

    assert outages_seen(newsroom.database, other_site, after=60 * MINUTE) == []


@pytest.mark.parametrize("when_down", list(WhenDown))
def test_the_outage_lasts_until_something_is_scored_even_if_nothing_waits(
    newsroom: Newsroom, when_down: WhenDown
) -> None:
    database, site = newsroom.database, newsroom.site
    chooses(database, site, 600, when_down)
    newsroom.post()
    outages.decide_late(database, now=NOON + 11 * MINUTE)

    (outage,) = outages_seen(database, site, after=40 * MINUTE)
    assert (outage.since, outage.waiting) == (NOON + MINUTE, 0)

    scored(database, newsroom.post("Another one.", now=NOON + 40 * MINUTE), after=41 * MINUTE)
    assert outages_seen(database, site, after=41 * MINUTE) == []


def test_comments_that_an_operator_tries_again_are_no_outage(newsroom: Newsroom) -> None:
    chooses(newsroom.database, newsroom.site, 600)
    listed = newsroom.post()
    settling.give_up(newsroom.database, [listed.comment.id], now=NOON, detail="every attempt failed")

    found = dead_letters.read(newsroom.database)
    assert dead_letters.try_again(newsroom.database, OPERATOR, found, now=NOON + MINUTE).comments == 1

    assert outages_seen(newsroom.database, newsroom.site, after=60 * MINUTE) == []
