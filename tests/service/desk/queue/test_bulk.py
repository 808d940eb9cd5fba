from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from moderation.ground.values.decisions import Decision
from moderation.ground.values.statuses import CommentStatus
from moderation.sites import rows as sites
from moderation.sites.people.roles import Role
from moderation.sites.rows import Site
from moderation.sites.settings.values import SiteSettings
from moderation.spine.comments.decision_rows import latest_decision
from moderation.spine.comments.tables import decisions
from service.desk.review import screen
from tests.own_databases import ON_BOTH
from tests.service.desk.browsing import SAME_ORIGIN, Browser, Page
from tests.service.desk.cast import Cast
from tests.service.desk.review.test_review import site_hears, status_of


def scored(cast: Cast, *scores: float) -> list[str]:
    return [cast.flagged(f"Scored {score}", scores={"toxicity": score, "insult": 0.99}).id for score in scores]


@pytest.mark.parametrize(
    ("low", "high", "inside"),
    [
        ("0.90", "1.00", [0.9, 0.95, 1.0]),
        ("0.80", "0.89", [0.8]),
        ("0.95", "0.95", [0.95]),
        ("1", "0.9", [0.9, 0.95, 1.0]),
    ],
)
def test_the_button_has_the_exact_number_of_comments_in_the_range(
    cast: Cast, ana: Browser, low: str, high: str, inside: list[float]
) -> None:
    scores = [0.8, 0.9, 0.95, 1.0]
    ids = dict(zip(scores, scored(cast, *scores), strict=True))

    page = ana.get("/desk/bulk", low=low, high=high).press(f"Reject {len(inside)}")

    plural = "" if len(inside) == 1 else "s"
    assert page.heading() == f"Rejected {len(inside)} comment{plural} as insult or abuse"
    rejected = {score for score, id in ids.items() if status_of(cast, id) is CommentStatus.REJECTED}
    assert rejected == set(inside)


def test_comments_that_arrive_after_the_preview_are_not_decided(cast: Cast, ana: Browser) -> None:
    seen = scored(cast, 0.95)
    page = ana.get("/desk/bulk")
    late = cast.flagged("Late.", scores={"toxicity": 0.97}, now=None)
    with cast.database.write() as conn:
        from moderation.spine.comments.tables import comments

        conn.execute(comments.update().where(comments.c.id == late.id).values(updated_at=_later(cast)))

    page.press("Reject 1")

    assert status_of(cast, seen[0]) is CommentStatus.REJECTED
    assert status_of(cast, late.id) is CommentStatus.FLAGGED


def _later(cast: Cast) -> object:

    return cast.now + timedelta(minutes=5)


def test_a_range_that_changed_meanwhile_decides_nothing(cast: Cast, ana: Browser, ben: Browser) -> None:
    first, second = scored(cast, 0.95, 0.96)
    page = ana.get("/desk/bulk")
    ben.get(f"/desk/review/{first}").press("Approve")

    page = page.press("Reject 2")

    assert page.status == 409
    assert "Nothing was decided: the range now has 1 comments, not 2" in page.text
    assert status_of(cast, second) is CommentStatus.FLAGGED


def test_one_press_takes_a_whole_batch_back_and_the_site_hears_nothing(cast: Cast, ana: Browser) -> None:
    ids = scored(cast, 0.95, 0.96, 0.97)
    page = ana.get("/desk/bulk").press("Reject 3")

    page = page.press("Undo 3")

    assert page.heading() == "Undone: rejected 3 comments as insult or abuse"
    assert "3 undone." in page.text
    assert {status_of(cast, id) for id in ids} == {CommentStatus.FLAGGED}
    assert {event for id in ids for event in site_hears(cast, id)} == {
        ("comment.rejected", True), ("comment.flagged", True),
    }  # fmt: skip


def test_the_status_line_undoes_the_whole_batch_and_then_the_decision_before_it(cast: Cast, ana: Browser) -> None:
    alone = cast.flagged("Alone.", author="Mira", scores={"toxicity": 0.85})
    ana.get(f"/desk/review/{alone.id}").press("Approve")
    ids = scored(cast, 0.95, 0.96, 0.97)
    ana.get("/desk/bulk").press("Spam")

    page = ana.get("/desk/review")
    assert page.status_line.startswith("Last: Rejected 3 comments as spam or advertising Undo 3")
    page = page.press("Undo 3")

    assert {status_of(cast, id) for id in ids} == {CommentStatus.FLAGGED}
    assert page.status_line.startswith("Undone: rejected 3 comments as spam or advertising")
    assert ids[2] in page.path
    page.press("Undo : approved, Mira")
    assert status_of(cast, alone.id) is CommentStatus.FLAGGED


def test_the_status_line_undoes_of_a_batch_what_still_holds(cast: Cast, ana: Browser, ben: Browser) -> None:
    ids = scored(cast, 0.95, 0.96, 0.97)
    ana.get("/desk/bulk").press("Reject 3")
    ben.get(f"/desk/review/{ids[1]}").press("Undo: rejected by Ana")

    ana.get("/desk/review").press("Undo 2")

    assert {status_of(cast, id) for id in ids} == {CommentStatus.FLAGGED}


def test_a_batch_undo_leaves_later_decisions_of_others(cast: Cast, ana: Browser, ben: Browser) -> None:
    first, second = scored(cast, 0.95, 0.96)
    page = ana.get("/desk/bulk").press("Reject 2")
    ben.get(f"/desk/review/{first}").press("Publish against Ana’s decision", note="No insult.")

    page.press("Undo 2")

    assert status_of(cast, first) is CommentStatus.PUBLISHED
    assert status_of(cast, second) is CommentStatus.FLAGGED


def test_ticked_lines_are_decided_together(cast: Cast, ana: Browser) -> None:
    first, second, third = scored(cast, 0.95, 0.96, 0.97)

    page = ana.get(f"/desk/bulk/selection?ids={first}:2&ids={third}:2").press("Approve 2")

    assert page.heading() == "Approved 2 comments"
    assert status_of(cast, first) is CommentStatus.PUBLISHED
    assert status_of(cast, second) is CommentStatus.FLAGGED
    assert status_of(cast, third) is CommentStatus.PUBLISHED


def test_a_list_says_how_many_can_be_selected_and_why_not_the_others(
    cast: Cast, ana: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *_others = scored(cast, 0.95, 0.96, 0.97)

    def told(page: Page) -> list[tuple[str, str]]:
        return [(str(line["data-said"]), str(line["data-rest"])) for line in page.html.select("[data-said]")]

    assert told(ana.get(f"/desk/review/{first}")) == [("{} of 3 selected.", "")]
    monkeypatch.setattr(screen, "LINES", 2)
    rest = "The list shows 2. “Decide these by score”, below it, reaches the others."
    assert told(ana.get("/desk/review")) == [("{} of 3 selected.", rest)]
    cast.waiting("Scored never, as it waits.")
    found = told(ana.get("/desk/search", q="scored"))
    assert found[0][1].startswith("1 comment cannot be selected: it has no scores yet, was withdrawn")


def test_a_selection_says_why_an_escalated_comment_is_left_out(cast: Cast, ana: Browser) -> None:
    first, second = scored(cast, 0.95, 0.96)
    ana.get(f"/desk/review/{first}").press("Escalate")

    page = ana.get(f"/desk/bulk/selection?ids={first}:3&ids={second}:2")

    assert page.heading() == "1 selected"
    assert "1 more was decided or escalated meanwhile, and left out." in page.text


def test_a_selection_reaches_no_other_site(cast: Cast, carla: Browser) -> None:
    (mine,) = scored(cast, 0.95)

    response = carla.client.post(
        "/desk/bulk/selection", data={"ids": [f"{mine}:2"], "choice": "reject:Off topic"}, headers=SAME_ORIGIN
    )

    assert response.status_code == 404
    assert status_of(cast, mine) is CommentStatus.FLAGGED


def test_the_histogram_has_its_numbers_beside_it(cast: Cast, ana: Browser) -> None:
    scored(cast, 0.8, 0.92, 0.93, 1.0)

    page = ana.get("/desk/bulk")

    cells = [" ".join(row.get_text(" ").split()) for row in page.html.select("table.numbers tbody tr")]
    assert "0.90 – 0.95 2" in cells
    assert "0.95 – 1.00 1" in cells


def test_the_histogram_of_one_newsroom_is_not_shown_to_another(cast: Cast, ana: Browser, carla: Browser) -> None:
    scored(cast, 0.92)
    ana.get("/desk/bulk")

    page = carla.get("/desk/bulk")

    cells = [" ".join(row.get_text(" ").split()) for row in page.html.select("table.numbers tbody tr")]
    assert "0.90 – 0.95 0" in cells


def test_samples_show_both_ends(cast: Cast, ana: Browser) -> None:
    scored(cast, *(0.9 + n / 100 for n in range(10)))

    page = ana.get("/desk/bulk")

    assert "Scored 0.9 " in page.region("The lowest")
    assert "Scored 0.99 " in page.region("The highest")
    assert "Scored" in page.region("Some from between")


def test_an_old_preview_decides_nothing(cast: Cast, ana: Browser) -> None:
    (id,) = scored(cast, 0.95)

    page = ana.get("/desk/bulk").press("Reject 1", as_of="2020-01-01T00:00:00+00:00")

    assert page.status == 422
    assert status_of(cast, id) is CommentStatus.FLAGGED


def reasons_of(cast: Cast, site: Site, *reasons: str) -> None:
    with cast.database.write() as conn:
        sites.update_site_settings(conn, site.id, SiteSettings(rejection_reasons=reasons))


def offered(page: Page) -> list[str]:
    values = [str(button["value"]) for button in page.html.select("button[name=choice]")]
    return [value.removeprefix("reject:") for value in values if value.startswith("reject:")]


def categories(cast: Cast) -> set[str | None]:
    with cast.database.read() as conn:
        return set(conn.execute(sa.select(decisions.c.category).where(decisions.c.decided_by == "moderator")).scalars())


def test_a_range_is_rejected_with_one_of_the_sites_reasons(cast: Cast, ana: Browser) -> None:
    reasons_of(cast, cast.herald, "Rude", "Advertising")
    scored(cast, 0.95, 0.96)
    page = ana.get("/desk/bulk")
    assert offered(page) == ["Rude", "Advertising"]

    page = page.press("Advertising")

    assert page.heading() == "Rejected 2 comments as advertising"
    assert categories(cast) == {"Advertising"}


def test_a_selection_is_rejected_with_one_of_the_sites_reasons(cast: Cast, ben: Browser) -> None:
    reasons_of(cast, cast.courier, "Rude", "Advertising")
    comment = cast.flagged(site=cast.courier)

    page = ben.get(f"/desk/bulk/selection?ids={comment.id}:2").press("Reject 1 as rude")

    assert page.heading() == "Rejected 1 comment as rude"
    assert categories(cast) == {"Rude"}


@ON_BOTH
def test_comments_of_several_sites_offer_the_reasons_that_all_sites_have(cast: Cast, ben: Browser) -> None:
    reasons_of(cast, cast.herald, "Rude", "Advertising", "Libel")
    reasons_of(cast, cast.courier, "Libel", "Rude", "Spoilers")
    scored(cast, 0.95)
    cast.flagged(site=cast.courier)

    assert set(offered(ben.get("/desk/bulk"))) == {"Rude", "Libel"}
    assert offered(ben.get("/desk/bulk", site=cast.courier.id)) == ["Libel", "Rude", "Spoilers"]


def test_sites_with_nothing_in_common_reject_nothing_together(cast: Cast, ben: Browser) -> None:
    reasons_of(cast, cast.herald, "Rude")
    scored(cast, 0.95)

    page = ben.get("/desk/bulk")

    assert offered(page) == []
    assert "share no reason for rejection" in page.text
    assert page.has_button("Approve 1") and not page.has_button("Reject")


def test_a_comment_taken_out_of_a_batch_is_redone_from_the_history(cast: Cast, ana: Browser) -> None:
    ids = scored(cast, 0.95, 0.96, 0.97)
    ana.get("/desk/bulk", low="0.9", high="1").press("Reject 3")
    ana.get(f"/desk/review/{ids[1]}").press("Undo: rejected by Ana")
    (out,) = (id for id in ids if status_of(cast, id) is CommentStatus.FLAGGED)
    history = ana.get("/desk/history")
    assert history.has_button("Undo 2 : a batch of")

    redone = history.press("Redo")

    assert {status_of(cast, id) for id in ids} == {CommentStatus.REJECTED}
    redone.press("Undo 2 : a batch of")
    assert status_of(cast, out) is CommentStatus.REJECTED


def test_a_batch_is_one_line_of_the_history_and_undone_there(cast: Cast, ana: Browser) -> None:
    ids = scored(cast, 0.95, 0.96, 0.97)
    alone = cast.flagged("Alone.", scores={"toxicity": 0.85, "insult": 0.1})
    ana.get("/desk/bulk", low="0.9", high="1").press("Reject 3")
    ana.get(f"/desk/review/{alone.id}").press("Approve")
    history = ana.get("/desk/history")
    assert len(history.html.select("tbody tr")) == 2
    assert "a batch of 3" in history.text

    history.press("Undo 3")

    assert all(status_of(cast, id) is CommentStatus.FLAGGED for id in ids)
    assert status_of(cast, alone.id) is CommentStatus.PUBLISHED
    lines = [line.get_text(" ") for line in ana.get("/desk/history").html.select("tbody tr")]
    assert len(lines) == 3
    assert not any("Undo 3" in line for line in lines)


def test_a_batch_that_was_taken_back_is_decided_again_in_one_go(cast: Cast, ana: Browser) -> None:
    ids = scored(cast, 0.95, 0.96, 0.97)
    batch = ana.get("/desk/bulk").press("Off topic").press("Undo 3")
    assert "0 of 3 still have this decision, 3 undone." in batch.text

    batch = batch.press("Redo 3")

    assert batch.heading() == "Rejected 3 comments as off topic"
    assert "3 decided again." in batch.text
    assert "3 of 3 still have this decision." in batch.text
    assert {status_of(cast, id) for id in ids} == {CommentStatus.REJECTED}
    assert {latest(cast, id).reason for id in ids} == {"Off topic"}
    batch.press("Undo 3")
    assert {status_of(cast, id) for id in ids} == {CommentStatus.FLAGGED}
    ana.get("/desk/history").press("Redo 3 : a batch of")
    assert {status_of(cast, id) for id in ids} == {CommentStatus.REJECTED}


def test_a_redo_leaves_later_decisions_of_others(cast: Cast, ana: Browser, ben: Browser) -> None:
    first, second = scored(cast, 0.95, 0.96)
    batch = ana.get("/desk/bulk").press("Reject 2").press("Undo 2")
    ben.get(f"/desk/review/{first}").press("Approve")

    batch.press("Redo 2")

    assert status_of(cast, first) is CommentStatus.PUBLISHED
    assert status_of(cast, second) is CommentStatus.REJECTED


def latest(cast: Cast, comment_id: str) -> Decision:
    with cast.database.read() as conn:
        found = latest_decision(conn, comment_id)
    assert found is not None
    return found


def test_of_a_batch_across_sites_the_history_tells_each_reader_their_part(
    cast: Cast, ana: Browser, ben: Browser, carla: Browser, browser: Callable[[], Browser]
) -> None:
    cast._moderator("Gus", {cast.herald.id: Role.MODERATOR, cast.courier.id: Role.MODERATOR})
    gus = browser().log_in("Gus")
    here = scored(cast, 0.95, 0.96)
    there = [cast.flagged(f"Elsewhere {n}.", site=cast.courier).id for n in range(3)]
    gus.get("/desk/bulk", low="0.9", high="1").press("Reject 5")

    assert batches_told(ana) == ["a batch of 2"]
    assert batches_told(carla) == ["a batch of 3"]
    assert batches_told(ben) == ["a batch of 5"]

    ana.get("/desk/history").press("Undo 2 : a batch of")
    carla.get("/desk/history").press("Undo 3 : a batch of")

    assert {status_of(cast, id) for id in (*here, *there)} == {CommentStatus.FLAGGED}
    assert len(batches_told(ana)) == len(batches_told(carla)) == 2
    assert len(batches_told(ben)) == 3


def batches_told(browser: Browser) -> list[str]:
    links = browser.get("/desk/history").html.select("tbody td a[href*=batches]")
    return [link.get_text() for link in links]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_reasons_for_many_are_in_the_readers_language(cast: Cast, ana: Browser) -> None:
    ids = scored(cast, 0.95, 0.96)
    ana.get("/desk/account").press("Save", language="de", time_zone="UTC")

    page = ana.get("/desk/bulk").press("Nicht zum Thema")

    assert page.heading() == "2 Kommentare abgelehnt als „Nicht zum Thema“"
    assert "Nicht zum Thema" in ana.get("/desk/history").html.select(".list tbody td")[1].get_text()
    assert {latest(cast, id).reason for id in ids} == {"Off topic"}
