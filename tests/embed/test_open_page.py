"""A page that stays open: what changes meanwhile, and a page that turns to another article."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from playwright.sync_api import Route, expect

from moderation.moderators.review import featuring
from moderation.moderators.review.featuring import Pick
from moderation.spine.articles.tables import articles
from moderation.spine.comments.tables import comments
from service.context import utc_now
from tests.embed.conftest import Boxed, Newsroom, Visit
from tests.embed.test_states import TEXT, begin, decide, judged, own_id, press
from tests.service.desk.cast import Cast
from tests.waiting import eventually

pytestmark = pytest.mark.browser


def stored(cast: Cast) -> list[tuple[str, str]]:
    """Each comment's article and text."""
    with cast.database.read() as conn:
        query = sa.select(articles.c.external_id, comments.c.text).join_from(comments, articles)
        return [(row.external_id, row.text) for row in conn.execute(query.order_by(comments.c.id))]


def into(held: list[Route]) -> Callable[[Route], None]:
    """Keeps requests until the test lets them go."""

    def hold(route: Route) -> None:
        held.append(route)

    return hold


@pytest.mark.parametrize("address", [False, True])
def test_the_first_comment_makes_an_article_that_nobody_described(
    cast: Cast, newsroom: Newsroom, visit: Visit, address: bool
) -> None:
    article = f"{newsroom.address}/ferry/?p=7" if address else "new"
    newsroom.pages["ferry"] = newsroom.tag(article, data_article_title="Ferry to run all winter")
    at = visit("ferry?from=front#top", reader="Dana").come_near()
    expect(at.box).to_contain_text("Leave the first comment")

    with judged(cast, TEXT):
        at.write(TEXT)

    expect(at.comment(TEXT)).to_contain_text("You can edit it until")
    assert stored(cast) == [(article, TEXT)]
    made = newsroom.api.get(f"/v1/articles/{quote(article, safe='')}").json or {}
    assert (made["url"], made["title"]) == (f"{newsroom.address}/ferry?from=front", "Ferry to run all winter")
    reader = visit("ferry", reader="Eve").come_near()
    expect(reader.comment(TEXT)).to_be_visible()


class TestTurningPage:
    """A single-page site: the address changes, and the same box gets another article."""

    @pytest.fixture(autouse=True)
    def described(self, newsroom: Newsroom) -> None:
        for article in ("a-1", "a-2"):
            newsroom.describe(article)

    def turn(self, at: Boxed, article: str = "a-2") -> None:
        at.page.evaluate(f"document.querySelector('gavel-comments').dataset.article = '{article}'")

    def test_a_comment_goes_to_the_article_under_which_it_was_posted(
        self, cast: Cast, newsroom: Newsroom, visit: Visit
    ) -> None:
        newsroom.pages["a-1"] = newsroom.tag(data_advice_key="advises")
        at = visit(reader="Dana").come_near()
        held: list[Route] = []
        at.page.route("**/v1/check", into(held))

        at.write(TEXT)
        expect(at.box.get_by_text("…")).to_be_visible()
        self.turn(at)
        expect(at.box.get_by_role("textbox")).to_have_value("")
        with at.page.expect_response("**/v1/reader/comments") as answer:
            held[0].fulfill(status=503, json={})

        assert answer.value.ok
        assert stored(cast) == [("a-1", TEXT)]
        expect(at.comment(TEXT)).to_have_count(0)
        expect(at.box).to_contain_text("Leave the first comment")
        self.turn(at, "a-1")
        expect(at.comment(TEXT)).to_contain_text("A moderator will read")
        expect(at.box.get_by_role("textbox")).to_have_value("")

    def test_comments_that_come_late_stay_off_the_next_article(self, cast: Cast, visit: Visit) -> None:
        for number in range(25):
            cast.published(f"The port needs crane {number}.", author=f"Reader {number}")
        cast.published("Only one here.", article_id="a-2")
        at = visit().come_near()
        held: list[Route] = []
        at.page.route("**/articles/a-1?*after=*", into(held))

        press(at.box, "More comments")
        self.turn(at)
        expect(at.comment("Only one here.")).to_be_visible()
        with at.page.expect_response("**/articles/a-1?*after=*"):
            held[0].continue_()
        at.look()

        expect(at.box.locator("article")).to_have_count(1)


class TestNews:
    """A look finds it, half a minute later at most."""

    @pytest.fixture(autouse=True)
    def discussed(self, cast: Cast, newsroom: Newsroom) -> None:
        newsroom.describe("a-1")
        cast.published("The port needs a second crane.", author="Una", id="una-1")
        cast.published("And a third.", author="Ole", id="ole-1", parent_id="una-1")
        cast.published("Nobody needs cranes.", author="Eve", id="eve-1")

    def test_a_comment_that_is_taken_down_goes_though_another_came(
        self, cast: Cast, newsroom: Newsroom, visit: Visit
    ) -> None:
        at = visit(reader="Dana").come_near()
        expect(at.comment("Nobody").get_by_role("button", name="Reply")).to_be_visible()
        before = at.box.bounding_box()
        decide(newsroom, "eve-1", "reject")
        decide(newsroom, "una-1", "reject")
        cast.published("Just now.", now=utc_now())

        at.look()

        expect(at.box.get_by_text("This comment is no longer here.")).to_have_count(2)
        assert "Nobody" not in at.shown and "Eve" not in at.shown
        expect(at.comment("And a third.")).to_be_visible()
        expect(at.box.get_by_role("button", name="New comments: 1")).to_be_visible()
        expect(at.box).to_contain_text("1 comment")
        assert at.box.bounding_box() == before
        assert at.faults() == []

    def test_numbers_elsewhere_on_the_page_follow(self, cast: Cast, newsroom: Newsroom, visit: Visit) -> None:
        newsroom.pages["a-1"] = f'<a data-gavel-count="a-1"></a> <a data-gavel-count="a-2"></a>{newsroom.tag()}'
        at = visit(reader="Dana").come_near()
        numbers = at.page.locator("[data-gavel-count]")
        expect(numbers).to_have_text(["3 comments", "No comments yet"])

        with judged(cast, TEXT):
            at.write(TEXT)
        expect(numbers).to_have_text(["4 comments", "No comments yet"])
        decide(newsroom, "eve-1", "reject")
        at.look()

        expect(numbers).to_have_text(["3 comments", "No comments yet"])

    def test_an_edit_and_a_pick_show(self, cast: Cast, newsroom: Newsroom, visit: Visit) -> None:
        at = visit().come_near()
        assert newsroom.api.patch("/v1/comments/eve-1", {"text": "We need cranes."}).status_code == 202
        with cast.database.read() as conn:
            ids = {row.external_id: row.id for row in conn.execute(sa.select(comments.c.external_id, comments.c.id))}
        cast.judge(ids["eve-1"], scores={}, now=utc_now())
        version = (newsroom.api.get("/v1/comments/ole-1").json or {})["version"]
        featuring.pick(cast.database, cast.moderator("Ben"), Pick(ids["ole-1"], version, True), now=utc_now(), hold_s=0)

        at.look()

        expect(at.comment("We need cranes.")).to_contain_text("Edited")
        expect(at.comment("And a third.")).to_contain_text("Editor’s pick")
        expect(at.box.get_by_role("button", name="New comments")).to_have_count(0)
        expect(at.box).to_contain_text("3 comments")

    def test_an_article_that_closes_and_opens_again(self, newsroom: Newsroom, visit: Visit) -> None:
        at = visit(reader="Dana").come_near()
        expect(at.comment("Nobody").get_by_role("button", name="Reply")).to_be_visible()

        newsroom.describe("a-1", state="closed")
        at.look()
        expect(at.box).to_contain_text("This article no longer takes comments.")
        expect(at.box.get_by_role("textbox")).to_have_count(0)
        expect(at.comment("Nobody").get_by_role("button", name="Reply")).to_have_count(0)
        newsroom.describe("a-1", state="open")
        at.look()

        expect(at.comment("Nobody").get_by_role("button", name="Reply")).to_be_visible()
        expect(at.box.get_by_role("textbox")).to_be_visible()

    def test_comments_that_close_leave_a_begun_text_in_its_field(self, newsroom: Newsroom, visit: Visit) -> None:
        at = visit(reader="Dana").come_near()
        expect(at.box.get_by_text("Dana")).to_be_visible()
        at.box.get_by_role("textbox").fill(TEXT)

        newsroom.describe("a-1", state="closed")
        at.look()

        expect(at.box.locator(".problem")).to_contain_text("This article no longer takes comments.")
        expect(at.box.get_by_role("textbox")).to_have_value(TEXT)

    def test_a_mode_that_begins_is_said_beside_the_field(self, newsroom: Newsroom, visit: Visit) -> None:
        at = visit(reader="Dana").come_near()
        expect(at.box.get_by_text("Dana")).to_be_visible()
        begin(newsroom, "everything_waits")

        said = at.box.get_by_text("A moderator will read your comment first.")

        def is_said() -> bool:
            at.look()
            return said.count() > 0

        eventually(is_said, within_s=30)  # modes are remembered for some seconds
        expect(said).to_be_visible()

    def test_ones_own_comment_that_is_taken_down_later_says_so(
        self, cast: Cast, newsroom: Newsroom, visit: Visit
    ) -> None:
        at = visit(reader="Dana").come_near()
        with judged(cast, TEXT):
            at.write(TEXT)
        expect(at.box).to_contain_text("4 comments")

        decide(newsroom, own_id(cast), "reject")
        at.look()

        expect(at.comment(TEXT)).to_contain_text("The moderators did not publish this comment.")
        expect(at.comment(TEXT).get_by_role("link", name="Read why, or object")).to_be_visible()
        expect(at.box).to_contain_text("3 comments")

    def test_after_a_notice_its_reader_sees_what_became_of_the_comment(self, newsroom: Newsroom, visit: Visit) -> None:
        at = visit(reader="Dana").come_near()
        expect(at.comment("Nobody").get_by_role("button", name="Report")).to_be_visible()
        decide(newsroom, "una-1", "reject")

        press(at.comment("Nobody"), "Report: Eve")
        at.comment("Nobody").get_by_label("Insult").check()
        at.comment("Nobody").get_by_role("button", name="Report", exact=True).last.click()

        expect(at.comment("Nobody")).to_contain_text("Thank you.")
        expect(at.box.get_by_text("This comment is no longer here.")).to_have_count(1)
        expect(at.comment("Nobody").get_by_role("button", name="Report")).to_have_count(0)

    def test_a_page_that_comes_back_into_view_looks_at_once(self, newsroom: Newsroom, visit: Visit) -> None:
        newsroom.style = "footer { padding-top: 6000px; }"
        at = visit().come_near()
        expect(at.comment("Nobody")).to_be_visible()
        at.page.locator("footer").scroll_into_view_if_needed()
        at.page.evaluate("scrollTo(0, document.body.scrollHeight)")
        at.page.wait_for_function("() => !document.querySelector('gavel-comments').near")
        decide(newsroom, "eve-1", "reject")
        at.page.evaluate("document.querySelector('gavel-comments').lookedAt = -1e9")

        at.box.scroll_into_view_if_needed()

        expect(at.box.get_by_text("This comment is no longer here.")).to_have_count(1)
