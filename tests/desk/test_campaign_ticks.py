"""The boxes of a campaign in a browser: the buttons count with them, and keys decide what is ticked."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator

from moderation.campaigns.tables import campaigns
from tests.desk.conftest import Open
from tests.service.desk.cast import Cast
from tests.service.desk.test_campaigns import WARNING, statuses, wave

pytestmark = pytest.mark.browser


def test_keys_tick_a_copy_and_reject_what_is_ticked(cast: Cast, screen: Open) -> None:
    warning, *copies = cast.flagged(WARNING, author="Nora"), *wave(cast)
    with cast.database.read() as conn:
        address = f"/desk/campaigns/{conn.execute(sa.select(campaigns.c.id)).scalar_one()}"
    desk = screen().log_in("Ana").open(address)
    reject, group = desk.page.locator("button.reject"), desk.page.locator("[data-group]")

    assert (words(reject), group.is_checked()) == ("Reject 6 r", True)
    desk.page.locator(f"input[value='{copies[0].id}']").focus()
    desk.press("Space")
    assert (words(reject), desk.status) == ("Reject 5 r", "Reject 5")
    assert desk.page.get_by_text("Online now: 1").is_visible()
    group.uncheck()
    group.check()
    assert words(reject) == "Reject 6 r"
    group.uncheck()
    assert reject.is_disabled() and desk.page.get_by_role("button", name="5 Spam").is_disabled()
    group.check()
    desk.page.locator(f"input[value='{copies[0].id}']").focus()
    desk.press("Space").press("5")
    desk.page.wait_for_url("**/desk/batches/**")

    assert desk.heading == "Rejected 5 comments as spam or advertising"
    assert statuses(cast, [warning, *copies]) == ["flagged", "published", *["rejected"] * 5]
    assert desk.said == []


def words(button: Locator) -> str:
    return " ".join(button.inner_text().split())
