from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import event

from moderation.ground.database.engine import first_id_at
from moderation.insight.learning import example_rows as examples
from moderation.insight.trends import day_counting, stats
from moderation.insight.trends.rows import Period
from moderation.insight.trends.tables import tallies
from moderation.judging.policy.ready import READY
from moderation.moderators.review import reviewing
from moderation.moderators.review.reviewing import Choice, ModeratorChoice
from moderation.sites import rows as sites
from moderation.sites.rows import PolicyRow
from moderation.spine.comments import decision_rows
from moderation.spine.comments.tables import comments
from tests.own_databases import ON_BOTH
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast, newsroom_policy


def rows_of(browser: Browser, **query: str) -> list[dict[str, str]]:
    response = browser.client.get("/desk/trends.csv", query_string=query)
    assert response.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(response.get_data(as_text=True))))


def test_a_day_is_counted(cast: Cast, ana: Browser) -> None:
    cast.published("Fine.")
    cast.published("Fine too.")
    for number in range(3):
        cast.flagged(f"Fool {number}.")
    ana.get("/desk/review").press("Approve").press("Reject").press("Undo")

    today = rows_of(ana)[-1]

    assert today == {
        "day": f"{datetime.now(UTC):%Y-%m-%d}", "arrived": "5", "published": "2", "flagged": "3", "rejected": "0",
        "decided_again": "0",
        "approved_by_people": "1", "rejected_by_people": "0", "taken_back": "1", "backlog": "2",
    }  # fmt: skip


def test_a_rule_on_several_signals_has_its_own_words_in_the_readers_language(cast: Cast, ana: Browser) -> None:
    document = newsroom_policy()
    document["rules"] = [READY["newcomers-links"], {**READY["newcomers-contacts"], "label": "Numbers of new people"}]
    with cast.database.write() as conn:
        sites.insert_policy(conn, cast.herald.id, PolicyRow(2, document, None, "test", cast.now))
    cast.settled("See https://example.org/a", scores={"links": 1.0, "author.published": 0.0})
    cast.settled("Call 0171 555", scores={"contacts": 1.0, "author.published": 0.0})

    english = ana.get("/desk/trends").region("By reason")
    ana.get("/desk/account").press("Save", language="de", time_zone="UTC")
    german = ana.get("/desk/trends").text

    assert "A newcomer's link 1" in english and "Numbers of new people 1" in english
    assert "Link eines neuen Autors 1" in german and "Numbers of new people 1" in german


@ON_BOTH
@pytest.mark.parametrize(
    ("then", "words", "german"),
    [
        ((), "A newcomer's link", "Link eines neuen Autors"),
        (("newcomers-contacts",), "Several signals together", "Mehrere Signale zusammen"),
    ],
)
def test_a_day_that_was_counted_without_the_rules_words_has_those_of_its_policy(
    cast: Cast, ana: Browser, then: tuple[str, ...], words: str, german: str
) -> None:
    def save(version: int, *names: str, days: int) -> None:
        document = {**newsroom_policy(), "rules": [READY[name] for name in names]}
        row = PolicyRow(version, document, None, "test", cast.now + timedelta(days=days))
        with cast.database.write() as conn:
            sites.insert_policy(conn, cast.herald.id, row)

    save(2, "newcomers-contacts", days=-20)  # replaced before the two weeks that the page shows
    save(3, "newcomers-links", *then, days=-15)
    cast.settled("See https://example.org/a", scores={"links": 1.0, "author.published": 0.0})
    save(4, "newcomers-contacts", days=2)
    assert list(day_counting.count_due(cast.database, now=cast.now + timedelta(days=1, hours=2)))
    with cast.database.write() as conn:  # as days were counted before rules had words in the tallies
        conn.execute(tallies.update().where(tallies.c.kind == "reason").values(name="combined"))

    english = ana.get("/desk/trends", site=cast.herald.id).region("By reason")
    ana.get("/desk/account").press("Save", language="de", time_zone="UTC")

    assert f"{words} 1" in english
    assert f"{german} 1" in ana.get("/desk/trends", site=cast.herald.id).text


@ON_BOTH
def test_a_comment_counts_for_the_day_it_came_on(cast: Cast, ana: Browser) -> None:
    midnight = datetime.combine(datetime.now(UTC).date(), time.min, UTC)
    for moment in (midnight - timedelta(milliseconds=1), midnight, midnight - timedelta(days=14, milliseconds=1)):
        comment = cast.waiting(f"At {moment}.")
        with cast.database.write() as conn:
            conn.execute(comments.update().where(comments.c.id == comment.id).values(id=first_id_at(moment)))

    assert [row["arrived"] for row in rows_of(ana)] == ["0"] * 12 + ["1", "1"]


def test_an_old_or_a_future_period_takes_no_query_for_each_day_until_now(cast: Cast, ana: Browser) -> None:
    today, now = datetime.now(UTC), datetime.now(UTC) + timedelta(days=10_000)
    for number in range(3):
        cast.flagged(f"Fool {number}.")
    ana.get("/desk/review").press("Approve")
    queries: list[str] = []
    event.listen(cast.database.engine, "before_cursor_execute", lambda *given: queries.append(given[2]))

    before, around, future = (
        stats.trends_of(cast.database, Period((cast.herald.id,), start, start + timedelta(days=2)), now=now).days
        for start in (today - timedelta(days=9), today - timedelta(days=1), now + timedelta(days=10_000))
    )

    assert [[day.backlog for day in days] for days in (before, around, future)] == [[0, 0, 0], [0, 2, 2], [2, 2, 2]]
    assert sum(day.approved_by_people for day in around) == 1
    assert len(queries) < 200


def test_overturned_decisions_are_shown_by_reason_article_and_section(cast: Cast, ana: Browser) -> None:
    cast.flagged("One.")
    cast.flagged("Two.")
    ana.get("/desk/review").press("Approve").press("Reject")

    page = ana.get("/desk/trends")

    assert "Toxicity 2 100.0% 1 1 50.0%" in page.region("By reason")
    assert "Export licences for rare earths 2 1 1 50.0%" in page.region("By article")
    assert "Economy 2 1 1 50.0%" in page.region("By section")


@ON_BOTH
def test_an_overturned_decision_counts_once_as_in_learning(cast: Cast, ana: Browser, ben: Browser) -> None:
    comments_of_people = [cast.flagged(f"Fool {number}.") for number in range(3)]
    for _ in comments_of_people:
        ana.get("/desk/review").press("Reject")
    overturned = comments_of_people[0]
    with cast.database.read() as conn:
        first = decision_rows.latest_decision(conn, overturned.id)
    assert first is not None
    choice = ModeratorChoice(Choice.APPROVE, first.version + 1, overturns=first.id)
    later = reviewing.decide(
        cast.database, cast.moderator("Ben"), overturned.id, choice, now=datetime.now(UTC), hold_s=0
    )

    today = rows_of(ana)[-1]
    assert (today["approved_by_people"], today["rejected_by_people"], today["taken_back"]) == ("1", "2", "1")
    assert "Toxicity 3 100.0% 1 2 33.3%" in ana.get("/desk/trends").region("By reason")
    assert "Ana 0 2 1" in ben.get("/desk/trends").region("By moderator")
    assert "Ben 1 0 0" in ben.get("/desk/trends").region("By moderator")
    with cast.database.read() as conn:
        learnt = examples.decided_by_people(conn, cast.herald.id, most=10)
    assert sorted(example.is_rejected for example in learnt) == [False, True, True]

    reviewing.undo(cast.database, cast.moderator("Ben"), later.id, now=datetime.now(UTC), hold_s=0)

    now = datetime.now(UTC)
    trends = stats.trends_of(cast.database, Period((cast.herald.id,), now - timedelta(days=1), now), now=now)
    (day,) = (day for day in trends.days if day.day == f"{now:%Y-%m-%d}")
    assert (day.approved_by_people, day.rejected_by_people, day.taken_back) == (0, 3, 1)
    assert [(p.name, p.approved, p.rejected, p.flagged) for p in trends.people] == [("Ana", 0, 3, 0), ("Ben", 0, 0, 1)]


def test_the_flag_rate_of_a_reason_is_its_share_of_all_that_was_decided(cast: Cast, ana: Browser) -> None:
    cast.flagged("Fool.")
    cast.settled("Off the topic.", scores={"relevance": 0.0})
    for number in range(6):
        cast.published(f"Fine {number}.")
    cast.waiting("Not scored yet.")

    rows = {row["reason"]: row for row in rows_of(ana, by="reason")}

    assert rows["toxicity"] == {
        "reason": "toxicity", "flagged": "1", "flag_rate": "0.125", "approved": "0", "rejected": "0", "overturned": "",
    }  # fmt: skip
    assert rows["relevance"]["flag_rate"] == "0.125"
    assert "Toxicity 1 12.5% 0 0 –" in ana.get("/desk/trends").region("By reason")


@pytest.mark.parametrize(("by", "name"), [("article", "=cmd|calc"), ("section", "Economy")])
def test_the_table_by_article_and_by_section_is_had_as_csv(cast: Cast, ana: Browser, by: str, name: str) -> None:
    for number in range(4):
        cast.flagged(f"Fool {number}.", article={"title": "=cmd|calc"})
    ana.get("/desk/review").press("Approve").press("Reject").press("Reject")

    address = str(ana.get("/desk/trends").link(f"CSV : By {by}")["href"])
    rows = list(csv.DictReader(io.StringIO(ana.client.get(address).get_data(as_text=True))))

    shown = f"'{name}" if name.startswith("=") else name
    assert rows == [{by: shown, "flagged": "4", "approved": "1", "rejected": "2", "overturned": "0.3333"}]


def test_an_unknown_table_is_an_error(ana: Browser) -> None:
    assert ana.get("/desk/trends.csv", by="person").status == 422


def test_a_chart_says_its_days_and_its_peak_in_words(cast: Cast, ana: Browser) -> None:
    first, last = (f"{datetime.now(UTC) - timedelta(days=n):%-d %b}" for n in (13, 0))
    cast.flagged()
    cast.published()

    page = ana.get("/desk/trends")
    quiet = ana.get("/desk/trends", **{"from": "2026-01-01", "to": "2026-01-02"})

    assert f"{first} to {last}: most 2 on {last}. By day" in page.text
    assert f"{first} to {last}: most 50.0% on {last}. By day" in page.text
    assert "1 Jan to 2 Jan: none. By day" in quiet.text


def test_only_a_lead_sees_numbers_by_moderator(cast: Cast, ana: Browser, ben: Browser) -> None:
    cast.flagged()
    ana.get("/desk/review").press("Reject")

    assert "By moderator" not in ana.get("/desk/trends").text
    assert "Ana 0 1 0" in ben.get("/desk/trends").region("By moderator")


def test_another_site_is_not_counted(cast: Cast, carla: Browser) -> None:
    cast.flagged("Only for the Herald.")

    assert {row["arrived"] for row in rows_of(carla)} == {"0"}


def test_a_malformed_range_is_an_error(ana: Browser) -> None:
    assert ana.get("/desk/trends", **{"from": "yesterday"}).status == 422
    assert ana.get("/desk/trends", **{"from": "2026-02-01", "to": "2026-01-01"}).status == 422


def test_minutes_of_work_forecast_nothing(cast: Cast, ana: Browser) -> None:
    cast.flagged()

    assert "Too early for a forecast" in ana.get("/desk/trends").text


def test_a_backlog_that_only_grows_has_no_end_in_sight(cast: Cast, ana: Browser) -> None:
    for number in range(6):
        cast.flagged(f"Number {number}.", now=cast.now - timedelta(days=2))

    assert "it grows by 3 a day" in ana.get("/desk/trends").text


def test_the_parts_of_what_arrived_add_up(cast: Cast, ana: Browser) -> None:
    """Also where a comment was decided twice, and where one has no decision yet."""
    cast.published("Fine.")
    edited = cast.published("Fine too.")
    cast.flagged("Fool.")
    cast.waiting("Not scored yet.")
    cast.edited(edited, "You fools.", scores={"toxicity": 0.9})

    page = ana.get("/desk/trends")

    assert (
        "Arrived 4 Of these the policy first published 2, flagged 1 and rejected 0. 1 had no decision yet." in page.text
    )
    assert "it decided once more" in page.text
    assert "Share flagged 33.3%" in page.text
    day = rows_of(ana)[-1]
    assert (day["published"], day["flagged"], day["decided_again"]) == ("2", "1", "1")


@ON_BOTH
def test_an_article_of_the_table_leads_to_its_queue(cast: Cast, ana: Browser) -> None:
    comment = cast.flagged("Fool.")
    cast.flagged("Fool elsewhere.", article_id="a-2")  # of the same title

    page = ana.get("/desk/trends")

    assert page.region("By article").count("Export licences") == 2
    assert f"article={comment.article_id}" in str(page.html.select("section[aria-label='By article'] tbody a"))
    assert page.follow("Export licences").html.select("#comment")


def test_an_id_at_a_moment_lies_between_its_neighbours() -> None:
    moment = datetime(2026, 3, 2, 12, tzinfo=UTC)

    assert first_id_at(moment) < first_id_at(moment + timedelta(milliseconds=1))
    assert first_id_at(moment).startswith("019c")
