"""A moderator whom the site's server has signed decides in the box: as at the desk, at their own site alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from moderation.ground.database.engine import Database
from moderation.ground.values.decisions import Decision
from moderation.ground.values.statuses import DecidedBy
from moderation.sites import sites
from moderation.sites.people import moderators
from moderation.sites.people.roles import Role
from moderation.sites.sites import NewSite
from moderation.spine.comments import decision_rows as decisions
from moderation.spine.comments import rows as comments
from service.context import utc_now
from tests.builders import OPERATOR
from tests.own_databases import ON_BOTH
from tests.service.api.readers.conftest import ORIGIN, Sign
from tests.service.bodies import problem_fields
from tests.service.conftest import Caller

INSULT = {"action": "reject", "version": 2, "reason": "Insult or abuse"}
ANA = "ana@example.org"


@pytest.fixture(autouse=True)
def published(database: Database, site: NewSite, publish: Callable[..., None], people: dict[str, str]) -> None:
    allow(database, site, True)
    publish("c-1", text="You fool.")


@pytest.fixture
def people(database: Database, site: NewSite, other_site: NewSite) -> dict[str, str]:
    """By address. Ana moderates site A, Ben leads it, Carla is of the other site alone."""
    roles = {
        ANA: (site, Role.MODERATOR),
        "ben@example.org": (site, Role.LEAD),
        "carla@example.org": (other_site, Role.LEAD),
    }
    return {
        email: moderators.create_moderator(
            database, email=email, name=email, password_hash="x", roles={of.site.id: role}, by=OPERATOR, now=utc_now()
        )
        for email, (of, role) in roles.items()
    }


@pytest.fixture
def ana(client: FlaskClient, sign: Sign) -> Caller:
    return Caller(client, sign(sub="7", name="Ana", moderator=ANA))


def allow(database: Database, site: NewSite, may: bool) -> None:
    sites.change_settings(database, site.site.id, by=OPERATOR, now=utc_now(), moderators_in_box=may)


def latest(database: Database, site: NewSite) -> Decision:
    with database.read() as conn:
        found = decisions.latest_decision(conn, comments.get_comment(conn, site.site.id, "c-1").id)
    assert found is not None
    return found


def status(api: Caller) -> Any:
    return (api.get("/v1/comments/c-1").json or {})["status"]


@ON_BOTH
def test_a_rejection_is_the_moderators_own_and_waits_for_an_undo(
    ana: Caller, api: Caller, database: Database, site: NewSite, people: dict[str, str]
) -> None:
    shown = ana.get("/v1/reader/moderated/c-1?language=de").json or {}

    answer = ana.post("/v1/reader/moderated/c-1", {**INSULT, "version": shown["version"]})

    assert (answer.status_code, (answer.json or {})["status"]) == (200, "rejected")
    assert {reason["name"]: reason["wording"] for reason in shown["reasons"]}["Insult or abuse"] != "Insult or abuse"
    decision = latest(database, site)
    assert (decision.decided_by, decision.moderator_id) == (DecidedBy.MODERATOR, people[ANA])
    assert decision.reason == "Insult or abuse"
    assert status(api) == "rejected"


def test_a_pick_is_made_and_ended(ana: Caller, api: Caller, database: Database, site: NewSite) -> None:
    made = ana.post("/v1/reader/moderated/c-1", {"action": "feature", "version": 2}).json or {}
    again = ana.post("/v1/reader/moderated/c-1", {"action": "feature", "version": made["version"]})
    ended = ana.post("/v1/reader/moderated/c-1", {"action": "unfeature", "version": made["version"]}).json or {}

    assert (made["featured"], again.status_code, ended["featured"]) == (True, 409, False)
    assert status(api) == "published"


@pytest.mark.parametrize(
    "body",
    [
        {"action": "reject", "version": 2},
        {**INSULT, "reason": "Because"},
        {"action": "feature", "version": 2, "reason": "Insult or abuse"},
        {"action": "publish", "version": 2},
        {**INSULT, "version": "2"},
        {**INSULT, "moderator_id": "x"},
    ],
)
def test_a_decision_that_is_none_is_refused(ana: Caller, api: Caller, body: dict[str, Any]) -> None:
    answer = ana.post("/v1/reader/moderated/c-1", body)

    assert answer.status_code == 422 and problem_fields(answer.json)
    assert status(api) == "published"


def test_a_text_that_has_changed_is_read_again(ana: Caller, api: Caller) -> None:
    api.patch("/v1/comments/c-1", {"text": "Another text."})

    assert ana.post("/v1/reader/moderated/c-1", INSULT).status_code == 409
    assert status(api) != "rejected"


NOBODY: dict[str, dict[str, Any]] = {
    "a reader": {"moderator": None},
    "one who is staff": {"moderator": None, "staff": True},
    "an unknown address": {"moderator": "eve@example.org"},
    "a moderator of another site": {"moderator": "carla@example.org"},
}


@pytest.mark.parametrize("claims", NOBODY.values(), ids=NOBODY)
def test_nobody_else_decides_or_reads(client: FlaskClient, api: Caller, sign: Sign, claims: dict[str, Any]) -> None:
    caller = Caller(client, sign(**claims))

    assert caller.get("/v1/reader/moderated/c-1").status_code == 403
    assert caller.post("/v1/reader/moderated/c-1", INSULT).status_code == 403
    assert (caller.get("/v1/reader").json or {})["moderates"] is False
    assert status(api) == "published"


def test_no_key_turns_it_on(api: Caller, database: Database, site: NewSite) -> None:
    allow(database, site, False)

    answer = api.patch("/v1/site/settings", {"moderators_in_box": True})

    assert answer.status_code == 422
    assert problem_fields(answer.json) == ["moderators_in_box"]


def test_a_site_that_does_not_allow_it_has_no_moderators_in_its_box(
    ana: Caller, database: Database, site: NewSite
) -> None:
    assert (ana.get("/v1/reader").json or {})["moderates"] is True
    allow(database, site, False)

    assert (ana.get("/v1/reader").json or {})["moderates"] is False
    assert ana.post("/v1/reader/moderated/c-1", INSULT).status_code == 403


def test_one_whose_account_is_closed_decides_no_more(ana: Caller, database: Database) -> None:
    moderators.disable(database, ANA, by=OPERATOR, now=utc_now())

    assert ana.post("/v1/reader/moderated/c-1", INSULT).status_code == 403


def test_what_a_lead_decided_is_for_leads_here_too(client: FlaskClient, sign: Sign, ana: Caller) -> None:
    ben = Caller(client, sign(sub="8", moderator="ben@example.org"))
    assert ben.post("/v1/reader/moderated/c-1", {"action": "feature", "version": 2}).status_code == 200

    assert ana.post("/v1/reader/moderated/c-1", {**INSULT, "version": 3}).status_code == 403


@pytest.mark.parametrize(("minutes", "answer"), [(60, 200), (62, 401)])
def test_the_token_of_a_moderator_ends_within_an_hour(
    client: FlaskClient, sign: Sign, minutes: int, answer: int
) -> None:
    caller = Caller(client, sign(moderator=ANA, exp=utc_now() + timedelta(minutes=minutes)))

    assert caller.get("/v1/reader").status_code == answer


def test_a_page_of_another_origin_decides_nothing(client: FlaskClient, sign: Sign, api: Caller) -> None:
    token = sign(moderator=ANA)
    said = {"Authorization": f"Bearer {token}", "Origin": "https://evil.example"}

    assert client.post("/v1/reader/moderated/c-1", json=INSULT, headers=said).status_code == 403
    assert client.post("/v1/reader/moderated/c-1", json=INSULT, headers=said | {"Origin": ORIGIN}).status_code == 200


def test_a_comment_that_the_site_does_not_have_is_not_found(ana: Caller) -> None:
    assert ana.post("/v1/reader/moderated/c-9", INSULT).status_code == 404
    assert ana.get("/v1/reader/moderated/c-9").status_code == 404
