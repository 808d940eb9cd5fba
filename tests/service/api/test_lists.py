"""Lists beyond the plain one of an article: other orders, replies, over the whole site, counts and states."""

from __future__ import annotations

from typing import Any

import pytest

from moderation.ground.database.engine import Database
from moderation.ground.values.statuses import Action
from moderation.sites.sites import NewSite
from tests.own_databases import ON_BOTH
from tests.service.bodies import a_body, problem_fields, settle
from tests.service.conftest import Caller


@pytest.fixture(autouse=True)
def thread(api: Caller, database: Database, site: NewSite) -> None:
    """Five comments on a-1, a minute apart: c-1 has two published replies and a rejected one, c-2 one. One on a-2."""
    written = {"c-0": None, "c-1": None, "c-2": None, "r-1": "c-1", "r-2": "c-1", "r-3": "c-1", "r-4": "c-2"}
    for minute, (comment, parent) in enumerate(written.items()):
        told: dict[str, Any] = {"id": comment, "parent_id": parent, "posted_at": f"2026-03-02T12:0{minute}:00Z"}
        api.post("/v1/comments", a_body(author={"id": f"reader-{minute % 2}"}, **told))
        settle(database, site.site.id, comment, Action.REJECT if comment == "r-3" else Action.PUBLISH)
    api.post("/v1/comments", a_body(id="e-1", article={"id": "a-2"}, posted_at="2026-03-02T11:00:00Z"))
    settle(database, site.site.id, "e-1", Action.FLAG)


def ids(api: Caller, path: str, query: str, limit: int = 50) -> list[str]:
    """Of every page, followed by its cursor to the end."""
    found: list[str] = []
    after = ""
    for _page in range(20):
        page = api.get(f"/v1/{path}?limit={limit}{query}{after}").json
        assert page is not None
        assert len(page["comments"]) <= limit
        found += [comment["id"] for comment in page["comments"]]
        if page["next"] is None:
            return found
        after = f"&after={page['next']}"
    raise AssertionError("the pages do not end")


@ON_BOTH
@pytest.mark.parametrize("limit", [1, 2, 5, 6, 200])
@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("oldest", ["c-0", "c-1", "c-2", "r-1", "r-2", "r-4"]),
        ("newest", ["r-4", "r-2", "r-1", "c-2", "c-1", "c-0"]),
        ("most_replied", ["c-1", "c-2", "r-4", "r-2", "r-1", "c-0"]),
    ],
)
def test_an_article_is_listed_in_the_order_asked_for(api: Caller, order: str, expected: list[str], limit: int) -> None:
    assert ids(api, "articles/a-1/comments", f"&order={order}", limit) == expected


@ON_BOTH
def test_a_reply_that_is_taken_offline_no_longer_counts(api: Caller) -> None:
    api.delete("/v1/comments/r-1")
    api.delete("/v1/comments/r-2")

    assert ids(api, "articles/a-1/comments", "&order=most_replied") == ["c-2", "r-4", "c-1", "c-0"]
    assert api.get("/v1/comments/c-1").json["replies"] == 0  # type: ignore[index]


def test_a_reply_says_whether_readers_see_what_it_answers(api: Caller) -> None:
    api.delete("/v1/comments/c-2")

    page = api.get("/v1/articles/a-1/comments").json

    assert page is not None
    said = {c["id"]: (c["parent_id"], c["parent_published"], c["replies"]) for c in page["comments"]}
    assert said["c-1"] == (None, None, 2)
    assert said["r-1"] == ("c-1", True, 0)
    assert said["r-4"] == ("c-2", False, 0)
    new = api.post("/v1/comments", a_body(id="r-5", parent_id="c-2"))
    assert new.status_code == 202
    assert api.get("/v1/comments/r-5").json["parent_published"] is False  # type: ignore[index]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["r-1", "r-2"]),
        ("&order=newest", ["r-2", "r-1"]),
        ("&status=rejected", ["r-3"]),
        ("&status=waiting", []),
    ],
)
@pytest.mark.parametrize("limit", [1, 50])
def test_the_replies_of_a_comment_are_listed(api: Caller, query: str, expected: list[str], limit: int) -> None:
    assert ids(api, "comments/c-1/replies", query, limit) == expected


def test_replies_of_a_comment_that_nobody_knows_are_not_found(api: Caller) -> None:
    assert api.get("/v1/comments/none/replies").status_code == 404


@ON_BOTH
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["e-1", "c-0", "c-1", "c-2", "r-1", "r-2", "r-3", "r-4"]),
        ("&order=newest", ["r-4", "r-3", "r-2", "r-1", "c-2", "c-1", "c-0", "e-1"]),
        ("&status=flagged", ["e-1"]),
        ("&status=rejected", ["r-3"]),
        ("&status=withdrawn", []),
        ("&article=a-2", ["e-1"]),
        ("&article=a-2&status=published", []),
        ("&article=none", []),
        ("&author=reader-1", ["e-1", "c-1", "r-1", "r-3"]),
        ("&author=reader-1&status=published", ["c-1", "r-1"]),
        ("&author=reader-1&article=a-1", ["c-1", "r-1", "r-3"]),
        ("&author=none", []),
        ("&since=2026-03-02T12:04:00Z", ["r-2", "r-3", "r-4"]),
        ("&since=2026-03-02T13:04:00%2B01:00&author=reader-1", ["r-3"]),
        ("&since=2026-03-02T12:04:00Z&status=published&order=newest", ["r-4", "r-2"]),
    ],
)
@pytest.mark.parametrize("limit", [1, 3, 50])
def test_the_whole_site_is_listed_and_narrowed(api: Caller, query: str, expected: list[str], limit: int) -> None:
    assert ids(api, "comments", query, limit) == expected


@pytest.mark.parametrize(
    ("query", "field"),
    [("status=hidden", "status"), ("order=most_replied", "order"), ("since=yesterday", "since"),
     ("since=2026-03-02T12:00:00", "since"), ("author=", "author"), ("after=x", "after"), ("limit=201", "limit"),
     ("page=1", "page")],
)  # fmt: skip
def test_a_wrong_query_names_its_parameter(api: Caller, query: str, field: str) -> None:
    response = api.get(f"/v1/comments?{query}")

    assert response.status_code == 422
    assert problem_fields(response.json) == [field]


@ON_BOTH
def test_published_comments_of_many_articles_are_counted(api: Caller) -> None:
    expected = {"counts": {"a-1": 6, "a-2": 0, "nobody: knows?": 0}}

    assert api.get("/v1/articles:counts?id=a-1&id=a-2&id=nobody%3A%20knows%3F").json == expected
    assert api.post("/v1/articles:counts", {"ids": ["a-1", "a-2", "nobody: knows?"]}).json == expected


@pytest.mark.parametrize(("count", "status"), [(0, 422), (1, 200), (50, 200), (51, 422)])
def test_an_address_holds_so_many_ids(api: Caller, count: int, status: int) -> None:
    response = api.get("/v1/articles:counts?" + "&".join(f"id=a-{number}" for number in range(count)))

    assert response.status_code == status
    assert problem_fields(response.json) == ["id"] if status == 422 else len(response.json["counts"]) == count  # type: ignore[index]


@pytest.mark.parametrize(("count", "status"), [(0, 422), (500, 200), (501, 422)])
def test_a_body_holds_so_many_ids(api: Caller, count: int, status: int) -> None:
    response = api.post("/v1/articles:counts", {"ids": [f"a-{number}" for number in range(count)]})

    assert response.status_code == status


def test_an_article_of_any_name_is_still_an_article(api: Caller) -> None:
    api.put("/v1/articles/counts", {"title": "Counting"})

    assert api.get("/v1/articles/counts").json["title"] == "Counting"  # type: ignore[index]


@pytest.mark.parametrize("limit", [1, 3, 1_000])
def test_the_state_of_an_article_has_every_comment_whatever_its_status(api: Caller, limit: int) -> None:
    api.delete("/v1/comments/c-0")
    api.patch("/v1/comments/c-1", {"text": "Another text."})
    found: list[dict[str, object]] = []
    after = ""
    while (page := api.get(f"/v1/articles/a-1/state?limit={limit}{after}").json) is not None:
        found += page["comments"]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"

    assert [c["id"] for c in found] == ["c-0", "c-1", "c-2", "r-1", "r-2", "r-3", "r-4"]
    assert found[0] == {"id": "c-0", "version": 3, "status": "withdrawn"}
    assert found[1] == {"id": "c-1", "version": 3, "status": "waiting"}
    assert found[5] == {"id": "r-3", "version": 2, "status": "rejected"}
    assert api.get("/v1/articles/none/state").json == {"comments": [], "next": None}


@ON_BOTH
def test_a_comment_that_is_decided_between_two_pages_is_not_missed(
    api: Caller, database: Database, site: NewSite
) -> None:
    first = api.get("/v1/articles/a-1/state?limit=3").json
    assert first is not None
    api.patch("/v1/comments/r-4", {"text": "Another text."})
    settle(database, site.site.id, "r-4", Action.FLAG)

    second = api.get(f"/v1/articles/a-1/state?after={first['next']}").json

    assert second is not None
    assert [c["id"] for c in second["comments"]] == ["r-1", "r-2", "r-3", "r-4"]
    assert second["comments"][-1]["status"] == "flagged"


def test_a_state_from_a_cursor_that_is_none_is_refused(api: Caller) -> None:
    assert problem_fields(api.get("/v1/articles/a-1/state?after=x").json) == ["after"]
