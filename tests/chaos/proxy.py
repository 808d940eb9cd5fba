"""A wire between a client and a server that a test can slow down, cut, or wrap in TLS."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Proxy:
    """Forwards bytes on loopback from a thread of its own."""

    def __init__(self, to_port: int, *, tls: ssl.SSLContext | None = None) -> None:
        self.to_port = to_port
        self.tls = tls
        self.delay_s = 0.0  # each way, for each piece that comes
        self.came_late = 0  # pieces, both ways
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._wires: set[asyncio.Task[None]] = set()
        self._up = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def cut(self) -> None:
        """Ends every open connection. New ones are accepted."""
        self._loop.call_soon_threadsafe(self._cut)

    def _cut(self) -> None:
        for wire in self._wires:
            wire.cancel()

    def start(self) -> None:
        self._thread.start()
        self._up.wait(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._cut)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._join, "127.0.0.1", 0, ssl=self.tls))
        self.port = server.sockets[0].getsockname()[1]
        self._up.set()
        self._loop.run_forever()
        server.close()
        pending = asyncio.all_tasks(self._loop)
        for task in pending:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
        self._loop.close()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        wire = asyncio.current_task()
        assert wire is not None
        self._wires.add(wire)
        with suppress(OSError, asyncio.CancelledError):
            there, back = await asyncio.open_connection("127.0.0.1", self.to_port)
            try:
                await asyncio.gather(self._pass(reader, back), self._pass(there, writer))
            finally:
                back.close()
        writer.close()
        self._wires.discard(wire)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(65_536):
            if self.delay_s:
                await asyncio.sleep(self.delay_s)
                self.came_late += 1
            writer.write(piece)
            await writer.drain()
        writer.close()


@contextmanager
def proxy(to_port: int, *, tls: ssl.SSLContext | None = None) -> Iterator[Proxy]:
    made = Proxy(to_port, tls=tls)
    made.start()
    try:
        yield made
    finally:
        made.stop()
