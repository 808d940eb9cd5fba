"""A suspended notifier is refused by name, by the site's key and to nobody else; children's abuse is always taken."""

from __future__ import annotations

from typing import Any

import pytest

from moderation.ground.database.engine import Database
from moderation.law.notices import suspending
from moderation.law.notices import suspension_rows as suspensions
from moderation.sites import rows as sites
from moderation.sites.people import moderators
from moderation.sites.people.roles import Role
from moderation.sites.sites import NewSite
from service.context import utc_now
from tests.builders import OPERATOR
from tests.service.bodies import a_body, settle
from tests.service.conftest import Caller

WHY = "§ 130 StGB: it calls for violence."


def publish(api: Caller, database: Database, site: NewSite, id: str) -> None:
    api.post("/v1/comments", a_body(f"A quiet word, number {id}.", id=id))
    settle(database, site.site.id, id)


def give(api: Caller, id: str, email: str = "karl@mail.example", **more: Any) -> Any:
    body = {"comment_id": id, "explanation": WHY, "good_faith": True, "name": "Karl", "email": email, **more}
    return api.post("/v1/notices", body)


@pytest.fixture
def until(api: Caller, database: Database, site: NewSite) -> str:
    """The end of Karl's suspension, after three dismissals and the warning."""
    for id in ("c-0", "c-1", "c-2", "c-3", "c-4"):
        publish(api, database, site, id)
    for id in ("c-0", "c-1", "c-2"):
        assert give(api, id).status_code == 201
        assert api.post(f"/v1/comments/{id}/decisions", {"action": "publish", "version": 2}).status_code == 201
    warned, roles = give(api, "c-3").json, {site.site.id: Role.LEAD}
    lead = moderators.create_moderator(
        database, email="lea@mail.example", name="Lea", password_hash="x", roles=roles, by=OPERATOR, now=utc_now()
    )
    with database.read() as conn:
        moderator = sites.find_moderator(conn, id=lead)
    assert moderator is not None
    suspending.suspend(database, moderator, warned["id"], 30, utc_now())
    with database.read() as conn:
        (end,) = suspensions.in_force(conn, site.site.id, ["mail:karl@mail.example"], now=utc_now()).values()
    return end.isoformat()


def test_the_refusal_says_until_when(api: Caller, until: str) -> None:
    refused = give(api, "c-4", "KARL+again@mail.example")

    assert (refused.status_code, refused.json["type"]) == (403, "urn:gavel:problem:notifier-suspended")
    assert refused.json["until"] == until and until in refused.json["detail"]
    assert "karl" not in refused.text.lower()
    assert give(api, "c-4", "mia@mail.example").status_code == 201


def test_abuse_of_children_is_taken_with_and_without_a_name(api: Caller, until: str) -> None:
    named = give(api, "c-4", child_sexual_abuse=True)
    unnamed = api.post(
        "/v1/notices", {"comment_id": "c-4", "explanation": WHY, "good_faith": True, "child_sexual_abuse": True}
    )

    assert (named.status_code, unnamed.status_code) == (201, 201)


def test_another_site_takes_their_notices(
    api: Caller, other_api: Caller, until: str, database: Database, other_site: NewSite
) -> None:
    publish(other_api, database, other_site, "c-4")

    assert (give(other_api, "c-4").status_code, give(api, "c-4").status_code) == (201, 403)
