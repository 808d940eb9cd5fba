"""The bar of the desk, and what lies between it and the queue: nothing is cut at any width, in any language."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from moderation.moderators.queue.desk import questions
from service.languages import catalogues
from tests.desk.conftest import Open, Screen
from tests.desk.scenes import mid_shift
from tests.service.desk.cast import Cast

pytestmark = pytest.mark.browser

WIDTHS = (360, 390, 600, 768, 1024, 1248, 1280, 1440, 1601, 1920)
GROUPS = ("/desk/review", "/desk/trends", "/desk/policy")
LONGEST = {"review": "1,000+", "escalated": "100+", "appeals": "100+", "notices": "100+"}
FILL = """counts => {
    for (const [page, count] of Object.entries(counts)) document.getElementById(`tally-${page}`).textContent = count;
}"""
CUT = """(part) => {
    const isCut = (item) => {
        const box = item.getBoundingClientRect();
        if (!item.checkVisibility() || !box.width) return false;
        if (item.tagName !== "INPUT" && item.scrollWidth > item.clientWidth + 1) return true;
        return [box.left + 2, box.right - 2].some((x) => {
            const seen = document.elementFromPoint(x, (box.top + box.bottom) / 2);
            return x < 0 || x > innerWidth || !(item.contains(seen) || seen === item.parentElement);
        });
    };
    const within = (part) => [...part.querySelectorAll("a, summary, input, button")].filter(isCut);
    const items = within(document.querySelector(part));
    for (const menu of document.querySelectorAll(`${part} .menu`)) {
        menu.open = true;
        items.push(...within(menu));
        menu.open = false;
    }
    const over = document.documentElement.scrollWidth - innerWidth;
    return [...items.map((item) => item.textContent.trim() || item.name), ...(over > 0 ? [`over by ${over} px`] : [])];
}"""
"""The names of what is in a part of the page and its menus and not to be seen whole, or lies under something else."""


def cut(at: Screen, where: str) -> Iterator[str]:
    at.page.evaluate(FILL, LONGEST)
    for width in WIDTHS:
        at.page.set_viewport_size({"width": width, "height": 800})
        yield from (f"{where} {width}: {name}" for name in at.page.evaluate(CUT, ".bar"))


@pytest.mark.parametrize("language", catalogues.codes())
def test_no_tab_is_cut_at_any_width_for_any_role(cast: Cast, screen: Open, language: str) -> None:
    """An admin's bar is the longest. The others' lack pages of it, which may unfold some, and are looked at in one
    language."""
    people = ("Dora", "Ben", "Ana") if language == "de" else ("Dora",)

    faults: list[str] = []
    for name in people:
        at = screen(locale=language).log_in_as(cast, name)
        for path in GROUPS:
            faults += cut(at.open(path), f"{language} {name} {path}")

    assert faults == []


def test_the_bars_leave_the_screen_to_the_queue(cast: Cast, screen: Open) -> None:
    """With a saved view, a hint and the list for setting up a site: all that a quiet shift can show."""
    mid_shift(cast)
    comment = cast.flagged("A hard one.")
    questions.ask(
        cast.database, cast.moderator("Ana"), comment.id, colleague_id=cast.ids["Ben"], text="Is it?", now=cast.now
    )
    at = screen().log_in_as(cast, "Ben").open("/desk/review?section=City")
    at.page.get_by_text("Save this view").click()
    at.page.get_by_label("Name").fill("Town")
    at.page.get_by_role("button", name="Save", exact=True).click()
    at.open("/desk/review")

    for words in ("Town", "1 hint", "Setting up The Herald"):
        expect(at.page.locator(".beneath").get_by_text(words).first).to_be_visible()
    first = at.page.locator(".queue li").first.bounding_box()
    assert first and first["y"] <= 90


@pytest.mark.parametrize("language", catalogues.codes())
def test_the_line_of_new_comments_covers_nothing_over_the_queue(cast: Cast, screen: Open, language: str) -> None:
    cast.flagged("A hard one.")
    at = screen(locale=language).log_in_as(cast, "Ana").open("/desk/review")

    at.page.evaluate("Object.assign(document.getElementById('fresh'), { hidden: false, textContent: '100+' })")

    expect(at.page.locator("#fresh")).to_be_visible()
    for width in (1024, 1280, 1920):
        at.page.set_viewport_size({"width": width, "height": 800})
        assert at.page.evaluate(CUT, ".queue > header") == []


def test_the_menu_of_more_pages_opens_and_closes_by_keys(cast: Cast, screen: Open) -> None:
    at = screen().log_in_as(cast, "Ana").open("/desk/review")
    more = at.page.locator(".pages .menu > summary")

    more.focus()
    at.press("Enter").press("Tab")
    expect(at.page.get_by_role("link", name="Bulk")).to_be_focused()
    at.press("Escape")

    expect(more).to_be_focused()
    expect(at.page.get_by_role("link", name="Bulk")).to_be_hidden()
    at.open("/desk/bulk")
    expect(at.page.locator(".pages [aria-current=page]")).to_have_text("Bulk")
    expect(at.page.locator(".pages [aria-current=page]")).to_be_visible()
