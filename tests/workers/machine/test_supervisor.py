from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from tests import waiting
from workers.machine.supervisor import Program, ProgramFailed, StopAsked, Supervisor

WAIT_S = 60


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    with keeping_signals(), Supervisor(tmp_path / "log", first_pause_s=0.05).running() as running:
        yield running


class keeping_signals:  # noqa: N801 - a context manager
    """The test run's own answers to signals come back afterwards."""

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __enter__(self) -> None:
        self.before = [signal.getsignal(number) for number in self.numbers]

    def __exit__(self, *_: object) -> None:
        for number, handler in zip(self.numbers, self.before, strict=True):
            signal.signal(number, handler)


def python(name: str, code: str, **more: object) -> Program:
    return Program(name, (sys.executable, "-c", code), **more)  # type: ignore[arg-type]


def a_sleeper(name: str = "sleeper", **more: object) -> Program:
    return python(name, "import time; time.sleep(600)", **more)


eventually = partial(waiting.eventually, within_s=WAIT_S)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def append_to(path: Path, word: str) -> str:
    return f"open({str(path)!r}, 'a').write({word!r} + chr(10))"


def words_of(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


def test_a_program_is_started_and_stopped(supervisor: Supervisor) -> None:
    supervisor.start(a_sleeper())
    pid = supervisor.pids()["sleeper"]

    supervisor.stop()

    assert not is_alive(pid)
    assert supervisor.pids() == {}


def test_starting_waits_until_the_program_is_ready(supervisor: Supervisor, tmp_path: Path) -> None:
    mark = tmp_path / "ready"
    code = f"import time; time.sleep(0.3); {append_to(mark, 'ready')}; time.sleep(600)"

    supervisor.start(python("slow", code, is_ready=mark.exists))

    assert mark.exists()


@pytest.mark.parametrize("ending", ["raise SystemExit(0)", "raise SystemExit(3)", "os.kill(os.getpid(), 9)"])
def test_a_program_is_started_again_however_it_ended(supervisor: Supervisor, tmp_path: Path, ending: str) -> None:
    starts = tmp_path / "starts"

    supervisor.start(python("short", f"import os; {append_to(starts, 'start')}; {ending}"))

    eventually(lambda: len(words_of(starts)) >= 3)


def test_a_killed_program_is_started_again_with_another_pid(supervisor: Supervisor) -> None:
    supervisor.start(a_sleeper())
    first = supervisor.pids()["sleeper"]

    os.kill(first, signal.SIGKILL)

    eventually(lambda: supervisor.pids().get("sleeper") not in (None, first))


def test_pauses_between_starts_grow(supervisor: Supervisor, tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    code = f"import time; open({str(starts)!r}, 'a').write(str(time.monotonic()) + chr(10))"

    supervisor.start(python("short", code))

    eventually(lambda: len(words_of(starts)) >= 5)
    moments = [float(word) for word in words_of(starts)]
    pauses = [later - moment for moment, later in pairwise(moments)]
    assert all(pause >= 0.05 * 2**number for number, pause in enumerate(pauses))  # and starts take time themselves


def test_who_ends_again_and_again_is_reported_with_its_last_words(supervisor: Supervisor) -> None:
    supervisor.start(python("broken", "raise SystemExit('no model here')"))

    eventually(lambda: supervisor._children[0].failures >= 3)

    with pytest.raises(ProgramFailed, match=r"broken ended \d+ times in a row \(no model here\): see .*broken\.log"):
        supervisor.refuse_failures(3)


def test_a_program_that_lives_is_no_failure(supervisor: Supervisor) -> None:
    supervisor.start(a_sleeper())

    supervisor.refuse_failures(1)


def test_who_ends_before_it_is_ready_fails_the_start(supervisor: Supervisor) -> None:
    program = python("broken", "raise SystemExit('port is taken')", is_ready=lambda: False)

    with pytest.raises(ProgramFailed, match="broken stopped while it started .port is taken"):
        supervisor.start(program)


def test_who_is_never_ready_fails_the_start_and_is_stopped_later(supervisor: Supervisor) -> None:
    with pytest.raises(ProgramFailed, match="was not ready after 0.3 seconds"):
        supervisor.start(a_sleeper(is_ready=lambda: False, ready_within_s=0.3))
    pid = supervisor.pids()["sleeper"]

    supervisor.stop()

    assert not is_alive(pid)


def test_the_last_stage_stops_first(supervisor: Supervisor, tmp_path: Path) -> None:
    ends = tmp_path / "ends"

    def writes_its_end(name: str, stage: int) -> Program:
        up = tmp_path / f"{name}.up"
        code = (
            "import signal, sys, time\n"
            f"def end(*_):\n    time.sleep(0.2)\n    {append_to(ends, name)}\n    sys.exit()\n"
            f"signal.signal(signal.SIGTERM, end)\n{append_to(up, 'up')}\ntime.sleep(600)"
        )
        return python(name, code, stage=stage, is_ready=up.exists)

    for name, stage in (("store", 0), ("worker", 1)):
        supervisor.start(writes_its_end(name, stage))

    supervisor.stop()

    assert words_of(ends) == ["worker", "store"]


def test_who_ignores_sigterm_is_killed(supervisor: Supervisor, tmp_path: Path) -> None:
    up = tmp_path / "up"
    code = f"import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); {append_to(up, 'up')}; time.sleep(600)"
    supervisor.start(python("stubborn", code, is_ready=up.exists, stop_within_s=0.3))
    pid = supervisor.pids()["stubborn"]

    supervisor.stop()

    assert not is_alive(pid)


def test_what_a_killed_program_left_running_goes_with_it(supervisor: Supervisor, tmp_path: Path) -> None:
    grandchild = tmp_path / "pid"
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(grandchild)!r}, 'w').write(str(child.pid) + chr(10))\n"
        "time.sleep(600)"
    )
    supervisor.start(python("parent", code, is_ready=lambda: bool(words_of(grandchild))))
    pid = int(words_of(grandchild)[0])

    os.kill(supervisor.pids()["parent"], signal.SIGKILL)

    eventually(lambda: not is_running(pid))


def is_running(pid: int) -> bool:
    """A zombie whose new parent has not looked yet does not count."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_nothing_is_started_after_stopping(supervisor: Supervisor, tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    supervisor.start(python("short", append_to(starts, "start")))

    supervisor.stop()

    counted = len(words_of(starts))
    time.sleep(0.5)
    assert len(words_of(starts)) == counted


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_wait(supervisor: Supervisor, number: int) -> None:
    timer = threading.Timer(0.1, os.kill, (os.getpid(), number))
    timer.start()

    try:
        with pytest.raises(StopAsked):
            supervisor.wait(WAIT_S)
    finally:
        timer.join()  # a signal that came later would end the test run


def test_a_signal_while_a_program_starts_stops_it_too(tmp_path: Path) -> None:
    pids: dict[str, int] = {}

    def interrupt() -> bool:
        pids.update(running.pids())
        os.kill(os.getpid(), signal.SIGTERM)
        return False

    with keeping_signals(), pytest.raises(StopAsked), Supervisor(tmp_path).running() as running:
        running.start(a_sleeper(is_ready=interrupt))

    assert not is_alive(pids["sleeper"])


def test_a_program_that_runs_once_is_waited_for(supervisor: Supervisor, tmp_path: Path) -> None:
    mark = tmp_path / "mark"

    supervisor.run_once(python("once", append_to(mark, "ran")))

    assert words_of(mark) == ["ran"]
    assert supervisor.pids() == {}


def test_a_program_that_runs_once_and_fails_is_reported(supervisor: Supervisor) -> None:
    with pytest.raises(ProgramFailed, match="migrate ended with code 1 .cannot reach the database"):
        supervisor.run_once(python("migrate", "raise SystemExit('cannot reach the database')"))


def test_a_program_gets_its_own_environment_and_writes_to_its_log(supervisor: Supervisor) -> None:
    supervisor.run_once(python("shows", "import os; print(os.environ['GREETING'])", environ={"GREETING": "hello"}))

    assert (supervisor.log_folder / "shows.log").read_text().strip() == "hello"


def test_a_log_that_grows_too_large_is_put_aside_while_its_program_writes(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.machine.program_logs.LARGEST_BYTES", 1000)
    monkeypatch.setattr("workers.machine.supervisor.DISK_EVERY_S", 0.05)
    code = "import time\nfor n in range(10**6): print(f'line {n}', flush=True); time.sleep(0.001)"

    supervisor.start(python("talks", code))
    pid = supervisor.pids()["talks"]

    now, before = supervisor.log_folder / "talks.log", supervisor.log_folder / "talks.log.1"
    eventually(before.exists)
    eventually(lambda: now.read_text().startswith("line "))
    assert before.read_text().startswith("line ")
    assert now.stat().st_size < 100_000
    assert supervisor.pids()["talks"] == pid


def test_a_log_that_cannot_be_put_aside_is_cut(supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.machine.program_logs.LARGEST_BYTES", 1000)
    monkeypatch.setattr("workers.machine.supervisor.DISK_EVERY_S", 0.05)
    log = supervisor.log_folder / "old.log"
    log.with_suffix(".log.1").mkdir()  # in the copy's way, as a full disk is

    log.write_text("x" * 2000)

    eventually(lambda: log.stat().st_size == 0)


def pids_written(folder: Path) -> list[int]:
    listed = folder / f"{os.getpid()}.pids"
    return [int(line.split()[0]) for line in listed.read_text().splitlines()] if listed.is_file() else []


def test_a_list_that_cannot_be_written_stops_nothing_and_is_written_later(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("workers.machine.supervisor.DISK_EVERY_S", 0.05)
    in_the_way = supervisor.log_folder / f"{os.getpid()}.part"
    in_the_way.mkdir()  # where the list should be: every write fails, as on a full disk
    supervisor.start(a_sleeper())
    first = supervisor.pids()["sleeper"]

    os.kill(first, signal.SIGKILL)

    eventually(lambda: supervisor.pids().get("sleeper") not in (None, first))
    assert pids_written(supervisor.log_folder) == []
    assert [record.message for record in caplog.records].count(caplog.records[0].message) == 1
    assert "the list of programs cannot be written" in caplog.records[0].message

    in_the_way.rmdir()

    eventually(lambda: supervisor.pids()["sleeper"] in pids_written(supervisor.log_folder))


def test_a_program_starts_again_though_its_log_cannot_be_written(supervisor: Supervisor, tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    (supervisor.log_folder / "short.log").mkdir()

    supervisor.start(python("short", append_to(starts, "start")))

    eventually(lambda: len(words_of(starts)) >= 2)


def test_a_program_that_cannot_be_started_again_is_tried_until_it_can(supervisor: Supervisor, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\nexec {sys.executable} -c 'import time; time.sleep(600)'\n")
    program.chmod(0o700)
    supervisor.start(Program("moved", (str(program),)))
    first = supervisor.pids()["moved"]
    gone = program.rename(tmp_path / "elsewhere")

    os.kill(first, signal.SIGKILL)
    eventually(lambda: supervisor._children[0].failures >= 2)
    gone.rename(program)

    eventually(lambda: supervisor.pids().get("moved") not in (None, first))


def test_an_error_that_nobody_foresaw_ends_the_supervisor(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else nothing would be started again, and nobody would know."""
    supervisor.start(a_sleeper())
    pid = supervisor.pids()["sleeper"]

    monkeypatch.setattr(Supervisor, "_look_after", lambda *_: dict[str, int]()["nobody foresaw this"])
    with pytest.raises(ProgramFailed, match="watch failed"):
        supervisor.wait_for_stop()

    supervisor.stop()
    assert not is_alive(pid)
