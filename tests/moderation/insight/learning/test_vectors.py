"""The vector of a comment: kept with its scores, marked where a person decided, gone with its text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from moderation.ground.database.engine import Database, new_id
from moderation.ground.values.comments import Comment
from moderation.ground.values.decisions import Decision
from moderation.ground.values.signals import Vector
from moderation.ground.values.statuses import Action, CommentStatus, DecidedBy
from moderation.insight.learning import vector_rows as store
from moderation.insight.learning.tables import vectors
from moderation.insight.learning.vector_rows import KeptVector
from moderation.operations.operating.deleting import erasing_rows as erasing
from moderation.operations.operating.deleting import retention
from moderation.operations.operating.deleting import retention_rows as deleting
from moderation.operations.operating.deleting.retention import Deletion, Purged
from moderation.pipeline.arriving import intake
from moderation.pipeline.settling.judgements import settle
from moderation.sites.rows import Site
from moderation.spine.comments import rows as comment_store
from moderation.spine.comments.door import record
from moderation.spine.comments.tables import comments
from tests.builders import NOON, OPERATOR
from tests.moderation.conftest import Newsroom
from tests.moderation.spine.comments.test_door import by_hand, judge
from tests.statements import Asked, steps

VECTOR = Vector("some@1", bytes(range(128)) * 3)


def settled(newsroom: Newsroom, vector: Vector | None = VECTOR, toxicity: float = 0.1) -> Comment:
    posted = newsroom.post().comment
    settle(
        newsroom.database, [replace(judge(newsroom.database, posted.id, toxicity=toxicity), vector=vector)], now=NOON
    )
    return posted


def decide(database: Database, comment: Comment, action: Action, **fields: object) -> Decision:
    with database.write() as conn:
        return record(conn, by_hand(comment_store.get_by_id(conn, comment.id), action, **fields), now=NOON)


def kept(database: Database, *ids: str) -> dict[str, Vector]:
    with database.read() as conn:
        return store.of(conn, ids)


def decided(database: Database) -> list[str | None]:
    with database.read() as conn:
        return list(conn.execute(sa.select(vectors.c.decision_id).order_by(vectors.c.comment_id)).scalars())


def test_it_is_kept_with_the_scores_and_replaced_by_newer_ones(newsroom: Newsroom, database: Database) -> None:
    first, second = settled(newsroom), settled(newsroom, None)

    assert kept(database, first.id, second.id) == {first.id: VECTOR}
    newer = Vector("some@2", b"\x01\xff")
    with database.write() as conn:
        store.keep(conn, [KeptVector(first.id, first.site_id, newer), KeptVector(second.id, second.site_id, VECTOR)])
    assert kept(database, first.id, second.id) == {first.id: newer, second.id: VECTOR}
    with database.write() as conn:
        store.keep(conn, [KeptVector(first.id, first.site_id, None)])
    assert kept(database, first.id, second.id) == {second.id: VECTOR}


def test_nothing_is_replaced_where_a_comment_is_new(newsroom: Newsroom, database: Database) -> None:
    sent: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", note)
    comment = settled(newsroom)
    sa.event.remove(database.engine, "before_cursor_execute", note)

    assert any(statement.startswith("INSERT INTO vectors") for statement in sent)
    assert not [statement for statement in sent if statement.startswith(("DELETE", "UPDATE vectors"))]
    assert kept(database, comment.id) == {comment.id: VECTOR}


@pytest.mark.parametrize("by", [DecidedBy.MODERATOR, DecidedBy.API])
def test_the_newest_decision_of_a_person_that_stands_is_noted(
    newsroom: Newsroom, database: Database, by: DecidedBy
) -> None:
    comment = settled(newsroom, toxicity=0.99)
    assert decided(database) == [None]

    made = decide(database, comment, Action.REJECT, decided_by=by)
    assert decided(database) == [made.id]
    changed = decide(database, comment, Action.PUBLISH, decided_by=by)
    assert decided(database) == [changed.id]
    decide(database, comment, Action.REJECT, decided_by=by, undoes=changed.id)
    assert decided(database) == [made.id]


@pytest.mark.parametrize("by", [DecidedBy.MODERATOR, DecidedBy.API])
def test_an_undone_decision_is_noted_no_more_where_only_the_policy_decided_before(
    newsroom: Newsroom, database: Database, by: DecidedBy
) -> None:
    comment = settled(newsroom)
    made = decide(database, comment, Action.REJECT, decided_by=by)
    assert decided(database) == [made.id]

    undone = decide(database, comment, Action.PUBLISH, decided_by=by, undoes=made.id)
    assert decided(database) == [None]

    decide(database, comment, Action.REJECT, decided_by=by, undoes=undone.id)
    assert decided(database) == [made.id]


def test_a_comment_that_is_deleted_between_two_reads_is_left_out(newsroom: Newsroom, database: Database) -> None:
    stays, goes = settled(newsroom), settled(newsroom)
    for comment in (stays, goes):
        decide(database, comment, Action.REJECT)
    with database.read() as conn:
        texts = store.decided_texts(conn, [stays.id, goes.id])
    with database.write() as conn:
        deleting.delete_comments(conn, [goes.id])

    with database.read() as conn:
        assert [one.id for one in store.with_decisions(conn, texts)] == [stays.id]


def test_neither_the_policys_decision_nor_a_change_to_flagged_is_a_persons(
    newsroom: Newsroom, database: Database
) -> None:
    comment = settled(newsroom)
    decide(database, comment, Action.REJECT)

    decide(database, comment, Action.FLAG, to=CommentStatus.FLAGGED)

    assert decided(database) == [None]


def test_an_edited_comment_has_its_new_vector_and_nobody_decided_it(newsroom: Newsroom, database: Database) -> None:
    comment = settled(newsroom)
    decide(database, comment, Action.REJECT)
    intake.edit(database, newsroom.queues, comment.site_id, comment.external_id, "Quite another text.", now=NOON)
    assert decided(database) == [None]

    newer = Vector("some@1", b"\x05" * 384)
    settle(database, [replace(judge(database, comment.id), vector=newer)], now=NOON)

    assert kept(database, comment.id) == {comment.id: newer}
    assert decided(database) == [None]


def test_new_scores_leave_a_persons_decision_noted(newsroom: Newsroom, database: Database) -> None:
    comment = settled(newsroom, None)
    made = decide(database, comment, Action.REJECT)

    with database.write() as conn:
        store.keep(conn, [KeptVector(comment.id, comment.site_id, VECTOR)])

    assert decided(database) == [made.id]


@pytest.mark.parametrize("forget", [deleting.delete_comments, deleting.erase_texts, erasing.forget_texts])
def test_it_goes_with_the_comment_and_with_its_text(newsroom: Newsroom, database: Database, forget: object) -> None:
    gone, stays = settled(newsroom), settled(newsroom)

    with database.write() as conn:
        conn.execute(comments.update().where(comments.c.id == gone.id).values(status=CommentStatus.WITHDRAWN))
        forget(conn, [gone.id])  # type: ignore[operator]

    assert set(kept(database, gone.id, stays.id)) == {stays.id}


def test_an_erased_text_that_is_scored_again_gets_none(newsroom: Newsroom, database: Database) -> None:
    comment = settled(newsroom, None)
    judgement = replace(judge(database, newsroom.post("Soon gone.").comment.id), vector=VECTOR)
    erased = replace(judgement.scored, comment=replace(judgement.scored.comment, text=""))

    settle(database, [replace(judgement, scored=erased)], now=NOON)

    assert kept(database, comment.id, erased.comment.id) == {}


def test_the_daily_retention_keeps_the_newest_of_both_kinds(
    newsroom: Newsroom, database: Database, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "MOST_VECTORS", 2)
    monkeypatch.setattr(retention, "PAGE", 1)
    every = [settled(newsroom) for _ in range(7)]
    for comment in reversed(every[:4]):
        decide(database, comment, Action.REJECT)

    planned = list(retention.retain(database, by=OPERATOR, now=NOON, dry_run=True))
    assert len(kept(database, *(comment.id for comment in every))) == 7
    gone = list(retention.retain(database, by=OPERATOR, now=NOON))

    assert planned == gone == [Purged(site.name, Deletion.VECTORS, 1)] * 3
    assert set(kept(database, *(c.id for c in every))) == {every[n].id for n in (0, 1, 5, 6)}
    assert list(retention.retain(database, by=OPERATOR, now=NOON)) == []


def test_old_vectors_are_found_by_an_index(sqlite_database: Database) -> None:
    asked, site_id = Asked(sqlite_database), new_id()

    with asked.listening(), sqlite_database.read() as conn:
        for whose in (True, False):
            store.oldest_kept(conn, site_id, decided=whose, most=10)
            store.older(conn, site_id, site_id, decided=whose, after=site_id, limit=10)

    plans = [" ".join(steps(said, given)) for said, given in asked.statements]
    assert len(plans) == 4
    assert all("ix_vectors_decided" in plan for plan in plans[:2])
    assert all("ix_vectors_undecided" in plan for plan in plans[2:])
    assert not any("SCAN vectors" in plan for plan in plans)
    assert not any("TEMP B-TREE" in plan for plan in (plans[1], plans[3]))
