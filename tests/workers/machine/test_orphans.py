"""A supervisor that is killed with -9 leaves nothing behind that keeps the next one from starting."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import free_port
from tests.waiting import eventually
from workers.machine import orphans
from workers.machine.orphans import Process

ROOT = Path(__file__).parents[3]


def pids_below(folder: Path) -> list[int]:
    """The processes that the supervisor of this home has written down: itself, then its programs."""
    return [int(line.split()[0]) for path in (folder / "log").glob("*.pids") for line in path.read_text().splitlines()]


class Machine:
    def __init__(self, home: Path) -> None:
        self.home = home
        self.environ = {**os.environ, "GAVEL_HOME": str(home), "PORT": str(free_port()), "PYTHONPATH": str(ROOT)}
        self.environ.pop("REDIS_URL", None)
        self.started: list[subprocess.Popen[str]] = []

    def up(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "gavel", "up"]
        process = subprocess.Popen(command, env=self.environ, stdout=subprocess.PIPE, text=True)
        self.started.append(process)
        assert process.stdout is not None
        assert "Gavel is up" in process.stdout.readline()
        return process

    def stop(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.terminate()
                process.wait(60)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    machine = Machine(tmp_path / "home")
    yield machine
    machine.stop()


def test_after_kill_9_nothing_is_left_and_the_next_start_succeeds(machine: Machine) -> None:
    first = machine.up()
    supervisor, *programs = [Process.find(pid) for pid in pids_below(machine.home)]
    assert len(programs) == 6
    children = [Path(f"/proc/{p.pid}/task/{p.pid}/children").read_text().split() for p in programs if p]
    assert sum(map(bool, children)) >= 2  # gunicorn's own processes, for the web and for scores

    first.send_signal(signal.SIGKILL)
    first.wait(60)
    machine.up()  # at once: it waits for what is still ending

    assert supervisor is not None and not supervisor.is_alive()
    assert not any(program is not None and program.is_alive() for program in programs)
    assert not any(Path(f"/proc/{pid}").exists() for pids in children for pid in pids)
    assert len(list((machine.home / "log").glob("*.pids"))) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent is gone")
def test_programs_end_with_their_supervisor_though_nothing_starts_again(tmp_path: Path) -> None:
    code = (
        "import os, sys, time; from pathlib import Path\n"
        "from workers.machine.supervisor import Program, Supervisor\n"
        "with Supervisor(Path(sys.argv[1])).running() as supervisor:\n"
        "    supervisor.start(Program('sleeper', (sys.executable, '-c', 'import time; time.sleep(600)')))\n"
        "    print(supervisor.pids()['sleeper'], flush=True); time.sleep(600)"
    )
    supervisor = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout is not None
    sleeper = Process.find(int(supervisor.stdout.readline()))
    assert sleeper is not None

    supervisor.kill()
    supervisor.wait(60)

    eventually(lambda: not sleeper.is_alive(), within_s=10)


@pytest.fixture
def stubborn(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A program that will not be asked, and leads its own group, as a supervisor starts them."""
    code = "import signal, time, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(600)"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout is not None
    process.stdout.readline()
    yield process
    process.kill()
    process.wait()


def written(folder: Path, *processes: Process) -> Path:
    path = folder / "17.pids"
    path.write_text("".join(f"{p.pid} {p.started}\n" for p in processes))
    return path


def test_what_will_not_be_asked_is_killed(
    tmp_path: Path, stubborn: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orphans, "STOP_WITHIN_S", 0.3)
    program = Process.find(stubborn.pid)
    assert program is not None
    path = written(tmp_path, Process(1, "long ago"), program)

    orphans.end(tmp_path)

    assert stubborn.wait(60) == -signal.SIGKILL
    assert not path.exists()


def test_the_programs_of_a_supervisor_that_lives_are_its_own(tmp_path: Path, stubborn: subprocess.Popen[bytes]) -> None:
    us, program = Process.find(os.getpid()), Process.find(stubborn.pid)
    assert us is not None and program is not None
    path = written(tmp_path, us, program)

    orphans.end(tmp_path)

    assert stubborn.poll() is None
    assert path.exists()


def test_another_process_that_got_the_number_is_left_alone(tmp_path: Path, stubborn: subprocess.Popen[bytes]) -> None:
    written(tmp_path, Process(1, "long ago"), Process(stubborn.pid, "long ago"))

    orphans.end(tmp_path)

    assert stubborn.poll() is None
