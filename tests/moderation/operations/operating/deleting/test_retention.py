"""The text of a withdrawn comment goes after the days that its site sets; the comment stays with its decisions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from moderation.ground.database.engine import Database, new_id
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.moderators.finding import search_rows as search
from moderation.operations.operating.deleting import retention
from moderation.operations.operating.deleting.retention import Deletion, Purged
from moderation.pipeline.arriving import intake
from moderation.sites import rows as sites
from moderation.sites.audit import rows as audit_entries
from moderation.sites.rows import Site
from moderation.sites.rules import writing as rule_book
from moderation.sites.rules.values import HouseRule, Must, RuleCase
from moderation.sites.settings.values import SiteSettings
from moderation.spine.comments import rows as comment_store
from moderation.spine.comments.tables import comment_edits, comments, decisions, fingerprint_bands, reports
from tests.builders import NOON, OPERATOR
from tests.moderation.conftest import Newsroom, add_site
from tests.service.bodies import settle
from tests.statements import Asked, steps

LONG = timedelta(days=40)


@pytest.fixture(autouse=True)
def ids_of_any_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ids say when a comment came, and those of a test came just now."""
    last = "ffffffff-ffff-7fff-bfff-ffffffffffff"
    monkeypatch.setattr("moderation.operations.operating.deleting.retention_rows.first_id_at", lambda _moment: last)


def keep(database: Database, site: Site, **days: Any) -> None:
    with database.write() as conn:
        sites.update_site_settings(conn, site.id, SiteSettings(**days))


def left(database: Database) -> dict[str, str]:
    """The text of each comment by its name."""
    with database.read() as conn:
        return {row.external_id: row.text for row in conn.execute(sa.select(comments))}


@pytest.fixture
def withdrawn(newsroom: Newsroom, site: Site) -> str:
    """A comment that was published, edited, reported and withdrawn."""
    database = newsroom.database
    newsroom.post("The ferry was late again and nobody said a word about it.", id="c-1")
    settle(database, site.id, "c-1", Action.PUBLISH)
    edited = "The ferry was late, and nobody said why it was."
    intake.edit(database, newsroom.queues, site.id, "c-1", edited, now=NOON)
    settle(database, site.id, "c-1", Action.PUBLISH)
    with database.write() as conn:
        comment = comment_store.get_comment(conn, site.id, "c-1")
        conn.execute(
            reports.insert().values(
                comment_id=comment.id, reporter_id="r-1", reason="spam", note="It says ferry.", created_at=NOON
            )
        )
    intake.withdraw(database, site.id, "c-1", now=NOON - LONG)
    return comment.id


def test_the_text_goes_and_the_comment_stays_with_its_decisions(newsroom: Newsroom, site: Site, withdrawn: str) -> None:
    database = newsroom.database
    keep(database, site, keep_withdrawn_text_days=30)
    with database.read() as conn:
        before = conn.execute(sa.select(sa.func.count()).select_from(decisions)).scalar_one()

    list(retention.retain(database, by=OPERATOR, now=NOON))

    with database.read() as conn:
        row = conn.execute(sa.select(comments).where(comments.c.id == withdrawn)).one()
        assert (row.text, row.body_digest, row.status) == ("", "", CommentStatus.WITHDRAWN)
        for table in (comment_edits, fingerprint_bands):
            assert conn.execute(sa.select(table)).all() == [], table.name
        assert conn.execute(sa.select(reports.c.note)).scalar_one() is None
        assert conn.execute(sa.select(sa.func.count()).select_from(decisions)).scalar_one() == before >= 2
        assert search.comments_with(conn, [site.id], "ferry", before=None, limit=10) == []
        (entry, *_) = audit_entries.entries(conn, site.id, before=None, limit=5)
    assert entry.action == "retention.erased"
    assert entry.after == {"status": "withdrawn", "kept_days": 30, "text_only": True, "texts": 1}


def test_the_cases_of_the_rule_book_go_with_the_texts_that_they_came_from(
    newsroom: Newsroom, site: Site, withdrawn: str
) -> None:
    database, rule = newsroom.database, HouseRule("ferry", "No ferries", "The ferry has its own page.")
    keep(database, site, keep_withdrawn_text_days=30)
    rule_book.put_rule(database, site.id, rule, by=OPERATOR, now=NOON)
    for text, source in (("The ferry was late", withdrawn), ("Ferries again", None)):
        case = RuleCase(new_id(), text, Must.HELD, NOON, "Lea", comment_id=source)
        rule_book.add_case(database, site.id, "ferry", case, by=OPERATOR, now=NOON)

    list(retention.retain(database, by=OPERATOR, now=NOON))

    books = [rule_book.rule_book(database, site.id, version) for version in range(1, 5)]
    assert [[case.text for case in book.rules[0].cases] for book in books] == [[], [], *[["Ferries again"]] * 2]


@pytest.mark.parametrize("days", [{}, {"keep_withdrawn_text_days": 41}, {"keep_rejected_days": 1}])
def test_before_its_days_the_text_stays(newsroom: Newsroom, site: Site, withdrawn: str, days: dict[str, int]) -> None:
    keep(newsroom.database, site, **days)

    list(retention.retain(newsroom.database, by=OPERATOR, now=NOON))

    assert left(newsroom.database) == {"c-1": "The ferry was late, and nobody said why it was."}


def test_what_readers_still_see_keeps_its_text(newsroom: Newsroom, site: Site) -> None:
    keep(newsroom.database, site, keep_withdrawn_text_days=30)
    for status in CommentStatus:
        comment_id = newsroom.post(f"{status} speaks of ferries and fares.", id=status.value).comment.id
        with newsroom.database.write() as conn:
            change = {"status": status, "updated_at": NOON - LONG}
            conn.execute(comments.update().where(comments.c.id == comment_id).values(**change))

    list(retention.retain(newsroom.database, by=OPERATOR, now=NOON))

    assert [name for name, text in left(newsroom.database).items() if not text] == ["withdrawn"]


def test_an_erased_comment_is_found_once(newsroom: Newsroom, site: Site, withdrawn: str) -> None:
    keep(newsroom.database, site, keep_withdrawn_text_days=30)

    runs = [list(retention.retain(newsroom.database, by=OPERATOR, now=NOON)) for _ in range(2)]

    assert runs == [[Purged("The Herald", Deletion.WITHDRAWN_TEXT, 1)], []]


def test_what_goes_is_found_by_an_index(sqlite_database: Database) -> None:
    with sqlite_database.write() as conn:
        site = add_site(conn, "The Herald")
    keep(sqlite_database, site, keep_rejected_days=30, keep_withdrawn_text_days=30)
    asked = Asked(sqlite_database)

    with asked.listening():
        list(retention.retain(sqlite_database, by=OPERATOR, now=NOON))

    of_comments = [(said, given) for said, given in asked.statements if "FROM comments" in said]
    assert len(of_comments) == 2
    assert asked.scans() == []
    assert all("ix_comments_site" in " ".join(steps(said, given)) for said, given in of_comments)
