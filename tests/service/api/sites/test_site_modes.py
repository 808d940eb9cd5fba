"""Modes for breaking news by API: started and ended by the site, and seen by its readers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from service.context import utc_now
from tests.own_databases import ON_BOTH
from tests.service.bodies import a_body, problem_fields
from tests.service.conftest import Caller

PATH = "/v1/site/modes"


def started(api: Caller, **body: object) -> dict[str, Any]:
    answer = api.post(PATH, {"hours": 3, **body})
    assert answer.status_code == 201, answer.text
    return json_of(answer)


def json_of(answer: TestResponse) -> dict[str, Any]:
    assert answer.json is not None
    return dict(answer.json)


@ON_BOTH
def test_a_mode_is_started_listed_seen_and_ended(api: Caller) -> None:
    api.put("/v1/articles/a-1", {"title": "Ferry stops", "section": "City"})
    before = utc_now()

    made = started(api, mode="everything_waits", article="a-1")

    assert (made["mode"], made["article"], made["section"]) == ("everything_waits", "a-1", None)
    until = datetime.fromisoformat(made["until"])
    assert before + timedelta(hours=3) <= until <= utc_now() + timedelta(hours=3)
    assert api.get(PATH).json == {"modes": [made]}
    assert json_of(api.get("/v1/articles/a-1"))["mode"] == {"name": "everything_waits", "until": made["until"]}
    ended = [api.delete(f"{PATH}/{made['id']}") for _ in range(2)]
    assert [answer.status_code for answer in ended] == [200, 200]
    assert api.get(PATH).json == {"modes": []}
    assert json_of(api.get("/v1/articles/a-1"))["mode"] is None


def test_while_a_site_is_slow_a_second_comment_is_refused_with_when_to_come_back(api: Caller) -> None:
    started(api, mode="slow", minutes=10)

    answers = [api.post("/v1/comments", a_body(id=f"c-{number}")) for number in range(2)]

    assert [answer.status_code for answer in answers] == [202, 429]
    problem = json_of(answers[1])
    assert problem["type"] == "urn:gavel:problem:author-rate-limited"
    assert problem_fields(problem) == ["author.id"]
    assert 590 <= int(answers[1].headers["Retry-After"]) <= 600
    assert api.get("/v1/comments/c-1").status_code == 404


def test_while_a_section_is_closed_new_comments_are_refused_until_the_end(api: Caller) -> None:
    api.put("/v1/articles/a-1", {"title": "Ferry stops", "section": "City"})
    made = started(api, mode="closed", section="City")
    body = a_body(id="c-1", article={"id": "a-1"})

    refused = api.post("/v1/comments", body)
    batch = api.post("/v1/comments:batch", {"comments": [body]})
    checked = api.post("/v1/check", {"text": "At last.", "article": {"id": "a-1"}})

    assert [refused.status_code, checked.status_code] == [409, 409]
    problem = json_of(refused)
    assert problem["type"] == "urn:gavel:problem:article-closed"
    assert datetime.fromisoformat(problem["until"]) == datetime.fromisoformat(made["until"])
    assert json_of(batch)["results"][0]["status"] == 409
    assert api.post("/v1/comments", a_body(id="c-2", article={"id": "a-2"})).status_code == 202


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"mode": "slow"}, ["until"]),
        ({"mode": "slow", "hours": 3, "until": "2026-12-24T12:00:00Z"}, ["until"]),
        ({"mode": "slow", "until": "2020-12-24T12:00:00Z"}, ["until"]),
        ({"mode": "quiet", "hours": 3}, ["mode"]),
        ({"mode": "slow", "hours": 0}, ["hours"]),
        ({"mode": "slow", "hours": 169}, ["hours"]),
        ({"mode": "slow", "hours": 3, "minutes": 61}, ["minutes"]),
        ({"mode": "slow", "hours": 3, "section": "Nowhere"}, ["section"]),
        ({"mode": "slow", "hours": 3, "rubric": "City"}, ["rubric"]),
    ],
)
def test_a_wish_that_makes_no_sense_names_its_field(api: Caller, body: dict[str, object], fields: list[str]) -> None:
    answer = api.post(PATH, body)

    assert (answer.status_code, problem_fields(answer.json)) == (422, fields)
    assert api.get(PATH).json == {"modes": []}


def test_an_article_that_is_unknown_has_no_mode(api: Caller) -> None:
    assert api.post(PATH, {"mode": "slow", "hours": 3, "article": "nothing"}).status_code == 404
