"""Advice before a comment is posted, from a real scoring process."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from moderation.ground.environment.settings import Settings
from moderation.sites import keys
from moderation.sites.keys import Scope
from service.api.schemas.check_schemas import LONGEST_DEADLINE_MS
from service.context import utc_now
from tests.builders import OPERATOR
from tests.embed.conftest import Newsroom, Visit
from tests.scoring_processes import Answering
from tests.service.desk.cast import Cast

pytestmark = pytest.mark.browser

INSULT = "You are a fool, and everybody knows it."


@pytest.fixture
def settings(scoring_process: Answering) -> Settings:
    return scoring_process.named_in(Settings(demo=True))


def test_a_reader_is_asked_to_think_again_and_may_post_all_the_same(
    cast: Cast, newsroom: Newsroom, visit: Visit
) -> None:
    newsroom.describe("a-1")
    scopes, now = (Scope.SCORE,), utc_now()
    key = keys.create_key(cast.database, newsroom.site_id, name="advice", scopes=scopes, by=OPERATOR, now=now)
    newsroom.pages["a-1"] = newsroom.tag(data_advice_key=key.token)
    at = visit(reader="Dana").come_near()
    at.page.route("**/v1/check", in_its_own_time)

    at.write(INSULT)

    said = at.box.get_by_role("status").filter(has_text="Have another look before you post.")
    expect(said).to_contain_text("Readers may find this")
    expect(at.box.get_by_role("textbox")).to_have_value(INSULT)
    expect(at.comment(INSULT)).to_have_count(0)
    assert at.faults() == []
    at.box.get_by_role("button", name="Post").click()
    expect(at.comment(INSULT)).to_contain_text("A moderator will read your comment first.")
    assert at.said == []


def in_its_own_time(route: Route) -> None:
    """The tests' machine may be busy."""
    route.continue_(post_data={**(route.request.post_data_json or {}), "deadline_ms": LONGEST_DEADLINE_MS})
