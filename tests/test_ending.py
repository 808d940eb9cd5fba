"""A test run that is asked to end leaves no server behind, and one that ends slowly prints no warning."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.test_run_sh import is_running
from tests.waiting import eventually

ROOT = Path(__file__).parents[1]
WAITS = """
import time

def test_that_takes_long(redis_server, tmp_path_factory):
    (tmp_path_factory.getbasetemp().parent / "pid").write_text(str(redis_server.process.pid))
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
