from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from moderation.ground.database.engine import Database
from moderation.ground.values.statuses import Action
from moderation.insight.checks import rows as checks
from moderation.insight.learning.shadows import switching as shadows
from moderation.sites import rows as sites
from moderation.sites.rows import set_preferences
from service.desk.frame.routes import EXTENSION, Route
from service.desk.frame.sentences import formats, numbers, wording
from service.languages import catalogues, choice
from tests.builders import OPERATOR, a_check
from tests.service.desk.browsing import Browser
from tests.service.desk.cast import Cast

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

RATES = "/desk/learning/checks"
MOMENT = datetime(2026, 3, 2, 13, 5, 9, tzinfo=UTC)


def test_the_login_page_speaks_the_language_that_the_browser_asks_for(app: Flask) -> None:
    page = app.test_client().get("/desk/login", headers={"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}).text

    assert '<html lang="de" dir="ltr">' in page
    assert "Passwort" in page
    assert "Password" not in page


@pytest.mark.parametrize("asked", ["", "tlh", "en-US,en;q=0.9", "*", "not a language"])
def test_a_browser_that_asks_for_no_language_of_ours_gets_english(app: Flask, asked: str) -> None:
    page = app.test_client().get("/desk/login", headers={"Accept-Language": asked}).text

    assert '<html lang="en" dir="ltr">' in page
    assert "Password" in page


def test_a_persons_choice_goes_before_the_browsers(ana: Browser) -> None:
    page = ana.get("/desk/account").press("Save", language="de", time_zone="Europe/Berlin")

    assert page.heading() == "Ihr Konto"
    assert "Abmelden" in page.text
    assert "Abmelden" in ana.get("/desk/help").text


def test_going_back_to_the_browsers_language_is_a_choice_too(ana: Browser) -> None:
    ana.get("/desk/account").press("Save", language="de", time_zone="UTC")

    page = ana.get("/desk/account").press("Speichern", language="", time_zone="UTC")

    assert page.heading() == "Your account"


@pytest.mark.parametrize(
    ("field", "given", "says"),
    [
        ("language", "tlh", "Choose a language from the list."),
        ("time_zone", "Mars/Base", "Choose a time zone from the"),
    ],
)
def test_an_unknown_choice_is_refused_and_nothing_is_kept(
    ana: Browser, cast: Cast, field: str, given: str, says: str
) -> None:
    page = ana.post("/desk/account/language", {"language": "de", "time_zone": "UTC", field: given})

    assert (page.status, says in page.text) == (422, True)
    assert "language" not in cast.moderator("Ana").preferences


def test_a_language_that_was_removed_since_it_was_chosen_counts_as_none(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "de"}):
        choice.follow({"language": "gone", "time_zone": "Europe/Gone"})

        assert (choice.current().language, choice.current().zone.key) == ("de", "UTC")


@pytest.mark.parametrize(
    ("preferences", "shown"),
    [
        ({}, "2 Mar 2026, 13:05 UTC"),
        ({"time_zone": "Europe/Berlin"}, "2 Mar 2026, 14:05 CET"),
        ({"language": "de", "time_zone": "America/New_York"}, "2. März 2026, 08:05 EST"),
    ],
)
def test_times_are_in_the_readers_zone_and_machines_read_utc(
    app: Flask, preferences: dict[str, str], shown: str
) -> None:
    with app.test_request_context():
        choice.follow(preferences)
        html = formats.moment(MOMENT)

    assert f">{shown}</time>" in html
    assert 'datetime="2026-03-02T13:05:09+00:00"' in html


@pytest.mark.parametrize(
    ("language", "figures", "decimal", "percent"),
    [("en", "12,345", "1,234.50", "25%"), ("de", "12.345", "1.234,50", "25\xa0%")],
)
def test_numbers_are_written_as_the_language_writes_them(
    app: Flask, language: str, figures: str, decimal: str, percent: str
) -> None:
    with app.test_request_context():
        choice.follow({"language": language})

        assert (numbers.figures(12345), numbers.decimal(1234.5), numbers.percent(0.25)) == (figures, decimal, percent)
        assert numbers.in_figures(5000, 1000) == f"1{figures[2]}000+"


@pytest.mark.parametrize(
    ("language", "code", "named"),
    [
        ("en", "pt-BR", "Portuguese"),
        ("de", "en", "Englisch"),
        ("de", "pt-BR", "Portugiesisch"),
        ("fr", "ro", "roumain"),
        ("de", "qqq", "qqq"),
    ],
)
def test_languages_have_names_in_the_readers_language(app: Flask, language: str, code: str, named: str) -> None:
    with app.test_request_context():
        choice.follow({"language": language})

        assert wording.language_named(code) == named


def test_tables_by_language_name_it_in_the_readers_language(cast: Cast, ana: Browser, ben: Browser) -> None:
    with cast.database.read() as conn:
        document = sites.current_policy(conn, cast.herald.id).document
    stricter = shadows.with_rule(document, "toxicity", 0.5, Action.FLAG)
    row = shadows.start(cast.database, cast.herald.id, "Strenger", stricter, by=OPERATOR, now=cast.now)
    comment = cast.flagged()
    with cast.database.write() as conn:
        checks.insert(conn, [a_check(comment_id=comment.id, site_id=cast.herald.id, drawn_at=cast.now, language="en")])
        set_preferences(conn, cast.ids["Ben"], {"language": "de"})
    ana.get("/desk/review").press("Reject")

    tables = [ben.get(path).region("Nach Sprachen") for path in (f"/desk/learning/shadow/{row.id}", RATES)]

    assert ["Englisch" in table for table in tables] == [True, True], tables


def test_outside_a_request_there_is_english_and_utc(database: Database) -> None:
    assert choice.current() == choice.LocaleChoice("en")
    assert formats.in_words(240) == "4 min ago"


def test_a_language_is_one_file_and_brings_its_direction(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, browser: Callable[[], Browser]
) -> None:
    (tmp_path / "ar.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Password"\nmsgstr "كلمة المرور"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)

    page = app.test_client().get("/desk/login", headers={"Accept-Language": "ar"}).text

    assert '<html lang="ar" dir="rtl">' in page
    assert "كلمة المرور" in page


def test_the_page_tells_its_scripts_their_sentences(app: Flask) -> None:
    page = app.test_client().get("/desk/login", headers={"Accept-Language": "de"}).text

    assert r"Der Server ist nicht erreichbar" in page


@pytest.mark.parametrize("language", ["de", "fr", "es"])
def test_every_page_opens_in_every_language(
    app: Flask, cast: Cast, browser: Callable[[], Browser], language: str
) -> None:
    cast.flagged()
    dora = browser().log_in_as(cast, "Dora")
    every: dict[str, Route] = app.extensions[EXTENSION]
    pages = [route.path for route in every.values() if route.place is not None or route.part is not None]
    dora.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language

    opened = {path: dora.get(f"/desk{path}") for path in pages}

    assert len(opened) >= 25
    assert {path: page.status for path, page in opened.items()} == dict.fromkeys(pages, 200)
    assert {page.html.html["lang"] for page in opened.values() if page.html.html} == {language}
