"""Texts that are scored without being stored: their delays alone, at a steady rate, and beside a backlog."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import count
from typing import Annotated

from bench import Option, Result, in_ms, tell
from bench.load import CHECKS, Load, post_at, post_for
from bench.plant import ChosenKind, Kind, Plant, database_url, free_port, plant, sample_comments
from bench.posting.posts import a_key, wait_for
from moderation.ground.errors import ScoringAway
from moderation.pipeline.drafts import shared_token
from moderation.pipeline.drafts.scoring_process import ScoringProcess

LOADED_WITHIN_S = 120


@dataclass(frozen=True, slots=True)
class Plan:
    rate: Annotated[float, Option("checks a second (default: %(default)s)")] = 50
    seconds: Annotated[float, Option("of a round (default: %(default)s)")] = 20
    backlog: Annotated[int, Option("of the backlog (default: %(default)s)", name="comments")] = 20_000
    workers: Annotated[int, Option()] = 2
    deadline_ms: int = 800
    kind: ChosenKind = Kind.SQLITE


def measure(plan: Plan) -> Result:
    """Takes about five rounds and the start of the processes; the backlog need not be empty at the end."""
    with database_url(plan.kind) as url, plant(url) as built:
        key, port = _start_scoring(built)
        sent = {"key": key, "seconds": plan.seconds, "path": CHECKS}
        loads: dict[str, Load] = {}
        for name, connections, rate in (("alone", 1, None), ("steady", 16, plan.rate), ("saturated", 48, None)):
            tell(name)
            loads[name] = _post(port, plan, sent, connections, rate)
        built.submit(plan.backlog)
        for _ in range(plan.workers):
            built.start("workers")
        built.wait_until_decided(at_most=plan.backlog - 200, within_s=LOADED_WITHIN_S)
        before = built.waiting()
        tell(f"steady, while {before} comments wait")
        loads["backlog"] = _post(port, plan, sent, 16, plan.rate)
        drained = (before - built.waiting()) / loads["backlog"].seconds
    return _result(plan, loads, drained)


def _start_scoring(built: Plant) -> tuple[str, int]:
    """The site's key and the service's port, once texts are scored."""
    key, port, scoring = a_key(built), free_port(), free_port()
    url, token = f"http://127.0.0.1:{scoring}", shared_token.make(built.folder)
    built.start("workers", "answer", SCORING_PORT=str(scoring))
    own = {"PORT": str(port), "SCORING_URL": url, "RATE_LIMIT_PER_MINUTE": "0", "BACKLOG_LIMIT": "10000000"}
    built.start("service", "serve", **own)
    wait_for(built, port, key)
    process = ScoringProcess(url, token)
    for _ in range(LOADED_WITHIN_S):
        try:
            process.state(within_s=1.0)
        except ScoringAway:
            built.processes[0].poll()
        else:
            post_for(port, _bodies(800), key=key, connections=4, seconds=3, path=CHECKS)
            return key, port
    raise TimeoutError(f"no scoring process: see {built.folder / 'processes.log'}")


def _post(port: int, plan: Plan, sent: dict[str, object], connections: int, rate: float | None) -> Load:
    bodies = _bodies(plan.deadline_ms)
    if rate is None:
        return post_for(port, bodies, connections=connections, **sent)  # type: ignore[arg-type]
    return post_at(port, bodies, connections=connections, rate=rate, **sent)  # type: ignore[arg-type]


def _bodies(deadline_ms: int) -> Iterator[dict[str, object]]:
    """The sample's comments under their articles, none twice the same."""
    said = sample_comments()
    for number in count():
        comment = said[number % len(said)]
        text = f"{comment['text']} {number}"
        yield {"text": text, "article": {"id": comment["article"]}, "deadline_ms": deadline_ms}


def _result(plan: Plan, loads: dict[str, Load], drained: float) -> Result:
    names = {
        "alone": "one after the other",
        "steady": f"{plan.rate:g}/s",
        "backlog": f"{plan.rate:g}/s beside a backlog, {plan.workers} workers",
        "saturated": "48 at once",
    }
    rows = [
        [
            names[name],
            f"{load.rate:.0f}",
            *(in_ms(load.percentile(share)) for share in (0.5, 0.95, 0.99)),
            str(dict(load.refused) or "none"),
        ]
        for name, load in loads.items()
    ]
    columns = ("checks", "answered/s", "p50 ms", "p95 ms", "p99 ms", "refused, by status")
    lines = [
        f"{plan.seconds:g} s each, deadline {plan.deadline_ms} ms, {plan.kind}; refused ones count among the times",
        f"meanwhile {drained:.0f} comments of the backlog were decided a second",
    ]
    values = {
        "plan": asdict(plan),
        "latencies_s": {name: load.latencies for name, load in loads.items()},
        "refused": {name: dict(load.refused) for name, load in loads.items()},
    }
    return Result("checks", columns, rows, lines, values)
