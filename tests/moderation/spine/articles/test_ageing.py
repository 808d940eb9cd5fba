"""Articles close for their age once, and people have the last word."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from moderation.ground.database.engine import Database
from moderation.ground.values.articles import ArticleState
from moderation.sites.audit.tables import audit
from moderation.sites.rows import Site
from moderation.spine.articles import ageing, states
from moderation.spine.articles import rows as articles
from tests.builders import NOON, OPERATOR
from tests.moderation.conftest import add_site

DAYS = timedelta(days=14)


@pytest.fixture
def site(database: Database) -> Site:
    with database.write() as conn:
        return add_site(conn, "The Herald", close_after_days=14)


def make(database: Database, site: Site, id: str, state: ArticleState = ArticleState.OPEN) -> None:
    """An article that Gavel hears of now: ids sort by the time at which they were made."""
    states.describe(database, site.id, id, {"title": id, "state": state}, by=OPERATOR, now=NOON)


def state_of(database: Database, site: Site, id: str) -> ArticleState:
    with database.read() as conn:
        return articles.get_article(conn, site.id, id).state


def made_at(database: Database, site: Site, id: str) -> Any:
    """The moment that an article's id holds."""
    with database.read() as conn:
        text = articles.get_article(conn, site.id, id).id.replace("-", "")
    return NOON.fromtimestamp(int(text[:12], 16) / 1000, NOON.tzinfo)


def test_an_article_closes_after_its_days_and_not_before(database: Database, site: Site) -> None:
    make(database, site, "a-1")
    made = made_at(database, site, "a-1")

    ageing.close_aged(database, made + DAYS - timedelta(seconds=1))
    assert state_of(database, site, "a-1") is ArticleState.OPEN
    assert ageing.close_aged(database, made + DAYS + timedelta(seconds=1)) is False

    assert state_of(database, site, "a-1") is ArticleState.CLOSED
    with database.read() as conn:
        noted = conn.execute(sa.select(audit.c.action, audit.c.subject, audit.c.after)).all()
    assert (noted[-1].action, noted[-1].subject, noted[-1].after) == ("article.state", "a-1", {"state": "closed"})


def test_an_article_that_is_opened_again_stays_open(database: Database, site: Site) -> None:
    make(database, site, "a-1")
    later = made_at(database, site, "a-1") + DAYS + timedelta(hours=1)
    ageing.close_aged(database, later)
    make(database, site, "a-1")  # the site repeats itself
    assert state_of(database, site, "a-1") is ArticleState.CLOSED
    with database.write() as conn:
        articles.set_state(conn, articles.get_article(conn, site.id, "a-1").id, ArticleState.OPEN, now=later)

    ageing.close_aged(database, later + DAYS)

    assert state_of(database, site, "a-1") is ArticleState.OPEN


def test_sites_without_the_wish_and_closed_articles_are_left_alone(database: Database, site: Site) -> None:
    with database.write() as conn:
        other = add_site(conn, "The Chronicle")
    make(database, other, "a-1")
    make(database, site, "closed", ArticleState.CLOSED)
    make(database, site, "premoderated", ArticleState.PREMODERATED)

    ageing.close_aged(database, made_at(database, site, "closed") + DAYS + timedelta(hours=1))

    assert state_of(database, other, "a-1") is ArticleState.OPEN
    assert state_of(database, site, "premoderated") is ArticleState.CLOSED
    with database.read() as conn:
        closed = sa.select(sa.func.count()).where(audit.c.subject == "closed", audit.c.site_id == site.id)
        assert conn.execute(closed).scalar_one() == 1  # as the site described it


def test_many_articles_close_in_batches(database: Database, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ageing, "AT_ONCE", 3)
    for number in range(4):
        make(database, site, f"a-{number}")
    later = made_at(database, site, "a-3") + DAYS + timedelta(hours=1)

    more = [ageing.close_aged(database, later) for _ in range(3)]

    assert more == [True, False, False]
    assert {state_of(database, site, f"a-{number}") for number in range(4)} == {ArticleState.CLOSED}
