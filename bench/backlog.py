"""How long the readers of one site wait while strangers flood others, on everything that ``./run.sh up`` starts.

Each flood is sent over HTTP, with an author of its own for each comment, so that no author's pace holds it up.
"""

from __future__ import annotations

import http.client
import json
import math
import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import cycle
from typing import Annotated

import sqlalchemy as sa

from bench import Option, Result, percentile, tell
from bench.floods import FLOODS, Body, Flood, body_of
from bench.plant import ChosenKind, Kind, sample_comments
from bench.soak.running import Running, running
from moderation.ground.values.costs import is_slow
from moderation.sites import sites
from moderation.sites.audit.actors import SYSTEM
from moderation.spine.comments.tables import comments, decisions

SENDERS = 4
READER_EVERY_S = 0.25
WARMING_S = 30


@dataclass(frozen=True, slots=True)
class Plan:
    workers: Annotated[tuple[int, ...], Option("(default: 1 2)", metavar="N")] = (1, 2)
    sites: Annotated[tuple[int, ...], Option("flooded at once (default: 1 3 10 20)", metavar="N")] = (1, 3, 10, 20)
    floods: Annotated[tuple[Flood, ...], Option("(default: all)")] = tuple(Flood)
    seconds: Annotated[float, Option("for which readers write beside each flood (default: %(default)s)")] = 20
    within_s: Annotated[float, Option("seconds more that readers wait at most", name="within", metavar="S")] = 30
    kind: ChosenKind = Kind.SQLITE


@dataclass(frozen=True, slots=True)
class Beside:
    """Another site's readers beside a flood. Seconds from arrival to decision, sorted; a comment that was not decided
    counts as long as it had waited."""

    flood: Flood
    sites: int
    workers: int
    sent: Mapping[int, int]  # the flood's comments by HTTP status
    waits: tuple[float, ...]
    undecided: int
    slow_ahead: tuple[int, ...]  # of the flood's comments slow to read, those decided while a reader waited; sorted
    cost_ahead: tuple[int, ...]  # of all of the flood's comments decided meanwhile, in pieces; sorted
    load: float  # of this machine, at the end


@dataclass(frozen=True, slots=True)
class Decided:
    received: datetime
    at: datetime | None
    cost: int


def measure(plan: Plan) -> Result:
    besides = [
        _beside(plan, flood, sites, workers)
        for flood in plan.floods
        for sites in (plan.sites if flood is not Flood.NOTHING else (1,))
        for workers in plan.workers
    ]
    columns = (
        *("beside", "at sites", "workers", "flood's answers", "readers' comments", "p50 s", "p95 s", "undecided"),
        *("slow ahead p95", "most", "cost ahead p95", "load"),
    )
    lines = [f"a reader's comment every {READER_EVERY_S:g} s for {plan.seconds:g} s, {plan.kind}"]
    values = {"plan": asdict(plan), "found": [asdict(beside) for beside in besides]}
    return Result("backlog", columns, [_row(beside) for beside in besides], lines, values)


def _row(beside: Beside) -> tuple[str, ...]:
    return (
        beside.flood,
        str(beside.sites),
        str(beside.workers),
        ", ".join(f"{count} × {status}" for status, count in sorted(beside.sent.items())) or "–",
        str(len(beside.waits)),
        f"{percentile(beside.waits, 0.5):.2f}",
        f"{percentile(beside.waits, 0.95):.2f}",
        str(beside.undecided),
        f"{percentile(beside.slow_ahead, 0.95):.0f}",
        str(max(beside.slow_ahead, default=0)),
        f"{percentile(beside.cost_ahead, 0.95):.0f}",
        f"{beside.load:.1f}",
    )


def _beside(plan: Plan, flood: Flood, count: int, workers: int) -> Beside:
    with running(plan.kind, workers) as gavel, ThreadPoolExecutor(SENDERS) as senders:
        tell(f"{flood} at {count} sites, {workers} workers")
        other = sites.create_site(gavel.database, "The readers' paper", by=SYSTEM, now=datetime.now(UTC))
        keys = [gavel.key, *(_flooded(gavel, number) for number in range(1, count))]
        bodies = list(FLOODS[flood]())
        _warm(gavel, bodies)
        until = time.monotonic() + plan.seconds
        sending = [senders.submit(_send, gavel.port, keys, bodies[n::SENDERS], until=until) for n in range(SENDERS)]
        _write(gavel.port, other.key.token, until)
        _wait(gavel, other.site.id, within_s=plan.within_s)
        readers, flooding = _decided(gavel, other.site.id)
        now = datetime.now(UTC)
        waits = sorted(((reader.at or now) - reader.received).total_seconds() for reader in readers)
        ahead = [_ahead(reader, flooding, now) for reader in readers]
        beside = Beside(
            flood,
            count,
            workers,
            _counted(sending),
            tuple(waits),
            undecided=sum(reader.at is None for reader in readers),
            slow_ahead=tuple(sorted(slow for slow, _ in ahead)),
            cost_ahead=tuple(sorted(cost for _, cost in ahead)),
            load=os.getloadavg()[0],
        )
        tell(" | ".join(_row(beside)))
        return beside


def _flooded(gavel: Running, number: int) -> str:
    """The key of one more site."""
    now = datetime.now(UTC)
    created = sites.create_site(gavel.database, f"Flooded {number}", by=SYSTEM, now=now)
    sites.change_settings(gavel.database, created.site.id, by=SYSTEM, now=now, comments_per_author_per_minute=None)
    return created.key.token


def _ahead(reader: Decided, flooding: Sequence[Decided], now: datetime) -> tuple[int, int]:
    """How many of the flood's comments that are slow to read were decided while the reader waited, and the cost of
    all."""
    costs = [post.cost for post in flooding if post.at is not None and reader.received < post.at <= (reader.at or now)]
    return sum(map(is_slow, costs)), sum(costs)


def _warm(gavel: Running, bodies: Sequence[Body]) -> None:
    """Has the first comment of a flood decided before the readers come: a worker opens some models at their first use,
    and those of a site that is in use have long been open."""
    if bodies:
        _send(gavel.port, [gavel.key], bodies[:1], until=math.inf)
        _wait(gavel, gavel.site_id, within_s=WARMING_S)


def _send(port: int, keys: Sequence[str], bodies: Sequence[Body], *, until: float) -> list[int]:
    """Goes round the sites of these keys. Returns the statuses of the answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    statuses = []
    for body, key in zip(bodies, cycle(keys), strict=False):
        if time.monotonic() > until:
            break
        statuses.append(_post(connection, key, body))
    connection.close()
    return statuses


def _write(port: int, key: str, until: float) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    said, number = sample_comments(), 0
    while time.monotonic() < until:
        comment = said[number % len(said)]
        _post(connection, key, body_of(number, str(comment["text"])))
        number += 1
        time.sleep(READER_EVERY_S)
    connection.close()


def _post(connection: http.client.HTTPConnection, key: str, body: Body) -> int:
    head = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    connection.request("POST", "/v1/comments", json.dumps(body, ensure_ascii=False).encode(), head)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def _wait(gavel: Running, site_id: str, *, within_s: float) -> None:
    until = time.monotonic() + within_s
    while time.monotonic() < until and any(comment.at is None for comment in _decided(gavel, site_id)[0]):
        time.sleep(0.2)


def _decided(gavel: Running, site_id: str) -> tuple[list[Decided], list[Decided]]:
    """The comments of the site, and those of all others."""
    first = (
        sa.select(
            decisions.c.comment_id, sa.func.min(decisions.c.created_at, type_=decisions.c.created_at.type).label("at")
        )
        .group_by(decisions.c.comment_id)
        .subquery()
    )
    query = sa.select(comments.c.site_id, comments.c.received_at, comments.c.cost, first.c.at).outerjoin(
        first, first.c.comment_id == comments.c.id
    )
    with gavel.database.read() as conn:
        rows = conn.execute(query).all()
    own = [Decided(row.received_at, row.at, row.cost) for row in rows if row.site_id == site_id]
    return own, [Decided(row.received_at, row.at, row.cost) for row in rows if row.site_id != site_id]


def _counted(sending: Sequence[Future[list[int]]]) -> dict[int, int]:
    statuses = [status for sent in sending for status in sent.result()]
    return {status: statuses.count(status) for status in set(statuses)}
