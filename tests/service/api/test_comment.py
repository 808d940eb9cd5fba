"""Reading, editing and withdrawing a comment."""

from __future__ import annotations

import sqlalchemy as sa

from moderation.ground.database.engine import Database
from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.statuses import Action
from moderation.sites.sites import NewSite
from moderation.spine.articles import rows as articles
from moderation.spine.comments.tables import comment_edits
from tests.service.bodies import TEXT, a_body, problem_fields, settle
from tests.service.conftest import Caller


def record(database: Database, site_id: str) -> tuple[int, int]:
    with database.read() as conn:
        author = articles.find_author(conn, site_id, "reader-1")
    assert author is not None
    return author.published, author.rejected


def test_a_waiting_comment_has_neither_signals_nor_decision(api: Caller) -> None:
    api.post("/v1/comments", a_body(id="c-1", author={"id": "reader-1", "name": "Dana"}))

    shown = api.get("/v1/comments/c-1").json

    assert shown is not None
    assert (shown["status"], shown["version"], shown["text"]) == ("waiting", 1, TEXT)
    assert shown["author"] == {"id": "reader-1", "name": "Dana"}
    assert (shown["signals"], shown["decision"], shown["models"]) == ([], None, {})


def test_a_decided_comment_says_why(api: Caller, database: Database, site: NewSite) -> None:
    api.post("/v1/comments", a_body(id="c-1"))
    settle(database, site.site.id, "c-1", Action.FLAG, toxicity=0.91)

    shown = api.get("/v1/comments/c-1").json

    assert shown is not None
    assert (shown["status"], shown["version"], shown["models"]) == ("flagged", 2, {"toxicity": "test"})
    assert [(s["name"], s["value"]) for s in shown["signals"]] == [("toxicity", 0.91)]
    decision = shown["decision"]
    assert (decision["action"], decision["by"], decision["policy_version"]) == ("flag", "policy", 1)
    (reason,) = decision["reasons"]
    assert (reason["value"], reason["bound"], reason["limit"]) == (0.91, "at_least", 0.8)


def test_there_is_no_comment_that_nobody_sent(api: Caller) -> None:
    assert api.get("/v1/comments/c-1").status_code == 404
    assert api.patch("/v1/comments/c-1", {"text": "t"}).status_code == 404
    assert api.delete("/v1/comments/c-1").status_code == 404


def test_an_id_that_could_not_be_one_is_refused(api: Caller) -> None:
    response = api.get("/v1/comments/c%01-1")

    assert response.status_code == 422
    assert problem_fields(response.json) == ["id"]


def test_an_edit_makes_a_new_version_that_waits(api: Caller, database: Database, queues: Queues, site: NewSite) -> None:
    api.post("/v1/comments", a_body(id="c-1"))
    settle(database, site.site.id, "c-1")
    queues.redis.flushall()

    edited = api.patch("/v1/comments/c-1", {"text": " A better text. ", "version": 2})

    assert edited.status_code == 202
    assert edited.json is not None
    assert (edited.json["status"], edited.json["version"]) == ("waiting", 3)
    shown = api.get("/v1/comments/c-1").json
    assert shown is not None
    assert (shown["text"], shown["signals"], shown["decision"]) == ("A better text.", [], None)
    assert len(queues.known_ids()) == 1
    with database.read() as conn:
        assert [r.text for r in conn.execute(sa.select(comment_edits))] == [TEXT]


def test_an_edited_comment_is_decided_again(api: Caller, database: Database, site: NewSite) -> None:
    api.post("/v1/comments", a_body(id="c-1"))
    settle(database, site.site.id, "c-1")
    api.patch("/v1/comments/c-1", {"text": "A better text."})
    settle(database, site.site.id, "c-1", Action.FLAG, toxicity=0.9)

    shown = api.get("/v1/comments/c-1").json

    assert shown is not None
    assert (shown["status"], shown["version"], shown["signals"][0]["value"]) == ("flagged", 4, 0.9)


def test_an_edit_that_changes_nothing_is_no_new_version(api: Caller, database: Database, site: NewSite) -> None:
    api.post("/v1/comments", a_body(id="c-1"))
    settle(database, site.site.id, "c-1")

    same = api.patch("/v1/comments/c-1", {"text": TEXT})

    assert same.status_code == 200
    assert same.json is not None
    assert (same.json["status"], same.json["version"]) == ("published", 2)


def test_an_edit_of_an_older_version_is_refused(api: Caller, database: Database, site: NewSite) -> None:
    api.post("/v1/comments", a_body(id="c-1"))
    settle(database, site.site.id, "c-1")

    response = api.patch("/v1/comments/c-1", {"text": "Other.", "version": 1})

    assert response.status_code == 409
    assert response.json is not None
    assert response.json["current"] == {"version": 2, "status": "published", "decided_by": "policy"}
    assert api.get("/v1/comments/c-1").json["text"] == TEXT  # type: ignore[index]


def test_an_edit_is_validated_like_a_new_comment(api: Caller) -> None:
    api.post("/v1/comments", a_body(id="c-1"))

    responses = [api.patch("/v1/comments/c-1", body) for body in ({}, {"text": ""}, {"text": "x" * 20_001})]
    typed = api.patch("/v1/comments/c-1", {"text": "x", "version": "1"})

    assert [r.status_code for r in responses] == [422] * 3
    assert {f for r in responses for f in problem_fields(r.json)} == {"text"}
    assert problem_fields(typed.json) == ["version"]


def test_a_withdrawn_comment_stays_withdrawn(api: Caller, database: Database, site: NewSite) -> None:
    api.post("/v1/comments", a_body(id="c-1"))
    settle(database, site.site.id, "c-1")

    first, again = api.delete("/v1/comments/c-1"), api.delete("/v1/comments/c-1")
    edited = api.patch("/v1/comments/c-1", {"text": "Back again."})

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json is not None
    assert (first.json["status"], first.json["version"]) == ("withdrawn", 3)
    assert again.json == first.json
    assert edited.status_code == 409
    assert api.get("/v1/articles/a-1/comments").json == {"comments": [], "next": None}


def test_an_authors_record_counts_the_decisions_that_hold(api: Caller, database: Database, site: NewSite) -> None:
    api.post("/v1/comments", a_body(id="c-1"))
    settle(database, site.site.id, "c-1")
    published = record(database, site.site.id)
    api.patch("/v1/comments/c-1", {"text": "A better text."})
    edited = record(database, site.site.id)
    settle(database, site.site.id, "c-1", Action.REJECT)
    rejected = record(database, site.site.id)
    api.delete("/v1/comments/c-1")

    assert (published, edited, rejected, record(database, site.site.id)) == ((1, 0), (0, 0), (0, 1), (0, 0))
