"""Precedents of a comment: what people of its site decided on the comments most like it, as of now."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from moderation.ground.database.engine import Database, first_id_at
from moderation.ground.values.comments import Comment
from moderation.ground.values.decisions import Decision
from moderation.ground.values.signals import Vector
from moderation.ground.values.statuses import Action
from moderation.insight.learning import vector_rows as vectors
from moderation.insight.learning.precedents import LATE, REBUILT, Precedent, Precedents
from moderation.insight.learning.tables import vectors as vectors_table
from moderation.insight.learning.vector_rows import KeptVector
from moderation.operations.operating.deleting import retention_rows as retention
from moderation.pipeline.settling.judgements import settle
from moderation.sites.rows import Site
from moderation.spine.comments import rows as comment_store
from moderation.spine.comments.door import record
from tests.moderation.conftest import Newsroom, add_site
from tests.moderation.spine.comments.test_door import by_hand, judge
from tests.statements import Asked, steps

NOW = datetime.now(UTC)
SPACE = "some@1"


def pointing(degrees: float, space: str = SPACE) -> Vector:
    """So far from the vector of 0 degrees, in a plane of 384 dimensions that is the same in all tests."""
    dice = random.Random(1)
    one, other = ([dice.gauss(0, 1) for _ in range(384)] for _ in range(2))
    turn = math.radians(degrees)
    numbers = [math.cos(turn) * a + math.sin(turn) * b for a, b in zip(one, other, strict=True)]
    length = math.sqrt(sum(n * n for n in numbers))
    return Vector(space, bytes(round(127 * n / length) % 256 for n in numbers))


class Room:
    """A site whose comments have the vectors and the decisions that a test gives them."""

    def __init__(self, database: Database, queues: object, site: Site) -> None:
        self.database, self.site = database, site
        self.newsroom = Newsroom(database, queues, site)  # type: ignore[arg-type]
        self.number = 0

    def comment(self, vector: Vector | None, action: Action | None = None, text: str | None = None) -> Comment:
        self.number += 1
        posted = self.newsroom.post(text or f"Comment number {self.number} on the ferry.").comment
        settle(self.database, [replace(judge(self.database, posted.id), vector=vector)], now=NOW)
        if action is not None:
            self.decide(posted, action)
        return posted

    def decide(self, comment: Comment, action: Action, **fields: object) -> Decision:
        with self.database.write() as conn:
            return record(conn, by_hand(comment_store.get_by_id(conn, comment.id), action, **fields), now=NOW)

    def like(self, precedents: Precedents, comment: Comment, *, later: timedelta = timedelta()) -> list[Precedent]:
        with self.database.read() as conn:
            return list(precedents.like(conn, self.site.id, comment.id, now=datetime.now(UTC) + later))


def ids(found: list[Precedent]) -> list[str]:
    return [one.decided.id for one in found]


@pytest.fixture
def room(database: Database, queues: object, site: Site) -> Room:
    return Room(database, queues, site)


@pytest.mark.parametrize(("degrees", "space", "shown"), [
    (55, SPACE, True), (65, SPACE, False), (36, "gavel-toxicity-e5-l6@1", True), (46, "gavel-toxicity-e5-l6@1", False),
])  # fmt: skip
def test_a_comment_is_alike_by_the_measure_of_its_encoder(room: Room, degrees: float, space: str, shown: bool) -> None:
    asked = room.comment(pointing(0, space))
    other = room.comment(pointing(degrees, space), Action.REJECT)

    assert ids(room.like(Precedents(), asked)) == ([other.id] if shown else [])


def test_the_three_most_alike_that_people_decided_come_first_with_their_decisions(room: Room) -> None:
    asked = room.comment(pointing(0))
    room.comment(pointing(1))  # the policy decided it
    far = room.comment(pointing(75), Action.REJECT)
    third, first, fourth = (room.comment(pointing(angle), Action.REJECT) for angle in (30, 10, 40))
    second = room.comment(pointing(-20))
    decision = room.decide(second, Action.REJECT, reason="Spam")

    found = room.like(Precedents(), asked)

    assert ids(found) == [first.id, second.id, third.id]
    assert {far.id, fourth.id}.isdisjoint(ids(found))
    assert [one.alike for one in found] == pytest.approx([math.cos(math.radians(a)) for a in (10, 20, 30)], abs=0.04)
    assert found[1].decided.decision.id == decision.id
    assert (found[1].decided.text, found[1].decided.decision.reason) == (second.text, "Spam")


def test_neither_another_site_nor_another_encoder_gives_any(
    room: Room, database: Database, queues: object, other_site: Site
) -> None:
    elsewhere = Room(database, queues, other_site)
    elsewhere.comment(pointing(0), Action.REJECT)
    room.comment(pointing(0, "other@1"), Action.REJECT)
    asked, unread = room.comment(pointing(0)), room.comment(None)
    precedents = Precedents()

    assert elsewhere.like(precedents, asked) != []  # the comment's own site is the caller's to name
    assert room.like(precedents, asked) == []
    assert room.like(precedents, unread) == []


def test_each_process_sees_at_once_what_is_decided_undone_and_deleted(room: Room, database: Database) -> None:
    asked, one, other = (room.comment(pointing(angle)) for angle in (0, 5, 9))
    here, there = Precedents(), Precedents()
    assert room.like(here, asked) == room.like(there, asked) == []

    made = room.decide(one, Action.REJECT)
    room.decide(other, Action.REJECT)
    assert ids(room.like(here, asked)) == ids(room.like(there, asked)) == [one.id, other.id]

    room.decide(one, Action.PUBLISH, undoes=made.id)
    assert ids(room.like(here, asked)) == ids(room.like(there, asked)) == [other.id]

    with database.write() as conn:
        retention.delete_comments(conn, [other.id])
    assert room.like(here, asked) == room.like(there, asked) == []


def test_a_decision_on_the_comment_itself_is_none_and_copies_are_shown_once(room: Room) -> None:
    asked = room.comment(pointing(0), Action.REJECT)
    copies = [room.comment(pointing(3), Action.REJECT, text="Buy a boat.") for _ in range(4)]
    differs = room.comment(pointing(4), Action.REJECT, text="Buy a boat.")
    room.decide(differs, Action.PUBLISH)

    found = ids(room.like(Precedents(), asked))

    assert len(found) == 2
    assert found[0] in {copy.id for copy in copies}
    assert found[1] == differs.id


def test_a_transaction_that_was_slow_is_seen_later(room: Room, database: Database) -> None:
    asked, slow = room.comment(pointing(0)), room.comment(pointing(5))
    precedents = Precedents()
    room.like(precedents, asked)

    room.decide(slow, Action.REJECT)
    with database.write() as conn:
        early = first_id_at(datetime.now(UTC) - LATE / 2)
        conn.execute(vectors_table.update().where(vectors_table.c.comment_id == slow.id).values(decision_id=early))
    with database.read() as conn:
        near = precedents._nearest(conn, room.site.id, pointing(0), datetime.now(UTC))

    assert near == [slow.id]


def test_what_comes_beside_old_decisions_is_found_within_the_hour(room: Room, database: Database) -> None:
    archived = room.comment(None, Action.REJECT)
    asked = room.comment(pointing(0))
    precedents = Precedents()
    later = 2 * LATE
    assert room.like(precedents, asked, later=later) == []
    with database.write() as conn:
        vectors.keep(conn, [KeptVector(archived.id, archived.site_id, pointing(5))])

    assert room.like(precedents, asked, later=2 * later) == []
    assert ids(room.like(precedents, asked, later=later + REBUILT)) == [archived.id]


def test_the_sites_not_looked_at_for_longest_are_dropped(
    room: Room, database: Database, queues: object, other_site: Site
) -> None:
    elsewhere = Room(database, queues, other_site)
    there, here = elsewhere.comment(pointing(1), Action.REJECT), room.comment(pointing(2), Action.REJECT)
    precedents = Precedents(most=1)

    for _ in range(2):
        assert ids(room.like(precedents, room.comment(pointing(0)))) == [here.id]
        assert ids(elsewhere.like(precedents, elsewhere.comment(pointing(0)))) == [there.id]
        assert list(precedents._sites) == [other_site.id]


def test_a_site_of_several_pages_is_read_whole(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "PAGE", 2)
    asked = room.comment(pointing(0))
    every = [room.comment(pointing(angle), Action.REJECT) for angle in (9, 5, 7, 3, 8)]

    found = room.like(Precedents(), asked)

    assert ids(found) == [every[3].id, every[1].id, every[2].id]


def test_a_look_up_reads_indexes_alone(sqlite_database: Database, queues: object) -> None:
    with sqlite_database.write() as conn:
        room = Room(sqlite_database, queues, add_site(conn, "The Herald"))
    asked = room.comment(pointing(0))
    room.comment(pointing(5), Action.REJECT)
    precedents = Precedents()
    room.like(precedents, asked)
    said = Asked(sqlite_database)

    with said.listening():
        assert len(room.like(precedents, asked)) == 1

    plans = [" ".join(steps(statement, given)) for statement, given in said.statements]
    assert len(plans) == 5
    assert "ix_vectors_decided" in plans[1]
    assert not any("ix_vectors_decided" in plan for plan in plans[2:])  # it would read all of the site's
    assert not any("SCAN" in plan or "TEMP B-TREE" in plan for plan in plans[:4]), plans
    assert said.scans() == []


@pytest.mark.parametrize(("degrees", "shown"), [(55, True), (65, False), (180, False)])
def test_a_comment_that_is_hardly_alike_is_no_precedent(room: Room, degrees: int, shown: bool) -> None:
    asked, other = room.comment(pointing(0)), room.comment(pointing(degrees), Action.REJECT)

    assert ids(room.like(Precedents(), asked)) == ([other.id] if shown else [])
