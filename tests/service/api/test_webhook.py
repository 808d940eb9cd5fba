"""The webhook by API: addresses that are refused, the last error, and a test that says what came back."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI

from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.jobs.jobs import Queues
from moderation.sites import rows as sites
from moderation.sites import webhook_rows as webhook_failures
from moderation.sites.audit import rows as audit_entries
from moderation.sites.settings.values import SiteSettings
from moderation.sites.sites import NewSite
from moderation.spine.events import rows as events
from service.app import create_app
from service.context import utc_now
from service.web import webhook_tests
from tests.receivers import Receiver, SlowServer, silent
from tests.service.bodies import problem_fields
from tests.service.conftest import Caller
from tests.waiting import eventually

PRIVATE = "http://10.0.0.5/x"


@pytest.fixture
def open_api(settings: Settings, database: Database, queues: Queues, api_key: str) -> Caller:
    """Where webhooks may go to private addresses."""
    return Caller(client_of(replace(settings, webhook_allow_private=True), database, queues), api_key)


def client_of(settings: Settings, database: Database, queues: Queues) -> FlaskClient:
    return create_app(settings, database=database, queues=queues).test_client()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with closing(Receiver()) as receiver:
        yield receiver


@pytest.mark.parametrize(
    "url", [PRIVATE, "http://localhost:8000/hook", "https://169.254.169.254/latest", "https://[64:ff9b::a9fe:a9fe]/",
            "http://2130706433/", "https://metadata.google.internal./"]
)  # fmt: skip
def test_an_address_inside_a_private_network_is_refused_by_its_field(api: Caller, url: str) -> None:
    response = api.put("/v1/site", {"webhook_url": url})

    assert response.status_code == 422
    assert problem_fields(response.json) == ["webhook_url"]
    assert "Gavel calls public addresses only" in response.text
    assert api.get("/v1/site").json["webhook_url"] is None  # type: ignore[index]


@pytest.mark.parametrize("allowed", [{"demo": True}, {"webhook_allow_private": True}])
def test_a_demo_takes_it_and_so_does_an_operator_who_says_so(
    settings: Settings, database: Database, queues: Queues, api_key: str, allowed: dict[str, bool]
) -> None:
    api = Caller(client_of(replace(settings, **allowed), database, queues), api_key)  # type: ignore[arg-type]

    assert api.put("/v1/site", {"webhook_url": PRIVATE}).status_code == 200


def test_an_old_private_webhook_does_not_stop_other_changes(api: Caller, database: Database, site: NewSite) -> None:
    with database.write() as conn:
        sites.update_site_settings(conn, site.site.id, SiteSettings(webhook_url=PRIVATE))

    assert api.put("/v1/site/failure-policy", {"patience_s": 60, "when_down": "hold"}).status_code == 200
    assert api.put("/v1/site", {"webhook_url": PRIVATE}).status_code == 200
    assert api.put("/v1/site", {"webhook_url": f"{PRIVATE}/2"}).status_code == 422


def test_a_test_event_arrives_signed_and_is_not_in_the_feed(
    open_api: Caller, receiver: Receiver, database: Database, site: NewSite
) -> None:
    secret = open_api.put("/v1/site", {"webhook_url": receiver.url}).json["webhook_secret"]  # type: ignore[index]

    tested = open_api.post("/v1/site/webhook-test").json

    assert tested is not None
    assert (tested["delivered"], tested["status"], tested["error"]) == (True, 204, None)
    assert 0 <= tested["duration_ms"] < 15_000
    ((headers, body),) = receiver.got
    (event,) = receiver.events
    assert (event["id"], event["sequence"], event["type"]) == (tested["event_id"], None, "webhook.test")
    assert event["data"] == {"site": {"id": site.site.id, "name": "Site A"}}
    signed = f"{event['id']}.{headers['webhook-timestamp']}.".encode() + body
    mac = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(mac).decode()}"
    with database.read() as conn:
        assert events.feed(conn, site.site.id, after=0, limit=5) == []
        (noted, *_) = audit_entries.entries(conn, site.site.id, before=None, limit=5)
    assert noted.action == "webhook.tested"


def test_what_came_back_is_told_and_kept_until_a_success(open_api: Caller, receiver: Receiver) -> None:
    open_api.put("/v1/site", {"webhook_url": receiver.url})
    receiver.status = 500
    failed = open_api.post("/v1/site/webhook-test")
    kept = open_api.get("/v1/site").json
    receiver.status = 200
    open_api.post("/v1/site/webhook-test")
    mended = open_api.get("/v1/site").json

    assert failed.status_code == 200
    assert failed.json is not None
    assert kept is not None
    assert mended is not None
    assert (failed.json["delivered"], failed.json["status"]) == (False, 500)
    assert failed.json["error"] == kept["webhook_last_error"] == "the site answered 500"
    assert kept["webhook_last_error_at"] is not None
    assert (mended["webhook_last_error"], mended["webhook_last_error_at"]) == (None, None)


def test_a_private_address_that_was_set_before_is_named_by_the_test(
    api: Caller, receiver: Receiver, database: Database, site: NewSite
) -> None:
    with database.write() as conn:
        settings = SiteSettings(webhook_url=receiver.url, webhook_secret="whsec_c2VjcmV0")
        sites.update_site_settings(conn, site.site.id, settings)

    tested = api.post("/v1/site/webhook-test").json

    assert tested is not None
    assert (tested["delivered"], tested["status"]) == (False, None)
    assert tested["error"] == "Gavel does not call 127.0.0.1: it is this machine itself"
    assert receiver.got == []


def test_another_address_starts_without_the_error_of_the_one_before(
    api: Caller, database: Database, site: NewSite
) -> None:
    with database.write() as conn:
        webhook_failures.note(conn, site.site.id, "the site answered 500", now=utc_now())

    moved = api.put("/v1/site", {"webhook_url": "https://news.example/other"}).json

    assert moved is not None
    assert moved["webhook_last_error"] is None


def test_without_a_webhook_there_is_nothing_to_test(api: Caller, database: Database, site: NewSite) -> None:
    response = api.post("/v1/site/webhook-test")

    assert response.status_code == 422
    assert problem_fields(response.json) == ["webhook_url"]
    with database.read() as conn:
        noted = audit_entries.entries(conn, site.site.id, before=None, limit=9)
    assert "webhook.tested" not in {entry.action for entry in noted}


def test_tests_of_a_webhook_that_hangs_leave_threads_to_others(
    settings: Settings, database: Database, queues: Queues, api_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of four threads two may be held, and one of these for as long as a test may take."""
    monkeypatch.setattr(webhook_tests, "LONGEST_S", 5.0)
    app: OpenAPI = create_app(replace(settings, webhook_allow_private=True), database=database, queues=queues)
    with closing(SlowServer(silent)) as server:
        Caller(app.test_client(), api_key).put("/v1/site", {"webhook_url": server.url})
        answers: list[object] = []

        def test() -> None:
            answers.append(Caller(app.test_client(), api_key).post("/v1/site/webhook-test").json)

        waiting = threading.Thread(target=test)
        waiting.start()
        eventually(lambda: len(server.connections) == 1, within_s=5)
        refused = Caller(app.test_client(), api_key).post("/v1/site/webhook-test")
        waiting.join()

    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "5"
    assert [answer["error"] for answer in answers] == ["the site did not answer within 5 seconds"]  # type: ignore[index]
