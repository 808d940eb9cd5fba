"""Everything up on this machine, with a site and its moderators."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from bench.plant import ROOT, Kind, database_url, free_port
from moderation.ground.database.engine import Database, first_id_at
from moderation.ground.environment.settings import Settings
from moderation.ground.jobs.jobs import Queues, connect_for_worker
from moderation.operations.composition import open_database
from moderation.sites import sites
from moderation.sites.audit.actors import SYSTEM
from moderation.sites.people import moderators
from moderation.sites.people.roles import Role
from moderation.spine.comments.tables import comments, decisions
from service.passwords import hash_password

UP_WITHIN_S, ENDED_WITHIN_S = 120.0, 60.0
MODERATORS = 2
PASSWORD = "a passphrase for the soak"


@dataclass
class Running:
    """Everything up, with a site and its moderators."""

    folder: Path
    port: int
    database: Database
    process: subprocess.Popen[bytes]
    key: str = ""
    site_id: str = ""
    database_pids: tuple[int, ...] = ()
    queues: Queues = field(init=False)

    def __post_init__(self) -> None:
        created = sites.create_site(self.database, "Soak", by=SYSTEM, now=datetime.now(UTC))
        self.key, self.site_id = created.key.token, created.site.id
        sites.change_settings(
            self.database, self.site_id, by=SYSTEM, now=datetime.now(UTC), comments_per_author_per_minute=None
        )
        hashed = hash_password(PASSWORD)
        for number in range(MODERATORS):
            moderators.create_moderator(
                self.database,
                email=moderator(number),
                name=f"Moderator {number}",
                password_hash=hashed,
                roles={self.site_id: Role.MODERATOR},
                by=SYSTEM,
                now=datetime.now(UTC),
            )
        self.queues = Queues(connect_for_worker(Settings(gavel_home=self.folder).resolved_redis_url))

    def waiting(self) -> tuple[int, float]:
        """How many comments wait, and for how many seconds the oldest has waited."""
        query = sa.select(sa.func.count(), sa.func.min(comments.c.updated_at)).where(comments.c.status == "waiting")
        with self.database.read() as conn:
            count, since = conn.execute(query).one()
        return count, (datetime.now(UTC) - since).total_seconds() if since else 0.0

    def delays(self, since: datetime) -> list[float]:
        """Seconds from arrival to decision of the comments that a policy has decided since then, in order."""
        query = (
            sa.select(comments.c.received_at, decisions.c.created_at)
            .join(comments, comments.c.id == decisions.c.comment_id)
            .where(decisions.c.id >= first_id_at(since), decisions.c.version == 1)
        )
        with self.database.read() as conn:
            return sorted((row.created_at - row.received_at).total_seconds() for row in conn.execute(query))

    def decided(self, since: datetime) -> int:
        query = sa.select(sa.func.count()).where(decisions.c.id >= first_id_at(since))
        with self.database.read() as conn:
            return conn.execute(query).scalar_one()


@contextmanager
def running(kind: Kind, workers: int) -> Iterator[Running]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gavel-soak-")))
        store = folder / "database"
        url = stack.enter_context(database_url(kind, store))
        port = free_port()
        own = {
            "GAVEL_HOME": str(folder),
            "PORT": str(port),
            "DATABASE_URL": url,
            "RATE_LIMIT_PER_MINUTE": "0",
            "GAVEL_DEMO": "yes",
        }
        environ = {k: v for k, v in os.environ.items() if not k.startswith(("REDIS_URL", "DATABASE_URL"))}
        command = [sys.executable, "-m", "gavel", "up", "--workers", str(workers)]
        with (folder / "up.log").open("ab") as log:
            process = subprocess.Popen(command, cwd=ROOT, env={**environ, **own}, stdout=log, stderr=log)
        stack.callback(_end, process)
        _until_up(process, folder / "up.log")
        database = open_database(url)
        stack.callback(database.close)
        yield Running(folder, port, database, process, database_pids=_pids_of_postgres(store))


def moderator(number: int) -> str:
    """The e-mail address of a moderator that the desk knows."""
    return f"moderator-{number}@example.org"


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(ENDED_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _until_up(process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + UP_WITHIN_S
    while "Gavel is up" not in log.read_text(errors="replace"):
        if process.poll() is not None or time.monotonic() > until:
            raise TimeoutError(f"Gavel did not start:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.1)


def _pids_of_postgres(store: Path) -> tuple[int, ...]:
    file = store / "postgres" / "postmaster.pid"
    return (int(file.read_text().splitlines()[0]),) if file.exists() else ()
