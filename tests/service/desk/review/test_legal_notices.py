"""Notices of illegal content at the desk: first in the queue, on the card, answered by a decision, undone with it."""

from __future__ import annotations

from typing import Any

from moderation.database.engine import Database
from moderation.notices import giving
from moderation.notices import rows as store
from moderation.notices.values import NewNotice
from moderation.sites.audit.actors import SYSTEM
from moderation.values.comments import Comment
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
    again.press("Reject r")
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
