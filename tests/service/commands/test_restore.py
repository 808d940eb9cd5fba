"""A restore and a running Gavel keep out of each other's way: nothing that was accepted goes into a file put aside."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import urllib3

from moderation.ground.environment.settings import Settings
from moderation.operations.composition import open_database
from moderation.operations.operating import home, migrating
from moderation.sites import sites
from service.context import utc_now
from tests.builders import OPERATOR
from tests.conftest import free_port
from tests.paces import without_pace
from tests.service.bodies import a_body
from tests.waiting import eventually

ROOT = Path(__file__).parents[3]


class Operator:
    def __init__(self, home: Path) -> None:
        self.home, self.port = home, free_port()
        self.environ = {
            **os.environ,
            "GAVEL_HOME": str(home),
            "PORT": str(self.port),
            "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",  # away: comments are taken all the same
        }
        database = open_database(Settings(gavel_home=home).resolved_database_url)
        migrating.upgrade(database)
        self.token = without_pace(database, sites.create_site(database, "Daily", by=OPERATOR, now=utc_now())).key.token
        database.close()

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "service", *arguments]
        return subprocess.run(command, env=self.environ, cwd=ROOT, capture_output=True, text=True, check=False)

    @contextmanager
    def serving(self) -> Iterator[None]:
        command = [sys.executable, "-m", "service", "serve"]
        process = subprocess.Popen(command, env=self.environ, cwd=ROOT, stderr=subprocess.DEVNULL)
        try:
            eventually(self.answers, within_s=60)
            yield
        finally:
            process.terminate()
            process.wait(60)

    def answers(self) -> bool:
        try:
            return urllib3.request("GET", f"http://127.0.0.1:{self.port}/healthz", retries=False).status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def call(self, method: str, path: str, **options: Any) -> urllib3.BaseHTTPResponse:
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"http://127.0.0.1:{self.port}{path}"
        return urllib3.request(method, url, headers=headers, retries=False, **options)


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return Operator(tmp_path / "home")


def test_a_restore_is_refused_while_the_service_runs_and_takes_no_comment(operator: Operator, tmp_path: Path) -> None:
    copy = str(tmp_path / "copy.db")
    assert operator.run("backup", copy).returncode == 0

    with operator.serving():
        refused = operator.run("restore", copy, "--replace")
        idle = operator.run("idle")
        posted = [operator.call("POST", "/v1/comments", json=a_body(id=f"c-{n}")).status for n in range(20)]
    with operator.serving():
        kept = [operator.call("GET", f"/v1/comments/c-{n}").status for n in range(20)]

    assert refused.returncode == 2
    assert f"service: {operator.home / 'gavel.db'} is in use: stop every process of Gavel first" in refused.stderr
    assert (idle.returncode, "is in use" in idle.stderr) == (1, True)
    assert (set(posted), set(kept)) == ({202}, {200})
    assert not list(operator.home.glob("gavel.db.before-*"))


def test_once_all_is_stopped_it_is_restored(operator: Operator, tmp_path: Path) -> None:
    copy = str(tmp_path / "copy.db")
    operator.run("backup", copy)

    idle, done = operator.run("idle"), operator.run("restore", copy, "--replace")

    assert (idle.returncode, idle.stdout) == (0, "nothing uses the database\n")
    assert done.returncode == 0, done.stderr
    assert (operator.home / "gavel.db").stat().st_mode & 0o077 == 0
    assert Path(copy).stat().st_mode & 0o077 == 0


def test_a_home_whose_supervisor_runs_is_not_restored(operator: Operator, tmp_path: Path) -> None:
    """Its processes may be between an end and a start at this moment."""
    copy = str(tmp_path / "copy.db")
    operator.run("backup", copy)

    with home.locked(operator.home):
        refused = operator.run("restore", copy, "--replace")

    assert refused.returncode == 2
    assert f"Gavel already runs in {operator.home}, as process {os.getpid()}" in refused.stderr
