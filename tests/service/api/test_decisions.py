"""Decisions by API: the same door, the same rows, the same events."""

from __future__ import annotations

from typing import Any

import pytest

from moderation.ground.database.engine import Database
from moderation.ground.values.statuses import Action
from moderation.sites.sites import NewSite
from moderation.spine.comments import decision_rows as decisions
from moderation.spine.comments.rows import get_comment
from tests.service.bodies import a_body, problem_fields, settle
from tests.service.conftest import Caller


@pytest.fixture
def flagged(api: Caller, database: Database, site: NewSite) -> str:
    api.post("/v1/comments", a_body(id="c-1"))
    settle(database, site.site.id, "c-1", Action.FLAG, toxicity=0.9)
    return "/v1/comments/c-1"


@pytest.mark.parametrize(("action", "status"), [("publish", "published"), ("reject", "rejected")])
def test_a_person_decides_a_flagged_comment(api: Caller, flagged: str, action: str, status: str) -> None:
    body = {"action": action, "version": 2, "reason": "insult", "note": "Seen by Ana."}

    response = api.post(f"{flagged}/decisions", body)

    assert response.status_code == 201
    assert response.json is not None
    made = response.json["decision"]
    assert (made["action"], made["by"], made["status_before"], made["status_after"]) == (
        action,
        "api",
        "flagged",
        status,
    )
    assert (made["reason"], made["note"]) == ("insult", "Seen by Ana.")
    assert (response.json["comment"]["status"], response.json["comment"]["version"]) == (status, 3)
    shown = api.get(flagged).json
    assert shown is not None
    assert shown["decision"] == made
    assert shown["signals"][0]["value"] == 0.9


def test_the_reason_of_a_rejection_may_have_its_former_name_for_one_release(api: Caller, flagged: str) -> None:
    old = api.post(f"{flagged}/decisions", {"action": "reject", "version": 2, "category": "insult"}).json
    both = {"action": "publish", "version": 3, "reason": "spam", "category": "insult"}
    new = api.post(f"{flagged}/decisions", both).json

    assert old is not None
    assert new is not None
    assert (old["decision"]["reason"], old["decision"]["category"]) == ("insult", "insult")
    assert (new["decision"]["reason"], new["decision"]["category"]) == ("spam", "spam")
    feed = api.get("/v1/events").json
    assert feed is not None
    decided = [event["data"]["decision"] for event in feed["events"]]
    assert [(made["reason"], made["category"]) for made in decided] == [
        (None, None),
        ("insult", "insult"),
        ("spam", "spam"),
    ]


def test_the_openapi_document_calls_the_former_name_of_a_reason_deprecated(api: Caller) -> None:
    document = api.get("/openapi.json").json

    assert document is not None
    for name in ("NewDecision", "Decision", "EventDecision", "CampaignDecision", "NewTreatment", "NewMeasure"):
        assert document["components"]["schemas"][name]["properties"]["category"]["deprecated"] is True, name


def test_the_site_hears_of_its_decision_at_once_and_in_order(api: Caller, flagged: str) -> None:
    api.post(f"{flagged}/decisions", {"action": "publish", "version": 2})

    feed = api.get("/v1/events").json

    assert feed is not None
    assert [e["type"] for e in feed["events"]] == ["comment.flagged", "comment.published"]
    assert feed["events"][1]["data"]["decision"]["by"] == "api"


def test_a_published_comment_can_be_flagged_again(api: Caller, flagged: str) -> None:
    api.post(f"{flagged}/decisions", {"action": "publish", "version": 2})

    response = api.post(f"{flagged}/decisions", {"action": "flag", "version": 3})

    assert response.status_code == 201
    assert api.get(flagged).json["status"] == "flagged"  # type: ignore[index]


def test_a_waiting_comment_can_be_decided_before_the_worker_does(
    api: Caller, database: Database, site: NewSite
) -> None:
    api.post("/v1/comments", a_body(id="c-1"))

    response = api.post("/v1/comments/c-1/decisions", {"action": "reject", "version": 1})

    assert response.status_code == 201
    with database.read() as conn:
        made = decisions.decisions_of(conn, get_comment(conn, site.site.id, "c-1").id)
    assert [d.version for d in made] == [1]


def test_a_decision_on_an_older_version_changes_nothing(api: Caller, flagged: str) -> None:
    api.post(f"{flagged}/decisions", {"action": "publish", "version": 2})

    response = api.post(f"{flagged}/decisions", {"action": "reject", "version": 2})

    assert response.status_code == 409
    assert response.json is not None
    assert response.json["type"] == "urn:gavel:problem:stale-version"
    assert response.json["current"] == {"version": 3, "status": "published", "decided_by": "api"}
    assert api.get(flagged).json["status"] == "published"  # type: ignore[index]


def test_an_impossible_move_is_refused(api: Caller, flagged: str) -> None:
    same = api.post(f"{flagged}/decisions", {"action": "flag", "version": 2})
    api.delete(flagged)
    withdrawn = api.post(f"{flagged}/decisions", {"action": "publish", "version": 3})

    assert (same.status_code, withdrawn.status_code) == (409, 409)
    assert same.json is not None
    assert same.json["type"] == "urn:gavel:problem:move-not-allowed"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"version": 2}, "action"),
        ({"action": "publish"}, "version"),
        ({"action": "approve", "version": 2}, "action"),
        ({"action": "publish", "version": 0}, "version"),
        ({"action": "publish", "version": "2"}, "version"),
        ({"action": "publish", "version": 2.5}, "version"),
        ({"action": "publish", "version": True}, "version"),
        ({"action": "publish", "version": 2**40}, "version"),
        ({"action": "publish", "version": 2, "reason": "c" * 51}, "reason"),
        ({"action": "publish", "version": 2, "note": "n" * 2_001}, "note"),
        ({"action": "publish", "version": 2, "by": "ana"}, "by"),
    ],
)
def test_a_wrong_decision_names_its_field(api: Caller, flagged: str, body: dict[str, Any], field: str) -> None:
    response = api.post(f"{flagged}/decisions", body)

    assert response.status_code == 422
    assert problem_fields(response.json) == [field]
    assert api.get(flagged).json["version"] == 2  # type: ignore[index]


def test_there_is_nothing_to_decide_about_an_unknown_comment(api: Caller) -> None:
    assert api.post("/v1/comments/c-1/decisions", {"action": "publish", "version": 1}).status_code == 404
