"""Only leads decide a comment that a lead was asked to decide or has decided, and only leads undo that.

Ana and Eli moderate the Herald, Ben leads it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from moderation.ground.values.comments import Comment
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.moderators.review import api_decisions
from moderation.moderators.review.comments_for_leads import ASKED, DECIDED
from moderation.pipeline.arriving import intake
from moderation.readers.reports import reporting as reports
from moderation.sites.people.roles import Role
from moderation.spine.comments import decision_rows as decisions
from moderation.spine.comments.tables import comments
from tests.own_databases import ON_BOTH
from tests.service.desk.browsing import SAME_ORIGIN, Browser
from tests.service.desk.cast import Cast
from tests.service.desk.review.test_review import status_of


@pytest.fixture
def eli(cast: Cast, browser: Callable[[], Browser]) -> Browser:
    cast._moderator("Eli", {cast.herald.id: Role.MODERATOR})
    return browser().log_in("Eli")


def post(browser: Browser, path: str, **data: object) -> tuple[int, str]:
    response = browser.client.post(path, data=data, headers=SAME_ORIGIN)
    return response.status_code, response.get_data(as_text=True)


def decide(cast: Cast, browser: Browser, comment: Comment, choice: str) -> tuple[int, str]:
    """As a form made by hand would, which also names the decision that it overturns."""
    with cast.database.read() as conn:
        version = conn.execute(sa.select(comments.c.version).where(comments.c.id == comment.id)).scalar_one()
    form = {"choice": choice, "version": version, "overturns": newest(cast, comment)}
    return post(browser, f"/desk/comments/{comment.id}/decisions", **form)


def undo(cast: Cast, browser: Browser, comment: Comment) -> tuple[int, str]:
    return post(browser, f"/desk/decisions/{newest(cast, comment)}/undo")


def newest(cast: Cast, comment: Comment) -> str:
    with cast.database.read() as conn:
        latest = decisions.latest_decision(conn, comment.id)
    assert latest is not None
    return latest.id


def is_escalated(cast: Cast, comment: Comment) -> bool:
    with cast.database.read() as conn:
        query = sa.select(comments.c.escalated_at).where(comments.c.id == comment.id)
        return conn.execute(query).scalar_one() is not None


def escalated(cast: Cast, by: Browser) -> Comment:
    comment = cast.flagged()
    by.get(f"/desk/review/{comment.id}").press("Escalate")
    return comment


@pytest.mark.parametrize("choice", ["approve", "reject:Off topic", "escalate"])
def test_what_is_escalated_only_a_lead_decides(
    cast: Cast, ana: Browser, eli: Browser, ben: Browser, choice: str
) -> None:
    comment = escalated(cast, ana)

    for browser in (ana, eli):
        page = browser.get(f"/desk/review/{comment.id}")
        assert ASKED.capitalize() in page.text
        assert not page.has_button("Approve")
        status, text = decide(cast, browser, comment, choice)
        assert (status, f"Nothing was changed: {ASKED}." in text) == (403, True)

    assert status_of(cast, comment.id) is CommentStatus.FLAGGED
    ben.get(f"/desk/review/{comment.id}").press("Approve")
    assert status_of(cast, comment.id) is CommentStatus.PUBLISHED


def test_nobody_but_a_lead_takes_back_the_escalation_of_another(
    cast: Cast, ana: Browser, eli: Browser, ben: Browser
) -> None:
    comment = escalated(cast, ana)

    status, text = undo(cast, eli, comment)

    assert (status, f"Nothing was changed: {ASKED}." in text) == (403, True)
    assert is_escalated(cast, comment)
    assert not eli.get("/desk/history").has_button("Undo")
    ben.get("/desk/history").press("Undo")
    assert not is_escalated(cast, comment)
    assert status_of(cast, comment.id) is CommentStatus.FLAGGED


def test_who_escalated_takes_it_back_while_no_lead_has_acted(cast: Cast, ana: Browser) -> None:
    comment = escalated(cast, ana)

    ana.get("/desk/history").press("Undo")

    assert not is_escalated(cast, comment)
    assert decide(cast, ana, comment, "approve")[0] == 303


def test_who_escalated_takes_it_back_on_the_comments_own_page(cast: Cast, ana: Browser, eli: Browser) -> None:
    comment = escalated(cast, ana)
    assert not eli.get(f"/desk/review/{comment.id}").has_button("Take it back")

    page = ana.get(f"/desk/review/{comment.id}").press("Take it back from the leads")

    assert not is_escalated(cast, comment)
    assert page.has_button("Approve")


@ON_BOTH
def test_the_reading_of_those_who_asked_keeps_no_lead_from_the_comment(cast: Cast, ana: Browser, ben: Browser) -> None:
    comment = escalated(cast, ana)
    ana.get("/desk/escalated")
    assert comment.id in ana.get(f"/desk/review/{comment.id}").path

    page = ben.get("/desk/escalated")

    assert comment.id in page.path
    assert "is reading" not in page.text
    assert page.has_button("Approve")


def test_the_tab_says_how_many_comments_wait_for_a_lead(cast: Cast, ana: Browser, ben: Browser, carla: Browser) -> None:
    assert ben.get("/desk/history").link("Escalated").get_text(" ").split() == ["Escalated"]
    for _ in range(2):
        escalated(cast, ana)

    assert ben.get("/desk/history").link("Escalated").get_text(" ").split() == ["Escalated", "2"]
    assert carla.get("/desk/history").link("Escalated").get_text(" ").split() == ["Escalated"]
    part = ben.client.get("/desk/history", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert '<span id="tally-escalated" hx-swap-oob="innerHTML">2</span>' in part


def test_who_escalated_does_not_take_it_back_once_a_lead_has_decided(cast: Cast, ana: Browser, ben: Browser) -> None:
    comment = escalated(cast, ana)
    escalation = newest(cast, comment)
    ben.get(f"/desk/review/{comment.id}").press("Reject")

    status, _text = post(ana, f"/desk/decisions/{escalation}/undo")

    assert status == 409
    assert status_of(cast, comment.id) is CommentStatus.REJECTED


@pytest.mark.parametrize("was_asked", [True, False])
def test_what_a_lead_decided_only_a_lead_changes_or_takes_back(
    cast: Cast, ana: Browser, ben: Browser, was_asked: bool
) -> None:
    comment = escalated(cast, ana) if was_asked else cast.flagged()
    ben.get(f"/desk/review/{comment.id}").press("Reject")

    page = ana.get(f"/desk/review/{comment.id}")
    approved, taken_back = decide(cast, ana, comment, "approve"), undo(cast, ana, comment)

    assert DECIDED.capitalize() in page.text
    assert not page.has_button("Approve")
    assert not ana.get("/desk/history").has_button("Undo")
    for status, text in (approved, taken_back):
        assert (status, f"Nothing was changed: {DECIDED}." in text) == (403, True)
    assert status_of(cast, comment.id) is CommentStatus.REJECTED
    ben.get("/desk/history").press("Undo")
    assert status_of(cast, comment.id) is CommentStatus.FLAGGED
    assert is_escalated(cast, comment) is was_asked


def test_what_a_lead_put_back_into_the_queue_everybody_decides(cast: Cast, ana: Browser, ben: Browser) -> None:
    comment = cast.flagged()
    ben.get(f"/desk/review/{comment.id}").press("Reject").press("Undo")

    assert undo(cast, ana, comment)[0] == 403  # that would reject in the lead's name
    assert decide(cast, ana, comment, "approve")[0] == 303


def test_what_moderators_decided_moderators_change(cast: Cast, ana: Browser, eli: Browser) -> None:
    comment = cast.flagged()
    ana.get(f"/desk/review/{comment.id}").press("Reject")

    assert decide(cast, eli, comment, "approve")[0] == 303
    assert undo(cast, ana, comment)[0] == 303
    assert status_of(cast, comment.id) is CommentStatus.REJECTED


def test_a_text_that_no_lead_has_seen_is_everybodys(cast: Cast, ana: Browser, ben: Browser) -> None:
    comment = cast.flagged()
    ben.get(f"/desk/review/{comment.id}").press("Approve")

    cast.edited(comment, "You are a fool, and here is more.", scores={"toxicity": 0.93, "insult": 0.88})

    assert decide(cast, ana, comment, "reject:Off topic")[0] == 303


def test_what_readers_report_after_a_lead_published_it_is_everybodys(cast: Cast, ana: Browser, ben: Browser) -> None:
    comment = cast.flagged()
    ben.get(f"/desk/review/{comment.id}").press("Approve")

    for reader in range(10):
        report = reports.Report(f"r-{reader}", "insult")
        reports.report(cast.database, cast.herald.id, comment.external_id, report, now=datetime.now(UTC))

    assert status_of(cast, comment.id) is CommentStatus.FLAGGED
    assert decide(cast, ana, comment, "reject:Off topic")[0] == 303


def test_a_selection_leaves_out_what_only_leads_decide(cast: Cast, ana: Browser, eli: Browser) -> None:
    asked, free = escalated(cast, ana), cast.flagged("Another one.")
    chosen = {"ids": [f"{asked.id}:3", f"{free.id}:2"], "choice": "approve"}

    status, _text = post(eli, "/desk/bulk/selection", **chosen)

    assert status == 303
    assert status_of(cast, asked.id) is CommentStatus.FLAGGED
    assert status_of(cast, free.id) is CommentStatus.PUBLISHED


@ON_BOTH
def test_a_lead_decides_all_that_is_escalated_from_its_list(cast: Cast, ana: Browser, ben: Browser) -> None:
    asked = [escalated(cast, ana) for _ in range(2)]

    page = ben.get("/desk/escalated").follow("Decide all 2 of this list").press("Approve 2")

    assert page.heading() == "Approved 2 comments"
    assert {status_of(cast, comment.id) for comment in asked} == {CommentStatus.PUBLISHED}


def test_a_selection_of_nothing_else_says_that_leads_decide(cast: Cast, ana: Browser, eli: Browser) -> None:
    asked = escalated(cast, ana)

    status, text = post(eli, "/desk/bulk/selection", ids=[f"{asked.id}:3"], choice="approve")

    assert (status, ASKED[1:] in text) == (403, True)
    assert status_of(cast, asked.id) is CommentStatus.FLAGGED


@ON_BOTH
def test_a_leads_batch_is_taken_back_by_leads(cast: Cast, ana: Browser, ben: Browser) -> None:
    ids = [cast.flagged(f"Number {n}.").id for n in range(2)]
    page = ben.get(f"/desk/bulk/selection?ids={ids[0]}:2&ids={ids[1]}:2").press("Reject 2")
    batch = page.path.partition("?")[0]

    status, text = post(ana, f"{batch}/undo")

    assert (status, DECIDED[1:] in text) == (403, True)
    assert not ana.get("/desk/history").has_button("Undo 2")
    assert {status_of(cast, id) for id in ids} == {CommentStatus.REJECTED}
    assert "2 undone." in ben.get("/desk/history").press("Undo 2").text


def test_the_sites_key_decides_what_is_escalated_and_a_moderator_does_not_take_that_back(
    cast: Cast, ana: Browser, ben: Browser
) -> None:
    comment = escalated(cast, ana)

    api_decisions.rule(cast.database, cast.herald.id, comment.external_id, Action.PUBLISH, version=3, now=cast.now)

    assert status_of(cast, comment.id) is CommentStatus.PUBLISHED
    assert undo(cast, ana, comment)[0] == 403
    assert undo(cast, ben, comment)[0] == 303


def test_an_author_withdraws_what_a_lead_decides(cast: Cast, ana: Browser) -> None:
    comment = escalated(cast, ana)

    intake.withdraw(cast.database, cast.herald.id, comment.external_id, now=cast.now)

    assert status_of(cast, comment.id) is CommentStatus.WITHDRAWN
