"""``site delete``: everything of one site goes, nothing of another, and somebody can be asked about it."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from moderation.ground.database.engine import Database
from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.comments import Lane
from moderation.operations.all_tables import metadata
from moderation.operations.operating.deleting import site_deletion
from moderation.operations.operating.deleting import site_rows as removing
from moderation.pipeline.arriving import intake
from moderation.pipeline.arriving.submission import Submission
from moderation.pipeline.settling import judgements as settling
from moderation.sites.audit import rows as audit_entries
from moderation.sites.people import moderators
from moderation.sites.people.roles import Role
from moderation.sites.sites import NewSite
from moderation.sites.tables import api_keys
from moderation.spine.comments import rows as comments
from service.commands import cli
from service.context import utc_now
from tests.builders import OPERATOR
from tests.own_databases import ON_BOTH
from tests.service.bodies import settle


def fill(database: Database, queues: Queues, site: NewSite, count: int = 5) -> None:
    """Comments in every state, replies, edits, reports, a policy, an account and its session's traces."""
    from moderation.readers.reports import reporting as reports
    from moderation.readers.reports.reporting import Report

    site_id, now = site.site.id, utc_now()
    for number in range(count):
        parent = "c-0" if number == 3 else None
        text = f"At last somebody says aloud what all of us on the north shore have thought for years, number {number}."
        submission = Submission("a-1", f"reader-{number % 2}", text, id=f"c-{number}", parent_id=parent)
        intake.submit(database, queues, site_id, submission, lane=Lane.LIVE, now=now)
    settle(database, site_id, "c-0")
    settle(database, site_id, "c-1")
    intake.edit(database, queues, site_id, "c-1", "Another text.", now=now)
    reports.report(database, site_id, "c-0", Report("reader-9", "spam"), now=now)
    with database.read() as conn:
        lost = comments.get_comment(conn, site_id, "c-2").id
    settling.give_up(database, [lost], now=now, detail="every attempt failed")
    intake.withdraw(database, site_id, "c-4", now=now)


@pytest.fixture(autouse=True)
def filled(database: Database, queues: Queues, site: NewSite, other_site: NewSite) -> None:
    for each in (site, other_site):
        fill(database, queues, each)
        made = {"email": f"{each.site.id}@news.example", "name": "Ana", "password_hash": "x"}
        moderators.create_moderator(
            database, by=OPERATOR, now=utc_now(), roles={each.site.id: Role.LEAD, other_site.site.id: Role.LEAD}, **made
        )


def rows(database: Database, site: NewSite) -> dict[str, int]:
    """How many rows of each table belong to the site, directly or by a comment."""
    with database.read() as conn:
        mine = sa.select(metadata.tables["comments"].c.id).where(metadata.tables["comments"].c.site_id == site.site.id)
        found = {}
        for table in metadata.sorted_tables:
            if "site_id" in table.columns:
                where = table.c.site_id == site.site.id
            elif "comment_id" in table.columns:
                where = table.c.comment_id.in_(mine)
            else:
                continue
            found[table.name] = conn.execute(sa.select(sa.func.count()).select_from(table).where(where)).scalar_one()
        return found


def delete(database: Database, site: NewSite) -> dict[str, int]:
    gone: dict[str, int] = {}
    for deleted in site_deletion.delete(database, site.site, by=OPERATOR, now=utc_now()):
        gone[deleted.table] = gone.get(deleted.table, 0) + deleted.count
    return gone


@pytest.mark.parametrize("page", [1, 2, 1_000])
def test_everything_of_the_site_goes_and_nothing_of_another(
    database: Database, site: NewSite, other_site: NewSite, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(site_deletion, "COMMENTS", page)
    monkeypatch.setattr(site_deletion, "ROWS", page)
    before, theirs = rows(database, site), rows(database, other_site)
    assert {table for table, count in before.items() if count} >= {
        "comments", "articles", "authors", "api_keys", "policies", "events", "decisions", "scorings", "comment_edits",
        "reports", "fingerprint_bands", "memberships", "audit",
    }  # fmt: skip

    gone = delete(database, site)

    assert gone["comments"] == 5
    assert set(rows(database, site).values()) == {0}
    assert rows(database, other_site) == theirs
    with database.read() as conn:
        assert [s.name for s in removing_sites(conn)] == ["Site B"]


def removing_sites(conn: sa.Connection) -> list[sa.Row[tuple[str]]]:
    return list(conn.execute(sa.select(metadata.tables["sites"].c.name)).all())


@ON_BOTH
def test_who_deleted_it_stays_on_record(database: Database, site: NewSite, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        delete(database, site)

    with database.read() as conn:
        noted = audit_entries.entries(conn, None, before=None, limit=9)
    subject = f"Site A ({site.site.id})"
    assert [(e.action, e.subject, e.actor_kind, e.actor_name) for e in noted if e.subject == subject] == [
        ("site.deleted", subject, "operator", "tests"), ("site.deletion_begun", subject, "operator", "tests"),
    ]  # fmt: skip
    told = [record for record in caplog.records if record.message == "site deleted"]
    assert [(vars(record)["site"], vars(record)["by"]) for record in told] == [
        ("Site A", "operator tests at a terminal")
    ]


def test_its_keys_end_before_anything_goes(
    database: Database, site: NewSite, other_site: NewSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(*_given: object, **_named: object) -> int:
        raise OSError("the disk is full")

    monkeypatch.setattr(removing, "delete_comments", break_off)
    with pytest.raises(OSError, match="disk"):
        delete(database, site)

    with database.read() as conn:
        assert set(conn.execute(sa.select(api_keys.c.site_id)).scalars()) == {other_site.site.id}
    assert rows(database, site)["comments"] == 5
    monkeypatch.undo()
    delete(database, site)
    assert set(rows(database, site).values()) == {0}


@ON_BOTH
def test_what_arrives_meanwhile_goes_too(
    database: Database, queues: Queues, site: NewSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A web process remembers a key for some seconds."""
    real, late = removing.delete_site, [1, 2]

    def arrive(conn: sa.Connection, site_id: str) -> None:
        if late:
            raise sa.exc.IntegrityError(f"comment {late.pop()} names the site", None, Exception())
        real(conn, site_id)

    monkeypatch.setattr(removing, "delete_site", arrive)

    delete(database, site)

    assert late == []
    assert set(rows(database, site).values()) == {0}


def test_replies_on_another_site_are_not_touched(database: Database, site: NewSite, other_site: NewSite) -> None:
    delete(database, site)

    with database.read() as conn:
        reply = comments.get_comment(conn, other_site.site.id, "c-3")
    assert reply.parent_id is not None


class Terminal:
    def __init__(self, database: Database, home: Path) -> None:
        self.environment = {"DATABASE_URL": database.url, "GAVEL_HOME": str(home)}

    def run(self, *arguments: str, input: str | None = None) -> Result:
        return CliRunner().invoke(cli, ["site", "delete", *arguments], env=self.environment, input=input)


@pytest.fixture
def terminal(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setattr(
        "moderation.operations.operating.migrating.check", lambda _database: None
    )  # the tables are all there
    return Terminal(database, tmp_path)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_name_is_asked_for_again(terminal: Terminal, database: Database, site: NewSite) -> None:
    wrong = terminal.run("Site A", input="Site B\n")
    kept = rows(database, site)["comments"]
    right = terminal.run("Site A", input="Site A\n")

    assert wrong.exit_code == 1
    assert "nothing was deleted" in wrong.output
    assert kept == 5
    assert right.exit_code == 0
    assert "Site A is gone: 5 comments" in right.output
    assert set(rows(database, site).values()) == {0}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_yes_asks_nothing_and_an_unknown_name_is_refused(terminal: Terminal, database: Database, site: NewSite) -> None:
    unknown = terminal.run("Site C", "--yes")
    done = terminal.run(site.site.id, "--yes")

    assert unknown.exit_code != 0
    assert done.exit_code == 0
    assert rows(database, site)["comments"] == 0
