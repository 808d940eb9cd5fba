"""Modes for breaking news at the desk: a lead starts and ends them, and the notice of a surge proposes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from moderation.ground.errors import ArticleClosed
from moderation.ground.values.modes import ModeName
from moderation.law.modes import rows as store
from moderation.moderators.queue.surges import ARTICLE_FROM
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def held(cast: Cast) -> list[tuple[ModeName, str | None, bool]]:
    with cast.database.read() as conn:
        found = store.ending_after(conn, [cast.herald.id, cast.courier.id], cast.now)
    return [(mode.name, mode.section, mode.article_id is not None) for mode in found]


def test_a_lead_puts_an_article_into_a_mode_and_ends_it(cast: Cast, ben: Browser) -> None:
    article = cast.published().article_id

    page = ben.get(f"/desk/articles/{article}").press("Start for this article", mode="closed", hours="1")

    assert f"/desk/articles/{article}" in page.path
    assert "Closed until" in page.region("Breaking news")
    assert held(cast) == [(ModeName.CLOSED, None, True)]
    with pytest.raises(ArticleClosed):
        cast.waiting("One more.", now=cast.now + timedelta(minutes=1))
    page.press("End: Closed")
    assert "Closed until" not in ben.get(f"/desk/articles/{article}").region("Breaking news")
    trail = ben.get("/desk/audit", site=cast.herald.id).text
    assert "Ben ended the mode “Closed” of the article Export licences for rare earths" in trail


def test_a_lead_puts_a_section_or_the_site_into_a_mode(cast: Cast, ben: Browser) -> None:
    cast.published()
    page = ben.get("/desk/modes", site=cast.herald.id)
    assert "No mode holds now." in page.text

    page = page.press("Start", mode="regulars_only", section="Economy").press("Start", mode="slow", hours="6")

    assert held(cast) == [(ModeName.REGULARS_ONLY, "Economy", False), (ModeName.SLOW, None, False)]
    assert "Section Economy" in page.text and "The whole site" in page.text
    assert "put the whole site into the mode" in ben.get("/desk/audit", site=cast.herald.id).text


def test_only_leads_of_the_site_may(cast: Cast, ana: Browser) -> None:
    article = cast.published().article_id

    assert not ana.get(f"/desk/articles/{article}").has_button("Start for this article")
    answers = [
        ana.post("/desk/modes", {"article": article, "mode": "slow", "hours": "1"}),
        ana.post("/desk/modes", {"site": cast.herald.id, "mode": "slow", "hours": "1"}),
        ana.get("/desk/modes", site=cast.herald.id),
    ]

    assert [answer.status for answer in answers] == [403, 403, 403]
    assert held(cast) == []


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"mode": "quiet", "hours": "1"}, 422),
        ({"mode": "slow", "hours": "2"}, 422),
        ({"mode": "slow", "hours": "1", "section": "Nowhere"}, 422),
        ({"mode": "slow", "hours": "1", "article": "x"}, 422),
        ({"mode": "slow", "hours": "1", "site": "x"}, 404),
    ],
)
def test_a_form_that_makes_no_sense_starts_nothing(
    cast: Cast, ben: Browser, given: dict[str, str], status: int
) -> None:
    assert ben.post("/desk/modes", {"site": cast.herald.id, **given}).status == status
    assert held(cast) == []


def test_the_notice_of_a_surge_proposes_a_mode(cast: Cast, browser: Callable[[], Browser]) -> None:
    ben = browser().log_in_as(cast, "Ben")
    for number in range(ARTICLE_FROM - 1):
        cast.waiting(f"One {number}.", author=f"A{number}")
    cast.flagged()

    page = ben.get("/desk/review").press("Everything waits, for 3 hours")

    assert held(cast) == [(ModeName.EVERYTHING_WAITS, None, True)]
    assert "Everything waits until" in page.region("Breaking news")


def test_a_comment_that_a_mode_holds_says_so(cast: Cast, ben: Browser, ana: Browser) -> None:
    article = cast.published().article_id
    ben.post("/desk/modes", {"article": article, "mode": "everything_waits", "hours": "1"})
    comment = cast.published("The port needs a third crane.", now=cast.now + timedelta(minutes=1))

    page = ana.get(f"/desk/review/{comment.id}")

    assert "Breaking news" in page.text
    assert "A lead chose a mode for breaking news here" in page.text


def test_a_line_on_every_page_says_that_comments_wait_and_a_lead_ends_it_with_one_key(
    cast: Cast, ana: Browser, ben: Browser
) -> None:
    cast.flagged()
    ben.get("/desk/modes", site=cast.herald.id).press("Start", mode="everything_waits", section="")

    for page in ("/desk/review", "/desk/history", "/desk/account"):
        line = ana.get(page).html.select_one(".mode.stops")
        assert line is not None
        assert "Everything waits until" in line.get_text()
        assert line.select_one("button") is None  # Ana is no lead
    button = ben.get("/desk/history").button("End: Everything waits")
    assert button["data-key"] == "!"

    ben.get("/desk/history").press("End: Everything waits")

    assert ben.get("/desk/history").html.select_one(".mode") is None


def test_a_milder_mode_shows_without_the_red(cast: Cast, ben: Browser) -> None:
    ben.get("/desk/modes", site=cast.herald.id).press("Start", mode="slow", section="")

    line = ben.get("/desk/review").html.select_one(".mode")

    assert line is not None
    assert "stops" not in line["class"]


def test_the_whole_site_is_closed_only_after_a_question(cast: Cast, ben: Browser) -> None:
    cast.published()
    asked = ben.get("/desk/modes", site=cast.herald.id).press("Start", mode="closed", section="", hours="6")

    assert asked.heading() == "Close comments on the whole site?"
    assert "For 6 hours no reader of The Herald can write a comment." in asked.text
    assert held(cast) == []

    asked.press("Close the whole site")

    assert held(cast) == [(ModeName.CLOSED, None, False)]


def test_a_section_is_closed_without_a_question(cast: Cast, ben: Browser) -> None:
    cast.published()

    ben.get("/desk/modes", site=cast.herald.id).press("Start", mode="closed", section="Economy")

    assert held(cast) == [(ModeName.CLOSED, "Economy", False)]
