"""Escalations and questions arrive on open pages by themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from moderation.ground.values.comments import Comment
from moderation.moderators.queue.desk import questions
from moderation.moderators.review import reviewing as review
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from moderation.sites.people.roles import Role
from tests.own_databases import ON_BOTH
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast


def escalate(cast: Cast, comment: Comment, by: str) -> None:
    choice = ModeratorChoice(Choice.ESCALATE, comment.version + 1)
    review.decide(cast.database, cast.moderator(by), comment.id, choice, now=cast.now, hold_s=0)


def heard(cast: Cast, browser: Browser, *, later_s: float = -1.0) -> tuple[str, list[str]]:
    """The number beside the tab, and the lines that have come since."""
    since = (cast.now + timedelta(seconds=later_s)).isoformat()
    told = browser.client.get("/desk/arrivals", query_string={"since": since}).get_json()
    return told["tallies"]["escalated"], [one["words"] for one in told["arrived"]]


@ON_BOTH
def test_leads_of_the_site_hear_that_somebody_escalated(cast: Cast, browser: Callable[[], Browser]) -> None:
    ana, ben, carla, dora = (browser().log_in_as(cast, name) for name in ("Ana", "Ben", "Carla", "Dora"))
    escalate(cast, cast.flagged("A hard one."), "Ana")
    escalate(cast, cast.flagged("Another."), "Ben")

    line = "Ana asks a lead to decide a comment by Dana."
    assert heard(cast, ben) == ("2", [line])
    assert heard(cast, dora) == ("2", [line, "Ben asks a lead to decide a comment by Dana."])
    assert heard(cast, ana) == ("2", [])
    assert heard(cast, carla) == ("", [])
    assert heard(cast, ben, later_s=1.0) == ("2", [])


@ON_BOTH
def test_a_question_is_heard_by_the_colleague_and_the_answer_by_the_asker(
    cast: Cast, browser: Callable[[], Browser]
) -> None:
    cast._moderator("Eli", {cast.herald.id: Role.MODERATOR})
    ana, ben, eli = (browser().log_in_as(cast, name) for name in ("Ana", "Ben", "Eli"))
    db, asker, asked = cast.database, cast.moderator("Ana"), cast.moderator("Eli")
    comment = cast.flagged("A hard one.")
    question = questions.ask(db, asker, comment.id, colleague_id=asked.id, text="A quote?", now=cast.now)

    assert heard(cast, eli) == ("", ["Ana asks you about a comment."])
    assert (heard(cast, ana), heard(cast, ben)) == (("", []), ("", []))
    assert heard(cast, eli, later_s=1.0) == ("", [])
    questions.answer(db, asked, question.id, "From the article.", now=cast.now)
    assert (heard(cast, ana), heard(cast, eli)) == (("", ["Eli has answered your question."]), ("", []))


def test_every_page_has_a_polite_place_for_arrivals(cast: Cast, ana: Browser) -> None:
    (place,) = ana.get("/desk/history").html.select("#arrivals")

    assert (place["role"], place["aria-live"]) == ("status", "polite")
    assert ana.client.get(str(place["data-arrivals"])).get_json()["arrived"] == []
