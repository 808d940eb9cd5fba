"""A load generator small enough to leave the cores to the servers: keep-alive connections in one thread."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from bench.figures import percentile
from bench.wire import CLOSED, Wire, bearer

COMMENTS, CHECKS = "/v1/comments", "/v1/check"
ACCEPTED = {COMMENTS: 202, CHECKS: 200}
UNANSWERED = 0  # among the refused: the connection broke


@dataclass(frozen=True, slots=True)
class Load:
    """The result of one round of load. Latencies in seconds, sorted."""

    accepted: int
    refused: Counter[int]  # by HTTP status
    seconds: float
    latencies: tuple[float, ...]

    @property
    def rate(self) -> float:
        return self.accepted / self.seconds

    def percentile(self, share: float) -> float:
        return percentile(self.latencies, share)


def post_for(
    port: int,
    bodies: Iterator[dict[str, object]],
    *,
    key: str,
    connections: int,
    seconds: float,
    path: str = COMMENTS,
) -> Load:
    """POSTs for so many seconds, as fast as so many connections can send one after the other."""
    return asyncio.run(_run(port, bodies, key, connections, seconds, path=path))


def post_at(
    port: int,
    bodies: Iterator[dict[str, object]],
    *,
    key: str,
    connections: int,
    seconds: float,
    rate: float,
    path: str = COMMENTS,
) -> Load:
    """POSTs at a steady rate per second, whether or not the server keeps up.

    Latency counts from the moment a POST was due, so it includes the wait for a free connection.
    """
    return asyncio.run(_run(port, bodies, key, connections, seconds, rate, path))


async def _run(
    port: int,
    bodies: Iterator[dict[str, object]],
    key: str,
    connections: int,
    seconds: float,
    rate: float | None = None,
    path: str = COMMENTS,
) -> Load:
    started = time.perf_counter()
    due = _moments(started, seconds, rate)
    until = started + seconds * 2  # a server that cannot keep up gets the same time again
    turns = await asyncio.gather(
        *(_connection(Wire(port, bearer(key)), path, bodies, due, until) for _ in range(connections))
    )
    took = time.perf_counter() - started
    seen = [outcome for turn in turns for outcome in turn]
    statuses = Counter(status for status, _ in seen)
    accepted = statuses.pop(ACCEPTED[path], 0)
    return Load(accepted, statuses, took, tuple(sorted(latency for _, latency in seen)))


def _moments(started: float, seconds: float, rate: float | None) -> Iterator[float]:
    """When each POST is due: evenly spaced, or as soon as a connection is free."""
    number = 0
    while True:
        moment = time.perf_counter() if rate is None else started + number / rate
        if moment >= started + seconds:
            return
        yield moment
        number += 1


async def _connection(
    wire: Wire, path: str, bodies: Iterator[dict[str, object]], due: Iterator[float], until: float
) -> list[tuple[int, float]]:
    seen = []
    for moment in due:
        if time.perf_counter() > until:
            break
        await asyncio.sleep(max(0.0, moment - time.perf_counter()))
        try:
            status = (await wire.call("POST", path, next(bodies))).status
        except CLOSED:
            wire.close()
            status = UNANSWERED
        seen.append((status, time.perf_counter() - moment))
    wire.close()
    return seen
