"""Two sites never see each other's anything: what belongs to another site does not exist."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask_openapi3.openapi import OpenAPI
from werkzeug.test import TestResponse

from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.values.measures import Measure
from moderation.ground.values.modes import Mode, ModeName
from moderation.ground.values.statuses import Action
from moderation.law.modes import rows as mode_rows
from moderation.moderators.authors import measure_rows as author_measures
from moderation.moderators.authors.measure_rows import AuthorMark, TakenMeasure
from moderation.moderators.campaigns.tables import campaigns
from moderation.operations.alerts.tables import alert_targets
from moderation.sites.sites import NewSite
from moderation.spine.articles import rows as articles
from service.context import utc_now
from tests.builders import NOON
from tests.own_databases import ON_BOTH
from tests.scoring_processes import Answering
from tests.service.bodies import CHECKS, KEPT_DAYS, a_body, settle
from tests.service.conftest import Caller

CAMPAIGN = "01890a5d-ac96-774b-bcce-b302099a8057"
MEASURE = "01890a5d-ac96-774b-bcce-b302099a8058"
NOTICE = {
    "comment_id": "c-1", "explanation": "Mine", "good_faith": True, "name": "Eve", "email": "eve@mail.example",
}  # fmt: skip
MODE = "01890a5d-ac96-774b-bcce-b302099a8059"
TARGET = "01890a5d-ac96-774b-bcce-b302099a8060"
HOOK = "https://news.example/hooks/gavel"

ELSEWHERE = ("openai.", "reader.", "moderated.", "redress.", "pages.", "site_pages.")
"""Calls without a site's key: the tests in readers/ and pages/ are about them."""


@pytest.fixture
def settings(settings: Settings, scoring_process: Answering) -> Settings:
    return scoring_process.named_in(settings)


@pytest.fixture(autouse=True)
def of_site_a(api: Caller, database: Database, site: NewSite) -> None:
    """An article with a published and a flagged comment, a webhook and a second policy, all of site A."""
    api.put("/v1/articles/a-1", {"title": "Theirs", "text": "Not yours."})
    for comment, action in (("c-1", Action.PUBLISH), ("c-2", Action.FLAG)):
        api.post("/v1/comments", a_body(id=comment, author={"id": "reader-1", "name": "Dana"}))
        settle(database, site.site.id, comment, action)
    api.post("/v1/comments/c-1/reports", {"reporter_id": "reader-1", "reason": "x", "note": "Theirs"})
    api.put("/v1/site", {"webhook_url": HOOK})
    api.put("/v1/site/origins", {"origins": ["https://news.example"]})
    api.put("/v1/site/languages", {"trusted_languages": ["fr"], "held_languages": ["tr"]})
    api.put("/v1/policy", {"version": 1, "required": [], "rules": []})
    moments = dict.fromkeys(("first_at", "last_at", "live_until"), NOON)
    with database.write() as conn:
        conn.execute(campaigns.insert().values(id=CAMPAIGN, site_id=site.site.id, copies=3, authors=3, **moments))
        author = articles.find_author(conn, site.site.id, "reader-1")
        assert author is not None
        made = TakenMeasure(MEASURE, author.site_id, author.id, Measure.WARN, "key", NOON, AuthorMark(), "Theirs")
        author_measures.insert(conn, made)
        wish = {"kinds": ["threat"], "language": "en", "zone": "UTC"}
        target = {"id": TARGET, "site_id": site.site.id, "channel": "mail", "address": "a@theirs.example", "wish": wish}
        conn.execute(alert_targets.insert().values(**target, created_at=NOON, next_at=NOON))
        ends = utc_now() + timedelta(hours=1)
        mode_rows.insert(conn, Mode(MODE, site.site.id, ModeName.SLOW, NOON, ends, ends, section="Theirs"))


def send_test(caller: Caller) -> TestResponse:
    """To a name that no resolver is asked for, because its first part is too long."""
    caller.put("/v1/site", {"webhook_url": f"https://{'n' * 64}.example/"})
    return caller.post("/v1/site/webhook-test")


UNKNOWN: dict[str, Callable[[Caller], TestResponse]] = {
    "GET /v1/articles/<id>": lambda c: c.get("/v1/articles/a-1"),
    "DELETE /v1/site/modes/<id>": lambda c: c.delete(f"/v1/site/modes/{MODE}"),
    "DELETE /v1/site/alerts/<id>": lambda c: c.delete(f"/v1/site/alerts/{TARGET}"),
    "POST /v1/site/alerts/<id>/test": lambda c: c.post(f"/v1/site/alerts/{TARGET}/test"),
    "GET /v1/authors/<path:id>": lambda c: c.get("/v1/authors/reader-1"),
    "GET /v1/authors/<path:id>/export": lambda c: c.get("/v1/authors/reader-1/export"),
    "GET /v1/authors/<path:id>/measures": lambda c: c.get("/v1/authors/reader-1/measures"),
    "POST /v1/authors/<path:id>/measures": lambda c: c.post(
        "/v1/authors/reader-1/measures", {"measure": "ban", "reason": "Mine"}
    ),
    "GET /v1/author-measures/<id>/appeal": lambda c: c.get(f"/v1/author-measures/{MEASURE}/appeal"),
    "POST /v1/author-measures/<id>/appeal": lambda c: c.post(
        f"/v1/author-measures/{MEASURE}/appeal", {"text": "Mine."}
    ),
    "POST /v1/author-measures/<id>/undo": lambda c: c.post(f"/v1/author-measures/{MEASURE}/undo"),
    "GET /v1/comments/<id>/replies": lambda c: c.get("/v1/comments/c-1/replies"),
    "GET /v1/comments/<id>": lambda c: c.get("/v1/comments/c-1"),
    "PATCH /v1/comments/<id>": lambda c: c.patch("/v1/comments/c-1", {"text": "Mine."}),
    "DELETE /v1/comments/<id>": lambda c: c.delete("/v1/comments/c-1"),
    "GET /v1/decisions/<id>/statement": lambda c: c.get(f"/v1/decisions/{MEASURE}/statement"),
    "POST /v1/notices": lambda c: c.post("/v1/notices", NOTICE),
    "GET /v1/notices/<id>": lambda c: c.get(f"/v1/notices/{MEASURE}"),
    "GET /v1/decisions/<id>/appeal": lambda c: c.get(f"/v1/decisions/{MEASURE}/appeal"),
    "POST /v1/decisions/<id>/appeal": lambda c: c.post(f"/v1/decisions/{MEASURE}/appeal", {"text": "Mine."}),
    "POST /v1/comments/<id>/decisions": lambda c: c.post(
        "/v1/comments/c-2/decisions", {"action": "publish", "version": 2}
    ),
    "POST /v1/comments/<id>/reports": lambda c: c.post(
        "/v1/comments/c-1/reports", {"reporter_id": "r-1", "reason": "x"}
    ),
    "GET /v1/policy/versions/<version>": lambda c: c.get("/v1/policy/versions/2"),
    "GET /v1/campaigns/<id>": lambda c: c.get(f"/v1/campaigns/{CAMPAIGN}"),
    "POST /v1/campaigns/<id>/decisions": lambda c: c.post(f"/v1/campaigns/{CAMPAIGN}/decisions", {"action": "reject"}),
    "PUT /v1/campaigns/<id>/treatment": lambda c: c.put(f"/v1/campaigns/{CAMPAIGN}/treatment", {"action": "flag"}),
    "DELETE /v1/campaigns/<id>/treatment": lambda c: c.delete(f"/v1/campaigns/{CAMPAIGN}/treatment"),
}
OWN: dict[str, Callable[[Caller], TestResponse]] = {
    "PUT /v1/articles/<id>": lambda c: c.put("/v1/articles/a-1", {"title": "Mine"}),
    "POST /v1/comments": lambda c: c.post("/v1/comments", a_body("Mine.", id="c-1")),
    "POST /v1/comments:batch": lambda c: c.post("/v1/comments:batch", {"comments": [a_body("Mine.", id="c-1")]}),
    "POST /v1/check": lambda c: c.post(
        "/v1/check", {"text": "Mine.", "article": {"id": "a-1"}, "author": {"id": "reader-1"}, "deadline_ms": 5_000}
    ),
    "GET /v1/articles/<id>/comments": lambda c: c.get("/v1/articles/a-1/comments"),
    "GET /v1/articles/<id>/state": lambda c: c.get("/v1/articles/a-1/state"),
    "GET /v1/articles:counts": lambda c: c.get("/v1/articles:counts?id=a-1"),
    "POST /v1/articles:counts": lambda c: c.post("/v1/articles:counts", {"ids": ["a-1"]}),
    "GET /v1/comments": lambda c: c.get("/v1/comments?article=a-1&author=reader-1"),
    "DELETE /v1/authors/<path:id>": lambda c: c.delete("/v1/authors/reader-1"),
    "GET /v1/site/author-ladder": lambda c: c.get("/v1/site/author-ladder"),
    "PUT /v1/site/author-ladder": lambda c: c.put("/v1/site/author-ladder", {"author_ladder": None}),
    "GET /v1/site/author-limits": lambda c: c.get("/v1/site/author-limits"),
    "PUT /v1/site/author-limits": lambda c: c.put("/v1/site/author-limits", {"comments_per_author_per_minute": 1}),
    "GET /v1/site/origins": lambda c: c.get("/v1/site/origins"),
    "PUT /v1/site/origins": lambda c: c.put("/v1/site/origins", {"origins": ["https://other.example"]}),
    "GET /v1/site/checks": lambda c: c.get("/v1/site/checks"),
    "GET /v1/site/settings": lambda c: c.get("/v1/site/settings"),
    "PATCH /v1/site/settings": lambda c: c.patch("/v1/site/settings", {"read_per_day": 7}),
    "PUT /v1/site/checks": lambda c: c.put("/v1/site/checks", {**CHECKS, "read_per_day": 7}),
    "GET /v1/site/languages": lambda c: c.get("/v1/site/languages"),
    "PUT /v1/site/languages": lambda c: c.put("/v1/site/languages", {"trusted_languages": [], "held_languages": []}),
    "GET /v1/site/alerts": lambda c: c.get("/v1/site/alerts"),
    "POST /v1/site/alerts": lambda c: c.post("/v1/site/alerts", {"channel": "mail", "address": "b@b.example"}),
    "GET /v1/site/second-readers": lambda c: c.get("/v1/site/second-readers"),
    "GET /v1/site/duties": lambda c: c.get("/v1/site/duties"),
    "PUT /v1/site/duties/<reason>": lambda c: c.put("/v1/site/duties/threat", {"people": []}),
    "GET /v1/site/modes": lambda c: c.get("/v1/site/modes"),
    "POST /v1/site/modes": lambda c: c.post("/v1/site/modes", {"mode": "closed", "hours": 1}),
    "GET /v1/campaigns": lambda c: c.get("/v1/campaigns"),
    "GET /v1/events": lambda c: c.get("/v1/events"),
    "GET /v1/policy": lambda c: c.get("/v1/policy"),
    "PUT /v1/policy": lambda c: c.put("/v1/policy", {"version": 1, "required": [], "rules": []}),
    "GET /v1/policy/versions": lambda c: c.get("/v1/policy/versions"),
    "GET /v1/site": lambda c: c.get("/v1/site"),
    "PUT /v1/site": lambda c: c.put("/v1/site", {"webhook_url": None}),
    "POST /v1/site/webhook-secret": lambda c: c.post("/v1/site/webhook-secret"),
    "POST /v1/site/webhook-test": send_test,
    "GET /v1/site/failure-policy": lambda c: c.get("/v1/site/failure-policy"),
    "PUT /v1/site/failure-policy": lambda c: c.put(
        "/v1/site/failure-policy", {"patience_s": 60, "when_down": "rules_only"}
    ),
    "GET /v1/site/texts": lambda c: c.get("/v1/site/texts?language=de"),
    "PUT /v1/site/texts": lambda c: c.put("/v1/site/texts", {"language": "de", "texts": {"reply": "Meine"}}),
    "GET /v1/site/retention": lambda c: c.get("/v1/site/retention"),
    "GET /v1/site/rejection-reasons": lambda c: c.get("/v1/site/rejection-reasons"),
    "PUT /v1/site/rejection-reasons": lambda c: c.put(
        "/v1/site/rejection-reasons", {"rejection_reasons": ["Advertising"]}
    ),
    "PUT /v1/site/retention": lambda c: c.put("/v1/site/retention", dict.fromkeys(KEPT_DAYS, 9)),
}


def everything(api: Caller) -> list[object]:
    """All that site A can read."""
    paths = (
        "articles/a-1",
        "articles/a-1/comments",
        "articles/a-1/state",
        "articles:counts?id=a-1",
        "authors/reader-1",
        "authors/reader-1/measures",
        "campaigns",
        f"campaigns/{CAMPAIGN}",
        "comments",
        "comments/c-1",
        "comments/c-2",
        "events",
        "policy",
        "site",
        "site/alerts",
        "site/author-ladder",
        "site/author-limits",
        "site/checks",
        "site/duties",
        "site/settings",
        "site/languages",
        "site/modes",
        "site/origins",
        "site/rejection-reasons",
        "site/second-readers",
        "site/texts?language=de",
    )
    return [api.get(f"/v1/{path}").json for path in paths]


@ON_BOTH
def test_every_call_of_the_api_is_in_one_of_the_tables(app: OpenAPI) -> None:
    calls = {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/v1/") and not rule.endpoint.startswith(ELSEWHERE)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }

    assert calls == UNKNOWN.keys() | OWN.keys()


@ON_BOTH
@pytest.mark.parametrize("call", UNKNOWN.values(), ids=UNKNOWN)
def test_what_belongs_to_another_site_does_not_exist(
    api: Caller, other_api: Caller, call: Callable[[Caller], TestResponse]
) -> None:
    before = everything(api)

    response = call(other_api)

    assert response.status_code == 404
    assert "Theirs" not in response.text
    assert everything(api) == before


@pytest.mark.parametrize("call", OWN.values(), ids=OWN)
def test_a_sites_calls_change_only_its_own(
    api: Caller, other_api: Caller, call: Callable[[Caller], TestResponse]
) -> None:
    before = everything(api)

    response = call(other_api)

    assert response.status_code in (200, 201, 202)
    assert not any(theirs in response.text for theirs in ("Theirs", "Dana", HOOK, "licence", '"c-2"'))
    assert '"counts"' not in response.text or response.json == {"counts": {"a-1": 0}}
    assert everything(api) == before


def test_the_same_ids_may_be_used_by_two_sites(api: Caller, other_api: Caller) -> None:
    other_api.post("/v1/comments", a_body("Mine.", id="c-1"))

    theirs, mine = api.get("/v1/comments/c-1").json, other_api.get("/v1/comments/c-1").json

    assert theirs is not None
    assert mine is not None
    assert (theirs["status"], mine["status"]) == ("published", "waiting")
    assert mine["text"] == "Mine."
    assert mine["author"]["name"] is None


def test_a_parent_of_another_site_is_unknown(other_api: Caller) -> None:
    response = other_api.post("/v1/comments", a_body(parent_id="c-1"))

    assert response.status_code == 422
    assert other_api.get("/v1/articles/a-1").status_code == 404
