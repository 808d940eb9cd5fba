"""The form for the share that people check, and for the errors that a site accepts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from moderation.moderators.finding import audit_trail
from moderation.moderators.finding.audit_trail import AuditPeriod
from moderation.sites import rows as sites
from moderation.sites.settings.values import SiteSettings
from tests.service.desk.browsing import Browser, Page
from tests.service.desk.cast import Cast

SAVE = "Save checks and targets"
TYPED = {
    "check_share": "2,5",
    "check_most_per_day": "60",
    "most_wrong_published": "0.5",
    "most_wrong_rejected": "1.25",
}


def page_of(cast: Cast, ben: Browser) -> Page:
    return ben.get("/desk/learning/checks", site=cast.herald.id)


def settings_of(cast: Cast) -> SiteSettings:
    with cast.database.read() as conn:
        return sites.get_site(conn, cast.herald.id).settings


def test_a_lead_sets_how_much_is_checked_and_which_errors_are_accepted(cast: Cast, ben: Browser) -> None:
    page = page_of(cast, ben)
    assert [page.field_named(name) for name in TYPED] == ["1", "40", "1", "2"]

    page = page.press(SAVE, **TYPED)

    settings = settings_of(cast)
    assert (settings.check_share, settings.check_most_per_day) == (0.025, 60)
    assert (settings.most_wrong_published, settings.most_wrong_rejected) == (0.005, 0.0125)
    assert "Saved." in page.text
    assert [page.field_named(name) for name in TYPED] == ["2.5", "60", "0.5", "1.25"]
    assert "0.5%" in page.region("By verdict")


def test_the_audit_trail_has_the_change_with_its_values(cast: Cast, ben: Browser) -> None:
    page_of(cast, ben).press(SAVE, check_share="3")

    with cast.database.read() as conn:
        stretch = AuditPeriod(cast.herald.id, cast.now - timedelta(days=1), cast.now + timedelta(days=1))
        found = audit_trail.page(conn, stretch, before=None, limit=9)
    entry = next(each for each in found if each.action == "site.settings")
    assert entry.moderator_id == cast.ids["Ben"]
    assert (entry.before, entry.after) == ({"check_share": 0.01}, {"check_share": 0.03})


WRONG = [
    ("check_share", "26", "must be between 0% and 25%"),
    ("check_share", "-1", "must be between 0% and 25%"),
    ("check_share", "nan", "must be between 0% and 25%"),
    ("check_share", "much", "must be between 0% and 25%"),
    ("check_most_per_day", "1001", "must be a whole number from 0 to 1,000"),
    ("check_most_per_day", "4.5", "must be a whole number from 0 to 1,000"),
    ("most_wrong_published", "0", "must be between 0.01% and 50%"),
    ("most_wrong_rejected", "51", "must be between 0.01% and 50%"),
    ("most_wrong_rejected", "", "must be between 0.01% and 50%"),
]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("field", "value", "problem"), WRONG)
def test_a_wrong_value_is_named_at_its_field_and_nothing_is_saved(
    cast: Cast, ben: Browser, field: str, value: str, problem: str
) -> None:
    page = page_of(cast, ben).press(SAVE, **{**TYPED, field: value})

    assert page.status == 422
    marked = page.html.select("[aria-invalid]")
    assert [(tag["name"], tag["aria-describedby"]) for tag in marked] == [(field, f"problem-{field}")]
    assert problem in page.text
    assert page.field_named(field) == value
    assert settings_of(cast) == SiteSettings(comments_per_author_per_minute=None)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_each_wrong_field_is_named_at_once(cast: Cast, ben: Browser) -> None:
    page = page_of(cast, ben).press(SAVE, check_share="x", most_wrong_rejected="x")

    assert [tag["name"] for tag in page.html.select("[aria-invalid]")] == ["check_share", "most_wrong_rejected"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_only_a_lead_of_the_site_may_set_them(cast: Cast, ana: Browser, carla: Browser) -> None:
    sent = {"site": cast.herald.id, **TYPED}

    assert ana.post("/desk/learning/checks", sent).status == 403
    assert carla.post("/desk/learning/checks", sent).status == 403
    assert settings_of(cast) == SiteSettings(comments_per_author_per_minute=None)
