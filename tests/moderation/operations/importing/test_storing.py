"""Imported comments are history on both databases: there to be found and counted, and nothing follows from them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from moderation.ground.database.engine import Database, new_id
from moderation.ground.jobs.jobs import Queues
from moderation.ground.values.statuses import CommentStatus, DecidedBy
from moderation.insight.checks import rows as checks
from moderation.insight.learning import example_rows as examples
from moderation.insight.trends import sum_rows as period_sums
from moderation.insight.trends.rows import Period
from moderation.moderators.finding import search_rows as search
from moderation.operations.importing import running
from moderation.operations.importing.past_comment import PastComment, read
from moderation.operations.importing.reading import FoundRecord, Item
from moderation.operations.importing.storing import id_at, store
from moderation.pipeline.waiting import rows as waiting
from moderation.readers.featuring import worth_reading_rows as worth_reading
from moderation.sites.audit import rows as audit_entries
from moderation.sites.rows import Site
from moderation.spine.articles.tables import authors
from moderation.spine.comments.rows import get_listed
from moderation.spine.comments.tables import comments, decisions, scorings
from moderation.spine.domains import rows as domains
from moderation.spine.events.tables import events
from tests.builders import NOON, OPERATOR
from tests.moderation.conftest import Newsroom

THEN = datetime(2018, 3, 1, 10, tzinfo=UTC)


def past(name: str, text: str = "Well said.", **overrides: object) -> PastComment:
    record = {
        "id": name,
        "article": {"id": "a-old", "title": "The tram line opens"},
        "author": {"id": "u-old", "name": "Ana Reader"},
        "text": text,
        "posted_at": THEN,
        "status": "published",
        **overrides,
    }
    return read(record)


def count(database: Database, table: sa.Table) -> int:
    with database.read() as conn:
        return int(conn.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def test_a_past_comment_is_published_by_import_and_nothing_follows(database: Database, site: Site) -> None:
    stored = store(
        database, site.id, [past("c-1"), past("c-2", "You fool", status="rejected", reason="Insult or abuse")]
    )

    assert (stored.new, stored.known) == (2, 0)
    with database.read() as conn:
        listed = get_listed(conn, site.id, "c-1")
        made = conn.execute(sa.select(decisions).order_by(decisions.c.status_after)).all()
        assert waiting.late_in_site(conn, site.id, NOON + timedelta(days=9), limit=9) == []
    assert (listed.comment.status, listed.comment.version) == (CommentStatus.PUBLISHED, 2)
    assert listed.comment.posted_at == listed.comment.received_at == THEN
    assert [(row.decided_by, row.status_after, row.category) for row in made] == [
        (DecidedBy.IMPORT, "published", None),
        (DecidedBy.IMPORT, "rejected", "Insult or abuse"),
    ]
    assert count(database, events) == count(database, scorings) == 0


def test_a_featured_comment_is_an_editors_pick_since_then_and_no_event_says_so(database: Database, site: Site) -> None:
    store(database, site.id, [past("c-1", featured_at=THEN + timedelta(days=1)), past("c-2")])

    with database.read() as conn:
        picked, other = (get_listed(conn, site.id, name).comment for name in ("c-1", "c-2"))
        listed = worth_reading.featured(conn, site.id, limit=9, hidden=checks.unjudged_by(new_id()))
    assert (picked.is_featured, picked.featured_at) == (True, THEN + timedelta(days=1))
    assert not other.is_featured
    assert [one.id for one in listed] == [picked.id]
    assert count(database, events) == 0


def test_it_counts_in_its_authors_record_and_is_found(database: Database, site: Site) -> None:
    store(database, site.id, [past("c-1", "The harbour needs dredging"), past("c-2"), past("c-3", status="rejected")])

    with database.read() as conn:
        author = conn.execute(sa.select(authors)).one()
        assert (author.published, author.rejected, author.name) == (2, 1, "Ana Reader")
        found = search.comments_with(conn, (site.id,), "dredging", before=None, limit=9)
    assert [one.external_id for one in found] == ["c-1"]


def test_the_same_again_changes_nothing(database: Database, site: Site) -> None:
    batch = [past("c-1"), past("c-2")]
    store(database, site.id, batch)

    again = store(database, site.id, [*batch, past("c-3")])

    assert (again.new, again.known) == (1, 2)
    assert count(database, comments) == count(database, decisions) == 3
    with database.read() as conn:
        assert conn.execute(sa.select(authors.c.published)).scalar_one() == 3


def test_a_reply_finds_its_parent_in_the_batch_or_the_database_but_not_elsewhere(
    database: Database, site: Site
) -> None:
    later = THEN + timedelta(hours=1)
    first = [past("reply", parent_id="top", posted_at=later), past("top")]
    second = [
        past("late", parent_id="reply", posted_at=later),
        past("lost", parent_id="nobody"),
        past("astray", parent_id="top", article={"id": "a-other"}),
    ]

    orphans = [store(database, site.id, batch).orphans for batch in (first, second)]

    assert orphans == [0, 2]
    with database.read() as conn:
        parents = {name: get_listed(conn, site.id, name).parent_external_id for name in ("reply", "late", "lost")}
    assert parents == {"reply": "top", "late": "reply", "lost": None}


def test_articles_and_authors_that_are_there_stay_as_they_are(
    database: Database, site: Site, newsroom: Newsroom
) -> None:
    newsroom.post(article_id="a-old", author_id="u-old", author_name="Ana")

    store(database, site.id, [past("c-1")])

    with database.read() as conn:
        listed = get_listed(conn, site.id, "c-1")
    assert listed.author_name == "Ana"


def test_another_sites_comment_of_the_same_id_is_another(database: Database, site: Site, other_site: Site) -> None:
    store(database, site.id, [past("c-1")])

    assert store(database, other_site.id, [past("c-1")]).new == 1


def test_history_lies_in_the_past_and_not_in_the_trends(database: Database, site: Site) -> None:
    store(database, site.id, [past("c-1"), past("c-2", status="rejected")])

    with database.read() as conn:
        period = Period((site.id,), THEN - timedelta(hours=10), THEN + timedelta(hours=14))
        moves, undone, arrived = period_sums.course(conn, period, [("then", period.start, period.end)])
    assert moves == undone == []
    assert not arrived.total()


def test_people_who_decided_there_teach_the_spam_model_here(database: Database, site: Site) -> None:
    store(database, site.id, [past("c-1", status="rejected", reason="Spam or advertising"), past("c-2")])

    with database.read() as conn:
        labels = {one.reason for one in examples.decided_by_people(conn, site.id, most=9)}
    assert labels == {"Spam or advertising", None}


def test_domains_that_were_published_before_are_known(database: Database, site: Site) -> None:
    store(
        database,
        site.id,
        [past("c-1", "See https://city.example/plan"), past("c-2", "https://bad.example", status="rejected")],
    )

    with database.read() as conn:
        known = domains.known_domains(conn, site.id, ["city.example", "bad.example"])
    assert known == {"city.example"}


def test_ids_sort_by_the_time_of_posting() -> None:
    moments = [THEN + timedelta(seconds=n) for n in range(50)]

    ids = [id_at(moment) for moment in moments]

    assert ids == sorted(ids)
    assert len(set(ids)) == 50
    assert {one[14] for one in ids} == {"7"}


def items(names: range) -> Iterator[Item]:
    for name in names:
        yield FoundRecord(f"line {name}", past(f"c-{name}").model_dump())


def test_an_import_that_was_cut_off_goes_on_and_leaves_entries(database: Database, site: Site) -> None:
    def cut_off() -> Iterator[Item]:
        yield from items(range(running.BATCH + 1))
        raise KeyboardInterrupt

    def run(found: Iterator[Item]) -> running.Summary:
        return running.run(database, site.id, found, subject="old.jsonl", by=OPERATOR, now=lambda: NOON)

    with pytest.raises(KeyboardInterrupt):
        run(cut_off())
    summary = run(items(range(running.BATCH + 9)))

    assert (summary.new, summary.known) == (9, running.BATCH)
    with database.read() as conn:
        entries = audit_entries.entries(conn, site.id, before=None, limit=9)
    assert [(entry.action, entry.subject, (entry.after or {})["new"]) for entry in entries] == [
        ("history.imported", "old.jsonl", 9),
        ("history.imported", "old.jsonl", running.BATCH),
    ]


def test_a_dry_run_says_the_same_and_stores_nothing(database: Database, site: Site, queues: Queues) -> None:
    store(database, site.id, [past("c-0")])

    summary = running.run(database, site.id, items(range(5)), subject="x", by=OPERATOR, now=lambda: NOON, dry_run=True)

    assert (summary.new, summary.known) == (4, 1)
    assert count(database, comments) == 1
    with database.read() as conn:
        assert audit_entries.entries(conn, site.id, before=None, limit=9) == []
    assert sum(queues.depths().values()) == 0
