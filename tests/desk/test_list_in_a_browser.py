"""Deciding in the list by keys, and by swiping on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from moderation.spine.comments.tables import comments
from tests.desk.conftest import Open
from tests.desk.scenes import counts, mid_shift
from tests.service.desk.cast import Cast

pytestmark = pytest.mark.browser

SWIPE = """
    ([row, across, down]) => {
        const at = row.getBoundingClientRect();
        const fire = (type, x, y) => {
            const touch = new Touch({ identifier: 1, target: row, clientX: at.left + x, clientY: at.top + y });
            const touches = type === "touchend" ? [] : [touch];
            row.dispatchEvent(new TouchEvent(type, { touches, changedTouches: [touch], bubbles: true }));
        };
        fire("touchstart", 150, 40);
        fire("touchmove", 150 + across / 2, 40 + down / 2);
        fire("touchmove", 150 + across, 40 + down);
        fire("touchend", 150 + across, 40 + down);
    }
"""


def swipe(page: Page, number: int, *, across: int, down: int = 0) -> None:
    row = page.locator(".rows > li").nth(number).element_handle()
    page.evaluate(SWIPE, [row, across, down])
    page.wait_for_selector("html:not([data-busy])")


def test_keys_decide_the_chosen_row_and_no_other(cast: Cast, screen: Open) -> None:
    mid_shift(cast, comments=6)
    at = screen().log_in("Ana").press("v")
    rows = at.page.locator(".rows > li")
    expect(rows).to_have_count(7)
    third = rows.nth(2).locator(".text").inner_text()

    at.press("j").press("j").press("k").press("j")
    expect(rows.nth(2)).to_have_attribute("aria-current", "true")
    at.press("a")

    expect(rows).to_have_count(6)
    assert third not in rows.all_inner_texts()
    expect(rows.nth(2)).to_have_attribute("aria-current", "true")
    at.press("r").press("e").press("z")
    assert counts(cast, comments, "status") == {"flagged": 5, "published": 2, "rejected": 1}
    assert counts(cast, comments, "escalated_at") == {None: 8}
    assert at.said == []


def test_a_swipe_decides_on_a_phone_and_a_scroll_does_not(cast: Cast, screen: Open) -> None:
    mid_shift(cast, comments=6)
    at = screen(width=390, has_touch=True, is_mobile=True).log_in("Ana").open("/desk/list")

    swipe(at.page, 0, across=60)
    swipe(at.page, 0, across=100, down=200)
    assert counts(cast, comments, "status") == {"flagged": 7, "published": 1}

    swipe(at.page, 0, across=140)
    swipe(at.page, 1, across=-140)
    assert counts(cast, comments, "status") == {"flagged": 5, "published": 2, "rejected": 1}
    assert at.said == []
