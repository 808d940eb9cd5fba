"""The OpenAPI document is valid, whole, and what the service really does; its page needs no other server."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from openapi_spec_validator import validate

from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.values.statuses import Action
from moderation.ground.webhooks.signing import new_secret, signature_headers
from moderation.insight.checks import appealed
from moderation.judging.signals.registry import FOR_RULES, SIGNALS
from moderation.law.appeals import deciding
from moderation.law.appeals.values import AppealReason
from moderation.moderators.review import featuring
from moderation.moderators.review.featuring import Pick
from moderation.sites import rows as sites
from moderation.sites.people import moderators
from moderation.sites.people.roles import Role
from moderation.sites.sites import NewSite
from moderation.sites.webhook import TEST, _test_event
from moderation.spine.comments import rows as comments
from moderation.spine.comments.envelope import EventType
from service.context import utc_now
from tests.builders import NOON, OPERATOR
from tests.scoring_processes import Answering
from tests.service.bodies import a_body, settle
from tests.service.conftest import Caller


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Nothing here depends on which database it is."""
    return sqlite_database


@pytest.fixture
def settings(settings: Settings, scoring_process: Answering) -> Settings:
    return scoring_process.named_in(settings)


@pytest.fixture
def spec(client: FlaskClient) -> Any:
    return client.get("/openapi.json").json


def operations(spec: Any) -> dict[str, Any]:
    return {
        operation["operationId"]: operation
        for path in spec["paths"].values()
        for method, operation in path.items()
        if method in ("get", "put", "post", "patch", "delete")
    }


def test_the_document_is_valid(spec: Any) -> None:
    validate(spec)


def test_the_document_is_the_same_again(client: FlaskClient, spec: Any) -> None:
    assert client.get("/openapi.json").json == spec


def test_a_policy_names_the_signals_there_are(spec: Any) -> None:
    schemas = spec["components"]["schemas"]

    assert schemas["PolicyDocument"]["properties"]["required"]["items"]["enum"] == list(SIGNALS)
    assert schemas["PolicyRule"]["properties"]["signal"]["enum"] == list(FOR_RULES)
    assert schemas["PolicyOverride"]["properties"]["without"]["items"]["enum"] == list(FOR_RULES)


def test_every_call_is_documented(app: OpenAPI, spec: Any) -> None:
    served = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/v1/") and not rule.endpoint.startswith("openai.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    documented = {(path, method) for path, item in spec["paths"].items() for method in item if path.startswith("/v1/")}

    assert documented == served


def test_operations_have_tidy_names_and_descriptions(spec: Any) -> None:
    found = operations(spec)

    assert len(found) >= 20
    assert all(re.fullmatch(r"[a-z][A-Za-z]+", name) for name in found)
    assert all(operation["summary"] for operation in found.values())


def test_every_call_with_a_key_says_so_and_says_how_it_refuses(spec: Any) -> None:
    for path, item in spec["paths"].items():
        for operation in item.values():
            if not path.startswith("/v1/"):
                continue
            if path.startswith("/v1/pages/"):
                assert "security" not in operation
                assert {"401", "403", "429"}.isdisjoint(operation["responses"])
                continue
            ways = ([{"readerToken"}],) if path.startswith("/v1/reader") else ([{"siteKey"}], [{"siteKey"}] * 2)
            assert [set(each) for each in operation["security"]] in ways, path
            for status in ("401", "403", "429", "422"):
                content = operation["responses"][status]["content"]
                if status in ("401", "403", "429"):
                    assert list(content) == ["application/problem+json"], (path, status)


def test_the_wait_is_documented(spec: Any) -> None:
    for name in ("submitComment", "editComment", "postAsReader", "editOwnComment"):
        assert "Prefer" in [p["name"] for p in operations(spec)[name]["parameters"]]


def test_no_field_has_a_default_that_generators_take_for_a_value_that_is_there(spec: Any) -> None:
    def defaults(node: Any, path: str) -> list[str]:
        if isinstance(node, list):
            return [found for part in node for found in defaults(part, path)]
        if not isinstance(node, dict):
            return []
        own = [path] if "default" in node and "properties" not in node and not path.endswith(".properties") else []
        return own + [found for name, part in node.items() for found in defaults(part, f"{path}.{name}")]

    assert defaults(spec["components"]["schemas"], "") == []
    parameters = [p for operation in operations(spec).values() for p in operation.get("parameters", ())]
    assert [p["name"] for p in parameters if p["schema"].get("default", 0) is None] == []
    assert '`"open"` when left out' in str(spec["components"]["schemas"]["NewArticle"]["properties"]["state"]).lower()


def test_each_webhook_is_described_with_what_signs_it(spec: Any) -> None:
    assert set(spec["webhooks"]) == {*EventType, TEST}
    for kind, described in spec["webhooks"].items():
        sent = described["post"]
        assert sent["summary"], kind
        assert [(p["name"], p["in"], p["required"]) for p in sent["parameters"]] == [
            (name, "header", True) for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
        ]
    headers = signature_headers((new_secret(),), "e-1", b"{}", NOON)
    assert set(headers) == {"webhook-id", "webhook-timestamp", "webhook-signature"}


def test_a_test_event_is_as_its_webhook_describes_it(spec: Any, site: NewSite) -> None:
    content = spec["webhooks"][TEST]["post"]["requestBody"]["content"]
    schema = {**content["application/json"]["schema"], "components": spec["components"]}
    event = json.loads(_test_event("e-1", site.site, NOON))

    Draft202012Validator(schema).validate(event)
    assert not Draft202012Validator(schema).is_valid({**event, "sequence": 1})


def settled_again(api: Caller, database: Database, site_id: str) -> str:
    """Gavel's id of one more published comment."""
    api.post("/v1/comments", a_body(id="c-9"))
    settle(database, site_id, "c-9", Action.PUBLISH)
    with database.read() as conn:
        return comments.get_comment(conn, site_id, "c-9").id


def feature_and_end(database: Database, site_id: str, comment_id: str) -> None:
    roles = {site_id: Role.MODERATOR}
    id = moderators.create_moderator(
        database, email="ana@example.org", name="Ana", password_hash="x", roles=roles, by=OPERATOR, now=NOON
    )
    with database.read() as conn:
        moderator = sites.find_moderator(conn, id=id)
    assert moderator is not None
    for version, featured in ((2, True), (3, False)):
        featuring.pick(database, moderator, Pick(comment_id, version, featured), now=NOON, hold_s=0)


def give_notice_and_answer(api: Caller) -> None:
    """On the comment that was settled again."""
    given = {"explanation": "It threatens.", "good_faith": True, "name": "Karl", "email": "karl@mail.example"}
    assert api.post("/v1/notices", {"comment_id": "c-9", **given}).status_code == 201
    version = api.get("/v1/comments/c-9").json["version"]  # type: ignore[index]
    assert api.post("/v1/comments/c-9/decisions", {"action": "publish", "version": version}).status_code == 201


def appeal_and_answer(api: Caller, database: Database, site: NewSite) -> None:
    api.post("/v1/comments", a_body(id="c-10"))
    decision = settle(database, site.site.id, "c-10", Action.REJECT).id
    made = api.post(f"/v1/decisions/{decision}/appeal", {"text": "I quoted the minister."})
    assert made.status_code == 201, made.text
    ben = moderators.create_moderator(
        database, email="ben@example.org", name="Ben", password_hash="x", roles={site.site.id: Role.LEAD}, by=OPERATOR,
        now=NOON,
    )  # fmt: skip
    with database.read() as conn:
        person = sites.find_moderator(conn, id=ben)
    assert person is not None and made.json is not None
    deciding.decide(database, person, made.json["id"], AppealReason.RULE_BROKEN, judged=appealed.count, now=utc_now())


def test_events_are_as_the_webhooks_describe_them(api: Caller, spec: Any, database: Database, site: NewSite) -> None:
    for number, action in enumerate(Action):
        api.post("/v1/comments", a_body(id=f"c-{number}"))
        settle(database, site.site.id, f"c-{number}", action)
    api.patch("/v1/comments/c-0", {"text": "Another text."})
    api.delete("/v1/comments/c-1")
    feature_and_end(database, site.site.id, settled_again(api, database, site.site.id))
    for measure in ("warn", "hold", "trust", "ban", "restore"):
        assert api.post("/v1/authors/reader-1/measures", {"measure": measure, "reason": "x"}).status_code == 201
    give_notice_and_answer(api)
    appeal_and_answer(api, database, site)
    example = spec["components"]["schemas"]["NewMeasure"]["example"]
    assert api.post("/v1/authors/reader-1/measures", {**example, "comment_id": "c-0"}).status_code == 201

    events = api.get("/v1/events?limit=500").json["events"]  # type: ignore[index]

    assert {event["type"] for event in events} == set(EventType)
    for event in events:
        content = spec["webhooks"][event["type"]]["post"]["requestBody"]["content"]
        schema = {**content["application/json"]["schema"], "components": spec["components"]}
        Draft202012Validator(schema).validate(event)
        others = [kind for kind in EventType if kind != event["type"]]
        assert not Draft202012Validator(schema).is_valid({**event, "type": others[0]})
        assert not Draft202012Validator(schema).is_valid({**event, "data": {}})


def test_examples_of_bodies_are_taken(api: Caller, spec: Any) -> None:
    schemas = spec["components"]["schemas"]

    assert api.post("/v1/comments", schemas["NewComment"]["example"]).status_code == 202
    assert api.post("/v1/check", {**schemas["Check"]["example"], "deadline_ms": 5_000}).status_code == 200
    assert api.put("/v1/articles/a-1", schemas["NewArticle"]["example"]).status_code == 201
    assert api.put("/v1/policy", schemas["PolicyDocument"]["example"]).status_code == 200
    assert api.put("/v1/site", schemas["SiteSettings"]["example"]).status_code == 200
    assert api.put("/v1/site/failure-policy", schemas["FailurePolicy"]["example"]).status_code == 200
    assert api.put("/v1/site/author-limits", schemas["AuthorLimits"]["example"]).status_code == 200
    assert api.put("/v1/site/author-ladder", schemas["Ladders"]["example"]).status_code == 200
    assert api.put("/v1/site/origins", schemas["Origins"]["example"]).status_code == 200
    assert api.patch("/v1/site/settings", schemas["Settings"]["example"]).status_code == 200
    assert api.put("/v1/site/checks", schemas["Checks"]["example"]).status_code == 200
    assert api.put("/v1/site/languages", schemas["Languages"]["example"]).status_code == 200
    mode = {**schemas["NewMode"]["example"], "article": "a-1"}
    assert api.post("/v1/site/modes", mode).status_code == 201
    assert api.post("/v1/site/alerts", schemas["NewTarget"]["example"]).status_code == 201
    assert api.put("/v1/site/duties/threat", schemas["NamedPeople"]["example"]).status_code == 200
    assert api.post("/v1/articles:counts", schemas["CountedArticles"]["example"]).status_code == 200
    assert api.put("/v1/site/retention", schemas["Retention"]["example"]).status_code == 200
    reasons = schemas["NewRejectionReasons"]["example"]
    assert api.put("/v1/site/rejection-reasons", reasons).status_code == 200
    comment = schemas["NewComment"]["example"]["id"]
    assert api.post("/v1/notices", {**schemas["NoticeByKey"]["example"], "comment_id": comment}).status_code == 201
    assert api.post(f"/v1/comments/{comment}/reports", schemas["NewReport"]["example"]).status_code == 201
    example = {**schemas["NewDecision"]["example"], "version": 1}
    assert api.post(f"/v1/comments/{comment}/decisions", example).status_code == 201


def test_answers_are_as_documented(api: Caller, spec: Any, database: Database, site: NewSite) -> None:
    api.put("/v1/articles/a-1", {"title": "T"})
    api.post("/v1/comments", a_body(id="c-1"))
    api.post("/v1/comments", a_body(id="c-2"))
    settle(database, site.site.id, "c-1", Action.FLAG)
    answers = {
        "Accepted": api.post("/v1/comments", a_body(id="c-3")),
        "BatchResults": api.post("/v1/comments:batch", {"comments": [a_body(), 7]}),
        "CheckResult": api.post("/v1/check", {"text": "You are a fool.", "sentences": True, "deadline_ms": 5_000}),
        "Comment": api.get("/v1/comments/c-1"),
        "CommentPage": api.get("/v1/articles/a-1/comments?status=waiting"),
        "Article": api.get("/v1/articles/a-1"),
        "DecisionMade": api.post("/v1/comments/c-1/decisions", {"action": "publish", "version": 2}),
        "ReportTaken": api.post("/v1/comments/c-1/reports", {"reporter_id": "r", "reason": "x"}),
        "EventPage": api.get("/v1/events"),
        "PolicyDocument": api.get("/v1/policy"),
        "PolicyVersions": api.get("/v1/policy/versions"),
        "Site": api.get("/v1/site"),
        "FailurePolicy": api.get("/v1/site/failure-policy"),
        "RetentionInForce": api.get("/v1/site/retention"),
        "RejectionReasons": api.get("/v1/site/rejection-reasons"),
        "AuthorLimits": api.get("/v1/site/author-limits"),
        "Origins": api.get("/v1/site/origins"),
        "Languages": api.get("/v1/site/languages"),
        "Mode": api.post("/v1/site/modes", {"mode": "slow", "hours": 1, "section": None}),
        "Modes": api.get("/v1/site/modes"),
        "AlertTarget": api.post("/v1/site/alerts", {"channel": "mail", "address": "desk@paper.example"}),
        "Duties": api.get("/v1/site/duties"),
        "AlertTargets": api.get("/v1/site/alerts"),
        "SecondReaderStates": api.get("/v1/site/second-readers"),
        "Settings": api.get("/v1/site/settings"),
        "Checks": api.get("/v1/site/checks"),
        "Counts": api.get("/v1/articles:counts?id=a-1"),
        "StatePage": api.get("/v1/articles/a-1/state"),
        "AuthorPage": api.get("/v1/authors/reader-1"),
        "AuthorExport": api.get("/v1/authors/reader-1/export"),
        "AuthorErased": api.delete("/v1/authors/reader-1"),
        "Problem": api.get("/v1/comments/none"),
    }

    for name, answer in answers.items():
        schema = {"$ref": f"#/components/schemas/{name}", "components": spec["components"]}
        Draft202012Validator(schema).validate(answer.json)
        assert answer.json, name


def test_the_page_loads_nothing_from_elsewhere(client: FlaskClient) -> None:
    page = client.get("/docs")
    assets = re.findall(r'(?:src|href)="([^"]+)"', page.text)

    assert page.status_code == 200
    assert len(assets) == 4
    assert not any(asset.startswith(("http:", "https:", "//")) for asset in assets)
    assert all(client.get(f"/{asset}").status_code == 200 for asset in assets)
    assert page.headers["Content-Security-Policy"].startswith("default-src 'self'")


def test_assets_do_not_lead_out_of_their_folder(client: FlaskClient) -> None:
    assert client.get("/docs/assets/../__init__.py").status_code == 404
    assert client.get("/docs/assets/%2e%2e/__init__.py").status_code == 404
