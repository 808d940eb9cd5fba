"""People named for a reason why comments are held: their queue begins with these, and others are led past them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from moderation.ground.errors import InvalidInput
from moderation.ground.values.comments import Comment
from moderation.moderators.queue.desk import duties, duty_rows
from moderation.moderators.queue.view_rows import QueueOrder, QueueView
from moderation.moderators.review import reviewing as review
from moderation.sites.audit.tables import audit
from moderation.sites.people.roles import Role
from moderation.sites.tables import memberships
from tests.builders import OPERATOR
from tests.own_databases import ON_BOTH
from tests.service.desk.browsing import Browser, Page
from tests.service.desk.cast import Cast

THREAT = {"threat": 0.7, "toxicity": 0.1, "insult": 0.1}
AWAY = timedelta(minutes=61)


@pytest.fixture
def eli(cast: Cast, browser: Callable[[], Browser]) -> Browser:
    cast._moderator("Eli", {cast.herald.id: Role.MODERATOR})
    return browser().log_in_as(cast, "Eli")


def name(cast: Cast, *people: str, reason: str = "threat") -> None:
    ids = [cast.ids[person] for person in people]
    duties.name_people(cast.database, cast.herald.id, reason, ids, by=OPERATOR, now=cast.now)


def see(cast: Cast, person: str, *, ago: timedelta = timedelta(0)) -> None:
    with cast.database.write() as conn:
        duty_rows.see(conn, cast.ids[person], now=cast.now - ago)


def next_of(cast: Cast, person: str, order: QueueOrder = QueueOrder.PRIORITY, **only: str) -> str | None:
    view = QueueView((cast.herald.id,), order=order, **only)  # type: ignore[arg-type]
    return review.next_comment(cast.database, cast.moderator(person), view, now=cast.now)


def tags(page: Page, comment: Comment) -> str:
    (line,) = page.html.select(f"[data-line='{comment.id}'] .tags")
    return " ".join(line.get_text(" ").split())


@ON_BOTH
def test_the_named_person_gets_these_comments_first_and_others_are_led_past_them(cast: Cast, eli: Browser) -> None:
    threat = cast.flagged("I know where you live.", scores=THREAT)
    worse = cast.flagged("You fool.", scores={"toxicity": 0.99})
    name(cast, "Eli")
    see(cast, "Eli")

    assert (next_of(cast, "Eli"), next_of(cast, "Ana")) == (threat.id, worse.id)
    page = eli.get("/desk/review")
    assert page.path.endswith(threat.id)
    assert [li["data-line"] for li in page.html.select("[data-line]")] == [threat.id, worse.id]
    assert "for you" in tags(page, threat) and "for you" not in tags(page, worse)


@ON_BOTH
def test_others_see_who_knows_it_and_decide_it_after_a_press(cast: Cast, eli: Browser, ana: Browser) -> None:
    threat = cast.flagged("I know where you live.", scores=THREAT)
    name(cast, "Eli", "Ben")
    see(cast, "Eli")

    page = ana.get("/desk/review")  # nothing else waits

    assert page.path.endswith(threat.id)
    assert "for: Ben, Eli" in tags(page, threat)
    (closed,) = page.html.select(".actions details.known:not([open])")
    assert "Ben, Eli" in closed.summary.get_text()  # type: ignore[union-attr]
    assert closed.select("[data-key=a]") and not page.html.select(".main-row:not(.known .main-row)")
    assert "On duty for this: Ben, Eli" in ana.get("/desk/list").text
    assert page.press("Approve").status == 200
    assert not eli.get("/desk/review").html.select("[data-line]")


@ON_BOTH
def test_a_duty_nobody_of_whom_is_at_the_desk_is_everybodys(cast: Cast, eli: Browser, ana: Browser) -> None:
    threat = cast.flagged("I know where you live.", scores={**THREAT, "threat": 0.99})
    cast.flagged("Hardly.", scores={"toxicity": 0.81, "insult": 0.1})
    name(cast, "Eli")

    assert next_of(cast, "Ana") == threat.id  # Eli has not come yet
    see(cast, "Eli", ago=AWAY)
    page = ana.get(f"/desk/review/{threat.id}")
    assert not page.html.select(".known") and "for: Eli" not in page.text

    eli.get("/desk/list")  # and is at the desk

    assert next_of(cast, "Ana") != threat.id
    assert ana.get(f"/desk/review/{threat.id}").html.select(".known")


def test_an_empty_queue_and_the_list_are_the_desk_too(cast: Cast, eli: Browser) -> None:
    for path in ("/desk/review", "/desk/list"):
        name(cast)
        name(cast, "Eli")
        eli.get(path)
        with cast.database.read() as conn:
            (duty,) = duty_rows.duties_of(conn, [cast.herald.id])
        assert duty.people[0].seen_at is not None, path


@ON_BOTH
def test_another_order_and_a_filter_hold_for_people_on_duty_too(cast: Cast, eli: Browser) -> None:
    threat = cast.flagged("I know where you live.", scores=THREAT)
    newest = cast.flagged("You fool.")
    name(cast, "Eli")

    assert next_of(cast, "Eli", QueueOrder.NEWEST) == newest.id
    assert next_of(cast, "Eli", signal="toxicity") == newest.id
    assert next_of(cast, "Eli", signal="threat") == threat.id


def test_a_notice_of_illegal_content_may_have_people_of_its_own(cast: Cast, eli: Browser, ana: Browser) -> None:
    from tests.service.desk.review.test_legal_notices import give

    online = cast.published()
    give(cast, online)
    waits = cast.flagged()
    name(cast, "Eli", reason="noticed")
    see(cast, "Eli")

    assert (next_of(cast, "Eli"), next_of(cast, "Ana")) == (online.id, waits.id)
    assert ana.get(f"/desk/review/{online.id}").html.select(".known")


def test_who_leaves_the_site_is_on_no_duty(cast: Cast, eli: Browser, ana: Browser) -> None:
    threat = cast.flagged("I know where you live.", scores=THREAT)
    name(cast, "Eli")
    see(cast, "Eli")
    with cast.database.write() as conn:
        conn.execute(memberships.delete().where(memberships.c.moderator_id == cast.ids["Eli"]))

    assert not ana.get(f"/desk/review/{threat.id}").html.select(".known")


def test_a_lead_names_people_on_a_page_and_the_trail_says_so(cast: Cast, eli: Browser, ben: Browser) -> None:
    page = ben.get("/desk/duties", site=cast.herald.id)
    assert "Everybody decides everything." in page.text
    assert "Everybody decides" in ben.get("/desk/duties", site=cast.courier.id).text

    fields = {"site": cast.herald.id, "reason": "threat", "people": [cast.ids["Eli"], cast.ids["Ana"]]}
    ben.post("/desk/duties", fields)
    page = ben.get("/desk/duties", site=cast.herald.id)

    ticked = [box.find_parent("label").get_text().strip() for box in page.html.select(".duty [checked]")]  # type: ignore[union-attr]
    assert ticked == ["Ana", "Eli"]
    assert "nobody is here: all decide" in page.text
    eli.get("/desk/review")
    assert "nobody is here" not in ben.get("/desk/duties", site=cast.herald.id).text
    ben.post("/desk/duties", {"site": cast.herald.id, "reason": "threat"})
    trail = ben.get("/desk/audit", site=cast.herald.id).html.get_text()
    assert "Ben named people for comments held for threat: Ana, Eli." in trail
    assert "Ben ended the duty for comments held for threat." in trail


def test_only_people_who_work_for_the_site_are_named_for_a_reason_that_exists(cast: Cast, eli: Browser) -> None:
    at = cast.herald.id

    with pytest.raises(InvalidInput, match="people: choose people"):
        duties.name_people(cast.database, at, "threat", [cast.ids["Carla"]], by=OPERATOR, now=cast.now)
    with pytest.raises(InvalidInput, match="reason: choose one"):
        duties.name_people(cast.database, at, "astrology", [cast.ids["Ana"]], by=OPERATOR, now=cast.now)

    name(cast, "Eli")
    name(cast, "Eli")
    with cast.database.read() as conn:
        noted = sa.select(audit.c.action).where(audit.c.action.like("duty.%"))
        assert list(conn.execute(noted).scalars()) == ["duty.set"]
