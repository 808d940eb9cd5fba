"""The page of a site's settings: a form for each group, made of the settings' declarations."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from moderation.pipeline.waiting.settings import WhenDown
from moderation.sites import rows as sites
from moderation.sites import sites as site_changes
from moderation.sites.audit.writing import note
from moderation.sites.settings.values import DECLARED, SiteSettings
from tests.builders import OPERATOR
from tests.service.desk.browsing import Browser, Page
from tests.service.desk.cast import Cast


@pytest.fixture
def dora(browser: Callable[[], Browser]) -> Browser:
    return browser().log_in("Dora")


def page_of(cast: Cast, browser: Browser, language: str = "en") -> Page:
    browser.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    return browser.get("/desk/settings", site=cast.herald.id)


def settings_of(cast: Cast) -> SiteSettings:
    with cast.database.read() as conn:
        return sites.get_site(conn, cast.herald.id).settings


def test_every_setting_that_people_may_change_has_a_field(cast: Cast, dora: Browser) -> None:
    page = page_of(cast, dora)

    names = [str(tag["name"]) for tag in page.html.select("form.panel div [name]")]
    assert names == [name for name, setting in DECLARED.items() if setting.is_open]
    assert not {"webhook_secret", "coral_token", "coral_url"} & set(names)


def test_an_admin_sets_a_group_and_the_others_stay(cast: Cast, dora: Browser) -> None:
    before = settings_of(cast)

    page = page_of(cast, dora).press("Save While scoring is down", patience_s="90", when_scoring_is_down="rules_only")

    assert page.status == 200
    assert "Saved." in page.region("While scoring is down")
    assert settings_of(cast) == before.changed(patience_s=90.0, when_scoring_is_down=WhenDown.RULES_ONLY)


def test_a_tick_that_is_taken_away_is_off(cast: Cast, dora: Browser) -> None:
    site_changes.change_settings(cast.database, cast.herald.id, by=OPERATOR, now=cast.now, hide_noticed=True)
    page = page_of(cast, dora)
    assert page.html.select("#hide_noticed[checked]")

    dora.post("/desk/settings", {"site": cast.herald.id, "group": "NoticeSettings"})

    assert settings_of(cast).hide_noticed is False


def test_a_list_has_an_entry_on_each_line(cast: Cast, dora: Browser) -> None:
    dora.post(
        "/desk/settings",
        {
            "site": cast.herald.id,
            "group": "LanguageSettings",
            "trusted_languages": "fr\r\n\r\n de ",
            "held_languages": "",
        },
    )

    assert settings_of(cast).trusted_languages == ("fr", "de")
    assert page_of(cast, dora).html.select("#trusted_languages")[0].get_text() == "fr\nde"


@pytest.mark.parametrize(
    ("group", "typed", "name", "words"),
    [
        ("OutageSettings", {"patience_s": "5"}, "patience_s", "Must be between 10 and 604,800."),
        ("OutageSettings", {"when_scoring_is_down": "panic"}, "when_scoring_is_down", "Choose one of these."),
        ("WebhookSettings", {"webhook_url": "ftp://news.example"}, "webhook_url", "Must be an http or https URL."),
        ("LanguageSettings", {"held_languages": "xx"}, "held_languages", "Must be ISO 639 codes in lower case"),
    ],
)
def test_a_wrong_field_says_why_keeps_its_text_and_saves_nothing(
    cast: Cast, dora: Browser, group: str, typed: dict[str, str], name: str, words: str
) -> None:
    before = settings_of(cast)
    filled = {"when_scoring_is_down": "hold"} | typed

    page = dora.post("/desk/settings", {"site": cast.herald.id, "group": group, **filled})

    assert page.status == 422
    assert words in page.html.select(f"#problem-{name}")[0].get_text()
    assert page.html.select(f"#{name}[aria-invalid=true]")
    assert settings_of(cast) == before


def test_the_audit_trail_words_the_change_by_the_declaration(cast: Cast, dora: Browser) -> None:
    page_of(cast, dora).press("Save While scoring is down", when_scoring_is_down="rules_only")
    page_of(cast, dora).press("Save Checks and targets", check_share="2.5")

    english = dora.get("/desk/audit", site=cast.herald.id).text
    dora.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    german = dora.get("/desk/audit", site=cast.herald.id).text

    assert (
        "When a comment has waited that long: Moderators decide every comment → The rules that need no model" in english
    )
    assert "Share of the policy’s decisions that moderators check: 1.00% → 2.50%" in english
    assert "Die Moderation entscheidet über jeden Kommentar → Die Regeln ohne Modell entscheiden allein" in german


def test_an_entry_with_a_former_name_has_the_title_of_today(cast: Cast, dora: Browser) -> None:
    with cast.database.write() as conn:
        note(
            conn, OPERATOR, "site.settings", site_id=cast.herald.id, subject="Herald", now=cast.now,
            before={"objection_days": 183, "colour_of_box": None}, after={"objection_days": 90, "colour_of_box": "red"},
        )  # fmt: skip

    page = dora.get("/desk/audit", site=cast.herald.id)

    assert "Days for which authors may appeal a decision: 183 → 90" in page.text
    assert "Colour of box: nothing → red" in page.text


def test_only_admins_open_it(cast: Cast, ben: Browser) -> None:
    assert page_of(cast, ben).status == 403
    assert ben.post("/desk/settings", {"site": cast.herald.id, "group": "NoticeSettings"}).status == 403


def test_a_group_that_is_none_is_refused(cast: Cast, dora: Browser) -> None:
    assert dora.post("/desk/settings", {"site": cast.herald.id, "group": "CoralSettings"}).status == 422
