"""`./run.sh demo` as a newcomer meets it: one command, real processes, nothing left behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import urllib3

from examples.newsroom.gavel import Gavel
from moderation.ground.environment.settings import Settings
from moderation.operations.composition import open_database
from moderation.operations.operating import migrating
from moderation.sites import rows as store
from moderation.sites import sites
from tests.builders import OPERATOR
from tests.conftest import free_port
from tests.waiting import eventually

ROOT = Path(__file__).parent.parent.parent
UP_WITHIN_S = 300
GONE_WITHIN_S = 120


@dataclass(frozen=True, slots=True)
class Demo:
    home: Path
    port: int
    newsroom_port: int

    def start(self, *arguments: str, **environ: str) -> subprocess.Popen[str]:
        """In a process group of its own, so that a test's end can be told from the test run's."""
        self.home.mkdir(exist_ok=True)
        return subprocess.Popen(
            [str(ROOT / "run.sh"), "demo", *arguments],
            env={**os.environ, "GAVEL_HOME": str(self.home), "PORT": str(self.port), **self.newsroom, **environ},
            stdout=(self.home / "printed").open("w"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
        )

    @property
    def newsroom(self) -> dict[str, str]:
        return {"NEWSROOM_PORT": str(self.newsroom_port)}

    @property
    def printed(self) -> str:
        return (self.home / "printed").read_text()

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.home / "demo.json").read_text())
        return found

    @property
    def gavel(self) -> Gavel:
        return Gavel(self.document["base_url"], self.document["api_key"])

    def pids(self) -> dict[int, str]:
        """Every process whose environment or command names this home, with any parent."""
        return {pid: command for pid, command in all_processes(str(self.home)) if pid != os.getpid()}

    def pid_of(self, *words: str) -> int:
        (pid,) = (pid for pid, command in self.pids().items() if command.endswith(" ".join(words)))
        return pid

    def stop(self, running: subprocess.Popen[str], number: int = signal.SIGTERM) -> None:
        running.send_signal(number)
        running.wait(GONE_WITHIN_S)


def all_processes(mark: str) -> Iterator[tuple[int, str]]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environ = (folder / "environ").read_bytes()
            command = (folder / "cmdline").read_bytes().decode(errors="replace").replace("\0", " ").strip()
        except OSError:
            continue
        if command and (mark.encode() in environ or mark in command):
            yield int(folder.name), command


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return Demo(tmp_path_factory.mktemp("demo") / "home", free_port(), free_port())


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Demo]:
    demo = Demo(tmp_path / "home", free_port(), free_port())
    yield demo
    for pid in demo.pids():  # only after a failure
        os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A newsroom's folder with its database."""
    folder = tmp_path_factory.mktemp("production")
    database = open_database(Settings(gavel_home=folder).resolved_database_url)
    migrating.upgrade(database)
    sites.create_site(database, "Daily", by=OPERATOR, now=datetime.now(UTC))
    database.close()
    return folder


def sites_of(folder: Path) -> list[str]:
    database = open_database(Settings(gavel_home=folder).resolved_database_url)
    with database.read() as conn:
        found = [site.name for site in store.all_sites(conn)]
    database.close()
    return found


@pytest.fixture(scope="module")
def first(demo: Demo, production: Path) -> dict[str, Any]:
    """The first start, to the table and out, beside the variables of a production; what it wrote for the next ones."""
    url = Settings(gavel_home=production).resolved_database_url
    running = demo.start("--exit", DATABASE_URL=url, REDIS_URL=f"redis://127.0.0.1:{free_port()}/0")
    assert running.wait(UP_WITHIN_S) == 0, demo.printed
    return demo.document


@pytest.fixture(scope="module")
def second(demo: Demo, first: dict[str, Any]) -> Iterator[subprocess.Popen[str]]:
    """A later start on the same folder, up."""
    running = demo.start()
    try:
        eventually(lambda: "Gavel is up" in demo.printed, within_s=UP_WITHIN_S, says=lambda: demo.printed)
        yield running
    finally:
        demo.stop(running)
    assert demo.pids() == {}


def test_the_first_start_decides_every_comment_and_leaves_nothing_running(demo: Demo, first: dict[str, Any]) -> None:
    assert "82/82" in demo.printed
    assert "82 comments: " in demo.printed
    assert "waiting" not in demo.printed.split("82 comments: ")[1]
    assert demo.pids() == {}


def test_the_demo_stays_out_of_production_and_says_so(demo: Demo, first: dict[str, Any], production: Path) -> None:
    assert "The demo ignores DATABASE_URL and REDIS_URL" in demo.printed
    assert "./run.sh demo --use-my-database" in demo.printed
    assert sites_of(production) == ["Daily"]
    assert sites_of(demo.home) == ["The Northgate Courier"]


def test_the_demo_uses_the_database_that_it_is_told_to(fresh: Demo, production: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(production, copy)
    (tmp_path / "url").write_text(Settings(gavel_home=copy).resolved_database_url)

    running = fresh.start("--use-my-database", DATABASE_URL_FILE=str(tmp_path / "url"))
    eventually((fresh.home / "demo.json").exists, within_s=UP_WITHIN_S, says=lambda: fresh.printed)
    fresh.stop(running)

    assert sites_of(copy) == ["Daily", "The Northgate Courier"]
    assert not (fresh.home / "gavel.db").exists()
    assert "ignores" not in fresh.printed


def test_a_newsrooms_folder_is_not_the_demos(fresh: Demo, production: Path) -> None:
    running = fresh.start("--exit", GAVEL_HOME=str(production))

    assert running.wait(UP_WITHIN_S) == 1
    assert f"demo: GAVEL_HOME: {production} has the database of Daily" in fresh.printed
    assert sites_of(production) == ["Daily"]


def test_demo_json_says_how_to_get_in_to_its_owner_alone(demo: Demo, first: dict[str, Any]) -> None:
    assert set(first) == {"base_url", "site_id", "api_key", "moderator", "reader_secret", "newsroom_url"}
    assert set(first["moderator"]) == {"email", "password"}
    assert first["base_url"] == f"http://127.0.0.1:{demo.port}"
    assert stat.S_IMODE((demo.home / "demo.json").stat().st_mode) == 0o600


def test_a_second_start_finds_everything_as_it_was(
    demo: Demo, first: dict[str, Any], second: subprocess.Popen[str]
) -> None:
    assert demo.document == first
    listed = [
        len(demo.gavel.call("GET", f"/v1/articles/{article}/comments?status={status}&limit=200")["comments"])
        for article in ("export-controls", "quay-street-tram", "rovers-cup-final")
        for status in ("published", "flagged", "rejected", "waiting")
    ]
    assert sum(listed) == 82


def test_the_pages_that_it_names_are_there(demo: Demo, second: subprocess.Popen[str]) -> None:
    base, newsroom = demo.document["base_url"], demo.document["newsroom_url"]

    for url in (f"{base}/desk", f"{base}/docs", f"{base}/embed/v1.js", f"{base}/openapi.json", newsroom):
        assert url in demo.printed or url.endswith("openapi.json")
        assert urllib3.request("GET", url).status == 200


def test_a_killed_worker_is_replaced_and_scores_the_next_comment(demo: Demo, second: subprocess.Popen[str]) -> None:
    killed = demo.pid_of("-m", "workers")
    os.kill(killed, signal.SIGKILL)

    sent = demo.gavel.call(
        "POST",
        "/v1/comments",
        json={"article": {"id": "rovers-cup-final"}, "author": {"id": "r"}, "text": "What a final that will be."},
    )

    eventually(lambda: demo.gavel.comment(sent["id"])["status"] != "waiting", within_s=90)
    assert demo.pid_of("-m", "workers") != killed


@pytest.mark.parametrize(
    ("seen", "number"), [("queue", signal.SIGINT), ("web.log", signal.SIGTERM), ("demo.json", signal.SIGINT)]
)
def test_a_signal_during_start_up_leaves_nothing_behind(fresh: Demo, seen: str, number: int) -> None:
    running = fresh.start()
    eventually(lambda: list(fresh.home.glob(f"**/{seen}")), within_s=UP_WITHIN_S)

    fresh.stop(running, number)

    assert running.returncode == 130
    assert "Traceback" not in fresh.printed
    assert fresh.pids() == {}


@pytest.mark.parametrize("variable", ["PORT", "NEWSROOM_PORT"])
def test_a_taken_port_is_one_clear_sentence(fresh: Demo, variable: str) -> None:
    port = {"PORT": fresh.port, "NEWSROOM_PORT": fresh.newsroom_port}[variable]
    with socket.create_server(("127.0.0.1", port)):
        running = fresh.start("--exit")
        running.wait(UP_WITHIN_S)

    assert running.returncode == 1
    assert f"demo: port {port} is taken by another program" in fresh.printed
    assert f"with {variable}\n" in fresh.printed
    assert "Traceback" not in fresh.printed
    assert fresh.pids() == {}


def test_a_folder_in_use_is_one_clear_sentence(demo: Demo, second: subprocess.Popen[str]) -> None:
    other = subprocess.run(
        [str(ROOT / "run.sh"), "demo", "--exit"],
        env={**os.environ, "GAVEL_HOME": str(demo.home), "PORT": str(free_port()), "NEWSROOM_PORT": str(free_port())},
        capture_output=True,
        text=True,
        check=False,
    )

    assert other.returncode == 1
    assert f"Gavel already runs in {demo.home}, as process {second.pid}" in other.stderr
    assert second.poll() is None


@pytest.mark.parametrize(("variable", "value"), [("PORT", "eight"), ("NEWSROOM_PORT", "0"), ("NEWSROOM_PORT", "x")])
def test_a_bad_setting_is_named(fresh: Demo, variable: str, value: str) -> None:
    done = subprocess.run(
        [str(ROOT / "run.sh"), "demo", "--exit"],
        env={**os.environ, "GAVEL_HOME": str(fresh.home), "PORT": str(fresh.port), **fresh.newsroom, variable: value},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert f"demo: {variable}: " in done.stderr
    assert "Traceback" not in done.stderr
