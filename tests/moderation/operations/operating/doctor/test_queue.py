"""The doctor, a real queue server and who works, each fault made for real."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis import Redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from moderation.ground.database import lease_rows as leases
from moderation.ground.database.engine import Database
from moderation.ground.environment.setting_values import OFF
from moderation.ground.environment.settings import Settings
from moderation.ground.jobs.jobs import DELIVER_QUEUE, LANES
from moderation.operations.operating import vitals
from moderation.operations.operating.doctor import processes, queue
from moderation.operations.operating.doctor.findings import Finding, Level
from tests.conftest import free_port
from tests.moderation.operations.operating.doctor.looking import only, wrong
from workers.machine import queue_server

NOW = datetime.now(UTC)
NO_QUEUE = Settings(redis_url="redis://127.0.0.1:1/0", scoring_url=OFF)


@pytest.fixture
def settings(redis_server: queue_server.QueueServer, redis: Redis) -> Settings:
    return Settings(redis_url=redis_server.url, scoring_url=OFF)


@contextmanager
def configured(redis: Redis, name: str, value: str) -> Iterator[None]:
    was = str(redis.config_get(name)[name])
    redis.config_set(name, value)
    try:
        yield
    finally:
        redis.config_set(name, was)


def acl(redis: Redis, *words: str) -> None:
    redis.execute_command("ACL", *words)  # type: ignore[no-untyped-call]


def register(redis: Redis, *queues: str, name: str) -> SimpleWorker:
    worker = SimpleWorker(list(queues), connection=redis, serializer=JSONSerializer, name=name)
    worker.register_birth()
    return worker


def working(settings: Settings) -> list[Finding]:
    """Without the line that says that no scoring process is wanted here."""
    found = processes.check(settings, None, now=datetime.now(UTC))
    return [finding for finding in found if "SCORING_URL is off" not in finding.found]


def test_a_scoring_process_that_is_away_is_an_error(redis_server: queue_server.QueueServer) -> None:
    url = f"http://127.0.0.1:{free_port()}"

    found = processes.check(Settings(redis_url=redis_server.url, scoring_url=url), None, now=datetime.now(UTC))

    (finding,) = [finding for finding in found if url in finding.found]
    assert finding.level is Level.ERROR
    assert "gavel answer" in finding.change


def test_a_sound_queue_is_well(settings: Settings) -> None:
    assert wrong(queue.check(settings)) == []


def test_a_queue_that_is_away_is_named_without_its_password() -> None:
    finding = only(queue.check(Settings(redis_url=f"redis://:s3cr3t@127.0.0.1:{free_port()}/0")), Level.ERROR)

    assert "does not answer" in finding.found and finding.change.startswith("REDIS_URL=")
    assert "s3cr3t" not in finding.found


def test_a_wrong_password_is_named(redis: Redis, settings: Settings) -> None:
    with configured(redis, "requirepass", "another"):
        port = redis.connection_pool.connection_kwargs["port"]
        none = only(queue.check(settings), Level.ERROR)
        finding = only(queue.check(Settings(redis_url=f"redis://:wrong@127.0.0.1:{port}/0")), Level.ERROR)
        redis.auth("another")

    assert "does not accept our password" in none.found
    assert "does not accept our password" in finding.found and "wrong" not in finding.found


def test_a_server_that_throws_jobs_away_is_a_warning_and_with_a_limit_an_error(
    redis: Redis, settings: Settings
) -> None:
    with configured(redis, "maxmemory-policy", "allkeys-lru"):
        unbounded = only(queue.check(settings), Level.WARNING)
        with configured(redis, "maxmemory", "500mb"):
            bounded = only(queue.check(settings), Level.ERROR)

    assert "maxmemory-policy is allkeys-lru" in unbounded.found
    assert bounded.change == "maxmemory-policy noeviction in its configuration"


def test_a_server_whose_memory_is_nearly_full_is_a_warning(redis: Redis, settings: Settings) -> None:
    with configured(redis, "maxmemory", str(redis.info("memory")["used_memory"] + 10_000)):
        finding = only(queue.check(settings), Level.WARNING)

    assert "90% of its maxmemory" in finding.found


def test_a_server_that_keeps_nothing_is_a_warning(redis: Redis, settings: Settings) -> None:
    with configured(redis, "appendonly", "no"):
        finding = only(queue.check(settings), Level.WARNING)

    assert finding.change == "appendonly yes in its configuration"


def test_a_replica_is_an_error(redis: Redis, settings: Settings) -> None:
    redis.replicaof("127.0.0.1", free_port())
    try:
        finding = only(queue.check(settings), Level.ERROR)
    finally:
        redis.replicaof("NO", "ONE")

    assert finding.change == "REDIS_URL=… of the primary"


def test_the_documented_rights_are_enough_for_the_doctor(redis: Redis, settings: Settings) -> None:
    line = (Path(__file__).parents[5] / "docs/queue.acl").read_text().splitlines()[1]
    rights = line.split()[2:]
    acl(redis, "SETUSER", "gavel", *rights)
    try:
        port = redis.connection_pool.connection_kwargs["port"]
        found = queue.check(Settings(redis_url=f"redis://gavel:replace-me@127.0.0.1:{port}/0"))
    finally:
        acl(redis, "DELUSER", "gavel")

    assert wrong(found) == []


def test_a_user_who_may_not_ask_is_told_apart(redis: Redis) -> None:
    acl(redis, "SETUSER", "narrow", "on", ">a-password", "~*", "+ping", "+@connection")
    try:
        port = redis.connection_pool.connection_kwargs["port"]
        finding = only(queue.check(Settings(redis_url=f"redis://narrow:a-password@127.0.0.1:{port}/0")), Level.ERROR)
    finally:
        acl(redis, "DELUSER", "narrow")

    assert "does not let us look" in finding.found and "queue.acl" in finding.change


def test_workers_are_counted_by_kind(redis: Redis, settings: Settings) -> None:
    register(redis, *LANES, name="w-1")
    register(redis, *LANES, name="w-2")
    register(redis, DELIVER_QUEUE, name="d-1")

    found = working(settings)

    assert wrong(found) == []
    assert [finding.found.partition(" on ")[0] for finding in found] == ["2 `gavel worker`", "1 `gavel deliver`"]


@pytest.mark.parametrize(("there", "missing"), [(LANES, "gavel deliver"), ((DELIVER_QUEUE,), "gavel worker")])
def test_a_kind_that_does_not_run_is_an_error(
    redis: Redis, settings: Settings, there: tuple[str, ...], missing: str
) -> None:
    register(redis, *there, name="one")

    finding = only(working(settings), Level.ERROR)

    assert f"no `{missing}` runs" in finding.found
    assert finding.change == f"start `{missing}`"


def test_a_silent_worker_is_told_from_one_that_lives(redis: Redis, settings: Settings) -> None:
    register(redis, DELIVER_QUEUE, name="d-1")
    silent = register(redis, *LANES, name="w-1")
    redis.hset(silent.key, "last_heartbeat", (datetime.now(UTC) - timedelta(minutes=10)).isoformat())

    alone = only(working(settings), Level.ERROR)
    register(redis, *LANES, name="w-2")
    beside = only(working(settings), Level.WARNING)

    assert "the last was heard of 6" in alone.found
    assert "1 of 2 `gavel worker` are silent" in beside.found


@pytest.mark.parametrize(("age_s", "well"), [(5, True), (600, False)])
def test_the_sweeper_is_judged_by_its_lease(database: Database, age_s: int, well: bool) -> None:
    then = datetime.now(UTC) - timedelta(seconds=age_s)
    with database.write() as conn:
        leases.take(conn, vitals.SWEEPER, "host:1", until=then, now=then)
        leases.note(conn, vitals.SWEEPER, "host:1", {}, now=then)

    found = processes.check(NO_QUEUE, database, now=datetime.now(UTC))

    assert (wrong(found) == []) is well
    assert "host:1" in found[-1].found


def test_a_sweeper_that_never_ran_is_an_error(database: Database) -> None:
    found = processes.check(NO_QUEUE, database, now=NOW)

    assert only(found, Level.ERROR).change == "start `gavel sweep`"
