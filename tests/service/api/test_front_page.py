"""The address of the service itself: a page for people, the same links for programs."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from moderation.ground.database.engine import Database

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Nothing here depends on which database it is."""
    return sqlite_database


def test_a_browser_gets_a_page_whose_links_lead_somewhere(client: FlaskClient) -> None:
    page = client.get("/", headers={"Accept": BROWSER})
    links = re.findall(r'href="([^"]+)"', page.text)

    assert page.mimetype == "text/html"
    assert {"/desk/review", "/docs", "/readyz"} <= set(links)
    answers = {link: client.get(link, follow_redirects=True).status_code for link in links}
    assert answers.pop("/readyz") in (200, 503)  # it answers; whether the service is ready is another question
    assert set(answers.values()) == {200}


@pytest.mark.parametrize("accept", ["application/json", "*/*", ""])
def test_a_program_gets_json(client: FlaskClient, accept: str) -> None:
    answer = client.get("/", headers={"Accept": accept})

    assert answer.mimetype == "application/json"
    assert answer.json == {"desk": "/desk/review", "docs": "/docs", "openapi": "/openapi.json", "status": "/readyz"}


def test_other_addresses_are_still_problems(client: FlaskClient) -> None:
    answer = client.get("/nothing", headers={"Accept": BROWSER})

    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
