"""Comments are decided in the list, each with a reason, and what has to be read first is opened."""

from __future__ import annotations

from moderation.ground.values.signals import LikelyReason, Signal
from moderation.judging.signals.scoring import Scoring
from moderation.spine.comments import decision_rows as decisions
from moderation.spine.comments import rows as comments
from moderation.spine.comments import scoring_rows as scorings
from tests.service.desk.browsing import Browser, Page
from tests.service.desk.cast import Cast
from tests.service.desk.review.test_legal_notices import give


def rows_of(page: Page) -> list[str]:
    return [" ".join(row.get_text(" ").split()) for row in page.html.select(".rows > li")]


def status(cast: Cast, id: str) -> str:
    with cast.database.read() as conn:
        return comments.get_by_id(conn, id).status


def test_a_row_has_the_whole_text_and_is_approved_there(cast: Cast, ana: Browser) -> None:
    text = "You are fools. " * 30
    comment = cast.flagged(text)

    page = ana.get("/desk/list")
    assert text.strip() in page.text
    after = page.press("Approve")

    assert status(cast, comment.id) == "published"
    assert after.heading().startswith("Decide in the list")
    assert after.status_line.startswith("Approved")
    assert rows_of(after) == []


def test_a_rejection_in_the_list_names_the_reason_of_its_button(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged("I will find you.", scores={"threat": 0.9})

    page = ana.get("/desk/list")
    label = page.button("Reject as").get_text(" ").strip()
    page.press("Reject as")

    with cast.database.read() as conn:
        decision = decisions.latest_decision(conn, comment.id)
    assert decision is not None and decision.reason == "Threat or call for violence"
    assert "threat" in label.lower()


def test_the_house_model_names_the_likeliest_reason_before_the_rules(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged("You are a fool.")
    guess = Signal("house", 0.9, "house@1", likely=(LikelyReason("Off topic", 0.8),))
    with cast.database.write() as conn:
        scorings.insert_scorings(
            conn, {(comment.id, 1): Scoring((guess,), {"house": "house@1"}, "en", 0.1)}, now=cast.now
        )

    ana.get("/desk/list").press("Reject as")

    with cast.database.read() as conn:
        decision = decisions.latest_decision(conn, comment.id)
    assert decision is not None and decision.reason == "Off topic"


def test_the_next_row_takes_the_place_of_the_one_that_was_decided(cast: Cast, ana: Browser) -> None:
    for number in range(4):
        cast.flagged(f"Fool number {number}.", author=f"Reader {number}")
    before = rows_of(ana.get("/desk/list"))

    page = ana.get("/desk/list")
    third = page.html.select(".rows form")[2]
    fields = {str(field["name"]): str(field["value"]) for field in third.select("input")}
    after = ana.post(str(third["action"]), {**fields, "choice": "escalate"})

    assert len(rows_of(after)) == 3
    (chosen,) = after.html.select(".rows > [aria-current]")
    assert chosen.get_text(" ").split()[:2] == before[3].split()[:2]


def test_an_undo_leads_back_to_the_list(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged()

    back = ana.get("/desk/list").press("Approve").press("Undo")

    assert status(cast, comment.id) == "flagged"
    assert back.path == "/desk/list" and len(rows_of(back)) == 1


def test_a_comment_that_changed_meanwhile_is_not_decided(cast: Cast, ana: Browser, ben: Browser) -> None:
    comment = cast.flagged()
    page = ana.get("/desk/list")
    ben.get(f"/desk/review/{comment.id}").press("Approve")

    refused = page.press("Reject as")

    assert refused.status == 409
    assert "Ben decided first" in refused.text
    assert status(cast, comment.id) == "published"


def test_what_has_to_be_read_first_has_no_buttons(cast: Cast, ana: Browser) -> None:
    give(cast, cast.published("The mayor stole it."))
    cast.flagged("A long rant. " * 100)

    page = ana.get("/desk/list")

    assert not page.has_button("Approve") and not page.has_button("Reject as")
    assert len(page.html.select(".rows a.open")) == 2
    assert "read the notice first" in page.text and "There is more to read." in page.text


def test_a_moderator_cannot_decide_for_the_lead_in_the_list(cast: Cast, ana: Browser, ben: Browser) -> None:
    comment = cast.flagged()
    ana.get("/desk/list").press("Escalate")

    seen = ana.get("/desk/list", escalated="1")
    assert not seen.has_button("Approve") and "A lead decides this one." in seen.text
    refused = ana.post(f"/desk/list/{comment.id}", {"choice": "approve", "version": "3", "view": "escalated=1"})
    assert refused.status == 409 and status(cast, comment.id) == "flagged"

    ben.get("/desk/list", escalated="1").press("Approve")
    assert status(cast, comment.id) == "published"


def test_a_choice_that_is_none_is_refused_by_name(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged()

    refused = ana.post(f"/desk/list/{comment.id}", {"choice": "burn", "version": "2"})

    assert refused.status == 422 and "Choose one of the buttons." in refused.text
