"""Comments' texts in the box: paragraphs, quotes and links, and what the page's own figures hear."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.embed.conftest import Newsroom, Visit
from tests.embed.test_states import TEXT, judged, press
from tests.service.desk.cast import Cast
from tests.service.embed.test_comment_text import HOSTS, PRETENDING

pytestmark = pytest.mark.browser

LISTEN = """
window.heard = [];
for (const name of ["shown", "posted", "edited", "withdrawn", "reported"])
  addEventListener("gavel:" + name, ({ detail }) => heard.push([name, JSON.parse(JSON.stringify(detail))]));
"""


@pytest.fixture(autouse=True)
def described(newsroom: Newsroom) -> None:
    newsroom.describe("a-1")


def test_the_box_links_what_the_plain_page_links(cast: Cast, visit: Visit) -> None:
    for number, (text, _shown, _address) in enumerate(HOSTS):
        cast.published(f"{number}: {text}", author=f"Reader {number}", id=f"c-{number}")
    cast.published("\n".join(PRETENDING), author="Eve", id="eve-1")

    at = visit().come_near()

    for number, (_text, shown, address) in enumerate(HOSTS):
        link = at.box.locator(f"#c-c-{number} .text a")
        expect(link).to_have_text(shown)
        expect(link).to_have_attribute("rel", "ugc nofollow noopener")
        if address:
            expect(link).to_have_attribute("href", address)
    pretending = at.box.locator("#c-eve-1 .text a")
    assert pretending.evaluate_all("links => links.map((link) => link.host)") == [
        "news.example"
    ]  # what follows the backslash is text


def test_paragraphs_and_quotes_are_kept(cast: Cast, visit: Visit) -> None:
    cast.published("> Cranes?\n>> <b>Yes</b>\n\nI agree.\nVery much.\n\n\nIndeed.", author="Una", id="una-1")

    at = visit(width=320).come_near()

    text = at.box.locator("#c-una-1 .text")
    expect(text.locator("> blockquote > p")).to_have_text(["Cranes?\n<b>Yes</b>"], use_inner_text=True)
    expect(text.locator("> p")).to_have_text(["I agree.\nVery much.", "Indeed."], use_inner_text=True)
    assert at.faults() == []


def test_a_text_of_marks_alone_does_not_hold_the_page_up(cast: Cast, visit: Visit) -> None:
    for number, text in enumerate(
        [">" * 9_000, "https://a.b/" + "!" * 9_000 + "a", "> \n" * 4_000 + "a", "https://" * 1_200]
    ):
        cast.published(text, author=f"Reader {number}", id=f"c-{number}")

    at = visit()
    began = at.page.evaluate("performance.now()")
    at.come_near()

    expect(at.box.locator("article")).to_have_count(4)
    assert at.page.evaluate("performance.now()") - began < 10_000


def test_the_page_hears_what_its_reader_does(cast: Cast, newsroom: Newsroom, visit: Visit) -> None:
    cast.published("The port needs a second crane.", author="Una", id="una-1")
    at = visit("none", reader="Dana")
    at.page.add_init_script(LISTEN)
    at.open("/a-1")
    at.come_near()
    expect(at.comment("second crane").get_by_role("button", name="Reply")).to_be_visible()

    with judged(cast, TEXT):
        at.write(TEXT)
        expect(at.comment(TEXT)).to_contain_text("You can edit it until")
    press(at.comment(TEXT), "Withdraw")
    at.box.locator(".danger").click()
    expect(at.comment("second crane").get_by_role("button", name="Report")).to_be_visible()
    press(at.comment("second crane"), "Report")
    at.box.get_by_label("spam").check()
    at.box.locator(".report-form .main").click()
    expect(at.comment("second crane")).to_contain_text("Thank you.")

    heard = at.page.evaluate("heard")
    assert [(name, said["article"]) for name, said in heard] == [
        (name, "a-1") for name in ("shown", "posted", "withdrawn", "reported")
    ]
    assert heard[0][1]["comments"] == 1
    assert heard[1][1]["status"] == "published" and heard[1][1]["id"] == heard[2][1]["id"]
    assert heard[3][1] == {"article": "a-1", "id": "una-1", "reason": "spam"}


def test_a_browser_that_cannot_fetch_the_rest_says_so_and_tries_again(
    cast: Cast, newsroom: Newsroom, visit: Visit
) -> None:
    cast.published("The port needs a second crane.", author="Una", id="una-1")
    at = visit(reader="Dana").come_near()
    expect(at.comment("crane").get_by_role("button", name="Report")).to_be_visible()
    at.page.route("**/later.js*", lambda route: route.abort())

    press(at.comment("crane"), "Report")
    expect(at.box.get_by_text("Please reload the page.")).to_be_visible()
    at.page.unroute("**/later.js*")
    press(at.comment("crane"), "Report")

    expect(at.box.locator(".report-form")).to_be_visible()
