"""Calls need a key and its scope, and each key has a limit on its pace."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI

from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.errors import RateLimited
from moderation.ground.jobs.jobs import Queues
from moderation.sites import keys
from moderation.sites import rows as store
from moderation.sites.keys import KEY_PREFIX, Scope, digest_of
from moderation.sites.sites import NewSite
from moderation.sites.tables import api_keys
from service.app import create_app
from service.auth import KEY_CACHE_S, Keyring, RequestPace, requirement_of
from service.context import utc_now
from tests.builders import OPERATOR
from tests.clock import Clock
from tests.service.bodies import CHECKS, KEPT_DAYS, a_body
from tests.service.conftest import Caller


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Nothing here depends on which database it is."""
    return sqlite_database


def test_the_answer_to_a_call_without_a_key_says_how_to_send_one(client: FlaskClient) -> None:
    response = client.post("/v1/comments", json=a_body())

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="gavel"'
    assert response.json is not None
    assert response.json["type"] == "urn:gavel:problem:not-authenticated"


@pytest.mark.parametrize(
    "header", ["Bearer gvl_nobody-has-this-one", "Basic abc", "Bearer", "Bearer ", "gvl_bare", "bearer \u00e9"]
)
def test_a_key_that_nobody_has_is_refused(client: FlaskClient, site: NewSite, header: str) -> None:
    response = client.get("/v1/policy", headers={"Authorization": header})

    assert response.status_code == 401
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


def test_the_scheme_is_read_in_any_case(client: FlaskClient, api_key: str) -> None:
    assert client.get("/v1/policy", headers={"Authorization": f"bearer {api_key}"}).status_code == 200


def test_a_body_is_not_read_before_the_key_is_known(client: FlaskClient) -> None:
    response = client.post("/v1/comments", data=b"{not json", content_type="application/json")

    assert response.status_code == 401


def test_only_a_digest_of_a_key_is_stored(database: Database, site: NewSite) -> None:
    token = site.key.token

    with database.read() as conn:
        found = store.find_key(conn, digest_of(token), utc_now())
        rows = str(conn.exec_driver_sql("SELECT * FROM api_keys").all())

    assert found is not None
    assert token.startswith(KEY_PREFIX)
    assert len(token) >= len(KEY_PREFIX) + 43  # 256 bits in base64
    assert token not in rows
    assert token not in repr(site)


def test_a_revoked_key_ends_within_the_cache_time(database: Database, site: NewSite) -> None:
    clock = Clock()
    keyring = Keyring(database, clock)
    keyring.find(site.key.token, now=utc_now())
    keys.revoke_key(database, site.key.id, by=OPERATOR, now=utc_now())

    clock.moment += KEY_CACHE_S - 0.01
    still = keyring.find(site.key.token, now=utc_now())
    clock.moment += 0.01
    after = keyring.find(site.key.token, now=utc_now())

    assert still is not None
    assert after is None


def test_asking_again_does_not_keep_a_revoked_key_alive(database: Database, site: NewSite) -> None:
    clock = Clock()
    keyring = Keyring(database, clock)
    keyring.find(site.key.token, now=utc_now())
    keys.revoke_key(database, site.key.id, by=OPERATOR, now=utc_now())

    found = []
    for _ in range(3):
        clock.moment += KEY_CACHE_S / 2
        found.append(keyring.find(site.key.token, now=utc_now()) is not None)

    assert found == [True, False, False]


def test_an_expired_key_is_refused(database: Database, api: Caller, site: NewSite) -> None:
    with database.write() as conn:
        conn.execute(api_keys.update().values(expires_at=utc_now() - timedelta(seconds=1)))

    assert api.get("/v1/policy").status_code == 401


CALLS: list[tuple[str, Callable[[Caller], int], Scope]] = [
    ("put article", lambda c: c.put("/v1/articles/a-1", {"title": "T"}).status_code, Scope.POST),
    ("get article", lambda c: c.get("/v1/articles/a-1").status_code, Scope.READ),
    ("list comments", lambda c: c.get("/v1/articles/a-1/comments").status_code, Scope.READ),
    ("post comment", lambda c: c.post("/v1/comments", a_body()).status_code, Scope.POST),
    ("batch", lambda c: c.post("/v1/comments:batch", {"comments": [a_body()]}).status_code, Scope.POST),
    ("get comment", lambda c: c.get("/v1/comments/c-1").status_code, Scope.READ),
    ("edit", lambda c: c.patch("/v1/comments/c-1", {"text": "t"}).status_code, Scope.POST),
    ("withdraw", lambda c: c.delete("/v1/comments/c-1").status_code, Scope.POST),
    (
        "report",
        lambda c: c.post("/v1/comments/c-1/reports", {"reporter_id": "r", "reason": "x"}).status_code,
        Scope.POST,
    ),
    (
        "decide",
        lambda c: c.post("/v1/comments/c-1/decisions", {"action": "publish", "version": 1}).status_code,
        Scope.MODERATE,
    ),
    ("list", lambda c: c.get("/v1/comments").status_code, Scope.READ),
    ("replies", lambda c: c.get("/v1/comments/c-1/replies").status_code, Scope.READ),
    ("state", lambda c: c.get("/v1/articles/a-1/state").status_code, Scope.READ),
    ("counts", lambda c: c.get("/v1/articles:counts?id=a-1").status_code, Scope.READ),
    ("many counts", lambda c: c.post("/v1/articles:counts", {"ids": ["a-1"]}).status_code, Scope.READ),
    ("get author", lambda c: c.get("/v1/authors/reader-1").status_code, Scope.READ),
    ("export author", lambda c: c.get("/v1/authors/reader-1/export").status_code, Scope.MODERATE),
    ("erase author", lambda c: c.delete("/v1/authors/reader-1").status_code, Scope.MODERATE),
    ("get author limits", lambda c: c.get("/v1/site/author-limits").status_code, Scope.MODERATE),
    (
        "put author limits",
        lambda c: c.put("/v1/site/author-limits", {"comments_per_author_per_minute": 5}).status_code,
        Scope.MODERATE,
    ),
    ("get origins", lambda c: c.get("/v1/site/origins").status_code, Scope.MODERATE),
    ("put origins", lambda c: c.put("/v1/site/origins", {"origins": []}).status_code, Scope.MODERATE),
    ("get checks", lambda c: c.get("/v1/site/checks").status_code, Scope.MODERATE),
    ("get settings", lambda c: c.get("/v1/site/settings").status_code, Scope.MODERATE),
    ("patch settings", lambda c: c.patch("/v1/site/settings", {}).status_code, Scope.MODERATE),
    ("put checks", lambda c: c.put("/v1/site/checks", CHECKS).status_code, Scope.MODERATE),
    ("get languages", lambda c: c.get("/v1/site/languages").status_code, Scope.MODERATE),
    (
        "put languages",
        lambda c: c.put("/v1/site/languages", {"trusted_languages": [], "held_languages": []}).status_code,
        Scope.MODERATE,
    ),
    ("get alerts", lambda c: c.get("/v1/site/alerts").status_code, Scope.MODERATE),
    (
        "add alerts",
        lambda c: c.post("/v1/site/alerts", {"channel": "mail", "address": "a@a.example"}).status_code,
        Scope.MODERATE,
    ),
    ("remove alerts", lambda c: c.delete(f"/v1/site/alerts/{uuid.uuid4()}").status_code, Scope.MODERATE),
    ("test alerts", lambda c: c.post(f"/v1/site/alerts/{uuid.uuid4()}/test").status_code, Scope.MODERATE),
    ("get duties", lambda c: c.get("/v1/site/duties").status_code, Scope.MODERATE),
    ("set duty", lambda c: c.put("/v1/site/duties/threat", {"people": []}).status_code, Scope.MODERATE),
    ("get modes", lambda c: c.get("/v1/site/modes").status_code, Scope.MODERATE),
    ("start mode", lambda c: c.post("/v1/site/modes", {"mode": "slow", "hours": 1}).status_code, Scope.MODERATE),
    ("end mode", lambda c: c.delete(f"/v1/site/modes/{uuid.uuid4()}").status_code, Scope.MODERATE),
    ("events", lambda c: c.get("/v1/events").status_code, Scope.READ),
    ("get policy", lambda c: c.get("/v1/policy").status_code, Scope.READ),
    (
        "put policy",
        lambda c: c.put("/v1/policy", {"rules": [], "required": [], "version": 1}).status_code,
        Scope.MODERATE,
    ),
    ("policy versions", lambda c: c.get("/v1/policy/versions").status_code, Scope.READ),
    ("policy version", lambda c: c.get("/v1/policy/versions/1").status_code, Scope.READ),
    ("get site", lambda c: c.get("/v1/site").status_code, Scope.MODERATE),
    ("put site", lambda c: c.put("/v1/site", {"webhook_url": None}).status_code, Scope.MODERATE),
    ("renew secret", lambda c: c.post("/v1/site/webhook-secret").status_code, Scope.MODERATE),
    ("get failure policy", lambda c: c.get("/v1/site/failure-policy").status_code, Scope.MODERATE),
    (
        "put failure policy",
        lambda c: c.put("/v1/site/failure-policy", {"patience_s": 60, "when_down": "hold"}).status_code,
        Scope.MODERATE,
    ),
    ("get retention", lambda c: c.get("/v1/site/retention").status_code, Scope.MODERATE),
    (
        "put retention",
        lambda c: c.put("/v1/site/retention", dict.fromkeys(KEPT_DAYS, 9)).status_code,
        Scope.MODERATE,
    ),
    ("get reasons", lambda c: c.get("/v1/site/rejection-reasons").status_code, Scope.MODERATE),
    (
        "put reasons",
        lambda c: c.put("/v1/site/rejection-reasons", {"rejection_reasons": ["Rude"]}).status_code,
        Scope.MODERATE,
    ),
]


@pytest.mark.parametrize(("_name", "call", "needed"), CALLS, ids=[name for name, _call, _scope in CALLS])
def test_each_call_needs_its_scope_and_no_other(
    client: FlaskClient,
    database: Database,
    site: NewSite,
    _name: str,
    call: Callable[[Caller], int],
    needed: Scope,
) -> None:
    site_id = site.site.id
    alone = keys.create_key(database, site_id, name="alone", scopes=[needed], by=OPERATOR, now=utc_now())
    scopes = set(Scope) - {needed, Scope.PUBLIC}  # test_browsers.py looks at that one
    others = keys.create_key(database, site_id, name="others", scopes=scopes, by=OPERATOR, now=utc_now())

    assert call(Caller(client, alone.token)) not in (401, 403)
    assert call(Caller(client, others.token)) == 403


def test_every_call_of_the_api_is_behind_the_guard(app: OpenAPI) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/v1/")]

    unguarded = [rule.rule for rule in rules if requirement_of(app.view_functions[rule.endpoint]) is None]

    assert len(rules) >= len(CALLS)
    assert [rule for rule in unguarded if not rule.startswith("/v1/pages/")] == []  # those say what readers see


@pytest.fixture
def paced(settings: Settings, database: Database, queues: Queues, api_key: str) -> Caller:
    app = create_app(replace(settings, rate_limit_per_minute=3), database=database, queues=queues)
    return Caller(app.test_client(), api_key)


def test_a_key_that_asks_too_often_is_told_when_to_come_back(paced: Caller, other_site: NewSite) -> None:
    answers = [paced.get("/v1/policy") for _ in range(4)]
    other = Caller(paced.client, other_site.key.token).get("/v1/policy")

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 60 < int(answers[3].headers["Retry-After"]) <= 81  # a third of the full minute has faded by then
    assert answers[3].json is not None
    assert answers[3].json["type"] == "urn:gavel:problem:rate-limited"
    assert answers[0].headers["RateLimit-Policy"] == '"key";q=3;w=60'
    assert answers[0].headers["RateLimit"].startswith('"key";r=2;t=')
    assert other.status_code == 200


def test_a_limit_of_zero_limits_nothing(settings: Settings, database: Database, queues: Queues, api_key: str) -> None:
    app = create_app(replace(settings, rate_limit_per_minute=0), database=database, queues=queues)
    caller = Caller(app.test_client(), api_key)

    answers = [caller.get("/v1/policy") for _ in range(5)]

    assert {answer.status_code for answer in answers} == {200}
    assert "RateLimit" not in answers[0].headers


def taken(pace: RequestPace, requests: int) -> int:
    """How many of that many requests are let in."""
    count = 0
    for _ in range(requests):
        with contextlib.suppress(RateLimited):
            pace.count("key")
            count += 1
    return count


def test_a_minute_that_was_full_fades_over_the_next() -> None:
    clock = Clock()
    pace = RequestPace(100, clock)
    allowed = {}
    for seconds in (0, 59, 61, 90, 300):
        clock.moment = 1_000.0 + seconds
        allowed[seconds] = taken(pace, 150)

    assert allowed[0] == 100
    assert allowed[59] == 0
    assert allowed[61] <= 2
    assert 48 <= allowed[61] + allowed[90] <= 52
    assert allowed[300] == 100


def test_a_caller_who_waits_as_long_as_the_answer_says_is_let_in() -> None:
    clock = Clock()
    pace = RequestPace(10, clock)
    for seconds in (0, 20, 70, 1, 45, 250, 3):
        clock.moment += seconds
        taken(pace, 20)
        with pytest.raises(RateLimited) as refused:
            pace.count("key")
        clock.moment += refused.value.retry_after_s
        pace.count("key")


def test_processes_count_apart() -> None:
    here, there = RequestPace(1, Clock()), RequestPace(1, Clock())

    assert [taken(here, 2), taken(there, 2)] == [1, 1]


def test_keys_are_counted_apart() -> None:
    pace = RequestPace(1, Clock())
    pace.count("key")

    assert pace.count("other")["RateLimit"] == '"key";r=0;t=60'
