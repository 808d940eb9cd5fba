"""A client's socket that waits for a limited time, and gathers a request before a thread reads it."""

from __future__ import annotations

import errno
import re
import socket
import struct
import time
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from service.web import unread_requests

AT_ONCE = 64 * 1024  # bytes that are read at once
MOST_HEAD = 64 * 1024  # a longer one is read in a thread, which refuses it
MOST_BODY = 5 * 1024 * 1024  # more than any call takes
_HEAD_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,12})[ \t]*(?:\r\n|$)")
_HEALTH = re.compile(rb"(?:GET|HEAD) /(?:healthz|readyz)[ ?]")


class PatientSocket:
    """A client's socket with a deadline for reading a request and a time limit for each send.

    It then closes at once, in the thread that waited: gunicorn lingers on the sockets that it closes itself.
    """

    def __init__(self, sock: socket.socket, patience_s: float) -> None:
        self._sock, self._patience_s = sock, patience_s
        self._asked_s: float | None = None  # as gunicorn asked, in socket.settimeout
        self._until = time.monotonic() + patience_s
        self.gathered = bytearray()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def begin(self) -> None:
        """Starts the time of a new request."""
        self._until = time.monotonic() + self._patience_s

    @property
    def until(self) -> float:
        """When the time is up, by ``time.monotonic``."""
        return self._until

    def gather(self) -> bool:
        """Reads what has arrived, without waiting. Whether a thread should go on: with a request that is whole, or too
        large to be kept here, or at the end of the connection."""
        try:
            self._sock.setblocking(False)
            arrived = self._sock.recv(AT_ONCE)
        except BlockingIOError:
            return is_whole(self.gathered)
        except OSError:
            return True
        self.gathered += arrived
        return not arrived or is_whole(self.gathered)

    def give_back(self, read_ahead: bytes) -> None:
        """Bytes that were read too early."""
        self.gathered[:0] = read_ahead

    @property
    def asks_for_health(self) -> bool:
        return _HEALTH.match(self.gathered) is not None

    def setblocking(self, flag: bool) -> None:
        self.settimeout(None if flag else 0.0)

    def settimeout(self, seconds: float | None) -> None:
        """Remembers the timeout that gunicorn asked for, which ``recv`` may shorten."""
        self._asked_s = seconds
        self._sock.settimeout(seconds)

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Raises ConnectionResetError when the request's time is up."""
        if self.gathered:
            first = bytes(self.gathered[:size])
            del self.gathered[:size]
            return first
        left_s = self._until - time.monotonic()
        if self._asked_s is not None and self._asked_s < left_s:
            return self._sock.recv(size, flags)
        try:
            if left_s <= 0:
                raise TimeoutError
            self._sock.settimeout(left_s)
            return self._sock.recv(size, flags)
        except TimeoutError as e:
            self.refuse()
            raise ConnectionResetError(errno.ECONNRESET, "the request took too long to arrive") from e

    def sendall(self, data: bytes, flags: int = 0) -> None:
        """Raises BrokenPipeError when the client does not read."""
        self._sock.settimeout(self._patience_s)
        try:
            self._sock.sendall(data, flags)
        except TimeoutError as e:
            self._cut()
            raise BrokenPipeError(errno.EPIPE, "the client did not read the answer") from e

    def refuse(self) -> None:
        """Tells the client that its time is up, if it still listens, and closes."""
        with suppress(OSError):
            self._sock.setblocking(False)
            self._sock.send(unread_requests.answer(HTTPStatus.REQUEST_TIMEOUT))
        self._sock.close()

    def _cut(self) -> None:
        """Drops unsent data, which the kernel would otherwise go on sending."""
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._sock.close()


def is_whole(gathered: bytearray) -> bool:
    """Whether a thread that reads this request waits for nobody. True also for one that is too large to be gathered,
    and for a client that waits for a word from us."""
    while gathered[:2] == b"\r\n":  # RFC 9112, section 2.2
        del gathered[:2]
    end = gathered.find(_HEAD_END)
    if end < 0:
        return len(gathered) > MOST_HEAD
    head, body = bytes(gathered[:end]).lower(), len(gathered) - end - len(_HEAD_END)
    if b"\r\nexpect:" in head:
        return True
    if b"\r\ntransfer-encoding:" in head:  # the last chunk, or the trailers after it, end like a head
        return body > MOST_BODY or (body > 0 and gathered.endswith(_HEAD_END))
    length = _LENGTH.search(head)
    return length is None or body >= int(length[1]) or int(length[1]) > MOST_BODY
