from __future__ import annotations

from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from moderation.sites.rows import set_preferences
from service.desk.review.breaks import minutes_without_break
from tests.service.desk.browsing import SAME_ORIGIN, Browser
from tests.service.desk.cast import Cast

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_lighter_puts_this_one_off_and_opens_the_least_toxic(cast: Cast, ana: Browser) -> None:
    worst = cast.flagged("Worst.", scores={"toxicity": 0.99})
    cast.flagged("Middling.", scores={"toxicity": 0.9})
    light = cast.flagged("Only off topic.", scores={"toxicity": 0.02, "insult": 0.0, "relevance": 0.01})

    page = ana.get("/desk/review").press("Lighter")

    assert light.id in page.path
    assert worst.id not in ana.get("/desk/review").path


def test_lighter_tells_the_browser_its_address(cast: Cast, ana: Browser) -> None:
    worst = cast.flagged("Worst.", scores={"toxicity": 0.99})
    light = cast.flagged("Only off topic.", scores={"toxicity": 0.02, "insult": 0.0, "relevance": 0.01})

    def pressed(comment_id: str) -> TestResponse:
        return ana.client.post(
            f"/desk/comments/{comment_id}/lighter",
            data={"view": "signal=&order=priority"},
            headers={**SAME_ORIGIN, "HX-Request": "true"},
        )

    assert pressed(worst.id).headers["HX-Push-Url"] == f"/desk/review/{light.id}?order=priority"
    assert pressed(light.id).headers["HX-Push-Url"] == "/desk/review?order=priority"


@pytest.mark.parametrize(("minutes", "suggested"), [(49, None), (50, 50), (719, 719), (720, None)])
def test_a_break_is_suggested_after_a_while(cast: Cast, minutes: int, suggested: int | None) -> None:
    with cast.database.write() as conn:
        set_preferences(conn, cast.ids["Ana"], {"rested_at": cast.now.isoformat()})

    assert minutes_without_break(cast.moderator("Ana"), cast.now + timedelta(minutes=minutes)) == suggested


def test_a_break_is_shown_taken_and_not_shown_again(cast: Cast, ana: Browser) -> None:
    cast.flagged()
    with cast.database.write() as conn:
        set_preferences(conn, cast.ids["Ana"], {"rested_at": (cast.now - timedelta(minutes=55)).isoformat()})

    page = ana.get("/desk/review")
    assert "You have been reading for 55 minutes" in page.text

    assert "You have been reading" not in page.press("I took a break").text


def test_moderators_who_turn_the_reminder_off_get_none(cast: Cast) -> None:
    with cast.database.write() as conn:
        set_preferences(conn, cast.ids["Ana"], {"rested_at": cast.now.isoformat(), "no_breaks": True})

    assert minutes_without_break(cast.moderator("Ana"), cast.now + timedelta(hours=2)) is None
