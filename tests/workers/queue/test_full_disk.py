"""A home on a full disk, with the database elsewhere: comments are taken and decided, people log in, metrics answer."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest

from examples.newsroom.gavel import Gavel
from moderation.operations.composition import open_database
from moderation.operations.operating import migrating
from moderation.sites import sites
from moderation.sites.people import moderators
from moderation.sites.people.roles import Role
from service.context import utc_now
from service.passwords import hash_password
from tests.builders import OPERATOR
from tests.chaos.processes import Fleet
from tests.conftest import free_port
from tests.full_disk import fill, small_disk
from tests.service.bodies import a_body
from tests.waiting import eventually
from workers.machine.one_machine import answers
from workers.machine.queue_server import QueueServer

PASSWORD = "a long enough passphrase"


class Plant:
    def __init__(self, folder: Path, home: Path, redis_url: str) -> None:
        database = open_database(f"sqlite:///{folder / 'gavel.db'}")
        migrating.upgrade(database)
        made = sites.create_site(database, "Daily", by=OPERATOR, now=utc_now())
        roles = {made.site.id: Role.MODERATOR}
        hashed = hash_password(PASSWORD)
        moderators.create_moderator(
            database, email="ana@example.org", name="Ana", password_hash=hashed, roles=roles, by=OPERATOR, now=utc_now()
        )
        self.port, self.url = free_port(), database.url
        database.close()
        environ = {"DATABASE_URL": self.url, "GAVEL_HOME": str(home), "REDIS_URL": redis_url, "PORT": str(self.port)}
        self.fleet = Fleet(environ, folder)
        self.gavel = Gavel(f"http://127.0.0.1:{self.port}", made.key.token)

    def start(self) -> None:
        for name, *module in (("web", "service", "serve"), ("worker", "workers"), ("deliver", "workers", "deliver")):
            self.fleet.start(name, *module)
        eventually(lambda: answers(f"{self.gavel.url}/readyz"), within_s=60, says=lambda: self.fleet.log("web"))

    def decides(self, name: str) -> None:
        self.gavel.call("POST", "/v1/comments", json=a_body(id=name))
        decided = lambda: self.gavel.comment(name)["status"] != "waiting"  # noqa: E731
        eventually(decided, within_s=90, says=lambda: self.fleet.log("worker"))

    def log_in(self) -> int:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
        connection.request(
            "POST", "/desk/login", urlencode({"email": "ana@example.org", "password": PASSWORD}), headers
        )
        return connection.getresponse().status

    def metrics(self) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        return answer.status, answer.read()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    try:
        with small_disk(tmp_path / "disk", "2m") as disk:
            yield disk
    except PermissionError as e:
        pytest.skip(f"needs a file system of its own: {e}")


@pytest.fixture
def plant(tmp_path: Path, disk: Path, redis_server: QueueServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plant]:
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    plant = Plant(tmp_path, disk, redis_server.url)
    yield plant
    plant.fleet.end()


@pytest.mark.parametrize("full_from", ["the start", "later"])
def test_a_full_disk_costs_no_comment_no_request_and_no_process(plant: Plant, disk: Path, full_from: str) -> None:
    if full_from == "the start":
        fill(disk)
    plant.start()
    plant.decides("c-1")
    if full_from == "later":
        fill(disk)

    plant.decides("c-2")
    logged_in, (told, text) = plant.log_in(), plant.metrics()

    assert {name: process.poll() for name, process in plant.fleet.running.items()} == dict.fromkeys(
        ("web", "worker", "deliver")
    )
    assert (logged_in, told) == (303, 200)
    assert b"gavel_database_up 1.0" in text
    assert "was sent SIG" not in plant.fleet.log("web")  # gunicorn's word for a process of its own that died
