"""The policy by API: only somebody who has read the latest version may replace it, and only as a whole."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI

from moderation.ground.database.engine import Database, new_id
from moderation.judging.policy import documents
from moderation.judging.policy.default import default_policy
from moderation.sites.rules import writing
from moderation.sites.rules.values import CaseOrigin, HouseRule, Must, RuleCase
from moderation.sites.sites import NewSite
from tests.builders import NOON, OPERATOR
from tests.own_databases import ON_BOTH
from tests.service.bodies import problem_fields
from tests.service.conftest import Caller

RULE = {"signal": "toxicity", "at_least": 0.7, "action": "flag", "label": "Toxic"}


def a_policy(**overrides: Any) -> dict[str, Any]:
    return {"version": 1, "required": ["toxicity"], "rules": [RULE], **overrides}


def test_a_new_site_has_the_default_policy(api: Caller) -> None:
    response = api.get("/v1/policy")

    assert response.status_code == 200
    assert response.json == documents.dump(default_policy())
    assert response.headers["ETag"] == '"1"'


def test_a_policy_can_be_sent_back_as_it_was_read(api: Caller) -> None:
    policy = api.get("/v1/policy").json
    assert policy is not None
    policy["banned_words"] = ["casino*"]

    saved = api.put("/v1/policy?note=No+casinos", policy)

    assert saved.status_code == 200
    assert saved.json == {**policy, "version": 2}
    assert saved.headers["ETag"] == '"2"'
    assert api.get("/v1/policy").json == saved.json


def test_every_version_is_kept(api: Caller) -> None:
    api.put("/v1/policy?note=Stricter", a_policy())

    versions = api.get("/v1/policy/versions").json
    first = api.get("/v1/policy/versions/1").json
    second = api.get("/v1/policy/versions/2").json

    assert versions is not None
    assert [(v["version"], v["note"]) for v in versions["versions"]] == [(2, "Stricter"), (1, "The default")]
    assert versions["next"] is None
    assert first == documents.dump(default_policy())
    assert second is not None
    assert second["rules"] == [RULE]
    assert api.get("/v1/policy/versions/3").status_code == 404


def test_versions_come_in_pages(api: Caller) -> None:
    for version in (1, 2, 3):
        api.put("/v1/policy", a_policy(version=version))

    first = api.get("/v1/policy/versions?limit=3").json
    assert first is not None
    rest = api.get(f"/v1/policy/versions?limit=3&before={first['next']}").json

    assert [v["version"] for v in first["versions"]] == [4, 3, 2]
    assert rest is not None
    assert [v["version"] for v in rest["versions"]] == [1]
    assert rest["next"] is None


def test_an_older_version_does_not_replace_a_newer(api: Caller) -> None:
    api.put("/v1/policy", a_policy())

    by_body = api.put("/v1/policy", a_policy())
    by_header = api.put("/v1/policy", a_policy(), headers={"If-Match": '"1"'})

    assert by_body.status_code == 409
    assert by_body.json is not None
    assert by_body.json["current"] == {"version": 2}
    assert by_header.status_code == 412
    assert api.get("/v1/policy").json["version"] == 2  # type: ignore[index]


def test_the_header_says_the_version_as_well(api: Caller) -> None:
    body = a_policy()
    del body["version"]

    saved = api.put("/v1/policy", body, headers={"If-Match": '"1"'})

    assert saved.status_code == 200
    assert saved.json is not None
    assert saved.json["version"] == 2


@ON_BOTH
def test_of_many_saves_at_once_one_succeeds(app: OpenAPI, api_key: str, api: Caller) -> None:
    def save(_number: int) -> int:
        return Caller(app.test_client(), api_key).put("/v1/policy", a_policy()).status_code

    with ThreadPoolExecutor(5) as pool:
        answers = sorted(pool.map(save, range(5)))

    assert answers == [200, 409, 409, 409, 409]
    assert api.get("/v1/policy").json["version"] == 2  # type: ignore[index]


@pytest.mark.parametrize(
    ("policy", "fields"),
    [
        ({"version": 1}, ["rules", "required"]),
        ({"required": [], "rules": []}, ["version"]),
        (a_policy(version="1"), ["version"]),
        (a_policy(rules=[{**RULE, "at_least": 1.2}]), ["rules[0].at_least"]),
        (a_policy(rules=[RULE, {**RULE, "signal": "mood"}]), ["rules[1].signal"]),
        (a_policy(rules=[{**RULE, "below": 0.2}]), ["rules[0]"]),
        (a_policy(rules=[{**RULE, "colour": "red"}]), ["rules[0].colour"]),
        (a_policy(rules="none"), ["rules"]),
        (a_policy(required=["mood"]), ["required[0]"]),
        (a_policy(default="reject"), ["default"]),
        (a_policy(sections={"sport": {"without": ["mood"]}}), ["sections.sport.without[0]"]),
        (a_policy(banned_words=[7]), ["banned_words[0]"]),
        (a_policy(limits={}), ["limits"]),
    ],
)
def test_a_wrong_policy_names_each_field(api: Caller, policy: dict[str, Any], fields: list[str]) -> None:
    response = api.put("/v1/policy", policy)

    assert response.status_code == 422
    assert problem_fields(response.json) == fields
    assert api.get("/v1/policy").json["version"] == 1  # type: ignore[index]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("versions?limit=0", 422),
        ("versions?limit=201", 422),
        ("versions?before=0", 422),
        ("versions/0", 422),
        ("versions/x", 422),
        (f"versions/{2**31}", 422),
        (f"versions/{2**31 - 2}", 404),
    ],
)
def test_a_version_that_cannot_be_is_refused(api: Caller, path: str, status: int) -> None:
    assert api.get(f"/v1/policy/{path}").status_code == status


@pytest.fixture
def book(database: Database, site: NewSite) -> None:
    """A rule with as many cases as it needs to be tried; no scoring process answers."""
    writing.put_rule(database, site.site.id, HouseRule("insults", "No insults", "Be kind."), by=OPERATOR, now=NOON)
    for number in range(6):
        must = Must.HELD if number % 2 else Must.PASS
        case = RuleCase(new_id(), f"A text, {number}", must, NOON, "Lea", "", CaseOrigin.CHECK, "", None)
        writing.add_case(database, site.site.id, "insults", case, by=OPERATOR, now=NOON)


@pytest.mark.usefixtures("book")
def test_a_change_that_the_rule_book_objects_to_takes_the_word_of_the_answer(api: Caller) -> None:
    refused = api.put("/v1/policy", a_policy())

    assert refused.status_code == 409
    assert refused.json is not None
    assert refused.json["type"] == "urn:gavel:problem:worse-by-rule-book"
    assert refused.json["detail"] == "its cases cannot be scored now"
    untried = {"rule": "(untried)", "name": None, "texts": None, "right_now": None, "right_then": None}
    assert (refused.json["although"], refused.json["worse"]) == ("(untried)", [untried])
    assert api.put("/v1/policy?although=insults", a_policy()).status_code == 409
    assert current_version(api) == 1
    saved = api.put("/v1/policy?note=Wished&although=(untried)", a_policy())
    assert saved.status_code == 200
    newest = (api.get("/v1/policy/versions").json or {})["versions"][0]
    assert newest["note"].startswith("Wished · Although worse: The cases could not be tried")


@pytest.mark.usefixtures("book")
def test_a_caller_who_is_late_hears_of_that_first(api: Caller) -> None:
    api.put("/v1/policy?although=(untried)", a_policy())

    late = api.put("/v1/policy", a_policy())

    assert (late.json or {})["type"] == "urn:gavel:problem:stale-policy"


@pytest.mark.parametrize("word", ["x" * 2_001, "a%1Fb", "a%0Ab"])
def test_a_word_that_cannot_be_one_is_named(api: Caller, word: str) -> None:
    refused = api.put(f"/v1/policy?although={word}", a_policy())

    assert refused.status_code == 422
    assert problem_fields(refused.json) == ["although"]
    assert current_version(api) == 1


def test_the_longest_word_is_taken(api: Caller) -> None:
    assert api.put(f"/v1/policy?although={'x' * 2_000}", a_policy()).status_code == 200


def current_version(api: Caller) -> int:
    return int((api.get("/v1/policy").json or {})["version"])
