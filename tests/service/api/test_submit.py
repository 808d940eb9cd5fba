"""Sending one comment: stored before it is answered, once for each id, and refused without a trace."""

from __future__ import annotations

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from flask_openapi3.openapi import OpenAPI
from werkzeug.test import TestResponse

from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.jobs.jobs import Queues, connect_for_web
from moderation.ground.values.comments import Lane
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.pipeline.arriving.backlog import FRESH_S
from moderation.sites.sites import NewSite, create_site
from moderation.spine.articles.tables import articles, authors
from moderation.spine.comments import rows as store
from moderation.spine.comments.tables import comments
from service.app import create_app
from service.web.places import EXTENSION, Places
from tests.builders import NOON, OPERATOR
from tests.clock import Clock
from tests.conftest import free_port
from tests.own_databases import ON_BOTH
from tests.paces import without_pace
from tests.service.bodies import TEXT, a_body, problem_fields, settle
from tests.service.conftest import Caller


def rows(database: Database) -> int:
    """Rows that a comment could have left anywhere."""
    with database.read() as conn:
        return sum(
            conn.execute(sa.select(sa.func.count()).select_from(t)).scalar_one() for t in (comments, articles, authors)
        )


def stored_lane(database: Database, external_id: str) -> str:
    with database.read() as conn:
        return str(conn.execute(sa.select(comments.c.lane).where(comments.c.external_id == external_id)).scalar_one())


def test_a_comment_is_stored_and_queued(api: Caller, database: Database, queues: Queues, site: NewSite) -> None:
    response = api.post("/v1/comments", a_body(id="c-1"))

    assert response.status_code == 202
    assert response.headers["Location"] == "/v1/comments/c-1"
    assert response.json == {
        "id": "c-1",
        "article_id": "a-1",
        "status": "waiting",
        "version": 1,
        "links": {"self": "/v1/comments/c-1", "article": "/v1/articles/a-1/comments"},
    }
    with database.read() as conn:
        comment = store.get_comment(conn, site.site.id, "c-1")
    assert comment.status is CommentStatus.WAITING
    assert queues.known_ids() == {comment.id}
    assert queues.depths()[Lane.LIVE] == 1


def test_a_comment_without_an_id_is_given_one(api: Caller) -> None:
    first, second = api.post("/v1/comments", a_body()), api.post("/v1/comments", a_body())

    assert first.json is not None
    assert second.json is not None
    assert first.json["id"] != second.json["id"]
    assert api.get(first.json["links"]["self"]).json["status"] == "waiting"  # type: ignore[index]


def test_the_same_comment_again_is_the_same_comment(api: Caller, database: Database, queues: Queues) -> None:
    body = a_body(id="c-1", author={"id": "reader-1", "name": "Dana"}, posted_at="2026-03-02T12:00:00Z")

    first, again = api.post("/v1/comments", body), api.post("/v1/comments", body)

    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json == again.json
    assert queues.depths()[Lane.LIVE] == 1
    assert rows(database) == 3


def test_the_same_comment_again_tells_its_decision(api: Caller, database: Database, site: NewSite) -> None:
    api.post("/v1/comments", a_body(id="c-1"))
    settle(database, site.site.id, "c-1", Action.PUBLISH)

    again = api.post("/v1/comments", a_body(id="c-1"))

    assert again.status_code == 200
    assert again.json is not None
    assert again.json["status"] == "published"
    assert again.json["decision"]["by"] == "policy"


@pytest.mark.parametrize(
    "other",
    [
        {"text": "Another text."},
        {"author": {"id": "reader-2"}},
        {"author": {"id": "reader-1", "name": "Dana"}},
        {"article": {"id": "a-2"}},
        {"article": {"id": "a-1", "title": "T"}},
        {"article": {"id": "a-1", "summary": "S"}},
        {"posted_at": "2026-03-02T12:00:00Z"},
        {"language": "de"},
    ],
)
def test_the_same_id_with_another_body_is_a_conflict(api: Caller, database: Database, other: dict[str, Any]) -> None:
    api.post("/v1/comments", a_body(id="c-1"))
    before = rows(database)

    response = api.post("/v1/comments", a_body(**{"id": "c-1", **other}))

    assert response.status_code == 409
    assert response.json is not None
    assert response.json["type"] == "urn:gavel:problem:id-conflict"
    assert rows(database) == before


def test_an_authors_number_is_taken_as_text(api: Caller, database: Database) -> None:
    first = api.post("/v1/comments", a_body(id="c-1", author={"id": 7}))
    again = api.post("/v1/comments", a_body(id="c-1", author={"id": "7"}))

    assert (first.status_code, again.status_code) == (202, 202)
    assert (api.get("/v1/comments/c-1").json or {})["author"]["id"] == "7"
    assert rows(database) == 3


def test_spaces_around_the_text_make_no_other_body(api: Caller) -> None:
    api.post("/v1/comments", a_body(id="c-1"))

    assert api.post("/v1/comments", a_body(f"  {TEXT}\n", id="c-1")).status_code == 202


@ON_BOTH
def test_the_same_comment_from_many_connections_is_stored_once(app: OpenAPI, api_key: str, database: Database) -> None:
    start = threading.Barrier(6)

    def send(_number: int) -> TestResponse:
        start.wait(timeout=60)
        return Caller(app.test_client(), api_key).post("/v1/comments", a_body(id="c-1"))

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, range(6)))

    assert [answer.status_code for answer in answers] == [202] * 6
    assert rows(database) == 3


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "article"),
        (a_body(article={}), "article.id"),
        (a_body(article={"id": ""}), "article.id"),
        (a_body(article={"id": "a" * 201}), "article.id"),
        (a_body(article={"id": ".."}), "article.id"),
        (a_body(article={"id": 7}), "article.id"),
        (a_body(article={"id": "a-1", "url": "javascript:alert(1)"}), "article.url"),
        (a_body(article={"id": "a-1", "title": "a\x07b"}), "article.title"),
        (a_body(author={}), "author.id"),
        (a_body(author={"id": " x"}), "author.id"),
        (a_body(author={"id": True}), "author.id"),
        (a_body(author={"id": -7}), "author.id"),
        (a_body(author={"id": 7.5}), "author.id"),
        (a_body(author={"id": "r", "name": "n" * 201}), "author.name"),
        (a_body(id="c\n1"), "id"),
        (a_body(""), "text"),
        (a_body(" \n\t "), "text"),
        (a_body("x" * 20_001), "text"),
        (a_body("a\x1bb"), "text"),
        (a_body("a\x85b"), "text"),
        (a_body(["a"]), "text"),  # type: ignore[arg-type]
        (a_body(posted_at="yesterday"), "posted_at"),
        (a_body(posted_at="2199-01-01T00:00:00Z"), "posted_at"),
        (a_body(posted_at="2026-03-02T12:00:00"), "posted_at"),
        (a_body(posted_at=1_772_452_800), "posted_at"),
        (a_body(posted_at="0001-01-01T00:00:00+14:00"), "posted_at"),
        (a_body(posted_at="9999-12-31T23:59:59-14:00"), "posted_at"),
        (a_body(language="english!"), "language"),
        (a_body(parent_id="c-0"), "parent_id"),
    ],
)
def test_a_refusal_names_its_field_and_leaves_no_row(
    api: Caller, database: Database, queues: Queues, body: dict[str, Any], field: str
) -> None:
    response = api.post("/v1/comments", body)

    assert response.status_code == 422
    assert field in problem_fields(response.json)
    assert rows(database) == 0
    assert queues.known_ids() == set()


@pytest.mark.parametrize(
    "body",
    [
        a_body("x"),
        a_body("x" * 20_000),
        a_body("  " + "x" * 20_000 + "  "),
        a_body("\U0001f600" * 20_000),
        a_body("one\ntwo\ttabs\r\nthree"),
        a_body(article={"id": "a" * 200}),
        a_body(article={"id": "news:2026?x=1#frag%20"}),
        a_body(id="ärger 7"),
        a_body(author={"id": "urn:reader/7", "name": "\U0001f469\u200d\U0001f52c Dana"}),
        a_body(posted_at="2026-03-02T12:00:00+01:00", language="pt-BR"),
    ],
    ids=range(10),
)
def test_a_comment_just_within_the_limits_is_accepted(api: Caller, body: dict[str, Any]) -> None:
    response = api.post("/v1/comments", body)

    assert response.status_code == 202, response.text
    assert response.json is not None
    shown = api.get(response.json["links"]["self"]).json
    assert shown is not None
    assert shown["text"] == body["text"].strip()
    assert shown["author"]["id"] == body["author"]["id"]
    assert api.get(response.json["links"]["article"]).status_code == 200


def test_a_reply_names_its_parent(api: Caller) -> None:
    api.post("/v1/comments", a_body(id="c-1"))

    reply = api.post("/v1/comments", a_body("I agree.", id="c-2", parent_id="c-1"))
    elsewhere = api.post("/v1/comments", a_body("Here?", id="c-3", parent_id="c-1", article={"id": "a-2"}))

    assert reply.status_code == 202
    assert api.get("/v1/comments/c-2").json["parent_id"] == "c-1"  # type: ignore[index]
    assert elsewhere.status_code == 422
    assert problem_fields(elsewhere.json) == ["parent_id"]


def test_a_closed_article_takes_no_comment(api: Caller, database: Database) -> None:
    api.put("/v1/articles/a-1", {"title": "T", "state": "closed"})

    response = api.post("/v1/comments", a_body(id="c-1"))

    assert response.status_code == 409
    assert response.json is not None
    assert response.json["type"] == "urn:gavel:problem:article-closed"
    assert api.get("/v1/comments/c-1").status_code == 404


@ON_BOTH
def test_a_comment_brings_its_article_and_changes_only_the_fields_it_has(api: Caller) -> None:
    api.post("/v1/comments", a_body(article={"id": "a-1", "title": "First", "section": "local"}))
    api.post("/v1/comments", a_body(article={"id": "a-1", "title": "Second"}))

    article = api.get("/v1/articles/a-1").json

    assert article is not None
    assert (article["title"], article["section"], article["state"]) == ("Second", "local", "open")


def test_a_comment_is_taken_while_redis_is_away(settings: Settings, database: Database, site: NewSite) -> None:
    away = Queues(connect_for_web(f"redis://127.0.0.1:{free_port()}/0"))
    api = Caller(create_app(settings, database=database, queues=away).test_client(), site.key.token)

    response = api.post("/v1/comments", a_body(id="c-1"))

    assert response.status_code == 202
    assert api.get("/v1/comments/c-1").json["status"] == "waiting"  # type: ignore[index]


class TestPreferWait:
    @ON_BOTH
    def test_a_decision_that_comes_in_time_is_the_answer(self, api: Caller, database: Database, site: NewSite) -> None:
        decided = threading.Thread(target=settle_soon, args=(database, site.site.id, "c-1"))
        decided.start()

        response = api.post("/v1/comments", a_body(id="c-1"), headers={"Prefer": "wait=10"})
        decided.join()

        assert response.status_code == 200
        assert response.headers["Preference-Applied"] == "wait=10"
        assert response.json is not None
        assert response.json["status"] == "published"
        assert response.json["decision"]["reasons"][0]["limit"] == 0.8
        assert stored_lane(database, "c-1") == Lane.INTERACTIVE

    def test_without_a_decision_in_time_it_waits(self, api: Caller, database: Database) -> None:
        before = time.monotonic()

        response = api.post("/v1/comments", a_body(id="c-1"), headers={"Prefer": "respond-async, wait=1"})

        assert response.status_code == 202
        assert response.headers["Preference-Applied"] == "wait=1"
        assert time.monotonic() - before >= 1

    @pytest.mark.parametrize("prefer", ["", "wait=0", "wait=-1", "wait=soon", "handling=strict", "nowait=5"])
    def test_a_request_without_a_wait_gets_none(self, api: Caller, database: Database, prefer: str) -> None:
        response = api.post("/v1/comments", a_body(id="c-1"), headers={"Prefer": prefer})

        assert response.status_code == 202
        assert "Preference-Applied" not in response.headers
        assert stored_lane(database, "c-1") == Lane.LIVE

    @pytest.mark.parametrize(("prefer", "applied"), [("wait=60", 10), ('Wait="4"', 4), ("wait=3;x=y, wait=9", 3)])
    def test_the_wait_is_cut_at_ten_seconds(self, app: OpenAPI, prefer: str, applied: int) -> None:
        from service.api.prefer import wait_s

        with app.test_request_context(headers={"Prefer": prefer}):
            assert wait_s() == applied

    def test_when_no_place_is_free_the_answer_comes_at_once(self, app: OpenAPI, api: Caller) -> None:
        places: Places = app.extensions[EXTENSION]
        for number in range(places.most):
            assert places.take(f"another-{number}")

        response = api.post("/v1/comments", a_body(id="c-1"), headers={"Prefer": "wait=10"})

        assert response.status_code == 202
        assert "Preference-Applied" not in response.headers


def settle_soon(database: Database, site_id: str, external_id: str) -> None:
    """As soon as the comment is there."""
    until = time.monotonic() + 8
    while time.monotonic() < until:
        with database.read() as conn:
            if store.find_comment(conn, site_id, external_id):
                break
        time.sleep(0.02)
    settle(database, site_id, external_id)


class TestBacklog:
    @pytest.fixture
    def clock(self) -> Clock:
        return Clock()

    @pytest.fixture
    def crowded(self, settings: Settings, database: Database, queues: Queues, api_key: str, clock: Clock) -> Caller:
        app = create_app(replace(settings, backlog_limit=2), database=database, queues=queues, clock=clock)
        return Caller(app.test_client(), api_key)

    @ON_BOTH
    def test_over_the_limit_nothing_is_stored(self, crowded: Caller, database: Database, clock: Clock) -> None:
        assert [crowded.post("/v1/comments", a_body(id=f"c-{n}")).status_code for n in (1, 2)] == [202, 202]
        before = rows(database)
        clock.moment += FRESH_S

        response = crowded.post("/v1/comments", a_body(id="c-3"))

        assert response.status_code == 503
        assert response.headers["Retry-After"] == "60"  # nothing was decided in the last minute
        assert response.json is not None
        assert response.json["type"] == "urn:gavel:problem:backlog-full"
        assert rows(database) == before

    def test_a_count_serves_for_a_second(self, crowded: Caller, clock: Clock) -> None:
        codes = [crowded.post("/v1/comments", a_body(id=f"c-{n}")).status_code for n in range(3)]
        clock.moment += FRESH_S - 0.01

        assert codes == [202, 202, 202]
        assert crowded.post("/v1/comments", a_body(id="c-8")).status_code == 202
        clock.moment += 0.01
        assert crowded.post("/v1/comments", a_body(id="c-9")).status_code == 503

    def test_retry_after_follows_the_pace(
        self, crowded: Caller, database: Database, site: NewSite, clock: Clock
    ) -> None:
        for number in range(4):
            crowded.post("/v1/comments", a_body(id=f"c-{number}"))
        settle(database, site.site.id, "c-0")
        clock.moment += FRESH_S

        response = crowded.post("/v1/comments", a_body(id="c-9"))

        assert response.status_code == 503
        assert response.headers["Retry-After"] == "12"  # a tenth of 2 at one a minute

    def test_a_batch_that_would_not_fit_is_refused_whole(self, crowded: Caller, database: Database) -> None:
        response = crowded.post("/v1/comments:batch", {"comments": [a_body() for _ in range(3)]})

        assert response.status_code == 503
        assert rows(database) == 0

    def test_a_site_that_fills_the_backlog_turns_no_other_site_away(
        self, settings: Settings, database: Database, queues: Queues, api_key: str, clock: Clock
    ) -> None:
        app = create_app(replace(settings, backlog_limit=24), database=database, queues=queues, clock=clock)
        others = [without_pace(database, create_site(database, f"Site {n}", by=OPERATOR, now=NOON)) for n in range(2)]
        flood, quiet, late = (Caller(app.test_client(), key) for key in (api_key, *(o.key.token for o in others)))

        def send(caller: Caller) -> int:
            clock.moment += FRESH_S
            return caller.post("/v1/comments", a_body()).status_code

        codes = Counter(send(flood) for _ in range(30))

        assert codes == {202: 16, 503: 14}  # its own sixth of the half, and the whole other half
        assert [send(quiet) for _ in range(5)] == [202] * 4 + [503]
        assert [send(late) for _ in range(5)] == [202] * 4 + [503]
        assert flood.post("/v1/comments:batch", {"comments": [a_body()]}).status_code == 503
        with database.read() as conn:
            assert conn.execute(sa.select(sa.func.count()).select_from(comments)).scalar_one() == 24
