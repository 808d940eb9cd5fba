"""Pages read what strangers write within a time of their own, and say so where it was not enough."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask, g

from moderation.judging.text.reading_budget import Budget
from moderation.moderators.campaigns.tables import campaigns
from moderation.pipeline.arriving.comment_text import MAX_CHARS
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast
from tests.steps import calls, distinct
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


HOSTILE = {
    "starred": distinct("{}*{}{}e"),
    "domains": distinct("{}{}{}.co"),
    "listed": ("Dick. He is a cunt. cum-ex " * MAX_CHARS)[:MAX_CHARS].strip(),
}
MOST_STEPS = 2_500_000
"""Of a page with a hostile text, its six edits and twelve copies. It was tens of millions while no time was set and
words were compared with whole lists."""


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_page_takes_many_steps_for_hostile_texts(
    cast: Cast, browser: Callable[[], Browser], app: Flask, kind: str
) -> None:
    text = HOSTILE[kind]
    app.before_request(lambda: setattr(g, "reading_budget", Budget(1.0, TickingClock(0.01))))
    comment = cast.flagged(text)
    for number in range(6):
        cast.edited(comment, f"{text[:-9]} {number}", scores={"toxicity": 0.93})
    for number in range(12):
        cast.settled(f"{text[:-9]} {number}", author=f"Reader {number}", scores={"toxicity": 0.93 * (number % 2)})
    dora = browser().log_in_as(cast, "Dora")
    with cast.database.read() as conn:
        copied = conn.execute(sa.select(campaigns.c.id)).scalars().first()
    paths = [
        f"/desk/review/{comment.id}", f"/desk/review/{comment.id}?thread=all", f"/desk/comments/{comment.id}",
        f"/desk/campaigns/{copied}", "/desk/campaigns", "/desk/search?q=e", "/desk/decided?status=published",
        "/desk/bulk", "/desk/history", "/desk/worth-reading", f"/desk/authors/{comment.author_id}",
        "/desk/queue-changes", f"/desk/articles/{comment.article_id}",
    ]  # fmt: skip
    for path in paths:  # so that templates are compiled
        dora.client.get(path)

    answers: list[int] = []
    steps = {path: calls(lambda path=path: answers.append(dora.client.get(path).status_code)) for path in paths}  # type: ignore[misc]

    assert copied is not None
    assert answers == [200] * len(paths)
    assert {path: count for path, count in steps.items() if count > MOST_STEPS} == {}
