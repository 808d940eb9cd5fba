"""A test run that is asked to end leaves no server behind, and one that ends slowly prints no warning."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.test_run_sh import is_running
from tests.waiting import eventually

ROOT = Path(__file__).parents[1]
WAITS = """
import time

def test_that_takes_long(redis_server, tmp_path_factory):
    (tmp_path_factory.getbasetemp().parent / "pid").write_text(str(redis_server.process.pid))
    time.sleep(600)
"""
WAITS_FOR_BOTH = """
import time
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url
from tests.chaos.servers import own_postgres

@pytest.fixture
def postgres_of_its_own(guard):
    with own_postgres(guard) as server:
        yield server.url

@pytest.mark.parametrize("postgres", ["postgres_url", "postgres_of_its_own"])
def test_that_takes_long(redis_server, postgres, request, tmp_path_factory, worker_id):
    folder = Path(make_url(request.getfixturevalue(postgres)).query["host"])
    pid = (folder / "postmaster.pid").read_text().split()[0]
    file = tmp_path_factory.getbasetemp().parent / f"pids-{worker_id}"
    file.with_suffix(".new").write_text(f"{redis_server.process.pid} {pid}")
    file.with_suffix(".new").rename(file)
    time.sleep(600)
"""
INTERRUPTED = """
import gc
import os
import signal

def interrupt(*_):
    gc.callbacks.remove(interrupt)
    os.kill(os.getpid(), signal.SIGINT)  # as execnet does to one that has not ended in five seconds

def pytest_unconfigure(config):
    if hasattr(config, "workerinput"):
        gc.callbacks.append(interrupt)
"""


def test_a_test_run_that_is_asked_to_end_stops_its_servers(tmp_path: Path) -> None:
    test, pid = tmp_path / "test_waits.py", tmp_path / "pid"
    test.write_text(WAITS)
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider"]
    run = subprocess.Popen(
        [*command, "--rootdir", str(tmp_path), "--basetemp", str(tmp_path / "base"), str(test)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
    )
    try:
        eventually(lambda: pid.exists() and pid.read_text(), within_s=60)
        run.send_signal(signal.SIGTERM)

        assert run.wait(60) == 143
    finally:
        run.kill()
    assert not is_running(int(pid.read_text()))


def checkout_in(folder: Path) -> Path:
    """A checkout whose tests are one real test with real servers, run as run.sh runs all tests."""
    python, tests = folder / "checkout/.venv/bin/python", folder / "tests"
    python.parent.mkdir(parents=True)
    tests.mkdir()
    for path in (ROOT / "run.sh", *ROOT.glob("requirements*")):
        shutil.copy(path, python.parents[2])
    (tests / "test_waits.py").write_text(WAITS_FOR_BOTH)
    python.write_text(
        f"""#!/usr/bin/env bash
case "$*" in
  "-m mypy"*) exec sleep 600 ;;
  "-m pytest"*) exec {sys.executable} -m pytest -p tests.conftest -p no:cacheprovider -n 2 \
    --rootdir {tests} --basetemp {folder / "base"} {tests} ;;
esac
"""
    )
    nobody = python.parents[2] / "bin/id"
    nobody.parent.mkdir()
    nobody.write_text("#!/bin/sh\necho 1000\n")  # may install nothing
    for script in (python, nobody):
        script.chmod(0o755)
    return python.parents[2]


@contextmanager
def running(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], list[int]]]:
    """The run and the process ids of its servers."""
    checkout = checkout_in(folder)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    run = subprocess.Popen(
        [checkout / "run.sh", "test", "one"],
        env={**environment, "PYTHONPATH": str(ROOT), "PATH": f"{checkout / 'bin'}:{os.environ['PATH']}"},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        eventually(lambda: len(list((folder / "base").glob("pids-*"))) == 2, within_s=120)
        yield run, [int(pid) for file in (folder / "base").glob("pids-*") for pid in file.read_text().split()]
    finally:
        if run.poll() is None:
            os.killpg(run.pid, signal.SIGTERM)
            run.wait(90)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_no_server_behind(tmp_path: Path, number: signal.Signals) -> None:
    """As by Ctrl-C, which signals the process group of run.sh."""
    with running(tmp_path) as (run, servers):
        assert len(servers) == 4 and all(map(is_running, servers))

        os.killpg(run.pid, number)

        assert run.wait(90) == 130
        eventually(lambda: not any(map(is_running, servers)), within_s=30)


def test_servers_end_though_the_processes_of_their_tests_are_killed(tmp_path: Path) -> None:
    with running(tmp_path) as (_run, servers):
        for pid in [parent_of(pid) for pid in servers if parent_of(pid) > 1]:  # PostgreSQL has left its parent
            os.kill(pid, signal.SIGKILL)

        eventually(lambda: not any(map(is_running, servers)), within_s=60)


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_a_worker_that_ends_slowly_does_not_fail_over_the_interrupt(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(INTERRUPTED)
    (tmp_path / "test_passes.py").write_text("def test_that_passes():\n    pass\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "-n", "1"]

    run = subprocess.run(
        [*command, "--rootdir", str(tmp_path), "--basetemp", str(tmp_path / "base"), str(tmp_path)],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0
    assert "1 passed" in run.stdout
    assert "KeyboardInterrupt" not in run.stdout + run.stderr
