"""The list and the card show the same age, and a status the moment since when it holds."""

from __future__ import annotations

from datetime import timedelta

from bs4 import Tag

from moderation.moderators.review import reviewing
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from tests.own_databases import ON_BOTH
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast


def words(tag: Tag | None) -> str:
    assert tag is not None
    return " ".join(tag.get_text(" ").split())


@ON_BOTH
def test_queue_list_and_card_show_when_a_comment_was_posted_and_held(cast: Cast, ana: Browser) -> None:
    comment = cast.waiting("You are a fool.", now=cast.now - timedelta(hours=5))
    cast.judge(comment.id, scores={"toxicity": 0.93}, now=cast.now - timedelta(hours=2))

    page = ana.get("/desk/review")

    assert "5 h ago" in words(page.html.select_one(".queue .head"))
    assert "held 2 h ago" in words(page.html.select_one(".queue .tags"))
    assert words(page.html.select_one("#comment-title span")) == "5 h ago , held 2 h ago"
    assert "5 h ago , held 2 h ago" in words(ana.get("/desk/list").html.select_one(".rows .head"))


def test_nothing_is_said_of_holding_where_it_came_at_once(cast: Cast, ana: Browser) -> None:
    cast.flagged(now=cast.now - timedelta(hours=5))

    page = ana.get("/desk/review")

    assert words(page.html.select_one("#comment-title span")) == "5 h ago"
    assert "held" not in words(page.html.select_one(".queue li"))


@ON_BOTH
def test_rejected_shows_when_it_was_rejected_and_online_when_it_was_posted(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged("You are a fool.", now=cast.now - timedelta(hours=5))
    choice = ModeratorChoice(Choice.REJECT, 2, "Insult or abuse")
    at = cast.now - timedelta(hours=1)
    reviewing.decide(cast.database, cast.moderator("Ana"), comment.id, choice, now=at, hold_s=0)
    cast.published(now=cast.now - timedelta(hours=3))

    rejected = ana.get("/desk/decided", status="rejected").html.select_one(".found .quiet-text")
    published = ana.get("/desk/decided", status="published").html.select_one(".found .quiet-text")

    assert words(rejected).startswith("rejected 1 h ago , posted 5 h ago")
    assert words(published).startswith("published 3 h ago ·")
