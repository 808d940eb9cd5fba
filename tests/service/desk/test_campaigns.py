"""A moderator clears a campaign: one page, one decision, one undo, and a decision that goes on for a week."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from bs4 import Tag
from flask import Flask, g

from moderation.ground.database.engine import new_id
from moderation.ground.errors import InvalidInput
from moderation.ground.values.comments import Comment
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.judging.text.reading_budget import Budget
from moderation.moderators.campaigns import by_api as campaign_by_api
from moderation.moderators.campaigns import listing_rows, opening, reach
from moderation.moderators.campaigns import reviewing as campaign_review
from moderation.moderators.campaigns.by_api import CampaignWish
from moderation.moderators.campaigns.tables import campaigns as table
from moderation.moderators.finding import audit_trail
from moderation.moderators.finding import audited_decision_rows as audited_decisions
from moderation.moderators.finding.audit_trail import AuditPeriod
from moderation.moderators.review import bulk
from moderation.spine.comments.tables import decisions
from service.desk.queue import growth
from tests.clock import Clock
from tests.own_databases import ON_BOTH
from tests.service.desk.browsing import Browser, Page
from tests.service.desk.cast import Cast
from tests.service.desk.review.test_review import status_of
from tests.statements import Asked
from tests.ticking import TickingClock

ON_ONE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # the desk asks both the same

TEXT = "Read this before they delete it: the mayor has sold the harbour to his own brother for one euro and a boat"


def wave(cast: Cast, *, held: int = 4, published: int = 2) -> list[Comment]:
    """Copies by an author each, the published ones first."""
    people = [f"Reader {n}" for n in range(held + published)]
    online = [cast.published(TEXT, author=name) for name in people[:published]]
    return online + [cast.flagged(f"{TEXT} {'!' * n}", author=name) for n, name in enumerate(people[published:])]


def campaign_id(cast: Cast) -> str:
    with cast.database.read() as conn:
        return str(conn.execute(sa.select(table.c.id)).scalar_one())


def opened(cast: Cast, browser: Browser) -> Page:
    return browser.get(f"/desk/campaigns/{campaign_id(cast)}")


def statuses(cast: Cast, comments: list[Comment]) -> list[str]:
    return [status_of(cast, comment.id).value for comment in comments]


@ON_ONE
def test_the_comment_leads_to_its_campaign_and_the_page_says_how_large_it_is(cast: Cast, ana: Browser) -> None:
    *_others, last = wave(cast)

    page = ana.get(f"/desk/review/{last.id}").follow("Posted before: 5")

    assert page.heading().startswith("6 copies by 6 authors, 2 published, 4 waiting, first ")
    assert page.path == f"/desk/campaigns/{campaign_id(cast)}"


@ON_BOTH
def test_one_decision_rejects_all_copies_the_published_ones_too_and_one_undo_takes_all_back(
    cast: Cast, ana: Browser
) -> None:
    copies = wave(cast)

    batch = opened(cast, ana).press("Reject 6")

    assert statuses(cast, copies) == ["rejected"] * 6
    assert batch.heading() == "Rejected 6 comments as spam or advertising"

    undone = batch.press("Undo 6")

    assert statuses(cast, copies) == ["published"] * 2 + ["flagged"] * 4
    assert "6 undone" in undone.text
    assert not undone.has_button("Undo")
    assert statuses(cast, copies) == ["published"] * 2 + ["flagged"] * 4

    undone.press("Redo 6")

    assert statuses(cast, copies) == ["rejected"] * 6


@ON_ONE
def test_a_batch_with_published_copies_is_undone_from_history_too(cast: Cast, ana: Browser) -> None:
    copies = wave(cast)
    opened(cast, ana).press("Reject 6")

    page = ana.get("/desk/history").press("Undo 6")

    assert statuses(cast, copies) == ["published"] * 2 + ["flagged"] * 4
    history = ana.get("/desk/history")
    assert history.has_button("Redo 6") and not history.has_button("Undo")
    assert page.status == 200


@ON_ONE
def test_approving_decides_what_waits_and_leaves_the_rest(cast: Cast, ana: Browser) -> None:
    copies = wave(cast)

    opened(cast, ana).press("Approve 4")

    assert statuses(cast, copies) == ["published"] * 6


@ON_ONE
def test_a_copy_that_arrives_after_the_page_is_left_alone(cast: Cast, ana: Browser) -> None:
    copies = wave(cast)
    page = opened(cast, ana)
    late = cast.flagged(TEXT, author="Late")

    page.press("Reject 6")

    assert statuses(cast, [*copies, late]) == ["rejected"] * 6 + ["flagged"]


@ON_ONE
def test_one_press_leaves_a_comment_that_only_shares_a_link_and_the_page_says_so(cast: Cast, ana: Browser) -> None:
    link = "https://helping-hands.example"
    copies = [cast.flagged(f"{TEXT} {link}/{n}", author=f"Reader {n}") for n in range(4)]
    civil = cast.flagged(f"My mother volunteers for them on Sundays and likes it: {link}", author="Nora")

    page = opened(cast, ana)
    page.press("Reject 4")

    assert page.heading().startswith("4 copies and 1 comment with a shared contact or domain by 5 authors, ")
    assert "Nora · Shares only a contact or a domain with the others" in page.region("Mentions it")
    assert statuses(cast, [*copies, civil]) == ["rejected"] * 4 + ["flagged"]


WARNING = f'This number is a scam: "{TEXT}"'


def box(page: Page, comment: Comment) -> Tag:
    (found,) = page.html.select(f"input[name=copy][value='{comment.id}']")
    return found


@ON_BOTH
def test_who_warns_of_a_campaign_is_apart_unticked_and_not_rejected_with_it(cast: Cast, ana: Browser) -> None:
    warning, *copies = cast.flagged(WARNING, author="Nora"), *wave(cast, held=58, published=2)

    assert "This number is a scam" not in ana.get("/desk/campaigns").text
    page = opened(cast, ana)
    batch = page.press("Reject")

    assert page.heading().startswith("60 copies and 1 mention by 61 authors, 2 published, 59 waiting, first ")
    assert "61 comments by 61 authors" in ana.get("/desk/campaigns").text
    assert "Words of its own: this number is a scam" in page.region("Mentions it")
    assert page.text.index("Copies Select all") < page.text.index("Mentions it")
    assert not box(page, warning).has_attr("checked")
    assert all(box(page, copy).has_attr("checked") for copy in copies)
    assert page.has_button("Reject 60 as spam or advertising r") and page.has_button("Approve 58 a")
    assert batch.heading() == "Rejected 60 comments as spam or advertising"
    assert statuses(cast, [warning, *copies]) == ["flagged"] + ["rejected"] * 60


@ON_ONE
def test_a_campaign_too_large_to_read_whole_calls_them_comments(
    cast: Cast, ana: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "COUNTED", 5)
    cast.flagged(WARNING, author="Nora")
    wave(cast)

    assert opened(cast, ana).heading().startswith("7 comments by 7 authors, ")


@ON_ONE
def test_only_ticked_copies_are_decided_and_a_ticked_mention_is(cast: Cast, ana: Browser) -> None:
    warning, *copies = cast.flagged(WARNING, author="Nora"), *wave(cast)
    page = opened(cast, ana)
    del box(page, copies[0])["checked"]
    del box(page, copies[-1])["checked"]
    box(page, warning)["checked"] = ""

    batch = page.press("Reject")

    assert batch.heading() == "Rejected 5 comments as spam or advertising"
    assert statuses(cast, [warning, *copies]) == ["rejected", "published", *["rejected"] * 4, "flagged"]


@ON_BOTH
def test_copies_beyond_the_list_have_one_box_and_of_these_a_warning_is_left_alone(
    cast: Cast, ana: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "LISTED", 3)
    warning, *copies = cast.flagged(WARNING, author="Nora"), *wave(cast, published=0, held=7)

    page = opened(cast, ana)
    assert "5 more copies that are not listed here" in page.text
    assert "4 were left out" not in page.text
    page.press("Reject 8")
    assert statuses(cast, [warning, *copies]) == ["flagged"] + ["rejected"] * 7


@ON_ONE
def test_without_the_box_for_the_others_the_listed_copies_alone_are_decided(
    cast: Cast, ana: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "LISTED", 3)
    copies = wave(cast, published=0, held=7)

    page = opened(cast, ana)
    page.press("Reject 7", more="")

    assert statuses(cast, copies) == ["flagged"] * 4 + ["rejected"] * 3


@ON_BOTH
def test_copies_with_the_same_text_take_one_line_and_each_keeps_its_box(cast: Cast, ana: Browser) -> None:
    text = "Read this before they delete it: the mayor has sold the harbour to his own brother for one euro"
    copies = [cast.flagged(f" {text} " if n == 1 else text, author=f"Reader {n}") for n in range(5)]
    shouted = cast.flagged(f"{text}!", author="Una")
    online = cast.published(text, author="Olaf")

    page = ana.get(f"/desk/review/{copies[0].id}").follow("Posted before: 6")

    (same,) = page.html.select("details.same:not([open])")
    assert same.summary.get_text().strip() == "4 more with the same text"  # type: ignore[union-attr]
    assert len(same.select("input[name=copy][checked]")) == 4
    lines = page.html.select("section > .found > li > .pick input[name=copy]")
    assert {str(box["value"]) for box in lines} == {shouted.id, online.id, copies[4].id}
    page.press("Reject 7")
    assert statuses(cast, [*copies, shouted, online]) == ["rejected"] * 7


def test_what_a_person_has_approved_is_overturned_only_if_asked(cast: Cast, ana: Browser) -> None:
    copies = wave(cast, published=0)
    approved = copies[0]
    ana.get(f"/desk/review/{approved.id}").press("Approve")

    page = opened(cast, ana)
    page.press("Reject 4")
    assert statuses(cast, copies) == ["published"] + ["rejected"] * 3

    opened(cast, ana).press("Reject 1", overturns="1")
    assert statuses(cast, copies) == ["rejected"] * 4


@ON_ONE
def test_the_form_offers_to_overturn_only_where_a_person_has_approved(cast: Cast, ana: Browser) -> None:
    copies = wave(cast)
    assert not opened(cast, ana).html.select("[name=overturns]")

    ana.get(f"/desk/review/{copies[-1].id}").press("Approve")

    assert opened(cast, ana).html.select("[name=overturns]")


@ON_ONE
def test_rejecting_one_copy_proposes_the_others(cast: Cast, ana: Browser) -> None:
    copies = wave(cast)

    page = ana.get(f"/desk/review/{copies[-1].id}").press("5 Spam")

    assert "5 more copies like it" in page.status_line
    assert page.follow("5 more copies like it").path == f"/desk/campaigns/{campaign_id(cast)}"


@ON_ONE
def test_approving_one_copy_proposes_nothing(cast: Cast, ana: Browser) -> None:
    copies = wave(cast)

    page = ana.get(f"/desk/review/{copies[-1].id}").press("Approve")

    assert "more copies" not in page.status_line


@ON_BOTH
def test_a_large_campaign_is_decided_in_parts_that_are_one_batch(
    cast: Cast, ana: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (bulk, campaign_review):
        monkeypatch.setattr(module, "MAX_BATCH", 4)
    copies = wave(cast, held=6, published=3)

    first = opened(cast, ana).press("Reject 9")
    assert first.heading() == "4 decided, 5 to go"
    second = first.press("Go on")
    assert second.heading() == "8 decided, 1 to go"
    batch = second.press("Go on")

    assert statuses(cast, copies) == ["rejected"] * 9
    assert batch.heading() == "Rejected 9 comments as spam or advertising"
    with cast.database.read() as conn:
        made = conn.execute(sa.select(decisions.c.batch_id).where(decisions.c.batch_id.is_not(None))).scalars().all()
    assert len(made) == 9 and len(set(made)) == 1
    for left in ("9", "5", "1"):
        assert batch.has_button(f"Undo {left}")
        batch = batch.press(f"Undo {left}")
    assert statuses(cast, copies) == ["published"] * 3 + ["flagged"] * 6


@ON_BOTH
def test_a_decision_for_the_week_rejects_what_comes_with_its_reason_until_it_is_ended(cast: Cast, ana: Browser) -> None:
    wave(cast)
    opened(cast, ana).press("Reject", treat="1")

    late = cast.published(TEXT.upper(), author="Late")

    assert status_of(cast, late.id) is CommentStatus.REJECTED
    with cast.database.read() as conn:
        made = conn.execute(sa.select(decisions).where(decisions.c.comment_id == late.id)).one()
    assert (made.decided_by, made.category) == ("policy", "Spam or advertising")
    assert made.reasons[0]["code"] == "campaign" and "by Ana, until" in made.reasons[0]["detail"]

    listed = ana.get("/desk/campaigns")
    assert "further copies are rejected as spam or advertising." in listed.region("Decided for the week")
    listed.press("End this")

    again = cast.published(TEXT.lower(), author="Later")
    assert status_of(cast, again.id) is CommentStatus.PUBLISHED
    with cast.database.read() as conn:
        stretch = AuditPeriod(cast.herald.id, cast.now - timedelta(days=1), cast.now + timedelta(days=1))
        trail = audit_trail.page(conn, stretch, before=None, limit=50)
    noted = {entry.action: (entry.before, entry.after) for entry in trail if entry.action.startswith("campaign.")}
    assert noted["campaign.treated"][1]["action"] == "reject"  # type: ignore[index]
    assert noted["campaign.treatment_ended"][1] is None


@ON_ONE
def test_undoing_the_batch_ends_the_decision_for_the_week_too(cast: Cast, ana: Browser) -> None:
    wave(cast)
    batch = opened(cast, ana).press("Reject 6", treat="1")
    assert "further copies are rejected" in ana.get("/desk/campaigns").region("Decided for the week")

    batch.press("Undo 6")

    assert "Decided for the week" not in ana.get("/desk/campaigns").text
    late = cast.published(TEXT, author="Late")
    assert status_of(cast, late.id) is CommentStatus.PUBLISHED


@ON_BOTH
def test_a_warning_that_quotes_what_is_rejected_for_the_week_goes_to_a_person(cast: Cast, ana: Browser) -> None:
    wave(cast)
    opened(cast, ana).press("Reject 6", treat="1")

    late, warning = cast.published(TEXT, author="Late"), cast.published(WARNING, author="Nora")

    assert statuses(cast, [late, warning]) == ["rejected", "flagged"]


@ON_BOTH
def test_undoing_a_decision_for_the_week_brings_back_what_came_meanwhile_and_the_heading_counts_it(
    cast: Cast, ana: Browser
) -> None:
    copies = wave(cast)
    batch = opened(cast, ana).press("Reject", treat="1")
    late = [cast.published(TEXT, author=f"Late {n}") for n in range(2)]
    edited = cast.published(TEXT, author="Edited")
    cast.edited(edited, "The new ferry runs until midnight from Monday, at last")
    assert statuses(cast, [*late, edited]) == ["rejected", "rejected", "published"]

    again = ana.get(batch.path)
    assert again.heading() == "Rejected 9 comments as spam or advertising"
    assert "By Ana" in again.text and "3 of them came later and were rejected by the same decision." in again.text
    undone = again.press("Undo 8")

    assert statuses(cast, [*copies, *late, edited]) == ["published"] * 2 + ["flagged"] * 6 + ["published"]
    assert "8 undone" in undone.text
    assert "by Ana, until" in ana.get(f"/desk/review/{late[0].id}").text

    undone.press("Redo 8")

    assert statuses(cast, [*copies, *late, edited]) == ["rejected"] * 8 + ["published"]


@ON_BOTH
def test_the_audit_trail_and_history_name_the_person_though_copies_followed(cast: Cast, ana: Browser) -> None:
    wave(cast)
    opened(cast, ana).press("Reject 6", treat="1")
    cast.published(TEXT, author="Late")

    with cast.database.read() as conn:
        made = audited_decisions.decided(conn, cast.herald.id, before=None, limit=9, until=new_id())
    assert [(entry.comments, entry.moderator_id) for entry in made] == [(6, cast.ids["Ana"])]
    assert "Ana" in ana.get("/desk/history").press("Undo 7").text


@ON_ONE
def test_a_decision_for_the_week_is_over_after_seven_days(cast: Cast, ana: Browser) -> None:
    wave(cast)
    opened(cast, ana).press("Reject 6", treat="1")
    later = datetime.now(cast.now.tzinfo) + timedelta(days=7, minutes=1)

    late = cast.published(TEXT, author="Late", now=later)

    assert status_of(cast, late.id) is CommentStatus.PUBLISHED


@ON_ONE
def test_a_person_beats_a_missing_score_but_an_approval_lets_nothing_past_other_rules(cast: Cast, ana: Browser) -> None:
    wave(cast)
    opened(cast, ana).press("Reject 6", treat="1")
    unscored = cast.settled(TEXT, author="Unscored", scores={"toxicity": None})
    assert status_of(cast, unscored.id) is CommentStatus.REJECTED

    other = "The old harbour crane has stood there for ninety years, and no tower of glass will ever look as good"
    kept = [cast.flagged(other, author=f"Signer {n}") for n in range(4)]
    page = ana.get(f"/desk/review/{kept[-1].id}").follow("Posted before: 3")
    page.press("Approve 4", treat="1")

    rude = cast.flagged(other, author="Rude")

    assert status_of(cast, rude.id) is CommentStatus.FLAGGED


@ON_BOTH
def test_the_queue_says_that_a_campaign_grows(
    cast: Cast, clock: Clock, ana: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growth, "GROWS_FROM", 6)
    clock.moment += 60  # the page after logging in has looked a moment ago
    wave(cast)

    page = ana.get("/desk/review")

    assert page.follow("A campaign grows: 6 in 5 minutes").path == f"/desk/campaigns/{campaign_id(cast)}"


@ON_ONE
def test_a_small_campaign_is_no_news(cast: Cast, clock: Clock, ana: Browser) -> None:
    clock.moment += 60  # the page after logging in has looked a moment ago
    wave(cast)

    assert "campaign grows" not in ana.get("/desk/review").text


@ON_BOTH
def test_campaigns_are_listed_newest_first_page_by_page(
    cast: Cast, ana: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.desk.campaigns.pages.LINES", 1)
    two_campaigns(cast)

    page = ana.get("/desk/campaigns")

    assert "3 comments by 3 authors" in page.text and "4 comments" not in page.text
    assert "4 comments by 4 authors" in page.follow("Older").text


def two_campaigns(cast: Cast) -> None:
    wave(cast, published=0)
    other = "Congratulations to the whole team of the library for thirty years of patience with all of us readers"
    for n in range(3):
        cast.flagged(other, author=f"Fan {n}", now=cast.now + timedelta(minutes=1))


@ON_BOTH
def test_the_largest_campaigns_come_first_page_by_page_if_asked(
    cast: Cast, ana: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.desk.campaigns.pages.LINES", 1)
    two_campaigns(cast)

    page = ana.get("/desk/campaigns").press("Show", order="largest")

    assert "4 comments by 4 authors" in page.text and "3 comments" not in page.text
    assert "3 comments by 3 authors" in page.follow("Older").text


@pytest.mark.parametrize("typed", ["harbour boat", "HARB", "Reader 2", "reader 2"])
@ON_BOTH
def test_a_campaign_is_found_by_the_words_of_a_copy_and_by_the_name_of_an_author(
    cast: Cast, ana: Browser, typed: str
) -> None:
    two_campaigns(cast)

    page = ana.get("/desk/campaigns").press("Show", q=typed)

    assert "4 comments by 4 authors" in page.text and "3 comments" not in page.text


@ON_BOTH
def test_a_search_without_a_campaign_says_so_and_leads_back(cast: Cast, ana: Browser, carla: Browser) -> None:
    two_campaigns(cast)

    page = ana.get("/desk/campaigns", q="zeppelin")

    assert "No campaign has these words or this author." in page.text
    assert "4 comments by 4 authors" in page.follow("All campaigns").text
    assert "No campaign has" in carla.get("/desk/campaigns", q="harbour").text


@ON_ONE
def test_a_search_says_if_it_looked_at_the_newest_comments_alone(
    cast: Cast, ana: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing_rows, "MATCHES", 3)
    two_campaigns(cast)

    page = ana.get("/desk/campaigns", q="harbour")

    assert "only the newest 3 were searched" in page.text and "4 comments by 4 authors" in page.text


@ON_ONE
def test_two_copies_are_not_listed(cast: Cast, ana: Browser) -> None:
    wave(cast, held=1, published=1)

    assert "No campaign." in ana.get("/desk/campaigns").text


@ON_ONE
def test_another_newsroom_sees_and_decides_nothing(cast: Cast, ana: Browser, carla: Browser) -> None:
    copies = wave(cast)
    form = {"choice": "reject:Off topic", "until": new_id(), "more": "1"}

    assert carla.get(f"/desk/campaigns/{campaign_id(cast)}").status == 404
    assert "No campaign." in carla.get("/desk/campaigns").text
    assert carla.post(f"/desk/campaigns/{campaign_id(cast)}/decisions", {**form, "treat": "1"}).status == 404
    assert carla.post(f"/desk/campaigns/{campaign_id(cast)}/treatment/end", {}).status == 404
    assert statuses(cast, copies) == ["published"] * 2 + ["flagged"] * 4


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"choice": "escalate"}, "Choose one of the buttons"),
        ({"choice": "reject:Nonsense"}, "one of the site's reasons"),
        ({"choice": "reject"}, "Choose the rule that the comment breaks"),
        ({"choice": "reject:Off topic", "until": "now"}, "Until must be the one of the page"),
        ({"choice": "reject:Off topic", "more": ""}, "Tick at least one copy"),
    ],
)
@ON_ONE
def test_a_wrong_form_changes_nothing_and_says_why(
    cast: Cast, ana: Browser, fields: dict[str, str], words: str
) -> None:
    copies = wave(cast)

    page = ana.post(
        f"/desk/campaigns/{campaign_id(cast)}/decisions", {"until": new_id(), "more": "1", "treat": "1", **fields}
    )

    assert page.status == 422 and words in page.text
    assert statuses(cast, copies) == ["published"] * 2 + ["flagged"] * 4


@ON_ONE
def test_no_page_of_campaigns_walks_a_table(cast: Cast, ana: Browser) -> None:
    wave(cast)
    asked = Asked(cast.database)

    with asked.listening():
        ana.get("/desk/campaigns")
        ana.get("/desk/campaigns", order="largest")
        ana.get("/desk/campaigns", q="harbour")
        ana.get("/desk/campaigns", q="Reader 1")
        ana.get("/desk/review")
        opened(cast, ana).press("Reject 6", treat="1")

    assert asked.scans() == []


def spent(looks: int = -1) -> Budget:
    """A budget that is used up after so many looks at its clock."""
    return Budget(looks, TickingClock(1.0))


@ON_ONE
def test_copies_that_take_too_long_to_read_are_listed_apart_and_nobody_decides_them_without_a_tick(
    cast: Cast, app: Flask, browser: Callable[[], Browser]
) -> None:
    app.before_request(lambda: setattr(g, "reading_budget", spent()))
    copies = wave(cast, held=4, published=0)
    ana = browser().log_in_as(cast, "Ana")

    page = opened(cast, ana)

    assert page.status == 200
    assert page.heading().startswith("4 comments")  # nobody has read which of them are copies
    assert page.region("Mentions it").count("Takes too long to compare with the others") == 4
    assert not any(box(page, copy).has_attr("checked") for copy in copies)
    assert ana.get("/desk/campaigns").status == 200


@ON_ONE
def test_no_further_copy_is_read_once_the_time_is_used_up(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    copies = wave(cast, held=30, published=0)
    clock = TickingClock(1.0)
    monkeypatch.setattr(reach, "own_time", clock)
    monkeypatch.setattr(reach, "READ_S", 10.0)

    with cast.database.read() as conn:
        shown = reach.read(conn, campaign_id(cast), [copy.id for copy in copies])

    assert len(shown.ids) == 30
    assert clock.looks < 30  # two looks for each copy that was read


@ON_ONE
def test_a_decision_on_texts_that_there_was_no_time_to_read_is_refused(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies = wave(cast, held=6, published=0)
    wish = CampaignWish(Action.REJECT, None, None, False, False)

    monkeypatch.setattr(reach, "READ_S", -1.0)
    with pytest.raises(InvalidInput) as refused:
        campaign_by_api.decide(cast.database, cast.herald.id, campaign_id(cast), wish, now=cast.now, going_on=None)

    assert [problem.field for problem in refused.value.problems] == ["seen"]
    assert statuses(cast, copies) == ["flagged"] * 6

    monkeypatch.undo()
    made = campaign_by_api.decide(cast.database, cast.herald.id, campaign_id(cast), wish, now=cast.now, going_on=None)

    assert (made.decided, made.left_out) == (6, 0)
