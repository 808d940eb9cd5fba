"""How long the readers of one site wait while strangers flood another one, on everything that ``./run.sh up`` starts.

Each flood is sent over HTTP, with an author of its own for each comment, so that no author's pace holds it up.
"""

from __future__ import annotations

import http.client
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated

import sqlalchemy as sa

from bench import Option, Result, percentile, tell
from bench.hostile import PROSE
from bench.plant import ChosenKind, Kind, sample_comments
from bench.soak.running import Running, running
from moderation.comments.tables import comments, decisions
from moderation.sites import sites
from moderation.sites.audit.actors import SYSTEM

CHARS, ARTICLE_CHARS = 19_900, 199_000
SENDERS = 4
READER_EVERY_S = 0.25
WARMING_S = 30
MIXED = "Du bist dumm, it is said. Vous êtes tous nuls, it is said. Eres un ladrón, it is said. Сколько это стоит? "

Body = dict[str, object]


@dataclass(frozen=True, slots=True)
class Plan:
    workers: Annotated[tuple[int, ...], Option("(default: 1 2)", metavar="N")] = (1, 2)
    seconds: Annotated[float, Option("for which readers write beside each flood (default: %(default)s)")] = 20
    within_s: Annotated[float, Option("seconds more that readers wait at most", name="within", metavar="S")] = 30
    kind: ChosenKind = Kind.SQLITE


@dataclass(frozen=True, slots=True)
class Beside:
    """The other site's readers beside a flood. Seconds from arrival to decision, sorted; a comment that was not decided
    counts as long as it had waited."""

    flood: str
    workers: int
    sent: Mapping[int, int]  # the flood's comments by HTTP status
    waits: tuple[float, ...]
    undecided: int


def measure(plan: Plan) -> Result:
    found = [_beside(plan, name, workers) for name in FLOODS for workers in plan.workers]
    rows = [
        (
            one.flood,
            str(one.workers),
            ", ".join(f"{count} × {status}" for status, count in sorted(one.sent.items())) or "–",
            str(len(one.waits)),
            f"{percentile(one.waits, 0.5):.2f}",
            f"{percentile(one.waits, 0.95):.2f}",
            str(one.undecided),
        )
        for one in found
    ]
    columns = ("beside", "workers", "flood's answers", "readers' comments", "p50 s", "p95 s", "undecided")
    lines = [f"a reader's comment every {READER_EVERY_S:g} s for {plan.seconds:g} s, {plan.kind}"]
    return Result("backlog", columns, rows, lines, {"plan": asdict(plan), "found": [asdict(one) for one in found]})


def _beside(plan: Plan, flood: str, workers: int) -> Beside:
    with running(plan.kind, workers) as gavel, ThreadPoolExecutor(SENDERS) as senders:
        tell(f"{flood}, {workers} workers")
        other = sites.create_site(gavel.database, "The readers' paper", by=SYSTEM, now=datetime.now(UTC))
        bodies = list(FLOODS[flood]())
        _warm(gavel, bodies)
        until = time.monotonic() + plan.seconds
        sending = [
            senders.submit(_send, gavel.port, gavel.key, bodies[n::SENDERS], until=until) for n in range(SENDERS)
        ]
        _write(gavel.port, other.key.token, until)
        _wait(gavel, other.site.id, within_s=plan.within_s)
        waits, undecided = _waits(gavel, other.site.id)
        tell(f"{flood}: p50 {percentile(waits, 0.5):.2f} s, p95 {percentile(waits, 0.95):.2f} s, {undecided} undecided")
        return Beside(flood, workers, _counted(sending), waits, undecided)


def _warm(gavel: Running, bodies: Sequence[Body]) -> None:
    """Has the first comment of a flood decided before the readers come: a worker opens some models at their first use,
    and those of a site that is in use have long been open."""
    if bodies:
        _send(gavel.port, gavel.key, bodies[:1], until=math.inf)
        _wait(gavel, gavel.site_id, within_s=WARMING_S)


def _send(port: int, key: str, bodies: Sequence[Body], *, until: float) -> list[int]:
    """The statuses of the answers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    found = []
    for body in bodies:
        if time.monotonic() > until:
            break
        found.append(_post(connection, key, body))
    connection.close()
    return found


def _write(port: int, key: str, until: float) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    said, number = sample_comments(), 0
    while time.monotonic() < until:
        one = said[number % len(said)]
        _post(connection, key, _body(number, str(one["text"])))
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
    while time.monotonic() < until and _waits(gavel, site_id)[1]:
        time.sleep(0.2)


def _waits(gavel: Running, site_id: str) -> tuple[tuple[float, ...], int]:
    decided = sa.select(
        decisions.c.comment_id, sa.func.min(decisions.c.created_at, type_=decisions.c.created_at.type).label("at")
    ).group_by(decisions.c.comment_id)
    made = decided.subquery()
    query = (
        sa.select(comments.c.received_at, made.c.at)
        .outerjoin(made, made.c.comment_id == comments.c.id)
        .where(comments.c.site_id == site_id)
    )
    now = datetime.now(UTC)
    with gavel.database.read() as conn:
        rows = conn.execute(query).all()
    waits = sorted(((row.at or now) - row.received_at).total_seconds() for row in rows)
    return tuple(waits), sum(row.at is None for row in rows)


def _counted(sending: Sequence[Future[list[int]]]) -> dict[int, int]:
    statuses = [status for one in sending for status in one.result()]
    return {status: statuses.count(status) for status in set(statuses)}


def _body(number: int, said: str, **article: object) -> Body:
    about = {"id": "export-controls", "title": "Export controls on rare earths", **article}
    return {"article": about, "author": {"id": f"reader-{number}"}, "text": said}


def _repeated(unit: str, count: int) -> Iterator[Body]:
    for number in range(count):
        text = f"{number} {unit * math.ceil(CHARS / len(unit))}"
        yield _body(number, text[:CHARS])


def _links() -> Iterator[Body]:
    for number in range(250):
        text = " ".join(f"https://a{number}-{n}.example.com/{n}?x={n}" for n in range(450))
        yield _body(number, text[:CHARS])


def _articles() -> Iterator[Body]:
    for number in range(64):
        words = " ".join(_word(number * 40_000 + n) for n in range(40_000))
        yield _body(number, f"{PROSE} Number {number}.", id=f"article-{number}", text=words[:ARTICLE_CHARS])


def _word(number: int) -> str:
    """Another one for each number."""
    letters = ""
    while number or not letters:
        number, rest = divmod(number, 100)
        letters += "bcdfghklmnprstvwyzqx"[rest // 5] + "aeiou"[rest % 5]
    return letters


def _short() -> Iterator[Body]:
    for number in range(5_000):
        yield _body(number, f"No, number {number} is wrong.")


FLOODS: Mapping[str, Callable[[], Iterator[Body]]] = {
    "nothing": lambda: iter(()),
    "many short comments": _short,
    "64 comments of dots": lambda: _repeated("…‥", 64),
    "250 comments of links": _links,
    "250 comments of mixed languages": lambda: _repeated(MIXED, 250),
    "64 articles of 200 KB": _articles,
}
