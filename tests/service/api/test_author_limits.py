"""How fast one reader may write, where the site limits it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask_openapi3.openapi import OpenAPI

from moderation.ground.database.engine import Database
from moderation.ground.errors import AuthorTooFast
from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.comments import Lane
from moderation.judging.text.reading_cost import cost_of
from moderation.pipeline.arriving import intake
from moderation.pipeline.arriving.reader_limits import MOST_COST
from moderation.pipeline.arriving.settings import PACE
from moderation.pipeline.arriving.submission import Submission
from moderation.sites import sites
from moderation.sites.sites import NewSite
from service.context import utc_now
from tests.builders import OPERATOR
from tests.own_databases import ON_BOTH
from tests.service.bodies import a_body, problem_fields
from tests.service.conftest import Caller

LIMITS = "/v1/site/author-limits"
DOTS = "…‥" * 9_950


def limit(api: Caller, per_minute: int | None) -> None:
    assert api.put(LIMITS, {"comments_per_author_per_minute": per_minute}).status_code == 200


def test_a_new_site_lets_one_reader_send_twenty_comments_a_minute(app: OpenAPI, database: Database) -> None:
    key = sites.create_site(database, "A new site", by=OPERATOR, now=utc_now()).key.token
    api = Caller(app.test_client(), key)

    answers = [api.post("/v1/comments", a_body(id=f"c-{number}")).status_code for number in range(PACE + 1)]

    assert PACE == 20
    assert api.get(LIMITS).json == {
        "comments_per_author_per_minute": PACE,
        "reader_edit_minutes": 15,
        "close_after_days": None,
    }
    assert answers == [202] * PACE + [429]


def test_a_site_may_limit_nobody(api: Caller) -> None:
    limit(api, 1)
    limit(api, None)

    answers = [api.post("/v1/comments", a_body(text=DOTS)).status_code for _ in range(PACE + 1)]

    assert api.get(LIMITS).json == {
        "comments_per_author_per_minute": None,
        "reader_edit_minutes": 15,
        "close_after_days": None,
    }
    assert set(answers) == {202}


def test_one_reader_may_send_a_few_comments_that_take_much_reading(api: Caller) -> None:
    limit(api, 1_000)
    most = MOST_COST // cost_of(DOTS)

    answers = [api.post("/v1/comments", a_body(text=DOTS)) for _ in range(most + 1)]

    assert [answer.status_code for answer in answers] == [202] * most + [429]
    assert problem_fields(answers[-1].json) == ["author.id"]
    assert "take more reading" in answers[-1].json["errors"][0]["message"]  # type: ignore[index]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert api.post("/v1/comments", a_body(text=DOTS, author={"id": "reader-2"})).status_code == 202


def test_a_reader_who_writes_too_fast_is_named_with_when_to_come_back(api: Caller) -> None:
    limit(api, 2)

    answers = [api.post("/v1/comments", a_body(id=f"c-{number}")) for number in range(3)]

    assert [answer.status_code for answer in answers] == [202, 202, 429]
    refused = answers[2]
    assert refused.json is not None
    assert refused.json["type"] == "urn:gavel:problem:author-rate-limited"
    assert problem_fields(refused.json) == ["author.id"]
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert api.get("/v1/comments/c-2").status_code == 404
    assert api.post("/v1/comments", a_body(author={"id": "reader-2"})).status_code == 202


def test_what_was_sent_before_is_no_new_comment(api: Caller) -> None:
    limit(api, 1)
    api.post("/v1/comments", a_body(id="c-1"))

    assert api.post("/v1/comments", a_body(id="c-1")).status_code == 202
    assert api.patch("/v1/comments/c-1", {"text": "A better text."}).status_code == 202


def test_a_refused_comment_leaves_neither_article_nor_name(api: Caller) -> None:
    limit(api, 1)
    api.post("/v1/comments", a_body(author={"id": "reader-1", "name": "Dana"}))

    api.post("/v1/comments", a_body(article={"id": "a-9", "title": "T"}, author={"id": "reader-1", "name": "Dora"}))

    assert api.get("/v1/articles/a-9").status_code == 404
    assert api.get("/v1/authors/reader-1").json["author"]["name"] == "Dana"  # type: ignore[index]


def test_an_import_is_not_limited_and_does_not_wait_for_it(api: Caller) -> None:
    limit(api, 1)

    results = api.post("/v1/comments:batch", {"comments": [a_body() for _ in range(5)]}).json

    assert results is not None
    assert [result["status"] for result in results["results"]] == [202] * 5


def test_a_minute_later_there_is_room_again(database: Database, queues: Queues, api: Caller, site: NewSite) -> None:
    limit(api, 2)
    noon = utc_now()

    def send(seconds: int) -> int:
        submission = Submission("a-1", "reader-1", "Text.", posted_at=noon - timedelta(days=9))
        moment = noon + timedelta(seconds=seconds)
        try:
            intake.submit(database, queues, site.site.id, submission, lane=Lane.LIVE, now=moment)
        except AuthorTooFast as e:
            return e.retry_after_s
        return 0

    assert [send(0), send(20), send(30), send(59), send(60), send(61), send(80)] == [0, 0, 30, 1, 0, 19, 0]


@ON_BOTH
def test_the_limit_holds_over_requests_at_the_same_moment(app: OpenAPI, api: Caller) -> None:
    limit(api, 3)

    def send(_number: int) -> int:
        return Caller(app.test_client(), api.token).post("/v1/comments", a_body()).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(16)))

    assert sorted(answers) == [202] * 3 + [429] * 13


@pytest.mark.parametrize("per_minute", [0, -1, 1_001, 1.5, "5", True])
def test_a_limit_that_makes_no_sense_is_refused_by_its_field(api: Caller, per_minute: object) -> None:
    response = api.put(LIMITS, {"comments_per_author_per_minute": per_minute})

    assert response.status_code == 422
    assert problem_fields(response.json) == ["comments_per_author_per_minute"]
    assert api.put(LIMITS, {}).status_code == 422
