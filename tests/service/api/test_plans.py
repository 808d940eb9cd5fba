"""The queries of the API walk an index on both databases, however many comments there are."""

from __future__ import annotations

import re
from typing import Any

import pytest

from moderation.ground.database.engine import Database, new_id
from moderation.sites.sites import NewSite
from moderation.spine.articles.tables import articles, authors
from moderation.spine.comments.tables import comments, reports
from tests.builders import NOON
from tests.own_databases import ON_BOTH
from tests.service.bodies import a_body
from tests.service.conftest import Caller
from tests.statements import Asked, steps

pytestmark = ON_BOTH

COUNT = 600  # enough that PostgreSQL's planner has something to choose by
STATUSES = ("published", "published", "published", "flagged", "rejected", "waiting")

LISTS = {
    "articles/a-1/comments": "ix_comments_article_listing",
    "articles/a-1/comments?order=newest&status=rejected": "ix_comments_article_listing",
    "comments/c-0/replies": "ix_comments_replies",
    "comments/c-0/replies?order=newest": "ix_comments_replies",
    "comments?status=flagged": "ix_comments_site_listing",
    "comments?status=flagged&since=2026-03-02T12:00:00Z&order=newest": "ix_comments_site_listing",
    "comments?author=r-1": "ix_comments_author_listing",
    "comments?author=r-1&status=published&article=a-1": "ix_comments_(author|article)_listing",
    "authors/r-1": "ix_comments_author_listing",
    "articles/a-1/comments?featured=true": "ix_comments_article_featured",
    "comments?featured=true&order=newest": "ix_comments_featured",
}
"""Each page comes off its index in the order that is asked for, and is not sorted."""

MERGED = {
    "comments": "ix_comments_site_listing",
    "comments?article=a-1": "ix_comments_article_listing",
    "articles/a-1/state": "ix_comments_article_listing",
}
"""A page's worth from each status is sorted, and no more."""

COUNTED = {
    "articles/a-1/comments?order=most_replied": "ix_comments_article_replies",
    "articles:counts?id=a-1&id=a-2": "ix_comments_article_listing",
    "authors/r-1/export": "ix_reports_reporter",
}


@pytest.fixture(autouse=True)
def many(database: Database, site: NewSite) -> None:
    """Comments on ten articles by ten readers, half of them replies."""
    named = [str(number) for number in range(10)]
    base = {"site_id": site.site.id, "created_at": NOON}
    article = {n: new_id() for n in named}
    author = {n: new_id() for n in named}
    ids = [new_id() for _ in range(COUNT)]
    with database.write() as conn:
        conn.execute(articles.insert(), [{"id": article[n], "external_id": f"a-{n}", "tags": [], "state": "open",
                                          "updated_at": NOON, **base} for n in named])  # fmt: skip
        conn.execute(authors.insert(), [{"id": author[n], "external_id": f"r-{n}", **base} for n in named])
        conn.execute(comments.insert(), [_row(site, ids, number, article, author) for number in range(COUNT)])
        conn.execute(reports.insert(), [_report(ids, number) for number in range(COUNT)])
        if not database.is_sqlite:
            conn.exec_driver_sql("ANALYZE comments, reports")  # else a plan is for what another test left behind


def _row(site: NewSite, ids: list[str], number: int, article: dict[str, str], author: dict[str, str]) -> dict[str, Any]:
    """Every reader has one comment of each status on each article."""
    about, by, status = number % 10, number // 10 % 10, number // 100
    return {
        "id": ids[number], "site_id": site.site.id, "external_id": f"c-{number}", "article_id": article[str(about)],
        "author_id": author[str(by)], "parent_id": ids[about] if by % 2 else None, "text": "Text. " * 20,
        "lane": "live", "body_digest": "x", "status": STATUSES[status], "version": 1, "posted_at": NOON,
        "received_at": NOON, "updated_at": NOON, "featured_at": NOON if STATUSES[status] == "published" else None,
    }  # fmt: skip


def _report(ids: list[str], number: int) -> dict[str, Any]:
    """A hundred readers report six comments each."""
    return {"comment_id": ids[number], "reporter_id": f"r-{number % 100}", "reason": "spam", "created_at": NOON}


def plan(database: Database, statement: str, parameters: Any) -> list[str]:
    """The steps; but for the count of a listed comment's replies, which every list takes off the same index."""
    if database.is_sqlite:
        return [step for step in steps(statement, parameters) if not step.startswith("SEARCH replies ")]
    with database.read() as conn:
        for way in ("seqscan", "bitmapscan"):  # small as the tables are, else it would read them whole
            conn.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        found = [row[0] for row in conn.exec_driver_sql(f"EXPLAIN {statement}", parameters)]
    return [step for step in found if " on comments replies " not in step]


def plans(database: Database, asked: Asked) -> list[list[str]]:
    if database.is_sqlite:
        assert asked.scans() == []
    found = [plan(database, statement, parameters) for statement, parameters in asked.statements]
    assert not [step for each in found for step in each if "Seq Scan on comments" in step]
    return found


def plans_of(api: Caller, database: Database, path: str) -> list[list[str]]:
    asked = Asked(database)
    with asked.listening():
        assert api.get(f"/v1/{path}").status_code == 200
    return plans(database, asked)


def uses(step: str, index: str) -> bool:
    return re.search(rf"\b{index}\b", step) is not None


@pytest.mark.parametrize(("path", "index"), LISTS.items())
@pytest.mark.parametrize("page", ["first", "later"])
def test_a_list_comes_off_its_index_in_order(api: Caller, database: Database, path: str, index: str, page: str) -> None:
    path += ("&" if "?" in path else "?") + "limit=2"
    if page == "later":
        shown = api.get(f"/v1/{path}").json
        assert shown is not None
        assert shown["next"], "there is no second page"
        path += f"&after={shown['next']}"

    (found,) = [each for each in plans_of(api, database, path) if any(uses(step, index) for step in each)]

    (at,) = [number for number, step in enumerate(found) if uses(step, index)]
    if database.is_sqlite:
        assert "TEMP B-TREE" not in found[at + 1]
    else:
        assert re.search(r"(Index|Index Only) Scan", found[at])
        assert re.search(r"-> +Limit|^Limit", found[at - 1]), found  # straight off the index, not by way of a sort


@pytest.mark.parametrize(("path", "index"), (MERGED | COUNTED).items())
def test_what_is_put_together_walks_its_indexes(api: Caller, database: Database, path: str, index: str) -> None:
    assert [each for each in plans_of(api, database, path) if any(uses(step, index) for step in each)]


def test_a_readers_pace_is_counted_off_an_index(api: Caller, database: Database) -> None:
    api.put("/v1/site/author-limits", {"comments_per_author_per_minute": 3})
    asked = Asked(database)

    with asked.listening():
        api.post("/v1/comments", a_body(author={"id": "r-1"}, article={"id": "a-1"}))

    asked.statements = [each for each in asked.statements if "received_at DESC" in each[0]]
    ((step, *_rest),) = [
        [step for step in each if uses(step, "ix_comments_author_arrival")] for each in plans(database, asked)
    ]
    assert "received_at" in step or not database.is_sqlite


def test_an_erasure_walks_no_table(api: Caller, database: Database) -> None:
    asked = Asked(database)

    with asked.listening():
        assert api.delete("/v1/authors/r-1").json["comments"] == COUNT // 10  # type: ignore[index]

    assert len(asked.statements) > 10
    assert any(uses(step, "ix_reports_reporter") for each in plans(database, asked) for step in each)


def test_the_ladder_counts_rejections_off_their_index(api: Caller, database: Database) -> None:
    ladder = {"rejections": 2, "within_days": 30, "steps": [{"measure": "hold", "days": 7}], "climb": "applied"}
    api.put("/v1/site/author-ladder", {"author_ladder": ladder})
    assert api.post("/v1/comments", a_body(id="new", author={"id": "r-1"}, article={"id": "a-1"})).status_code == 202
    asked = Asked(database)

    with asked.listening():
        body = {"action": "reject", "version": 1, "reason": "Insult or abuse"}
        assert api.post("/v1/comments/new/decisions", body).status_code == 201

    counted = [each for each in asked.statements if "decisions.category IN" in each[0]]
    assert [step for each in counted for step in plan(database, *each) if uses(step, "ix_comments_author_rejected")]
