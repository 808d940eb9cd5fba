"""Accepting comments: the fastest rate of the connections, in turns with a bare endpoint under the same gunicorn, and
the time of one POST at a steady rate, with and without a worker that scores beside it."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import count
from statistics import median
from typing import Annotated

import sqlalchemy as sa
from flask import Flask, request
from flask.typing import ResponseReturnValue
from redis import Redis

from bench import Option, Result, in_ms, ratio, tell
from bench.load import Load, post_at, post_for
from bench.plant import ChosenKind, Kind, Plant, database_url, free_port, plant, tree_s
from moderation.ground.database.engine import new_id
from moderation.ground.environment.settings import Settings
from moderation.ground.jobs.jobs import Queues, connect_for_web
from moderation.operations.composition import open_database
from moderation.sites import keys
from moderation.sites.audit.actors import SYSTEM
from moderation.sites.keys import Scope

BARE, OURS, WITH_WORKER = "bare endpoint", "this service", "this service, a worker scoring"

PROCESSOR_CONNECTIONS, PROCESSOR_SECONDS = 4, 20.0


@dataclass(frozen=True, slots=True)
class Plan:
    rate: Annotated[float, Option("POSTs a second (default: %(default)s)")] = 100
    connections: Annotated[int, Option()] = 16
    seconds: Annotated[float, Option("of a round (default: %(default)s)")] = 10
    rounds: Annotated[int, Option()] = 3
    kind: ChosenKind = Kind.SQLITE


def measure(plan: Plan) -> Result:
    """Takes at most about nine times ``plan.seconds`` times ``plan.rounds``, if no server keeps up."""
    with database_url(plan.kind) as url, plant(url) as built:
        key, bare, ours = a_key(built), free_port(), free_port()
        started = [
            built.start(*gunicorn(bare)),
            built.start("service", "serve", PORT=str(ours), BACKLOG_LIMIT="10000000", RATE_LIMIT_PER_MINUTE="0"),
        ]
        for port in (bare, ours):
            wait_for(built, port, key)
        spent = _processor_s(dict(zip((bare, ours), started, strict=True)), key)
        flat_out = _in_turns(built, plan, key, {BARE: bare, OURS: ours}, rate=None)
        steady = _in_turns(built, plan, key, {BARE: bare, OURS: ours}, rate=plan.rate)
        built.start("workers")
        built.start("workers", "sweep", SWEEP_INTERVAL_S="2", SWEEP_AGE_S="1")  # the rounds emptied the queue
        built.wait_until_decided(within_s=600)
        steady |= _in_turns(built, plan, key, {WITH_WORKER: ours}, rate=plan.rate)
    return _result(plan, flat_out, steady, spent[bare] / spent[ours])


def _processor_s(processes: dict[int, subprocess.Popen[bytes]], key: str) -> dict[int, float]:
    """Of the servers' processes, for one POST, by port: it hardly depends on other work on the machine."""
    by_port = {}
    for port, process in processes.items():
        tell(f"the processor's time on port {port}")
        before = tree_s(process.pid)
        load = post_for(port, bodies(), key=key, connections=PROCESSOR_CONNECTIONS, seconds=PROCESSOR_SECONDS)
        by_port[port] = (tree_s(process.pid) - before) / max(1, load.accepted)
    return by_port


def _in_turns(
    built: Plant, plan: Plan, key: str, ports: dict[str, int], *, rate: float | None
) -> dict[str, list[Load]]:
    loads: dict[str, list[Load]] = {name: [] for name in ports}
    for number in range(plan.rounds):
        for name, port in ports.items():
            tell(f"{name}, {f'{rate:g}/s' if rate else 'flat out'}, round {number + 1} of {plan.rounds}")
            if name != WITH_WORKER:
                Redis.from_url(built.server.url).flushall()
            sent = {"key": key, "connections": plan.connections, "seconds": plan.seconds}
            loads[name].append(
                post_for(port, bodies(), **sent) if rate is None else post_at(port, bodies(), **sent, rate=rate)  # type: ignore[arg-type]
            )
    return loads


def _result(plan: Plan, flat_out: dict[str, list[Load]], steady: dict[str, list[Load]], processor: float) -> Result:
    rows = [
        _row(f"{name}, {how}", loads, reference)
        for how, measured in (("flat out", flat_out), (f"{plan.rate:g}/s", steady))
        for name, loads in measured.items()
        for reference in [measured[BARE]]
    ]
    refused = sum((load.refused for load in (*flat_out[OURS], *steady[OURS], *steady[WITH_WORKER])), Counter[int]())
    lines = [
        f"{plan.connections} connections, {plan.rounds} rounds of {plan.seconds:g} s in turns, {plan.kind}; medians",
        f"refused, by status: {dict(refused) or 'none'}",
        f"the service takes {rate(flat_out[OURS]) / rate(flat_out[BARE]):.0%} of the bare endpoint's rate",
        f"by the processor's time of one POST it is {processor:.0%}",
    ]
    columns = ("what", "accepted/s", "p50 ms", "p95 ms", "p99 ms", "p95 : bare")
    values = {"plan": asdict(plan), "flat_out": _values(flat_out), "steady": _values(steady), "processor": processor}
    return Result("posts", columns, rows, lines, values)


def _row(name: str, loads: list[Load], reference: list[Load]) -> list[str]:
    p50, p95, p99 = (_percentile(loads, share) for share in (0.5, 0.95, 0.99))
    return [name, f"{rate(loads):.0f}", *map(in_ms, (p50, p95, p99)), ratio(p95, _percentile(reference, 0.95))]


def _values(measured: dict[str, list[Load]]) -> dict[str, dict[str, float]]:
    return {
        name: {"per_second": rate(loads)} | {f"p{round(s * 100)}_s": _percentile(loads, s) for s in (0.5, 0.95, 0.99)}
        for name, loads in measured.items()
    }


def _percentile(loads: list[Load], share: float) -> float:
    return median(load.percentile(share) for load in loads)


def a_key(built: Plant) -> str:
    key = keys.create_key(
        built.database, built.site_id, name="bench", scopes=tuple(Scope), by=SYSTEM, now=datetime.now(UTC)
    )
    return key.token


def gunicorn(port: int) -> list[str]:
    """The bare endpoint with the processes and threads that the service has."""
    settings = Settings()
    return [
        "gunicorn", "bench.posting.posts:create_app()", "-k", "gthread", "--bind", f"127.0.0.1:{port}",
        "--backlog", "512",
        "-w", str(settings.web_processes), "--threads", str(settings.web_threads), "--log-level", "warning",
    ]  # fmt: skip


def rate(loads: list[Load]) -> float:
    return median(load.rate for load in loads)


def bodies() -> Iterator[dict[str, object]]:
    for number in count():
        yield {
            "article": {"id": "export-controls"},
            "author": {"id": f"reader-{number % 50}", "name": f"Reader {number % 50}"},
            "text": f"The licence rules will take months to settle, and number {number} says so too.",
        }


def wait_for(built: Plant, port: int, key: str) -> None:
    """Waits until it listens and has answered for a moment: the first answers are slower."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            post_for(port, bodies(), key=key, connections=1, seconds=0.2)
            return
    raise TimeoutError(f"no server on port {port}: see {built.folder / 'processes.log'}")


metadata = sa.MetaData()
kept = sa.Table(
    "bare",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("received_at", sa.DateTime, nullable=False),
)


def create_app() -> Flask:
    settings = Settings.from_env(os.environ)
    database, queues = open_database(settings.resolved_database_url), Queues(connect_for_web(settings.redis_url))
    metadata.create_all(database.engine)
    app = Flask(__name__)

    @app.post("/v1/comments")
    def post() -> ResponseReturnValue:
        said = request.get_json()
        comment_id = new_id()
        with database.write() as conn:
            conn.execute(kept.insert().values(id=comment_id, text=said["text"], received_at=datetime.now(UTC)))
        queues.score(comment_id, "live")
        return {"id": comment_id, "status": "waiting"}, 202

    return app
