"""Gavel is away when a page opens, or the site's own server is: nobody loses a text, the focus, or their language."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from moderation.ground.wording import sentences
from tests.embed.conftest import Boxed, Newsroom, Visit
from tests.embed.test_states import TEXT, judged, press
from tests.service.desk.cast import Cast

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def described(newsroom: Newsroom) -> None:
    newsroom.describe("a-1")


def opened(visit: Visit, cut: str) -> Boxed:
    """Dana's page, on which some calls of Gavel do not answer."""
    at = visit("none", reader="Dana")
    at.page.route(cut, lambda route: route.abort())
    at.open("/a-1")
    at.box.scroll_into_view_if_needed()
    expect(at.box.get_by_role("alert")).to_be_visible()
    return at


def load(at: Boxed) -> None:
    """As the box does after half a minute."""
    at.page.evaluate("document.querySelector('gavel-comments').load()")


def test_who_is_typing_keeps_the_focus_when_the_box_tries_again(visit: Visit) -> None:
    at = opened(visit, "**/articles/**")
    field = at.box.get_by_role("textbox")
    field.press_sequentially("At last. boat?")
    for _ in "boat?":
        at.page.keyboard.press("ArrowLeft")

    load(at)
    at.page.keyboard.type("Will the ")
    at.page.unroute_all()
    load(at)
    expect(at.box).to_contain_text("Leave the first comment")
    at.page.keyboard.type("last ")

    expect(field).to_have_value("At last. Will the last boat?")
    expect(field).to_be_focused()


def test_a_press_of_post_finds_that_gavel_is_back(cast: Cast, visit: Visit) -> None:
    at = opened(visit, "**/articles/**")
    at.write(TEXT)
    expect(at.box.locator(".problem")).to_contain_text("Comments are not available right now.")
    at.page.unroute_all()

    with judged(cast, TEXT):
        press(at.box, "Post")

    expect(at.comment(TEXT)).to_contain_text("You can edit it until")
    expect(at.box.get_by_role("alert")).to_have_count(0)
    expect(at.box.get_by_role("textbox")).to_have_value("")


@pytest.mark.parametrize("language", ["de", "pl", "fr-CA", "sv"])
def test_a_page_hears_in_its_language_that_gavel_is_away(newsroom: Newsroom, visit: Visit, language: str) -> None:
    newsroom.language = language
    ours = sentences.spoken(language)

    at = opened(visit, "**/v1/**")

    expect(at.box.get_by_role("alert")).to_contain_text(ours["away"].partition(".")[0])
    expect(at.box.get_by_role("button")).to_have_text([ours["again"]])
    at.page.unroute_all()
    press(at.box, ours["again"])
    expect(at.box.get_by_role("textbox")).to_have_attribute("placeholder", ours["placeholder"])
    expect(at.box.get_by_role("button", name=ours["post"])).to_be_visible()


def test_a_text_that_was_begun_comes_back_while_gavel_gives_no_words(newsroom: Newsroom, visit: Visit) -> None:
    newsroom.language = "de"
    at = visit(reader="Dana").come_near()
    at.box.get_by_role("textbox").fill(TEXT)
    at.page.route("**/v1/**", lambda route: route.abort())

    at.page.reload()
    at.box.scroll_into_view_if_needed()

    expect(at.box.get_by_role("alert")).to_contain_text("nicht erreichbar")
    expect(at.box.get_by_role("textbox")).to_have_value(TEXT)
    expect(at.box.get_by_role("button", name="Absenden")).to_be_visible()


@pytest.mark.parametrize("failure", ["refused", "error"])
def test_a_token_that_cannot_be_had_for_a_while_sends_nobody_to_the_login(
    cast: Cast, visit: Visit, failure: str
) -> None:
    at = visit("none", reader="Dana")
    at.page.route("**/token", lambda route: route.abort() if failure == "refused" else route.fulfill(status=502))
    at.open("/a-1")
    at.come_near()

    at.write(TEXT)
    expect(at.box.locator(".problem")).to_contain_text("Comments are not available right now.")
    assert "Log in" not in at.shown
    at.page.unroute_all()
    if failure == "error":  # else the press itself asks again for who reads
        at.look()
        at.page.wait_for_function("() => document.querySelector('gavel-comments').reader")
    with judged(cast, TEXT):
        press(at.box, "Post")

    expect(at.comment(TEXT)).to_contain_text("Dana")
    expect(at.comment(TEXT)).to_contain_text("You can edit it until")
