"""A moderator decides in the box, with the buttons that no other reader has."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from moderation.sites import sites
from moderation.spine.comments.tables import decisions
from service.context import utc_now
from tests.builders import OPERATOR
from tests.embed.conftest import Newsroom, Visit
from tests.embed.test_states import press
from tests.service.desk.cast import Cast

pytestmark = pytest.mark.browser


def test_a_moderator_picks_and_rejects_where_readers_read(cast: Cast, newsroom: Newsroom, visit: Visit) -> None:
    sites.change_settings(cast.database, cast.herald.id, by=OPERATOR, now=utc_now(), moderators_in_box=True)
    cast.published("Nobody needs cranes.", author="Eve", id="eve-1")
    cast.published("We need five.", author="Una", id="una-1")
    other = visit(reader="Dana").come_near()
    expect(other.comment("Nobody").get_by_role("button", name="Report")).to_be_visible()
    expect(other.box.get_by_role("button", name="Moderate")).to_have_count(0)
    at = visit("none")
    newsroom.reader = {"sub": "7", "name": "Ana", "moderator": "ana@example.org"}
    at.open("/a-1")
    at.come_near()

    press(at.comment("five"), "Moderate: Una")
    assert at.faults() == []
    press(at.comment("five"), "Make it an editor’s pick")
    expect(at.comment("five").locator(".pick")).to_be_visible()
    press(at.comment("Nobody"), "Moderate: Eve")
    at.comment("Nobody").get_by_label("Reason").select_option("Insult or abuse")
    press(at.comment("Nobody"), "Reject")

    expect(at.box.get_by_text("This comment is no longer here.")).to_have_count(1)
    with cast.database.read() as conn:
        made = conn.execute(sa.select(decisions.c.moderator_id, decisions.c.category).order_by(decisions.c.id)).all()
    assert made[-2:] == [(cast.ids["Ana"], None), (cast.ids["Ana"], "Insult or abuse")]
    assert at.said == []
