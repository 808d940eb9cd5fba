from __future__ import annotations

from datetime import timedelta

import pytest

from moderation.ground.values.measures import Standing
from moderation.ground.values.statuses import CommentStatus
from moderation.judging.policy.trust import GRAVE
from moderation.moderators.authors import measure_rows as author_measures
from moderation.moderators.authors.measure_rows import AuthorMark
from moderation.moderators.finding import search_page_rows as search_results
from moderation.pipeline.arriving import intake
from moderation.sites.audit import rows as audit_entries
from service.desk.search import pages
from tests.service.desk.browsing import Browser, Page
from tests.service.desk.cast import Cast
from tests.service.desk.review.test_review import status_of

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_search_finds_comments_authors_articles_and_ids(cast: Cast, ana: Browser) -> None:
    comment = cast.published("The crane at the port.", author="Mira", id="their-77")

    assert "The crane at the port." in ana.get("/desk/search", q="crane").region("Comments")
    assert "Mira" in ana.get("/desk/search", q="mir").region("Authors")
    assert "Export licences" in ana.get("/desk/search", q="export lic").region("Articles")
    page = ana.get("/desk/search", q="their-77")
    assert page.link("The crane at the port.")["href"] == f"/desk/review/{comment.id}"


def test_a_result_can_be_acted_on(cast: Cast, ana: Browser) -> None:
    comment = cast.published("The crane at the port.")

    ana.get("/desk/search", q="crane").follow("The crane at the port.").press("Reject")

    assert status_of(cast, comment.id) is CommentStatus.REJECTED


def test_search_shows_nothing_of_another_site(cast: Cast, carla: Browser) -> None:
    cast.published("The crane at the port.", author="Mira")

    for typed in ("crane", "Mira", "Export"):
        page = carla.get("/desk/search", q=typed)
        assert "crane at" not in page.text
        assert not page.html.select("[aria-label=Authors], [aria-label=Articles]")


def test_the_timeline_has_everything_in_order(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged("You fool.")
    ana.get("/desk/review").press("Reject as insult or abuse", note="Third time").press("Undo")

    page = ana.get(f"/desk/comments/{comment.id}")

    timeline = [" ".join(step.get_text(" ").split()) for step in page.html.select(".timeline > li .what")]
    words = ["Arrived", "Scored", "Flagged by policy 1", "Rejected by Ana", "Undone by Ana"]
    positions = [next(n for n, step in enumerate(timeline) if step.startswith(word)) for word in words]
    assert positions == sorted(positions)
    assert sum("undone in time" in step for step in timeline) == 2
    assert "Third time" in page.text
    assert "Toxicity 0.93, flagged from 0.80" in page.text


def test_a_surname_finds_its_author(cast: Cast, ana: Browser) -> None:
    cast.published(author="Imogen Hale")

    assert "Imogen Hale 1 published" in ana.get("/desk/search", q="hale").region("Authors")


def shown(page: Page) -> list[str]:
    return [link.get_text() for link in page.html.select(".found a[href^='/desk/review/']")]


def test_results_are_filtered_by_status_time_and_site(
    cast: Cast, ben: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.published("The crane is up.")
    cast.flagged("The crane is a fool.", site=cast.courier)
    page = ben.get("/desk/search", q="crane")
    assert len(shown(page)) == 2

    assert shown(page.press("Show", status="flagged")) == ["The crane is a fool."]
    assert shown(page.press("Show", site=cast.herald.id)) == ["The crane is up."]
    assert "No comment matches these filters." in page.press("Show", status="withdrawn").text
    assert len(shown(page.press("Show", days="7"))) == 2
    monkeypatch.setattr(pages, "utc_now", lambda: cast.now + timedelta(days=8))
    assert shown(page.press("Show", days="7")) == []


def test_filtered_results_lead_on_where_a_page_has_looked_far_enough(
    cast: Cast, ana: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_results, "LOOKED_AT", 2)
    monkeypatch.setattr(pages, "LINES", 1)
    cast.flagged("The crane is a fool.")
    for number in range(2):
        cast.published(f"The crane {number}.")

    first = ana.get("/desk/search", q="crane", status="flagged")

    while not shown(first):
        assert "None of the comments searched so far." in first.text
        first = first.follow("Older")
    assert shown(first) == ["The crane is a fool."]


def test_published_comments_are_ticked_and_taken_down_together(cast: Cast, ana: Browser, ben: Browser) -> None:
    made = [cast.published(f"Cheap watches {n}.") for n in range(3)]
    flagged = cast.flagged("Cheap watches, fool.")
    ben.get(f"/desk/review/{made[2].id}").press("Reject")
    page = ana.get("/desk/search", q="cheap watches")

    chosen = page.follow("Decide all 4 of this page")
    assert "1 more was decided by moderators and left out" in chosen.text
    assert (chosen.has_button("Approve 1"), chosen.has_button("Reject 3")) == (True, True)
    batch = chosen.press("Reject 3")

    assert batch.heading() == "Rejected 3 comments as insult or abuse"
    assert {status_of(cast, c.id) for c in (*made, flagged)} == {CommentStatus.REJECTED}
    undone = batch.press("Undo 3")
    assert "0 of 3 still have this decision, 3 undone." in undone.text
    assert [status_of(cast, c.id) for c in (*made[:2], flagged)] == [
        CommentStatus.PUBLISHED, CommentStatus.PUBLISHED, CommentStatus.FLAGGED,
    ]  # fmt: skip
    assert "3 of 3 still have this decision" in undone.press("Redo 3").text


def test_a_comment_that_changed_since_it_was_ticked_is_left_out(cast: Cast, ana: Browser) -> None:
    comment = cast.published("Cheap watches.")

    page = ana.get(f"/desk/bulk/selection?ids={comment.id}:1")

    assert page.heading() == "0 selected"
    assert "1 more was decided or escalated meanwhile" in page.text


def test_an_author_of_another_site_is_not_found(cast: Cast, carla: Browser) -> None:
    comment = cast.published(author="Mira")

    assert carla.get(f"/desk/authors/{comment.author_id}").status == 404
    assert carla.post(f"/desk/authors/{comment.author_id}/measures", {"measure": "hold", "reason": "x"}).status == 404
    assert carla.get(f"/desk/comments/{comment.id}").status == 404


def test_a_trusted_author_is_spared_mild_limits_and_the_timeline_says_so(cast: Cast, ana: Browser) -> None:
    first, calm = cast.flagged("You are a fool, minister."), dict.fromkeys(GRAVE, 0.02)
    ana.get(f"/desk/authors/{first.author_id}").press("Take the measure", measure="trust", reason="A regular")

    spared = cast.flagged("A fool again, and you know it.", scores=calm)
    linking = cast.flagged("A fool, as these five pages say.", scores={**calm, "spam": 0.9})
    held = cast.flagged("I will find you, fool.", scores={**calm, "threat": 0.3})

    assert status_of(cast, spared.id) is CommentStatus.PUBLISHED
    assert status_of(cast, held.id) is CommentStatus.FLAGGED
    assert "Author is trusted: toxicity 0.93, flagged from 0.80" in ana.get(f"/desk/comments/{spared.id}").text
    why = ana.get(f"/desk/review/{linking.id}")
    assert "trusted author: the toxicity limit was not applied" in why.text
    assert "trusted ." in why.region("Why it is here")
    assert "not applied" not in ana.get(f"/desk/review/{held.id}").text


def test_a_mark_that_has_run_out_is_not_shown_beside_a_comment(cast: Cast, ana: Browser) -> None:
    comment, yesterday = cast.flagged(), cast.now - timedelta(days=1)
    with cast.database.write() as conn:
        author_measures.set_mark(conn, comment.author_id, AuthorMark(Standing.TRUSTED, "A regular", yesterday))

    assert ", trusted" not in ana.get(f"/desk/review/{comment.id}").region("Why it is here")


def test_results_that_wait_are_ticked_and_decided_together(cast: Cast, ana: Browser) -> None:
    first, second = cast.flagged("Cheap watches, first."), cast.flagged("Cheap watches, second.")
    cast.published("Cheap watches are a bore.")
    found = ana.get("/desk/search", q="cheap watches")
    ticks = [str(box["value"]) for box in found.html.find_all("input", attrs={"name": "ids"})]
    assert {f"{first.id}:2", f"{second.id}:2"} < set(ticks)
    ticks = [f"{first.id}:2", f"{second.id}:2"]

    query = "&".join(f"ids={tick}" for tick in ticks)
    page = ana.get(f"/desk/bulk/selection?{query}").press("Reject 2")

    assert page.heading() == "Rejected 2 comments as insult or abuse"


@pytest.mark.parametrize("path", ["/desk/search?q=wanker", "/desk/bulk?low=0.5&high=1", "/desk/history"])
def test_vulgar_words_are_masked_in_lists_too(cast: Cast, ana: Browser, path: str) -> None:
    cast.flagged("You utter wanker.", evidence=("wanker",))
    if path == "/desk/history":
        ana.get("/desk/review").press("Reject")

    page = ana.get(path)

    assert {mark.get_text() for mark in page.html.select(".masked .word")} == {"wanker"}
    assert page.field("Show hidden words").get("checked") is None


def test_marks_of_a_text_before_an_edit_are_not_drawn_on_the_new_one(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged("You utter fool.", evidence=("fool",))
    edited = "A calm word about the harbour and the fool of the play."
    intake.edit(cast.database, cast.queues, cast.herald.id, comment.external_id, edited, now=cast.now)

    assert not ana.get("/desk/search", q="calm word").html.select("mark")


def test_a_changed_mark_is_noted_with_what_it_was(cast: Cast, ana: Browser) -> None:
    path = f"/desk/authors/{cast.flagged().author_id}"
    ana.get(path).press("Take the measure", measure="hold", reason="Floods us", days="3")

    ana.get(path).press("Take the measure", measure="trust", reason="It was a friend", end="none")

    with cast.database.read() as conn:
        noted = next(
            e for e in audit_entries.entries(conn, cast.herald.id, before=None, limit=9) if e.action == "author.marked"
        )
    assert noted.before is not None
    assert (noted.before["standing"], noted.before["reason"]) == ("hold", "Floods us")
    assert noted.before["until"] is not None
    assert noted.after == {
        "standing": "trusted", "reason": "It was a friend", "until": None, "measure": "trust",
    }  # fmt: skip
