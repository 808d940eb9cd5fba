"""The time from POST to decision, for a client that waits in the call and for one that asks again."""

from __future__ import annotations

import http.client
import json
import time
from dataclasses import asdict, dataclass
from typing import Annotated

from bench import Option, Result, in_ms, percentile, ratio, tell
from bench.plant import ChosenKind, Kind, database_url, free_port, plant, sample_comments
from bench.posting.posts import a_key, wait_for


@dataclass(frozen=True, slots=True)
class Plan:
    comments: Annotated[int, Option()] = 100
    rate: Annotated[float, Option("a second (default: %(default)s)")] = 5
    kind: ChosenKind = Kind.SQLITE


def measure(plan: Plan) -> Result:
    """With ``Prefer: wait`` the reply brings the decision; without it the client polls the comment until it does."""
    waited, asked = _seconds_until_decided(plan, prefer_wait=True), _seconds_until_decided(plan, prefer_wait=False)
    rows = [
        [name, *(in_ms(percentile(seconds, share)) for share in (0.5, 0.95, 0.99)), ratio(seconds[-1], waited[-1])]
        for name, seconds in (("Prefer: wait", waited), ("asking every 5 ms", asked))
    ]
    lines = [f"{plan.comments} comments, {plan.rate:g} a second, one worker, {plan.kind}"]
    values = {"plan": asdict(plan), "waited_s": waited, "asked_s": asked}
    columns = ("from POST to decision", "p50 ms", "p95 ms", "p99 ms", "longest : Prefer")
    return Result("latency", columns, rows, lines, values)


def _seconds_until_decided(plan: Plan, *, prefer_wait: bool) -> list[float]:
    """In order."""
    tell(f"{plan.comments} comments, {'waiting for' if prefer_wait else 'asking for'} each decision")
    with database_url(plan.kind) as url, plant(url) as built:
        key, port = a_key(built), free_port()
        built.start("workers")
        built.start("service", "serve", PORT=str(port))
        wait_for(built, port, key)
        built.wait_until_decided(within_s=60)
        return sorted(_one_decided(port, key, number, prefer_wait, 1 / plan.rate) for number in range(plan.comments))


def _one_decided(port: int, key: str, number: int, prefer_wait: bool, every_s: float) -> float:
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
    time.sleep(max(0.0, every_s - took))
    return took
