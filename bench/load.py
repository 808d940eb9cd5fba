"""HTTP connections and a load generator small enough to leave the cores to the servers, all in one thread."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from bench import percentile

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


CLOSED = (ConnectionError, asyncio.IncompleteReadError)
ANSWER_WITHIN_S = 60.0  # longer than any held reply; no answer by then means a broken connection


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    fields: Mapping[str, str]  # header names in lower case
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


class Wire:
    """Opens at its first use, and again if the server has closed it. One call at a time."""

    def __init__(self, port: int, headers: Mapping[str, str] | None = None) -> None:
        self.port, self.headers = port, dict(headers or {})
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def call(
        self, method: str, path: str, body: Any = None, *, form: Mapping[str, str] | None = None, **headers: str
    ) -> Answer:
        """Sends a call once more if the server had closed the connection. Raises OSError and IncompleteReadError.

        ``body`` goes as JSON, ``form`` as a browser sends it; underscores in names of headers become dashes.
        """
        request = self._request(method, path, _content(body, form), headers)
        was_open = self._streams is not None
        try:
            return await self._in_time(request)
        except CLOSED:
            self.close()
            if not was_open:
                raise
            return await self._in_time(request)

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _in_time(self, request: bytes) -> Answer:
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                return await self._exchange(request)
        except TimeoutError as e:
            raise ConnectionAbortedError(f"no answer within {ANSWER_WITHIN_S:g} s") from e

    async def _exchange(self, request: bytes) -> Answer:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self.port, limit=2**20)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        fields = {k.lower(): v for k, _, v in (line.partition(": ") for line in head.split("\r\n")[1:])}
        content = await reader.readexactly(int(fields.get("content-length", 0)))
        if fields.get("connection", "").lower() == "close":
            self.close()
        return Answer(int(head.split(" ", 2)[1]), fields, content)

    def _request(self, method: str, path: str, content: tuple[str, bytes], headers: Mapping[str, str]) -> bytes:
        kind, payload = content
        sent = {"Host": f"127.0.0.1:{self.port}", **self.headers}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if kind:
            sent |= {"Content-Type": kind, "Content-Length": str(len(payload))}
        lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + payload


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def _content(body: Any, form: Mapping[str, str] | None) -> tuple[str, bytes]:
    if form is not None:
        return "application/x-www-form-urlencoded", urlencode(form).encode()
    return ("application/json", json.dumps(body).encode()) if body is not None else ("", b"")
