"""Articles, and the pages of comments that a site shows under them."""

from __future__ import annotations

from typing import Any

import pytest

from moderation.ground.database.engine import Database
from moderation.ground.values.statuses import Action
from moderation.sites.sites import NewSite
from tests.own_databases import ON_BOTH
from tests.service.bodies import a_body, problem_fields, settle
from tests.service.conftest import Caller


def pages(api: Caller, query: str) -> list[list[str]]:
    """The ids of every page, followed by its cursor to the end."""
    found: list[list[str]] = []
    after = ""
    while True:
        page = api.get(f"/v1/articles/a-1/comments?{query}{after}").json
        assert page is not None
        found.append([comment["id"] for comment in page["comments"]])
        if page["next"] is None:
            return found
        after = f"&after={page['next']}"


def test_an_article_is_made_and_replaced(api: Caller) -> None:
    body = {
        "title": "Ferry to run all winter",
        "url": "https://news.example/ferry",
        "summary": "The council gave way.",
        "text": "The council voted\non Monday.",
        "section": "local",
        "tags": ["ferry", "council"],
        "language": "en",
        "question": "Would you take it?",
        "state": "premoderated",
    }

    made, read = api.put("/v1/articles/a-1", body), api.get("/v1/articles/a-1")
    replaced = api.put("/v1/articles/a-1", {"title": "Ferry stops"})

    assert made.status_code == 201
    assert made.json == {"id": "a-1", **body, "mode": None}
    assert read.json == made.json
    assert replaced.status_code == 200
    assert replaced.json is not None
    assert (replaced.json["title"], replaced.json["text"], replaced.json["state"]) == ("Ferry stops", None, "open")


@ON_BOTH
def test_a_comment_may_bring_its_articles_summary(api: Caller) -> None:
    api.put("/v1/articles/a-1", {"title": "Ferry stops", "summary": "For the winter."})

    api.post("/v1/comments", a_body(article={"id": "a-1", "summary": "For good."}))

    read = api.get("/v1/articles/a-1").json
    assert read is not None
    assert (read["title"], read["summary"]) == ("Ferry stops", "For good.")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "title"),
        ({"title": ""}, "title"),
        ({"title": "t" * 1_001}, "title"),
        ({"title": "T", "state": "shut"}, "state"),
        ({"title": "T", "url": "ftp://x.example"}, "url"),
        ({"title": "T", "tags": ["x"] * 51}, "tags"),
        ({"title": "T", "tags": ["x", ""]}, "tags[1]"),
        ({"title": "T", "tags": "x"}, "tags"),
        ({"title": "T", "text": "a\x00b"}, None),
        ({"title": "T", "text": "a\x07b"}, "text"),
        ({"title": "T", "summary": "s" * 5_001}, "summary"),
        ({"title": "T", "summary": "a\x07b"}, "summary"),
        ({"title": "T", "body": "x"}, "body"),
        ({"title": "T", "section": "s" * 101}, "section"),
    ],
)
def test_a_refused_article_is_not_made(api: Caller, body: dict[str, Any], field: str | None) -> None:
    response = api.put("/v1/articles/a-1", body)

    assert response.status_code == (422 if field else 400)
    assert problem_fields(response.json) == ([field] if field else [])
    assert api.get("/v1/articles/a-1").status_code == 404


def test_ids_are_the_sites_own_with_any_characters(api: Caller) -> None:
    made = api.put("/v1/articles/2026%3A%20caf%C3%A9%3Fx=1", {"title": "T"})

    assert made.json is not None
    assert made.json["id"] == "2026: café?x=1"
    api.post("/v1/comments", a_body(id="c 1#", article={"id": "2026: café?x=1"}))
    listed = api.get("/v1/articles/2026%3A%20caf%C3%A9%3Fx=1/comments?status=waiting").json
    assert listed is not None
    (comment,) = listed["comments"]
    assert comment["links"]["self"] == "/v1/comments/c%201%23"
    assert api.get(comment["links"]["self"]).json["id"] == "c 1#"  # type: ignore[index]
    assert api.get(comment["links"]["article"]).status_code == 200


def test_only_published_comments_are_listed_unless_others_are_asked_for(
    api: Caller, database: Database, site: NewSite
) -> None:
    for number, action in enumerate((Action.PUBLISH, Action.FLAG, Action.REJECT, None)):
        api.post("/v1/comments", a_body(id=f"c-{number}"))
        if action:
            settle(database, site.site.id, f"c-{number}", action)
    api.post("/v1/comments", a_body(id="elsewhere", article={"id": "a-2"}))
    settle(database, site.site.id, "elsewhere")

    assert pages(api, "") == [["c-0"]]
    assert pages(api, "status=flagged") == [["c-1"]]
    assert pages(api, "status=rejected") == [["c-2"]]
    assert pages(api, "status=waiting") == [["c-3"]]
    assert pages(api, "status=withdrawn") == [[]]


def test_a_listed_comment_shows_no_scores(api: Caller, database: Database, site: NewSite) -> None:
    api.post("/v1/comments", a_body(id="c-1", author={"id": "reader-1", "name": "Dana"}))
    settle(database, site.site.id, "c-1")

    page = api.get("/v1/articles/a-1/comments").json

    assert page is not None
    (shown,) = page["comments"]
    assert set(shown) == {
        "id", "article_id", "author", "parent_id", "parent_published", "replies", "text", "language", "status",
        "version", "posted_at", "received_at", "updated_at", "featured", "links",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (1, [["c-2"], ["c-0"], ["c-1"], ["c-3"]]),
        (3, [["c-2", "c-0", "c-1"], ["c-3"]]),
        (4, [["c-2", "c-0", "c-1", "c-3"]]),
    ],
)
def test_pages_go_by_time_of_writing_and_miss_none(api: Caller, limit: int, expected: list[list[str]]) -> None:
    written = ("2026-03-02T12:00:01Z", "2026-03-02T12:00:01Z", "2026-03-02T11:59:00Z", "2026-03-02T14:00:02+01:00")
    for number, posted_at in enumerate(written):
        api.post("/v1/comments", a_body(id=f"c-{number}", posted_at=posted_at))

    assert pages(api, f"status=waiting&limit={limit}") == expected


@ON_BOTH
def test_a_page_is_the_same_when_something_older_was_added(api: Caller) -> None:
    for number in range(4):
        api.post("/v1/comments", a_body(id=f"c-{number}", posted_at=f"2026-03-02T12:00:0{number}Z"))
    first = api.get("/v1/articles/a-1/comments?status=waiting&limit=2").json
    assert first is not None
    api.post("/v1/comments", a_body(id="older", posted_at="2026-03-01T12:00:00Z"))

    second = api.get(f"/v1/articles/a-1/comments?status=waiting&limit=2&after={first['next']}").json

    assert second is not None
    assert [c["id"] for c in second["comments"]] == ["c-2", "c-3"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=x", "limit"),
        ("status=hidden", "status"),
        ("after=", "after"),
        ("after=x", "after"),
        ("after=1.x", "after"),
        ("after=1.zzzzzzzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz", "after"),
        ("after=99999999999999999999999.01a21022-6248-7aa4-98be-b8141b0f4638", "after"),
        ("after=%01", "after"),
        ("page=2", "page"),
        ("order=best", "order"),
        ("order=most_replied&after=1.01a21022-6248-7aa4-98be-b8141b0f4638", "after"),
        ("order=most_replied&after=x.1.01a21022-6248-7aa4-98be-b8141b0f4638", "after"),
        ("order=newest&after=x", "after"),
    ],
)
def test_a_wrong_query_names_its_parameter(api: Caller, query: str, field: str) -> None:
    api.put("/v1/articles/a-1", {"title": "T"})

    response = api.get(f"/v1/articles/a-1/comments?{query}")

    assert response.status_code == 422
    assert problem_fields(response.json) == [field]


@pytest.mark.parametrize("limit", [1, 200])
def test_limits_up_to_the_bounds_are_taken(api: Caller, limit: int) -> None:
    api.put("/v1/articles/a-1", {"title": "T"})

    assert api.get(f"/v1/articles/a-1/comments?limit={limit}").status_code == 200


def test_an_article_that_nobody_knows_has_an_empty_list(api: Caller) -> None:
    response = api.get("/v1/articles/a-1/comments")

    assert (response.status_code, response.json) == (200, {"comments": [], "next": None})
    assert api.get("/v1/articles/a-1").status_code == 404
