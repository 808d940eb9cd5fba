"""Duties by API: the site's own program names who knows best what is held for a reason."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from moderation.ground.database.engine import Database
from moderation.sites.audit.tables import audit
from moderation.sites.people import moderators
from moderation.sites.people.roles import Role
from moderation.sites.sites import NewSite
from service.context import utc_now
from tests.builders import OPERATOR
from tests.own_databases import ON_BOTH
from tests.service.bodies import problem_fields
from tests.service.conftest import Caller

PATH = "/v1/site/duties"


def person(database: Database, site: NewSite, name: str) -> str:
    email, roles = f"{name.lower()}@example.org", {site.site.id: Role.MODERATOR}
    return moderators.create_moderator(
        database, email=email, name=name, password_hash="", roles=roles, by=OPERATOR, now=utc_now()
    )


@ON_BOTH
def test_people_are_named_read_and_let_go_and_the_audit_trail_has_the_key(
    api: Caller, database: Database, site: NewSite
) -> None:
    eli, ina = person(database, site, "Eli"), person(database, site, "Ina")
    offered = api.get(PATH).json or {}
    assert offered["duties"] == []
    assert offered["people"] == [{"id": id, "name": n, "role": "moderator"} for id, n in ((eli, "Eli"), (ina, "Ina"))]
    assert {"threat", "reported"} <= set(offered["reasons"])

    named = api.put(f"{PATH}/threat", {"people": [eli, ina]}).json or {}

    people = [{"id": eli, "name": "Eli"}, {"id": ina, "name": "Ina"}]
    assert named["duties"] == [{"reason": "threat", "people": people, "decided_by_all": True}]
    assert (api.put(f"{PATH}/threat", {"people": []}).json or {})["duties"] == []
    with database.read() as conn:
        noted = sa.select(audit.c.action, audit.c.actor_kind).where(audit.c.action.like("duty.%")).order_by(audit.c.id)
        assert [tuple(row) for row in conn.execute(noted)] == [("duty.set", "key"), ("duty.ended", "key")]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_strangers_and_reasons_that_nothing_is_held_for_are_refused_by_field(
    api: Caller, database: Database, other_site: NewSite
) -> None:
    stranger = person(database, other_site, "Uma")

    assert problem_fields(api.put(f"{PATH}/threat", {"people": [stranger]}).json) == ["people"]
    assert problem_fields(api.put(f"{PATH}/astrology", {"people": []}).json) == ["reason"]
    assert problem_fields(api.put(f"{PATH}/threat", {"persons": []}).json) == ["people", "persons"]
    assert api.get(PATH).json["duties"] == []  # type: ignore[index]
