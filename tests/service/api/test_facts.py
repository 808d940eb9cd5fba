"""Facts that a site may send with a comment, for signals."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from moderation.ground.database.engine import Database
from moderation.sites.sites import NewSite
from moderation.spine.articles.tables import authors
from moderation.spine.comments.tables import comment_facts
from tests.own_databases import ON_BOTH
from tests.service.bodies import a_body, problem_fields
from tests.service.conftest import Caller

FACTS: dict[str, Any] = {
    "created_at": "2026-02-01T10:00:00+01:00",
    "email_domain": "Example.ORG",
    "address": "2001:db8::7",
}


def sent(**said: Any) -> dict[str, Any]:
    author = {"id": "reader-1", **FACTS, **said.pop("author", {})}
    return a_body(id="c-1", author=author, **said)


@ON_BOTH
def test_they_are_kept_the_address_as_a_digest(api: Caller, database: Database, site: NewSite) -> None:
    response = api.post("/v1/comments", sent(typed_s=12))

    assert response.status_code == 202, site
    with database.read() as conn:
        author = conn.execute(sa.select(authors)).one()
        facts = conn.execute(sa.select(comment_facts)).one()
    assert (author.registered_at.isoformat(), author.email_domain) == ("2026-02-01T09:00:00+00:00", "example.org")
    assert (len(facts.address), facts.typed_s) == (64, 12)
    assert FACTS["address"] not in str(tuple(facts))


@ON_BOTH
def test_a_website_is_kept_with_its_comment_and_exported(api: Caller, database: Database) -> None:
    url = "https://dana.example/about"

    posted = api.post("/v1/comments", a_body(id="c-1", author={"id": "reader-1", "url": url}))
    exported = json.loads(api.get("/v1/authors/reader-1/export").data)["comments"]

    assert posted.status_code == 202
    assert [comment["website"] for comment in exported] == [url]
    assert api.delete("/v1/authors/reader-1").status_code == 200
    with database.read() as conn:
        assert url not in str(conn.execute(sa.select(comment_facts)).all())


def test_a_comment_without_any_leaves_none(api: Caller, database: Database) -> None:
    assert api.post("/v1/comments", a_body(id="c-1")).status_code == 202

    with database.read() as conn:
        assert conn.execute(sa.select(comment_facts)).all() == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (sent(author={"email_domain": "dana@example.org"}), "author.email_domain"),
        (sent(author={"email_domain": "https://example.org"}), "author.email_domain"),
        (sent(author={"email_domain": "example"}), "author.email_domain"),
        (sent(author={"created_at": "yesterday"}), "author.created_at"),
        (sent(author={"created_at": 1_700_000_000}), "author.created_at"),
        (sent(author={"address": ""}), "author.address"),
        (sent(author={"address": "x" * 201}), "author.address"),
        (sent(author={"url": "javascript:alert(1)"}), "author.url"),
        (sent(author={"url": "https://" + "x" * 2_000}), "author.url"),
        (sent(author={"age": 3}), "author.age"),
        (sent(typed_s=-1), "typed_s"),
        (sent(typed_s="12"), "typed_s"),
        (sent(typed_s=True), "typed_s"),
    ],
)
def test_a_wrong_one_is_refused_by_name(api: Caller, body: dict[str, Any], field: str) -> None:
    response = api.post("/v1/comments", body)

    assert response.status_code == 422
    assert problem_fields(response.json) == [field]


def test_the_same_comment_with_other_facts_is_the_same(api: Caller) -> None:
    api.post("/v1/comments", sent(typed_s=12))

    again = api.post("/v1/comments", sent(typed_s=14, author={"address": "198.51.100.9"}))

    assert again.status_code == 202
