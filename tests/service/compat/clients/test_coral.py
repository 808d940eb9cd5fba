"""Coral against a live Gavel, with requests as its source sends them: its toxic-comment filter with only the custom
endpoint changed, and its moderation phase with a real worker behind it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from redis import Redis
from rq import Worker

from moderation.moderators.review import label_rows as labels
from moderation.pipeline.arriving.fairness import FRESH_S
from moderation.sites import sites
from service.compat.coral.calls import signature
from service.context import utc_now
from tests.builders import OPERATOR
from tests.installed_clients import INSTALL_S
from tests.service.compat.clients.live import ROOT, Live
from tests.waiting import eventually
from workers.machine.queue_server import QueueServer

pytestmark = pytest.mark.timeout(INSTALL_S)
SECRET = "a secret that Coral made"
RUDE, KIND = "You are a complete idiot and everybody here despises you.", "Thank you, that was a helpful answer."


def send(url: str, body: Any, **headers: str) -> Any:
    """As Coral's fetch does: JSON, and a key in the address where there is one."""
    raw = json.dumps(body, indent=2).encode()
    request = urllib.request.Request(url, raw, {"Content-Type": "application/json", **headers})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def test_the_toxic_comment_filter_with_only_its_endpoint_changed(live: Live) -> None:
    """Body and query of Coral 9's ``sendToPerspective``; ``model`` is TOXICITY unless somebody changed it."""
    url = f"{live.url}/v1alpha1/comments:analyze?key={live.key}"

    def score(text: str) -> float:
        body = {"comment": {"text": text}, "doNotStore": True, "requestedAttributes": {"TOXICITY": {}}}
        found = send(url, {**body, "languages": ["en"]})
        return float(found["attributeScores"]["TOXICITY"]["summaryScore"]["value"])

    assert score(RUDE) > 0.8 > score(KIND)


def test_the_feedback_of_corals_moderators_becomes_a_label(live: Live) -> None:
    text = "A comment that a moderator of Coral rejected."
    link = {"url": "https://news.example/ferry?commentID=c-9", "Coral_comment_id": "c-9"}
    body = {
        "comment": {"text": text},
        "context": {"entries": [{"text": json.dumps(link)}]},
        "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}},
        "languages": ["en"],
        "communityId": "Coral:https://coral.example",
        "clientToken": "comment:c-9",
    }

    found = send(f"{live.url}/v1alpha1/comments:suggestscore?key={live.key}", body)

    assert found["clientToken"] == "comment:c-9"
    with live.database.read() as conn:
        kept = [label for _id, label in labels.of_site(conn, live.site_id, limit=1_000)]
    assert [label.value for label in kept if label.text == text] == [1.0]


@pytest.fixture(scope="module")
def worker(live: Live, redis_server: QueueServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A worker beside the live Gavel, which decides what Coral sends."""
    home = tmp_path_factory.mktemp("worker")
    own = {
        "GAVEL_HOME": str(home),
        "DATABASE_URL": live.database.engine.url.render_as_string(hide_password=False),
        "REDIS_URL": redis_server.url,
        "PYTHONPATH": str(ROOT),
        "ORT_DISABLE_TELEMETRY": "1",
    }
    with (home / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "workers", "work"], env={**os.environ, **own}, stdout=log, stderr=log
        )
        eventually(lambda: at_the_queues(process.pid, redis_server), within_s=180)  # it has loaded its models
        yield
        process.terminate()
        process.wait(60)


def at_the_queues(pid: int, redis_server: QueueServer) -> bool:
    with Redis.from_url(redis_server.url) as client:
        return pid in {found.pid for found in Worker.all(connection=client)}


def a_comment(text: str) -> dict[str, Any]:
    return {
        "action": "NEW",
        "comment": {"body": text, "parentID": None},
        "author": {"id": "5f1f3b7e-5b0a-4a57-9a2f-0c7d0b6b5c11", "role": "COMMENTER"},
        "story": {"id": "1f9ef4b4-8f5d-4f0e-8c55-7e4f1f7c2d22", "url": "https://news.example/ferry"},
        "site": {"id": "b6a1d1c4-5c0e-4d65-8f0b-3d2b8a9a3e33"},
        "tenantID": "8d0c6a9e-7f4e-4b0f-9f3a-2a1b0c9d8e44",
        "tenantDomain": "coral.example",
    }


def test_the_moderation_phase_answers_with_the_workers_decision(live: Live, worker: None) -> None:
    sites.change_settings(live.database, live.site_id, by=OPERATOR, now=utc_now(), coral_signing_secret=SECRET)
    url = f"{live.url}/coral/{live.site_id}/moderate?timeout_ms=10000"

    def moderate(text: str) -> Any:
        body = a_comment(text)
        signed = signature(SECRET, json.dumps(body, indent=2).encode())
        return send(url, body, **{"X-Coral-Signature": signed})

    def decided(text: str) -> Any:
        """The answer to Coral, asked again where the phase's time passed on a slow machine, or where the site's share
        was used up: the service reads the load once a second, and what came since counts as waiting."""
        for _ in range(20):
            heard = moderate(text)
            if heard["status"] != "PREMOD":
                break
            time.sleep(FRESH_S)
        return heard

    assert decided(KIND)["status"] == "NONE"
    assert decided("The ferry was on time today, thank you.") == {"status": "NONE", "actions": []}
    assert decided(RUDE) == {
        "status": "SYSTEM_WITHHELD",
        "actions": [{"actionType": "FLAG", "reason": "COMMENT_DETECTED_TOXIC"}],
    }
    assert decided("Buy a.example.com b.example.com c.example.com d.example.com now") == {
        "status": "SYSTEM_WITHHELD",
        "actions": [{"actionType": "FLAG", "reason": "COMMENT_DETECTED_SPAM"}],
    }
