"""The start list ticks itself off by what is in the database, and goes away when it is done or put away."""

from __future__ import annotations

from datetime import timedelta

import pytest

from moderation.ground.database.engine import Database
from moderation.moderators.review import reviewing
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from moderation.operations.operating import start_rows
from moderation.operations.operating.start_rows import StartStep
from moderation.sites import rows as sites
from moderation.sites.keys import Scope, insert_key
from moderation.sites.rows import PolicyRow
from moderation.sites.tables import sites as site_table
from tests.builders import OPERATOR
from tests.clock import Clock
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast, newsroom_policy

STEPS = [
    StartStep.COLLEAGUES, StartStep.KEY, StartStep.COMMENT, StartStep.LANGUAGES, StartStep.REASONS, StartStep.LIMITS,
    StartStep.WEBHOOK,
]  # fmt: skip


def done(cast: Cast) -> set[StartStep]:
    with cast.database.read() as conn:
        (start,) = start_rows.starts(conn, [cast.herald.id], now=cast.now)
    return set(start.done)


def take(cast: Cast, step: StartStep) -> None:
    """As its people would, but for the settings, which need no form here."""
    if step is StartStep.COMMENT:
        cast.flagged("Bonjour.", scores={"toxicity": 0.1, "insult": 0.1, "language.supported": 0.5})
    elif step in (StartStep.LANGUAGES, StartStep.WEBHOOK):
        chosen = {"trusted_languages": ("fr",)} if step is StartStep.LANGUAGES else {"webhook_url": "https://a.example"}
        with cast.database.write() as conn:
            settings = sites.get_site(conn, cast.herald.id).settings
            sites.update_site_settings(conn, cast.herald.id, settings.changed(**chosen))
    elif step is StartStep.REASONS:
        comment = cast.flagged("Fool.")
        reject = ModeratorChoice(Choice.REJECT, comment.version + 1, reason="Insult or abuse")
        reviewing.decide(cast.database, cast.moderator("Ben"), comment.id, reject, now=cast.now, hold_s=0)
    else:
        with cast.database.write() as conn:
            if step is StartStep.KEY:
                insert_key(conn, cast.herald.id, name="first", scopes=Scope, by=OPERATOR, now=cast.now)
            elif step is StartStep.LIMITS:
                sites.insert_policy(conn, cast.herald.id, PolicyRow(2, newsroom_policy(), None, "Ben", cast.now))


def test_each_step_is_ticked_off_by_the_database_alone(cast: Cast) -> None:
    seen = [done(cast)]

    for step in STEPS[1:]:
        take(cast, step)
        seen.append(done(cast))

    assert seen == [set(STEPS[: number + 1]) for number in range(len(STEPS))]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_site_with_nobody_else_lacks_colleagues(cast: Cast, database: Database) -> None:
    with database.write() as conn:
        alone = sites.insert_site(conn, name="The Echo", settings=cast.herald.settings, now=cast.now)
        (start,) = start_rows.starts(conn, [alone.id], now=cast.now)

    assert start.done == frozenset()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_leads_see_it_at_the_queue_until_it_is_done(cast: Cast, ana: Browser, ben: Browser, clock: Clock) -> None:
    assert "Setting up The Herald 1 of 7 steps are done." in ben.get("/desk/review").text
    assert "Setting up" not in ana.get("/desk/review").text
    assert "Setting up" not in ben.get("/desk/trends").text

    for step in STEPS[1:]:
        take(cast, step)
    clock.moment += 60

    assert "Setting up The Herald" not in ben.get("/desk/review").text
    assert "All steps are done." in ben.get("/desk/start", site=cast.herald.id).text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_lead_puts_it_away_and_finds_the_way_back(cast: Cast, ben: Browser) -> None:
    cast.flagged()
    away = ben.get("/desk/review").press("Put this away", site=cast.herald.id)
    assert away.heading() == "Setting up The Herald"
    assert "Setting up The Herald" not in ben.get("/desk/review").text
    assert "Setting up The Courier" in ben.get("/desk/review").text

    ben.get("/desk/start", site=cast.herald.id).press("Show it at the queue again")

    assert "Setting up The Herald" in ben.get("/desk/review").text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_queue_speaks_of_new_sites_only(cast: Cast, ben: Browser, clock: Clock) -> None:
    with cast.database.write() as conn:
        old = cast.now - timedelta(days=31)
        conn.execute(site_table.update().where(site_table.c.id == cast.herald.id).values(created_at=old))
    clock.moment += 60

    assert "Setting up The Herald" not in ben.get("/desk/review").text
    assert "1 of 7 steps are done." in ben.get("/desk/start", site=cast.herald.id).text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_steps_link_to_pages_that_the_reader_may_open(cast: Cast, ben: Browser) -> None:
    page = ben.get("/desk/start", site=cast.herald.id)

    assert page.link("Your reasons for rejection")["href"] == f"/desk/reasons?site={cast.herald.id}"
    with pytest.raises(LookupError):
        page.link("Your colleagues")  # an admin invites
