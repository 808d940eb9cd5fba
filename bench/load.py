"""A load generator small enough to leave the cores to the servers: raw keep-alive connections in one thread."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Load:
    """What one round of load saw. Latencies in seconds, sorted."""

    accepted: int
    refused: Counter[int]  # by HTTP status
    seconds: float
    latencies: tuple[float, ...]

    @property
    def rate(self) -> float:
        return self.accepted / self.seconds

    def percentile(self, share: float) -> float:
        return self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]


def post_for(port: int, bodies: Iterator[dict[str, object]], *, key: str, connections: int, seconds: float) -> Load:
    """POSTs to ``/v1/comments`` on loopback over so many connections for so long."""
    return asyncio.run(_run(port, bodies, key, connections, seconds))


async def _run(port: int, bodies: Iterator[dict[str, object]], key: str, connections: int, seconds: float) -> Load:
    started = time.perf_counter()
    until = started + seconds
    turns = await asyncio.gather(*(_connection(port, bodies, key, until) for _ in range(connections)))
    took = time.perf_counter() - started
    seen = [outcome for turn in turns for outcome in turn]
    statuses = Counter(status for status, _ in seen)
    accepted = statuses.pop(202, 0)
    return Load(accepted, statuses, took, tuple(sorted(latency for _, latency in seen)))


async def _connection(
    port: int, bodies: Iterator[dict[str, object]], key: str, until: float
) -> list[tuple[int, float]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    seen = []
    while time.perf_counter() < until:
        started = time.perf_counter()
        writer.write(_request(port, json.dumps(next(bodies)).encode(), key))
        status, closes = await _answer(reader)
        seen.append((status, time.perf_counter() - started))
        if closes:
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()
    return seen


def _request(port: int, body: bytes, key: str) -> bytes:
    head = (
        f"POST /v1/comments HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bool]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    status = int(head.split(" ", 2)[1])
    fields = {k.lower(): v for k, _, v in (line.partition(": ") for line in head.split("\r\n")[1:])}
    await reader.readexactly(int(fields.get("content-length", 0)))
    return status, fields.get("connection", "").lower() == "close"
