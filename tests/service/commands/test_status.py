"""The state of Gavel for operators: /healthz, /readyz, and ``status`` and ``capacity`` at a terminal."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from redis import Redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer
from sqlalchemy.exc import OperationalError

from moderation.ground.database import lease_rows as leases
from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.jobs.jobs import LANES, Queues, connect_for_web
from moderation.operations.operating import migrating, vitals
from moderation.operations.operating.deleting import retention
from moderation.sites.sites import NewSite
from moderation.spine.comments.tables import scorings
from service.app import create_app
from service.commands import cli
from service.context import utc_now
from tests.conftest import free_port
from tests.own_databases import ON_BOTH
from tests.scoring_processes import Answering
from tests.service.bodies import a_body, settle
from tests.service.commands.test_rescore import Terminal
from tests.service.conftest import NOBODY, Caller


@pytest.fixture
def migrated(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' tables are made without migrations, so the database does not know its revision."""
    monkeypatch.setattr(migrating, "check", lambda db: None)


@pytest.fixture
def worker(redis: Redis) -> SimpleWorker:
    worker = SimpleWorker(list(LANES), connection=redis, serializer=JSONSerializer, name="worker-1")
    worker.register_birth()
    return worker


def sweep_noted(database: Database, seconds_ago: float) -> None:
    then = utc_now() - timedelta(seconds=seconds_ago)
    with database.write() as conn:
        leases.take(conn, vitals.SWEEPER, "host:1", until=then, now=then)
        leases.note(conn, vitals.SWEEPER, "host:1", {"looked_at": 0}, now=then)


@pytest.mark.usefixtures("migrated", "worker")
def test_ready_when_all_is_there(
    settings: Settings, database: Database, queues: Queues, scoring_process: Answering
) -> None:
    sweep_noted(database, seconds_ago=5)
    app = create_app(scoring_process.named_in(settings), database=database, queues=queues)

    answer = app.test_client().get("/readyz")

    assert (answer.status_code, answer.json["status"], answer.json["wrong"]) == (200, "ready", [])  # type: ignore[index]


@pytest.mark.usefixtures("migrated")
def test_degraded_names_the_missing_worker_the_late_sweeper_and_the_scoring_process(
    client: FlaskClient, database: Database
) -> None:
    sweep_noted(database, seconds_ago=3600)

    answer = client.get("/readyz")

    found = answer.json
    assert found is not None
    assert (answer.status_code, found["status"]) == (200, "degraded")
    assert (found["workers"], found["sweeper"], found["scoring"]) == ("none", "late", "away")
    assert len(found["wrong"]) == 3


@pytest.mark.usefixtures("migrated", "worker")
def test_a_scoring_process_that_nobody_wants_is_no_fault(
    settings: Settings, database: Database, queues: Queues
) -> None:
    sweep_noted(database, seconds_ago=5)
    app = create_app(replace(settings, scoring_url="off"), database=database, queues=queues)

    found = app.test_client().get("/readyz").json

    assert found is not None
    assert (found["status"], found["scoring"], found["wrong"]) == ("ready", "off", [])
    assert "gavel_scoring_up" not in app.test_client().get("/metrics").text


@pytest.mark.usefixtures("migrated", "redis")
def test_degraded_names_redis(settings: Settings, database: Database) -> None:
    away = Queues(connect_for_web(f"redis://127.0.0.1:{free_port()}/0"))

    found = create_app(settings, database=database, queues=away).test_client().get("/readyz").json

    assert found is not None
    assert (found["redis"], found["workers"]) == ("away", "unknown")
    assert any("Redis does not answer" in line for line in found["wrong"])


def test_a_database_of_a_newer_version_takes_nobody_out_of_service(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "check", lambda db: None)
    monkeypatch.setattr(migrating, "is_newer", lambda db: True)

    answer = client.get("/readyz")

    assert answer.json is not None
    assert (answer.status_code, answer.json["status"], answer.json["database"]) == (200, "degraded", "newer")
    assert any("newer version" in line for line in answer.json["wrong"])


def test_unavailable_names_the_database(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(db: Database) -> None:
        raise OperationalError("SELECT 1", {}, Exception("connection refused"))

    monkeypatch.setattr(migrating, "check", away)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert "the database does not answer" in answer.json["wrong"]  # type: ignore[index]
    assert client.get("/healthz").status_code == 200  # the process itself lives


def run(database: Database, redis: Redis, *arguments: str, **more: str) -> Result:
    url = "redis://127.0.0.1:{port}/0".format(**redis.connection_pool.connection_kwargs)
    environ = {"DATABASE_URL": database.url, "REDIS_URL": url, "SCORING_URL": NOBODY, **more}
    return CliRunner().invoke(cli, list(arguments), env=environ)


@pytest.mark.usefixtures("migrated", "worker")
def test_status_tells_what_waits_and_who_works(api: Caller, database: Database, redis: Redis) -> None:
    api.post("/v1/comments", a_body())
    sweep_noted(database, seconds_ago=3)

    told = json.loads(run(database, redis, "status", "--json").stdout)
    shown = run(database, redis, "status").stdout

    assert told["waiting"]["live"]["count"] == told["queues"]["live"]["queued"] == 1
    assert [w["name"] for w in told["workers"]] == ["worker-1"]
    assert 3 <= told["last_sweep_s"] < 60
    assert "worker-1" in shown and "Site A" in shown
    assert told["scoring"] is None and "does not answer" in shown


@pytest.mark.usefixtures("migrated")
def test_status_asks_the_scoring_process(database: Database, redis: Redis, scoring_process: Answering) -> None:
    knows = {"SCORING_URL": scoring_process.url, "SCORING_TOKEN": scoring_process.token}

    told = json.loads(run(database, redis, "status", "--json", **knows).stdout)

    assert told["scoring"]["models"].keys() == {
        "toxicity",
        "toxicity_multilingual",
        "relevance_multilingual",
        "relevance",
        "spam",
        "language",
    }
    assert told["scoring"]["waiting"] == 0


@ON_BOTH
@pytest.mark.usefixtures("migrated")
def test_capacity_goes_by_what_was_measured(api: Caller, database: Database, redis: Redis, site: NewSite) -> None:
    nothing = run(database, redis, "capacity")
    api.post("/v1/comments", a_body(id="c-1"))
    settle(database, site.site.id, "c-1")  # 0.1 s of model time

    few = run(database, redis, "capacity", "--rate", "50", "--delay", "2")

    assert nothing.exit_code == 1 and "the speed is unknown" in nothing.output
    assert few.exit_code == 0, few.output
    assert "100.00 ms a comment" in few.output
    assert int(few.output.split("workers needed")[1].split()[0]) in range(6, 12)  # 50/s at 0.118 s each is 5.9 busy


@pytest.mark.usefixtures("migrated")
def test_capacity_says_when_it_goes_by_small_batches(
    api: Caller, database: Database, redis: Redis, site: NewSite
) -> None:
    for number in range(8):
        api.post("/v1/comments", a_body(id=f"c-{number}"))
        settle(database, site.site.id, f"c-{number}")
    one_by_one = run(database, redis, "capacity", "--rate", "50")
    with database.write() as conn:
        conn.execute(scorings.update().values(created_at=utc_now()))  # as in one batch

    together = run(database, redis, "capacity", "--rate", "50")

    assert "small, 1.0 comments on average" in one_by_one.output
    assert "an upper bound" in one_by_one.output
    assert "workers needed" in together.output
    assert "batches" not in together.output


@pytest.mark.usefixtures("migrated")
def test_status_says_when_retention_ran_what_went_and_when_it_is_due(database: Database, redis: Redis) -> None:
    terminal = Terminal(database, redis)
    never = " ".join(terminal.run("status").output.split())
    now = utc_now()
    removed = {"published": 0, "rejected": 12, "withdrawn": 0, "withdrawn_text": 3}
    with database.write() as conn:
        leases.take(conn, retention.LEASE, "host:1", until=now, now=now)
        leases.note(conn, retention.LEASE, "host:1", {"began_at": now.isoformat(), "removed": removed}, now=now)
    ran = " ".join(terminal.run("status").output.split())
    found = json.loads(terminal.run("status", "--json").output)["retention"]

    assert "daily retention" in never
    assert "never; overdue since" in never
    assert "(12 rejected comments, 3 texts of withdrawn comments); next at" in ran
    assert found["removed"] == removed
    assert found["last_s"] < 60
    assert datetime.fromisoformat(found["next_at"]) > now
