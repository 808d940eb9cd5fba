from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from moderation.ground.values.statuses import CommentStatus
from moderation.ground.values.verdicts import ReasonCode
from moderation.moderators.queue import rows as queue
from moderation.moderators.queue.view_rows import QueueOrder, QueueView
from moderation.pipeline.arriving import intake
from moderation.spine.comments import decision_rows as decisions
from moderation.spine.comments import rows as comment_store
from moderation.spine.events.tables import events
from service.desk.frame.sentences.wording import REASON_TITLES
from service.desk.review import reasons
from service.desk.review.reasons import EXPLANATIONS, Gauge
from service.desk.search import pages
from tests.own_databases import ON_BOTH
from tests.service.desk.browsing import Browser, Page
from tests.service.desk.cast import Cast


def status_of(cast: Cast, comment_id: str) -> CommentStatus:
    with cast.database.read() as conn:
        return comment_store.get_by_id(conn, comment_id).status


def site_hears(cast: Cast, comment_id: str) -> list[tuple[str, bool]]:
    """The events of people's decisions and whether each is cancelled."""
    with cast.database.read() as conn:
        rows = conn.execute(sa.select(events).where(events.c.comment_id == comment_id).order_by(events.c.id)).all()
    return [(row.type, row.cancelled_at is not None) for row in rows[1:]]


def test_the_screen_shows_the_comment_its_article_and_why_it_is_here(cast: Cast, ana: Browser) -> None:
    cast.flagged("You are a fool.", author="Dana", evidence=("fool",))

    page = ana.get("/desk/review")

    assert page.status == 200
    assert page.heading().startswith("Dana")
    assert "Export licences for rare earths" in page.text
    why = page.region("Why it is here")
    assert "Toxic" in why
    assert "0.93 flagged from 0.80" in why
    assert "Policy 1" in why
    assert "minilm-l6@test" in why


def test_a_published_comment_is_not_said_to_be_flagged(cast: Cast, ana: Browser) -> None:
    comment = cast.published()

    why = ana.get(f"/desk/review/{comment.id}").region("Why it is here")

    assert "Published by default" in why
    assert "Flagged" not in why and "to a person" not in why


@pytest.mark.parametrize(
    ("action", "words"),
    [("flag", "flagged from 0.80"), ("reject", "rejected from 0.80"), ("publish", "published from 0.80")],
)
def test_a_limit_is_shown_with_what_it_does(cast: Cast, action: str, words: str) -> None:
    comment = cast.flagged()
    with cast.database.read() as conn:
        (made,) = decisions.decisions_of(conn, comment.id)

    toxic = reasons.reasons_of(replace(made, reasons=tuple({**form, "action": action} for form in made.reasons)))[0]

    assert toxic.comparison == words


def test_marked_words_stay_visible_and_vulgar_ones_are_masked(cast: Cast, ana: Browser) -> None:
    cast.flagged("You are a <b>wanker</b> & a fool.", evidence=("wanker", "fool"))

    page = ana.get("/desk/review")

    (word,) = page.html.select("#comment mark.masked .word")
    assert word.get_text() == "wanker"
    assert [mark.get_text() for mark in page.html.select("#comment mark:not(.masked)")] == ["fool"]
    assert not page.field("Show hidden words").has_attr("checked")


@pytest.mark.parametrize(("worse", "value", "is_bad"), [
    ("high", 0.79, False), ("high", 0.8, True), ("high", 0.81, True), ("low", 0.81, False), ("low", 0.8, False),
    ("low", 0.79, True),
])  # fmt: skip
def test_a_value_has_the_bad_colour_exactly_where_its_limit_applies(worse: str, value: float, is_bad: bool) -> None:
    gauge = Gauge(value, 0.8, 1.0, worse == "low", is_count=False)

    # As browsers choose it: the good colour up to ``low``, or from ``high``, whichever side the optimum is on
    assert (value < gauge.bound if gauge.optimum else value > gauge.bound) is is_bad


def masked(page: Page, within: str) -> list[str]:
    return [word.get_text() for word in page.html.select(f"{within} mark.masked .word")]


def test_vulgar_words_around_the_comment_are_masked_too(cast: Cast, ana: Browser) -> None:
    cast.flagged("You wanker,\nyou.", id="parent-1", scores={"toxicity": 0.85}, evidence=("wanker",))
    middle = cast.flagged("A twat yourself.", id="middle", parent_id="parent-1", evidence=("twat",))
    cast.flagged("Bitch!", parent_id="middle", scores={"toxicity": 0.82}, evidence=("Bitch",))

    page = ana.get(f"/desk/review/{middle.id}")
    timeline = page.follow("Timeline of this comment")

    assert masked(page, ".thread .neighbour") == ["wanker"]
    assert masked(page, "#comment > .text") == ["twat"]
    assert masked(page, "#whole-thread .neighbour") == ["Bitch"]
    assert masked(timeline, "#replies") == ["Bitch"]


def test_each_earlier_version_is_masked_too(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged("You wanker, be quiet.", evidence=("wanker",))
    cast.edited(comment, "Be quiet, you twat.", scores={"toxicity": 0.9}, evidence=("twat",))
    cast.edited(comment, "Be quiet, please.")
    cast.edited(comment, "Bitch.", scores={"toxicity": 0.9}, evidence=("Bitch",))

    page = ana.get(f"/desk/review/{comment.id}")
    timeline = ana.get(f"/desk/comments/{comment.id}")

    assert masked(page, "#comment > .text") == ["Bitch"]
    assert next(text.get_text() for text in page.html.select(".edits .text")) == "Be quiet, please."
    assert masked(page, ".edits") == ["twat", "wanker"]
    assert sorted(masked(timeline, ".timeline .edited")) == ["twat", "wanker"]


def test_an_edit_that_is_not_scored_yet_is_not_masked_by_the_text_before(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged("You wanker, be quiet.", evidence=("wanker",))
    intake.edit(cast.database, cast.queues, comment.site_id, comment.external_id, "A new text here.", now=cast.now)

    page = ana.get(f"/desk/review/{comment.id}")

    assert masked(page, "#comment > .text") == []
    assert masked(page, ".edits") == ["wanker"]


def test_approving_publishes_and_shows_the_next_comment(cast: Cast, ana: Browser) -> None:
    worst = cast.flagged("First and worst.", scores={"toxicity": 0.99})
    second = cast.flagged("Second.", scores={"toxicity": 0.9})

    page = ana.get("/desk/review").press("Approve")

    assert status_of(cast, worst.id) is CommentStatus.PUBLISHED
    assert status_of(cast, second.id) is CommentStatus.FLAGGED
    assert second.id in page.path
    assert page.status_line.startswith("Approved: Dana on Export licences for rare earths")


def test_rejecting_with_a_reason_keeps_the_reason_and_the_note(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged()

    ana.get("/desk/review").press("Reject as insult or abuse", note="Second time today")

    assert status_of(cast, comment.id) is CommentStatus.REJECTED
    history = ana.get("/desk/history")
    assert "rejected this comment as insult or abuse" in history.text
    assert "Second time today" in history.text


def test_undo_in_time_brings_the_comment_back_and_the_site_never_hears(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged()
    page = ana.get("/desk/review").press("Reject")

    page = page.press("Undo")

    assert status_of(cast, comment.id) is CommentStatus.FLAGGED
    assert comment.id in page.path
    assert site_hears(cast, comment.id) == [("comment.rejected", True), ("comment.flagged", True)]
    assert "Toxic" in page.region("Why it is here")


def test_undo_repeats_back_through_the_shift(cast: Cast, ana: Browser) -> None:
    made = [cast.flagged(f"Comment {n}", scores={"toxicity": 0.99 - n / 100}) for n in range(3)]
    page = ana.get("/desk/review").press("Approve").press("Reject").press("Approve")

    page = page.press("Undo").press("Undo").press("Undo")

    assert {status_of(cast, comment.id) for comment in made} == {CommentStatus.FLAGGED}
    assert made[0].id in page.path
    assert not page.has_button("Undo")


def test_an_undo_can_be_undone_from_the_history(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged()
    ana.get("/desk/review").press("Approve").press("Undo")

    ana.get("/desk/history").press("Redo")

    assert status_of(cast, comment.id) is CommentStatus.PUBLISHED
    assert site_hears(cast, comment.id)[-1] == ("comment.published", False)


def test_a_stale_decision_changes_nothing_and_says_who_was_first(cast: Cast, ana: Browser, ben: Browser) -> None:
    comment = cast.flagged()
    seen_by_ana = ana.get("/desk/review")
    ben.get(f"/desk/review/{comment.id}").press("Reject")

    page = seen_by_ana.press("Approve")

    assert page.status == 409
    assert "Ben decided first: the comment is rejected now" in page.text
    assert status_of(cast, comment.id) is CommentStatus.REJECTED


def test_the_next_comment_is_one_that_nobody_else_reads(cast: Cast, ana: Browser, ben: Browser) -> None:
    first = cast.flagged("Worst.", scores={"toxicity": 0.99})
    second = cast.flagged("Next.", scores={"toxicity": 0.9})

    for_ana, for_ben = ana.get("/desk/review"), ben.get("/desk/review")

    assert first.id in for_ana.path
    assert second.id in for_ben.path
    assert "Ana is reading" in for_ben.region("Waiting 2")


@ON_BOTH
def test_a_claim_never_blocks(cast: Cast, ana: Browser, ben: Browser) -> None:
    comment = cast.flagged()
    ana.get("/desk/review")

    page = ben.get(f"/desk/review/{comment.id}")
    assert "Ana is reading this now" in page.text
    page.press("Approve")

    assert status_of(cast, comment.id) is CommentStatus.PUBLISHED


@ON_BOTH
def test_skipping_puts_a_comment_off_for_one_moderator_only(cast: Cast, ana: Browser, ben: Browser) -> None:
    comment = cast.flagged()

    page = ana.get("/desk/review").press("Skip")

    assert page.heading() == "Nothing left for you"
    assert comment.id in ben.get("/desk/review").path
    ben.post("/desk/logout", {})
    assert status_of(cast, comment.id) is CommentStatus.FLAGGED


@ON_BOTH
def test_skipped_comments_come_back_when_asked_for(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged()

    page = ana.get("/desk/review").press("Skip").press("Show what I skipped")

    assert comment.id in page.path


def test_a_skip_is_told_and_taken_back_like_a_decision(cast: Cast, ana: Browser) -> None:
    first = cast.flagged("Worst.", author="Mira", scores={"toxicity": 0.99})
    second = cast.flagged("Next.", author="Eli", scores={"toxicity": 0.9})
    cast.flagged("Last.", scores={"toxicity": 0.85})

    page = ana.get("/desk/review").press("Approve").press("Skip")
    assert page.status_line.startswith("Skipped: Eli on Export licences")

    page = page.press("Undo : skipped, Eli")
    assert second.id in page.path
    assert page.status_line.startswith("Skip undone: Eli on Export licences for rare earths – open again")

    page = page.press("Undo : approved, Mira")
    assert first.id in page.path
    assert not page.has_button("Undo")


@ON_BOTH
def test_what_is_put_off_for_something_lighter_comes_back_by_undo_too(cast: Cast, ana: Browser) -> None:
    worst = cast.flagged("Worst.", scores={"toxicity": 0.99})
    light = cast.flagged("Lighter.", scores={"toxicity": 0.81})

    page = ana.get("/desk/review").press("Lighter")
    assert light.id in page.path

    assert worst.id in page.press("Undo").path


def test_the_last_skip_of_a_queue_is_taken_back_from_the_empty_page(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged()

    page = ana.get("/desk/review").press("Skip").press("Undo : skipped")

    assert comment.id in page.path


def test_a_skip_is_no_longer_offered_once_somebody_decided_the_comment(cast: Cast, ana: Browser, ben: Browser) -> None:
    comment = cast.flagged()
    page = ana.get("/desk/review").press("Skip")
    ben.get(f"/desk/review/{comment.id}").press("Reject")

    again = page.press("Undo : skipped")

    assert status_of(cast, comment.id) is CommentStatus.REJECTED
    assert "rejected by Ben" in again.text
    assert not ana.get("/desk/review").has_button("Undo")


def test_nobody_takes_back_the_skip_of_somebody_else(cast: Cast, ana: Browser, ben: Browser, carla: Browser) -> None:
    comment = cast.flagged()
    ana.get("/desk/review").press("Skip")

    ben.post(f"/desk/comments/{comment.id}/skip/take-back", {})

    assert carla.post(f"/desk/comments/{comment.id}/skip/take-back", {}).status == 404
    assert ana.get("/desk/review").heading() == "Nothing left for you"


def test_an_escalated_comment_leaves_the_queue_and_the_site_hears_nothing(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged()

    page = ana.get("/desk/review").press("Escalate", note="Is this a threat?")

    assert page.heading() == "Nothing is waiting"
    assert status_of(cast, comment.id) is CommentStatus.FLAGGED
    assert site_hears(cast, comment.id) == [("comment.flagged", True)]
    escalated = ana.get("/desk/review", escalated="1")
    assert comment.id in escalated.path
    assert "Is this a threat?" in escalated.text


def test_undoing_an_escalation_brings_it_back_to_the_queue(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged()

    page = ana.get("/desk/review").press("Escalate").press("Undo")

    assert comment.id in page.path
    assert comment.id in ana.get("/desk/review").path


def test_a_moderator_sees_nothing_of_another_site(cast: Cast, ana: Browser, carla: Browser) -> None:
    comment = cast.flagged("Only for the Herald.")

    assert carla.get("/desk/review").heading() == "Nothing is waiting"
    assert carla.get(f"/desk/review/{comment.id}").status == 404
    decided = carla.post(f"/desk/comments/{comment.id}/decisions", {"choice": "approve", "version": "2"})

    assert decided.status == 404
    assert status_of(cast, comment.id) is CommentStatus.FLAGGED


@ON_BOTH
def test_the_queue_is_ordered_by_harm_and_age(cast: Cast, ana: Browser) -> None:
    old = cast.flagged("Waiting since yesterday.", scores={"toxicity": 0.85}, now=cast.now - timedelta(hours=30))
    fresh = cast.flagged("Fresh and bad.", scores={"toxicity": 0.99})

    assert old.id in ana.get("/desk/review").path
    assert fresh.id in ana.get("/desk/review", order="newest").path
    assert fresh.id in ana.get("/desk/review", order="toxicity").path


UNSCORED = {"toxicity": None, "insult": None, "relevance": None}


@ON_BOTH
@pytest.mark.parametrize(
    ("order", "scored"),
    [("toxicity", ["Worse.", "Bad."]), ("lightest", ["Bad.", "Worse."]), ("relevance", ["Worse.", "Bad."])],
)
def test_comments_without_the_score_come_last_and_are_reached(
    cast: Cast, ben: Browser, order: str, scored: list[str]
) -> None:
    cast.flagged("Unread.", scores=UNSCORED)
    cast.flagged("Bad.", scores={"toxicity": 0.9, "relevance": 0.5})
    cast.flagged("Unread too.", scores=UNSCORED, site=cast.courier)
    cast.flagged("Worse.", scores={"toxicity": 0.99, "relevance": 0.1}, site=cast.courier)

    page = ben.get("/desk/review", order=order)
    lines = [line.get_text() for line in page.html.select(".queue .excerpt")]
    opened = []
    for _ in range(4):
        opened.append(" ".join(page.html.select("#comment > .text")[0].get_text().split()))
        page = page.press("Approve")

    assert lines[:2] == scored
    assert sorted(lines[2:]) == ["Unread too.", "Unread."]
    assert opened == lines
    assert page.heading() == "Nothing is waiting"


@ON_BOTH
@pytest.mark.parametrize("order", [QueueOrder.TOXICITY, QueueOrder.LIGHTEST, QueueOrder.RELEVANCE])
def test_pages_go_on_among_comments_without_the_score(cast: Cast, order: QueueOrder) -> None:
    made = [cast.flagged(f"Number {n}.", scores=UNSCORED if n % 2 else {"relevance": n / 10}) for n in range(5)]
    view, found = QueueView((cast.herald.id,), order), list[str]()

    with cast.database.read() as conn:
        after = None
        for _ in made:
            (line,) = queue.page(conn, view, now=cast.now, after=after, limit=1)
            found, after = [*found, line.id], line.cursor
        rest = queue.page(conn, view, now=cast.now, after=after, limit=1)

    assert sorted(found) == sorted(comment.id for comment in made)
    assert rest == []


@ON_BOTH
def test_filters_narrow_the_queue_and_stay_in_the_address(cast: Cast, ana: Browser) -> None:
    cast.flagged("An insult.", scores={"toxicity": 0.99})
    off_topic = cast.flagged("Buy my shoes.", scores={"toxicity": 0.1, "insult": 0.0, "relevance": 0.01})

    page = ana.get("/desk/review", signal="relevance")

    assert off_topic.id in page.path
    assert "An insult." not in page.region("Waiting 1")
    assert page.press("Skip").heading() == "Nothing left for you"


def test_a_decided_comment_can_be_opened_and_decided_anew(cast: Cast, ana: Browser) -> None:
    comment = cast.published()

    page = ana.get(f"/desk/review/{comment.id}")
    assert not page.has_button("Approve")
    page.press("Reject")

    assert status_of(cast, comment.id) is CommentStatus.REJECTED


def test_the_parent_is_shown_above_a_reply(cast: Cast, ana: Browser) -> None:
    cast.published("Is the crane safe?", id="parent-1", author="Mira")
    cast.flagged("Ask your mother.", parent_id="parent-1")

    page = ana.get("/desk/review")

    assert "Is the crane safe?" in page.text
    assert "Mira" in page.text


@ON_BOTH
@pytest.mark.parametrize("count", [5, 6])
def test_more_than_five_replies_are_a_link_away(
    cast: Cast, ana: Browser, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr(pages, "REPLIES", 4)
    cast.flagged("Who is the fool here?", id="parent-1")
    for number in range(count):
        cast.published(f"Reply {number}.", parent_id="parent-1")
    page = ana.get("/desk/review")
    shown = [number for number in range(count) if f"Reply {number}." in page.text]
    assert shown == [0, 1, 2, 3, 4]
    if count == 5:
        assert "All replies" not in page.text
        return

    first = page.follow("All replies")
    second = first.follow("More replies")

    told = [[n for n in range(count) if f"Reply {n}." in each.region("Replies")] for each in (first, second)]
    assert told == [[0, 1, 2, 3], [4, 5]]
    assert "More replies" not in second.text


def test_htmx_gets_the_next_screen_in_the_answer_to_a_decision(cast: Cast, ana: Browser) -> None:
    first = cast.flagged("Worst.", scores={"toxicity": 0.99})
    second = cast.flagged("Next.", scores={"toxicity": 0.9})
    ana.get("/desk/review")

    response = ana.client.post(
        f"/desk/comments/{first.id}/decisions",
        data={"choice": "approve", "version": "2", "view": "order=priority"},
        headers={"Sec-Fetch-Site": "same-origin", "HX-Request": "true"},
    )

    assert response.status_code == 200
    assert response.headers["HX-Push-Url"] == f"/desk/review/{second.id}?order=priority"
    html = response.get_data(as_text=True)
    assert "<html" not in html
    assert 'hx-swap-oob="innerHTML:#status"' in html


def test_every_reason_for_being_here_has_a_title_and_an_explanation() -> None:
    codes = set(ReasonCode) - {ReasonCode.RULE}

    assert codes == set(REASON_TITLES) == set(EXPLANATIONS)
