"""The transparency report at the desk: for leads, as a page, as CSV and as a page for readers, in four languages."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest

from moderation.law.transparency_report.table import COLUMNS
from service.desk.transparency_report import pages
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def ben(browser: Callable[[], Browser], cast: Cast) -> Browser:
    """A lead of both sites, who has rejected one comment of the Herald."""
    browser_of_ben = browser().log_in_as(cast, "Ben")
    browser_of_ben.get(f"/desk/review/{cast.flagged().id}").press("Reject as insult or abuse")
    return browser_of_ben


def test_a_lead_reads_the_report_and_takes_it_along(ben: Browser, cast: Cast) -> None:
    shown = ben.get("/desk/transparency-report", site=cast.herald.id)

    assert shown.heading() == "Transparency report"
    assert "Comments not published or taken down, and authors suspended or banned 1" in shown.text
    table = list(csv.reader(io.StringIO(ben.get("/desk/transparency-report.csv", site=cast.herald.id).response.text)))
    assert tuple(table[0]) == COLUMNS
    terms = "SOURCE_VOLUNTARY AUTOMATED_DECISION_NOT_AUTOMATED"
    assert ["own_initiative", "automation_not_automated", "all", "all", "1", "", "", terms] in table
    page = ben.get("/desk/transparency-report.html", site=cast.herald.id)
    assert page.heading() == "How The Herald moderates its comments"
    assert "Orders of authorities" in page.text and "<script" not in page.response.text


def test_a_decision_that_was_undone_in_time_counts_for_nothing(ben: Browser, cast: Cast) -> None:
    ben.get(f"/desk/review/{cast.flagged('You fool.').id}").press("Reject").press("Undo")

    shown = ben.get("/desk/transparency-report", site=cast.herald.id).text

    assert "Comments not published or taken down, and authors suspended or banned 1" in shown
    assert "Rejected by moderators 1" in shown
    assert "Sent to review by moderators 0" in shown


def test_another_site_has_its_own_report(ben: Browser, cast: Cast) -> None:
    shown = ben.get("/desk/transparency-report", site=cast.courier.id)

    assert "Comments not published or taken down, and authors suspended or banned 0" in shown.text


def test_a_bookmark_of_the_former_address_leads_there(ben: Browser, cast: Cast) -> None:
    shown = ben.get("/desk/account-report", **{"site": cast.herald.id, "from": "2026-01-02"})

    assert shown.heading() == "Transparency report"
    assert 'value="2026-01-02"' in shown.response.text


def test_moderators_do_not_open_it(browser: Callable[[], Browser], cast: Cast) -> None:
    ana = browser().log_in_as(cast, "Ana")

    for path in ("/desk/transparency-report", "/desk/transparency-report.csv", "/desk/transparency-report.html"):
        assert ana.get(path, site=cast.herald.id).status == 403


@pytest.mark.parametrize(("name", "value"), [("from", "yesterday"), ("to", "2026-02-30")])
def test_a_day_that_is_none_is_named(ben: Browser, cast: Cast, name: str, value: str) -> None:
    refused = ben.get("/desk/transparency-report", **{"site": cast.herald.id, name: value})

    assert refused.status == 422
    assert "2026-03-02" in refused.text


def test_more_than_a_year_is_refused(ben: Browser, cast: Cast) -> None:
    days = {"from": "2024-01-01", "to": "2025-01-02"}

    assert ben.get("/desk/transparency-report", site=cast.herald.id, **days).status == 422


def test_too_many_decisions_are_left_to_the_command(ben: Browser, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_DECISIONS", 1)

    assert (
        "Run gavel transparency-report at a terminal" in ben.get("/desk/transparency-report", site=cast.herald.id).text
    )
    assert ben.get("/desk/transparency-report.csv", site=cast.herald.id).status == 422
