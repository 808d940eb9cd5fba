"""The numbers of /metrics, in one process and from a real gunicorn with several."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
import urllib3
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from moderation.ground.database.engine import Database
from moderation.ground.estimates import Share
from moderation.ground.jobs.jobs import DELIVER_QUEUE, LANES
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.insight.learning import rows as learning
from moderation.insight.learning.limits import wished_limits
from moderation.insight.learning.limits.choosing import LimitEffect, LimitFindings, Wishes
from moderation.insight.trends import figure_rows as figures
from moderation.operations.composition import open_database
from moderation.operations.operating import migrating
from moderation.sites.sites import NewSite
from moderation.spine.events.tables import events
from service.context import utc_now
from tests.conftest import free_port
from tests.own_databases import ON_BOTH
from tests.service.bodies import a_body, settle
from tests.service.conftest import Caller
from tests.waiting import eventually

ROOT = Path(__file__).parents[2]


def samples(text: str) -> dict[tuple[str, ...], float]:
    """(name, label values …) -> value."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_comment_is_counted_from_arrival_to_decision(
    api: Caller, client: FlaskClient, database: Database, site: NewSite
) -> None:
    before = samples(client.get("/metrics").text)
    api.post("/v1/comments", a_body(id="c-1"))
    api.post("/v1/comments", a_body(id="c-2", text=" "))
    settle(database, site.site.id, "c-1", Action.FLAG, toxicity=0.9)

    after = samples(client.get("/metrics").text)

    def grown(*name: str) -> float:
        return after[name] - before.get(name, 0)

    assert grown("gavel_comments_accepted_total", "live") == 1
    assert grown("gavel_comments_refused_total", "invalid-input") == 1
    assert grown("gavel_decisions_total", "flag", "policy", "toxicity") == 1
    assert grown("gavel_decision_seconds_count", "live") == 1
    assert grown("gavel_http_requests_total", "/v1/comments", "POST", "202") == 1
    assert after["gavel_comments_flagged", "Site A"] == 1


def test_depth_and_age_are_told_as_they_stand(api: Caller, client: FlaskClient) -> None:
    api.post("/v1/comments", a_body())
    api.post("/v1/comments:batch", {"comments": [a_body(), a_body()]})

    found = samples(client.get("/metrics").text)

    assert found["gavel_queue_jobs", "live", "queued"] == 1
    assert found["gavel_queue_jobs", "bulk", "queued"] == 2
    assert found["gavel_comments_waiting", "bulk"] == 2
    assert 0 <= found["gavel_oldest_waiting_seconds", "live"] < 60
    assert found["gavel_database_up",] == found["gavel_redis_up",] == 1


def test_workers_that_score_are_told_from_those_that_deliver(client: FlaskClient, redis: Redis) -> None:
    for name, queues in (("w-1", LANES), ("d-1", (DELIVER_QUEUE,))):
        SimpleWorker(list(queues), connection=redis, serializer=JSONSerializer, name=name).register_birth()

    found = samples(client.get("/metrics").text)

    assert {key[1:] for key in found if key[0] == "gavel_worker_heartbeat_age_seconds"} == {
        ("work", "w-1"),
        ("deliver", "d-1"),
    }


def test_the_oldest_event_that_no_webhook_took_has_an_age(
    api: Caller, client: FlaskClient, database: Database, site: NewSite
) -> None:
    for number in range(2):
        api.post("/v1/comments", a_body(id=f"c-{number}"))
        settle(database, site.site.id, f"c-{number}")
    before, now = samples(client.get("/metrics").text), utc_now()
    with database.write() as conn:
        conn.execute(events.update().values(next_attempt_at=now))
        conn.execute(events.update().where(events.c.sequence.is_(None)).values(created_at=now - timedelta(seconds=90)))

    after = samples(client.get("/metrics").text)

    assert before["gavel_oldest_undelivered_seconds",] == 0
    assert after["gavel_events_undelivered",] == 2
    assert 90 <= after["gavel_oldest_undelivered_seconds",] < 120


def test_labels_hold_no_ids(api: Caller, client: FlaskClient) -> None:
    api.post("/v1/comments", a_body(id="a-reader-chose-this"))
    api.get("/v1/comments/a-reader-chose-this")
    client.get("/wp-login-probe.php")

    text = client.get("/metrics").text

    assert "a-reader-chose-this" not in text
    assert "wp-login-probe" not in text


@pytest.fixture
def gunicorn(sqlite_database: Database, redis: Redis, tmp_path: Path) -> Iterator[str]:
    """The address of a service of three processes, each with its own counts."""
    sqlite_database.disconnect()
    url = f"sqlite:///{tmp_path / 'served.db'}"
    migrating.upgrade(open_database(url))
    port = free_port()
    environment = {
        **os.environ,
        "GAVEL_HOME": str(tmp_path),
        "DATABASE_URL": url,
        "REDIS_URL": "redis://127.0.0.1:{port}/0".format(**redis.connection_pool.connection_kwargs),
        "PORT": str(port),
        "WEB_PROCESSES": "3",
    }
    with (tmp_path / "web.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "service", "serve"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    base = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: answers(base), within_s=60, says=lambda: (tmp_path / "web.log").read_text()[-2000:])
        yield base
    finally:
        process.terminate()
        process.wait(60)


def answers(base: str) -> bool:
    try:
        return urllib3.request("GET", f"{base}/readyz", retries=False, timeout=30).status == 200
    except urllib3.exceptions.HTTPError:
        return False


def test_several_processes_tell_one_sum_whichever_answers(gunicorn: str) -> None:
    for _ in range(30):
        urllib3.request("GET", f"{gunicorn}/healthz", retries=False)  # a connection each, so that all processes serve

    told = [samples(urllib3.request("GET", f"{gunicorn}/metrics").data.decode()) for _ in range(6)]

    assert {found["gavel_http_requests_total", "/healthz", "GET", "200"] for found in told} == {30}


@ON_BOTH
def test_the_figures_of_a_sites_house_model_are_there_while_it_is_in_use(
    client: FlaskClient, database: Database, site: NewSite
) -> None:
    automated = [{"error": 0.01, "published": 0.5, "rejected": 0.1, "share": 0.6}]
    judged = {"auc": 0.9, "automated": automated}
    report = {"decided": 400, "general": None, "house": judged, "both": judged, "refusal": None}
    without = samples(client.get("/metrics").text)
    with database.write() as conn:
        learning.insert_weights(conn, site.site.id, "house", b"", report, now=utc_now())

    found = samples(client.get("/metrics").text)

    name = site.site.name
    assert not any(key[0].startswith("gavel_house_model") for key in without)
    assert found["gavel_house_model_version", name] == 1
    assert found["gavel_house_model_decisions", name] == 400
    assert found["gavel_house_model_auc", "both", name] == 0.9
    assert found["gavel_house_model_decided_share", "0.01", "both", name] == 0.6
    assert ("gavel_house_model_auc", "general", name) not in found


def test_the_limits_by_wish_are_there_as_they_were_counted_last(
    client: FlaskClient, database: Database, site: NewSite
) -> None:
    now, name, id = utc_now(), site.site.name, site.site.id
    wishes = Wishes(0.01, 0.02, 300)
    without = samples(client.get("/metrics").text)
    wished_limits.count(database, id, "toxicity", wishes, now=now)
    uncounted = samples(client.get("/metrics").text)
    point = LimitEffect(0.7, Share(0.01, 0.005, 0.02, 200, 180.0), 0.8, 120.0)
    found = LimitFindings(
        "toxicity",
        {CommentStatus.PUBLISHED: 150, CommentStatus.FLAGGED: 90},
        (),
        600.0,
        today=replace(point, limit=None, held_per_day=350.0),
        publishing=point,
    )
    with database.write() as conn:
        content = {**asdict(found), "wishes": asdict(wishes)}
        figures.keep(conn, id, wished_limits.KIND, content, now=now)

    told = samples(client.get("/metrics").text)

    assert not any(key[0].startswith("gavel_limits") for key in without)
    assert uncounted["gavel_limits_counted_timestamp_seconds", name] == pytest.approx(now.timestamp())
    assert not any(key[0] == "gavel_limits_decided_share" for key in uncounted)
    assert (told["gavel_limits_comments_per_day", name], told["gavel_limits_read_per_day", name]) == (600, 300)
    assert told["gavel_limits_judged", name, "published"] == 150
    assert {key: value for key, value in told.items() if key[0] == "gavel_limits_limit"} == {
        ("gavel_limits_limit", "wish", "toxicity", name): 0.7
    }
    assert told["gavel_limits_error", "high", "wish", name] == 0.02
    assert told["gavel_limits_held_per_day", "today", name] == 350
    assert told["gavel_limits_decided_share", "wish", name] == 0.8
    assert ("gavel_limits_held_per_day", "readable", name) not in told


@pytest.mark.parametrize(
    "spelling",
    [
        "/metrics/",
        "//metrics",
        "/metrics//",
        "/%6Detrics",
        "/metrics%2F",
        "/METRICS",
        "/./metrics",
        "/metrics;a",
        "/x/../metrics",
    ],
)
def test_only_one_spelling_of_the_path_has_the_numbers(client: FlaskClient, spelling: str) -> None:
    """A proxy refuses that one; gunicorn hands on what was sent beside what it means."""
    sent = {"PATH_INFO": unquote(spelling), "REQUEST_URI": spelling, "RAW_URI": spelling}

    response = client.get("/", environ_overrides=sent)

    assert response.status_code in (308, 404)
    assert "gavel_" not in response.text


@pytest.mark.parametrize("sent", ["/metrics", "/metrics?name=a", "http://localhost/metrics"])
def test_that_spelling_may_have_a_query_and_a_host(client: FlaskClient, sent: str) -> None:
    assert client.get("/metrics", environ_overrides={"RAW_URI": sent}).status_code == 200
