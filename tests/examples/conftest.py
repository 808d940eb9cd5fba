"""The whole of Gavel in a folder of its own: queue server, worker, sweeper, deliveries and web service."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from examples.demo import site
from examples.demo.sample import Sample
from examples.newsroom.gavel import Gavel
from moderation.ground.database.engine import Database
from moderation.operations.composition import open_database
from tests.conftest import free_port
from tests.waiting import eventually
from workers.machine.one_machine import Machine, start_all
from workers.machine.supervisor import Supervisor


@dataclass(frozen=True, slots=True)
class Running:
    """A site's way to reach the service."""

    gavel: Gavel
    sample: Sample
    database: Database


@contextmanager
def keeping_signals() -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    gavel_home = tmp_path_factory.mktemp("home")
    machine = Machine.from_env({}).with_environ(GAVEL_HOME=str(gavel_home), PORT=str(free_port()), GAVEL_DEMO="1")
    with keeping_signals(), Supervisor(gavel_home / "log").running() as supervisor:
        machine = start_all(supervisor, machine, workers=1)
        database = open_database(machine.settings.resolved_database_url, pool_size=1)
        key = site.find_or_create(database, Path(gavel_home)).api_key
        gavel = Gavel(machine.base_url, key)
        wait_for_the_worker(gavel)
        yield Running(gavel, Sample.load(), database)
        database.close()


def wait_for_the_worker(gavel: Gavel) -> None:
    """It loads its models before it takes a first comment."""
    article = {"id": "warm-up", "title": "Ferry to run all winter"}
    first = gavel.call("POST", "/v1/comments", json={"article": article, "author": {"id": "a"}, "text": "At last."})
    eventually(lambda: gavel.comment(first["id"])["status"] != "waiting", within_s=120)
