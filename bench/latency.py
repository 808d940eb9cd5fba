"""From POST to decision, as a news site sees it: one comment every 200 ms, to the real service with one worker."""

from __future__ import annotations

import http.client
import json
import time
from dataclasses import dataclass

from bench.plant import free_port, plant, sample_comments
from bench.posts import a_key, wait_for

COMMENTS = 100
EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds from sending the POST to having the decision."""

    p50: float
    p95: float


def measure(*, prefer_wait: bool) -> Latency:
    """With ``Prefer: wait`` the reply brings the decision; without it the comment's own page is asked until it does."""
    with plant() as built:
        key = a_key(built)
        port = free_port()
        built.start("workers")
        built.start("service", "serve", PORT=str(port))
        wait_for(built, port, key)
        built.wait_until_decided(within_s=60)
        return _percentiles([_one(port, key, number, prefer_wait) for number in range(COMMENTS)])


def _one(port: int, key: str, number: int, prefer_wait: bool) -> float:
    said = sample_comments()[number % len(sample_comments())]
    body = {"id": f"l-{number}", "article": {"id": said["article"]}, "author": said["author"], "text": said["text"]}
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    if prefer_wait:
        headers["Prefer"] = "wait=10"
    started = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("POST", "/v1/comments", json.dumps(body), headers)
    status = json.loads(connection.getresponse().read())["status"]
    while status == "waiting":
        time.sleep(0.005)
        connection.request("GET", f"/v1/comments/l-{number}", headers=headers)
        status = json.loads(connection.getresponse().read())["status"]
    took = time.perf_counter() - started
    time.sleep(max(0.0, EVERY_S - took))
    return took


def _percentiles(seconds: list[float]) -> Latency:
    ranked = sorted(seconds)
    return Latency(ranked[len(ranked) // 2], ranked[int(len(ranked) * 0.95)])
