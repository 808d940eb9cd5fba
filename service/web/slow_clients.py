"""Limits how long a slow request, or an answer that the client does not read, can occupy a thread.

gunicorn waits without a thread for the first byte and for the next request of a connection, but waits for ever for the
bytes between. A proxy in front solves most of this (docs/operating.md); this module helps where there is none.
"""

from __future__ import annotations

import errno
import socket
import struct
import time
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]

from service.web import stopping


class PatientSocket:
    """A client's socket with a deadline for reading a request and a time limit for each send.

    It then closes at once, in the thread that waited: gunicorn lingers on the sockets that it closes itself, in the one
    thread that accepts new connections.
    """

    def __init__(self, sock: socket.socket, patience_s: float) -> None:
        self._sock, self._patience_s = sock, patience_s
        self._asked_s: float | None = None  # as gunicorn asked, in socket.settimeout
        self._until = time.monotonic() + patience_s

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def begin(self) -> None:
        """Starts the time of a new request."""
        self._until = time.monotonic() + self._patience_s

    def setblocking(self, flag: bool) -> None:
        self.settimeout(None if flag else 0.0)

    def settimeout(self, seconds: float | None) -> None:
        """Remembers the timeout that gunicorn asked for, which ``recv`` may shorten."""
        self._asked_s = seconds
        self._sock.settimeout(seconds)

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Raises ConnectionResetError when the request's time is up."""
        left_s = self._until - time.monotonic()
        if self._asked_s is not None and self._asked_s < left_s:
            return self._sock.recv(size, flags)
        try:
            if left_s <= 0:
                raise TimeoutError
            self._sock.settimeout(left_s)
            return self._sock.recv(size, flags)
        except TimeoutError as e:
            self._cut()
            raise ConnectionResetError(errno.ECONNRESET, "the request took too long to arrive") from e

    def sendall(self, data: bytes, flags: int = 0) -> None:
        """Raises BrokenPipeError when the client does not read."""
        self._sock.settimeout(self._patience_s)
        try:
            self._sock.sendall(data, flags)
        except TimeoutError as e:
            self._cut()
            raise BrokenPipeError(errno.EPIPE, "the client did not read the answer") from e

    def _cut(self) -> None:
        """Drops unsent data, which the kernel would otherwise go on sending."""
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._sock.close()


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's threaded worker, with sockets that are patient for a limited time."""

    patience_s = 30.0  # set before the first process starts

    def enqueue_req(self, conn: TConn) -> None:
        """Limits the time of a new connection's socket."""
        if not isinstance(conn.sock, PatientSocket):
            conn.sock = PatientSocket(conn.sock, self.patience_s)
        super().enqueue_req(conn)

    def handle_exit(self, sig: int, frame: Any) -> None:
        """Lets held requests end before the process stops."""
        stopping.begin()
        super().handle_exit(sig, frame)

    def handle(self, conn: TConn) -> Any:
        """Starts the time of the connection's next request."""
        conn.sock.begin()
        return super().handle(conn)
