"""Nobody decides against a person by accident: the refused key is gone, and the other way is slower."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from moderation.ground.values.statuses import Action, CommentStatus
from moderation.moderators.review import api_decisions
from moderation.sites.people.roles import Role
from tests.service.desk.browsing import SAME_ORIGIN, Browser, Page
from tests.service.desk.cast import Cast
from tests.service.desk.review.test_review import status_of


@pytest.fixture
def eli(cast: Cast, browser: Callable[[], Browser]) -> Browser:
    """Another moderator of the Herald, and no lead."""
    cast._moderator("Eli", {cast.herald.id: Role.MODERATOR})
    return browser().log_in_as(cast, "Eli")


def keys(page: Page) -> set[str]:
    return {key for tag in page.html.select("main [data-key]") for key in str(tag["data-key"]).split()}


def test_a_refused_decision_opens_the_next_comment_so_that_the_same_key_changes_nothing(
    cast: Cast, ana: Browser, ben: Browser
) -> None:
    first = cast.flagged("First.", scores={"toxicity": 0.99})
    cast.flagged("Second, which Ben reads then.", scores={"toxicity": 0.95})
    third = cast.flagged("Third.", scores={"toxicity": 0.9})
    seen_by_ana = ana.get(f"/desk/review/{first.id}")
    ben.get(f"/desk/review/{first.id}").press("Reject as insult")

    page = seen_by_ana.press("Approve")

    assert page.status == 409
    assert "Ben decided first: the comment is rejected now. Your decision was not saved." in page.text
    assert "Third." in page.html.select("#comment > .text")[0].get_text()
    page.press("Approve")
    assert status_of(cast, first.id) is CommentStatus.REJECTED
    assert status_of(cast, third.id) is CommentStatus.PUBLISHED
    assert str(page.link("Look at that comment")["href"]) == f"/desk/review/{first.id}"


def test_a_refused_decision_on_the_last_comment_leads_to_the_empty_queue(
    cast: Cast, ana: Browser, ben: Browser
) -> None:
    comment = cast.flagged()
    seen_by_ana = ana.get("/desk/review")
    ben.get(f"/desk/review/{comment.id}").press("Reject")

    page = seen_by_ana.press("Approve")

    assert (page.status, page.heading()) == (409, "Nothing is waiting")
    assert "Ben decided first" in page.text


def test_a_comment_that_waits_in_a_new_version_stays_open(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged("You are a fool.", scores={"toxicity": 0.99})
    cast.flagged("Another.", scores={"toxicity": 0.9})
    seen = ana.get(f"/desk/review/{comment.id}")
    cast.edited(comment, "You are all fools.", scores={"toxicity": 0.97})

    page = seen.press("Approve")

    assert page.status == 409
    assert "You are all fools." in page.html.select("#comment > .text")[0].get_text()


def test_what_a_person_decided_is_overturned_by_a_button_without_a_key_and_with_a_reason(
    cast: Cast, ana: Browser, eli: Browser
) -> None:
    comment = cast.flagged()
    ana.get(f"/desk/review/{comment.id}").press("Reject")
    page = eli.get(f"/desk/review/{comment.id}")
    assert not page.has_button("Approve")
    assert keys(page).isdisjoint("are123456")

    page = page.press("Publish against Ana’s decision", note="It quotes the article.")

    assert status_of(cast, comment.id) is CommentStatus.PUBLISHED
    assert page.status_line.startswith("Put back up: Dana")
    assert "It quotes the article." in ana.get("/desk/history").text


def test_a_form_that_does_not_name_the_decision_overturns_nothing(cast: Cast, ana: Browser, eli: Browser) -> None:
    """A page that lay open, or a form made by hand."""
    comment = cast.flagged()
    ana.get(f"/desk/review/{comment.id}").press("Reject")
    wish = {"choice": "approve", "version": "3"}

    answers = [
        eli.client.post(f"/desk/comments/{comment.id}/decisions", data={**wish, **more}, headers=SAME_ORIGIN)
        for more in ({}, {"overturns": comment.id})
    ]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert "Ana decided this comment" in answers[0].get_data(as_text=True)
    assert status_of(cast, comment.id) is CommentStatus.REJECTED


def test_the_sites_own_decision_is_as_hard_to_overturn(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged()
    api_decisions.rule(cast.database, cast.herald.id, comment.external_id, Action.PUBLISH, version=2, now=cast.now)

    page = ana.get(f"/desk/review/{comment.id}")

    assert keys(page).isdisjoint("are123456")
    page.press("Reject against the site’s decision", note="A threat.")
    assert status_of(cast, comment.id) is CommentStatus.REJECTED


def test_the_policys_decision_is_changed_by_one_key(cast: Cast, ana: Browser) -> None:
    comment = cast.published()

    assert "r" in keys(ana.get(f"/desk/review/{comment.id}"))


def test_an_undo_says_the_status_that_it_led_to(cast: Cast, ana: Browser, eli: Browser) -> None:
    comment = cast.flagged()
    ana.get(f"/desk/review/{comment.id}").press("Reject")
    put_up = eli.get(f"/desk/review/{comment.id}").press("Publish against", note="No insult.")

    page = put_up.press("Undo : put back up")

    assert status_of(cast, comment.id) is CommentStatus.REJECTED
    assert page.status_line.startswith("Undone: Dana on Export licences for rare earths – rejected again")
