"""Dead letters, retention, backup and restore: by command, on real databases."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from redis import Redis

from moderation.ground.database import backups
from moderation.ground.database.engine import Database
from moderation.ground.errors import StorageNotReady
from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.comments import Lane
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.moderators.finding import search_rows as search
from moderation.operations.all_tables import metadata
from moderation.operations.composition import open_database
from moderation.operations.operating import migrating
from moderation.operations.operating.deleting import retention
from moderation.pipeline.arriving import intake
from moderation.pipeline.arriving.submission import Submission
from moderation.pipeline.rescoring.tables import rescores
from moderation.pipeline.settling import judgements as settling
from moderation.sites import rows as site_store
from moderation.sites.audit import rows as audit_entries
from moderation.sites.settings.values import SiteSettings
from moderation.sites.sites import NewSite
from moderation.spine.comments.tables import comments, decisions
from moderation.spine.events import rows as event_store
from moderation.spine.events.tables import events
from service.__main__ import main
from service.commands import cli
from service.context import utc_now
from tests.builders import OPERATOR
from tests.own_databases import ON_BOTH
from tests.paces import without_pace
from tests.service.bodies import a_body, settle
from tests.service.commands.test_rescore import Terminal
from tests.service.conftest import Caller
from tests.waiting import slowed_by


@pytest.fixture
def terminal(database: Database, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setattr(migrating, "check", lambda db: None)
    return Terminal(database, redis)


def count(database: Database, table: sa.Table) -> int:
    with database.read() as conn:
        return conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def id_of(database: Database, external_id: str) -> str:
    with database.read() as conn:
        query = sa.select(comments.c.id).where(comments.c.external_id == external_id)
        return str(conn.execute(query).scalar_one())


class TestDeadLetters:
    @pytest.fixture
    def dead(self, api: Caller, database: Database) -> str:
        api.post("/v1/comments", a_body(id="c-1"))
        comment_id = id_of(database, "c-1")
        settling.give_up(database, [comment_id], now=utc_now(), detail="every attempt to score it failed")
        return comment_id

    @ON_BOTH
    def test_a_comment_that_could_not_be_scored_is_listed_and_tried_again(
        self, terminal: Terminal, dead: str, database: Database
    ) -> None:
        listed = terminal.run("dead", "list").output
        retried = terminal.run("dead", "retry", dead).output

        assert "could not be scored" in listed
        assert "1 comments will be scored" in retried
        assert count(database, rescores) == 1

    @ON_BOTH
    def test_an_event_that_no_webhook_took_is_listed_and_sent_again(
        self, terminal: Terminal, dead: str, database: Database, site: NewSite
    ) -> None:
        now = utc_now()
        with database.write() as conn:
            event_store.release_due(conn, site.site.id, now=now)
            gave_up = {"attempts": 9, "last_error": "no answer from https://news.example/hook?token=s3cret"}
            conn.execute(events.update().values(next_attempt_at=None, **gave_up))

        listed = terminal.run("dead", "list").output
        retried = terminal.run("dead", "retry", "--all").output

        assert "9 attempts" in listed.replace("\n", " ")
        assert "s3cret" not in listed
        assert "1 events sent again" in retried
        with database.read() as conn:
            assert event_store.sites_with_deliveries(conn, utc_now()) == [site.site.id]

    def test_what_was_not_given_up_is_not_tried_again(self, terminal: Terminal, dead: str, database: Database) -> None:
        result = terminal.run("dead", "retry", "no-such-id")

        assert result.exit_code == 1
        assert count(database, rescores) == 0

    def test_nothing_dead_is_said_so(self, terminal: Terminal) -> None:
        assert "Gavel has given nothing up" in terminal.run("dead", "list").output


class TestRetention:
    @pytest.fixture
    def aged(self, api: Caller, database: Database, site: NewSite, queues: Queues) -> Database:
        """Published, rejected, flagged and waiting comments of 100 days ago, each with all rows that belong to it."""
        then = utc_now() - timedelta(days=100)
        for name in ("published", "rejected", "flagged", "waiting", "fresh"):
            api.post("/v1/comments", a_body(id=name, text=f"What is {name} says a word or two about ferries."))
        for name, action in (
            ("published", "publish"),
            ("rejected", "reject"),
            ("flagged", "flag"),
            ("fresh", "publish"),
        ):
            settle(database, site.site.id, name, Action(action))
        api.post("/v1/comments/published/reports", {"reporter_id": "r-1", "reason": "spam"})
        with database.write() as conn:
            event_store.release_due(conn, site.site.id, now=utc_now())
            old = comments.c.external_id != "fresh"
            conn.execute(comments.update().where(old).values(updated_at=then, received_at=then))
        return database

    @ON_BOTH
    def test_what_is_past_its_days_goes_with_all_that_hangs_on_it(
        self, terminal: Terminal, aged: Database, site: NewSite, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            "moderation.operations.operating.deleting.retention_rows.first_id_at",
            lambda moment: "ffffffff-ffff-7fff-bfff-ffffffffffff",
        )
        terminal.run("retention", "Site A", "--published", "30", "--rejected", "99")
        published = id_of(aged, "published")

        dry = terminal.run("retain", "--dry-run").output
        before = count(aged, comments)
        result = terminal.run("retain")

        assert (before, dry.count("would go")) == (5, 2)
        assert "1 published comments are gone" in result.output
        with aged.read() as conn:
            left = set(conn.execute(sa.select(comments.c.external_id)).scalars())
            for table in metadata.sorted_tables:
                if "comment_id" in table.columns:
                    assert not conn.execute(sa.select(table).where(table.c.comment_id == published)).first(), table.name
            found = search.comments_with(conn, [site.site.id], "ferries", before=None, limit=10)
        assert left == {"flagged", "waiting", "fresh"}
        assert {f.external_id for f in found} == left

    def test_a_new_comment_is_not_old(self, terminal: Terminal, aged: Database) -> None:
        """By its id: the others' dates were changed above, and theirs say that they are new too."""
        terminal.run("retention", "Site A", "--published", "30")

        assert terminal.run("retain").output == "nothing has to go\n"

    def test_what_the_site_has_not_heard_of_stays(
        self, terminal: Terminal, aged: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            "moderation.operations.operating.deleting.retention_rows.first_id_at",
            lambda moment: "ffffffff-ffff-7fff-bfff-ffffffffffff",
        )
        terminal.run("retention", "Site A", "--published", "30")
        with aged.write() as conn:
            conn.execute(events.update().values(next_attempt_at=utc_now()))

        assert terminal.run("retain").output == "nothing has to go\n"

    def test_a_reply_outlives_what_it_replies_to(
        self, terminal: Terminal, aged: Database, api: Caller, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            "moderation.operations.operating.deleting.retention_rows.first_id_at",
            lambda moment: "ffffffff-ffff-7fff-bfff-ffffffffffff",
        )
        api.post("/v1/comments", a_body(id="reply", parent_id="rejected"))
        terminal.run("retention", "Site A", "--rejected", "30")

        terminal.run("retain")

        assert api.get("/v1/comments/reply").json["parent_id"] is None  # type: ignore[index]

    @pytest.mark.parametrize(("option", "days"), [("--published", "0"), ("--published", "soon"), ("--flagged", "9")])
    def test_days_that_make_no_sense_are_refused(
        self, terminal: Terminal, site: NewSite, option: str, days: str
    ) -> None:
        assert terminal.run("retention", "Site A", option, days).exit_code != 0

    def test_days_are_shown_and_taken_back(self, terminal: Terminal, site: NewSite) -> None:
        terminal.run("retention", "Site A", "--withdrawn", "7", "--withdrawn-text", "2")

        shown = terminal.run("retention", "Site A").output
        always = terminal.run("retention", "Site A", "--withdrawn", "always").output

        assert "keep_withdrawn_days      7 days\nkeep_withdrawn_text_days 2 days" in shown
        assert "keep_withdrawn_days      always" in always

    def test_the_options_have_the_settings_names(self, terminal: Terminal, site: NewSite) -> None:
        given = ("--keep-published-days", "9", "--keep-rejected-days", "8", "--keep-withdrawn-days", "7")

        shown = terminal.run("retention", "Site A", *given, "--keep-withdrawn-text-days", "6").output

        assert [line.split()[:2] for line in shown.splitlines()] == [
            ["keep_published_days", "9"],
            ["keep_rejected_days", "8"],
            ["keep_withdrawn_days", "7"],
            ["keep_withdrawn_text_days", "6"],
        ]

    def test_texts_that_go_are_counted_by_their_name(
        self, terminal: Terminal, aged: Database, site: NewSite, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            "moderation.operations.operating.deleting.retention_rows.first_id_at",
            lambda moment: "ffffffff-ffff-7fff-bfff-ffffffffffff",
        )
        with aged.write() as conn:
            rejected = comments.c.external_id == "rejected"
            conn.execute(comments.update().where(rejected).values(status=CommentStatus.WITHDRAWN))
        terminal.run("retention", "Site A", "--withdrawn-text", "99")

        assert terminal.run("retain", "--dry-run").output == "Site A: 1 texts of withdrawn comments would go\n"
        assert terminal.run("retain").output == "Site A: 1 texts of withdrawn comments are gone\n"
        assert terminal.run("retain").output == "nothing has to go\n"


def test_comments_come_in_while_old_ones_go(database: Database, queues: Queues, site: NewSite) -> None:
    now = utc_now()
    said = [Submission("a-1", "u-1", f"Number {n} of many.", id=f"old-{n}") for n in range(400)]
    intake.submit_many(database, queues, site.site.id, said, now=now - timedelta(days=9))
    with database.write() as conn:
        conn.execute(comments.update().values(status=CommentStatus.REJECTED))
        settings = SiteSettings(keep_rejected_days=1)
        site_store.update_site_settings(conn, site.site.id, settings)
    slowest = Slowest(database, queues, site.site.id)

    with slowest.submitting():
        gone = sum(purged.count for purged in retention.retain(database, by=OPERATOR, now=now + timedelta(days=2)))

    with database.read() as conn:
        begun, *_, deleted = audit_entries.entries(conn, site.site.id, before=None, limit=2)[::-1]
    assert (begun.action, begun.after) == ("retention.begun", {"status": "rejected", "kept_days": 1})
    assert deleted.action == "retention.deleted"
    assert deleted.after == {"status": "rejected", "kept_days": 1, "comments": 400}
    assert gone == 400
    assert slowest.submitted >= 1
    assert slowest.seconds < 10 * slowed_by()


class Slowest:
    """Submits comments from a thread of its own and remembers how long the slowest took."""

    def __init__(self, database: Database, queues: Queues, site_id: str) -> None:
        self.database, self.queues, self.site_id = database, queues, site_id
        self.seconds, self.submitted = 0.0, 0

    def submitting(self) -> Slowest:
        return self

    def __enter__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._submit)
        self._thread.start()

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _submit(self) -> None:
        while True:
            said = Submission("a-1", f"new-{self.submitted}", f"New number {self.submitted}.")
            started = time.perf_counter()
            intake.submit(self.database, self.queues, self.site_id, said, lane=Lane.LIVE, now=utc_now())
            self.seconds = max(self.seconds, time.perf_counter() - started)
            self.submitted += 1
            if self._stop.is_set():
                return


class TestBackup:
    @pytest.fixture
    def home(self, tmp_path: Path) -> Path:
        return tmp_path / "home"

    @pytest.fixture
    def live(self, home: Path) -> Iterator[Database]:
        database = open_database(f"sqlite:///{home / 'gavel.db'}")
        migrating.upgrade(database)
        yield database
        database.close()

    def run(self, home: Path, *arguments: str) -> Result:
        return CliRunner().invoke(cli, list(arguments), env={"GAVEL_HOME": str(home), "DATABASE_URL": ""})

    def test_a_copy_made_under_load_is_whole_and_can_be_restored(
        self, live: Database, home: Path, tmp_path: Path, queues: Queues
    ) -> None:
        from moderation.sites import sites

        site = without_pace(live, sites.create_site(live, "Site A", by=OPERATOR, now=utc_now())).site
        for number in range(50):
            submit(live, queues, site.id, f"before-{number}", utc_now())
        slowest = Slowest(live, queues, site.id)
        with slowest.submitting():
            backed_up = self.run(home, "backup", str(tmp_path / "copy.db"))
        live.close()

        refused = self.run(home, "restore", str(tmp_path / "copy.db"))
        restored = self.run(home, "restore", str(tmp_path / "copy.db"), "--replace")

        assert backed_up.exit_code == 0, backed_up.output
        assert isinstance(refused.exception, StorageNotReady)
        assert "Site A: events up to 0" in restored.output
        again = open_database(live.url)
        migrating.check(again)
        assert 50 <= count(again, comments) <= 50 + slowest.submitted
        assert count(again, decisions) == 0
        again.close()
        assert len(list(home.glob("gavel.db.before-*"))) >= 1

    def test_a_file_that_exists_is_replaced_only_by_force(
        self,
        live: Database,
        home: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        copy = tmp_path / "copy.db"
        copy.write_text("last month's")
        monkeypatch.setenv("DATABASE_URL", live.url)
        monkeypatch.setattr("sys.argv", ["service", "backup", str(copy)])

        status = main()

        assert status == 2
        assert capsys.readouterr().err == f"service: {copy} exists: name another file, or replace it with --force\n"
        assert copy.read_text() == "last month's"
        assert self.run(home, "backup", str(copy), "--force").exit_code == 0
        assert copy.read_bytes().startswith(b"SQLite format 3\0")

    def test_the_database_is_no_place_for_its_copy(self, live: Database, home: Path) -> None:
        result = self.run(home, "backup", str(home / "gavel.db"), "--force")

        assert isinstance(result.exception, StorageNotReady)
        migrating.check(live)
        assert not (home / "gavel.db.part").exists()

    def test_a_damaged_copy_is_not_restored(self, home: Path, tmp_path: Path) -> None:
        (tmp_path / "copy.db").write_bytes(b"SQLite format 3\0" + b"\x17" * 5000)

        result = self.run(home, "restore", str(tmp_path / "copy.db"))

        assert isinstance(result.exception, StorageNotReady)
        assert not (home / "gavel.db").exists()

    def test_another_programs_database_is_not_restored(self, home: Path, tmp_path: Path) -> None:
        with closing(sqlite3.connect(tmp_path / "copy.db")) as other:
            other.execute("CREATE TABLE bookmarks (url TEXT)")

        assert isinstance(self.run(home, "restore", str(tmp_path / "copy.db")).exception, StorageNotReady)

    def test_postgresql_is_left_to_its_own_tools(self, tmp_path: Path) -> None:
        class Remote:
            url = "postgresql+psycopg://db.example/gavel"

        with pytest.raises(StorageNotReady, match="pg_dump"):
            backups.back_up(Remote(), tmp_path / "copy.db", replace=False)  # type: ignore[arg-type]


def submit(database: Database, queues: Queues, site_id: str, name: str, now: datetime) -> None:
    said = Submission("a-1", f"u-{name}", f"{name} speaks.", id=name)  # each by its own: one may be too fast
    intake.submit(database, queues, site_id, said, lane=Lane.LIVE, now=now)
