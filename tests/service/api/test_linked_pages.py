"""Pages behind signed links: one that is forged or has expired says so in its reader's language."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from markupsafe import escape

from moderation.ground.database.engine import Database
from moderation.ground.wording.sentences import LANGUAGES, ours

PAGES = ("/statements/forged", "/notices/forged")


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Nothing here depends on which database it is."""
    return sqlite_database


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    ("accepted", "language"),
    [*((language, language) for language in LANGUAGES), ("sv, pt-BR;q=0.8", "pt"), ("sv", "en"), ("", "en")],
)
def test_a_link_that_does_not_work_says_so_in_the_browsers_language(
    client: FlaskClient, path: str, accepted: str, language: str
) -> None:
    page = client.get(path, headers={"Accept-Language": accepted} if accepted else {})

    assert page.status_code == 404
    assert f'<html lang="{language}">' in page.text
    assert f"<h1>{escape(ours(language)['link_gone_title'])}</h1>" in page.text
    assert f"<p>{escape(ours(language)['link_gone_text'])}</p>" in page.text


def test_an_appeal_by_a_forged_link_is_answered_alike(client: FlaskClient) -> None:
    page = client.post(PAGES[0], data={"text": "x"}, headers={"Accept-Language": "nl"})

    assert (page.status_code, ours("nl")["link_gone_title"] in page.text) == (404, True)
