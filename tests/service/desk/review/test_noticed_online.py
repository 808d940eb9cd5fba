"""A noticed comment stays online, comes first in the queue in each of its forms, and is decided there by a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from moderation.ground.database.engine import first_id_at
from moderation.ground.values.comments import Comment
from moderation.ground.values.statuses import CommentStatus
from moderation.law.notices import giving
from moderation.law.notices import rows as store
from moderation.law.notices.values import NewNotice
from moderation.moderators.finding.context_rows import load
from moderation.moderators.queue import rows as queue
from moderation.moderators.queue.view_rows import QueueOrder, QueueView
from moderation.moderators.review import reviewing as review
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from moderation.sites.audit.actors import SYSTEM
from moderation.spine.comments import rows as comments
from service.context import utc_now
from tests.own_databases import ON_BOTH
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast

WHY = "§ 130 StGB: it calls for violence."
QUIET = "The port needs a second crane."


def give(cast: Cast, comment: Comment, email: str = "karl@mail.example", **said: Any) -> str:
    new = NewNotice(comment.external_id, WHY, "Karl Notifier", email, **said)
    return giving.give(cast.database, comment.site_id, new, by=SYSTEM, now=utc_now()).notice.id


def state(cast: Cast, comment: Comment, notice_id: str) -> tuple[CommentStatus, str, bool]:
    """The comment's status, the notice's, and whether the comment waits in the queue while it is online."""
    with cast.database.read() as conn:
        found, notice = comments.get_by_id(conn, comment.id), store.find(conn, notice_id)
    assert notice is not None
    return found.status, notice.status, found.is_noticed


ONLINE = (CommentStatus.PUBLISHED, "open", True)


@ON_BOTH
@pytest.mark.parametrize("order", QueueOrder)
def test_the_queue_has_it_in_each_order_and_counts_it(cast: Cast, order: QueueOrder) -> None:
    flagged, quiet = cast.flagged(), cast.published(QUIET)
    give(cast, quiet)
    view = QueueView((cast.herald.id,), order)

    with cast.database.read() as conn:
        lines = queue.page(conn, view, now=cast.now, after=None, limit=10)
        second = queue.page(conn, view, now=cast.now, after=lines[0].cursor, limit=10)
        count = queue.count(conn, view, at_most=10)

    assert {(line.id, line.is_online) for line in lines} == {(flagged.id, False), (quiet.id, True)}
    assert [line.id for line in second] == [lines[1].id]
    assert count == 2
    if order is QueueOrder.PRIORITY:
        assert lines[0].id == quiet.id


@ON_BOTH
@pytest.mark.parametrize(
    ("narrowed", "count"),
    [({"signal": "noticed"}, 1), ({"signal": "toxicity"}, 0), ({"language": "en"}, 1), ({"escalated": True}, 0)],
)
def test_the_filters_know_it(cast: Cast, narrowed: dict[str, Any], count: int) -> None:
    give(cast, cast.published(QUIET))

    with cast.database.read() as conn:
        found = queue.count(conn, QueueView((cast.herald.id,), **narrowed), at_most=10)
        elsewhere = queue.count(conn, QueueView((cast.courier.id,), **narrowed), at_most=10)

    assert (found, elsewhere) == (count, 0)


def test_its_line_and_its_card_say_that_readers_see_it(cast: Cast, ana: Browser) -> None:
    quiet = cast.published(QUIET)
    give(cast, quiet)

    page = ana.get("/desk/review")

    line = page.html.select_one(f"[data-line='{quiet.id}']")
    assert line is not None and "online" in line.get_text() and "Notice of illegal content" in line.get_text()
    assert "Readers see this comment." in page.text
    assert page.has_button("Leave online a") and page.has_button("Reject as")


def test_a_page_hears_of_it_and_of_its_decision(cast: Cast, ana: Browser, ben: Browser) -> None:
    quiet = cast.published(QUIET)
    since = first_id_at(utc_now() - timedelta(seconds=1))  # ids made in one millisecond lie ahead of the clock
    give(cast, quiet)

    before = ana.client.get("/desk/queue-changes", query_string={"since": since, "lines": quiet.id}).get_json()
    ben.get(f"/desk/review/{quiet.id}").press("Leave online")
    after = ana.client.get("/desk/queue-changes", query_string={"since": since, "lines": quiet.id}).get_json()

    assert (before["arrived"], before["waiting"], before["lines"]) == (1, "1", {})
    assert (after["arrived"], after["waiting"]) == (0, "0")
    assert after["lines"][quiet.id]["gone"] is True


def test_an_undone_rejection_puts_it_back_online_and_opens_the_notice(cast: Cast, ana: Browser) -> None:
    quiet = cast.published(QUIET)
    notice_id = give(cast, quiet)

    done = ana.get(f"/desk/review/{quiet.id}").press("Reject")
    assert state(cast, quiet, notice_id) == (CommentStatus.REJECTED, "upheld", False)
    done.press("Undo")

    assert state(cast, quiet, notice_id) == ONLINE


def test_leaving_it_online_is_undone_and_done_again(cast: Cast, ana: Browser) -> None:
    quiet = cast.published(QUIET)
    notice_id = give(cast, quiet)

    ana.get(f"/desk/review/{quiet.id}").press("Leave online")
    for expected in (ONLINE, (CommentStatus.PUBLISHED, "dismissed", False)) * 2:
        with cast.database.read() as conn:
            newest = load(conn, quiet.id).decisions[0]
        review.undo(cast.database, cast.moderator("Ana"), newest.id, now=utc_now(), hold_s=10)
        assert state(cast, quiet, notice_id) == expected


def test_a_pick_answers_no_notice(cast: Cast, ana: Browser) -> None:
    quiet = cast.published(QUIET)
    notice_id = give(cast, quiet)

    ana.get(f"/desk/review/{quiet.id}").press("Feature it")

    assert state(cast, quiet, notice_id) == ONLINE


def test_a_notice_asks_anew_about_a_comment_that_a_lead_approved(cast: Cast, ana: Browser, ben: Browser) -> None:
    comment = cast.flagged()
    ben.get(f"/desk/review/{comment.id}").press("Approve")
    notice_id = give(cast, comment)

    ana.get("/desk/review").press("Reject")

    assert state(cast, comment, notice_id) == (CommentStatus.REJECTED, "upheld", False)


def test_a_selection_leaves_it_online_and_answers(cast: Cast, ana: Browser) -> None:
    quiet = cast.published(QUIET)
    notice_id = give(cast, quiet)

    ana.get(f"/desk/bulk/selection?ids={quiet.id}:2").press("Approve 1")

    assert state(cast, quiet, notice_id) == (CommentStatus.PUBLISHED, "dismissed", False)


def test_a_skip_puts_it_off_and_can_be_taken_back(cast: Cast, ana: Browser) -> None:
    quiet, flagged = cast.published(QUIET), cast.flagged()
    notice_id = give(cast, quiet)

    page = ana.get(f"/desk/review/{quiet.id}").press("Skip")

    assert flagged.id in page.path
    assert "Skipped" in page.status_line
    assert state(cast, quiet, notice_id) == ONLINE


def test_many_decisions_together_are_answers_too(cast: Cast) -> None:
    quiet = cast.published(QUIET)
    notices = [give(cast, quiet, email=f"{number}@mail.example") for number in range(3)]

    wish = ModeratorChoice(Choice.APPROVE, 2)
    review.decide(cast.database, cast.moderator("Ana"), quiet.id, wish, now=utc_now(), hold_s=10)

    assert [state(cast, quiet, notice_id)[1] for notice_id in notices] == ["dismissed"] * 3
