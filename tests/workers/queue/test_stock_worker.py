"""RQ's own commands on our queues: what an operator sees, and the way out should the batch worker have to go."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from moderation.ground.database.engine import Database
from moderation.ground.jobs.jobs import Queues
from moderation.sites.rows import Site
from moderation.spine.comments.tables import comments
from tests.moderation.conftest import Newsroom, add_site
from workers.machine.queue_server import QueueServer

ROOT = Path(__file__).parents[3]


@pytest.fixture
def newsroom(sqlite_database: Database, queues: Queues) -> Newsroom:
    with sqlite_database.write() as conn:
        site: Site = add_site(conn, "The Herald")
    return Newsroom(sqlite_database, queues, site)


def rq(*arguments: str, server: QueueServer, database: Database, home: Path) -> str:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": database.url,
        "REDIS_URL": server.url,
        "GAVEL_HOME": str(home),
    }
    command = [str(Path(sys.executable).with_name("rq")), *arguments, "--url", server.url, "--serializer", "json"]
    ran = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_rq_info_shows_the_backlog_and_a_stock_worker_clears_it(
    newsroom: Newsroom, redis_server: QueueServer, tmp_path: Path
) -> None:
    article = (("title", "Export controls on rare earths"), ("text", "Refining is the bottleneck. Magnets follow."))
    for number in range(3):
        newsroom.post(f"The refining bottleneck is the point, and number {number} says so.", article=article)
    here = partial(rq, server=redis_server, database=newsroom.database, home=tmp_path)

    before = here("info", "--only-queues", "--raw")
    here("worker", "-w", "rq.SimpleWorker", "--job-class", "workers.queue.allowed_job.AllowedJob", "--burst", "live")
    after = here("info", "--only-queues", "--raw")

    assert "queue live 3" in before
    assert "queue live 0" in after
    with newsroom.database.read() as conn:
        decided = conn.execute(sa.select(comments.c.status, comments.c.toxicity)).all()
    assert all(row.status in ("published", "flagged") and row.toxicity is not None for row in decided)
