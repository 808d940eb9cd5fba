"""Turns of second readers: one process at a time serves a site, Redis knows ids only, and the sweeper finds what it has
lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from redis import Redis

from moderation.ground.database import lease_rows as leases
from moderation.ground.jobs.jobs import READ, READ_QUEUE, Queues
from moderation.ground.values.statuses import Action, CommentStatus
from moderation.pipeline.second_opinions import examining, replaying
from moderation.pipeline.second_opinions.replies import ReaderReply
from moderation.pipeline.settling.judgements import settle
from moderation.sites.second_readers.values import ReaderState
from moderation.spine.second_readings import replay_rows, trial_rows
from moderation.spine.second_readings.values import Purpose
from tests.builders import OPERATOR
from tests.moderation.conftest import newsroom, site
from tests.moderation.pipeline.second_opinions.conftest import AWAY, BREAKS, FINE, Room, room
from tests.moderation.spine.comments.test_door import judge
from tests.waiting import eventually
from workers.queue.deliverer import Deliverer
from workers.queue.second_reading import ReadingCourier, lease_of
from workers.sweeping.sweeper import Sweeper

__all__ = ["newsroom", "room", "site"]  # fixtures
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
HELD, ONLINE = 0.95, 0.1


@pytest.fixture
def courier(room: Room, queues: Queues) -> ReadingCourier:
    return ReadingCourier(room.database, queues, room._ask, now=room.now)


@pytest.fixture
def sweeper(room: Room, queues: Queues) -> Sweeper:
    return Sweeper(room.database, queues, age_s=30, now=room.now)


def test_a_turn_reads_all_that_is_due(room: Room, courier: ReadingCourier) -> None:
    for number in range(25):
        room.comment(f"c-{number}", HELD, f"text {number}")

    turn = courier.deliver(room.site.id)

    assert (turn.taken, turn.is_more) == (25, False)
    assert {row.state for row in room.readings()} == {"read"}


def test_a_turn_ends_when_its_time_is_up(room: Room, courier: ReadingCourier) -> None:
    courier.turn_s = 0
    for number in range(3):
        room.comment(f"c-{number}", HELD, f"text {number}")

    turns = [courier.deliver(room.site.id) for _ in range(3)]

    assert [(turn.taken, turn.is_more) for turn in turns] == [(1, True), (1, True), (1, True)]
    assert courier.deliver(room.site.id).taken == 0


def test_while_another_process_has_the_site_nothing_happens(room: Room, courier: ReadingCourier) -> None:
    room.comment("held", HELD)
    with room.database.write() as conn:
        leases.take(conn, lease_of(room.site.id), "another", until=room.at + timedelta(seconds=1), now=room.at)

    assert courier.deliver(room.site.id).taken == 0
    room.later(seconds=2)
    assert courier.deliver(room.site.id).taken == 1


def test_the_sweeper_asks_for_a_turn_once_and_again_after_redis_lost_it(
    room: Room, sweeper: Sweeper, queues: Queues, redis: Redis
) -> None:
    assert sweeper.ask_second_readers() == 0
    held = room.comment("held", HELD)

    assert [sweeper.ask_second_readers(), sweeper.ask_second_readers()] == [1, 1]
    assert queues.depths()[READ_QUEUE] == 1
    redis.flushall()
    sweeper.ask_second_readers()

    assert queues.depths()[READ_QUEUE] == 1
    (job,) = queues._queues[READ_QUEUE].jobs
    assert (job.func_name, list(job.args)) == (READ, [room.site.id])
    assert held not in str(job.to_dict())


def test_one_that_is_away_gets_no_storm_of_calls(room: Room, sweeper: Sweeper, courier: ReadingCourier) -> None:
    room.says(AWAY)
    room.comment("held", HELD)

    for _second in range(600):
        if sweeper.ask_second_readers():
            courier.deliver(room.site.id)
        room.later(seconds=1)

    assert len(room.asked) == 3


def test_after_the_answer_a_comment_that_waited_is_scored_again(
    room: Room, courier: ReadingCourier, queues: Queues, redis: Redis
) -> None:
    room.state(ReaderState.ON)
    room.settings(second_reader_share=1.0, second_reader_wait_s=5)
    waiting = room.comment("waits", ONLINE)
    redis.flushall()

    courier.deliver(room.site.id)

    assert queues.known_ids() == {waiting}
    assert room.status(waiting) is CommentStatus.WAITING


def test_the_sweeper_lets_no_comment_wait_longer_than_the_site_says(
    room: Room, sweeper: Sweeper, queues: Queues, redis: Redis
) -> None:
    room.state(ReaderState.ON)
    room.settings(second_reader_share=1.0, second_reader_wait_s=5)
    waiting = room.comment("waits", ONLINE)
    redis.flushall()
    room.later(seconds=5)

    sweeper.ask_second_readers()

    assert queues.known_ids() == {waiting}
    assert [row.missing for row in room.readings()] == ["waited"]
    settle(room.database, [judge(room.database, waiting, toxicity=ONLINE)], now=room.at)
    assert room.status(waiting) is CommentStatus.PUBLISHED


def test_the_end_of_a_replay_is_noted_by_the_turn_that_reads_its_last_comment(
    room: Room, courier: ReadingCourier
) -> None:
    for number in range(3):
        room.comment(f"d-{number}", HELD, f"text {number}")
        room.decide(f"d-{number}", Action.PUBLISH)
    courier.deliver(room.site.id)
    replay = replaying.start(
        room.database, room.site.id, room.reader.id, purpose=Purpose.REPLAY, most=3, by=OPERATOR, now=room.at
    )

    courier.deliver(room.site.id)

    with room.database.read() as conn:
        ended = replay_rows.get(conn, room.site.id, replay.id)
    assert ended.ended_at == room.at
    assert (ended.result or {})["published"] == 3


def test_a_trial_is_asked_in_the_turns_of_its_site(
    room: Room, sweeper: Sweeper, courier: ReadingCourier, queues: Queues
) -> None:
    examining.start(room.database, room.site.id, room.reader.id, by=OPERATOR, now=room.at)
    assert sweeper.ask_second_readers() == 1
    courier.turn_s = 0
    room.comment("held", HELD)

    turns = [courier.deliver(room.site.id) for _ in range(3)]

    assert [(turn.taken, turn.is_more) for turn in turns] == [(2, True), (1, True), (1, True)]
    with room.database.read() as conn:
        trial = trial_rows.newest(conn, room.reader.id)
    assert trial is not None and trial.answers == "fff"


@pytest.fixture
def deliverer(courier: ReadingCourier) -> Iterator[Deliverer]:
    with closing(Deliverer(courier, threads=1, again=lambda _site: None, free_within_s=0)) as deliverer:
        yield deliverer


def test_where_no_thread_is_free_nobody_waits(room: Room, deliverer: Deliverer, courier: ReadingCourier) -> None:
    room.comment("held", HELD)
    began: list[int] = []
    go_on: list[int] = []

    def slow(_reading: object) -> ReaderReply:
        began.append(1)
        eventually(lambda: go_on, within_s=10)
        return ReaderReply(BREAKS)

    room.replies = slow
    assert deliverer.begin(room.site.id)
    eventually(lambda: began, within_s=10)

    assert not deliverer.begin("another site")
    go_on.append(1)
    room.says(FINE)
