"""A reader gives notice that a comment is illegal, with a report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from moderation.ground.database.engine import Database
from moderation.law.notices import suspending
from moderation.law.notices.values import Place
from moderation.sites import rows as sites
from moderation.sites.people import moderators
from moderation.sites.people.roles import Role
from moderation.sites.rows import Moderator
from moderation.sites.sites import NewSite
from moderation.spine.comments.tables import notices
from service.context import utc_now
from tests.builders import OPERATOR
from tests.own_databases import ON_BOTH
from tests.service.bodies import a_body, problem_fields
from tests.service.conftest import Caller

NOTICE = {"explanation": "§ 130 StGB", "good_faith": True, "name": "Eve", "email": "eve@mail.example"}
REPORT: dict[str, Any] = {"comment_id": "c-1", "reason": "illegal", "notice": NOTICE}


@pytest.fixture(autouse=True)
def published(publish: Callable[..., None]) -> None:
    publish("c-1", text="Throw them all into the sea.", author={"id": "dana"})


@ON_BOTH
def test_a_report_with_a_notice_counts_and_gets_a_receipt(api: Caller, eve: Caller) -> None:
    first, again = eve.post("/v1/reader/reports", REPORT), eve.post("/v1/reader/reports", REPORT)

    assert (first.status_code, first.json["counted"], first.json["notice"]["status"]) == (201, True, "open")  # type: ignore[index]
    assert (again.status_code, again.json["counted"]) == (200, False)  # type: ignore[index]
    assert again.json["notice"]["id"] == first.json["notice"]["id"]  # type: ignore[index]
    shown = api.get("/v1/comments/c-1").json
    assert shown is not None
    assert (shown["status"], shown["reports"]) == ("published", 1)
    kept = api.get(f"/v1/notices/{first.json['notice']['id']}").json  # type: ignore[index]
    assert kept is not None
    assert (kept["reader_id"], kept["email"], kept["trusted_flagger"]) == ("eve", "eve@mail.example", False)


def test_a_report_as_illegal_without_a_notice_is_a_report(api: Caller, eve: Caller) -> None:
    made = eve.post("/v1/reader/reports", {"comment_id": "c-1", "reason": "illegal"})

    assert (made.status_code, made.json) == (201, {"counted": True, "notice": None})
    assert api.get("/v1/comments/c-1").json["status"] == "published"  # type: ignore[index]


def test_a_notice_goes_with_the_reason_illegal(eve: Caller) -> None:
    refused = eve.post("/v1/reader/reports", {**REPORT, "reason": "insult"})

    assert (refused.status_code, problem_fields(refused.json)) == (422, ["notice"])


def test_what_a_notice_lacks_is_named_with_its_place(eve: Caller) -> None:
    refused = eve.post("/v1/reader/reports", {**REPORT, "notice": {**NOTICE, "email": "eve"}})

    assert (refused.status_code, problem_fields(refused.json)) == (422, ["notice.email"])


def test_authors_give_no_notice_of_their_own_comment(dana: Caller) -> None:
    refused = dana.post("/v1/reader/reports", REPORT)

    assert (refused.status_code, problem_fields(refused.json)) == (422, ["comment_id"])


def test_a_reader_who_may_not_comment_may_give_notice(api: Caller, eve: Caller) -> None:
    api.post("/v1/comments", a_body(id="c-2", author={"id": "eve"}))
    assert api.post("/v1/authors/eve/measures", {"measure": "ban", "reason": "Insults"}).status_code == 201

    assert eve.post("/v1/reader/reports", {"comment_id": "c-1", "reason": "insult"}).status_code == 403
    assert eve.post("/v1/reader/reports", REPORT).status_code == 201


def test_a_suspended_reader_gives_no_notice_and_counts_no_report(
    api: Caller, eve: Caller, dana: Caller, publish: Callable[..., None], database: Database, site: NewSite
) -> None:
    publish("c-2", text="A quiet word.", author={"id": "ben"})
    first = eve.post("/v1/reader/reports", REPORT).json
    with database.write() as conn:
        conn.execute(notices.update().values(place=Place.UNFOUNDED))
    suspending.suspend(database, a_lead(database, site), first["notice"]["id"], 7, utc_now())  # type: ignore[index]

    refused = eve.post("/v1/reader/reports", {**REPORT, "comment_id": "c-2"})

    assert (refused.status_code, refused.json["type"]) == (403, "urn:gavel:problem:notifier-suspended")  # type: ignore[index]
    assert api.get("/v1/comments/c-2").json["reports"] == 0  # type: ignore[index]
    assert eve.post("/v1/reader/reports", REPORT).status_code == 200  # their open one
    of_children = {**REPORT, "comment_id": "c-2", "notice": {**NOTICE, "child_sexual_abuse": True}}
    assert eve.post("/v1/reader/reports", of_children).status_code == 201
    assert dana.post("/v1/reader/reports", {**REPORT, "comment_id": "c-2"}).status_code == 201


def a_lead(database: Database, site: NewSite) -> Moderator:
    roles = {site.site.id: Role.LEAD}
    id = moderators.create_moderator(
        database, email="lea@mail.example", name="Lea", password_hash="x", roles=roles, by=OPERATOR, now=utc_now()
    )
    with database.read() as conn:
        moderator = sites.find_moderator(conn, id=id)
    assert moderator is not None
    return moderator


def test_a_comment_that_readers_do_not_see_gets_none(publish: Callable[..., None], eve: Caller) -> None:
    assert eve.post("/v1/reader/reports", {**REPORT, "comment_id": "c-77"}).status_code == 404
