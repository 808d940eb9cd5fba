"""The sweeper starts the night's learning in a process of its own, once a night."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from moderation.ground.database.engine import Database
from tests.builders import NOON
from tests.clock import WallClock
from tests.waiting import eventually
from workers.sweeping.nightly_learning import NEVER, NightlyLearning

HOUR = 4
WITHIN_S = 60
NIGHT = NOON.replace(hour=HOUR) + timedelta(days=1)


@pytest.fixture
def clock() -> WallClock:
    return WallClock(NOON)


@pytest.fixture
def nights(sqlite_database: Database, clock: WallClock, tmp_path: Path) -> Iterator[NightlyLearning]:
    """Each night appends a line to ``nights``."""
    script = f"open({str(tmp_path / 'nights')!r}, 'a').write('learnt\\n')"
    found = NightlyLearning(sqlite_database, "sweeper-1", hour=HOUR, command=(sys.executable, "-c", script), now=clock)
    with closing(Stopped(found)):
        yield found


class Stopped:
    def __init__(self, nights: NightlyLearning) -> None:
        self.close = nights.stop


def learnt(tmp_path: Path) -> int:
    path = tmp_path / "nights"
    return len(path.read_text().splitlines()) if path.exists() else 0


def ended(nights: NightlyLearning) -> bool:
    nights.step()
    return nights._child is None


def test_it_starts_once_a_night_and_not_on_the_first_day(
    nights: NightlyLearning, clock: WallClock, tmp_path: Path
) -> None:
    nights.step()
    clock.time = NIGHT - timedelta(minutes=1)
    nights.step()
    assert nights._child is None and learnt(tmp_path) == 0

    clock.time = NIGHT
    nights.step()
    eventually(lambda: learnt(tmp_path) == 1, within_s=WITHIN_S)
    clock.time = NIGHT + timedelta(hours=5)
    eventually(lambda: ended(nights), within_s=WITHIN_S)
    assert learnt(tmp_path) == 1

    clock.time = NIGHT + timedelta(days=1)
    nights.step()
    eventually(lambda: learnt(tmp_path) == 2, within_s=WITHIN_S)


def test_of_two_sweepers_one_starts_it(nights: NightlyLearning, clock: WallClock, tmp_path: Path) -> None:
    other = NightlyLearning(nights.database, "sweeper-2", hour=HOUR, command=nights.command, now=clock)
    nights.step()

    clock.time = NIGHT
    nights.step()
    other.step()

    assert nights._child is not None and other._child is None
    eventually(lambda: learnt(tmp_path) == 1, within_s=WITHIN_S)


def test_a_negative_hour_means_never(nights: NightlyLearning, clock: WallClock, tmp_path: Path) -> None:
    nights.step()
    nights.hour = NEVER
    clock.time = NIGHT

    nights.step()

    assert nights._child is None and learnt(tmp_path) == 0


def test_it_ends_what_it_started(nights: NightlyLearning, clock: WallClock) -> None:
    nights.command = (sys.executable, "-c", "import time; time.sleep(60)")
    nights.step()
    clock.time = NIGHT
    nights.step()
    child = nights._child
    assert child is not None and child.poll() is None

    nights.stop()

    assert child.returncode is not None and nights._child is None


def test_a_failure_is_logged_and_the_next_night_tries_again(
    nights: NightlyLearning, clock: WallClock, caplog: pytest.LogCaptureFixture
) -> None:
    nights.command = (sys.executable, "-c", "raise SystemExit(7)")
    nights.step()
    clock.time = NIGHT
    with caplog.at_level(logging.ERROR):
        nights.step()
        eventually(lambda: ended(nights), within_s=WITHIN_S)

    assert "exit status 7" in caplog.text
    clock.time = NIGHT + timedelta(days=1)
    nights.step()
    assert nights._child is not None
