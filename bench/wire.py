"""One keep-alive HTTP connection on loopback, small enough that the clock measures the server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

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
