"""A test run that is asked to end leaves no server behind."""

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
