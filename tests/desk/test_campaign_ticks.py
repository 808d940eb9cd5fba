"""The boxes of a campaign in a browser: the buttons count with them, and keys decide what is ticked."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator

from moderation.moderators.campaigns.tables import campaigns
from tests.desk.axe import violations
from tests.desk.conftest import Open
from tests.service.desk.cast import Cast
from tests.service.desk.test_campaigns import WARNING, statuses, wave

pytestmark = pytest.mark.browser


def test_on_a_telephone_the_buttons_are_dim_and_in_sight_while_nothing_is_ticked(cast: Cast, screen: Open) -> None:
    wave(cast)
    desk = screen(width=390).log_in("Ana").open(address(cast))

    desk.page.locator("[data-group]").uncheck()

    assert violations(desk, "campaign") == []
    other = desk.page.get_by_role("button", name="4 Off topic")
    box = other.bounding_box()
    assert other.is_disabled() and box is not None and box["x"] + box["width"] <= 390
    assert other.evaluate("button => getComputedStyle(button).opacity") == "0.55"


def test_keys_tick_a_copy_and_reject_what_is_ticked(cast: Cast, screen: Open) -> None:
    warning, *copies = cast.flagged(WARNING, author="Nora"), *wave(cast)
    desk = screen().log_in("Ana").open(address(cast))
    reject, group = desk.page.locator("button.reject"), desk.page.locator("[data-group]")

    assert (words(reject), group.is_checked()) == ("Reject 6 as spam or advertising r", True)
    desk.page.locator(".same > summary").click()
    desk.page.locator(f"input[value='{copies[0].id}']").focus()
    desk.press("Space")
    assert (words(reject), desk.status) == ("Reject 5 as spam or advertising r", "Reject 5 as spam or advertising")
    assert desk.page.get_by_text("Online now: 1").is_visible()
    group.uncheck()
    group.check()
    assert words(reject) == "Reject 6 as spam or advertising r"
    group.uncheck()
    assert reject.is_disabled() and desk.page.get_by_role("button", name="1 Insult").is_disabled()
    group.check()
    desk.page.locator(f"input[value='{copies[0].id}']").focus()
    desk.press("Space").press("5")
    desk.page.wait_for_url("**/desk/batches/**")

    assert desk.heading == "Rejected 5 comments as spam or advertising"
    assert statuses(cast, [warning, *copies]) == ["flagged", "published", *["rejected"] * 5]
    assert desk.said == []


def address(cast: Cast) -> str:
    with cast.database.read() as conn:
        return f"/desk/campaigns/{conn.execute(sa.select(campaigns.c.id)).scalar_one()}"


def words(button: Locator) -> str:
    return " ".join(button.inner_text().split())
