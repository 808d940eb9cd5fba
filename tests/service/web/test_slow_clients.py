"""Clients that send one byte at a time, or never read: they hold a connection for a while, and nobody else notices."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from moderation.ground.environment.settings import Settings
from moderation.operations.composition import open_database
from moderation.operations.operating import migrating
from moderation.sites import sites
from service.context import utc_now
from service.web.slow_clients import MOST_UNFINISHED
from tests.builders import OPERATOR
from tests.conftest import free_port
from tests.paces import without_pace
from tests.service.bodies import a_body
from tests.service.test_server import Served, serving
from tests.waiting import eventually, slowed_by
from workers.machine.queue_server import QueueServer

PROCESSES, THREADS, TIMEOUT_S = 1, 4, 3


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, redis_server: QueueServer) -> Iterator[Served]:
    home, port = tmp_path_factory.mktemp("slow"), free_port()
    database = open_database(Settings(gavel_home=home).resolved_database_url)
    migrating.upgrade(database)
    site = without_pace(database, sites.create_site(database, "Daily", by=OPERATOR, now=utc_now()))
    database.close()
    own = {
        "GAVEL_HOME": str(home),
        "PORT": str(port),
        "REDIS_URL": redis_server.url,
        "WEB_PROCESSES": str(PROCESSES),
        "WEB_THREADS": str(THREADS),
        "REQUEST_TIMEOUT_S": str(TIMEOUT_S),
    }
    with (Path(home) / "web.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "service", "serve"], env={**os.environ, **own}, text=True, stderr=log
        )
    served = Served(port, site.key.token, process)
    eventually(served.answers, within_s=90)
    yield served
    process.terminate()
    process.wait(timeout=60)


class Trickle:
    """Sends bytes one at a time for as long as it may, from a thread of its own."""

    def __init__(self, port: int, first: bytes, then: bytes) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.sendall(first)
        self.began, self.cut_after_s = time.monotonic(), 0.0
        self._then = then
        self.thread = threading.Thread(target=self._send)
        self.thread.start()

    def _send(self) -> None:
        with suppress(OSError):
            for byte in self._then:
                self.socket.sendall(bytes([byte]))
                time.sleep(0.1)
                if self._is_closed():
                    break
        self.cut_after_s = time.monotonic() - self.began

    def _is_closed(self) -> bool:
        """The server's end, or the answer that comes before it."""
        self.socket.setblocking(False)
        try:
            return self.socket.recv(65_536) == b""
        except BlockingIOError:
            return False
        finally:
            self.socket.settimeout(30)

    def end(self) -> None:
        self.thread.join(30)
        self.socket.close()


def head(served: Served, length: int) -> bytes:
    return (
        f"POST /v1/comments HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {served.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


def of_headers(served: Served) -> Trickle:
    return Trickle(_port(served), b"POST /v1/comments HTTP/1.1\r\nHost: ", b"a" * 300)


def of_a_body(served: Served) -> Trickle:
    said = json.dumps(a_body(text="Slowly. " * 50)).encode()
    return Trickle(_port(served), head(served, len(said)), said)


def _port(served: Served) -> int:
    return int(served.base_url.rpartition(":")[2])


@pytest.mark.parametrize("trickle", [of_headers, of_a_body])
def test_a_request_that_trickles_in_is_cut_off(served: Served, trickle: Callable[[Served], Trickle]) -> None:
    slow = [trickle(served) for _ in range(PROCESSES * THREADS - 1)]
    time.sleep(0.3)  # they have come

    status, _body = served.call("/v1/comments", a_body(id=f"while-{trickle.__name__}"))
    still_slow = [each.thread.is_alive() for each in slow]
    for each in slow:
        each.end()

    assert status == 202
    assert all(still_slow)  # nobody had to wait until they were cut off
    assert all(TIMEOUT_S * 0.9 < each.cut_after_s < TIMEOUT_S * 4 * slowed_by() for each in slow)


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory, redis_server: QueueServer) -> Iterator[Served]:
    """A service that gives each request as long as any test may take."""
    with serving(
        tmp_path_factory.mktemp("patient"), redis_server, WEB_PROCESSES="1", REQUEST_TIMEOUT_S="600"
    ) as served:
        yield served


HEAD = b"POST /desk/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
UNFINISHED = {
    "nothing": b"",
    "half a line": b"GET /hea",
    "half a head": b"GET /healthz HTTP/1.1\r\nHost: x\r\n",
    "an empty line": b"\r\n\r\n",
    "half a body": HEAD + b"Content-Length: 100\r\n\r\nemail=",
    "half a chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nema",
    "a request and a half": b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\n",
    "no HTTP at all": b"\x16\x03\x01 hello\r\n\r\n",
}


@pytest.mark.parametrize("kind", UNFINISHED)
def test_three_hundred_unfinished_requests_hold_nobody_up(patient: Served, kind: str) -> None:
    """Without the gathering of requests, each of them would have a thread until its time is up, which no test waits
    for."""
    slow = [socket.create_connection(("127.0.0.1", _port(patient)), timeout=30) for _ in range(300)]
    for client in slow:
        client.sendall(UNFINISHED[kind])

    answers = [patient.call("/healthz")[0], patient.call("/v1/comments", a_body(id=f"while {kind}"))[0]]
    for client in slow:
        client.close()

    assert answers == [200, 202]


def test_health_is_answered_while_all_threads_wait_for_bodies(patient: Served) -> None:
    """A body that is too large to be gathered is read in a thread."""
    large = HEAD + b"Content-Length: 9999999999\r\n\r\nemail="
    waits = HEAD + b"Expect: 100-continue\r\nContent-Length: 100\r\n\r\n"
    slow = [socket.create_connection(("127.0.0.1", _port(patient)), timeout=30) for _ in range(40)]
    for number, client in enumerate(slow):
        client.sendall(waits if number % 2 else large)

    answers = [patient.call("/healthz")[0] for _ in range(3)]
    for client in slow:
        client.close()

    assert answers == [200] * 3


def test_beyond_its_number_the_request_that_has_waited_longest_is_given_up(patient: Served) -> None:
    slow = []
    for _ in range(MOST_UNFINISHED + 1):
        slow.append(socket.create_connection(("127.0.0.1", _port(patient)), timeout=30))
        slow[-1].sendall(b"GET /healthz HTTP/1.1\r\n")

    answer = slow[0].makefile("rb").readline()
    slow[-1].sendall(b"Host: x\r\n\r\n")
    last = slow[-1].makefile("rb").readline()
    for client in slow:
        client.close()

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert last.startswith(b"HTTP/1.1 200 ")


def test_a_request_that_comes_too_late_is_told_so(served: Served) -> None:
    with socket.create_connection(("127.0.0.1", _port(served)), timeout=60) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")

        head, _end, body = client.makefile("rb").read().partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 408 ")
    assert json.loads(body)["type"] == "urn:gavel:problem:request-timeout"


def test_requests_that_are_sent_ahead_are_answered_in_order(served: Served) -> None:
    """Many in one packet, of which the last one comes in two."""
    paths = [f"/v1/nothing-{number}?{'x' * 2_000}" for number in range(20)]
    sent = b"".join(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode() for path in (*paths, "/healthz"))
    with socket.create_connection(("127.0.0.1", _port(served)), timeout=30) as client:
        client.sendall(sent[:-20])
        client.sendall(sent[-20:-2])
        client.sendall(sent[-2:])

        answers = client.makefile("rb")
        statuses = []
        for _ in range(21):
            statuses.append(int(answers.readline().split()[1]))
            length = 0
            while line := answers.readline().strip().lower():
                length = int(line.partition(b":")[2]) if line.startswith(b"content-length:") else length
            answers.read(length)

    assert statuses == [404] * 20 + [200]


def test_a_client_that_never_reads_its_answers_is_cut_off(served: Served) -> None:
    for number in range(100):
        served.call("/v1/comments", a_body(text="Long. " * 1_500, id=f"long-{number}"))
    ask = "GET /v1/articles/a-1/comments?status=waiting&limit=200 HTTP/1.1\r\nHost: x\r\n"
    ask += f"Authorization: Bearer {served.token}\r\n\r\n"
    deaf = []
    for _ in range(PROCESSES * THREADS - 1):
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.connect(("127.0.0.1", _port(served)))
        client.sendall(ask.encode() * 20)  # some megabytes of answers: more than any buffer takes
        deaf.append(client)
    time.sleep(0.3)

    status, _body = served.call("/v1/comments", a_body(id="while-deaf"))
    eventually(lambda: all(map(_is_cut_off, deaf)), within_s=20 * TIMEOUT_S)
    for client in deaf:
        client.close()

    assert status == 202
    assert served.call("/healthz")[0] == 200


def _is_cut_off(client: socket.socket) -> bool:
    """Without reading, which would let the server go on."""
    looked = select.poll()
    looked.register(client, 0)
    return bool(looked.poll(0))
