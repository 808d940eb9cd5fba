"""Sending many comments at once: each is taken or refused by itself, in order."""

from __future__ import annotations

import random

import pytest
import sqlalchemy as sa

from moderation.ground.database.engine import Database
from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.comments import Lane
from moderation.sites.sites import NewSite
from moderation.spine.comments.tables import comments
from tests.own_databases import ON_BOTH
from tests.service.bodies import a_body, problem_fields, settle
from tests.service.conftest import Caller


def stored(database: Database) -> int:
    with database.read() as conn:
        return int(conn.execute(sa.select(sa.func.count()).select_from(comments)).scalar_one())


def test_each_comment_has_its_own_result_in_order(api: Caller, database: Database, queues: Queues) -> None:
    api.post("/v1/comments", a_body(id="taken"))
    api.put("/v1/articles/closed", {"title": "T", "state": "closed"})
    batch = [
        a_body(id="c-1"),
        a_body("", id="c-2"),
        a_body("Another text.", id="taken"),
        7,
        a_body(article={"id": "closed"}),
        a_body(id="c-1"),
        a_body("I agree.", id="c-3", parent_id="c-1"),
        a_body(mood="angry"),
    ]

    response = api.post("/v1/comments:batch", {"comments": batch})

    assert response.status_code == 200
    assert response.json is not None
    results = response.json["results"]
    assert [r["status"] for r in results] == [202, 422, 409, 422, 409, 202, 202, 422]
    assert [r.get("comment", {}).get("id") for r in results] == ["c-1", None, None, None, None, "c-1", "c-3", None]
    assert [problem_fields(r["problem"]) for r in results if r["status"] == 422] == [["text"], ["body"], ["mood"]]
    assert stored(database) == 3
    assert queues.depths()[Lane.BULK] == 2


def test_a_comment_that_is_decided_already_says_so(api: Caller, database: Database, site: NewSite) -> None:
    api.post("/v1/comments", a_body(id="c-1"))
    settle(database, site.site.id, "c-1")

    response = api.post("/v1/comments:batch", {"comments": [a_body(id="c-1")]})

    assert response.json is not None
    assert response.json["results"][0]["status"] == 200
    assert response.json["results"][0]["comment"]["status"] == "published"


@pytest.mark.parametrize(("count", "status"), [(0, 422), (1, 200), (500, 200), (501, 422)])
def test_a_batch_holds_1_to_500(api: Caller, database: Database, count: int, status: int) -> None:
    response = api.post("/v1/comments:batch", {"comments": [a_body(id=f"c-{n}") for n in range(count)]})

    assert response.status_code == status
    assert stored(database) == (count if status == 200 else 0)


def test_a_batch_of_long_comments_is_taken(api: Caller, database: Database) -> None:
    response = api.post("/v1/comments:batch", {"comments": [a_body("x" * 8_000, id=f"c-{n}") for n in range(100)]})

    assert response.status_code == 200
    assert stored(database) == 100


def test_a_batch_may_have_4_mib(api: Caller) -> None:
    response = api.post("/v1/comments:batch", {"comments": [a_body("x" * 20_000) for _ in range(220)]})

    assert response.status_code == 413


def test_the_longest_titles_are_taken_and_take_nobody_along(api: Caller, database: Database) -> None:
    title = "".join(map(chr, random.Random(1).sample(range(0x20000, 0x2A6D6), 1_000)))  # 4,000 bytes, not compressible
    batch = [a_body(id="c-1"), a_body(id="c-2", article={"id": "a-2", "title": title}), a_body(id="c-3")]

    response = api.post("/v1/comments:batch", {"comments": batch})

    assert response.json is not None
    assert [result["status"] for result in response.json["results"]] == [202, 202, 202]
    assert api.put("/v1/articles/a-3", {"title": title}).status_code in (200, 201)
    assert stored(database) == 3


def test_a_batch_of_millions_of_values_is_refused_by_its_field(api: Caller) -> None:
    lists = ",".join(["[]"] * 1_300_000)

    response = api.post("/v1/comments:batch", data=f'{{"comments":[{lists}]}}', content_type="application/json")

    assert response.json is not None
    assert response.status_code == 422
    assert response.json["errors"] == [{"field": "comments", "message": "has more than 50,000 values"}]


@ON_BOTH
def test_the_largest_comments_fill_a_batch(api: Caller) -> None:
    described = {"title": "[{,", "url": "https://example.org/a", "section": "s"}
    known = {"name": "D", "created_at": "2026-01-01T00:00:00Z", "email_domain": "example.org", "address": "192.0.2.1"}
    rows = [
        {
            "id": f"c-{number}",
            "article": {"id": f"a-{number % 5}", **described},
            "author": {"id": f"u-{number}", **known},
            "text": f"Comment, number {number}",
            "posted_at": "2026-01-01T00:00:00Z",
            "language": "en",
            "typed_s": 3.0,
        }
        for number in range(500)
    ]

    response = api.post("/v1/comments:batch", {"comments": rows})

    assert response.json is not None
    assert response.status_code == 200
    assert [result.get("problem") for result in response.json["results"]] == [None] * 500


def test_of_thousands_of_problems_the_first_hundred_are_listed(api: Caller) -> None:
    unknown = {f"unknown_{number}": number for number in range(5_000)}

    response = api.post("/v1/comments", {**unknown, "text": "The crane."})

    assert response.json is not None
    assert response.status_code == 422
    *listed, last = response.json["errors"]
    assert len(listed) == 100
    assert last == {"field": "body", "message": "has 4,902 more problems"}
