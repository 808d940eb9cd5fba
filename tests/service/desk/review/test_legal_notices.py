"""Notices of illegal content at the desk: first in the queue, on the card, answered by a decision, undone with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from moderation.ground.database.engine import Database
from moderation.ground.errors import NotifierSuspended
from moderation.ground.values.comments import Comment
from moderation.law.notices import giving
from moderation.law.notices import rows as store
from moderation.law.notices.values import NewNotice
from moderation.moderators.review import reviewing
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from moderation.sites.audit.actors import SYSTEM
from tests.own_databases import ON_BOTH
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast

WHY = "§ 130 StGB: it calls for violence."


def give(cast: Cast, comment: Comment, **said: Any) -> str:
    new = NewNotice(comment.external_id, WHY, "Karl Notifier", "karl@mail.example", **said)
    return giving.give(cast.database, comment.site_id, new, by=SYSTEM, now=cast.now).notice.id


def status(database: Database, notice_id: str) -> tuple[str, str | None]:
    with database.read() as conn:
        found = store.find(conn, notice_id)
    assert found is not None
    return found.status, found.answer


def test_a_noticed_comment_opens_first_and_says_why(ana: Browser, cast: Cast) -> None:
    cast.flagged()
    quiet = cast.published("The port needs a second crane.")
    give(cast, quiet, flagger="Hotline")

    page = ana.get("/desk/review")

    assert "Notice of illegal content" in page.text
    assert WHY in page.text and "Trusted flagger: Hotline" in page.text
    assert page.html.select_one(".comment .text").text.strip() == "The port needs a second crane."  # type: ignore[union-attr]
    assert "Karl" not in page.text and "mail.example" not in page.text


@ON_BOTH
def test_the_decision_takes_the_answer_along_and_an_undo_opens_the_notice_again(ana: Browser, cast: Cast) -> None:
    comment = cast.published()
    notice_id = give(cast, comment)
    page = ana.get(f"/desk/review/{comment.id}")
    assert "Readers see this comment." in page.text and not page.has_button("Approve a")

    done = page.press("Leave online a", answer="It is a quotation from a court ruling.")

    assert status(cast.database, notice_id) == ("dismissed", "It is a quotation from a court ruling.")
    done.press("Undo")
    assert status(cast.database, notice_id) == ("open", None)
    again = ana.get(f"/desk/review/{comment.id}")
    again.press("Reject as")
    assert status(cast.database, notice_id) == ("upheld", None)
    with cast.database.read() as conn:
        told = conn.exec_driver_sql(
            "SELECT type, cancelled_at IS NULL FROM events WHERE type = 'notice.decided' ORDER BY id"
        ).all()
    assert [bool(row[1]) for row in told] == [False, True]  # the site never hears of the first answer


def test_an_answer_has_a_limit(ana: Browser, cast: Cast) -> None:
    comment = cast.published()
    notice_id = give(cast, comment)
    values = {"choice": "approve", "version": "2", "answer": "x" * 2_001}

    refused = ana.post(f"/desk/comments/{comment.id}/decisions", values)

    assert refused.status == 422
    assert status(cast.database, notice_id) == ("open", None)


def test_a_comment_without_a_notice_has_no_field_for_an_answer(ana: Browser, cast: Cast) -> None:
    comment = cast.flagged()

    assert "Answer to the notice" not in ana.get(f"/desk/review/{comment.id}").text


TAKE_NONE, TAKE_AGAIN = "Take no notices from this notifier", "Take their notices again"


def warned(cast: Cast) -> Comment:
    """A comment with an open notice whose receipt warned its notifier."""
    for number in range(3):
        comment = cast.published(f"A quiet word, number {number}.")
        give(cast, comment)
        wish = ModeratorChoice(Choice.APPROVE, 2)
        reviewing.decide(cast.database, cast.moderator("Ben"), comment.id, wish, now=cast.now, hold_s=0)
    comment = cast.published("The last word.")
    give(cast, comment)
    return comment


def test_a_lead_takes_no_notices_from_a_warned_notifier_and_takes_them_again(ben: Browser, cast: Cast) -> None:
    comment = warned(cast)
    page = ben.get(f"/desk/review/{comment.id}")
    assert page.field("Number of days")["value"] == "30"

    suspended = page.press(TAKE_NONE, days="10")

    assert suspended.path == page.path and not suspended.has_button(TAKE_NONE)
    end = f"{cast.now + timedelta(days=10):%Y-%m-%d}"
    assert "No notices from this notifier until" in suspended.text and end in str(suspended.html)
    with pytest.raises(NotifierSuspended):
        give(cast, cast.published("Another one."))
    assert "takes notices from the notifier" not in ben.get("/desk/audit").text
    again = suspended.press(TAKE_AGAIN)
    assert again.path == page.path and again.has_button(TAKE_NONE)
    give(cast, cast.published("Another one again."))
    trail = ben.get("/desk/audit").text
    assert "stopped taking notices from the notifier" in trail and "takes notices from the notifier" in trail


def test_the_end_stays_in_sight_after_the_decision(ben: Browser, cast: Cast) -> None:
    comment = warned(cast)
    page = ben.get(f"/desk/review/{comment.id}").press(TAKE_NONE)

    page.press("Leave online")

    answered = ben.get(f"/desk/review/{comment.id}")
    assert answered.has_button(TAKE_AGAIN)
    assert not answered.press(TAKE_AGAIN).has_button(TAKE_NONE)  # no notice of theirs is open here


def test_a_moderator_has_no_such_form_and_may_not_send_it(ana: Browser, cast: Cast) -> None:
    comment = warned(cast)
    with cast.database.read() as conn:
        (notice,) = store.on_comment(conn, comment.id, limit=2)

    assert not ana.get(f"/desk/review/{comment.id}").has_button(TAKE_NONE)
    assert ana.post(f"/desk/notices/{notice.id}/suspension", {"days": "30"}).status == 403
    assert ana.post(f"/desk/notices/{notice.id}/suspension/end", {}).status == 403


def test_nobody_is_offered_it_before_a_warning(ben: Browser, cast: Cast) -> None:
    comment = cast.published()
    id = give(cast, comment)

    assert not ben.get(f"/desk/review/{comment.id}").has_button(TAKE_NONE)
    refused = ben.post(f"/desk/notices/{id}/suspension", {"days": "30"})
    assert (refused.status, "No receipt has warned this notifier" in refused.text) == (422, True)


@pytest.mark.parametrize("days", ["", "0", "181", "ten", "-1"])
def test_the_days_have_bounds(ben: Browser, cast: Cast, days: str) -> None:
    refused = ben.get(f"/desk/review/{warned(cast).id}").press(TAKE_NONE, days=days)

    assert refused.status == 422 and "Days must be" in refused.text


def test_the_bar_counts_what_waits_on_each_page(cast: Cast, ana: Browser, ben: Browser, carla: Browser) -> None:
    cast.flagged(), cast.flagged("Another fool.")
    give(cast, cast.published())

    page = ben.get("/desk/history")
    assert [page.html.select_one(f"#tally-{name}").get_text() for name in ("review", "escalated")] == ["3", ""]  # type: ignore[union-attr]

    told = ben.client.get("/desk/arrivals").get_json()["tallies"]
    assert (told["review"], told["notices"]) == ("3", "1")
    assert carla.client.get("/desk/arrivals").get_json()["tallies"]["notices"] == ""
