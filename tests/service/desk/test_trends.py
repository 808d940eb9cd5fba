from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, time, timedelta

from moderation.schema import comments
from moderation.store.database import first_id_at
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast


def rows_of(browser: Browser) -> list[dict[str, str]]:
    response = browser.client.get("/desk/trends.csv")
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
        "approved_by_people": "1", "rejected_by_people": "1", "taken_back": "1", "backlog": "2",
    }  # fmt: skip


def test_a_comment_counts_for_the_day_it_came_on(cast: Cast, ana: Browser) -> None:
    midnight = datetime.combine(datetime.now(UTC).date(), time.min, UTC)
    for moment in (midnight - timedelta(milliseconds=1), midnight, midnight - timedelta(days=14, milliseconds=1)):
        comment = cast.waiting(f"At {moment}.")
        with cast.database.write() as conn:
            conn.execute(comments.update().where(comments.c.id == comment.id).values(id=first_id_at(moment)))

    assert [row["arrived"] for row in rows_of(ana)] == ["0"] * 12 + ["1", "1"]


def test_what_people_overturned_is_shown_by_reason_article_and_section(cast: Cast, ana: Browser) -> None:
    cast.flagged("One.")
    cast.flagged("Two.")
    ana.get("/desk/review").press("Approve").press("Reject")

    page = ana.get("/desk/trends")

    assert "Toxicity 2 1 1 50 %" in page.region("By reason")
    assert "Export licences for rare earths 2 1 1 50 %" in page.region("By article")
    assert "Economy 2 1 1 50 %" in page.region("By section")


def test_only_a_lead_sees_numbers_by_moderator(cast: Cast, ana: Browser, ben: Browser) -> None:
    cast.flagged()
    ana.get("/desk/review").press("Reject")

    assert "By moderator" not in ana.get("/desk/trends").text
    assert "Ana 0 1 0" in ben.get("/desk/trends").region("By moderator")


def test_another_site_is_not_counted(cast: Cast, carla: Browser) -> None:
    cast.flagged("Only for the Herald.")

    assert {row["arrived"] for row in rows_of(carla)} == {"0"}


def test_a_malformed_range_is_told(ana: Browser) -> None:
    assert ana.get("/desk/trends", **{"from": "yesterday"}).status == 422
    assert ana.get("/desk/trends", **{"from": "2026-02-01", "to": "2026-01-01"}).status == 422


def test_a_backlog_that_only_grows_has_no_end_in_sight(cast: Cast, ana: Browser) -> None:
    cast.flagged()

    assert "it grows by 0 a day" in ana.get("/desk/trends").text


def test_an_id_at_a_moment_lies_between_its_neighbours() -> None:
    moment = datetime(2026, 3, 2, 12, tzinfo=UTC)

    assert first_id_at(moment) < first_id_at(moment + timedelta(milliseconds=1))
    assert first_id_at(moment).startswith("019c")
