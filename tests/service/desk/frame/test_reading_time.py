"""Pages read what strangers write within a time of their own, and say so where it was not enough."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask, g

from moderation.arriving.comment_text import MAX_CHARS
from moderation.text.reading_budget import Budget
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast
from tests.ticking import TickingClock

SAYS_SO = "This text takes too long to check, so no words in it are hidden."
LONG = ("You cunt, the crane is fine. " * MAX_CHARS)[:MAX_CHARS].strip()

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # the desk asks both the same


@pytest.fixture
def spent(app: Flask) -> TickingClock:
    """The clock of a time that is used up when the page has looked at it twenty times."""
    clock = TickingClock(0.05)

    @app.before_request
    def give_little() -> None:
        clock.looks = 0
        g.reading_budget = Budget(1.0, clock)

    return clock


@pytest.mark.usefixtures("spent")
def test_a_text_that_takes_too_long_is_shown_whole_and_the_page_says_so(
    cast: Cast, browser: Callable[[], Browser]
) -> None:
    comment = cast.flagged(LONG)
    ana = browser().log_in_as(cast, "Ana")

    for path in (f"/desk/review/{comment.id}", f"/desk/comments/{comment.id}"):
        page = ana.get(path)

        assert page.status == 200
        assert SAYS_SO in page.text
        assert LONG[-100:] in page.text


@pytest.mark.usefixtures("spent")
def test_the_lines_of_the_queue_have_their_words_hidden_whatever_long_text_is_open(
    cast: Cast, browser: Callable[[], Browser]
) -> None:
    short = cast.flagged("You cunt, all of you.")
    comment = cast.flagged(LONG)

    page = browser().log_in_as(cast, "Ana").get(f"/desk/review/{comment.id}")

    (line,) = page.html.select(f"a[href*='{short.id}'] mark.masked .word")
    assert line.get_text() == "cunt"


def test_once_the_time_is_used_up_no_further_text_is_read(
    cast: Cast, browser: Callable[[], Browser], spent: TickingClock
) -> None:
    comment = cast.flagged(LONG)
    for number in range(12):
        cast.edited(comment, f"{LONG[:-9]} {number}", scores={"toxicity": 0.93})

    page = browser().log_in_as(cast, "Ana").get(f"/desk/review/{comment.id}")

    assert page.text.count(SAYS_SO) == 13
    assert spent.looks < 20 + 4 * 13


def test_prose_is_read_whole_with_all_its_edits(cast: Cast, browser: Callable[[], Browser]) -> None:
    comment = cast.flagged("You cunt, the crane is fine.")
    for number in range(12):
        cast.edited(comment, f"The crane is fine, you cunt number {number}.", scores={"toxicity": 0.93})

    page = browser().log_in_as(cast, "Ana").get(f"/desk/review/{comment.id}")

    assert SAYS_SO not in page.text
    assert len([word for word in page.html.select("mark.masked .word") if word.get_text() == "cunt"]) >= 13
