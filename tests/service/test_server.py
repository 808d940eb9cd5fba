"""The service as it is run: gunicorn, two processes, many threads, stopped by a signal."""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from moderation.ground.environment.settings import Settings
from moderation.operations.composition import open_database
from moderation.operations.operating import migrating
from moderation.sites import sites
from service.context import utc_now
from service.server import Server
from tests.builders import OPERATOR
from tests.conftest import free_port
from tests.paces import without_pace
from tests.service.bodies import a_body
from tests.waiting import eventually
from workers.machine.queue_server import QueueServer


class Served:
    def __init__(self, port: int, token: str, process: subprocess.Popen[str]) -> None:
        self.base_url, self.token, self.process = f"http://127.0.0.1:{port}", token, process

    def call(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **(headers or {})}
        request = urllib.request.Request(
            self.base_url + path, data=None if body is None else json.dumps(body).encode(), headers=sent
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, json.load(response)
        except HTTPError as e:
            return e.code, json.load(e)

    def answers(self) -> bool:
        try:
            return self.call("/healthz")[0] == 200
        except OSError:  # also one that comes with no answer in time
            return False


@pytest.fixture
def served(tmp_path: Path, redis_server: QueueServer) -> Iterator[Served]:
    with serving(tmp_path, redis_server) as served:
        yield served


@contextmanager
def serving(folder: Path, redis_server: QueueServer, **more: str) -> Iterator[Served]:
    port = free_port()
    database = open_database(Settings(gavel_home=folder).resolved_database_url)
    migrating.upgrade(database)
    site = without_pace(database, sites.create_site(database, "Daily", by=OPERATOR, now=utc_now()))
    database.close()
    own = {
        "GAVEL_HOME": str(folder),
        "PORT": str(port),
        "REDIS_URL": redis_server.url,
        "WEB_THREADS": "4",
        **more,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "service", "serve"], env={**os.environ, **own}, text=True, stderr=subprocess.DEVNULL
    )
    served = Served(port, site.key.token, process)
    eventually(served.answers, within_s=30)
    yield served
    process.terminate()
    process.wait(timeout=60)


def children(pid: int) -> list[str]:
    return subprocess.run(
        ["ps", "--ppid", str(pid), "-o", "pid="], capture_output=True, text=True, check=False
    ).stdout.split()


def test_comments_are_taken_by_all_processes_and_the_server_stops_clean(served: Served) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: served.call("/v1/comments", a_body(id=f"c-{n}")), range(60)))
    listed = served.call("/v1/articles/a-1/comments?status=waiting&limit=200")
    workers = children(served.process.pid)

    served.process.send_signal(signal.SIGTERM)
    code = served.process.wait(timeout=60)

    assert {status for status, _body in answers} == {202}
    assert len(listed[1]["comments"]) == 60
    assert len(workers) == 2
    assert code == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)


def test_readers_who_wait_do_not_keep_others_out(served: Served) -> None:
    """Twice as many feeds are held open as there are threads, and a comment is still taken at once."""
    with ThreadPoolExecutor(16) as pool:
        held = [pool.submit(served.call, "/v1/events?wait=30") for _ in range(16)]
        eventually(lambda: any(f.done() for f in held), within_s=5)  # those beyond the bound are answered at once
        status, _body = served.call("/v1/comments", a_body(id="c-1"))
        still_held = sum(not f.done() for f in held)
        eventually(lambda: taken_in(served) == sum(not f.done() for f in held), within_s=30)  # all have come
        served.process.send_signal(signal.SIGTERM)
        answers = [f.result() for f in held]

    assert status == 202
    assert still_held >= 1
    assert {status for status, _body in answers} == {200}


def test_a_server_that_is_to_stop_lets_go_of_readers_who_wait(served: Served) -> None:
    began = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(served.call, "/v1/events?wait=30")
        eventually(lambda: taken_in(served) == 1, within_s=30)
        time.sleep(1)
        assert not held.done()
        served.process.send_signal(signal.SIGTERM)
        status, body = held.result()
        took_s = time.monotonic() - began

    assert (status, body["events"]) == (200, [])
    assert took_s < 30
    assert served.process.wait(timeout=60) == 0


def taken_in(served: Served) -> int:
    """The connections that were accepted, and from which nothing is left to read."""
    port = int(served.base_url.rpartition(":")[2])
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    ours = [row for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "01"]  # established
    return sum(row[4].endswith(":00000000") and row[9] != "0" for row in ours)  # an accepted one has an inode


@pytest.fixture
def frozen_as_before() -> Iterator[None]:
    """The server freezes more; afterwards what stays is frozen again, for the tests that come."""
    yield
    gc.unfreeze()
    gc.collect()
    gc.freeze()


@pytest.mark.usefixtures("frozen_as_before")
def test_what_a_process_starts_with_is_left_out_of_collections(tmp_path: Path) -> None:
    settings = Settings(gavel_home=tmp_path, demo=True, redis_url=f"redis://localhost:{free_port()}")
    database = open_database(settings.resolved_database_url)
    migrating.upgrade(database)
    database.close()

    Server(settings).load()

    assert gc.get_freeze_count() > 100_000
