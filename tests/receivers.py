"""Webhooks on loopback: one that takes what it gets, and ones that take their time."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver:
    """A site's webhook: keeps what it gets and answers as it is told."""

    def __init__(self) -> None:
        receiver = self
        self.status = 204
        self.got: list[tuple[dict[str, str], bytes]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(receiver.status)
                self.send_header("location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/hook?from=gavel"

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.got]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


Treatment = Callable[[socket.socket, threading.Event], None]


class SlowServer:
    """Accepts connections and treats each in a thread until it is closed."""

    def __init__(self, treat: Treatment) -> None:
        self.treat = treat
        self.ended = threading.Event()
        self.connections: list[socket.socket] = []
        self.gone: list[float] = []  # when a client had closed its connection
        self.socket = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def close(self) -> None:
        self.ended.set()
        for each in (self.socket, *self.connections):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _address = self.socket.accept()
                self.connections.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            self.treat(connection, self.ended)
        self.gone.append(time.monotonic())


def silent(connection: socket.socket, _ended: threading.Event) -> None:
    """Reads and never answers. Returns when the client has gone."""
    while connection.recv(65536):
        pass


def trickling(connection: socket.socket, ended: threading.Event) -> None:
    """Sends a byte of a header every tenth of a second: no wait for one byte is ever long."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nx: ")
    while not ended.wait(0.1):
        connection.sendall(b"y")


def babbling(connection: socket.socket, ended: threading.Event) -> None:
    """Answers with a body that has no end."""
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while not ended.is_set():
        connection.sendall(b"z" * 65536)


def garbled(connection: socket.socket, _ended: threading.Event) -> None:
    """Answers in another protocol."""
    connection.recv(65536)
    connection.sendall(b"220 mail.example ESMTP\r\n")
    connection.close()
