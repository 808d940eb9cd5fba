"""Keeps slow clients from occupying threads: a request gets one when it has arrived whole.

gunicorn waits for the bytes of a request in a thread, and lingers on a closed connection in the one thread that accepts
new ones. Here both happen beside the threads, for a limited time and number. A proxy in front does more of this
(docs/operating.md).
"""

from __future__ import annotations

import logging
import selectors
import socket
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any

from gunicorn import util  # type: ignore[import-untyped]
from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]

from service.web import stopping, unread_requests
from service.web.patient_sockets import AT_ONCE, PatientSocket

MOST_UNFINISHED = 800  # requests that may be arriving in one process, of the 1,000 connections that it takes
MOST_GATHERED = 32 * 1024 * 1024  # bytes of them
LINGER_S = 2.0  # for a client that has not read its answer yet
SKIP_S = 0.05  # for the rest of a body that nobody reads
LINGERING = 200  # connections

log = logging.getLogger(__name__)


class PatientWorker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's threaded worker, with sockets that are patient for a limited time.

    Calls about health have a thread of their own.
    """

    patience_s = 30.0  # set before the first process starts
    stops_at: float | None = None

    def get_thread_pool(self) -> ThreadPoolExecutor:
        """The threads for all requests but those about health."""
        self.health_pool = ThreadPoolExecutor(1)
        self.lingering: deque[tuple[float, PatientSocket]] = deque()
        return ThreadPoolExecutor(self.cfg.threads)

    def enqueue_req(self, conn: TConn) -> None:
        """A thread for a request that is whole. The others wait in the poller until more of them arrives."""
        if not isinstance(conn.sock, PatientSocket):
            conn.sock = PatientSocket(conn.sock, self.patience_s)
            conn.close = partial(self._close, conn)
        if not conn.data_ready:
            conn.sock.begin()
        if conn.parser is not None:
            conn.sock.give_back(conn.parser.unreader.take_buffered())
        if conn.sock.gather() or self._gathered() > MOST_GATHERED:
            self._run(conn)
        else:
            self._wait(conn)

    def _run(self, conn: TConn) -> None:
        conn.data_ready = True
        pool = self.health_pool if conn.sock.asks_for_health else self.tpool
        future = pool.submit(self.handle, conn)
        future.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, conn, done))

    def _wait(self, conn: TConn) -> None:
        conn.timeout = conn.sock.until
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn))
        if len(self.pending_conns) > MOST_UNFINISHED:
            self._give_up(self.pending_conns[0])

    def _gathered(self) -> int:
        return sum(len(conn.sock.gathered) for conn in self.pending_conns)

    def murder_pending(self) -> None:
        """Closes connections whose request took too long to arrive, and those that have lingered long enough."""
        now = time.monotonic()
        if not self.alive:
            self.stops_at = self.stops_at or now + LINGER_S
        is_over = self.stops_at is not None and now >= self.stops_at
        for conn in [c for c in self.pending_conns if c.timeout <= now or (is_over and not c.sock.gathered)]:
            self._give_up(conn)
        while self.lingering and self.lingering[0][0] <= now:
            self._let_go(self.lingering[0])

    def _give_up(self, conn: TConn) -> None:
        self.pending_conns.remove(conn)
        self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        if conn.sock.gathered:
            conn.sock.refuse()
        else:
            conn.close()

    def handle(self, conn: TConn) -> Any:
        """Starts the time in which what is missing of the request must arrive."""
        conn.sock.begin()
        try:
            return super().handle(conn)
        finally:
            conn.data_ready = False  # of the next request

    def finish_request(self, conn: TConn, fs: Any) -> None:
        """gunicorn looks for a request that was sent ahead in its own buffer alone."""
        if conn.parser is not None and conn.sock.gathered:
            unreader = conn.parser.unreader
            unreader.unread(unreader.take_buffered() + bytes(conn.sock.gathered))
            conn.sock.gathered.clear()
        super().finish_request(conn, fs)

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:
        """gunicorn waits five seconds for the rest of a body that nobody reads."""
        return bool(keepalive and conn.parser.finish_body(deadline=time.monotonic() + SKIP_S))

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:  # noqa: ARG002
        """Answers a request that cannot be read. gunicorn would answer with a page, and log the address."""
        status = unread_requests.status_of(exc)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.NOT_IMPLEMENTED:
            log.error("the server could not answer a request", exc_info=exc)
        else:
            log.info("a request could not be read: %s", type(exc).__name__)
        with suppress(OSError):
            client.sendall(unread_requests.answer(status))

    def handle_exit(self, sig: int, frame: Any) -> None:
        """Lets held requests end before the process stops."""
        stopping.begin()
        super().handle_exit(sig, frame)

    def _close(self, conn: TConn, graceful: bool = False) -> None:
        """Closes a connection, gracefully once the client has read its answer: closed earlier, with bytes of the client
        unread, the kernel would take the answer back."""
        sock = conn.sock
        try:
            if graceful and not self.alive:
                util.close_graceful(sock)
            elif graceful:
                sock.shutdown(socket.SHUT_WR)
                sock.setblocking(False)
                self._linger(sock)
                return
        except OSError:  # it is closed already
            pass
        with suppress(OSError):
            sock.close()

    def _linger(self, sock: PatientSocket) -> None:
        entry = (time.monotonic() + LINGER_S, sock)
        self.lingering.append(entry)
        self.poller.register(sock, selectors.EVENT_READ, lambda _sock: self._drain(entry))
        if len(self.lingering) > LINGERING:
            self._let_go(self.lingering[0])

    def _drain(self, entry: tuple[float, PatientSocket]) -> None:
        try:
            is_open = bool(entry[1].recv(AT_ONCE))
        except BlockingIOError:
            is_open = True
        except OSError:
            is_open = False
        if not is_open:
            self._let_go(entry)

    def _let_go(self, entry: tuple[float, PatientSocket]) -> None:
        self.lingering.remove(entry)
        self.poller.unregister(entry[1])
        with suppress(OSError):
            entry[1].close()
