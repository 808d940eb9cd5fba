from __future__ import annotations

import os
import socket
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from moderation.ground.environment.settings import Settings
from moderation.operations.operating import heartbeats
from moderation.operations.operating.vitals import Worker
from tests.builders import NOON
from tests.conftest import free_port
from workers.queue import health

HERE = socket.gethostname()
WELL = Worker("w-1", HERE, "idle", ("interactive", "live", "bulk"), NOON)


def wrong(*known: Worker, seconds_later: float = 0) -> str | None:
    return health.wrong_with_worker(known, "interactive", HERE, 120, now=NOON + timedelta(seconds=seconds_later))


@pytest.mark.parametrize(("seconds", "is_well"), [(0, True), (120, True), (120.1, False)])
def test_a_worker_is_well_as_long_as_its_heartbeat_is_young(seconds: float, is_well: bool) -> None:
    assert (wrong(WELL, seconds_later=seconds) is None) is is_well


def test_one_young_heartbeat_among_dead_ones_is_enough() -> None:
    dead = replace(WELL, name="w-0", last_heartbeat=NOON - timedelta(hours=2))

    assert wrong(dead, WELL) is None
    assert wrong(dead) is not None


def test_workers_of_other_machines_and_queues_do_not_count() -> None:
    assert wrong(replace(WELL, hostname="elsewhere"), replace(WELL, queues=("deliver",))) is not None


def test_a_redis_that_is_away_is_no_reason_to_restart(tmp_path: Path) -> None:
    settings = Settings(gavel_home=tmp_path, redis_url=f"redis://127.0.0.1:{free_port()}/0")

    assert health.check("work", settings) is None


def test_the_sweeper_is_well_as_long_as_it_goes_round(tmp_path: Path) -> None:
    settings = Settings(gavel_home=tmp_path)
    never = health.check("sweep", settings)
    heartbeats.beat(tmp_path, "sweep")
    young = health.check("sweep", settings)
    hour_ago = heartbeats.file_of(tmp_path, "sweep").stat().st_mtime - 3600
    os.utime(heartbeats.file_of(tmp_path, "sweep"), (hour_ago, hour_ago))

    assert never is not None
    assert young is None
    assert health.check("sweep", settings) is not None
