"""Two newsrooms from which a command of the workers learns: the Herald decides, the Courier has decided nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner, Result
from redis import Redis

from moderation.ground.database.engine import Database
from moderation.ground.jobs.jobs import Queues
from moderation.operations.composition import open_database
from moderation.operations.operating import migrating
from moderation.sites.audit import rows as audit_entries
from moderation.sites.rows import Site
from tests.moderation.conftest import add_site
from workers.commands import cli


@dataclass(frozen=True, slots=True)
class House:
    command: str  # learn, spam
    database: Database
    queues: Queues
    site: Site  # the Herald

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(cli, [self.command, *arguments], env={"DATABASE_URL": self.database.url})

    def newest_entry(self) -> audit_entries.AuditEntry:
        """Of the Herald's audit trail."""
        with self.database.read() as conn:
            return audit_entries.entries(conn, self.site.id, before=None, limit=1)[0]


@contextmanager
def opened(command: str, folder: Path, redis_url: str) -> Iterator[House]:
    """With a database of its own in the folder."""
    with closing(open_database(f"sqlite:///{folder / 'gavel.db'}")) as database:
        migrating.upgrade(database)
        with database.write() as conn:
            site = add_site(conn, "The Herald")
            add_site(conn, "The Courier")
        yield House(command, database, Queues(Redis.from_url(redis_url), job_timeout_s=30), site)
