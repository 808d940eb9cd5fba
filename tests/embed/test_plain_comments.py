"""The comments as plain HTML in the page, and the box that takes their place."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.embed.conftest import Boxed, Newsroom, Visit
from tests.embed.test_states import press
from tests.service.desk.cast import Cast

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def plain(cast: Cast, newsroom: Newsroom) -> str:
    """The HTML that the site's server includes."""
    cast.published("The port needs a second crane.", author="Una", id="una-1")
    return newsroom.api.client.get(f"/embed/v1/articles/a-1.html?site={newsroom.site_id}").text


def shown(at: Boxed) -> Locator:
    return at.page.get_by_text("The port needs a second crane.").filter(visible=True)


@pytest.mark.parametrize("where", ["before", "after", "inside"])
def test_each_comment_shows_once(newsroom: Newsroom, visit: Visit, plain: str, where: str) -> None:
    tag = newsroom.tag()
    newsroom.pages["a-1"] = {
        "before": plain + tag,
        "after": tag + plain,
        "inside": f"<gavel-comments data-article=a-1>{plain}</gavel-comments>{tag.replace('data-article', 'data-of')}",
    }[where]

    at = visit().come_near()

    expect(at.box.get_by_role("heading", name="1 comment")).to_be_visible()
    expect(shown(at)).to_have_count(1)
    expect(at.page.locator("section.gavel-comments")).to_have_count(0)
    expect(at.page.locator("gavel-comments")).to_have_count(1)


def test_another_articles_plain_comments_are_left_alone(
    cast: Cast, newsroom: Newsroom, visit: Visit, plain: str
) -> None:
    newsroom.pages["a-2"] = plain + newsroom.tag("a-2")

    at = visit("a-2").come_near()

    expect(at.box.get_by_role("heading", name="No comments yet")).to_be_visible()
    expect(shown(at)).to_have_count(1)


def test_without_gavel_and_without_scripts_the_plain_comments_stay(
    newsroom: Newsroom, visit: Visit, plain: str
) -> None:
    newsroom.pages["a-1"] = plain + newsroom.tag()
    scriptless = visit(java_script_enabled=False)
    at = visit("none")
    at.page.route("**/v1/pages/**", lambda route: route.abort())
    at.open("/a-1")
    at.box.scroll_into_view_if_needed()

    expect(at.box.get_by_role("alert")).to_be_visible()
    expect(shown(at)).to_have_count(1)
    expect(shown(scriptless)).to_have_count(1)
    at.page.unroute_all()
    press(at.box, "Try again")
    expect(at.box.get_by_role("heading", name="1 comment")).to_be_visible()
    expect(shown(at)).to_have_count(1)


def test_a_box_that_turns_to_another_article_shows_none_of_the_first(
    newsroom: Newsroom, visit: Visit, plain: str
) -> None:
    newsroom.pages["a-1"] = plain + newsroom.tag()
    at = visit("none")
    at.page.route("**/v1/pages/**", lambda route: route.abort())
    at.open("/a-1")
    at.box.scroll_into_view_if_needed()
    expect(shown(at)).to_have_count(1)

    at.page.evaluate("document.querySelector('gavel-comments').dataset.article = 'a-2'")

    expect(shown(at)).to_have_count(0)
