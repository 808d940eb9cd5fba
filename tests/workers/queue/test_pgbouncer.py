"""PostgreSQL behind pgbouncer in transaction mode, with fewer connections than there are callers."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from moderation.ground.database import lease_rows as leases
from moderation.ground.database.engine import Database
from moderation.ground.jobs.jobs import Queues
from moderation.operations.composition import open_database
from moderation.sites.rows import Site
from moderation.spine.comments.tables import comments, decisions
from tests.builders import NOON
from tests.conftest import free_port
from tests.moderation.conftest import Newsroom, add_site
from tests.waiting import eventually
from tests.workers.queue.test_pipeline import WordScorer
from workers.queue.pipeline import Pipeline

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
pytestmark = pytest.mark.skipif(
    PGBOUNCER is None, reason="pgbouncer is not installed (Debian: apt-get install pgbouncer)"
)

CONNECTIONS = 2
CALLERS = 8


@pytest.fixture
def pooled(postgres_database: Database) -> Iterator[Database]:
    assert PGBOUNCER is not None
    behind = make_url(postgres_database.url)
    socket_folder = behind.query.get("host", behind.host)
    port, folder = free_port(), Path(tempfile.mkdtemp(prefix="gavel-pgbouncer-"))
    folder.chmod(0o755)  # whom the server runs as reads its settings there
    config = folder / "pgbouncer.ini"
    config.write_text(
        f"[databases]\ngavel = host={socket_folder} port={behind.port or 5432} dbname={behind.database} "
        f"user={behind.username or 'postgres'}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        f"pool_mode = transaction\ndefault_pool_size = {CONNECTIONS}\nmax_client_conn = 100\n"
    )
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([PGBOUNCER, str(config)], stdout=log, stderr=log, user=_somebody())
    database = open_database(f"postgresql://gavel@127.0.0.1:{port}/gavel", pool_size=CALLERS)
    try:
        eventually(lambda: answers(database), within_s=20, says=(folder / "log").read_text)
        yield database
    finally:
        database.close()
        process.terminate()
        process.wait(60)
        shutil.rmtree(folder)


def _somebody() -> str | None:
    """pgbouncer does not run as root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "pgserver" if "pgserver" in known else "nobody"


def answers(database: Database) -> bool:
    try:
        with database.read() as conn:
            return bool(conn.execute(sa.text("SELECT 1")).scalar_one())
    except OperationalError:
        return False


def test_comments_come_in_and_are_decided_through_a_pool_of_two(pooled: Database, queues: Queues) -> None:
    with pooled.write() as conn:
        site: Site = add_site(conn, "The Herald")
    newsroom = Newsroom(pooled, queues, site)
    pipelines = [Pipeline(pooled, queues, WordScorer(), now=lambda: NOON) for _ in range(2)]  # type: ignore[arg-type]

    with ThreadPoolExecutor(CALLERS) as callers:
        posted = list(
            callers.map(lambda n: newsroom.post(f"Number {n} has a say.", id=f"n-{n}").comment.id, range(120))
        )
        batches = [posted[start : start + 10] for start in range(0, 120, 10)]
        # each batch twice and at once: exactly one may decide
        list(callers.map(lambda job: pipelines[job[0]].score(job[1]), [(n, b) for b in batches for n in (0, 1)]))

    with pooled.read() as conn:
        waiting = conn.execute(sa.select(sa.func.count()).where(comments.c.status == "waiting")).scalar_one()
        decided = conn.execute(sa.select(decisions.c.comment_id)).scalars().all()
    assert waiting == 0
    assert sorted(decided) == sorted(posted)


def test_a_lease_needs_no_session(pooled: Database) -> None:
    until = NOON + timedelta(seconds=15)

    with pooled.write() as conn:
        first = leases.take(conn, "sweeper", "a", until=until, now=NOON)
    with pooled.write() as conn:
        second = leases.take(conn, "sweeper", "b", until=until, now=NOON)

    assert (first, second) == (True, False)
