"""Begun texts are of who began them, and a link to a comment that is gone says so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from service.context import utc_now
from tests.embed.conftest import Newsroom, Visit
from tests.embed.test_states import TEXT, decide, judged, press
from tests.service.desk.cast import Cast

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def discussed(cast: Cast) -> None:
    cast.published("Nobody needs cranes.", author="Eve", id="eve-1", now=utc_now() - timedelta(hours=1))


@pytest.mark.parametrize("way", ["reload", "refresh"])
def test_the_next_reader_in_a_tab_sees_no_draft_of_the_one_before(newsroom: Newsroom, visit: Visit, way: str) -> None:
    at = visit(reader="Dana").come_near()
    expect(at.box.get_by_text("Dana")).to_be_visible()
    at.box.get_by_role("textbox").fill(TEXT)

    newsroom.reader = {"sub": "mallory", "name": "Mallory"}
    at.page.reload() if way == "reload" else at.page.evaluate("gavel.refresh()")
    at.come_near()

    expect(at.box.get_by_text("Mallory")).to_be_visible()
    expect(at.box.get_by_role("textbox")).to_have_value("")
    assert TEXT not in at.page.evaluate("JSON.stringify(sessionStorage)")


def test_a_begun_edit_and_a_begun_reply_come_back_after_a_reload(cast: Cast, visit: Visit) -> None:
    at = visit(reader="Dana").come_near()
    with judged(cast, TEXT):
        at.write(TEXT)
    press(at.comment(TEXT), "Edit")
    at.comment("Dana").get_by_role("textbox").fill("At last, the boat.")
    press(at.comment("Nobody"), "Reply")
    at.comment("Nobody").get_by_role("textbox").fill("I do.")

    at.page.reload()
    at.come_near()
    press(at.comment(TEXT), "Edit")
    press(at.comment("Nobody"), "Reply")

    expect(at.comment("Dana").get_by_role("textbox")).to_have_value("At last, the boat.")
    expect(at.comment("Nobody").get_by_role("textbox")).to_have_value("I do.")
    at.comment("Dana").get_by_role("button", name="Cancel").click()
    press(at.comment(TEXT), "Edit")
    expect(at.comment("Dana").get_by_role("textbox")).to_have_value(TEXT)


@pytest.mark.parametrize("id", ["eve-1", "never-was"])
def test_a_link_to_a_comment_that_is_gone_says_so(newsroom: Newsroom, visit: Visit, id: str) -> None:
    decide(newsroom, "eve-1", "reject")

    at = visit(f"a-1#gavel-{id}")

    expect(at.box.get_by_role("status").filter(has_text="This comment is no longer here.")).to_be_visible()
