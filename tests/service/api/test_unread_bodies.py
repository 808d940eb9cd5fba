"""A call that takes no body refuses one, and names each field: one that is sent and ignored misleads."""

from __future__ import annotations

import pytest
from flask_openapi3.openapi import OpenAPI

from moderation.ground.database.engine import Database
from moderation.sites.sites import NewSite
from service.api import GUARDED
from service.auth import requirement_of
from tests.service.bodies import problem_fields
from tests.service.conftest import Caller

ORIGIN = "https://paper.example"


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Nothing here depends on which database it is."""
    return sqlite_database


def calls_without_a_body(app: OpenAPI) -> list[tuple[str, str]]:
    """Each method and address of calls that need a key."""
    names = {blueprint.name for blueprint in GUARDED}
    found = []
    for rule in app.url_map.iter_rules():
        requirement = None
        if rule.endpoint.rpartition(".")[0] in names:
            requirement = requirement_of(app.view_functions[rule.endpoint])
        if requirement is not None and not requirement.takes_body:
            address = rule.build(dict.fromkeys(rule.arguments, "x"), append_unknown=False)
            assert address is not None
            found += [(method, address[1]) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
    return found


def test_every_call_without_a_body_refuses_one_by_its_fields(app: OpenAPI, api: Caller) -> None:
    calls = calls_without_a_body(app)
    headers = {"Authorization": f"Bearer {api.token}"}
    answers = {
        call: api.client.open(call[1], method=call[0], json={"odd": 1, "more": []}, headers=headers) for call in calls
    }

    assert len(calls) > 30 and ("POST", "/v1/site/webhook-secret") in calls
    wrong = {
        call: (answer.status_code, answer.json)
        for call, answer in answers.items()
        if answer.status_code != 422 or problem_fields(answer.json) != ["odd", "more"]
    }
    assert wrong == {}


def test_a_secret_is_not_renewed_by_a_call_that_is_refused(api: Caller) -> None:
    api.put("/v1/site", {"webhook_url": "https://paper.example/hook"})
    before = api.get("/v1/site").json

    refused = api.post("/v1/site/webhook-secret", {"overlap_hours": 0})

    assert (refused.status_code, problem_fields(refused.json)) == (422, ["overlap_hours"])
    assert "only parameters in its address" in refused.text
    assert api.get("/v1/site").json == before
    assert api.post("/v1/site/webhook-secret?overlap_hours=0", {}).status_code == 200


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"", "application/json", 200),
        (b" \n", "text/plain", 200),
        (b"{}", "application/json", 200),
        (b"overlap_hours=0", "application/x-www-form-urlencoded", 422),
        (b"overlap", "text/plain", 422),
        (b"[]", "application/json", 400),
        (b"{", "application/json", 400),
        (b'{"a": "' + b"a" * 300_000 + b'"}', "application/json", 413),
    ],
)
def test_what_is_not_a_field_is_refused_too(api: Caller, body: bytes, media_type: str, status: int) -> None:
    headers = {"Authorization": f"Bearer {api.token}", "Content-Type": media_type}

    assert api.client.get("/v1/site", data=body, headers=headers).status_code == status


def test_a_page_that_sends_a_body_is_refused_too(api: Caller, site: NewSite) -> None:
    api.put("/v1/site/origins", {"origins": [ORIGIN]})

    refused = api.client.get(f"/v1/pages/{site.site.id}/newest", json={"limit": 3}, headers={"Origin": ORIGIN})

    assert (refused.status_code, problem_fields(refused.json)) == (422, ["limit"])
    assert refused.headers["Access-Control-Allow-Origin"] == ORIGIN
