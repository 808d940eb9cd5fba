"""Checks in the database: drawn, decided, taken back and dropped, on both databases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from moderation.ground.database.engine import Database, new_id
from moderation.ground.values.statuses import CommentStatus
from moderation.insight.checks import rows as checks
from moderation.insight.checks.rows import Check, Drawn
from moderation.operations.operating.deleting import retention_rows as retention
from moderation.sites import rows as sites
from moderation.sites.rows import Site
from moderation.spine.comments.rows import get_comment
from tests.builders import NOON
from tests.moderation.conftest import Newsroom

PUBLISHED, REJECTED = CommentStatus.PUBLISHED, CommentStatus.REJECTED


@pytest.fixture
def moderator_id(database: Database) -> str:
    with database.write() as conn:
        return sites.insert_moderator(conn, email="ana@example.org", name="Ana", password_hash="x", now=NOON)


@pytest.fixture
def drawn(database: Database, newsroom: Newsroom, site: Site) -> Check:
    newsroom.post("A civil comment", id="one")
    with database.write() as conn:
        comment_id = get_comment(conn, site.id, "one").id
        check = Check(comment_id, site.id, NOON, 0.05, PUBLISHED, "Sport", "en", {"toxicity": "t@1"}, 3, ("women",))
        checks.insert(conn, [check])
    return check


def test_a_check_comes_back_as_it_was_drawn(database: Database, drawn: Check) -> None:
    with database.read() as conn:
        assert checks.of(conn, [drawn.comment_id]) == {drawn.comment_id: drawn}
        assert checks.waiting(conn, drawn.site_id) == checks.since(conn, drawn.site_id, NOON) == [drawn]
        assert checks.count_unseen_since(conn, drawn.site_id, NOON + timedelta(seconds=1)) == 0
        assert checks.count_unseen_since(conn, drawn.site_id, NOON) == 1
        assert checks.drawn_since(conn, drawn.site_id, NOON) == (Drawn(PUBLISHED, "Sport", 0.05, None),)
    assert drawn.weight == pytest.approx(20)


def test_the_first_decision_of_a_person_counts(database: Database, drawn: Check) -> None:
    with database.write() as conn:
        assert checks.settle(conn, drawn.comment_id, REJECTED, reason="Off topic", by=None, now=NOON)
        assert not checks.settle(conn, drawn.comment_id, PUBLISHED, reason=None, by=None, now=NOON)

        found = checks.of(conn, [drawn.comment_id])[drawn.comment_id]
        assert (found.outcome, found.reason, checks.waiting(conn, drawn.site_id)) == (REJECTED, "Off topic", [])


def test_a_decision_that_is_taken_back_lets_the_check_wait_again(database: Database, drawn: Check) -> None:
    with database.write() as conn:
        checks.settle(conn, drawn.comment_id, REJECTED, reason=None, by=None, now=NOON)
        checks.ask_second(conn, drawn.comment_id)

        assert checks.reopen(conn, drawn.comment_id, decided_at=NOON)
        assert not checks.reopen(conn, drawn.comment_id, decided_at=NOON)
        assert checks.waiting(conn, drawn.site_id) == [drawn]


def test_only_a_check_that_waits_is_dropped(database: Database, drawn: Check) -> None:
    with database.write() as conn:
        checks.settle(conn, drawn.comment_id, PUBLISHED, reason=None, by=None, now=NOON)
        assert checks.drop_waiting(conn, [drawn.comment_id]) == 0
        checks.reopen(conn, drawn.comment_id, decided_at=NOON)
        assert checks.drop_waiting(conn, [drawn.comment_id]) == 1


def test_a_second_judgement_is_taken_once_and_only_where_it_is_due(
    database: Database, drawn: Check, moderator_id: str
) -> None:
    with database.write() as conn:
        second: dict[str, Any] = {"reason": None, "by": moderator_id, "now": NOON}
        assert not checks.settle_second(conn, drawn.comment_id, PUBLISHED, **second)
        checks.settle(conn, drawn.comment_id, PUBLISHED, reason=None, by=None, now=NOON)
        checks.ask_second(conn, drawn.comment_id)

        assert checks.next_for(conn, [drawn.site_id], moderator_id, now=NOON) == drawn.comment_id
        assert checks.settle_second(conn, drawn.comment_id, REJECTED, **second)
        assert checks.next_for(conn, [drawn.site_id], moderator_id, now=NOON) is None


def test_a_second_check_is_blind_to_all_but_the_first_judge(
    database: Database, drawn: Check, moderator_id: str
) -> None:
    another = new_id()
    with database.write() as conn:
        checks.settle(conn, drawn.comment_id, PUBLISHED, reason=None, by=moderator_id, now=NOON)
        checks.ask_second(conn, drawn.comment_id)
        seen = [checks.blind_among(conn, [drawn.comment_id], reader_id=id) for id in (moderator_id, another)]
        counted = [checks.count_blind(conn, [drawn.site_id], reader_id=id, at_most=9) for id in (moderator_id, another)]

        assert (seen, counted) == ([set(), {drawn.comment_id}], [0, 1])
        assert checks.end_second(conn, [drawn.comment_id]) == 1
        assert checks.blind_among(conn, [drawn.comment_id], reader_id=another) == set()


def test_a_check_goes_with_its_comment(database: Database, drawn: Check) -> None:
    with database.write() as conn:
        retention.delete_comments(conn, [drawn.comment_id])

        assert checks.of(conn, [drawn.comment_id]) == {}


def test_the_statements_over_a_site_use_their_indexes(database: Database, drawn: Check) -> None:
    if not database.is_sqlite:
        pytest.skip("few rows: PostgreSQL would rather read them all")
    statements = (
        "SELECT 1 FROM checks WHERE site_id = :site AND drawn_at >= :day",
        "SELECT 1 FROM checks WHERE site_id = :site AND decided_at IS NULL ORDER BY drawn_at",
        "SELECT 1 FROM checks WHERE site_id = :site AND second_due AND second_at IS NULL",
    )

    with database.read() as conn:
        for statement in statements:
            values = {"site": drawn.site_id, "day": "2026-01-01"}
            rows = conn.execute(sa.text(f"EXPLAIN QUERY PLAN {statement}"), values)
            plan = " ".join(row.detail for row in rows)
            # with statistics of one row SQLite takes now this index of the site, now that one
            assert "SEARCH" in plan and "INDEX ix_checks_" in plan, plan


def test_a_flagged_comment_waits_in_the_queue_and_at_no_blind_card(
    database: Database, drawn: Check, moderator_id: str
) -> None:
    with database.write() as conn:
        sites_of = [drawn.site_id]
        assert checks.blind_among(conn, [drawn.comment_id], reader_id=moderator_id) == {drawn.comment_id}
        assert checks.count_blind(conn, sites_of, reader_id=moderator_id, at_most=9) == 1
        conn.execute(sa.text("UPDATE checks SET verdict = 'flagged'"))

        assert checks.blind_among(conn, [drawn.comment_id], reader_id=moderator_id) == set()
        assert checks.count_blind(conn, sites_of, reader_id=moderator_id, at_most=9) == 0
        assert checks.next_for(conn, sites_of, moderator_id, now=NOON) is None
