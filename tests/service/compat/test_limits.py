"""A key that asks too often hears it in the words of its dialect, and Coral, which has no key, holds its comments."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from moderation.ground.database.engine import Database, new_id
from moderation.ground.environment.settings import Settings
from moderation.ground.jobs.jobs import Queues
from moderation.pipeline.waiting import coral_rows as waiting_for_coral
from moderation.sites import sites
from moderation.sites.sites import NewSite
from moderation.spine.events import coral_rows as coral_comments
from service.app import create_app
from service.compat.coral.calls import signature
from service.context import utc_now
from tests.builders import NOON, OPERATOR
from tests.service.compat.scored import FakeScoring, take_place
from tests.statements import Asked, steps

SECRET = "empss_1"


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Nothing here depends on which database it is."""
    return sqlite_database


@pytest.fixture
def paced(settings: Settings, database: Database, queues: Queues) -> FlaskClient:
    app = create_app(replace(settings, rate_limit_per_minute=2), database=database, queues=queues)
    take_place(app, FakeScoring())
    return app.test_client()


def test_openais_clients_hear_when_to_come_back(paced: FlaskClient, api_key: str) -> None:
    headers = {"Authorization": f"Bearer {api_key}"}
    answers = [paced.post("/v1/moderations", json={"input": "Good morning."}, headers=headers) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    error: Any = answers[2].get_json()["error"]
    assert (error["type"], error["code"]) == ("requests", "rate_limit_exceeded")
    assert int(answers[2].headers["Retry-After"]) > 0
    assert answers[2].headers["x-should-retry"] == "true"


def test_akismets_clients_get_an_error_and_no_verdict(paced: FlaskClient, api_key: str) -> None:
    data = {"api_key": api_key, "blog": "https://news.example", "comment_content": "Good morning."}
    answers = [paced.post("/1.1/comment-check", data=data) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].data == b"Too many requests"
    assert int(answers[2].headers["Retry-After"]) > 0


def test_a_coral_that_sends_too_much_has_its_comments_held(
    paced: FlaskClient, database: Database, site: NewSite
) -> None:
    sites.change_settings(database, site.site.id, by=OPERATOR, now=utc_now(), coral_signing_secret=SECRET)
    raw = json.dumps({"comment": {"body": "Hello."}, "author": {"id": "a"}, "story": {"id": "s"}}).encode()
    headers = {"X-Coral-Signature": signature(SECRET, raw)}
    path = f"/coral/{site.site.id}/moderate?timeout_ms=100"

    answers = [paced.post(path, data=raw, headers=headers) for _ in range(3)]

    assert [answer.get_json()["status"] for answer in answers] == ["PREMOD"] * 3
    assert answers[2].headers["Gavel-Held-For"] == "RateLimited"


def test_what_coral_has_yet_to_hear_is_found_by_an_index(database: Database) -> None:
    asked = Asked(database)
    with asked.listening(), database.read() as conn:
        waiting_for_coral.due(conn, new_id(), now=NOON, limit=5)
        coral_comments.sites_with_due(conn, NOON)
        waiting_for_coral.find_comment_id(conn, new_id(), "c-1")

    due, with_due, found = (" ".join(steps(statement, parameters)) for statement, parameters in asked.statements)
    assert "ix_coral_comments_due" in due
    assert "ix_coral_comments_due" in with_due
    assert "ix_coral_comments_coral" in found
    assert asked.scans() == []
