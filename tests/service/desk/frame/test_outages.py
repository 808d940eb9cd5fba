"""While scoring is down every page of the desk says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from moderation.pipeline.waiting.settings import WhenDown
from moderation.sites import rows as sites
from moderation.sites.settings.values import SiteSettings
from service.desk.frame.outages import in_words, meanwhile
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast
from tests.statements import Asked

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

PAGES = (
    "/desk/review", "/desk/bulk", "/desk/history", "/desk/search", "/desk/trends", "/desk/policy", "/desk/account",
    "/desk/help", "/desk/nothing-here",
)  # fmt: skip


def banner(client: FlaskClient, path: str, **options: Any) -> str:
    html = client.get(path, follow_redirects=True, **options).get_data(as_text=True)
    return html.partition('id="outages"')[2].partition("</div>")[0]


@on_sqlite
def test_every_page_says_since_when_and_what_happens_meanwhile(cast: Cast, browser: Callable[[], Browser]) -> None:
    with cast.database.write() as conn:
        settings = SiteSettings(patience_s=600, when_scoring_is_down=WhenDown.RULES_ONLY)
        sites.update_site_settings(conn, cast.herald.id, settings)
    since = cast.now - timedelta(minutes=4)
    cast.waiting("Is anybody there?", now=since)
    ana, ben, carla = (browser().log_in(name).client for name in ("Ana", "Ben", "Carla"))

    for path in PAGES:
        told = banner(ana, path)
        assert f'Scoring has been down since <time datetime="{since:%Y-%m-%dT%H:%M}' in told, path
        assert "1 comment waits for scores." in told
        assert "the rules that need no scores decide about a comment" in told
        assert "scored once scoring is back" in told
    assert "The Herald: " in banner(ben, "/desk/review")
    assert "Scoring" not in banner(carla, "/desk/review")


@on_sqlite
def test_an_answer_that_changes_a_part_of_the_page_brings_it_too(cast: Cast, browser: Callable[[], Browser]) -> None:
    cast.waiting("Is anybody there?", now=cast.now - timedelta(minutes=4))
    ana = browser().log_in("Ana").client

    assert "Scoring has been down" in banner(ana, "/desk/review", headers={"HX-Request": "true"})


@on_sqlite
def test_all_well_says_nothing(cast: Cast, browser: Callable[[], Browser]) -> None:
    cast.waiting("Just now.")

    assert banner(browser().log_in("Ana").client, "/desk/review").partition(">")[2] == ""


@on_sqlite
def test_pages_share_one_look_and_it_walks_no_table(cast: Cast, browser: Callable[[], Browser]) -> None:
    cast.waiting("Is anybody there?", now=cast.now - timedelta(minutes=4))
    client = browser().client
    asked = Asked(cast.database)

    with asked.listening():
        Browser(client).log_in("Ana")
        for _ in range(3):
            client.get("/desk/help")

    looks = [statement for statement, _parameters in asked.statements if "status = 'waiting'" in statement]
    assert len(looks) == 2  # since when, and how many
    assert asked.scans() == []


def test_each_choice_of_a_site_is_put_in_words() -> None:
    assert "Comments wait until it is back" in meanwhile(SiteSettings())
    held = meanwhile(SiteSettings(patience_s=600))
    assert held.startswith("A comment that has waited for 10 minutes goes to a moderator")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (10, "10 seconds"),
        (60, "1 minute"),
        (90, "90 seconds"),
        (7200, "2 hours"),
        (86_400, "1 day"),
        (0.5, "0.5 seconds"),
    ],
)
def test_spans_in_words(seconds: float, words: str) -> None:
    assert in_words(timedelta(seconds=seconds)) == words
