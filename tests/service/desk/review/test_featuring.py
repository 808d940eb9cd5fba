"""Editor's picks: featured from the comment or from Worth reading, undone like decisions, and ended by other moves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from moderation.ground.values.comments import Comment
from moderation.moderators.finding import audited_decision_rows as audited_decisions
from moderation.pipeline.arriving import intake
from moderation.spine.comments import rows as comments
from moderation.spine.events.tables import events
from tests.service.desk.browsing import Browser, Page
from tests.service.desk.cast import Cast

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

LONG = "The port needs a second crane, and the council has known it since the storm of 2019. " * 4


@pytest.fixture
def ana(browser: Callable[[], Browser], cast: Cast) -> Browser:
    return browser().log_in_as(cast, "Ana")


@pytest.fixture
def ben(browser: Callable[[], Browser], cast: Cast) -> Browser:
    return browser().log_in_as(cast, "Ben")


def featured(cast: Cast, comment: Comment) -> bool:
    with cast.database.read() as conn:
        return comments.get_by_id(conn, comment.id).is_featured


def told(cast: Cast, comment: Comment) -> list[tuple[str, bool]]:
    """The events about it in their order, and whether the site will hear of each."""
    with cast.database.read() as conn:
        query = events.select().where(events.c.comment_id == comment.id).order_by(events.c.id)
        return [(row.type, row.cancelled_at is None) for row in conn.execute(query)]


def opened(browser: Browser, comment: Comment) -> Page:
    return browser.get(f"/desk/review/{comment.id}")


def test_a_published_comment_is_featured_and_the_site_hears_of_it(cast: Cast, ana: Browser) -> None:
    comment = cast.published()

    page = opened(ana, comment).press("Feature it")

    assert featured(cast, comment)
    assert told(cast, comment)[-1] == ("comment.featured", True)
    assert "Featured: Dana on Export licences for rare earths" in page.status_line
    assert "editor’s pick" in page.text
    assert "Ana featured" in ana.get("/desk/history").text
    assert "Ana featured" not in ana.get("/desk/history", outcome="escalated").text
    assert "Featured by Ana" in ana.get(f"/desk/comments/{comment.id}").text
    with cast.database.read() as conn:
        (entry,) = audited_decisions.decided(conn, cast.herald.id, before=None, limit=1)
    assert (entry.action, entry.actor_name) == ("comment.featured", "Ana")


def test_featuring_is_undone_and_done_again_by_one_key_each(cast: Cast, ana: Browser) -> None:
    comment = cast.published()
    page = opened(ana, comment).press("Feature it")

    page = page.press("Undo")

    assert not featured(cast, comment)
    assert "Undone: Dana on Export licences for rare earths – no longer featured" in page.status_line
    assert [heard for kind, heard in told(cast, comment) if "featured" in kind] == [False, False]
    ana.get("/desk/history").press("Redo")
    assert featured(cast, comment)


def test_a_pick_is_ended_by_a_button(cast: Cast, ana: Browser, ben: Browser) -> None:
    comment = cast.published()
    opened(ana, comment).press("Feature it")

    page = opened(ben, comment).press("No longer feature it")

    assert not featured(cast, comment)
    assert told(cast, comment)[-1][0] == "comment.unfeatured"
    assert "No longer featured: Dana" in page.status_line


@pytest.mark.parametrize("end", ["rejected", "edited", "withdrawn"])
def test_a_comment_that_leaves_the_page_is_no_pick_any_more(cast: Cast, ana: Browser, end: str) -> None:
    comment = cast.published()
    page = opened(ana, comment).press("Feature it")

    if end == "rejected":
        page.press("Reject against Ana’s decision", note="It was sarcasm")
    elif end == "edited":
        cast.edited(comment, "Another text, as civil as the first.")
    else:
        intake.withdraw(cast.database, cast.herald.id, comment.external_id, now=cast.now)

    with cast.database.read() as conn:
        assert comments.get_by_id(conn, comment.id).featured_at is None
    assert "comment.unfeatured" not in [kind for kind, _ in told(cast, comment)]


def test_only_published_comments_are_featured(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged()
    assert not opened(ana, comment).has_button("Feature it")

    page = ana.post(f"/desk/comments/{comment.id}/feature", {"version": "2", "featured": "1"})

    assert (page.status, featured(cast, comment)) == (409, False)
    assert "only published comments can be featured" in page.text


def test_a_version_that_was_not_seen_and_a_second_press_change_nothing(cast: Cast, ana: Browser, ben: Browser) -> None:
    comment = cast.published()
    seen = opened(ben, comment)
    opened(ana, comment).press("Feature it")

    page = seen.press("Feature it")

    assert page.status == 409
    assert "somebody else changed this comment meanwhile" in page.text
    assert [kind for kind, _ in told(cast, comment)].count("comment.featured") == 1


def test_a_comment_that_a_lead_decided_is_featured_by_leads_only(cast: Cast, ana: Browser, ben: Browser) -> None:
    comment = cast.flagged()
    ben.get(f"/desk/review/{comment.id}").press("Approve")

    refused = ana.post(f"/desk/comments/{comment.id}/feature", {"version": "3", "featured": "1"})
    opened(ben, comment).press("Feature it")

    assert refused.status == 403
    assert featured(cast, comment)


def test_another_sites_comment_is_not_found(cast: Cast, carla: Browser) -> None:
    comment = cast.published()

    assert carla.post(f"/desk/comments/{comment.id}/feature", {"version": "2", "featured": "1"}).status == 404


def test_what_is_worth_reading_is_found_by_limits_that_the_page_names(cast: Cast, ana: Browser) -> None:
    good = cast.published(LONG)
    for text, why in ((LONG, {"relevance": 0.1}), (LONG, {"toxicity": 0.5}), ("Short.", {})):
        cast.published(text + str(why), scores=why)
    cast.published("True.", parent_id=good.external_id)

    page = ana.get("/desk/worth-reading")

    (line,) = page.html.select('[aria-label="Suggestions"] li')
    words = " ".join(line.get_text(" ").split())
    assert f"/desk/review/{good.id}" in str(line)
    for said in ("1 reply", f"{len(LONG.strip())} characters", "relevance 0.80", "toxicity 0.05"):
        assert said in words


def test_each_of_its_limits_can_be_set(cast: Cast, ana: Browser) -> None:
    cast.published("Short.", scores={"toxicity": 0.6, "relevance": 0.2})
    page = ana.get("/desk/worth-reading")
    assert "No comment is within these limits." in page.text

    page = page.press("Show", chars="5", relevance="0.1", toxicity="0.7", replies="0")

    assert "Short." in page.region("Suggestions")
    assert ana.get("/desk/worth-reading", toxicity="2").status == 422


def test_a_suggestion_is_featured_in_its_place_and_moves_to_the_picks(cast: Cast, ana: Browser) -> None:
    cast.published(LONG)

    page = ana.get("/desk/worth-reading", replies="0").press("Feature it")

    assert page.heading() == "Worth reading"
    assert page.field_named("replies") == "0"
    assert "The port needs a second crane" in page.region("Editor’s picks")
    assert page.region("Suggestions").endswith("No comment is within these limits.")
