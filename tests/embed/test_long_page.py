"""A page that stays open for hours: times run out, readers log out and in, and Gavel is upgraded."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from moderation.moderators.review import featuring
from moderation.moderators.review.featuring import Pick
from service.context import utc_now
from tests.embed.conftest import Boxed, Newsroom, Visit
from tests.embed.test_states import TEXT, decide, judged, press
from tests.service.desk.cast import Cast

pytestmark = pytest.mark.browser
PASS = "() => { const now = Date.now; Date.now = () => now() + 36e5; }"


@pytest.fixture(autouse=True)
def discussed(cast: Cast, newsroom: Newsroom) -> None:
    newsroom.describe("a-1")
    cast.published("Nobody needs cranes.", author="Eve", id="eve-1")


def comes_back(at: Boxed) -> None:
    """As when its tab is shown again."""
    at.page.evaluate("document.dispatchEvent(new Event('visibilitychange', {bubbles: true}))")


def test_the_time_for_editing_ends_on_the_page_too(cast: Cast, visit: Visit) -> None:
    at = visit(reader="Dana").come_near()
    with judged(cast, TEXT):
        at.write(TEXT)
    expect(at.comment(TEXT)).to_contain_text("You can edit it until")

    at.page.evaluate(PASS)
    at.look()

    expect(at.comment(TEXT)).not_to_contain_text("You can edit it until")
    expect(at.comment(TEXT).get_by_role("button", name="Edit")).to_have_count(0)
    expect(at.comment(TEXT).get_by_role("button", name="Withdraw")).to_be_visible()


def test_a_reader_who_logged_out_elsewhere_is_asked_to_log_in_once_the_token_is_over(
    cast: Cast, newsroom: Newsroom, visit: Visit
) -> None:
    newsroom.lasts = timedelta(seconds=-50)  # over already, but for clocks that differ
    at = visit(reader="Dana").come_near()
    with judged(cast, TEXT):
        at.write(TEXT)
    expect(at.comment(TEXT).get_by_role("button", name="Withdraw")).to_be_visible()

    newsroom.reader, newsroom.lasts = None, timedelta(minutes=10)
    at.page.evaluate("gavel.token = async () => (await fetch('/token')).text()")
    with at.page.expect_response("**/token"):
        at.page.evaluate("document.querySelector('gavel-comments').reader.token_until = '2000-01-01'")
        at.page.route("**/v1/reader*", lambda route: route.fulfill(status=401, json={}))
        at.look()

    expect(at.box).to_contain_text("Log in to comment")
    expect(at.comment(TEXT).get_by_role("button")).to_have_count(0)
    at.page.unroute_all()
    newsroom.reader = {"sub": "mallory", "name": "Mallory"}
    comes_back(at)
    expect(at.box.get_by_text("Mallory")).to_be_visible()
    expect(at.comment(TEXT).get_by_role("button", name="Report")).to_be_visible()
    expect(at.comment(TEXT).get_by_role("button", name="Withdraw")).to_have_count(0)


def test_a_suspension_that_was_lifted_gives_the_form_back(cast: Cast, newsroom: Newsroom, visit: Visit) -> None:
    cast.published("We need five cranes.", author="Dana")
    measure = newsroom.api.post("/v1/authors/dana/measures", {"measure": "suspend", "days": 1, "reason": "Insults."})
    assert measure.status_code == 201, measure.text
    at = visit(reader="Dana").come_near()
    expect(at.box).to_contain_text("You may comment again from")

    newsroom.api.post("/v1/authors/dana/measures", {"measure": "restore", "reason": "A mistake."})
    at.page.evaluate(PASS)
    at.look()

    expect(at.box.get_by_role("textbox")).to_be_visible()


def test_visitors_learn_that_an_article_closed_and_opened(newsroom: Newsroom, visit: Visit) -> None:
    newsroom.pages["a-1"] = newsroom.tag().replace('data-token-url="/token"', "")
    at = visit().come_near()
    expect(at.comment("Nobody")).to_be_visible()
    closed = at.box.get_by_text("This article no longer takes comments.")

    newsroom.describe("a-1", state="closed")
    at.look()
    expect(closed).to_be_visible()
    newsroom.describe("a-1", state="open")
    at.look()
    expect(closed).to_be_hidden()


def test_who_answers_a_comment_that_was_taken_down_hears_why_it_cannot_be_sent(
    newsroom: Newsroom, visit: Visit
) -> None:
    at = visit(reader="Dana").come_near()
    press(at.comment("Nobody"), "Reply")
    at.comment("Nobody").get_by_role("textbox").fill("I do.")
    decide(newsroom, "eve-1", "reject")

    press(at.comment("Nobody"), "Post")

    expect(at.box.locator(".problem")).to_have_text("This comment or article is no longer here.")
    expect(at.comment("Nobody").get_by_role("textbox")).to_have_value("I do.")


def test_a_page_that_is_older_than_gavel_asks_to_be_loaded_again(visit: Visit) -> None:
    at = visit(reader="Dana").come_near()
    at.page.route("**/later.js*", lambda route: route.fulfill(body="export default 1", content_type="text/javascript"))
    press(at.comment("Nobody"), "Reply")
    expect(at.box).to_contain_text("Something went wrong. Please reload the page.")

    at.page.route("**/v1/**", lambda route: route.abort())
    press(at.comment("Nobody"), "Reply")
    expect(at.box).to_contain_text("Comments are not available right now.")


def test_numbers_come_in_batches_of_which_one_may_fail_and_come_again_later(
    cast: Cast, newsroom: Newsroom, visit: Visit
) -> None:
    links = " ".join(f'<a data-gavel-count="a-{number}"></a>' for number in range(1, 102))
    newsroom.pages["front"] = links + newsroom.tag("none")
    cast.published("One here.", article_id="a-101")
    at = visit("none")
    at.page.clock.install()
    at.page.route("**/counts?article=a-101", lambda route: route.abort())
    at.open("/front")
    numbers = at.page.locator("[data-gavel-count]")
    at.page.clock.run_for(100)
    expect(numbers.first).to_have_text("1 comment")
    expect(numbers.last).to_have_text("")

    at.page.unroute_all()
    at.page.route("**/counts?*", lambda route: route.continue_())  # past the browser's cache, whose clock goes on
    cast.published("Cranes, cranes.", author="Una")
    at.page.evaluate("document.body.append(document.createElement('hr'))")
    at.page.clock.run_for(100)
    expect(numbers.last).to_have_text("1 comment")
    at.page.clock.run_for(300_000)
    expect(numbers.first).to_have_text("2 comments")


def test_editors_picks_alone_and_then_all_again(cast: Cast, newsroom: Newsroom, visit: Visit) -> None:
    cast.published("We need five cranes.", author="Una", id="una-1")
    picked = cast.published("And a sixth.", author="Ole", id="ole-1", parent_id="una-1")
    wish = Pick(picked.id, 2, True)
    featuring.pick(cast.database, cast.moderator("Ben"), wish, now=utc_now(), hold_s=0)
    at = visit(reader="Dana").come_near()

    at.box.get_by_label("Sort comments").select_option("Editor’s picks")
    expect(at.box.locator("article")).to_have_count(1)
    expect(at.comment("And a sixth.")).to_contain_text("Editor’s pick")
    press(at.comment("And a sixth."), "Reply")
    at.comment("And a sixth.").get_by_role("textbox").fill(TEXT)
    with judged(cast, TEXT):
        at.comment("And a sixth.").get_by_role("button", name="Post").click()
    expect(at.comment(TEXT)).to_contain_text("You can edit it until")
    assert at.faults() == []
    at.box.get_by_label("Sort comments").select_option("Oldest first")

    expect(at.box.locator("article")).to_have_count(4)
    assert at.said == []
