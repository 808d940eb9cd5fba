"""One comment from arrival to decision, by a worker as it is run, with a queue server beside it. Prints the outcome.

A program and not a fixture: ``tests.alone`` runs it where the test run's own servers cannot be reached.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from redis import Redis

from moderation.ground.database.engine import Database
from moderation.ground.environment.settings import Settings
from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.comments import Lane
from moderation.operations.composition import open_database
from moderation.pipeline.arriving import intake
from moderation.pipeline.arriving.submission import Submission
from moderation.sites import sites
from moderation.spine.comments.tables import comments, decisions
from tests.builders import OPERATOR
from tests.conftest import free_port
from workers.machine import queue_server


def main() -> None:
    settings = Settings.from_env(os.environ)
    database = open_database(settings.resolved_database_url)
    server = queue_server.start(settings.gavel_home / "queue", free_port())
    try:
        now = datetime.now(UTC)
        site = sites.create_site(database, "Daily", by=OPERATOR, now=now).site
        submission = Submission("a-1", "u-1", "The harbour needs a second crane.")
        intake.submit(database, Queues(Redis.from_url(server.url)), site.id, submission, lane=Lane.LIVE, now=now)
        worker = subprocess.run(
            [sys.executable, "-m", "workers", "--burst"], env={**os.environ, "REDIS_URL": server.url}, check=False
        )
        print(json.dumps({"worker": worker.returncode, **outcome(database)}))
    finally:
        server.stop()
        database.close()


def outcome(database: Database) -> dict[str, Any]:
    waiting = sa.select(sa.func.count()).where(comments.c.status == "waiting")
    with database.read() as conn:
        decided = conn.execute(sa.select(sa.func.count()).select_from(decisions)).scalar_one()
        return {"waiting": conn.execute(waiting).scalar_one(), "decided": decided}


if __name__ == "__main__":
    main()
