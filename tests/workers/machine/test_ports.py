from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import AuthenticationError

from moderation.ground.environment.settings import Settings
from tests.conftest import free_port
from tests.waiting import eventually
from workers.__main__ import main
from workers.machine import ports, queue_server
from workers.machine.one_machine import Machine, answers, start_queue
from workers.machine.supervisor import Supervisor


def test_a_taken_port_is_refused_and_names_the_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ports.PortTaken, match=f"port {port} is taken by another program.* with PORT"):
            ports.refuse_taken_port("127.0.0.1", port, variable="PORT")


def test_a_free_port_is_not_refused() -> None:
    ports.refuse_taken_port("127.0.0.1", free_port(), variable="PORT")


def test_the_port_of_the_queue_is_remembered(tmp_path: Path) -> None:
    chosen = ports.choose_queue_port(tmp_path)

    assert ports.choose_queue_port(tmp_path) == chosen
    assert ports.remembered_queue_port(tmp_path) == chosen
    url = ports.queue_url(tmp_path, chosen)
    assert Settings(gavel_home=tmp_path).resolved_redis_url == url


def test_the_queues_password_is_made_once_and_for_this_user_alone(tmp_path: Path) -> None:
    made = ports.queue_password(tmp_path)

    assert len(made) >= 32
    assert ports.queue_password(tmp_path) == made
    assert (tmp_path / "queue" / "password").stat().st_mode & 0o077 == 0


def test_a_remembered_port_that_another_program_took_is_given_up(tmp_path: Path) -> None:
    chosen = ports.choose_queue_port(tmp_path)

    with socket.create_server(("127.0.0.1", chosen)):
        other = ports.choose_queue_port(tmp_path)

    assert other != chosen
    assert ports.remembered_queue_port(tmp_path) == other


@pytest.mark.parametrize("written", ["", "six\n", "-"])
def test_a_port_that_cannot_be_read_is_chosen_again(tmp_path: Path, written: str) -> None:
    (ports.queue_folder(tmp_path) / "port").write_text(written)

    assert ports.choose_queue_port(tmp_path) > 0


def test_another_homes_queue_server_is_not_ours(tmp_path: Path) -> None:
    theirs = queue_server.start(ports.queue_folder(tmp_path / "theirs"), free_port())

    try:
        assert ports.is_our_queue(tmp_path / "theirs", theirs.port)
        assert not ports.is_our_queue(tmp_path / "ours", theirs.port)
    finally:
        theirs.stop()


def test_a_queue_server_that_outlived_its_starter_is_taken_over_with_its_data(tmp_path: Path) -> None:
    left = queue_server.start(ports.queue_folder(tmp_path), ports.choose_queue_port(tmp_path))
    Redis.from_url(left.url).rpush("rq:queue:live", "a comment")
    supervisor = Supervisor(tmp_path / "log")

    try:
        machine = start_queue(supervisor, Machine.from_env({"GAVEL_HOME": str(tmp_path)}))

        left.process.wait(60)
        assert machine.settings.redis_url == ports.queue_url(tmp_path, left.port)
        with pytest.raises(AuthenticationError):
            Redis(port=left.port).ping()
        assert (tmp_path / "queue" / "queue.conf").stat().st_mode & 0o077 == 0
        assert ports.queue_password(tmp_path) not in Path(f"/proc/{supervisor.pids()['queue']}/cmdline").read_text()
        assert Redis.from_url(machine.settings.redis_url).lrange("rq:queue:live", 0, -1) == [b"a comment"]
    finally:
        supervisor.stop()
    assert not queue_server.answers(left.url)


def test_a_queue_of_ones_own_is_left_alone() -> None:
    assert Machine.from_env({}).embeds_queue
    assert not Machine.from_env({"REDIS_URL": "redis://queue.example:6379/0"}).embeds_queue
    assert not Machine.from_env({"REDIS_URL_FILE": os.devnull}).embeds_queue


def test_one_more_worker_needs_a_queue_to_join(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GAVEL_HOME", str(tmp_path))
    monkeypatch.delenv("REDIS_URL", raising=False)

    assert main(["work", "--keep-up"]) == 1

    assert f"no Gavel runs in {tmp_path}: start `gavel up` first, or set REDIS_URL" in capsys.readouterr().err


def test_who_does_not_answer_is_not_up() -> None:
    assert not answers(f"http://127.0.0.1:{free_port()}/readyz")


def status(environ: dict[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "service", "status", "--json"]
    return dict(json.loads(subprocess.run(command, env=environ, capture_output=True, check=True).stdout))


def test_up_and_one_more_worker_run_until_they_are_told(tmp_path: Path) -> None:
    environ = {**os.environ, "GAVEL_HOME": str(tmp_path), "PORT": str(free_port())}
    environ.pop("REDIS_URL", None)
    command = [sys.executable, "-m", "gavel"]
    up = subprocess.Popen([*command, "up", "--workers", "1"], env=environ, stdout=subprocess.PIPE, text=True)
    assert up.stdout is not None
    try:
        assert "Gavel is up" in up.stdout.readline()
        more = subprocess.Popen([*command, "worker", "--keep-up"], env=environ, stdout=subprocess.PIPE, text=True)
        assert more.stdout is not None
        assert "One more worker is up" in more.stdout.readline()
        assert "models loaded" in (tmp_path / "log" / "worker-1.log").read_text()
        redis = Redis.from_url(Settings(gavel_home=tmp_path).resolved_redis_url)
        eventually(lambda: redis.scard("rq:workers") == 3, within_s=90)  # two that score and one that delivers
        assert len(status(environ)["workers"]) == 3  # in another terminal, which does not know the queue's port
        more.terminate()
        assert more.wait(60) == 0
        assert up.poll() is None
    finally:
        up.terminate()
        assert up.wait(60) == 0


def test_with_a_model_that_does_not_load_nothing_is_said_to_be_up(tmp_path: Path) -> None:
    environ = {**os.environ, "GAVEL_HOME": str(tmp_path), "PORT": str(free_port()), "TOXICITY_MODEL": str(tmp_path)}
    environ.pop("REDIS_URL", None)

    done = subprocess.run(
        [sys.executable, "-m", "gavel", "up"],
        env=environ,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )

    assert done.returncode == 1
    assert "Gavel is up" not in done.stdout
    assert "gavel: worker-1 stopped while it started (workers: " in done.stderr
