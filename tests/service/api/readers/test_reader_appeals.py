"""A signed reader appeals against the decision on a comment of their own."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from moderation.ground.database.engine import Database
from moderation.ground.values.statuses import Action
from moderation.sites import sites
from moderation.sites.sites import NewSite
from service.context import utc_now
from tests.builders import OPERATOR
from tests.service.bodies import a_body, problem_fields, settle
from tests.service.conftest import Caller
from tests.statements import Asked

BODY = {"comment_id": "c-1", "text": "I quoted the minister. The words are hers."}


@pytest.fixture
def rejected(api: Caller, database: Database, site: NewSite) -> str:
    """Dana's comment; the decision."""
    api.post("/v1/comments", a_body(id="c-1", author={"id": "dana", "name": "Dana"}))
    return settle(database, site.site.id, "c-1", Action.REJECT, toxicity=0.99).id


def kind(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["type"].removeprefix("urn:gavel:problem:")


def test_a_reader_appeals_for_themselves_alone(dana: Caller, eve: Caller, rejected: str) -> None:
    foreign = eve.post("/v1/reader/appeals", BODY)
    made = dana.post("/v1/reader/appeals", BODY)

    assert kind(foreign) == (404, "not-found")
    assert made.status_code == 201 and made.json is not None
    assert (made.json["source"], made.json["decision_id"], made.json["state"]) == ("reader", rejected, "open")
    assert kind(dana.post("/v1/reader/appeals", BODY)) == (409, "already-appealed")


@pytest.mark.parametrize("measure", [{"measure": "suspend", "days": 7}, {"measure": "ban"}])
def test_a_blocked_reader_can_still_appeal(api: Caller, dana: Caller, rejected: str, measure: dict[str, Any]) -> None:
    assert api.post("/v1/authors/dana/measures", {**measure, "reason": "Enough"}).status_code == 201

    made = dana.post("/v1/reader/appeals", BODY)

    assert made.status_code == 201 and made.json is not None
    assert made.json["decision_id"] == rejected


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"text": ""}, ["text"]),
        ({"text": "x" * 2_001}, ["text"]),
        ({"comment_id": "a/b"}, ["comment_id"]),
        ({"author_id": "eve"}, ["author_id"]),
    ],
)
def test_a_wrong_field_is_named(dana: Caller, rejected: str, change: dict[str, Any], fields: list[str]) -> None:
    assert rejected
    assert problem_fields(dana.post("/v1/reader/appeals", {**BODY, **change}).json) == fields


def test_a_comment_that_nobody_decided_against_has_no_appeal(
    api: Caller, dana: Caller, database: Database, site: NewSite
) -> None:
    api.post("/v1/comments", a_body(id="c-1", author={"id": "dana", "name": "Dana"}))
    settle(database, site.site.id, "c-1")

    assert kind(dana.post("/v1/reader/appeals", BODY)) == (404, "not-found")


def test_a_rejected_comment_leads_its_author_to_the_statement(client: FlaskClient, dana: Caller, rejected: str) -> None:
    (own,) = (dana.get("/v1/reader/comments").json or {})["comments"]

    page = client.get(own["statement_path"])

    assert rejected
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert "Your comment was not published" in page.text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_looking_for_a_statement_walks_no_table(dana: Caller, database: Database, rejected: str) -> None:
    asked = Asked(database)

    with asked.listening():
        (own,) = (dana.get("/v1/reader/comments").json or {})["comments"]

    assert rejected
    assert own["statement_path"]
    assert asked.scans() == []


def test_no_statement_is_shown_of_what_no_longer_holds(
    api: Caller, dana: Caller, database: Database, site: NewSite
) -> None:
    for number in range(4):
        api.post("/v1/comments", a_body(id=f"c-{number}", author={"id": "dana", "name": "Dana"}))
    settle(database, site.site.id, "c-1")  # published
    for name in ("c-2", "c-3"):
        settle(database, site.site.id, name, Action.REJECT, toxicity=0.99)
    assert api.post("/v1/comments/c-2/decisions", {"action": "publish", "version": 2}).status_code == 201
    edited = dana.patch("/v1/reader/comments/c-3", {"text": "I take that back.", "version": 2})

    listed = (dana.get("/v1/reader/comments").json or {})["comments"]

    assert edited.status_code == 202
    assert {one["id"]: (one["status"], one["statement_path"]) for one in listed} == {
        "c-0": ("waiting", None), "c-1": ("published", None), "c-2": ("published", None), "c-3": ("waiting", None),
    }  # fmt: skip


def test_a_comment_that_was_taken_offline_leads_to_a_statement_too(
    api: Caller, dana: Caller, eve: Caller, database: Database, site: NewSite
) -> None:
    api.post("/v1/comments", a_body(id="c-1", author={"id": "dana", "name": "Dana"}))
    settle(database, site.site.id, "c-1", toxicity=0.8)  # near the limit
    sites.change_settings(database, site.site.id, by=OPERATOR, now=utc_now(), hide_noticed=True)
    notice = {"explanation": "§ 130 StGB", "good_faith": True, "name": "Eve", "email": "eve@mail.example"}
    assert (
        eve.post("/v1/reader/reports", {"comment_id": "c-1", "reason": "illegal", "notice": notice}).status_code == 201
    )

    (own,) = (dana.get("/v1/reader/comments").json or {})["comments"]

    assert own["status"] == "flagged"
    assert own["statement_path"].startswith("/statements/")
